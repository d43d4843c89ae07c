//! `GET /v2/campaigns/{campaignId}/returns`: goods that are on their way back, or back.

use edin_domain::Timestamp;
use serde_json::{Value, json};

use super::date;
use super::refusal::Refusal;
use super::request::{Call, Day, among, known, listed, page, paging};
use super::returned::Return;
use super::state::State;

/// Rows of a page.
const MOST: usize = 100;
const USUAL: usize = 50;
/// Orders in a filter.
const ORDERS: usize = 50;

const SHIPMENT_STATUSES: [&str; 15] = [
    "CREATED",
    "RECEIVED",
    "IN_TRANSIT",
    "READY_FOR_PICKUP",
    "PICKED",
    "LOST",
    "EXPIRED",
    "CANCELLED",
    "FULFILMENT_RECEIVED",
    "PREPARED_FOR_UTILIZATION",
    "NOT_IN_DEMAND",
    "UTILIZED",
    "READY_FOR_EXPROPRIATION",
    "RECEIVED_FOR_EXPROPRIATION",
    "UNKNOWN",
];

const REFUND_STATUSES: [&str; 16] = [
    "STARTED_BY_USER",
    "REFUND_IN_PROGRESS",
    "REFUNDED",
    "FAILED",
    "WAITING_FOR_DECISION",
    "DECISION_MADE",
    "REFUNDED_WITH_BONUSES",
    "REFUNDED_BY_SHOP",
    "CANCELLED",
    "REJECTED",
    "COMPLETE_WITHOUT_REFUND",
    "PREMODERATION_DISPUTE",
    "PREMODERATION_DECISION_WAITING",
    "PREMODERATION_DECISION_MADE",
    "PREMODERATION_SELECT_DELIVERY",
    "UNKNOWN",
];

struct Filter {
    orders: Option<Vec<u64>>,
    refunds: Option<Vec<String>>,
    shipments: Option<Vec<String>>,
    kind: Option<String>,
    from: Option<Timestamp>,
    /// The day after the last one: no text says that the last isn't counted.
    to: Option<Timestamp>,
}

impl Filter {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let orders = call.values("orderIds")?.map(|ids| ids.iter().map(|id| number(id)).collect::<Result<_, _>>());
        let (refunds, shipments) = (call.values("statuses")?, call.values("shipmentStatuses")?);
        known("statuses", refunds.as_deref(), &REFUND_STATUSES)?;
        known("shipmentStatuses", shipments.as_deref(), &SHIPMENT_STATUSES)?;
        let kind = call.parameter(&["type"]).map(str::to_owned);
        known("type", kind.as_ref().map(std::slice::from_ref), &["UNREDEEMED", "RETURN"])?;
        let (from, to) = (day(call, ["fromDate", "from_date"])?, day(call, ["toDate", "to_date"])?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(Refusal::invalid("toDate: it is before fromDate"));
        }
        let orders = listed("orderIds", orders.transpose()?, ORDERS)?;
        Ok(Self { orders, refunds, shipments, kind, from, to: to.map(date::next_day) })
    }

    fn takes(&self, back: &Return) -> bool {
        let refund = back.refund_status().unwrap_or_default().to_owned();
        among(self.orders.as_deref(), &back.order)
            && among(self.refunds.as_deref(), &refund)
            && among(self.shipments.as_deref(), &back.shipment_status)
            && self.kind.as_deref().is_none_or(|kind| kind == back.kind.name())
            && self.from.is_none_or(|from| from <= back.updated_at)
            && self.to.is_none_or(|to| back.updated_at < to)
    }
}

fn number(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(format!("orderIds: {text:?} is no number")))
}

fn day(call: &Call, names: [&str; 2]) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = call.parameter(&names) else { return Ok(None) };
    let day = Day::parse(text).ok_or_else(|| Refusal::invalid(format!("{}: {text:?} is no date", names.concat())))?;
    Ok(Some(day.0))
}

/// By id; a page ends at one, so that what comes in meanwhile shifts nothing.
pub(super) fn list(state: &mut State, call: &Call, _now: Timestamp) -> Result<Value, Refusal> {
    let filter = Filter::read(call)?;
    let size = if call.parameter(&["limit"]).is_some() { call.cut_limit(MOST)? } else { USUAL };
    let last: Option<u64> = call.after()?;
    let left = state.returns.values().filter(|back| last.is_none_or(|last| back.id > last) && filter.takes(back));
    let (returns, next) = page(left.collect(), size, |back| back.id);
    let rows: Vec<Value> = returns.into_iter().map(Return::row).collect();
    Ok(json!({ "status": "OK", "result": { "returns": rows, "paging": paging(next) } }))
}
