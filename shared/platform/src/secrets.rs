//! Secrets: in SSM parameters under the deployment's path, or, on a person's own machine, in a file that only they can read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_ssm::error::DisplayErrorContext;
use aws_sdk_ssm::types::Parameter;
use edin_domain::{ConnectionId, Secret, Timestamp};

use crate::Clock;

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
    /// Encrypted SSM parameters.
    Parameters(Arc<Parameters>),
    /// A JSON file of names and values.
    File(Arc<PathBuf>),
}

/// SSM parameters `<path>/<name>`, each remembered for a minute: a new value counts from then on, without a new deployment.
pub struct Parameters {
    client: aws_sdk_ssm::Client,
    path: String,
    clock: Arc<dyn Clock>,
    read: Mutex<BTreeMap<String, Read>>,
}

type Named = BTreeMap<String, Secret<String>>;

/// What was read, and when.
#[derive(Clone)]
struct Read {
    at: Timestamp,
    secrets: Named,
}

/// How long a secret is used before it is read again.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The secret by which hook addresses and identities are digested.
pub const DIGEST_KEY: &str = "digest_key";

impl Secrets {
    /// Those below `path`, such as `/edin/shop`.
    #[must_use]
    pub fn parameters(client: aws_sdk_ssm::Client, path: String, clock: Arc<dyn Clock>) -> Self {
        Self::Parameters(Arc::new(Parameters { client, path, clock, read: Mutex::default() }))
    }

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
    async fn under(&self, prefix: &str) -> Result<Named, SecretError> {
        match self {
            Self::Parameters(parameters) => parameters.under(prefix).await,
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

impl Parameters {
    async fn under(&self, prefix: &str) -> Result<Named, SecretError> {
        let now = self.clock.now();
        if let Some(read) = self.remembered(prefix).filter(|read| now < read.at.plus(REMEMBERED)) {
            return Ok(read.secrets);
        }
        let found = self.fetch(prefix).await?;
        let secrets: Named = found.into_iter().filter_map(|parameter| self.named(parameter)).collect();
        let mut all = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(prefix.to_owned(), Read { at: now, secrets: secrets.clone() });
        Ok(secrets)
    }

    fn remembered(&self, prefix: &str) -> Option<Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).get(prefix).cloned()
    }

    /// A folder's parameters, or the one parameter of that name. A connection has fewer secrets than SSM lists at once.
    async fn fetch(&self, prefix: &str) -> Result<Vec<Parameter>, SecretError> {
        let name = format!("{}/{prefix}", self.path);
        let found = match name.strip_suffix('/') {
            Some(folder) => {
                let request = self.client.get_parameters_by_path().path(folder).with_decryption(true);
                request.send().await.map(|found| found.parameters).map_err(|error| words(&error))
            }
            None => {
                let request = self.client.get_parameters().names(name).with_decryption(true);
                request.send().await.map(|found| found.parameters).map_err(|error| words(&error))
            }
        };
        found.map(Option::unwrap_or_default).map_err(|reason| unavailable(prefix, reason))
    }

    fn named(&self, parameter: Parameter) -> Option<(String, Secret<String>)> {
        let name = parameter.name?.strip_prefix(&self.path)?.trim_start_matches('/').to_owned();
        Some((name, Secret::new(parameter.value?)))
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parameters").field("path", &self.path).finish_non_exhaustive()
    }
}

fn words(error: &(impl std::error::Error + Send + Sync + 'static)) -> String {
    DisplayErrorContext(error).to_string()
}

fn read_file(file: &PathBuf, name: &str) -> Result<Named, SecretError> {
    match std::fs::read(file) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| unavailable(name, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(unavailable(name, error)),
    }
}
