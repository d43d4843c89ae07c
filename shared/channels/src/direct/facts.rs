//! What the seller's own doors say of themselves.

use std::time::Duration;

use edin_domain::{Account, ChannelName};
use serde::Deserialize;

use crate::kit::facts::{
    ANY_LENGTH, BadAccount, Facts, HookFact, IdFact, IdKind, InOrders, Places, PriceFact, StockFact, settings,
};

/// Its name.
pub const NAME: ChannelName = ChannelName::of("direct");

/// Direct sales.
pub static FACTS: Facts = Facts {
    name: NAME,
    title: "Direct sales",
    address: "",
    account,
    secrets: &[],
    ids: &[IdFact { name: "sku", kind: IdKind::Text(ANY_LENGTH), in_orders: InOrders::Sku }],
    places: Places::Names,
    currencies: &[],
    stock: StockFact::Asked,
    prices: PriceFact::Untold,
    hook: HookFact::Silent,
    reach: Duration::ZERO,
    storefront: Duration::ZERO,
    limits: &[],
};

/// The settings of an account: there are none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

fn account(account: &Account) -> Result<String, BadAccount> {
    settings(account).map(|Settings {}| NAME.to_string())
}
