//! Starts the function.

use std::sync::Arc;

use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Cloud, SystemClock, telemetry};
use feed::Feed;
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let cloud = Cloud::from_environment().await;
    let secrets = cloud.secrets()?;
    let feed =
        Feed { store: cloud.store()?, key: secrets.get(DIGEST_KEY).await?, secrets, clock: Arc::new(SystemClock) };
    feed.store.reach().await;
    run(service_fn(async |request| Ok::<_, Error>(feed.handle(request).await))).await
}
