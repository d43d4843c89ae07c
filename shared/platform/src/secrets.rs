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
        let mut named = match self {
            Self::Parameters(parameters) => parameters.remembering(name, parameters.one(name)).await?,
            Self::File(file) => read_file(file, name)?,
        };
        named.remove(name).ok_or_else(|| SecretError::Missing(name.to_owned()))
    }

    /// A connection's credentials, by their own names.
    ///
    /// # Errors
    /// [`SecretError::Unavailable`]; having none is no error here.
    pub async fn of(&self, connection: &ConnectionId) -> Result<BTreeMap<String, Secret<String>>, SecretError> {
        let folder = format!("{connection}/");
        let named = match self {
            Self::Parameters(parameters) => parameters.remembering(&folder, parameters.folder(&folder)).await?,
            Self::File(file) => read_file(file, &folder)?,
        };
        let own = |(name, secret): (String, _)| Some((name.strip_prefix(&folder)?.to_owned(), secret));
        Ok(named.into_iter().filter_map(own).collect())
    }
}

fn unavailable(name: &str, reason: impl ToString) -> SecretError {
    SecretError::Unavailable { name: name.to_owned(), reason: reason.to_string() }
}

impl Parameters {
    /// What was read of `name` within the last minute, or what `reading` reads. That there is nothing isn't remembered.
    async fn remembering(
        &self,
        name: &str,
        reading: impl Future<Output = Result<Named, SecretError>>,
    ) -> Result<Named, SecretError> {
        let now = self.clock.now();
        let remembered = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(read) = remembered.filter(|read| now < read.at.plus(REMEMBERED)) {
            return Ok(read.secrets);
        }
        let secrets = reading.await?;
        if !secrets.is_empty() {
            let read = Read { at: now, secrets: secrets.clone() };
            self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), read);
        }
        Ok(secrets)
    }

    async fn one(&self, name: &str) -> Result<Named, SecretError> {
        let request = self.client.get_parameters().names(format!("{}/{name}", self.path)).with_decryption(true);
        let found = request.send().await.map_err(|error| unavailable(name, DisplayErrorContext(error)))?;
        Ok(self.all_named(found.parameters))
    }

    /// A connection has fewer secrets than SSM lists at once.
    async fn folder(&self, folder: &str) -> Result<Named, SecretError> {
        let path = format!("{}/{}", self.path, folder.trim_end_matches('/'));
        let request = self.client.get_parameters_by_path().path(path).with_decryption(true);
        let found = request.send().await.map_err(|error| unavailable(folder, DisplayErrorContext(error)))?;
        Ok(self.all_named(found.parameters))
    }

    fn all_named(&self, parameters: Option<Vec<Parameter>>) -> Named {
        parameters.unwrap_or_default().into_iter().filter_map(|parameter| self.named(parameter)).collect()
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

fn read_file(file: &PathBuf, name: &str) -> Result<Named, SecretError> {
    match std::fs::read(file) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| unavailable(name, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(unavailable(name, error)),
    }
}
