//! What a connector on a timer does.

use std::time::Duration;

use edin_domain::{Cause, ConnectionId, Sku};
use edin_platform::messages::pushes;
use poll::Reading;

use crate::goods::{OZON, WILDBERRIES};
use crate::sources::Sources;

/// Reads all orders, gives them a moment, tells all numbers; and again.
pub(super) async fn run(sources: Sources, every: Duration, skus: Vec<String>) {
    for round in 0_u32.. {
        let began = tokio::time::Instant::now();
        let poll = sources.functions.make_poll();
        for read in [Reading::Newest, Reading::Changes] {
            let _ = poll.handle(poll::Event { connection: None, read, every_seconds: None }).await;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Err(error) = tell_all(&sources, &skus, round).await {
            sources.trace.note("timer", error);
        }
        tokio::time::sleep_until(began + every).await;
    }
}

async fn tell_all(sources: &Sources, skus: &[String], round: u32) -> anyhow::Result<()> {
    let queue = sources.aws.queue("push.fifo");
    for connection in [OZON, WILDBERRIES] {
        let cause = Cause::new(format!("timer-{round}"))?;
        let skus = skus.iter().map(|sku| Ok((Sku::new(sku)?, cause.clone()))).collect::<anyhow::Result<Vec<_>>>()?;
        queue.send(pushes(&ConnectionId::new(connection)?, &skus, &format!("timer-{round}"))?).await?;
    }
    sources.aws.written.notify_waiters();
    Ok(())
}
