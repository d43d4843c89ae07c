//! What the functions tell as figures, kept as Prometheus wants it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edin_domain::{ConnectionId, Timestamp};
use edin_platform::metrics::Sink;
use edin_platform::{Metric, Metrics};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Figures since the start, by connection; all of them go on to `further`, too.
#[derive(Debug)]
pub(crate) struct Figures {
    registry: Registry,
    orders: Counted,
    acknowledged: Counted,
    refused_numbers: Counted,
    oversold_units: Counted,
    lag: Family<Labels, Histogram, fn() -> Histogram>,
    unacknowledged_seconds: Measured,
    reading_age_seconds: Measured,
    unreadable_orders: Measured,
    credential_days_left: Measured,
    drift_units: Measured,
    /// Those that have figures of their own.
    known: Mutex<BTreeSet<ConnectionId>>,
    further: Metrics,
}

type Labels = Vec<(&'static str, String)>;
type Counted = Family<Labels, Counter>;
type Measured = Family<Labels, Gauge>;

/// So many connections have figures of their own; those of more are put together.
const MOST_CONNECTIONS: usize = 200;
/// Bounds of the lag, in seconds. A channel that takes each good every 30 s has most of its own between two of them.
const LAGS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0];

impl Figures {
    pub(crate) fn new(further: Metrics) -> Self {
        let mut registry = Registry::with_prefix("edin");
        let of_lags: fn() -> Histogram = lags;
        let lag = Family::new_with_constructor(of_lags);
        registry.register("lag_seconds", "From a change of stock until the channel took the number", lag.clone());
        let mut counted = |name: &str, help: &str| {
            let family = Counted::default();
            registry.register(name, help, family.clone());
            family
        };
        let orders = counted("orders", "Orders that were new");
        let acknowledged = counted("acknowledged", "Listings whose number a channel took");
        let refused_numbers = counted("refused_numbers", "Listings whose number a channel refused");
        let oversold_units = counted("oversold_units", "Units that were sold and are not there");
        let mut measured = |name: &str, help: &str| {
            let family = Measured::default();
            registry.register(name, help, family.clone());
            family
        };
        Self {
            orders,
            acknowledged,
            refused_numbers,
            oversold_units,
            lag,
            unacknowledged_seconds: measured("unacknowledged_seconds", "How long a number had waited for its channel"),
            reading_age_seconds: measured(
                "reading_age_seconds",
                "How old the last full reading was, after the last one",
            ),
            unreadable_orders: measured("unreadable_orders", "Orders that can not be read, wholly or in part"),
            credential_days_left: measured("credential_days_left", "Days until the connection's key dies"),
            drift_units: measured("drift_units", "Units by which the channel showed something else than it should"),
            known: Mutex::default(),
            registry,
            further,
        }
    }

    /// All of it, in Prometheus's text format.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn labels(&self, connection: Option<&ConnectionId>) -> Labels {
        let Some(connection) = connection else { return Vec::new() };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known =
            known.contains(connection) || (known.len() < MOST_CONNECTIONS && known.insert(connection.clone()));
        vec![("connection", if is_known { connection.to_string() } else { "others".to_owned() })]
    }
}

impl Sink for Figures {
    fn take(&self, metric: Metric, connection: Option<&ConnectionId>, figures: &[i64], now: Timestamp) {
        self.further.tell(metric, connection, figures, now);
        let labels = self.labels(connection);
        let count = |family: &Counted| {
            let sum = figures.iter().filter_map(|figure| u64::try_from(*figure).ok()).sum();
            family.get_or_create(&labels).inc_by(sum);
        };
        let measure = |family: &Measured| {
            if let Some(last) = figures.last() {
                family.get_or_create(&labels).set(*last);
            }
        };
        match metric {
            Metric::Orders => count(&self.orders),
            Metric::Acknowledged => count(&self.acknowledged),
            Metric::RefusedNumbers => count(&self.refused_numbers),
            Metric::OversoldUnits => count(&self.oversold_units),
            Metric::LagMs => {
                let lags = figures.iter().filter_map(|ms| u64::try_from(*ms).ok()).map(Duration::from_millis);
                let family = self.lag.get_or_create(&labels);
                lags.for_each(|lag| family.observe(lag.as_secs_f64()));
            }
            Metric::UnacknowledgedSeconds => measure(&self.unacknowledged_seconds),
            Metric::ReadingAgeSeconds => measure(&self.reading_age_seconds),
            Metric::UnreadableOrders => measure(&self.unreadable_orders),
            Metric::CredentialDaysLeft => measure(&self.credential_days_left),
            Metric::DriftUnits => measure(&self.drift_units),
        }
    }
}

fn lags() -> Histogram {
    Histogram::new(LAGS)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(0);

    #[test]
    fn what_is_told_is_counted_or_measured_by_connection_and_told_on() {
        let further = Metrics::Kept(Arc::default());
        let figures = Figures::new(further.clone());
        let wb = ConnectionId::new("wb-main").unwrap();
        figures.take(Metric::Orders, Some(&wb), &[2], NOW);
        figures.take(Metric::Orders, Some(&wb), &[3], NOW);
        figures.take(Metric::OversoldUnits, None, &[4], NOW);
        figures.take(Metric::DriftUnits, Some(&wb), &[7], NOW);
        figures.take(Metric::DriftUnits, Some(&wb), &[0], NOW);
        figures.take(Metric::LagMs, Some(&wb), &[400, 2_000], NOW);
        let text = figures.text().unwrap();
        for line in [
            "# TYPE edin_orders_total counter",
            r#"edin_orders_total{connection="wb-main"} 5"#,
            "edin_oversold_units_total 4",
            r#"edin_drift_units{connection="wb-main"} 0"#,
            r#"edin_lag_seconds_bucket{connection="wb-main",le="0.5"} 1"#,
            r#"edin_lag_seconds_sum{connection="wb-main"} 2.4"#,
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is missing in {text}");
        }
        let Metrics::Kept(kept) = further else { unreachable!() };
        assert_eq!(kept.lock().unwrap().len(), 7);
    }

    #[test]
    fn figures_of_more_connections_than_have_their_own_are_put_together() {
        let figures = Figures::new(Metrics::None);
        for number in 0..MOST_CONNECTIONS + 5 {
            let connection = ConnectionId::new(format!("shop-{number}")).unwrap();
            figures.take(Metric::Orders, Some(&connection), &[1], NOW);
        }
        let text = figures.text().unwrap();
        let series = text.lines().filter(|line| line.starts_with("edin_orders_total{")).count();
        assert_eq!(series, MOST_CONNECTIONS + 1);
        assert!(text.contains(r#"edin_orders_total{connection="others"} 5"#), "{text}");
    }
}
