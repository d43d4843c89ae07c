//! What a connector on a timer does.

use std::time::Duration;

use edin_domain::{Cause, ConnectionId, Sku};
use edin_trade::messages::{Read, pushes};

use crate::goods::{OZON, WILDBERRIES};
use crate::sources::Sources;

/// Reads all orders, gives them a moment, tells all numbers; and again.
pub(super) async fn run(sources: Sources, every: Duration, skus: Vec<String>) {
    for round in 0_u32.. {
        let began = tokio::time::Instant::now();
        if let Err(error) = read_all(&sources).await {
            sources.trace.note("timer", error);
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Err(error) = tell_all(&sources, &skus, round).await {
            sources.trace.note("timer", error);
        }
        tokio::time::sleep_until(began + every).await;
    }
}

async fn read_all(sources: &Sources) -> anyhow::Result<()> {
    let poll = sources.functions.make_poll();
    let connections = poll.store.connections().await?;
    for read in [Read::Newest, Read::Changes] {
        let readings = connections.values().map(|connection| poll.read(connection, &read));
        // One that fails is read again the next time.
        drop(futures::future::join_all(readings).await);
    }
    Ok(())
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
