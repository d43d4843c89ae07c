//! What the shop answers with, as JSON.

use edin_domain::Timestamp;
use serde_json::{Map, Value, json};

use super::order::{Line, Order};
use super::state::{Product, State};
use super::webhook::Webhook;

/// The shop's own time is that of Almaty: five hours ahead. What isn't marked as GMT is of that.
const AHEAD: std::time::Duration = std::time::Duration::from_secs(5 * 60 * 60);

/// A time as the shop writes it: seconds, without a zone.
pub(super) fn gmt(at: Timestamp) -> String {
    at.to_string().get(..19).unwrap_or_default().to_owned()
}

fn local(at: Timestamp) -> String {
    gmt(at.plus(AHEAD))
}

/// The moment of a time as the shop reads it.
pub(super) fn moment(text: &str, is_gmt: bool) -> Option<Timestamp> {
    let at = Timestamp::parse(&format!("{text}Z")).or_else(|| Timestamp::parse(text))?;
    Some(if is_gmt { at } else { at.minus(AHEAD) })
}

/// An order, as lists and webhooks have it.
pub(super) fn order(order: &Order, state: &State) -> Value {
    let lines: Vec<Value> = order.lines.iter().map(|line| item(line, state)).collect();
    let total: u64 = order.lines.iter().map(|line| line.price * u64::from(line.quantity)).sum();
    let mut told = json!({
        "id": order.id,
        "parent_id": 0,
        "status": order.status,
        "currency": "KZT",
        "version": "10.0.2",
        "prices_include_tax": false,
        "total": money(total),
        "customer_id": 0,
        "order_key": format!("wc_order_{}", order.id),
        "billing": {
            "first_name": "Айгерим", "last_name": "С", "company": "", "address_1": "", "address_2": "", "city": "Алматы",
            "state": "", "postcode": "", "country": "KZ", "email": format!("buyer-{}@example.com", order.id),
            "phone": "+7 700 000-00-01",
        },
        "payment_method": "cod",
        "created_via": "store-api",
        "number": order.id.to_string(),
        "meta_data": [],
        "line_items": lines,
        "tax_lines": [], "shipping_lines": [], "fee_lines": [], "coupon_lines": [],
        "refunds": [],
    });
    let dates = [
        ("date_created", Some(order.created_at)),
        ("date_modified", Some(order.modified_at)),
        ("date_paid", order.paid_at),
        ("date_completed", order.completed_at),
    ];
    if let Some(fields) = told.as_object_mut() {
        for (name, at) in dates {
            fields.insert(name.to_owned(), json!(at.map(local)));
            fields.insert(format!("{name}_gmt"), json!(at.map(gmt)));
        }
    }
    told
}

fn item(line: &Line, state: &State) -> Value {
    let product = state.products.get(&line.product);
    let parent = product.and_then(|product| product.parent);
    let (product_id, variation_id) = parent.map_or((line.product, 0), |parent| (parent, line.product));
    let note = |key: &str, units: u32| {
        let value = units.to_string();
        json!({ "id": line.id, "key": key, "value": value, "display_key": key, "display_value": value })
    };
    let reduced = line.reduced.map(|units| note("_reduced_stock", units));
    let put_back = (line.put_back > 0).then(|| note("_restock_refunded_items", line.put_back));
    json!({
        "id": line.id,
        "name": product.map(|product| product.name.clone()),
        "product_id": product_id,
        "variation_id": variation_id,
        "quantity": line.quantity,
        "total": money(line.price * u64::from(line.quantity)),
        "meta_data": reduced.into_iter().chain(put_back).collect::<Vec<_>>(),
        "sku": product.map(|product| product.sku.clone()),
        "price": line.price,
    })
}

fn money(units: u64) -> String {
    format!("{units}.00")
}

/// A product, as lists and answers to writes have it.
pub(super) fn product(product: &Product) -> Value {
    let kind = if product.parent.is_some() { "variation" } else { "simple" };
    json!({
        "id": product.id,
        "name": product.name,
        "type": kind,
        "status": "publish",
        "description": "<p>As good as it looks.</p>",
        "sku": product.sku,
        "price": product.price.to_string(),
        "regular_price": product.price.to_string(),
        "sale_price": "",
        "manage_stock": product.stock.is_some(),
        "stock_quantity": product.stock,
        "stock_status": product.status.name(),
        "backorders": "no",
        "backorders_allowed": false,
        "parent_id": product.parent.unwrap_or(0),
        "date_modified": local(product.modified_at),
        "date_modified_gmt": gmt(product.modified_at),
    })
}

/// A webhook. Its secret is shown to nobody.
pub(super) fn webhook(webhook: &Webhook) -> Value {
    let (resource, event) = webhook.topic.split_once('.').unwrap_or_default();
    json!({
        "id": webhook.id,
        "name": webhook.topic,
        "status": webhook.status,
        "topic": webhook.topic,
        "resource": resource,
        "event": event,
        "delivery_url": webhook.url,
    })
}

/// The fields of a record that were asked for; all if none were.
pub(super) fn only(record: Value, fields: Option<&str>) -> Value {
    let (Value::Object(all), Some(wanted)) = (&record, fields) else { return record };
    let kept = wanted.split(',').filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())));
    Value::Object(kept.collect::<Map<_, _>>())
}
