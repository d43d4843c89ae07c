//! An order as JSON (`BusinessOrderDTO`).

use serde_json::{Value, json};

use super::date;
use super::money::tenge;
use super::order::{Line, Order};
use super::state::State;

/// What the seller's own system calls the warehouse: not the number by which stock is read.
const SELLERS_NAME: &str = "main";

/// As in `POST /v1/businesses/{businessId}/orders`.
pub(super) fn listed(order: &Order, state: &State) -> Value {
    let total: u64 = order.lines.iter().map(paid).sum();
    json!({
        "orderId": order.id,
        "campaignId": state.campaign_id,
        "programType": "FBS",
        "status": order.status,
        "substatus": order.substatus,
        "creationDate": date::moment(order.created_at),
        "updateDate": date::moment(order.updated_at),
        "paymentType": "PREPAID",
        "paymentMethod": "YANDEX",
        "fake": order.fake,
        "items": order.lines.iter().map(item).collect::<Vec<_>>(),
        "prices": { "payment": tenge(total), "delivery": { "payment": tenge(0), "vat": "NO_VAT" } },
        "delivery": delivery(order),
        "buyerType": "PERSON",
        "sourcePlatform": "MARKET",
    })
}

fn item(line: &Line) -> Value {
    let statuses = line.units.iter().map(|(status, count)| json!({ "status": status, "count": count }));
    json!({
        "id": line.id,
        "offerId": line.offer_id,
        "offerName": line.name,
        "count": line.count,
        "prices": { "payment": tenge(paid(line)), "vat": "NO_VAT" },
        "itemStatuses": statuses.collect::<Vec<_>>(),
    })
}

fn delivery(order: &Order) -> Value {
    json!({
        "type": "PICKUP",
        "serviceName": "Yandex Market",
        "deliveryServiceId": 1_005_471,
        "warehouseId": SELLERS_NAME,
        "deliveryPartnerType": "YANDEX_MARKET",
        "dispatchType": "MARKET_BRANDED_OUTLET",
        "dates": { "fromDate": date::day(date::next_day(order.ship_by)) },
        "shipment": { "shipmentDate": date::day(order.ship_by) },
    })
}

/// For all units of a line.
fn paid(line: &Line) -> u64 {
    line.price * u64::from(line.count)
}
