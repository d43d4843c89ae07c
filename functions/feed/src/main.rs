//! Starts the function.

use std::sync::Arc;

use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Secrets, SystemClock, cloud, setting, telemetry};
use edin_store::{Store, Tables};
use feed::Feed;
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let aws = cloud::configuration().await;
    let tables = Tables { stock: setting("EDIN_STOCK_TABLE")?, customers: setting("EDIN_CUSTOMERS_TABLE")? };
    let secrets = Secrets::Parameters { client: aws_sdk_ssm::Client::new(&aws), path: setting("EDIN_SECRETS")?.into() };
    let feed = Feed {
        store: Store::new(aws_sdk_dynamodb::Client::new(&aws), tables),
        key: secrets.get(DIGEST_KEY).await?,
        secrets,
        clock: Arc::new(SystemClock),
    };
    run(service_fn(async |request| Ok::<_, Error>(feed.handle(request).await))).await
}
