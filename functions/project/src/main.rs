//! Starts the function.

use std::sync::Arc;

use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Cloud, SystemClock, telemetry};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use project::Project;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let project = Project {
        store: cloud.store()?,
        key: cloud.secrets()?.get(DIGEST_KEY).await?,
        metrics: cloud.metrics()?,
        clock: Arc::new(SystemClock),
    };
    project.store.reach().await;
    run(service_fn(async |event: LambdaEvent<_>| Ok::<_, Error>(project.handle(event.payload).await))).await
}
