//! What changed and what came back, page by page, as far as a turn goes.
//!
//! Each page is handed on before the next one is asked for, so a huge account takes no more memory than a small one. A reading that
//! isn't at its end when its turn is over, or when the channel's limit lets nothing more pass, is noted in its progress, and a
//! message has the rest read. Only at its end the topic counts as read.

use std::time::Duration;

use edin_channels::client::{ChannelError, Client, Period};
use edin_channels::told::{Cursor, Orders, Page};
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_platform::Metric;
use edin_store::status::{Progress, UnderWay};
use edin_trade::channels::ConnectionError;

use crate::Poll;
use crate::noted::Before;

/// What a channel is asked for at one go. How each goes is noted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The newest orders.
    Newest,
    /// Every order that changed.
    Changes,
    /// Goods that came back.
    Returns,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Changes, Self::Returns];
    /// Those that are read from where the last reading began.
    pub const WITH_PROGRESS: [Self; 2] = [Self::Changes, Self::Returns];

    /// What the table calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Changes => "changes",
            Self::Returns => "returns",
        }
    }

    /// What the table calls how far it was read.
    #[must_use]
    pub const fn progress(self) -> &'static str {
        match self {
            Self::Newest | Self::Changes => "orders",
            Self::Returns => "returns",
        }
    }
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// A schedule's: it begins a reading, unless one is under way.
    First,
    /// That of what is under way.
    Further,
}

/// How far a reading reaches back behind the beginning of the last one: clocks differ, and channels list late.
const OVERLAP: Duration = Duration::from_secs(600);
/// How far the first reading of a connection reaches back.
const FIRST: Duration = Duration::from_secs(7 * 24 * 3_600);
/// No page is asked for later in a turn: a function's time has to last for the one that was asked for before.
const TURN: Duration = Duration::from_secs(40);
/// A reading whose message is so late was given up: the schedule takes it over.
const LOST: Duration = Duration::from_secs(120);
/// A place that is so old is worth nothing: the reading begins anew.
const STALE: Duration = Duration::from_secs(24 * 3_600);
/// No channel lists so many pages.
const MOST_PAGES: u32 = 100_000;

/// A reading of a topic.
struct Reading {
    topic: Topic,
    /// How far the last one came.
    known: Option<Progress>,
    period: Period,
    next: Option<Cursor>,
    pages: u32,
    last_sale_at: Option<Timestamp>,
}

impl Poll {
    /// Reads both topics, and tells how old what was read is. Returns when the rest is to be read, if there is any.
    pub(crate) async fn read_topics(
        &self,
        connection: &Connection,
        turn: Turn,
    ) -> Result<Option<Timestamp>, ConnectionError> {
        let until = self.clock.now().plus(TURN);
        let orders = self.read_topic(connection, Topic::Changes, turn, until).await;
        let returns = self.read_topic(connection, Topic::Returns, turn, until).await;
        self.tell_age(&connection.id).await;
        Ok([orders?, returns?].into_iter().flatten().min())
    }

    async fn read_topic(
        &self,
        connection: &Connection,
        topic: Topic,
        turn: Turn,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ConnectionError> {
        let (known, now) = (self.store.progress(&connection.id, topic.progress()).await?, self.clock.now());
        let Some(mut reading) = Reading::at(topic, known, turn, now) else { return Ok(None) };
        let channel = self.channels.open(connection).await;
        let channel = match channel {
            Ok(channel) => channel,
            Err(error) => return Err(self.failed(connection, &reading, error.into()).await),
        };
        let mut before = Before::default();
        loop {
            let page = match reading.page(channel.as_ref(), self.clock.now()).await {
                Ok(page) => page,
                Err(ChannelError::Held { until, .. }) if reading.pages > 0 => {
                    return self.pause(connection, &reading, until).await.map(Some);
                }
                Err(error) => return Err(self.failed(connection, &reading, error.into()).await),
            };
            self.note_or_warn(connection, topic, Ok(&page), &mut before).await;
            let Page { orders, next } = page;
            reading.last_sale_at = last_sale(&orders).max(reading.last_sale_at);
            self.take_in(connection, orders.told).await?;
            let Some(next) = next else { return self.finish(connection, reading).await.map(|()| None) };
            (reading.next, reading.pages) = (Some(next), reading.pages.saturating_add(1));
            if self.clock.now() >= until {
                return self.pause(connection, &reading, self.clock.now()).await.map(Some);
            }
        }
    }

    /// Notes that a reading failed. One that may do better from where it stands goes on there; any other begins anew.
    async fn failed(&self, connection: &Connection, reading: &Reading, error: ConnectionError) -> ConnectionError {
        self.note_or_warn(connection, reading.topic, Err(&error), &mut Before::default()).await;
        let is_passing = matches!(&error, ConnectionError::Channel(error) if error.is_passing());
        let under_way = is_passing.then(|| reading.under_way(Timestamp::from_millis(0))).flatten();
        let known = reading.known.clone();
        if let Some(known) = known.filter(|known| known.under_way != under_way) {
            let noted = self.put(connection, reading.topic, Progress { under_way, ..known }).await;
            if let Err(error) = noted {
                tracing::warn!(connection = %connection.id, %error, "where a reading stands could not be noted");
            }
        }
        error
    }

    /// Notes where a reading stands. Returns when it is to go on.
    async fn pause(
        &self,
        connection: &Connection,
        reading: &Reading,
        at: Timestamp,
    ) -> Result<Timestamp, ConnectionError> {
        let known = reading.known.clone().unwrap_or(Progress {
            at: reading.period.since.plus(OVERLAP),
            last_sale_at: None,
            under_way: None,
        });
        let progress = Progress { last_sale_at: reading.last_sale_at, under_way: reading.under_way(at), at: known.at };
        self.put(connection, reading.topic, progress).await?;
        Ok(at)
    }

    async fn finish(&self, connection: &Connection, reading: Reading) -> Result<(), ConnectionError> {
        let progress = Progress { at: reading.period.until, last_sale_at: reading.last_sale_at, under_way: None };
        self.put(connection, reading.topic, progress).await
    }

    async fn put(&self, connection: &Connection, topic: Topic, progress: Progress) -> Result<(), ConnectionError> {
        Ok(self.store.put_progress(&connection.id, topic.progress(), progress).await?)
    }

    /// How long ago a connection's orders and returns were both read to the end.
    async fn tell_age(&self, connection: &ConnectionId) {
        let now = self.clock.now();
        let [orders, returns] = Topic::WITH_PROGRESS.map(|topic| self.store.progress(connection, topic.progress()));
        let Ok((orders, returns)) = futures::try_join!(orders, returns) else { return };
        let read_at = |progress: Option<Progress>| progress.map_or(now.minus(FIRST), |progress| progress.at);
        let age = now.since(read_at(orders).min(read_at(returns))).as_secs();
        self.metrics.tell(Metric::ReadingAgeSeconds, Some(connection), i64::try_from(age).ok().as_slice(), now);
    }
}

impl Reading {
    /// The reading whose turn it is; none if it is another's, or if there is nothing left to read.
    fn at(topic: Topic, known: Option<Progress>, turn: Turn, now: Timestamp) -> Option<Self> {
        let under_way = known.as_ref().and_then(|known| known.under_way.clone());
        let under_way = under_way.filter(|under_way| now.since(under_way.began) < STALE);
        let has_a_turn = |under_way: &UnderWay| now < under_way.go_on_at.plus(LOST);
        match (&under_way, turn) {
            (Some(under_way), Turn::First) if has_a_turn(under_way) => return None,
            (None, Turn::Further) => return None,
            _ => {}
        }
        let since = known.as_ref().map_or(now.minus(FIRST), |known| known.at).minus(OVERLAP);
        let last_sale_at = known.as_ref().and_then(|known| known.last_sale_at);
        let (until, next, pages) = match under_way {
            Some(UnderWay { began, next, pages, .. }) => (began, Some(Cursor::kept(next)), pages),
            None => (now, None, 0),
        };
        Some(Self { topic, known, period: Period { since, until }, next, pages, last_sale_at })
    }

