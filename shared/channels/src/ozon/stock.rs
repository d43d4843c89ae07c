//! Rows of stock to Ozon's wire and back. Pure. Source: docs.ozon.ru/api/seller#operation/ProductAPI_ProductsStocksV2
//! and its chapter Errors, 2026-07-21.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_domain::Article;

use super::facts::STOCK_INTERVAL;
use super::wire::{StockError, StockItem, StockResult, StockWrite, WarehouseStock};
use crate::kit::client::{Outcome, SeenRow, StockRow};
use crate::kit::tolerant::Id;

/// Ozon is still at work on the card; it takes minutes.
const CARD_IN_WORK: Duration = Duration::from_secs(300);

/// What is sent; a row that Ozon has no name for isn't.
pub(super) fn write(warehouse: i64, rows: &[StockRow]) -> StockWrite {
    StockWrite { stocks: rows.iter().filter_map(|row| item(warehouse, row)).collect() }
}

fn item(warehouse_id: i64, row: &StockRow) -> Option<StockItem> {
    let offer_id = named(row, "offer_id").map(str::to_owned);
    let product_id = named(row, "product_id").and_then(|id| id.parse().ok());
    let has_name = offer_id.is_some() || product_id.is_some();
    has_name.then_some(StockItem { offer_id, product_id, stock: row.quantity, warehouse_id })
}

fn named<'a>(row: &'a StockRow, kind: &str) -> Option<&'a str> {
    row.ids.get(kind).map(Article::as_str)
}

/// What became of each row. One that the answer leaves out may have been taken or not.
pub(super) fn outcomes(rows: &[StockRow], results: &[StockResult]) -> Vec<Outcome> {
    rows.iter().map(|row| outcome(row, results)).collect()
}

fn outcome(row: &StockRow, results: &[StockResult]) -> Outcome {
    if item(0, row).is_none() {
        let message = "the listing has neither an offer_id nor a product_id in digits; map it again";
        return Outcome::refused("NO_ID", message);
    }
    match results.iter().find(|result| is_of(row, result)) {
        None => Outcome::Unknown,
        Some(result) if result.updated => Outcome::Taken,
        Some(result) => verdict(&result.errors.clone().readable("Ozon's reason for a number not taken")),
    }
}

fn is_of(row: &StockRow, result: &StockResult) -> bool {
    match named(row, "offer_id") {
        Some(offer_id) if !result.offer_id.0.is_empty() => result.offer_id.0 == offer_id,
        _ => named(row, "product_id").is_some_and(|id| result.product_id.0 == id),
    }
}

/// A single error that won't pass makes it a refusal. No error at all is no reason to give up.
fn verdict(errors: &[StockError]) -> Outcome {
    if let Some(error) = errors.iter().find(|error| passes_after(error).is_none()) {
        return Outcome::Refused { code: error.code.0.clone(), message: error.message.clone() };
    }
    let after = errors.iter().filter_map(passes_after).max().unwrap_or(CARD_IN_WORK);
    let reason =
        errors.iter().map(|error| format!("{}: {}", error.code.0, error.message)).collect::<Vec<_>>().join("; ");
    Outcome::Later { after, reason }
}

fn passes_after(error: &StockError) -> Option<Duration> {
    match error.code.0.to_ascii_uppercase().as_str() {
        "TOO_MANY_REQUESTS" => Some(STOCK_INTERVAL),
        "PRICE_IS_NOT_SENT" | "PRODUCT_IS_NOT_CREATED" | "PRODUCT_HAS_NOT_BEEN_TAGGED_YET" => Some(CARD_IN_WORK),
        _ if error.message.to_ascii_lowercase().contains("updated too frequently") => Some(STOCK_INTERVAL),
        _ => None,
    }
}

