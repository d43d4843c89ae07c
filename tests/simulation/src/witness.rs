//! Sees everything as it happens, and says at once what must never happen.
//!
//! Four things can't be seen in the end, when all has been repaired: that a channel was told a number that was out of date when
//! push began, that it was told one in spite of a sale that it had made before, that push believes something was taken which
//! wasn't, and that a limit was broken. (The last one is in the channels' own journals.)

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edin_domain::Timestamp;
use serde_json::Value;

use crate::goods::Good;
use crate::lock;
use crate::sold::Sold;

/// Push takes what it read within this time for what there is now, and reads again when it has written.
const FRESH: Duration = edin_trade::readings::FRESH;
/// Push reads orders this far back; older ones are polling's business.
const RECENT: Duration = Duration::from_secs(590);

/// A number that push sent to a channel.
#[derive(Debug, Clone)]
pub struct Sent {
    /// To which connection.
    pub connection: &'static str,
    /// Of which good.
    pub sku: String,
    /// The number.
    pub number: i64,
    /// Records that the stream had when push began, and when it sent the number.
    pub between: (usize, usize),
}

#[derive(Debug, Default)]
struct Seen {
    sold: Vec<Sold>,
    sent: Vec<Sent>,
    /// By connection and SKU.
    taken: BTreeMap<(String, String), i64>,
    broken: Vec<String>,
}

/// The witness of one run.
#[derive(Debug, Clone)]
pub struct Witness {
    goods: Arc<Vec<Good>>,
    seen: Arc<Mutex<Seen>>,
}

impl Witness {
    /// One who knows the goods.
    #[must_use]
    pub fn new(goods: Vec<Good>) -> Self {
        Self { goods: Arc::new(goods), seen: Arc::default() }
    }

    /// Somebody bought.
    pub fn bought(&self, sold: Sold) {
        lock(&self.seen).sold.push(sold);
    }

    /// What came to be known of an order.
    pub fn changed(&self, index: usize, sold: Sold) {
        if let Some(known) = lock(&self.seen).sold.get_mut(index) {
            *known = sold;
        }
    }

    /// All sales, oldest first.
    #[must_use]
    pub fn sold(&self) -> Vec<Sold> {
        lock(&self.seen).sold.clone()
    }

    /// All numbers that push sent.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.seen).sent.clone()
    }

    /// What must never happen and happened.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        lock(&self.seen).broken.clone()
    }

    /// The goods and numbers in a write of stock.
    #[must_use]
    pub fn rows(&self, body: &[u8]) -> Vec<(String, i64)> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let rows = ["stocks", "skus", "update"].iter().find_map(|name| body.get(name)?.as_array()).cloned();
        let rows = rows.unwrap_or_default();
        let row = |row: &Value| {
            let numbers = ["/stock", "/amount", "/items/0/count", "/stock_quantity"];
            let number = numbers.iter().find_map(|at| row.pointer(at))?.as_i64()?;
            let name = ["offer_id", "sku", "chrtId", "id"].iter().find_map(|name| row.get(name))?;
            Some((self.sku_of(name)?, number))
        };
        rows.iter().filter_map(row).collect()
    }

    /// The good of a name: the seller's own SKU, or Wildberries' number, or WooCommerce's, of which none is the other's.
    fn sku_of(&self, name: &Value) -> Option<String> {
        let is_called = |good: &&Good| match name {
            Value::Number(number) => {
                let numbers = [simulators::wildberries::chrt_id(good), simulators::woocommerce::product_id(good)];
                number.as_u64().is_some_and(|number| numbers.contains(&number))
            }
            name => name.as_str() == Some(&good.sku),
        };
        self.goods.iter().find(is_called).map(|good| good.sku.clone())
    }

    /// Push sends numbers. `is_known` tells whether the table has an order.
    pub fn sends(
        &self,
        connection: &'static str,
        rows: &[(String, i64)],
        began: (usize, Timestamp),
        now: (usize, Timestamp),
        is_known: impl Fn(&Sold) -> bool,
    ) {
        let mut seen = lock(&self.seen);
        for (sku, number) in rows {
            let sent = Sent { connection, sku: sku.clone(), number: *number, between: (began.0, now.0) };
            let unheard = seen.sold.iter().find(|sold| {
                let is_recent = sold.at < began.1.minus(FRESH) && sold.at > began.1.minus(RECENT);
                let counts = sold.connection == connection && is_recent && sold.is_listed();
                counts && self.touches(sold, sku) && !is_known(sold)
            });
            if let Some(sold) = unheard {
                let what = format!("{connection} is told {number} of {sku}, though it sold {} before", sold.id);
                seen.broken.push(what);
            }
            seen.sent.push(sent);
        }
    }

    /// Whether an order takes of what a good is made of.
    fn touches(&self, sold: &Sold, sku: &str) -> bool {
        let parts = |sku: &str| -> Vec<String> {
            let good = self.goods.iter().find(|good| good.sku == sku);
            match good.map(|good| good.components.as_slice()) {
                None | Some([]) => vec![sku.to_owned()],
                Some(parts) => parts.iter().map(|(sku, _)| sku.clone()).collect(),
            }
        };
        let of_good = parts(sku);
        sold.lines.keys().any(|line| parts(line).iter().any(|part| of_good.contains(part)))
    }

    /// A channel took a number.
    pub fn took(&self, connection: &str, sku: &str, number: i64) {
        lock(&self.seen).taken.insert((connection.to_owned(), sku.to_owned()), number);
    }

    /// Push writes down what it believes that a channel shows.
    pub fn believes(&self, item: &Value) {
        let text = |name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str).unwrap_or_default();
        let (Some(sku), Some(listing)) = (text("pk").strip_prefix("SKU#"), text("sk").strip_prefix("SHOWN#")) else {
            return;
        };
        let connection = listing.split('#').next().unwrap_or_default();
        let number = item.pointer("/acknowledged/M/quantity/N").and_then(|number| number.as_str()?.parse::<i64>().ok());
        let mut seen = lock(&self.seen);
        let taken = seen.taken.get(&(connection.to_owned(), sku.to_owned())).copied();
        if number.is_some() && number != taken {
            seen.broken
                .push(format!("push believes that {connection} took {number:?} of {sku}, and it took {taken:?}"));
        }
    }
}

