//! Wire to domain.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::order::{LineState, Milestone, OrderState};
use edin_domain::{Article, Currency, LineId, Money, OrderId, Timestamp, WarehouseId};

use super::facts::CHRT;
use super::wire;
use crate::kit::tolerant::Unreadable;

/// An assembly order.
///
/// # Errors
/// [`Unreadable`] names the field that makes it useless: the order's id or the good's.
pub fn order(order: &wire::Order) -> Result<(OrderId, OrderState), Unreadable> {
    let id = OrderId::new(&order.id.0).map_err(|error| Unreadable::value("id", &order.id.0, error.rule))?;
    let line =
        LineId::new(&order.chrt_id.0).map_err(|error| Unreadable::value("chrtId", &order.chrt_id.0, error.rule))?;
    let state = OrderState {
        warehouse: WarehouseId::new(&order.warehouse_id.0).ok(),
        lines: BTreeMap::from([(line, LineState { articles: articles(order), ordered: 1, ..LineState::default() })]),
        milestones: milestones(order),
        total: total(order),
        reference: Some(order.rid.clone()).filter(|rid| !rid.is_empty()),
        ..OrderState::default()
    };
    Ok((id, state))
}

/// The names by which a seller may have mapped the good: `chrt:7001`, the own article, each barcode.
fn articles(order: &wire::Order) -> BTreeSet<Article> {
    let size = format!("{CHRT}:{}", order.chrt_id.0);
    let names = [size, order.article.clone()].into_iter().chain(order.skus.iter().cloned());
    names.filter_map(|name| Article::new(name.trim()).ok()).collect()
}

fn milestones(order: &wire::Order) -> BTreeMap<Milestone, Timestamp> {
    let at_zero = order.is_zero_order.then_some(Milestone::SoldAtZero);
    let reached = [Milestone::Placed].into_iter().chain(at_zero);
    order.created_at.0.into_iter().flat_map(|at| reached.clone().map(move |milestone| (milestone, at))).collect()
}

/// What the buyer owes, in the currency of the seller's country if that is told.
fn total(order: &wire::Order) -> Option<Money> {
    let money = |minor: Option<i64>, code: Option<u16>| Some(Money::new(minor?, Currency::from_numeric(code?)?));
    money(order.converted_price, order.converted_currency_code).or_else(|| money(order.price, order.currency_code))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use edin_domain::order::{Order, OrderKey, effect};
    use edin_domain::{Cause, ConnectionId};

    /// The order of the page.
    static SAMPLE: LazyLock<&str> = LazyLock::new(|| {
        let page = include_str!("samples/orders-new.json").trim_end();
        page.strip_prefix(r#"{"orders":["#).and_then(|rest| rest.strip_suffix("]}")).unwrap()
    });

    const PLACED: Timestamp = Timestamp::from_millis(1_795_166_100_000);

    fn on_wire(json: &str) -> wire::Order {
        crate::kit::tolerant::read(json.as_bytes()).unwrap()
    }

    fn read(json: &str) -> OrderState {
        order(&on_wire(json)).unwrap().1
    }

    #[test]
    fn an_assembly_order_is_one_unit_of_one_good() {
        let (id, state) = order(&on_wire(&SAMPLE)).unwrap();
        let (line, told) = state.lines.first_key_value().unwrap();
        assert_eq!((id.as_str(), state.lines.len(), line.as_str(), told.ordered), ("501", 1, "7001", 1));
        assert_eq!(state.warehouse.unwrap().as_str(), "31");
        assert_eq!(state.milestones, BTreeMap::from([(Milestone::Placed, PLACED)]));
        assert_eq!(state.reference.as_deref(), Some("aa11"));
    }

    #[test]
    fn a_good_goes_by_its_size_its_article_and_its_barcodes() {
        let state = read(&SAMPLE);
        let names: Vec<_> = state.lines.values().flat_map(|line| &line.articles).map(Article::as_str).collect();
        assert_eq!(names, ["2040000000011", "TEE-BLK-M", "chrt:7001"]);
    }

    #[test]
    fn an_order_without_a_mapping_still_waits_for_one() {
        let key = OrderKey::new(ConnectionId::new("wb").unwrap(), OrderId::new("501").unwrap());
        let known = Order { state: read(&SAMPLE), ..Order::unknown(key, Cause::new("event").unwrap()) };
        assert_eq!((known.unmapped().count(), effect(&known).stock.len()), (1, 0));
    }

    #[test]
    fn a_sale_at_zero_is_marked() {
        let state = read(&SAMPLE.replace(r#""isZeroOrder":false"#, r#""isZeroOrder":true"#));
        assert_eq!(state.milestones.get(&Milestone::SoldAtZero), Some(&PLACED));
    }

    #[test]
    fn a_field_that_an_order_can_do_without_does_not_cost_it() {
        for (field, spoilt) in [
            (r#""rid":"aa11""#, r#""rid":11"#),
            (r#""createdAt":"2026-11-20T09:15:00Z""#, r#""createdAt":7"#),
            (r#""article":"TEE-BLK-M""#, r#""article":{}"#),
            (r#""skus":["2040000000011"]"#, r#""skus":[null,2040000000011,{}]"#),
            (r#""convertedPrice":645000"#, r#""convertedPrice":"6450,00""#),
            (r#""currencyCode":643"#, r#""currencyCode":"RUB""#),
            (r#""isZeroOrder":false"#, r#""isZeroOrder":"false""#),
            (r#""isZeroOrder":false"#, r#""isZeroOrder":[]"#),
        ] {
            assert!(SAMPLE.contains(field), "{field}");
            let state = read(&SAMPLE.replace(field, spoilt));
            let reserved: Vec<_> = state.lines.iter().map(|(id, line)| (id.as_str(), line.ordered)).collect();
            assert_eq!(reserved, [("7001", 1)], "{spoilt}");
        }
    }

    #[test]
    fn the_sum_is_in_the_sellers_currency_or_else_in_that_of_the_sale_or_else_unknown() {
        let total = |json: &str| read(json).total.map(|money| money.to_string());
        let roubles = SAMPLE.replace(r#""convertedPrice":645000,"#, "");
        assert_eq!(total(&SAMPLE).as_deref(), Some("6450.00 KZT"));
        assert_eq!(total(&roubles).as_deref(), Some("1299.00 RUB"));
        assert_eq!(total(&roubles.replace("643", "999")), None);
    }

    #[test]
    fn an_order_is_read_from_the_little_that_it_needs() {
        let state = read(r#"{"id":"9007199254740993","chrtId":18446744073709551615,"skus":null,"isZeroOrder":null}"#);
        assert_eq!(state.lines.first_key_value().unwrap().0.as_str(), "18446744073709551615");
        assert!(state.milestones.is_empty());
    }

    #[test]
    fn an_order_without_an_id_or_a_good_says_what_it_lacks() {
        let complaint = |json: &str| order(&on_wire(json)).unwrap_err().to_string();
        assert_eq!(complaint(r#"{"chrtId":1}"#), r#"id "": it is empty"#);
        assert_eq!(complaint(r#"{"id":1}"#), r#"chrtId "": it is empty"#);
    }
}
