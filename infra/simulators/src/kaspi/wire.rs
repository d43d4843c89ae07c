//! Orders as JSON:API. Prices are tenge with a point, times are milliseconds, as in the guide's samples.

use serde_json::{Map, Value, json};

use super::account::opaque;
use super::lifecycle::{Entry, Order};
use crate::Faults;

const ADDRESS: &str = "https://kaspi.kz/shop/api/v2";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Order {
    /// The order. Its lines are linked by id only when they are `include`d.
    pub(super) fn resource(&self, include: &str) -> Value {
        let mut relationships = self.relationships();
        if includes(include, "entries")
            && let Some(entries) = relationships.get_mut("entries").and_then(Value::as_object_mut)
        {
            let ids = self.entries.iter().map(|entry| json!({ "type": "orderentries", "id": entry.id }));
            entries.insert("data".to_owned(), ids.collect());
        }
        self.with_attributes(self.attributes(), relationships)
    }

    /// An order with just some attributes: what a change answers.
    pub(super) fn with_attributes(&self, attributes: Value, relationships: Map<String, Value>) -> Value {
        json!({
            "type": "orders",
            "id": self.id,
            "attributes": attributes,
            "relationships": relationships,
            "links": { "self": format!("{ADDRESS}/orders/{}", self.id) },
        })
    }

    /// The lines, with the seller's names of the goods unless these are left out on purpose.
    pub(super) fn lines(&self, faults: &Faults) -> Vec<Value> {
        let lines = self.entries.iter().enumerate().map(|(number, entry)| entry.resource(number, &self.store));
        lines.map(|line| if faults.nameless_lines { without_offer(line) } else { line }).collect()
    }

    /// What goes along with the order.
    pub(super) fn included(&self, include: &str, faults: &Faults) -> Vec<Value> {
        let user = includes(include, "user").then(|| self.user());
        let lines = if includes(include, "entries") { self.lines(faults) } else { Vec::new() };
        user.into_iter().chain(lines).collect()
    }

    pub(super) fn relationships(&self) -> Map<String, Value> {
        let links = |name: &str| {
            let order = format!("{ADDRESS}/orders/{}", self.id);
            json!({ "self": format!("{order}/relationships/{name}"), "related": format!("{order}/{name}") })
        };
        let user = json!({ "links": links("user"), "data": { "type": "customers", "id": self.customer_id() } });
        Map::from_iter([("user".to_owned(), user), ("entries".to_owned(), json!({ "links": links("entries") }))])
    }

    fn attributes(&self) -> Value {
        let mut attributes = json!({
            "code": self.code,
            "totalPrice": self.entries.iter().map(Entry::total).sum::<f64>(),
            "paymentMode": "PREPAID",
            "creditTerm": 0,
            "signatureRequired": false,
            "plannedDeliveryDate": self.at.millis() + 2 * DAY_MS,
            "creationDate": self.at.millis(),
            "approvedByBankDate": self.at.millis() + 1,
            "deliveryCost": 0.0,
            "deliveryCostForSeller": 895.0,
            "isKaspiDelivery": true,
            "deliveryMode": "DELIVERY_LOCAL",
            "deliveryAddress": address(),
            "pickupPointId": self.store,
            "preOrder": false,
            "assembled": self.assembled,
            "state": self.state,
            "status": self.status,
            "kaspiDelivery": self.delivery(),
            "customer": self.customer(),
        });
        if let Some(attributes) = attributes.as_object_mut() {
            let completed = self.completed.map(|at| json!(at.millis()));
            let cancelled = self.cancellation_reason.as_ref().map(|reason| json!(reason));
            attributes.extend(completed.map(|at| ("completionDate".to_owned(), at)));
            attributes.extend(cancelled.map(|reason| ("cancellationReason".to_owned(), reason)));
        }
        attributes
    }

    fn delivery(&self) -> Value {
        let waybill = self.assembled.then(|| format!("{ADDRESS}/waybills/{}.pdf", self.id));
        json!({
            "waybill": waybill,
            "waybillNumber": self.assembled.then_some(&self.code),
            "courierTransmissionPlanningDate": self.at.millis() + DAY_MS,
            "courierTransmissionDate": self.handed_over.map(|at| at.millis()),
            "express": false,
            "returnedToWarehouse": self.returned,
            "firstMileCourier": null,
        })
    }

    fn customer(&self) -> Value {
        let (first, last) = self.buyer.name.split_once(' ').unwrap_or((&self.buyer.name, ""));
        json!({
            "id": self.customer_id(),
            "name": self.buyer.name,
            "cellPhone": self.buyer.phone,
            "firstName": first,
            "lastName": last,
        })
    }

    fn user(&self) -> Value {
        let mut attributes = self.customer();
        let id = attributes.as_object_mut().and_then(|customer| customer.remove("id"));
        json!({ "type": "customers", "id": id, "attributes": attributes, "relationships": {} })
    }

    /// Kaspi's own way: the phone in Base64.
    fn customer_id(&self) -> String {
        opaque(&self.buyer.phone)
    }
}

impl Entry {
    fn total(&self) -> f64 {
        f64::from(self.price) * f64::from(self.units)
    }

    fn resource(&self, number: usize, store: &str) -> Value {
        let link = |name: &str, data: Value| {
            let entry = format!("{ADDRESS}/orderentries/{}", self.id);
            let links =
                json!({ "self": format!("{entry}/relationships/{name}"), "related": format!("{entry}/{name}") });
            json!({ "links": links, "data": data })
        };
        json!({
            "type": "orderentries",
            "id": self.id,
            "attributes": {
                "offer": { "code": self.sku, "name": self.name },
                "unitType": "PIECES",
                "quantity": self.units,
                "basePrice": f64::from(self.price),
                "totalPrice": self.total(),
                "weight": 500.0,
                "entryNumber": number,
                "category": { "code": "Master - Exercise notebooks", "title": "Тетради" },
                "deliveryCost": 0.0,
                "isImeiRequired": false,
            },
            "relationships": {
                "product": link("product", json!({ "type": "masterproducts", "id": opaque(&self.sku) })),
                "deliveryPointOfService":
                    link("deliveryPointOfService", json!({ "type": "pointofservices", "id": opaque(store) })),
            },
            "links": { "self": format!("{ADDRESS}/orderentries/{}", self.id) },
        })
    }
}

fn without_offer(mut line: Value) -> Value {
    line.pointer_mut("/attributes").and_then(Value::as_object_mut).and_then(|attributes| attributes.remove("offer"));
    line
}

fn includes(include: &str, name: &str) -> bool {
    include.split(',').any(|part| part.trim() == name)
}

fn address() -> Value {
    json!({
        "streetName": "улица Наурызбай батыра",
        "streetNumber": "154А",
        "town": "Алматы",
        "district": null,
        "building": null,
        "apartment": null,
        "formattedAddress": "Алматы, улица Наурызбай батыра, 154А",
        "latitude": 43.240_013,
        "longitude": 76.938_854,
    })
}
