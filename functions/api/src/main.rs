//! Starts the function.

use std::sync::Arc;

use api::Api;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Cloud, SystemClock, telemetry};
use edin_trade::record::Recorder;
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let recorder = Recorder::new(cloud.store()?, cloud.metrics()?, Arc::new(SystemClock));
    recorder.store.reach().await;
    let api = Api::new(recorder, cloud.secrets()?.get(DIGEST_KEY).await?);
    run(service_fn(async |request| Ok::<_, Error>(api.handle(request).await))).await
}
