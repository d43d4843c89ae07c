//! Starts the function.

use std::sync::Arc;

use edin_platform::{Cloud, SystemClock, telemetry};
use edin_trade::record::Recorder;
use intake::Intake;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let recorder = Recorder::new(cloud.store()?, cloud.metrics()?, Arc::new(SystemClock));
    let intake = Intake { recorder, poll: cloud.queue("EDIN_POLL_QUEUE")? };
    intake.recorder.store.reach().await;
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(intake.handle(event.payload).await))).await
}
