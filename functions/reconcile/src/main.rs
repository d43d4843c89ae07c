//! Starts the function.

use std::sync::Arc;

use edin_platform::{Clock, Cloud, SystemClock, telemetry};
use edin_trade::channels::Channels;
use edin_trade::news::Heard;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use reconcile::Reconcile;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let (store, clock): (_, Arc<dyn Clock>) = (cloud.store()?, Arc::new(SystemClock));
    let reconcile = Reconcile {
        channels: Channels::new(store.clone(), cloud.secrets()?, Arc::clone(&clock)).yielding(),
        store,
        inbox: cloud.queue("EDIN_INBOX_QUEUE")?,
        push: cloud.queue("EDIN_PUSH_QUEUE")?,
        reconcile: cloud.queue("EDIN_RECONCILE_QUEUE")?,
        heard: Heard::default(),
        metrics: cloud.metrics()?,
        clock,
    };
    tokio::join!(reconcile.store.reach(), reconcile.inbox.reach());
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(reconcile.handle(event.payload).await?))).await
}
