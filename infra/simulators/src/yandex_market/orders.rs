//! `POST /v1/businesses/{businessId}/orders`: the orders of the cabinet's shops.

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::order::{Order, STATUSES};
use super::refusal::Refusal;
use super::request::{Call, Day, Moment, Period, among, known, listed, page, paging};
use super::state::State;
use super::wire;
use crate::{Faults, Spoilt};

/// Most orders of a page, and most values of a filter.
pub(super) const PAGE: usize = 50;

const PROGRAMS: [&str; 5] = ["FBY", "FBS", "DBS", "EXPRESS", "LAAS"];
const PLATFORMS: [&str; 4] = ["MARKET", "OZON", "WILDBERRIES", "OTHER"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListRequest {
    order_ids: Option<Vec<u64>>,
    external_order_ids: Option<Vec<String>>,
    program_types: Option<Vec<String>>,
    campaign_ids: Option<Vec<u64>>,
    statuses: Option<Vec<String>>,
    substatuses: Option<Vec<String>>,
    dates: Option<Dates>,
    fake: Option<bool>,
    waiting_for_cancellation_approve: Option<bool>,
    source_platforms: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Dates {
    creation_date_from: Option<Day>,
    creation_date_to: Option<Day>,
    shipment_date_from: Option<Day>,
    shipment_date_to: Option<Day>,
    update_date_from: Option<Moment>,
    update_date_to: Option<Moment>,
}

/// The request, where what it asks for can be.
struct Filter {
    asked: ListRequest,
    made: Option<Period>,
    shipped: Option<Period>,
    changed: Option<Period>,
}

impl Filter {
    fn read(call: &Call, state: &State, now: Timestamp) -> Result<Self, Refusal> {
        let asked = call.read::<ListRequest>()?.checked()?;
        let elsewhere = asked.campaign_ids.iter().flatten().find(|campaign| **campaign != state.campaign_id);
        if let Some(campaign) = elsewhere {
            return Err(Refusal::Forbidden(format!("campaign {campaign}")));
        }
        let dates = asked.dates.as_ref();
        let days = |name, from: Option<Day>, to: Option<Day>| {
            Period::read(name, from.map(|day| day.0), to.map(|day| day.0), now)
        };
        let made = dates.map_or(Ok(None), |it| days("creationDate", it.creation_date_from, it.creation_date_to))?;
        let shipped = dates.map_or(Ok(None), |it| days("shipmentDate", it.shipment_date_from, it.shipment_date_to))?;
        let changed = dates.map_or(Ok(None), |it| it.changed(now))?;
        let by_name = asked.order_ids.is_some() || asked.external_order_ids.is_some();
        let any = by_name || made.or(shipped).or(changed).is_some();
        let made = if any { made } else { Some(Period::latest(now)) };
        Ok(Self { asked, made, shipped, changed })
    }

    /// Without `fake` test orders are among the others: no text says that they aren't.
    fn takes(&self, order: &Order) -> bool {
        let within = |period: Option<Period>, at: Timestamp| period.is_none_or(|period| period.covers(at));
        let asked = &self.asked;
        within(self.made, order.created_at)
            && within(self.shipped, order.ship_by)
            && within(self.changed, order.updated_at)
            && among(asked.order_ids.as_deref(), &order.id)
            && asked.external_order_ids.is_none()
            && among(asked.program_types.as_deref(), &"FBS".to_owned())
            && among(asked.statuses.as_deref(), &order.status)
            && among(asked.substatuses.as_deref(), &order.substatus)
            && among(asked.source_platforms.as_deref(), &"MARKET".to_owned())
            && asked.fake.is_none_or(|fake| fake == order.fake)
            && asked.waiting_for_cancellation_approve != Some(true)
    }
}

impl Dates {
    fn changed(&self, now: Timestamp) -> Result<Option<Period>, Refusal> {
        let (from, to) = (self.update_date_from.map(|at| at.0), self.update_date_to.map(|at| at.0));
        Period::read("updateDate", from, to, now)
    }
}

impl ListRequest {
    fn checked(mut self) -> Result<Self, Refusal> {
        self.order_ids = listed("orderIds", self.order_ids, PAGE)?;
        self.external_order_ids = listed("externalOrderIds", self.external_order_ids, PAGE)?;
        self.campaign_ids = listed("campaignIds", self.campaign_ids, PAGE)?;
        self.program_types = listed("programTypes", self.program_types, usize::MAX)?;
        self.statuses = listed("statuses", self.statuses, usize::MAX)?;
        self.substatuses = listed("substatuses", self.substatuses, usize::MAX)?;
        self.source_platforms = listed("sourcePlatforms", self.source_platforms, usize::MAX)?;
        known("programTypes", self.program_types.as_deref(), &PROGRAMS)?;
        known("statuses", self.statuses.as_deref(), &STATUSES)?;
        known("sourcePlatforms", self.source_platforms.as_deref(), &PLATFORMS)?;
        Ok(self)
    }
}

/// By id; a page ends at one, so that what comes in meanwhile shifts nothing. A limit of more than a page is cut
/// without a word.
pub(super) fn list(state: &mut State, call: &Call, now: Timestamp) -> Result<Value, Refusal> {
    let filter = Filter::read(call, state, now)?;
    let size = call.cut_limit(PAGE)?;
    let last: Option<u64> = call.after()?;
    let left = state.orders.values().filter(|order| last.is_none_or(|last| order.id > last) && filter.takes(order));
    let (orders, next) = page(left.collect(), size, |order| order.id);
    let orders = orders.into_iter().map(|order| spoilt(order, wire::listed(order, state), &state.faults));
    Ok(json!({ "orders": orders.collect::<Vec<_>>(), "paging": paging(next) }))
}

/// An order as it is listed, with what is wrong with it on purpose.
fn spoilt(order: &Order, mut listed: Value, faults: &Faults) -> Value {
    let id = order.id.to_string();
    if let Some(listed) = listed.as_object_mut() {
        if faults.spoils(&id, Spoilt::Status) {
            listed.insert("status".to_owned(), json!("OF_TOMORROW"));
        }
        if faults.spoils(&id, Spoilt::Shape) {
            listed.insert("items".to_owned(), json!("of tomorrow"));
        }
    }
    listed
}
