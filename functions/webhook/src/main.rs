//! Starts the function.

use std::sync::Arc;

use anyhow::Context;
use edin_channels::hook::Networks;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Cloud, SystemClock, setting, telemetry};
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
        networks: Networks { ozon: networks(&setting("EDIN_OZON_NETWORKS")?)? },
        clock: Arc::new(SystemClock),
    };
    receiver.inbox.reach().await;
    Ok(receiver)
}

/// Networks as the template lists them: `195.34.21.0/24,185.73.192.0/22`.
fn networks(list: &str) -> anyhow::Result<Vec<ipnet::IpNet>> {
    let network = |text: &str| text.trim().parse().with_context(|| format!("{text:?} is not a network"));
    list.split(',').map(network).collect()
}
