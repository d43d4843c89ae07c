//! Refusals in Wildberries' own forms: one object, an array by row, `application/problem+json`.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::now;

/// Whose doing a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The call was wrong.
    Caller,
    /// A test asked for it.
    Fault,
}

/// An answer of 4XX, with whose doing it is: only the caller's count as violations.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    pub(super) reason: Reason,
}

/// Why: goes along with the answer to where calls are counted.
#[derive(Debug, Clone)]
pub(super) struct Reason {
    pub(super) blame: Blame,
    pub(super) text: String,
}

impl Refusal {
    /// The one object that most refusals are. `text` is for the journal.
    pub(super) fn new(status: StatusCode, code: &str, message: &str, text: impl Into<String>) -> Self {
        let reason = Reason { blame: Blame::Caller, text: format!("{code}: {}", text.into()) };
        Self { status, body: json!({ "code": code, "message": message }), reason }
    }

    pub(super) fn body(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "IncorrectRequestBody", "Incorrect required body", text)
    }

    pub(super) fn request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "IncorrectRequest", "Переданы некорректные данные", text)
    }

    pub(super) fn parameter(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "IncorrectParameter", "IncorrectParameter", text)
    }

    pub(super) fn sku_key() -> Self {
        let message = "Uploading stock is not allowed by 'sku'. Please use the 'chrtId' key";
        Self::new(StatusCode::BAD_REQUEST, "SKUUploadDisabled", message, "barcodes instead of chrtId")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        response.extensions_mut().insert(self.reason);
        response
    }
}

/// The `application/problem+json` of 401 and 429.
pub(super) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({
        "title": title,
        "detail": detail,
        "code": "07e4668e-simulated",
        "requestId": "9d3c02cc698f8b041c661a7c28bed293",
        "origin": "s2s-api-auth-catalog",
        "status": status.as_u16(),
        "statusText": status.canonical_reason(),
        "timestamp": now().to_string(),
    });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