    /// Asks for its next page; an empty one where the channel tells of no such thing.
    async fn page(&self, channel: &dyn Client, now: Timestamp) -> Result<Page, ChannelError> {
        if self.pages >= MOST_PAGES {
            let reason = format!("there are more than {MOST_PAGES} pages");
            return Err(ChannelError::Unreadable { call: self.topic.name(), reason });
        }
        let Some(orders) = channel.orders() else { return Ok(Page::default()) };
        match (self.topic, orders.returns()) {
            (Topic::Returns, Some(returns)) => returns.returned(self.period, now, self.next.as_ref()).await,
            (Topic::Returns, None) => Ok(Page::default()),
            _ => orders.changed(self.period, now, self.next.as_ref()).await,
        }
    }

    /// Where it stands; none if it is at its beginning.
    fn under_way(&self, go_on_at: Timestamp) -> Option<UnderWay> {
        let next = self.next.as_ref()?.as_str().to_owned();
        Some(UnderWay { began: self.period.until, next, pages: self.pages, go_on_at })
    }
}

fn last_sale(orders: &Orders) -> Option<Timestamp> {
    orders.told.iter().flat_map(|told| &told.orders).filter_map(|(_, state)| state.placed_at()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn under_way(began: Duration, go_on_at: Timestamp) -> Option<Progress> {
        let under_way = UnderWay { began: NOW.minus(began), next: "{}".to_owned(), pages: 7, go_on_at };
        Some(Progress { at: NOW.minus(STALE), last_sale_at: None, under_way: Some(under_way) })
    }

    fn turn(known: Option<Progress>, turn: Turn) -> Option<u32> {
        Reading::at(Topic::Changes, known, turn, NOW).map(|reading| reading.pages)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_schedule_begins_no_second_reading_beside_one_that_is_under_way() {
        assert_eq!(turn(None, Turn::First), Some(0));
        assert_eq!(turn(under_way(MINUTE * 10, NOW), Turn::First), None);
        assert_eq!(turn(under_way(MINUTE * 10, NOW), Turn::Further), Some(7));
    }

    #[test]
    fn a_reading_whose_message_was_lost_is_taken_over_and_one_of_yesterday_begins_anew() {
        assert_eq!(turn(under_way(MINUTE * 10, NOW.minus(LOST)), Turn::First), Some(7));
        assert_eq!(turn(under_way(STALE, NOW), Turn::First), Some(0));
    }

    #[test]
    fn nothing_is_left_of_a_reading_that_is_at_its_end() {
        let ended = Progress { at: NOW, last_sale_at: None, under_way: None };
        assert_eq!(turn(Some(ended), Turn::Further), None);
        assert_eq!(turn(None, Turn::Further), None);
    }

    #[test]
    fn all_turns_of_a_reading_cover_the_same_period() {
        let reading = Reading::at(Topic::Changes, under_way(MINUTE * 10, NOW), Turn::Further, NOW).unwrap();
        let since = NOW.minus(STALE).minus(OVERLAP);
        assert_eq!(reading.period, Period { since, until: NOW.minus(MINUTE * 10) });
    }
}
