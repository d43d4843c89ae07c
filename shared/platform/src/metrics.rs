//! Figures for alarms and the dashboard, in CloudWatch's embedded metric format: a line of the log that CloudWatch reads as
//! metrics, so that no call is made for them.
//!
//! Each is one metric a deployment, in the namespace `Edin`, by the dimension `Stack`. The connection stands beside them as a
//! property, for queries of the log: as a dimension it would make every figure a paid metric more.
//!
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use edin_domain::{ConnectionId, Timestamp};
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "Edin";
/// CloudWatch takes so many values of a metric in one line.
const VALUES_AT_ONCE: usize = 100;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Orders that were new.
    Orders,
    /// Listings whose number a channel took.
    Acknowledged,
    /// Listings whose number a channel refused: somebody must look.
    RefusedNumbers,
    /// From the last change of a listing's stock until its channel took the number, in ms.
    LagMs,
    /// Units that were sold and aren't there.
    OversoldUnits,
    /// How long the listing that waits longest has been due at a connection, in s.
    UnacknowledgedSeconds,
    /// How long ago a connection's orders were read to the end, in s.
    ReadingAgeSeconds,
    /// Orders of a connection that can't be read, wholly or in part: somebody must look.
    UnreadableOrders,
    /// Until a connection's key dies, in days.
    CredentialDaysLeft,
    /// Units by which a channel showed something else than it should.
    DriftUnits,
}

impl Metric {
    const fn name(self) -> &'static str {
        match self {
            Self::Orders => "Orders",
            Self::Acknowledged => "Acknowledged",
            Self::RefusedNumbers => "RefusedNumbers",
            Self::LagMs => "LagMs",
            Self::OversoldUnits => "OversoldUnits",
            Self::UnacknowledgedSeconds => "UnacknowledgedSeconds",
            Self::ReadingAgeSeconds => "ReadingAgeSeconds",
            Self::UnreadableOrders => "UnreadableOrders",
            Self::CredentialDaysLeft => "CredentialDaysLeft",
            Self::DriftUnits => "DriftUnits",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::LagMs => "Milliseconds",
            Self::UnacknowledgedSeconds | Self::ReadingAgeSeconds => "Seconds",
            Self::CredentialDaysLeft => "None",
            Self::Orders
            | Self::Acknowledged
            | Self::RefusedNumbers
            | Self::OversoldUnits
            | Self::UnreadableOrders
            | Self::DriftUnits => "Count",
        }
    }
}

/// Where figures go. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub enum Metrics {
    /// Nowhere.
    #[default]
    None,
    /// To standard output, for the deployment of this name.
    Log(Arc<str>),
    /// Into memory, for those who look at them later.
    Kept(Arc<Mutex<Vec<Figure>>>),
    /// To whoever does something else with them.
    To(Arc<dyn Sink>),
}

/// Takes figures as they are told.
pub trait Sink: fmt::Debug + Send + Sync {
    /// Takes figures of one metric, told at `now`.
    fn take(&self, metric: Metric, connection: Option<&ConnectionId>, figures: &[i64], now: Timestamp);
}

/// A figure, and whose it is.
pub type Figure = (Metric, Option<ConnectionId>, i64);

impl Metrics {
    /// Tells figures of one metric, at `now`; none if there are none.
    pub fn tell(&self, metric: Metric, connection: Option<&ConnectionId>, figures: &[i64], now: Timestamp) {
        match self {
            Self::None => {}
            Self::Log(stack) => figures.chunks(VALUES_AT_ONCE).for_each(|figures| {
                let line = line(stack, metric, connection, figures, now);
                let _ = writeln!(std::io::stdout().lock(), "{line}");
            }),
            Self::Kept(kept) => {
                let told = figures.iter().map(|figure| (metric, connection.cloned(), *figure));
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
            }
            Self::To(sink) => sink.take(metric, connection, figures, now),
        }
    }
}

fn line(stack: &str, metric: Metric, connection: Option<&ConnectionId>, figures: &[i64], now: Timestamp) -> Value {
    let directive = json!({
        "Timestamp": now.millis(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [["Stack"]],
            "Metrics": [{ "Name": metric.name(), "Unit": metric.unit() }],
        }],
    });
    let mut line = Map::from_iter([
        ("_aws".to_owned(), directive),
        ("Stack".to_owned(), json!(stack)),
        (metric.name().to_owned(), json!(figures)),
    ]);
    line.extend(connection.map(|connection| ("connection".to_owned(), json!(connection))));
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let connection = ConnectionId::new("wb-main").unwrap();
        let at = Timestamp::from_millis(1_790_000_000_000);
        assert_eq!(
            line("shop", Metric::LagMs, Some(&connection), &[310, 95], at),
            json!({
                "_aws": {
                    "Timestamp": 1_790_000_000_000_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Edin",
                        "Dimensions": [["Stack"]],
                        "Metrics": [{ "Name": "LagMs", "Unit": "Milliseconds" }],
                    }],
                },
                "Stack": "shop",
                "connection": "wb-main",
                "LagMs": [310, 95],
            })
        );
    }

    #[test]
    fn no_figures_are_no_line_and_nothing_kept() {
        let metrics = Metrics::Kept(Arc::default());
        metrics.tell(Metric::Orders, None, &[], Timestamp::from_millis(0));
        metrics.tell(Metric::Orders, None, &[3], Timestamp::from_millis(0));
        let Metrics::Kept(kept) = metrics else { unreachable!() };
        assert_eq!(*kept.lock().unwrap(), [(Metric::Orders, None, 3)]);
    }
}
