//! Kaspi's refusals, and the media type of all its answers.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub(super) const JSON_API: &str = "application/vnd.api+json";

/// An answer of 4XX, with the sentence that it says.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    title: String,
    is_asked_for: bool,
}

/// Goes along with an answer that a test asked for: it is no violation.
#[derive(Debug, Clone)]
pub(super) struct AskedFor;

/// The sentence: goes along with the answer to where violations are noted.
#[derive(Debug, Clone)]
pub(super) struct Title(pub(super) String);

impl Refusal {
    pub(super) fn new(status: StatusCode, title: impl Into<String>) -> Self {
        Self { status, title: title.into(), is_asked_for: false }
    }

    pub(super) fn bad(title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, title)
    }

    pub(super) fn asked_for(title: &str) -> Self {
        Self { is_asked_for: true, ..Self::bad(title) }
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} is not found"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = answer(json!({ "errors": [{ "title": self.title }] }));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(Title(self.title));
        if self.is_asked_for {
            response.extensions_mut().insert(AskedFor);
        }
        response
    }
}

/// A JSON:API document, with the media type that Kaspi sends.
pub(super) fn answer(body: Value) -> Response {
    let mut response = Json(body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON_API));
    response
}
