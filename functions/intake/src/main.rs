//! Starts the function.

use std::sync::Arc;

use edin_platform::{Cloud, SystemClock, telemetry};
use intake::{Guesses, Intake};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let intake = Intake {
        store: cloud.store()?,
        metrics: cloud.metrics()?,
        clock: Arc::new(SystemClock),
        guesses: Guesses::default(),
    };
    intake.store.reach().await;
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(intake.handle(event.payload).await))).await
}
