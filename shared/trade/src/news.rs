//! What a channel tells, against what the table knows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edin_channels::told::{Content, Inbound, Told};
use edin_domain::order::{Order, OrderKey, OrderState};
use edin_domain::{Cause, Connection, ConnectionId, OrderId, Sku, Timestamp};
use edin_store::{Store, StoreError};

use edin_platform::{Message, digest_of};

/// What was told, sorted by whether it is new.
#[derive(Debug, Default)]
pub struct Compared {
    /// What the table doesn't know, or not all of it.
    pub news: Vec<Told>,
    /// The orders that it knows, of all that were told of.
    pub known: BTreeMap<OrderKey, Order>,
}

/// What the table was found to know already, so that a channel that lists the same open orders at every reading costs few reads
/// of the table.
///
/// What only grows and was known once is never news again. A list of what an order still has may say again what it said
/// before: of lists the last one of each order counts, for a minute, since another reader may have told otherwise.
#[derive(Debug, Default)]
pub struct Heard(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    grown: HashSet<u64>,
    lists: HashMap<OrderKey, LastList>,
    /// When reports of orders that the table didn't know were handed to intake.
    sent: HashMap<u64, Timestamp>,
}

/// The last list of an order.
#[derive(Debug, Clone, Copy)]
struct LastList {
    /// All that the report said.
    report: u64,
    /// What it listed.
    lines: u64,
    read_at: Timestamp,
    /// Whether the table was found to know it. If not, it is on its way there.
    is_known: bool,
}

/// How long the last list of an order is remembered.
const LISTED_FOR: Duration = Duration::from_secs(60);

/// For so long what was handed to intake is on its way there, and isn't handed over again.
const ON_ITS_WAY: Duration = Duration::from_secs(30);

/// Orders older than this are not looked for around a write of a number. Nor need they be: one that the table takes in later than
/// [`LATE`] casts doubt on what its channel was told meanwhile.
pub const RECENT: Duration = Duration::from_secs(600);
/// An order is heard of late after this. Well below [`RECENT`], so that no write falls between the two.
pub const LATE: Duration = Duration::from_secs(300);

/// So many reports are remembered; then it starts anew.
const MEMORY: usize = 50_000;

/// How a report stands to what was heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The table knows it.
    Known,
    /// The table says.
    Open,
    /// The last list said otherwise, and may still be on its way to the table: this one follows it, whatever the table says.
    News,
}

impl Heard {
    fn standing(&self, report: &Report) -> Standing {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(list) = &report.list else {
            return if memory.grown.contains(&report.report) { Standing::Known } else { Standing::Open };
        };
        match memory.lists.get(&list.order) {
            Some(last) if !last.is_known && last.lines != list.lines => Standing::News,
            Some(last)
                if last.is_known && last.report == report.report && list.read_at.since(last.read_at) < LISTED_FOR =>
            {
                Standing::Known
            }
            _ => Standing::Open,
        }
    }

    /// What a report is remembered by; none if it can't be.
    #[cfg(feature = "client")]
    pub(crate) fn report(connection: &ConnectionId, told: &Told) -> Option<u64> {
        Report::of(connection, told).map(|report| report.report)
    }

    /// Whether this report was handed to intake a moment ago.
    #[cfg(feature = "client")]
    pub(crate) fn is_on_its_way(&self, report: u64, now: Timestamp) -> bool {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.sent.get(&report).is_some_and(|at| now.since(*at) < ON_ITS_WAY)
    }

    /// Notes that intake's queue has these reports.
    #[cfg(feature = "client")]
    pub(crate) fn note_sent(&self, reports: Vec<u64>, now: Timestamp) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.sent.retain(|_, at| now.since(*at) < ON_ITS_WAY);
        memory.sent.extend(reports.into_iter().map(|report| (report, now)));
    }

    fn note<'a>(&self, reports: impl Iterator<Item = (&'a Report, bool)>) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.grown.len() + memory.lists.len() > MEMORY {
            *memory = Memory::default();
        }
        for (Report { report, list }, is_known) in reports {
            match list {
                Some(List { order, lines, read_at }) => {
                    let last = LastList { report: *report, lines: *lines, read_at: *read_at, is_known };
                    memory.lists.insert(order.clone(), last);
                }
                None if is_known => _ = memory.grown.insert(*report),
                None => {}
            }
        }
    }
}

/// What is remembered of what was told.
#[derive(Debug)]
struct Report {
    /// All that it says, when it was read left out.
    report: u64,
    /// What it lists, if it does.
    list: Option<List>,
}

#[derive(Debug)]
struct List {
    order: OrderKey,
    lines: u64,
    read_at: Timestamp,
}

