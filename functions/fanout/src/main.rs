//! Starts the function.

use std::sync::Arc;

use edin_platform::{Queue, SystemClock, cloud, setting, telemetry};
use edin_store::{Store, Tables};
use fanout::Fanout;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let aws = cloud::configuration().await;
    let tables = Tables { stock: setting("EDIN_STOCK_TABLE")?, customers: setting("EDIN_CUSTOMERS_TABLE")? };
    let sqs = aws_sdk_sqs::Client::new(&aws);
    let fanout = Fanout {
        store: Store::new(aws_sdk_dynamodb::Client::new(&aws), tables),
        push: Queue::new(sqs.clone(), setting("EDIN_PUSH_QUEUE")?),
        deferred: Queue::new(sqs, setting("EDIN_DEFERRED_QUEUE")?),
        clock: Arc::new(SystemClock),
    };
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(fanout.handle(event.payload).await))).await
}
