//! `endpoints.json` in the state folder: where everything is, for any program that wants to take part.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::state::claim::Claim;

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// The HTTP side.
    pub http: String,
    /// The same, as others reach it through a proxy in front.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// DynamoDB.
    pub dynamodb: String,
    /// SQS.
    pub sqs: String,
    /// What the tables are called.
    pub tables: TableNames,
    /// The connections.
    pub connections: BTreeMap<String, ConnectionEndpoints>,
}

/// What the tables are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableNames {
    /// Stock.
    pub stock: String,
    /// Customers.
    pub customers: String,
}

/// Where a connection is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionEndpoints {
    /// Whose it is.
    pub channel: String,
    /// Where its channel pushes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// What its channel signs that with, where the seller enters it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    /// Where its channel pulls from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// Where its simulator is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulator: Option<String>,
}

const FILE: &str = "endpoints.json";

impl Endpoints {
    /// Writes them into the state folder.
    ///
    /// # Errors
    /// If they can't be written.
    pub fn write(&self, state: &Path) -> anyhow::Result<()> {
        Ok(std::fs::write(state.join(FILE), serde_json::to_vec_pretty(self)?)?)
    }

    /// Those of a process that runs over this state folder; none if there is none. What a killed one left means nothing: other
    /// programs, and another state's process, may have its ports by now.
    #[must_use]
    pub fn of_running(state: &Path) -> Option<Self> {
        if !Claim::is_taken(state) {
            return None;
        }
        serde_json::from_slice(&std::fs::read(state.join(FILE)).ok()?).ok()
    }

    /// Takes them away, when the process ends.
    pub fn remove(state: &Path) {
        let _ = std::fs::remove_file(state.join(FILE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_killed_process_left_is_not_taken_for_one_that_runs() {
        let (state, others) =
            (tempfile::tempdir().unwrap(), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
        let left = Endpoints {
            http: String::new(),
            public: None,
            dynamodb: format!("http://{}", others.local_addr().unwrap()),
            sqs: String::new(),
            tables: TableNames { stock: String::new(), customers: String::new() },
            connections: BTreeMap::new(),
        };
        left.write(state.path()).unwrap();
        assert_eq!(Endpoints::of_running(state.path()), None);
        let _claim = Claim::take(state.path()).unwrap();
        assert_eq!(Endpoints::of_running(state.path()), Some(left));
    }
}
