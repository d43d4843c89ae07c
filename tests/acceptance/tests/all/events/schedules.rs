//! What a schedule says, and readings that repeat within a minute.

use std::sync::Arc;
use std::time::Duration;

use acceptance::{WB, open_wildberries};
use edin_domain::{ConnectionId, Timestamp};
use edin_platform::{Clock, SystemClock};
use poll::{Event, Poll, Reading};
use serde_json::json;
use simulators::Wildberries;

use super::functions::Functions;
use super::stage::{NOWHERE, Stage};

/// What EventBridge Scheduler hands over: the `Input` of each schedule, and nothing else.
const NEWEST: &str = r#"{"read":"newest","every_seconds":15}"#;
const CHANGES: &str = r#"{"read":"changes"}"#;
const RECONCILE: &str = "{}";

#[test]
fn the_inputs_of_the_schedules_are_read_as_they_are() -> serde_json::Result<()> {
    let newest: Event = serde_json::from_str(NEWEST)?;
    assert_eq!((newest.connection, newest.read, newest.every_seconds), (None, Reading::Newest, Some(15)));
    let changes: Event = serde_json::from_str(CHANGES)?;
    assert_eq!((changes.connection, changes.read, changes.every_seconds), (None, Reading::Changes, None));
    let reconcile: reconcile::Event = serde_json::from_str(RECONCILE)?;
    assert_eq!(reconcile.connection, None);
    let one: reconcile::Event = serde_json::from_value(json!({ "connection": WB }))?;
    assert_eq!(one.connection.map(|id| id.to_string()).as_deref(), Some(WB));
    Ok(())
}

#[test]
fn a_schedule_that_forgets_what_to_read_is_refused() {
    for input in [json!({}), json!({ "read": "everything" }), json!({ "detail-type": "Scheduled Event", "detail": {} })]
    {
        assert!(serde_json::from_value::<Event>(input.clone()).is_err(), "{input}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_orders_are_read_every_fifteen_seconds_of_a_minute() -> anyhow::Result<()> {
    let (_stage, wildberries, poll) = open(ALMOST_THE_INTERVAL, CALLS).await?;
    assert_eq!(poll.handle(at_wildberries(NEWEST)?).await?, []);
    assert_eq!(wildberries.journal().calls, 4 * u64::from(CALLS));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_that_fails_is_made_again_at_its_time_and_the_last_failure_is_told() -> anyhow::Result<()> {
    let (_stage, wildberries, poll) = open(ALMOST_THE_INTERVAL, 1).await?;
    wildberries.faults(|faults| faults.down = true);
    let failed = poll.handle(at_wildberries(NEWEST)?).await?;
    assert_eq!(failed.iter().map(|(connection, _)| connection.as_str()).collect::<Vec<_>>(), [WB]);
    assert_eq!(wildberries.journal().calls, 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_channel_is_not_read_again_when_the_minute_is_over() -> anyhow::Result<()> {
    for (a_reading, readings) in [(40, 2), (61, 1)] {
        let (_stage, wildberries, poll) = open(Duration::from_secs(a_reading), CALLS).await?;
        assert_eq!(poll.handle(at_wildberries(NEWEST)?).await?, []);
        assert_eq!(wildberries.journal().calls, readings * u64::from(CALLS), "one takes {a_reading} s");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_without_an_interval_reads_once() -> anyhow::Result<()> {
    let (_stage, wildberries, poll) = open(Duration::ZERO, CALLS).await?;
    for (input, readings) in [(r#"{"read":"newest"}"#, 1), (r#"{"read":"newest","every_seconds":0}"#, 2)] {
        assert_eq!(poll.handle(at_wildberries(input)?).await?, []);
        assert_eq!(wildberries.journal().calls, readings * u64::from(CALLS), "{input}");
    }
    Ok(())
}

/// So long that hardly anything of the fifteen seconds is left to sleep.
const ALMOST_THE_INTERVAL: Duration = Duration::from_millis(14_900);

/// The calls of one reading.
const CALLS: u32 = 1;

/// Real time, and a leap with every call that Wildberries gets.
struct Leaping {
    wildberries: Wildberries,
    leap: Duration,
}

impl Clock for Leaping {
    fn now(&self) -> Timestamp {
        let leaps = u32::try_from(self.wildberries.journal().calls).expect("a few calls");
        SystemClock.now().plus(self.leap * leaps)
    }
}

/// The function, at a Wildberries whose readings take as long as `a_reading` says, and so many calls.
async fn open(a_reading: Duration, calls: u32) -> anyhow::Result<(Stage, Wildberries, Poll)> {
    let (wildberries, token) = open_wildberries().await?;
    let urls = [NOWHERE.to_owned(), wildberries.url(), NOWHERE.to_owned()];
    let stage = Stage::open_at(urls, ["none".to_owned(), token, "none".to_owned()]).await?;
    let clock = Arc::new(Leaping { wildberries: wildberries.clone(), leap: a_reading / calls });
    let poll = Functions { clock, ..stage.functions() }.poll();
    Ok((stage, wildberries, poll))
}

fn at_wildberries(input: &str) -> anyhow::Result<Event> {
    let event: Event = serde_json::from_str(input)?;
    Ok(Event { connection: Some(ConnectionId::new(WB)?), ..event })
}
