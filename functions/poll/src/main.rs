//! Starts the function.

use std::sync::Arc;

use edin_platform::channels::Channels;
use edin_platform::news::Heard;
use edin_platform::{Clock, Queue, Secrets, SystemClock, cloud, setting, telemetry};
use edin_store::{Store, Tables};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use poll::Poll;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let aws = cloud::configuration().await;
    let tables = Tables { stock: setting("EDIN_STOCK_TABLE")?, customers: setting("EDIN_CUSTOMERS_TABLE")? };
    let store = Store::new(aws_sdk_dynamodb::Client::new(&aws), tables);
    let secrets = Secrets::Parameters { client: aws_sdk_ssm::Client::new(&aws), path: setting("EDIN_SECRETS")?.into() };
    let sqs = aws_sdk_sqs::Client::new(&aws);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let poll = Poll {
        channels: Channels::new(store.clone(), secrets, Arc::clone(&clock)).one_call_at_a_time(),
        store,
        inbox: Queue::new(sqs, setting("EDIN_INBOX_QUEUE")?),
        heard: Heard::default(),
        clock,
    };
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(poll.handle(event.payload).await?))).await
}
