//! What WooCommerce says of itself: its REST API, github.com/woocommerce/woocommerce-rest-api-docs, and what version 10.0.2 of it
//! answered when it was tried, on 2026-11-27.

use std::time::Duration;

use edin_domain::limiter::Limit;
use edin_domain::{Account, ChannelName};
use serde::Deserialize;

use crate::kit::facts::{
    ANY_LENGTH, BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, SecretFact, StockFact,
    settings,
};

/// Its name.
pub const NAME: ChannelName = ChannelName::of("woocommerce");

/// WooCommerce.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "WooCommerce",
    // Each shop has its own.
    address: "",
    account,
    secrets: &[
        SecretFact {
            name: "consumer_key",
            is_needed: true,
            found: "the shop's WooCommerce, Settings, Advanced, REST API: a key with the right Read/Write; it doesn't expire \
                    (woocommerce.com/document/woocommerce-rest-api, 2026-11)",
        },
        SecretFact { name: "consumer_secret", is_needed: true, found: "shown once, beside the key" },
    ],
    ids: &[
        IdFact { name: ID, kind: IdKind::Number, in_orders: InOrders::Marked(ID) },
        IdFact { name: PARENT_ID, kind: IdKind::Number, in_orders: InOrders::Never },
        IdFact { name: "sku", kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Plain },
    ],
    places: Places::Names,
    currencies: &[],
    stock: StockFact::Told { interval: Duration::ZERO, limits: &[&ORDERS, &STOCKS] },
    prices: PriceFact::Untold,
    hook: HookFact::Signs,
    // Nothing makes one good wait; the call may, for its turn.
    reach: Duration::from_secs(3),
    // The number is asked again when a buyer orders; a page that is kept ready shows an older one, which binds nobody.
    storefront: Duration::from_secs(1),
    limits: &[&ORDERS, &STOCKS, &SHELF, &WEBHOOKS],
};

/// The name of a listing's id, and its mark in orders: the number of a product, or of a variation, which are numbered together.
pub(super) const ID: &str = "id";

/// The name of the number of the product that a variation is of.
pub(super) const PARENT_ID: &str = "parent_id";

/// The settings of an account: there are none, a shop is where it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {}

fn account(account: &Account) -> Result<String, BadAccount> {
    settings(account).map(|Settings {}| NAME.to_string())
}

/// Who sets the limits below.
const OURS: &str = "ours: WooCommerce documents none, and a small shop answers a few calls at the same time";

/// Reading orders.
pub(super) const ORDERS: Limit =
    Limit { group: "orders", interval: Duration::from_millis(250), burst: 20, penalty: 1, lease: 2, source: OURS };

/// Writing stock: the shop is busy for more than a second with a call of a hundred rows.
pub(super) const STOCKS: Limit =
    Limit { group: "stocks", interval: Duration::from_millis(500), burst: 24, penalty: 1, lease: 1, source: OURS };

/// Reading what is shown.
pub(super) const SHELF: Limit =
    Limit { group: "shelf", interval: Duration::from_millis(250), burst: 20, penalty: 1, lease: 1, source: OURS };

/// Looking after webhooks.
pub(super) const WEBHOOKS: Limit =
    Limit { group: "webhooks", interval: Duration::from_secs(1), burst: 10, penalty: 1, lease: 1, source: OURS };

/// Rows in one write of stock; more are answered with 413.
/// Source: github.com/woocommerce/woocommerce-rest-api-docs, Batch update products, 2026-11.
#[cfg(feature = "client")]
pub(super) const STOCK_ROWS: usize = 100;

/// Records on a page, of any list. Source: the shop's own description, `GET /wp-json/wc/v3`, 10.0.2, 2026-11-27.
#[cfg(feature = "client")]
pub(super) const A_PAGE: usize = 100;