/// Where numbers were sent that were out of date when push began, by the stock table's stream.
#[must_use]
pub fn outdated(
    sent: &[Sent],
    records: &[aws_lambda_events::dynamodb::EventRecord],
    goods: &[Good],
    locations: &Locations,
) -> Vec<String> {
    let simple = goods.iter().filter(|good| good.components.is_empty());
    simple.flat_map(|good| outdated_of(&good.sku, sent, records, locations)).collect()
}

fn outdated_of(
    sku: &str,
    sent: &[Sent],
    records: &[aws_lambda_events::dynamodb::EventRecord],
    locations: &Locations,
) -> Vec<String> {
    let mut broken = Vec::new();
    let history = history(sku, records);
    for sent in sent.iter().filter(|sent| sent.sku == sku) {
        let (began, now) = sent.between;
        let then: Vec<i64> = history
            .get(began..=now.min(history.len().saturating_sub(1)))
            .unwrap_or_default()
            .iter()
            .map(|it| it.offered(sent.connection, locations))
            .collect();
        if !then.contains(&sent.number) {
            broken.push(format!(
                "{} is told {} of {sku}, and since push began there were {then:?}",
                sent.connection, sent.number
            ));
        }
    }
    broken
}

/// What there was of a good.
#[derive(Debug, Clone, Default)]
struct There {
    /// What was available, by location.
    available: BTreeMap<String, i64>,
    /// Where its listing is ended: connections.
    ended: BTreeSet<String>,
}

/// The locations that each connection which is told stock sells from.
pub type Locations = BTreeMap<&'static str, &'static [&'static str]>;

impl There {
    fn offered(&self, connection: &str, locations: &Locations) -> i64 {
        if self.ended.contains(connection) {
            return 0;
        }
        let here = locations.get(connection).copied().unwrap_or_default();
        here.iter().filter_map(|location| self.available.get(*location)).sum::<i64>().max(0)
    }

    fn note(&mut self, key: &str, item: Option<edin_store::Item>) {
        match key.split('#').collect::<Vec<_>>()[..] {
            ["LEVEL", location] => {
                let available =
                    item.and_then(|item| edin_store::level_from(item).ok()).map_or(0, |level| level.available);
                self.available.insert(location.to_owned(), available);
            }
            ["LISTING", connection, _] if item.is_some_and(|item| item.contains_key("ended_at")) => {
                self.ended.insert(connection.to_owned());
            }
            _ => {}
        }
    }
}

/// What there was of a good after so many records.
fn history(sku: &str, records: &[aws_lambda_events::dynamodb::EventRecord]) -> Vec<There> {
    let mut now = There::default();
    let mut all = vec![now.clone()];
    for record in records {
        let name = |name| edin_store::stream::text(&record.change.keys, name).unwrap_or_default();
        if name("pk").strip_prefix("SKU#") == Some(sku) {
            now.note(name("sk"), edin_store::stream::image(&record.change.new_image));
        }
        all.push(now.clone());
    }
    all
}
