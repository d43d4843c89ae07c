//! What the Market shows of a good. Pure. Source: github.com/yandex-market/yandex-market-partner-api, getStocks, 2026-07-17.

use std::collections::BTreeMap;

use edin_domain::{Article, WarehouseId};

use super::facts::OFFER_ID;
use super::wire::{Offer, Shelves, StockCount};
use crate::kit::client::SeenRow;

/// What `warehouse` shows. The Market's own one, where returns lie that nobody took home, sells nothing.
pub(super) fn seen(shelves: Shelves, warehouse: &WarehouseId) -> Vec<SeenRow> {
    let warehouses = shelves.warehouses.readable("a warehouse's stock").into_iter();
    let ours = warehouses.filter(|of| of.warehouse_id.0 == warehouse.as_str());
    let offers = ours.flat_map(|of| of.offers.readable("a row of stock; it counts as not shown"));
    offers.filter_map(row).collect()
}

fn row(offer: Offer) -> Option<SeenRow> {
    let id = Article::new(offer.offer_id.0.trim()).ok()?;
    let stocks = offer.stocks.readable("a number of a good");
    let units = available(&stocks).clamp(0, i64::from(u32::MAX));
    Some(SeenRow { ids: BTreeMap::from([(OFFER_ID.to_owned(), id)]), quantity: u32::try_from(units).ok()? })
}

/// Units that can be ordered: all that are fit less those that are reserved, where the Market doesn't say it itself.
fn available(stocks: &[StockCount]) -> i64 {
    let sum = |kind: &str| {
        let mut counts = stocks.iter().filter(|stock| stock.kind == kind).map(|stock| stock.count).peekable();
        counts.peek().is_some().then(|| counts.fold(0_i64, i64::saturating_add))
    };
    let fit = || sum("FIT").unwrap_or(0).saturating_sub(sum("FREEZE").unwrap_or(0));
    sum("AVAILABLE").unwrap_or_else(fit)
}

#[cfg(test)]
mod tests {
    use super::super::wire::Answer;
    use super::*;
    use crate::kit::tolerant::read;

    fn shown(json: &str) -> Vec<(String, u32)> {
        let answer: Answer<Shelves> = read(json.as_bytes()).unwrap();
        let seen = seen(answer.result, &WarehouseId::new("50001").unwrap());
        seen.into_iter().map(|row| (row.ids[OFFER_ID].to_string(), row.quantity)).collect()
    }

    fn offer(stocks: &str) -> Vec<(String, u32)> {
        shown(&format!(
            r#"{{"result":{{"warehouses":[{{"warehouseId":50001,"offers":[{{"offerId":"TEA-1","stocks":{stocks}}}]}}]}}}}"#
        ))
    }

    #[test]
    fn what_is_seen_is_what_can_be_ordered_from_the_sellers_warehouse() {
        let expected = [("TEA-1".to_owned(), 5), ("TEA-2".to_owned(), 0)];
        assert_eq!(shown(include_str!("samples/stocks.json")), expected);
    }

    #[test]
    fn where_the_market_does_not_say_it_fit_goods_that_are_not_reserved_can_be_ordered() {
        for (stocks, units) in [
            (r#"[{"type":"FIT","count":7},{"type":"FREEZE","count":2}]"#, 5),
            (r#"[{"type":"FIT","count":1},{"type":"FREEZE","count":2}]"#, 0),
            (r#"[{"type":"DEFECT","count":7},{"type":"QUARANTINE","count":2}]"#, 0),
            (r#"[{"type":"AVAILABLE","count":3},{"type":"FIT","count":9}]"#, 3),
            ("[]", 0),
        ] {
            assert_eq!(offer(stocks), [("TEA-1".to_owned(), units)], "{stocks}");
        }
    }
}
