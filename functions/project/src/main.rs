//! Starts the function.

use std::sync::Arc;

use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Secrets, SystemClock, cloud, setting, telemetry};
use edin_store::{Store, Tables};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use project::Project;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let aws = cloud::configuration().await;
    let tables = Tables { stock: setting("EDIN_STOCK_TABLE")?, customers: setting("EDIN_CUSTOMERS_TABLE")? };
    let secrets = Secrets::Parameters { client: aws_sdk_ssm::Client::new(&aws), path: setting("EDIN_SECRETS")?.into() };
    let project = Project {
        store: Store::new(aws_sdk_dynamodb::Client::new(&aws), tables),
        key: secrets.get(DIGEST_KEY).await?,
        clock: Arc::new(SystemClock),
    };
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(project.handle(event.payload).await))).await
}
