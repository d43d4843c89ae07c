//! Whether our channel clients and our simulators keep to what the channels publish.
//!
//! Each test lets the real clients trade with a simulator through a [`Recorder`], and then holds every request and every answer
//! against the channel's own files: OpenAPI for Ozon, Wildberries and Yandex Market, samples for Kaspi, which publishes no more, what a
//! shop says of itself for WooCommerce. A key that the files don't know is a failure on either side: Wildberries answers a misspelt one
//! with 204 and does nothing.
//!
//! The files aren't ours to pass on, so they lie beside the project, in `../shared/specs` or where `EDIN_SPECS` says. Where they
//! are missing, the tests say so and pass.

mod interface;
mod kaspi;
mod ozon;
mod price_list;
mod recorder;
mod sample;
mod schema;
mod wildberries;
mod woocommerce;
mod yandex_market;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edin_channels::client::line::Lines;
use edin_channels::client::{CanNotOpen, Client, Credentials, Gate, Held, Opening, Period, StockRow};
use edin_channels::told::Told;
use edin_domain::connection::Assortment;
use edin_domain::limiter::Limit;
use edin_domain::listing::Policy;
use edin_domain::{Account, Article, Connection, ConnectionId, Currency, Secret, Timestamp, WarehouseId};

use recorder::{Exchange, Recorder};

/// Whatever changed since a time, page by page to the end.
async fn changed(client: &dyn Client, since: Timestamp, now: Timestamp) -> Vec<Told> {
    let (orders, period) = (client.orders().unwrap(), Period { since, until: now });
    let (mut told, mut next) = (Vec::new(), None);
    loop {
        let page = orders.changed(period, now, next.as_ref()).await.unwrap();
        told.extend(page.orders.told);
        next = page.next;
        if next.is_none() {
            return told;
        }
    }
}

/// A place where an exchange departs from what is published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    /// The exchange, such as `PUT /api/v3/stocks/31 → 204`.
    exchange: String,
    /// Where in it, such as `the request at /stocks/0`.
    place: String,
    /// What is wrong.
    what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    {}: {}", self.exchange, self.place, self.what)
    }
}

/// Fails with all problems at once.
fn assert_none(problems: impl IntoIterator<Item = Problem>) {
    let problems: BTreeSet<_> = problems.into_iter().collect();
    let told: Vec<_> = problems.iter().map(Problem::to_string).collect();
    assert!(told.is_empty(), "{} departures from what is published:\n{}", told.len(), told.join("\n"));
}

/// A test that never made a call has held nothing against anything.
fn assert_met(exchanges: &[Exchange], expected: &[(&str, u16)]) {
    let met = |(call, status): &(&str, u16)| {
        exchanges.iter().any(|exchange| exchange.call().starts_with(call) && exchange.status == *status)
    };
    let missed: Vec<_> = expected.iter().filter(|expected| !met(expected)).collect();
    let seen: BTreeSet<_> = exchanges.iter().map(Exchange::name).collect();
    assert!(missed.is_empty(), "the scenarios never met {missed:?}, only {seen:#?}");
}

/// A file of a channel's; none, with a word about it, if there are no such files here.
fn published(file: &str) -> Option<String> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/specs"));
    let folder = std::env::var_os("EDIN_SPECS").map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        eprintln!("nothing is held against {file}: there is no folder {}; set EDIN_SPECS", folder.display());
        return None;
    }
    let path = folder.join(file);
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Lets everything pass: the simulators count for themselves.
struct Open;

#[async_trait]
impl Gate for Open {
    async fn pass(&self, _limit: &Limit) -> Result<(), Held> {
        Ok(())
    }

    async fn charge(&self, _limit: &Limit, _calls: u32, shut_for: Option<Duration>) -> Timestamp {
        simulators::now().plus(shut_for.unwrap_or_default())
    }
}

/// The connection's warehouse, for a channel that must know of one.
const WAREHOUSE: &str = "9";

fn connection(account: Account, recorder: &Recorder) -> Connection {
    Connection {
        id: ConnectionId::new("under-test").unwrap(),
        account,
        currency: Currency::KZT,
        base_url: Some(recorder.url()),
        proxy: None,
        warehouses: BTreeMap::from([(WarehouseId::new(WAREHOUSE).unwrap(), Vec::new())]),
        policy: Policy::default(),
        assortment: Assortment::Everything,
        storefront_seconds: None,
        ended_at: None,
        max_line_units: None,
    }
}

/// The client that is shipped, with a credential under the name that its channel wants.
fn client(account: Account, credential: &str, recorder: &Recorder) -> Box<dyn Client> {
    opened(account, credential, recorder, edin_channels::open)
}

/// The same, as its own channel opens it.
fn opened<T>(
    account: Account,
    credential: &str,
    recorder: &Recorder,
    open: impl FnOnce(&Opening<'_>) -> Result<T, CanNotOpen>,
) -> T {
    let secret = |name: &str| (name.to_owned(), Secret::new(credential.to_owned()));
    let credentials: Credentials =
        ["api_key", "token", "consumer_key", "consumer_secret"].map(secret).into_iter().collect();
    let (connection, lines) = (connection(account, recorder), Lines::default());
    open(&Opening { connection: &connection, credentials: &credentials, gate: Arc::new(Open), lines: &lines }).unwrap()
}

fn row(kind: &str, id: &str, quantity: u32) -> StockRow {
    StockRow { ids: BTreeMap::from([(kind.to_owned(), Article::new(id).unwrap())]), quantity }
}
