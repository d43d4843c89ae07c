//! Changing orders: `POST /orders`, one change at a time.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::account::Desk;
use super::headers::header;
use super::lifecycle::{Order, Status};
use super::refusal::{JSON_API, Refusal, answer};

const LONGEST_COMMENT: usize = 1_000;
/// Kaspi's courier delivers every order here, so that `BUYER_NOT_REACHABLE` is never a reason.
const REASONS: [&str; 2] = ["MERCHANT_OUT_OF_STOCK", "BUYER_CANCELLATION_BY_MERCHANT"];

#[derive(Deserialize)]
struct Sent {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    r#type: String,
    id: String,
    attributes: Attributes,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_of_space: Option<String>,
}

/// Accepts, cancels or packs an order.
pub(super) async fn change(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    check_media_types(&headers)?;
    let Sent { data } = serde_json::from_slice(&body).map_err(|error| Refusal::bad(error.to_string()))?;
    if data.r#type != "orders" {
        return Err(Refusal::bad(format!("type is {}", data.r#type)));
    }
    let account = &mut *desk.account();
    let order = account.orders.values_mut().find(|order| order.id == data.id);
    let order = order.ok_or_else(|| Refusal::not_found("order"))?;
    if let Some(why) = account.faults.refuse.get(&order.code) {
        return Err(Refusal::asked_for(why));
    }
    data.attributes.apply(order)?;
    let body = order.with_attributes(json!(data.attributes), order.relationships());
    Ok(answer(json!({ "data": body, "included": [] })))
}

fn check_media_types(headers: &HeaderMap) -> Result<(), Refusal> {
    if header(headers, CONTENT_TYPE.as_str()) != JSON_API {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("Content-Type is not {JSON_API}")));
    }
    if header(headers, ACCEPT.as_str()) != JSON_API {
        return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, format!("Accept is not {JSON_API}")));
    }
    Ok(())
}

impl Attributes {
    fn apply(&self, order: &mut Order) -> Result<(), Refusal> {
        if self.code.as_ref().is_some_and(|code| *code != order.code) {
            return Err(Refusal::bad("code is another order's"));
        }
        match self.status.as_str() {
            "ACCEPTED_BY_MERCHANT" => self.accept(order),
            "CANCELLED" => self.cancel(order),
            "ASSEMBLE" => self.assemble(order),
            status => Err(Refusal::bad(format!("status {status} can't be set here"))),
        }
    }

    fn accept(&self, order: &mut Order) -> Result<(), Refusal> {
        if self.code.is_none() {
            return Err(Refusal::bad("code is empty"));
        }
        only_from(&[Status::ApprovedByBank], order)?;
        order.accept();
        Ok(())
    }

    fn cancel(&self, order: &mut Order) -> Result<(), Refusal> {
        let reason = self.cancellation_reason.as_deref().unwrap_or_default();
        if !REASONS.contains(&reason) {
            return Err(Refusal::bad(format!("cancellationReason is unknown: {reason}")));
        }
        if self.cancellation_comment.as_ref().is_some_and(|comment| comment.chars().count() > LONGEST_COMMENT) {
            return Err(Refusal::bad(format!("cancellationComment is longer than {LONGEST_COMMENT}")));
        }
        only_from(&[Status::ApprovedByBank, Status::AcceptedByMerchant], order)?;
        order.cancel(reason);
        Ok(())
    }

    fn assemble(&self, order: &mut Order) -> Result<(), Refusal> {
        let parcels = self.number_of_space.as_deref().and_then(|text| text.parse::<u32>().ok());
        if parcels.is_none_or(|parcels| parcels == 0) {
            return Err(Refusal::bad("numberOfSpace is no number of parcels"));
        }
        only_from(&[Status::AcceptedByMerchant], order)?;
        order.assemble();
        Ok(())
    }
}

fn only_from(allowed: &[Status], order: &Order) -> Result<(), Refusal> {
    if allowed.contains(&order.status) && order.handed_over.is_none() {
        return Ok(());
    }
    Err(Refusal::bad(format!("the order {} is {:?} already", order.code, order.status)))
}
