//! Starts the function.

use std::sync::Arc;

use edin_platform::{Clock, Cloud, SystemClock, telemetry};
use edin_trade::channels::Channels;
use edin_trade::news::Heard;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use push::Push;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let (store, clock): (_, Arc<dyn Clock>) = (cloud.store()?, Arc::new(SystemClock));
    let push = Push {
        channels: Channels::new(store.clone(), cloud.secrets()?, Arc::clone(&clock)),
        store,
        inbox: cloud.queue("EDIN_INBOX_QUEUE")?,
        deferred: cloud.queue("EDIN_DEFERRED_QUEUE")?,
        dead: cloud.queue("EDIN_PUSH_DEAD_QUEUE")?,
        heard: Heard::default(),
        metrics: cloud.metrics()?,
        clock,
    };
    tokio::join!(push.store.reach(), push.inbox.reach());
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(push.handle(event.payload).await))).await
}
