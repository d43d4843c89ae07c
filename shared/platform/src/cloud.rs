//! What a function reaches in AWS, by the settings of its environment.

use std::sync::Arc;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{Builder, tls};

use crate::{Metrics, MissingSetting, Queue, Secrets, SystemClock, setting};

/// Region, credentials and endpoint from the environment, over one HTTP client.
pub async fn configuration() -> SdkConfig {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let http = Builder::new().tls_provider(provider).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await
}

/// The clients that a function asks for, each made once.
#[derive(Debug, Clone)]
pub struct Cloud {
    aws: SdkConfig,
}

impl Cloud {
    /// The one that the environment describes.
    pub async fn from_environment() -> Self {
        Self { aws: configuration().await }
    }

    /// The queue whose address is in the setting `name`.
    ///
    /// # Errors
    /// [`MissingSetting`].
    pub fn queue(&self, name: &'static str) -> Result<Queue, MissingSetting> {
        Ok(Queue::new(aws_sdk_sqs::Client::new(&self.aws), setting(name)?))
    }

    /// The secrets below the path in `EDIN_SECRETS`.
    ///
    /// # Errors
    /// [`MissingSetting`].
    pub fn secrets(&self) -> Result<Secrets, MissingSetting> {
        let clock = Arc::new(SystemClock);
        Ok(Secrets::parameters(aws_sdk_ssm::Client::new(&self.aws), setting("EDIN_SECRETS")?, clock))
    }

    /// Metrics of the deployment that `EDIN_STACK` names.
    ///
    /// # Errors
    /// [`MissingSetting`].
    pub fn metrics(&self) -> Result<Metrics, MissingSetting> {
        Ok(Metrics::Log(setting("EDIN_STACK")?.into()))
    }

    /// The tables that `EDIN_STOCK_TABLE` and `EDIN_CUSTOMERS_TABLE` name.
    ///
    /// # Errors
    /// [`MissingSetting`].
    #[cfg(feature = "store")]
    pub fn store(&self) -> Result<edin_store::Store, MissingSetting> {
        let tables =
            edin_store::Tables { stock: setting("EDIN_STOCK_TABLE")?, customers: setting("EDIN_CUSTOMERS_TABLE")? };
        Ok(edin_store::Store::new(aws_sdk_dynamodb::Client::new(&self.aws), tables))
    }
}
