//! Telling a channel rows and noting what became of each, whatever the rows say: a number of stock today.

use edin_channels::client::{ChannelError, Outcome};
use edin_domain::listing::ListingKey;
use edin_domain::{Cause, Sku, Timestamp, WarehouseId};
use edin_platform::Metric;

use crate::Push;

/// Something that a channel is told of a listing.
pub(crate) trait Row {
    /// Of which listing.
    fn key(&self) -> &ListingKey;

    /// The event from which it came.
    fn cause(&self) -> &Cause;

    /// What it says, as the log shows it.
    fn says(&self) -> String;

    /// How long ago that changed of which the channel is told, in ms; none if it was told of the same before.
    fn lag(&self, now: Timestamp) -> Option<u64>;
}

/// What became of some rows: an outcome each, or the time at which all of them are to be told again.
pub(crate) enum Written {
    Told(Vec<Outcome>),
    NotYet(Vec<(Sku, Timestamp)>),
}

impl Push {
    /// Notes what a channel answered to a write, in the log and in figures.
    pub(crate) fn written<R: Row>(
        &self,
        warehouse: &WarehouseId,
        rows: &[R],
        answer: Result<Vec<Outcome>, ChannelError>,
        now: Timestamp,
    ) -> Written {
        match answer {
            Ok(outcomes) => {
                log(warehouse, rows, &outcomes);
                self.tell(rows, &outcomes, now);
                Written::Told(outcomes)
            }
            Err(error) => {
                tracing::warn!(%warehouse, rows = rows.len(), %error, "a channel could not be told");
                let until = error.again_at(now);
                Written::NotYet(rows.iter().map(|row| (row.key().sku.clone(), until)).collect())
            }
        }
    }

    fn tell<R: Row>(&self, rows: &[R], outcomes: &[Outcome], now: Timestamp) {
        let connection = rows.first().map(|row| &row.key().connection);
        let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
        let taken = count(|outcome| matches!(outcome, Outcome::Taken));
        let refused = count(|outcome| matches!(outcome, Outcome::Refused { .. }));
        for (metric, count) in [(Metric::Acknowledged, taken), (Metric::RefusedNumbers, refused)] {
            let count = i64::try_from(count).ok().filter(|count| *count > 0);
            self.metrics.tell(metric, connection, count.as_slice(), now);
        }
        let lag = |(row, outcome): (&R, &Outcome)| matches!(outcome, Outcome::Taken).then(|| row.lag(now))?;
        let lags = rows.iter().zip(outcomes).filter_map(lag).map(|lag| i64::try_from(lag).unwrap_or(i64::MAX));
        let lags: Vec<i64> = lags.collect();
        self.metrics.tell(Metric::LagMs, connection, &lags, now);
    }
}

fn log(warehouse: &WarehouseId, rows: &[impl Row], outcomes: &[Outcome]) {
    for (row, outcome) in rows.iter().zip(outcomes) {
        let ListingKey { connection, sku, .. } = row.key();
        let (says, cause) = (row.says(), row.cause());
        match outcome {
            Outcome::Taken => {
                tracing::info!(%connection, %warehouse, %sku, %cause, says, "a channel took a number")
            }
            Outcome::Later { reason, .. } => {
                tracing::info!(%connection, %warehouse, %sku, %cause, %reason, "a channel takes it later")
            }
            Outcome::Refused { code, message } => {
                tracing::error!(%connection, %warehouse, %sku, %cause, says, code, message, "a channel refused a number; somebody must look");
            }
            Outcome::Unknown => tracing::warn!(%connection, %warehouse, %sku, %cause, "a channel gave no answer"),
        }
    }
}
