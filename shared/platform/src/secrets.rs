//! Secrets: in SSM parameters under the deployment's path, or, on a person's own machine, in a file that only they can read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use aws_sdk_ssm::error::DisplayErrorContext;
use edin_domain::{ConnectionId, Secret};

/// A secret that couldn't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none of this name.
    #[error("there is no secret {0}")]
    Missing(String),
    /// The place where secrets are kept didn't answer, or refused.
    #[error("the secret {name} can not be read: {reason}")]
    Unavailable {
        /// Which.
        name: String,
        /// What happened.
        reason: String,
    },
}

/// Where secrets are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Secrets {
    /// SSM parameters `<path>/<name>`, encrypted.
    Parameters {
        /// The client.
        client: aws_sdk_ssm::Client,
        /// Where they begin, such as `/edin/shop`.
        path: Arc<str>,
    },
    /// A JSON file of names and values.
    File(Arc<PathBuf>),
}

/// The secret by which hook addresses and identities are digested.
pub const DIGEST_KEY: &str = "digest_key";

impl Secrets {
    /// The secret `name`, such as `digest_key` or `ozon-main/api_key`.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn get(&self, name: &str) -> Result<Secret<String>, SecretError> {
        self.under(name).await?.remove(name).ok_or_else(|| SecretError::Missing(name.to_owned()))
    }

    /// A connection's credentials, by their own names.
    ///
    /// # Errors
    /// [`SecretError::Unavailable`]; having none is no error here.
    pub async fn of(&self, connection: &ConnectionId) -> Result<BTreeMap<String, Secret<String>>, SecretError> {
        let prefix = format!("{connection}/");
        let all = self.under(&prefix).await?;
        Ok(all
            .into_iter()
            .filter_map(|(name, secret)| Some((name.strip_prefix(&prefix)?.to_owned(), secret)))
            .collect())
    }

    /// The secrets whose names begin with `prefix`.
    async fn under(&self, prefix: &str) -> Result<BTreeMap<String, Secret<String>>, SecretError> {
        match self {
            Self::Parameters { client, path } => parameters(client, path, prefix).await,
            Self::File(file) => {
                let all = read_file(file, prefix)?;
                Ok(all.into_iter().filter(|(name, _)| name.starts_with(prefix)).collect())
            }
        }
    }
}

fn unavailable(name: &str, reason: impl ToString) -> SecretError {
    SecretError::Unavailable { name: name.to_owned(), reason: reason.to_string() }
}

async fn parameters(
    client: &aws_sdk_ssm::Client,
    path: &str,
    prefix: &str,
) -> Result<BTreeMap<String, Secret<String>>, SecretError> {
    let failed = |error| unavailable(prefix, DisplayErrorContext(error));
    let found = match prefix.strip_suffix('/') {
        Some(folder) => {
            let request = client.get_parameters_by_path().path(format!("{path}/{folder}")).with_decryption(true);
            request.send().await.map_err(failed)?.parameters.unwrap_or_default()
        }
        None => {
            let request = client.get_parameters().names(format!("{path}/{prefix}")).with_decryption(true);
            request
                .send()
                .await
                .map_err(|error| unavailable(prefix, DisplayErrorContext(error)))?
                .parameters
                .unwrap_or_default()
        }
    };
    let named = |parameter: aws_sdk_ssm::types::Parameter| {
        let name = parameter.name?.strip_prefix(path)?.trim_start_matches('/').to_owned();
        Some((name, Secret::new(parameter.value?)))
    };
    Ok(found.into_iter().filter_map(named).collect())
}

fn read_file(file: &PathBuf, name: &str) -> Result<BTreeMap<String, Secret<String>>, SecretError> {
    match std::fs::read(file) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| unavailable(name, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(unavailable(name, error)),
    }
}