/// What buyers can still buy: `free_stock`, not `present`, which holds what they reserved too.
pub(super) fn seen(stock: &WarehouseStock) -> SeenRow {
    let name = |kind: &str, id: &Id| Article::new(&id.0).ok().map(|article| (kind.to_owned(), article));
    let ids = [name("offer_id", &stock.offer_id), name("product_id", &stock.product_id), name("sku", &stock.sku)];
    SeenRow {
        ids: ids.into_iter().flatten().collect::<BTreeMap<_, _>>(),
        quantity: u32::try_from(stock.free_stock.max(0)).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::WarehouseStocks;
    use super::*;
    use crate::kit::tolerant::{Records, read};

    fn row(kind: &str, id: &str, quantity: u32) -> StockRow {
        StockRow { ids: BTreeMap::from([(kind.to_owned(), Article::new(id).unwrap())]), quantity }
    }

    fn results(json: &str) -> Vec<StockResult> {
        read::<Records<_>>(format!("[{json}]").as_bytes()).unwrap().sorted().0
    }

    fn refused_with(code: &str, message: &str) -> Outcome {
        let errors = format!(r#"[{{"code":"{code}","message":"{message}"}}]"#);
        let result = format!(r#"{{"warehouse_id":7,"product_id":1,"offer_id":"A","updated":false,"errors":{errors}}}"#);
        outcomes(&[row("offer_id", "A", 1)], &results(&result)).remove(0)
    }

    #[test]
    fn a_row_is_sent_by_its_article_or_by_ozons_card() {
        let sent = write(22_142_605_386_000, &[row("offer_id", "SKU-1", 7), row("product_id", "118597312", 0)]);
        let expected = serde_json::json!({"stocks": [
            {"offer_id": "SKU-1", "stock": 7, "warehouse_id": 22_142_605_386_000_i64},
            {"product_id": 118_597_312, "stock": 0, "warehouse_id": 22_142_605_386_000_i64},
        ]});
        assert_eq!(serde_json::to_value(&sent).unwrap(), expected);
    }

    #[test]
    fn every_row_has_its_own_outcome_whatever_the_order_of_the_answer() {
        let rows = [row("offer_id", "A", 1), row("product_id", "2", 2), row("offer_id", "C", 3), row("sku", "4", 4)];
        let answer = r#"{"product_id":2,"offer_id":"B","updated":true,"errors":[]},
                        {"product_id":1,"offer_id":"A","updated":true,"errors":null}"#;
        let outcomes = outcomes(&rows, &results(answer));
        assert_eq!(outcomes[..3], [Outcome::Taken, Outcome::Taken, Outcome::Unknown]);
        assert!(matches!(&outcomes[3], Outcome::Refused { code, .. } if code == "NO_ID"));
    }

    #[test]
    fn what_passes_by_itself_is_asked_again() {
        for (code, message, after) in [
            ("TOO_MANY_REQUESTS", "", STOCK_INTERVAL),
            ("SOMETHING", "Stock is updated too frequently", STOCK_INTERVAL),
            ("PRICE_IS_NOT_SENT", "", CARD_IN_WORK),
            ("product_is_not_created", "", CARD_IN_WORK),
            ("PRODUCT_HAS_NOT_BEEN_TAGGED_YET", "", CARD_IN_WORK),
        ] {
            assert!(
                matches!(refused_with(code, message), Outcome::Later { after: told, .. } if told == after),
                "{code}"
            );
        }
    }

    #[test]
    fn what_a_person_must_mend_is_refused() {
        for code in ["offer_id_not_found", "WAREHOUSE_NOT_FOUND", "PRODUCT_IS_ARCHIVED", "STOCK_TOO_BIG", "of tomorrow"]
        {
            assert!(matches!(refused_with(code, ""), Outcome::Refused { code: told, .. } if told == code), "{code}");
        }
    }

    #[test]
    fn what_is_seen_is_what_can_still_be_bought() {
        let page = include_str!("samples/warehouse-stocks.json");
        let seen = seen(&read::<WarehouseStocks>(page.as_bytes()).unwrap().stocks.sorted().0[0]);
        assert_eq!(seen.quantity, 3);
        assert_eq!(seen.ids.keys().collect::<Vec<_>>(), ["offer_id", "product_id", "sku"]);
    }
}
