//! What New Channel says of itself.
// fill in: the address of its documents, and the date at which they said so.

use std::time::Duration;

use edin_domain::limiter::Limit;
use edin_domain::{Account, ChannelName};
use serde::Deserialize;

use crate::kit::facts::{
    ANY_LENGTH, BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, SecretFact, StockFact,
    settings,
};

/// Its name.
pub const NAME: ChannelName = ChannelName::of("new_channel");

/// New Channel.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "New Channel",
    // fill in: where its API is, and the page that says so with its date.
    address: "https://channel.invalid",
    account,
    // fill in: its keys, which of them are needed, where a person makes each, and how long it lives.
    secrets: &[SecretFact { name: "token", is_needed: true, found: "not looked up yet" }],
    // fill in: the names that it has for a good, first the one that stock is told by; how its orders name goods.
    ids: &[IdFact { name: "sku", kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Plain }],
    // fill in: whether it numbers the seller's warehouses or names them.
    places: Places::Names,
    // fill in: what its prices may be in, if that isn't anything.
    currencies: &[],
    // fill in: how often one good takes a new number, and the limits that telling it falls under; `Pulled` if it pulls a list.
    stock: StockFact::Told { interval: Duration::ZERO, limits: &[&CALLS] },
    // fill in: `WithStock` if the list that it pulls has prices.
    prices: PriceFact::Untold,
    // fill in: the networks that it calls from, if it documents any; `Silent` if it calls nobody.
    hook: HookFact::Pushes { networks: &[] },
    // fill in: how long it takes by its own rules until a number binds buyers, and from taking it until they see it.
    reach: Duration::from_secs(60),
    storefront: Duration::from_secs(60),
    limits: &[&CALLS],
};

/// The settings of an account.
// fill in: what it takes to name a seller's account in its calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The seller's number.
    pub(super) shop: String,
}

fn account(account: &Account) -> Result<String, BadAccount> {
    settings(account).map(|Settings { shop }| format!("{NAME}:{shop}"))
}

/// Calls of one seller.
// fill in: how many pass within which time, how many at once, as how many a refused one counts; one limit for each group of calls.
pub(super) const CALLS: Limit = Limit {
    group: "calls",
    interval: Duration::from_secs(1),
    burst: 1,
    penalty: 1,
    lease: 1,
    source: "not looked up yet",
};
