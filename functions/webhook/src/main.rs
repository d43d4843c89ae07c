//! Starts the function.

use std::sync::Arc;

use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Cloud, SystemClock, optional_setting, telemetry};
use lambda_http::{Error, run, service_fn};
use webhook::Receiver;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let receiver = receiver().await?;
    run(service_fn(async |request| Ok::<_, Error>(receiver.handle(request).await))).await
}

async fn receiver() -> anyhow::Result<Receiver> {
    let cloud = Cloud::from_environment().await;
    let receiver = Receiver {
        inbox: cloud.queue("EDIN_INBOX_QUEUE")?,
        key: cloud.secrets()?.get(DIGEST_KEY).await?,
        networks: edin_channels::networks(&optional_setting("EDIN_HOOK_NETWORKS").unwrap_or_default())?,
        clock: Arc::new(SystemClock),
    };
    receiver.inbox.reach().await;
    Ok(receiver)
}