impl Report {
    fn of(connection: &ConnectionId, told: &Told) -> Option<Self> {
        let mut same = told.clone();
        for (_, state) in &mut same.orders {
            state.listed_at = None;
            // When goods came back at the earliest is, where a channel doesn't tell it, when they weren't back yet.
            state.lines.values_mut().for_each(|line| (line.listed_at, line.returned_at) = (None, None));
        }
        let list =
            told.orders.iter().find_map(|(id, state)| list(OrderKey::new(connection.clone(), id.clone()), state));
        Some(Self { report: digest(&(connection, serde_json::to_string(&same).ok()?)), list })
    }
}

/// What a report lists of an order; none if it doesn't.
fn list(order: OrderKey, state: &OrderState) -> Option<List> {
    let read_at = state.listed_at.max(state.lines.values().filter_map(|line| line.listed_at).max())?.at;
    let lines: Vec<_> = state.lines.iter().map(|(id, line)| (id, line.kept)).collect();
    Some(List { order, lines: digest(&lines), read_at })
}

fn digest(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Compares what a connection told with the table. What `heard` remembers isn't looked at, and its orders are not among the
/// known ones.
///
/// # Errors
/// [`StoreError`].
pub async fn compare(
    store: &Store,
    heard: &Heard,
    connection: &ConnectionId,
    told: Vec<Told>,
) -> Result<Compared, StoreError> {
    let key = |id: &OrderId| OrderKey::new(connection.clone(), id.clone());
    let told: Vec<(Option<Report>, Standing, Told)> = told
        .into_iter()
        .map(|told| {
            let report = Report::of(connection, &told);
            let standing = report.as_ref().map_or(Standing::Open, |report| heard.standing(report));
            (report, standing, told)
        })
        .filter(|(_, standing, _)| *standing != Standing::Known)
        .collect();
    let keys = told.iter().flat_map(|(_, _, told)| told.orders.iter().map(|(id, _)| key(id)));
    let known = store.orders(keys.collect::<Vec<_>>()).await?;
    let (news, old): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|(_, standing, told)| *standing == Standing::News || is_news(told, &known, key));
    heard.note(old.iter().filter_map(|(report, _, _)| Some((report.as_ref()?, true))));
    heard.note(news.iter().filter_map(|(report, _, _)| Some((report.as_ref()?, false))));
    Ok(Compared { news: news.into_iter().map(|(_, _, told)| told).collect(), known })
}

fn is_news(told: &Told, known: &BTreeMap<OrderKey, Order>, key: impl Fn(&OrderId) -> OrderKey) -> bool {
    let unheard = |(id, state): &(OrderId, OrderState)| {
        known.get(&key(id)).is_none_or(|order| order.state.is_news(&order.state.merged(state)))
    };
    let first = told.orders.first().and_then(|(id, _)| known.get(&key(id)));
    let lacks_contact = first.zip(told.contact.as_ref()).is_some_and(|(order, contact)| order.lacks(contact));
    told.orders.iter().any(unheard) || lacks_contact
}

/// A message for the inbox queue. The same news has the same cause again.
///
/// # Errors
/// If it can't be written as JSON: a bug.
pub fn message(connection: &Connection, told: Told, received_at: Timestamp) -> Result<Message, serde_json::Error> {
    let digest = digest_of(&serde_json::to_string(&told)?);
    let cause = format!("{}:{}", connection.id, digest.get(..16).unwrap_or_default());
    let cause = Cause::new(cause).map_err(serde::de::Error::custom)?;
    Message::json(&Inbound {
        cause,
        connection: connection.id.clone(),
        channel: connection.channel().clone(),
        received_at,
        content: Content::Told(told),
    })
}

/// A message for the inbox queue that hands an order to intake once more: what it waits for may be mapped now.
///
/// # Errors
/// If it can't be written as JSON: a bug.
pub fn remap(connection: &Connection, order: OrderId, at: Timestamp) -> Result<Message, serde_json::Error> {
    let cause: String = format!("remap:{order}").chars().take(64).collect();
    Message::json(&Inbound {
        cause: Cause::new(cause.trim_end()).map_err(serde::de::Error::custom)?,
        connection: connection.id.clone(),
        channel: connection.channel().clone(),
        received_at: at,
        content: Content::Remap(order),
    })
}

/// The goods with levels that the orders take from, where they take other units than the table knows of.
///
/// # Errors
/// [`StoreError`].
pub async fn goods(
    store: &Store,
    connection: &ConnectionId,
    told: &[Told],
    known: &BTreeMap<OrderKey, Order>,
) -> Result<BTreeSet<Sku>, StoreError> {
    let order = |id: &OrderId| known.get(&OrderKey::new(connection.clone(), id.clone()));
    let orders = told.iter().flat_map(|told| &told.orders).filter(|(id, state)| takes_other_units(order(id), state));
    let lines = orders.flat_map(|(_, state)| state.lines.values());
    let articles = lines.flat_map(|line| line.articles.iter().map(|article| (connection.clone(), article.clone())));
    let mappings = store.mappings(articles.collect::<BTreeSet<_>>()).await?;
    let products = store.products(mappings.into_values()).await?;
    Ok(products.values().flat_map(|product| product.components().into_keys()).collect())
}

