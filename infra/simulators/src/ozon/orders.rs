//! The methods that read postings: lists with filters and cursors, and one posting by its number.

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::posting::Posting;
use super::request::{Id, Moment, Period, Refusal, after, at_most, limit, read};
use super::state::State;
use super::wire::{self, With};
use crate::cursor;
use crate::{Faults, Spoilt};

/// Most postings of a page.
pub(super) const PAGE: usize = 100;

#[derive(Deserialize)]
struct ListRequest {
    filter: Option<Filter>,
    limit: Option<usize>,
    cursor: Option<String>,
    sort_dir: Option<Direction>,
    #[serde(default)]
    with: With,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Filter {
    since: Option<Moment>,
    to: Option<Moment>,
    cutoff_from: Option<Moment>,
    cutoff_to: Option<Moment>,
    delivering_date_from: Option<Moment>,
    delivering_date_to: Option<Moment>,
    last_changed_status_date: Option<Changed>,
    statuses: Vec<String>,
    warehouse_ids: Vec<Id>,
    order_numbers: Vec<String>,
    order_id: Option<Id>,
}

#[derive(Deserialize)]
struct Changed {
    from: Option<Moment>,
    to: Option<Moment>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
enum Direction {
    #[serde(rename = "ASC", alias = "asc")]
    Rising,
    #[serde(rename = "DESC", alias = "desc")]
    Falling,
}

impl Filter {
    fn takes(&self, posting: &Posting) -> bool {
        let changed = self.last_changed_status_date.as_ref();
        changed.is_none_or(|changed| Period::new(changed.from, changed.to).covers(posting.changed_at))
            && among(&self.statuses, &posting.status)
            && among(&self.warehouse_ids, &Id(posting.warehouse))
            && among(&self.order_numbers, &posting.order_number)
            && self.order_id.is_none_or(|id| id.0 == posting.order_id)
    }

    /// When postings came in.
    fn made(&self) -> Result<Period, Refusal> {
        Period::new(self.since, self.to).bounded("since and to")
    }

    /// When postings have to be assembled: by one of two filters, never both. `delivering_date` is the planned one here.
    fn due(&self) -> Result<Period, Refusal> {
        let cutoff = Period::new(self.cutoff_from, self.cutoff_to);
        let delivering = Period::new(self.delivering_date_from, self.delivering_date_to);
        match (cutoff.from.or(cutoff.to), delivering.from.or(delivering.to)) {
            (Some(_), Some(_)) => Err(Refusal::invalid("use either cutoff or delivering_date, not both")),
            (None, None) => Err(Refusal::invalid("use either cutoff or delivering_date")),
            (Some(_), None) => cutoff.bounded("cutoff"),
            (None, Some(_)) => delivering.bounded("delivering_date"),
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        at_most("warehouse_ids", &self.warehouse_ids, 1000)?;
        at_most("order_numbers", &self.order_numbers, 100)
    }
}

/// Whether a filter lets `value` pass; an empty one lets all.
fn among<T: PartialEq>(allowed: &[T], value: &T) -> bool {
    allowed.is_empty() || allowed.contains(value)
}

/// `/v4/posting/fbs/list`: all postings of a period.
pub(super) fn list(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: ListRequest = read(body)?;
    let filter = request.filter.as_ref().ok_or_else(|| Refusal::invalid("filter: value is required"))?;
    filter.check()?;
    let made = filter.made()?;
    let found = state.postings.values().filter(|posting| made.covers(posting.created_at) && filter.takes(posting));
    let page = Page::of(found.collect(), &request)?;
    Ok(
        json!({ "postings": page.postings(request.with, &state.faults), "cursor": page.cursor(), "has_next": page.has_next }),
    )
}

/// `/v4/posting/fbs/unfulfilled/list`: postings of all statuses but `delivered`, by when they are due.
pub(super) fn unfulfilled(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: ListRequest = read(body)?;
    let filter = request.filter.as_ref().ok_or_else(|| Refusal::invalid("filter: value is required"))?;
    filter.check()?;
    let due = filter.due()?;
    let found = state
        .postings
        .values()
        .filter(|posting| posting.status != "delivered" && due.covers(posting.shipment_date) && filter.takes(posting));
    let page = Page::of(found.collect(), &request)?;
    let postings = page.postings(request.with, &state.faults);
    Ok(json!({
        "count": postings.len(),
        "postings": postings,
        "cursor": page.cursor(),
        "has_next": page.has_next,
    }))
}

/// Postings by when they came in; a page ends at a posting, so that what comes in meanwhile shifts nothing.
struct Page<'a> {
    found: Vec<&'a Posting>,
    has_next: bool,
}

impl<'a> Page<'a> {
    fn of(mut found: Vec<&'a Posting>, request: &ListRequest) -> Result<Self, Refusal> {
        let size = limit(request.limit, PAGE)?;
        let last: Option<(Timestamp, String)> = after(request.cursor.as_deref())?;
        let last = last.as_ref().map(|(at, number)| (*at, number.as_str()));
        let falling = request.sort_dir == Some(Direction::Falling);
        found.sort_by_key(|posting| place(posting));
        if falling {
            found.reverse();
        }
        found.retain(|posting| match last {
            None => true,
            Some(last) if falling => place(posting) < last,
            Some(last) => place(posting) > last,
        });
        let has_next = found.len() > size;
        found.truncate(size);
        Ok(Self { found, has_next })
    }

    fn postings(&self, with: With, faults: &Faults) -> Vec<Value> {
        self.found.iter().map(|posting| spoilt(posting, wire::listed(posting, with), faults)).collect()
    }

    fn cursor(&self) -> String {
        self.found.last().filter(|_| self.has_next).map(|posting| cursor::written(&place(posting))).unwrap_or_default()
    }
}

/// A posting as it is listed, with what is wrong with it on purpose.
fn spoilt(posting: &Posting, mut listed: Value, faults: &Faults) -> Value {
    if let Some(listed) = listed.as_object_mut() {
        if faults.spoils(&posting.number, Spoilt::Status) {
            listed.insert("status".to_owned(), json!("of_tomorrow"));
        }
        if faults.spoils(&posting.number, Spoilt::Shape) {
            listed.insert("products".to_owned(), json!("of tomorrow"));
        }
    }
    listed
}

fn place(posting: &Posting) -> (Timestamp, &str) {
    (posting.created_at, &posting.number)
}

#[derive(Deserialize)]
struct GetRequest {
    posting_number: String,
    #[serde(default)]
    with: With,
}

/// `/v3/posting/fbs/get`: one posting, in an older shape.
pub(super) fn get(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: GetRequest = read(body)?;
    let posting = state
        .postings
        .get(&request.posting_number)
        .ok_or_else(|| Refusal::NotFound(format!("posting {}", request.posting_number)))?;
    Ok(json!({ "result": wire::got(posting, request.with, state) }))
}
