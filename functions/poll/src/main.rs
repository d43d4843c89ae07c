//! Starts the function.

use std::sync::Arc;

use edin_platform::{Clock, Cloud, SystemClock, telemetry};
use edin_trade::channels::Channels;
use edin_trade::news::Heard;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use poll::Poll;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let (store, clock): (_, Arc<dyn Clock>) = (cloud.store()?, Arc::new(SystemClock));
    let poll = Poll {
        channels: Channels::new(store.clone(), cloud.secrets()?, Arc::clone(&clock)).yielding(),
        store,
        inbox: cloud.queue("EDIN_INBOX_QUEUE")?,
        poll: cloud.queue("EDIN_POLL_QUEUE")?,
        heard: Heard::default(),
        noted: poll::Noted::default(),
        metrics: cloud.metrics()?,
        clock,
    };
    tokio::join!(poll.store.reach(), poll.inbox.reach());
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(poll.handle(event.payload).await?))).await
}
