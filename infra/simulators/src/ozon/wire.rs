//! Postings as JSON, in the two shapes that Ozon has for them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::posting::{Line, Posting};
use super::state::State;

/// Parts of a posting that come only if asked for.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(default)]
pub(super) struct With {
    analytics_data: bool,
    barcodes: bool,
    financial_data: bool,
    related_postings: bool,
}

/// As in `/v4/posting/fbs/list`: money as objects.
pub(super) fn listed(posting: &Posting, with: With) -> Value {
    let products = posting.lines.iter().map(|line| {
        json!({
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "offer_id": line.offer_id,
            "price": { "amount": line.price, "currency": line.currency },
            "is_blr_traceable": false,
            "is_marketplace_buyout": false,
            "imei": [],
            "weight": 0.5,
            "product_color": "",
        })
    });
    let own = json!({
        "products": products.collect::<Vec<_>>(),
        "delivery_schema": "fbs",
        "external_order": { "is_external": false, "platform_name": "" },
        "legal_info": null,
        "quantum_id": null,
        "volume_weight": null,
        "is_click_and_collect": false,
        "is_presortable": false,
        "destination_place_id": 0,
        "destination_place_name": "",
        "financial_data": with.financial_data.then(|| financial(posting, listed_price)),
    });
    merge(common(posting, with), own)
}

/// As in `/v3/posting/fbs/get`: money as texts with four decimals.
pub(super) fn got(posting: &Posting, with: With, state: &State) -> Value {
    let products = posting.lines.iter().map(|line| {
        json!({
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "offer_id": line.offer_id,
            "price": four_decimals(&line.price),
            "currency_code": line.currency,
            "dimensions": { "height": "150.00", "length": "500.00", "weight": "500", "width": "300.00" },
            "is_blr_traceable": false,
            "is_marketplace_buyout": false,
            "has_imei": false,
            "weight_max": 0.5,
            "weight_min": 0,
            "is_weight_needed": false,
        })
    });
    let own = json!({
        "products": products.collect::<Vec<_>>(),
        "provider_status": "",
        "delivery_price": "",
        "additional_data": [],
        "product_exemplars": null,
        "courier": null,
        "related_postings": with.related_postings.then(|| json!({ "related_posting_numbers": related(posting, state) })),
        "previous_substatus": posting.previous_substatus,
        "financial_data": with.financial_data.then(|| financial(posting, got_price)),
    });
    merge(common(posting, with), own)
}

/// What both shapes have.
fn common(posting: &Posting, with: With) -> Value {
    json!({
        "posting_number": posting.number,
        "order_id": posting.order_id,
        "order_number": posting.order_number,
        "parent_posting_number": posting.parent,
        "pickup_code_verified_at": null,
        "status": posting.status,
        "substatus": posting.substatus,
        "delivery_method": {
            "id": posting.warehouse,
            "name": "Ozon self-shipment",
            "warehouse_id": posting.warehouse,
            "warehouse": format!("Warehouse {}", posting.warehouse),
            "tpl_provider_id": 24,
            "tpl_provider": "Ozon Delivery",
        },
        "tracking_number": "",
        "tpl_integration_type": "ozon",
        "in_process_at": posting.created_at.to_string(),
        "shipment_date": posting.shipment_date.to_string(),
        "shipment_date_without_delay": posting.shipment_date.to_string(),
        "delivering_date": posting.delivering_at.map(|at| at.to_string()),
        "optional": { "products_with_possible_mandatory_mark": [] },
        "cancellation": cancellation(posting),
        "customer": null,
        "addressee": null,
        "barcodes": with.barcodes.then(|| json!({ "upper_barcode": "", "lower_barcode": "" })),
        "analytics_data": with.analytics_data.then(|| analytics(posting)),
        "is_express": false,
        "is_multibox": false,
        "multi_box_qty": 0,
        "require_blr_traceable_attrs": false,
        "available_actions": if posting.is_shipped() { json!([]) } else { json!(["cancel", "product_cancel", "ship"]) },
        "requirements": {
            "products_requiring_gtd": [],
            "products_requiring_country": [],
            "products_requiring_mandatory_mark": [],
            "products_requiring_rnpt": [],
            "products_requiring_jw_uin": [],
            "products_requiring_change_country": [],
            "products_requiring_imei": [],
            "products_requiring_weight": [],
        },
    })
}

fn cancellation(posting: &Posting) -> Value {
    let cancelled = posting.cancelled_after_ship.is_some();
    let said = |text: &'static str| if cancelled { text } else { "" };
    json!({
        "cancel_reason_id": 0,
        "cancel_reason": said("Cancellation at the customer initiative"),
        "cancellation_type": said("client"),
        "cancelled_after_ship": posting.cancelled_after_ship.unwrap_or(false),
        "affect_cancellation_rating": false,
        "cancellation_initiator": said("Client"),
    })
}

fn analytics(posting: &Posting) -> Value {
    json!({
        "region": "",
        "city": "",
        "delivery_type": "PVZ",
        "is_premium": false,
        "is_legal": false,
        "payment_type_group_name": "by card online",
        "warehouse_id": posting.warehouse,
        "warehouse": format!("Warehouse {}", posting.warehouse),
        "tpl_provider_id": 24,
        "tpl_provider": "Ozon Delivery",
        "delivery_date_begin": null,
        "delivery_date_end": null,
        "client_delivery_date_begin": null,
        "client_delivery_date_end": null,
    })
}

/// What is called `product_id` here is the sku. What the two shapes don't share, `own` adds.
fn financial(posting: &Posting, own: fn(&Line) -> Value) -> Value {
    let product = |line: &Line| {
        let shared = json!({
            "product_id": line.sku,
            "actions": [],
            "payout": 0,
            "old_price": price(line),
            "price": price(line),
            "total_discount_value": 0,
            "total_discount_percent": 0,
            "quantity": line.quantity,
        });
        merge(shared, own(line))
    };
    json!({
        "products": posting.lines.iter().map(product).collect::<Vec<_>>(),
        "cluster_from": "",
        "cluster_to": "",
    })
}

fn listed_price(line: &Line) -> Value {
    json!({
        "commission": { "amount": 0, "percent": 0, "currency": line.currency },
        "customer_price": { "amount": line.price, "currency": line.currency },
    })
}

fn got_price(line: &Line) -> Value {
    json!({
        "commission_amount": 0,
        "commission_percent": 0,
        "commissions_currency_code": line.currency,
        "currency_code": line.currency,
        "customer_currency_code": line.currency,
        "customer_price": price(line),
    })
}

fn price(line: &Line) -> f64 {
    line.price.parse().unwrap_or(0.0)
}

/// Other postings of the same order.
fn related(posting: &Posting, state: &State) -> Vec<String> {
    let siblings = state.postings.values().filter(|other| other.order_number == posting.order_number);
    siblings.map(|other| other.number.clone()).filter(|number| *number != posting.number).collect()
}

fn merge(base: Value, more: Value) -> Value {
    let fields = [base, more].into_iter().filter_map(|value| match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    Value::Object(fields.flatten().collect::<Map<_, _>>())
}

fn four_decimals(price: &str) -> String {
    let (whole, part) = price.split_once('.').unwrap_or((price, ""));
    format!("{whole}.{part:0<4}")
}
