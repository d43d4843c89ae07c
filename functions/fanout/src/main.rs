//! Starts the function.

use std::sync::Arc;

use edin_platform::{Cloud, SystemClock, telemetry};
use fanout::Fanout;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let fanout = Fanout {
        store: cloud.store()?,
        push: cloud.queue("EDIN_PUSH_QUEUE")?,
        deferred: cloud.queue("EDIN_DEFERRED_QUEUE")?,
        clock: Arc::new(SystemClock),
    };
    tokio::join!(fanout.store.reach(), fanout.push.reach());
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(fanout.handle(event.payload).await))).await
}
