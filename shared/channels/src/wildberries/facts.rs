//! What Wildberries says of itself: dev.wildberries.ru, as of 2026-08-18 where nothing else is said.

use std::time::Duration;

use edin_domain::limiter::Limit;
use edin_domain::{Account, ChannelName};
use serde::Deserialize;

use crate::kit::facts::{
    ANY_LENGTH, BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, SecretFact, StockFact,
    settings,
};

/// Its name.
pub const NAME: ChannelName = ChannelName::of("wildberries");

/// Wildberries.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "Wildberries",
    // Where orders and stock are: dev.wildberries.ru/openapi/orders-fbs, 2026-08-18.
    address: "https://marketplace-api.wildberries.ru",
    account,
    secrets: &[SecretFact {
        name: "token",
        is_needed: true,
        found: "seller.wildberries.ru, Settings, API integrations: a token of the category Marketplace; it lives 180 days \
                (dev.wildberries.ru/openapi/api-information)",
    }],
    ids: &[
        IdFact { name: CHRT_ID, kind: IdKind::Number, in_orders: InOrders::Marked(CHRT) },
        IdFact { name: "vendor_code", kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Plain },
        IdFact { name: "barcode", kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Plain },
    ],
    places: Places::Numbers,
    currencies: &[],
    stock: StockFact::Told { interval: Duration::ZERO, limits: &[&ORDERS, &STOCKS] },
    prices: PriceFact::Untold,
    hook: HookFact::Silent,
    // A number is taken at once: dev.wildberries.ru/openapi/work-with-products.
    reach: Duration::from_secs(1),
    storefront: Duration::from_secs(1),
    limits: &[&ORDERS, &STOCKS, &CONTENT],
};

/// A token names its account by itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {}

fn account(account: &Account) -> Result<String, BadAccount> {
    settings(account).map(|Settings {}| "wildberries".to_owned())
}

/// The name of a listing's id that stock is written by: the number of one size of a card, which content calls `chrtID`.
pub(super) const CHRT_ID: &str = "chrt_id";

/// Marks that number where an order names a good by it: `chrt:7001`.
pub(super) const CHRT: &str = "chrt";

/// Orders, supplies and passes of one seller: 300 calls a minute, 20 at once. Any 4XX counts as ten calls. Two of the 20 are
/// left alone, here and below: a call reaches Wildberries later than it is counted here, a leased one much later.
pub const ORDERS: Limit = Limit {
    group: "orders",
    interval: Duration::from_millis(200),
    burst: 18,
    penalty: 10,
    lease: 2,
    source: "dev.wildberries.ru/openapi/orders-fbs, 2026-08-18",
};

/// Writing and reading stock, but not deleting it: 300 calls a minute. Any 4XX counts as ten calls.
pub const STOCKS: Limit = Limit {
    group: "stocks",
    interval: Duration::from_millis(200),
    burst: 18,
    penalty: 10,
    lease: 1,
    source: "dev.wildberries.ru/openapi/work-with-products, 2026-08-18",
};

/// Reading cards: 100 calls a minute.
pub(super) const CONTENT: Limit = Limit {
    group: "content",
    interval: Duration::from_millis(600),
    burst: 5,
    penalty: 1,
    lease: 1,
    source: "dev.wildberries.ru/openapi/work-with-products, 2026-08-18",
};

/// Rows in a stock write, ids in a stock read, orders on a page, ids in a status query: the same for all four.
#[cfg(feature = "client")]
pub(super) const BATCH: usize = 1_000;

/// Units that one row of a stock write may say at most.
#[cfg(feature = "client")]
pub(super) const MOST_UNITS: u32 = 100_000;

/// Cards on a page.
#[cfg(feature = "client")]
pub(super) const CARDS_A_PAGE: usize = 100;

/// The longest period that one query for orders may ask for.
#[cfg(feature = "client")]
pub(super) const PERIOD: Duration = Duration::from_secs(30 * 24 * 3600);

/// How far back orders can be asked for; older ones are in an archive.
#[cfg(feature = "client")]
pub(super) const HISTORY: Duration = Duration::from_secs(89 * 24 * 3600);