/// Whether an order takes other units than is known: not if it is only told of more fully.
fn takes_other_units(known: Option<&Order>, told: &OrderState) -> bool {
    let Some(known) = known else { return true };
    let state = known.state.merged(told);
    let before = |id| known.state.lines.get(id).map(|line| known.state.counted(line));
    state.lines.iter().any(|(id, line)| before(id) != Some(state.counted(line)))
}

#[cfg(test)]
mod tests {
    use edin_domain::order::LineState;
    use edin_domain::{Article, ChannelName, LineId};

    use super::*;

    #[test]
    fn the_cause_of_a_long_order_is_shortened() {
        let connection =
            serde_json::json!({"id": "wb-main", "account": {"wildberries": {}}, "currency": "RUB", "warehouses": {}});
        let connection: Connection = serde_json::from_value(connection).unwrap();
        let order = OrderId::new(format!("{} {}", "7".repeat(57), "8".repeat(6))).unwrap();
        let expected = Inbound {
            cause: Cause::new(format!("remap:{}", "7".repeat(57))).unwrap(),
            connection: connection.id.clone(),
            channel: ChannelName::of("wildberries"),
            received_at: Timestamp::from_millis(1),
            content: Content::Remap(order.clone()),
        };
        assert_eq!(remap(&connection, order, Timestamp::from_millis(1)).unwrap(), Message::json(&expected).unwrap());
    }

    /// A list of one line, read `second` after the beginning.
    fn listed(second: i64, units: u32) -> Report {
        let at = Some(Timestamp::from_millis(second * 1_000).into());
        let line =
            LineState { kept: Some(units), listed_at: at, ..LineState::ordered([Article::new("TEA").unwrap()], 3) };
        let state = OrderState {
            lines: BTreeMap::from([(LineId::new("TEA").unwrap(), line)]),
            listed_at: at,
            ..OrderState::default()
        };
        let told = Told::of(OrderId::new("1").unwrap(), state);
        Report::of(&ConnectionId::new("kaspi-main").unwrap(), &told).unwrap()
    }

    #[test]
    fn the_same_list_again_is_known_for_a_while() {
        let heard = Heard::default();
        heard.note([(&listed(0, 3), true)].into_iter());
        let standing = |second| heard.standing(&listed(second, 3));
        assert_eq!((standing(1), standing(59), standing(60)), (Standing::Known, Standing::Known, Standing::Open));
    }

    #[cfg(feature = "client")]
    #[test]
    fn what_was_handed_over_is_on_its_way_for_a_while() {
        let (heard, at) = (Heard::default(), |second: i64| Timestamp::from_millis(second * 1_000));
        heard.note_sent(vec![1], at(0));
        heard.note_sent(vec![2], at(20));
        let on_its_way = |second| [1, 2, 3].map(|report| heard.is_on_its_way(report, at(second)));
        assert_eq!((on_its_way(29), on_its_way(30)), ([true, true, false], [false, true, false]));
    }

    #[test]
    fn goods_that_came_back_are_known_whenever_that_is_read_again() {
        let back = |since| {
            let returned_at = Some(Timestamp::from_millis(since));
            let line = LineState { returned: 1, returned_at, ..LineState::ordered([], 1) };
            let lines = BTreeMap::from([(LineId::new("TEA").unwrap(), line)]);
            let told = Told::of(OrderId::new("1").unwrap(), OrderState { lines, ..OrderState::default() });
            Report::of(&ConnectionId::new("kaspi-main").unwrap(), &told).unwrap()
        };
        let heard = Heard::default();
        heard.note([(&back(1), true)].into_iter());
        assert_eq!(heard.standing(&back(2)), Standing::Known);
    }

    #[test]
    fn a_list_that_was_known_before_another_one_is_looked_at_anew() {
        let heard = Heard::default();
        heard.note([(&listed(0, 3), true), (&listed(1, 1), true)].into_iter());
        assert_eq!(heard.standing(&listed(2, 3)), Standing::Open);
    }

    #[test]
    fn a_list_that_follows_another_on_its_way_to_the_table_is_news_whatever_the_table_says() {
        let heard = Heard::default();
        heard.note([(&listed(0, 3), true), (&listed(1, 1), false)].into_iter());
        assert_eq!(heard.standing(&listed(2, 3)), Standing::News);
        assert_eq!(heard.standing(&listed(2, 1)), Standing::Open);
    }
}
