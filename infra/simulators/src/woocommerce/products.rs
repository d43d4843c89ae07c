//! `GET /products` and `GET /products/{id}/variations`.

use super::refusal::Refusal;
use super::request::{Call, Page};
use super::state::State;
use super::wire;

/// Products, or the variations of one. Neither list has what is in the other.
pub(super) fn list(state: &mut State, call: &Call, parent: Option<u64>) -> Result<Page, Refusal> {
    let include = call.numbers("include")?;
    let there = state.products.values().filter(|product| product.parent == parent);
    let wanted = there.filter(|product| include.as_ref().is_none_or(|wanted| wanted.contains(&product.id)));
    call.page(wanted.map(wire::product).collect())
}
