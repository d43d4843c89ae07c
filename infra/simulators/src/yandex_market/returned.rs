//! Goods on their way back: what a buyer gave back, or never took.

use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::date;
use super::money::tenge;
use super::order::{Order, Unit};

/// Units of one good.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Return {
    pub id: u64,
    pub order: u64,
    pub kind: Kind,
    pub offer_id: String,
    pub units: u32,
    price: u64,
    /// Where the goods are, such as `PICKED`: the seller has them.
    pub shipment_status: String,
    created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How goods come to be on their way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Kind {
    /// The buyer never took them.
    Unredeemed,
    /// The buyer gave them back.
    Return,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unredeemed => "UNREDEEMED",
            Self::Return => "RETURN",
        }
    }
}

impl Return {
    /// The next one after `before` others; what the units of the order become is the caller's.
    pub(super) fn new(before: usize, order: &Order, offer_id: &str, units: u32, now: Timestamp) -> Option<Self> {
        let line = order.line(offer_id)?;
        let kind = if line.units(Unit::Rejected) > 0 { Kind::Unredeemed } else { Kind::Return };
        Some(Self {
            id: 70_000_001 + u64::try_from(before).unwrap_or_default(),
            order: order.id,
            kind,
            offer_id: offer_id.to_owned(),
            units,
            price: line.price,
            shipment_status: "CREATED".to_owned(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Only what a buyer paid for is paid back.
    pub(super) fn refund_status(&self) -> Option<&'static str> {
        (self.kind == Kind::Return).then_some("REFUNDED")
    }

    /// Its row in the list.
    pub(super) fn row(&self) -> Value {
        let instance = json!({ "stockType": "FIT", "status": self.shipment_status });
        let instances: Vec<Value> = (0..self.units).map(|_| instance.clone()).collect();
        let row = json!({
            "id": self.id,
            "orderId": self.order,
            "creationDate": date::moment(self.created_at),
            "updateDate": date::moment(self.updated_at),
            "shipmentRecipientType": "SHOP",
            "shipmentStatus": self.shipment_status,
            "items": [{ "shopSku": self.offer_id, "count": self.units, "instances": instances }],
            "returnType": self.kind.name(),
            "fastReturn": false,
        });
        let paid_back = self.refund_status().map(|status| {
            [
                ("refundStatus".to_owned(), json!(status)),
                ("amount".to_owned(), tenge(self.price * u64::from(self.units))),
            ]
        });
        let Value::Object(row) = row else { return row };
        Value::Object(row.into_iter().chain(paid_back.into_iter().flatten()).collect::<Map<_, _>>())
    }
}
