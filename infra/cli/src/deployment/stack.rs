//! A stack in AWS, found by its name through the usual AWS configuration: profile, region, `AWS_ENDPOINT_URL`.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail};
use aws_config::SdkConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_ssm::types::ParameterType;
use edin_domain::Secret;
use edin_local::state::secrets::new_key;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Secrets, SystemClock, cloud};
use edin_store::{Store, Tables};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Deployment, Host, QUEUES};

/// A stack.
pub struct Stack {
    aws: SdkConfig,
    outputs: Outputs,
}

/// What the template says of what it made.
struct Outputs(BTreeMap<String, String>);

impl Outputs {
    async fn of(aws: &SdkConfig, name: &str) -> anyhow::Result<Self> {
        let request = aws_sdk_cloudformation::Client::new(aws).describe_stacks().stack_name(name);
        let answer = request.send().await.map_err(aws_sdk_cloudformation::Error::from)?;
        let stack = answer.stacks.and_then(|stacks| stacks.into_iter().next());
        let outputs = stack.context("there is no such stack")?.outputs.unwrap_or_default();
        Ok(Self(outputs.into_iter().filter_map(|output| Some((output.output_key?, output.output_value?))).collect()))
    }

    fn get(&self, name: &str) -> anyhow::Result<String> {
        let value = self.0.get(name).cloned();
        value.with_context(|| format!("it has no output {name}; deploy this version's template"))
    }
}

impl Stack {
    pub(super) async fn open(name: &str) -> anyhow::Result<Deployment> {
        let aws = cloud::configuration().await;
        let outputs = Outputs::of(&aws, name).await?;
        let tables = Tables { stock: outputs.get("StockTable")?, customers: outputs.get("CustomersTable")? };
        let ssm = aws_sdk_ssm::Client::new(&aws);
        let queue = |(name, output): &(&'static str, &str)| Ok((*name, outputs.get(output)?));
        Ok(Deployment {
            store: Store::new(aws_sdk_dynamodb::Client::new(&aws), tables),
            secrets: Secrets::parameters(ssm, outputs.get("Secrets")?, Arc::new(SystemClock)),
            sqs: aws_sdk_sqs::Client::new(&aws),
            url: Some(outputs.get("ApiUrl")?.trim_end_matches('/').to_owned()),
            queues: QUEUES.iter().map(queue).collect::<anyhow::Result<_>>()?,
            host: Host::Stack(Self { aws, outputs }),
        })
    }

    /// The name of the function that the template's output `output` tells.
    ///
    /// # Errors
    /// If there is no such output.
    pub fn function(&self, output: &str) -> anyhow::Result<String> {
        self.outputs.get(output)
    }

    /// Calls a function by its name or ARN, and waits for its answer.
    ///
    /// # Errors
    /// If it can't be called, or fails.
    pub async fn call<Answer: DeserializeOwned>(
        &self,
        function: &str,
        event: &impl Serialize,
    ) -> anyhow::Result<Answer> {
        let client = aws_sdk_lambda::Client::new(&self.aws);
        let request = client.invoke().function_name(function).payload(Blob::new(serde_json::to_vec(event)?));
        let answer = request.send().await.map_err(aws_sdk_lambda::Error::from)?;
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        if let Some(error) = answer.function_error {
            bail!("{function} failed ({error}): {}", String::from_utf8_lossy(&payload));
        }
        serde_json::from_slice(&payload).with_context(|| format!("{function} answered something unexpected"))
    }

    /// The tables' streams.
    #[must_use]
    pub fn streams(&self) -> aws_sdk_dynamodbstreams::Client {
        aws_sdk_dynamodbstreams::Client::new(&self.aws)
    }

    pub(super) async fn keep(&self, secrets: BTreeMap<String, Secret<String>>) -> anyhow::Result<()> {
        self.keep_digest_key().await?;
        for (name, secret) in secrets {
            let kept = self.put(&name, &secret)?.overwrite(true).send().await;
            kept.map_err(aws_sdk_ssm::Error::from).with_context(|| format!("the secret {name} can not be kept"))?;
        }
        Ok(())
    }

    async fn keep_digest_key(&self) -> anyhow::Result<()> {
        match self.put(DIGEST_KEY, &new_key()?)?.send().await.map_err(aws_sdk_ssm::Error::from) {
            Ok(_) | Err(aws_sdk_ssm::Error::ParameterAlreadyExists(_)) => Ok(()),
            Err(error) => Err(error).context("the key for digests can not be kept"),
        }
    }

    fn put(
        &self,
        name: &str,
        value: &Secret<String>,
    ) -> anyhow::Result<aws_sdk_ssm::operation::put_parameter::builders::PutParameterFluentBuilder> {
        let request = aws_sdk_ssm::Client::new(&self.aws).put_parameter();
        let name = format!("{}/{name}", self.outputs.get("Secrets")?);
        Ok(request.name(name).value(value.reveal()).r#type(ParameterType::SecureString))
    }
}
