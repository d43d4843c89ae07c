//! Starts the function.

use std::sync::Arc;

use edin_platform::{SystemClock, cloud, setting, telemetry};
use edin_store::{Store, Tables};
use intake::Intake;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let aws = cloud::configuration().await;
    let tables = Tables { stock: setting("EDIN_STOCK_TABLE")?, customers: setting("EDIN_CUSTOMERS_TABLE")? };
    let store = Store::new(aws_sdk_dynamodb::Client::new(&aws), tables);
    let intake = Intake { store, clock: Arc::new(SystemClock) };
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(intake.handle(event.payload).await))).await
}
