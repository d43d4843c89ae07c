//! A policy that knows how fast goods are really sold: the same buffer, with that written down where Edin writes what it saw.

use edin_domain::Sku;
use edin_domain::demand::{Demand, HALF_LIFE};
use edin_store::Store;
use serde_json::json;

use super::demand::Rates;
use crate::goods::{Good, KASPI, OZON, WILDBERRIES};

/// What was sold as of then never fades.
const NEVER: i64 = 253_402_300_799_000;
/// Each version up to this was counted, so that what is really sold isn't.
const ALL_COUNTED: u64 = 1 << 40;

/// Writes it down for each good.
pub(super) async fn tell(store: &Store, goods: &[Good], rates: &[Rates]) -> anyhow::Result<()> {
    for (good, rates) in goods.iter().zip(rates) {
        store.put_demand(&Sku::new(&good.sku)?, &demand(*rates)?).await?;
    }
    Ok(())
}

/// What is for ever seen of a good that is sold at an even rate.
pub(super) fn demand(Rates { ozon, wildberries, kaspi }: Rates) -> anyhow::Result<Demand> {
    let sold = json!({
        "counted": { "highest": ALL_COUNTED, "window": u64::MAX },
        "since": 0,
        "at": NEVER,
        "thousandths": { OZON: kept_up(ozon), WILDBERRIES: kept_up(wildberries), KASPI: kept_up(kaspi) },
    });
    Ok(serde_json::from_value(json!({ "version": 1, "sold": { "almaty": sold } }))?)
}

/// The sum that an even rate keeps up: of a half-life's sales, 1 / ln 2.
fn kept_up(an_hour: u64) -> u64 {
    an_hour * HALF_LIFE.as_secs() / 3_600 * 1_442_695 / 1_000_000
}
