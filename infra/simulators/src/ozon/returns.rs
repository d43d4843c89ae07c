//! `/v1/returns/list`: the method that lists goods that came back.

use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::request::{Id, Moment, Period, Refusal, at_most, limit, read};
use super::returned::Return;
use super::state::State;

#[derive(Deserialize)]
struct ListRequest {
    #[serde(default)]
    filter: Filter,
    limit: Option<usize>,
    last_id: Option<Id>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Filter {
    logistic_return_date: Option<Span>,
    storage_tariffication_start_date: Option<Span>,
    visual_status_change_moment: Option<Span>,
    posting_numbers: Vec<String>,
    offer_id: Option<String>,
    return_schema: Option<String>,
    visual_status_name: Option<String>,
}

#[derive(Deserialize)]
struct Span {
    time_from: Option<Moment>,
    time_to: Option<Moment>,
}

impl Filter {
    fn check(&self) -> Result<(), Refusal> {
        let dates =
            [&self.logistic_return_date, &self.storage_tariffication_start_date, &self.visual_status_change_moment];
        if dates.into_iter().flatten().count() > 1 {
            return Err(Refusal::invalid("filter: use only one date filter per request"));
        }
        at_most("posting_numbers", &self.posting_numbers, 50)
    }

    /// All dates of a return are the one when it arrived; storage is never paid for.
    fn takes(&self, back: &Return) -> bool {
        let dates = [&self.logistic_return_date, &self.visual_status_change_moment];
        let in_time = |span: &Span| Period::new(span.time_from, span.time_to).covers(back.arrived_at);
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted.eq_ignore_ascii_case(value))
        };
        self.storage_tariffication_start_date.is_none()
            && dates.into_iter().flatten().all(in_time)
            && (self.posting_numbers.is_empty() || self.posting_numbers.contains(&back.posting))
            && is(&self.offer_id, &back.line.offer_id)
            && is(&self.return_schema, "FBS")
            && is(&self.visual_status_name, "ReceivedBySeller")
    }
}

/// `/v1/returns/list`: by id, after `last_id`.
pub(super) fn list(state: &mut State, body: &[u8], _now: Timestamp) -> Result<Value, Refusal> {
    let request: ListRequest = read(body)?;
    let size = limit(request.limit, 500)?;
    request.filter.check()?;
    let last = request.last_id.map_or(0, |id| id.0);
    let mut found: Vec<&Return> =
        state.returns.iter().filter(|back| back.id > last && request.filter.takes(back)).collect();
    let has_next = found.len() > size;
    found.truncate(size);
    Ok(json!({ "returns": found.into_iter().map(Return::row).collect::<Vec<_>>(), "has_next": has_next }))
}
