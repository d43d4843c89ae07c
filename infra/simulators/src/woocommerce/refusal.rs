//! Refusals as the shop makes them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a call gets no answer of its route.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    /// Neither a key nor anything else.
    NobodyCalls,
    /// A key that isn't taken.
    WrongKey,
    /// A parameter that isn't what the route documents.
    Invalid(&'static str),
    /// More rows than a call may have.
    TooMany,
    /// There is no such record, by the shop's code.
    NoSuch(&'static str),
    /// There is no such route.
    NoRoute,
    /// What stands before the shop turns a call away.
    Exhausted,
}

impl Refusal {
    /// Whether a correct seller's side would never have caused it.
    pub(super) const fn is_violation(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::TooMany | Self::NoRoute)
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NobodyCalls | Self::WrongKey => StatusCode::UNAUTHORIZED,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoSuch(_) | Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Exhausted => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::NobodyCalls => "woocommerce_rest_cannot_view",
            Self::WrongKey => "woocommerce_rest_authentication_error",
            Self::Invalid(_) => "rest_invalid_param",
            Self::TooMany => "woocommerce_rest_request_entity_too_large",
            Self::NoSuch(code) => code,
            Self::NoRoute => "rest_no_route",
            Self::Exhausted => "too_many_requests",
        }
    }

    /// In the shop's words.
    pub(super) fn message(&self) -> String {
        match self {
            Self::NobodyCalls => "Sorry, you cannot list resources.".to_owned(),
            Self::WrongKey => "Consumer key is invalid.".to_owned(),
            Self::Invalid(parameter) => format!("Invalid parameter(s): {parameter}"),
            Self::TooMany => "Unable to accept more than 100 items for this request.".to_owned(),
            Self::NoSuch(_) => "Invalid ID.".to_owned(),
            Self::NoRoute => "No route was found matching the URL and request method.".to_owned(),
            Self::Exhausted => "Too many requests.".to_owned(),
        }
    }

    fn body(&self) -> Value {
        error(self.code(), &self.message(), self.status().as_u16())
    }
}

/// Something that is wrong, as the shop says it.
pub(super) fn error(code: &str, message: &str, status: u16) -> Value {
    json!({ "code": code, "message": message, "data": { "status": status } })
}

impl IntoResponse for &Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), axum::Json(self.body())).into_response();
        if let Refusal::Exhausted = self {
            response.headers_mut().insert("retry-after", 1.into());
        }
        response
    }
}
