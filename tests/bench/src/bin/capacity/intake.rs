//! Intake alone: its handler, over the engine.

use std::sync::Arc;

use anyhow::ensure;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use bench::import::import;
use edin_channels::told::Inbound;
use edin_demo::shop::goods;
use edin_local::aws::engine::Engine;
use edin_local::aws::meter::since;
use edin_platform::{Clock, Metrics, SystemClock};
use edin_trade::record::Recorder;
use intake::Intake;
use tempfile::TempDir;

use crate::Part;
use crate::orders::{Shape, batches};

/// The engine with a catalogue in it.
pub(crate) struct Bench {
    engine: Engine,
    intake: Intake,
    _state: TempDir,
}

impl Bench {
    /// With the demo's.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let stage = bench::shop::stage().await?;
        Self::with([stage.connections()?, stage.catalogue(&goods::goods())]).await
    }

    /// With what a seller wrote: connections and catalogue.
    pub(crate) async fn with(written: [String; 2]) -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        let engine = Engine::start(state.path()).await?;
        let queues = ["inbox", "deferred"].map(|name| engine.queue("setup", name));
        import(&engine.store("setup"), queues.each_ref(), written, async |_| Ok(())).await?;
        let intake = Intake {
            recorder: Recorder::new(engine.store("intake"), Metrics::None, Arc::new(SystemClock)),
            poll: engine.queue("intake", "poll"),
        };
        Ok(Self { engine, intake, _state: state })
    }

    /// Hands each batch to intake as one event.
    pub(crate) async fn measure(&self, shape: Shape) -> anyhow::Result<Part> {
        let before = self.engine.meter().counts();
        for (_, orders) in batches(shape, SystemClock.now())? {
            self.take_in(&orders).await?;
        }
        let spent = since(&self.engine.meter().counts(), &before);
        Ok(Part::new(shape.batches * shape.orders_a_batch, spent))
    }

    /// Hands orders to intake as one event.
    pub(crate) async fn take_in(&self, orders: &[Inbound]) -> anyhow::Result<()> {
        let answer = self.intake.handle(event(orders)?).await;
        ensure!(answer.batch_item_failures.is_empty(), "some orders were not taken in");
        Ok(())
    }

    /// What intake wrote so far.
    pub(crate) fn write_units(&self) -> f64 {
        let counts = self.engine.meter().counts();
        counts.iter().filter(|((function, _), _)| function == "intake").map(|(_, count)| count.write_units).sum()
    }
}

fn event(orders: &[Inbound]) -> anyhow::Result<SqsEvent> {
    let message = |order: &Inbound| {
        let mut message = SqsMessage::default();
        message.message_id = Some(order.cause.to_string());
        message.body = Some(serde_json::to_string(order)?);
        Ok(message)
    };
    let mut event = SqsEvent::default();
    event.records = orders.iter().map(message).collect::<anyhow::Result<_>>()?;
    Ok(event)
}
