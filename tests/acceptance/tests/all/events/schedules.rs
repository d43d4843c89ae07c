//! What a schedule says, and the messages of the poll queue that it sends.

use std::sync::Arc;
use std::time::Duration;

use acceptance::{WB, open_wildberries};
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_platform::{Clock, SystemClock};
use edin_trade::messages::{Read, ToRead};
use poll::{Event, Poll, Schedule, Topic};
use serde_json::json;
use simulators::Wildberries;

use super::functions::Functions;
use super::messages::{batch, message, reported};
use super::stage::{NOWHERE, Stage};

/// What EventBridge Scheduler hands over: the `Input` of each schedule, and nothing else.
const NEWEST: &str = r#"{"read":"newest","every_seconds":15}"#;
const CHANGES: &str = r#"{"read":"changes"}"#;
const RECONCILE: &str = "{}";

#[test]
fn the_inputs_of_the_schedules_are_read_as_they_are() -> serde_json::Result<()> {
    let due = |input| match serde_json::from_str::<Event>(input) {
        Ok(Event::Schedule(due)) => Some((due.read, due.every_seconds)),
        _ => None,
    };
    assert_eq!((due(NEWEST), due(CHANGES)), (Some((Read::Newest, Some(15))), Some((Read::Changes, None))));
    assert!(matches!(serde_json::from_str(RECONCILE)?, reconcile::Event::Schedule(_)));
    let one: reconcile::Event = serde_json::from_value(json!({ "connection": WB }))?;
    assert!(matches!(one, reconcile::Event::One(wanted) if wanted.connection.as_str() == WB));
    Ok(())
}

#[test]
fn a_schedule_that_forgets_what_to_read_is_refused() {
    for input in [json!({}), json!({ "read": "everything" }), json!({ "detail-type": "Scheduled Event", "detail": {} })]
    {
        assert!(serde_json::from_value::<Event>(input.clone()).is_err(), "{input}");
    }
    for input in [json!({ "connection": 7 }), json!({ "detail-type": "Scheduled Event", "detail": {} })] {
        assert!(serde_json::from_value::<reconcile::Event>(input.clone()).is_err(), "{input}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_connection_is_read_by_a_message_of_its_own_every_fifteen_seconds_of_a_minute() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let poll = stage.functions().poll();
    poll.handle(serde_json::from_str(NEWEST)?).await?;
    assert_eq!(stage.waiting("poll").await?, 3 * 4);
    let now: Vec<ToRead> = bodies(&stage).await?;
    let mut first: Vec<&str> = now.iter().map(|wanted| wanted.connection.as_str()).collect();
    first.sort_unstable();
    assert_eq!(first, [acceptance::KASPI, acceptance::OZON, WB], "the others come later");
    assert!(now.iter().all(|wanted| wanted.read == Read::Newest && wanted.not_after.is_some()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_too_late_is_left_to_the_next_one() -> anyhow::Result<()> {
    let Shelf { stage: _stage, wildberries, poll, .. } = Shelf::open(Duration::ZERO).await?;
    let now = SystemClock.now();
    for (not_after, calls) in [(now.minus(Duration::from_secs(1)), 0), (now.plus(Duration::from_secs(60)), 1)] {
        let wanted = ToRead { connection: ConnectionId::new(WB)?, read: Read::Newest, not_after: Some(not_after) };
        let answer = poll.handle_queue(batch(&[message(1, &serde_json::to_string(&wanted)?)])?).await;
        assert!(reported(&answer).is_empty());
        assert_eq!(wildberries.journal().calls, calls);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_that_fails_is_left_to_the_next_message_and_one_that_can_not_be_read_comes_again()
-> anyhow::Result<()> {
    let Shelf { stage, wildberries, poll, .. } = Shelf::open(Duration::ZERO).await?;
    wildberries.faults(|faults| faults.down = true);
    let good = ToRead { connection: ConnectionId::new(WB)?, read: Read::Changes, not_after: None };
    let messages = [message(1, &serde_json::to_string(&good)?), message(2, "{}")];
    let answer = poll.handle_queue(batch(&messages)?).await;
    assert_eq!(reported(&answer), [messages[1]["messageId"].clone()]);
    let states = stage.store().reading_states([(ConnectionId::new(WB)?, Topic::Changes.name())]).await?;
    assert!(states.into_values().any(|state| state.failing.is_some()), "why it failed is noted");
    assert_eq!(stage.waiting("poll").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_turn_leaves_unread_is_read_by_another_message_from_where_it_stopped() -> anyhow::Result<()> {
    let Shelf { stage, wildberries, poll, connection } = Shelf::open(Duration::from_secs(41)).await?;
    let began = poll.clock.now();
    let changes = ToRead { connection: connection.id.clone(), read: Read::Changes, not_after: None };
    let event = batch(&[message(1, &serde_json::to_string(&changes)?)])?;
    assert!(reported(&poll.handle_queue(event).await).is_empty());
    assert_eq!(wildberries.journal().calls, 1, "one page took longer than a turn lasts");
    assert_eq!(poll.read(&connection, &Read::Changes).await?, None);
    assert_eq!(wildberries.journal().calls, 1, "a schedule begins no second one beside it");
    let rest: Vec<ToRead> = bodies(&stage).await?;
    assert_eq!(rest, [ToRead { read: Read::Rest, ..changes }]);
    assert_eq!(poll.read(&connection, &Read::Rest).await?, None);
    assert_eq!(wildberries.journal().calls, 2, "those in status new, and the rest of nothing");
    let cursor = stage.store().progress(&connection.id, Topic::Changes.progress()).await?.expect("it is at its end");
    assert_eq!(cursor.under_way, None);
    assert!(cursor.at >= began && cursor.at.since(began) < Duration::from_secs(41), "it was read as of its beginning");
    Ok(())
}

/// The messages of the poll queue that are to be worked on now.
async fn bodies(stage: &Stage) -> anyhow::Result<Vec<ToRead>> {
    let messages = stage.drain("poll").await?;
    Ok(messages
        .iter()
        .map(|message| serde_json::from_str(message.body().unwrap_or_default()))
        .collect::<Result<_, _>>()?)
}

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

/// The function, at a Wildberries each of whose calls takes as long as is said.
struct Shelf {
    stage: Stage,
    wildberries: Wildberries,
    poll: Poll,
    connection: Connection,
}

impl Shelf {
    async fn open(a_call: Duration) -> anyhow::Result<Self> {
        let (wildberries, token) = open_wildberries().await?;
        let urls = [NOWHERE.to_owned(), wildberries.url(), NOWHERE.to_owned()];
        let stage = Stage::open_at(urls, ["none".to_owned(), token, "none".to_owned()]).await?;
        let clock = Arc::new(Leaping { wildberries: wildberries.clone(), leap: a_call });
        let poll = Functions { clock, ..stage.functions() }.poll();
        let connection = stage.store().connection(&ConnectionId::new(WB)?).await?.expect("it is in the catalogue");
        Ok(Self { stage, wildberries, poll, connection })
    }
}

#[test]
fn what_a_schedule_says_is_written_as_it_is_read() -> serde_json::Result<()> {
    let due = Schedule { read: Read::Newest, every_seconds: Some(15) };
    assert_eq!(serde_json::to_string(&due)?, NEWEST);
    Ok(())
}
