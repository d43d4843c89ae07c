//! Refusals as the Market makes them
//! (<https://yandex.ru/dev/market/partner-api/doc/ru/concepts/error-codes>, November 2026).

use std::fmt;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a call gets no answer of its method.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The request isn't what the method documents.
    Invalid(String),
    /// A good's numbers are refused on purpose, and with them the whole request.
    Rejected(String),
    /// No `Api-Key`.
    Unauthorized,
    /// An `Api-Key` that isn't taken.
    WrongKey,
    /// The key may not do that.
    Forbidden(String),
    /// There is no such shop.
    NotFound(String),
    /// There is no such method.
    NoSuchMethod,
    /// The path knows other verbs.
    WrongVerb,
    /// The body is no JSON, by its `Content-Type`.
    Unsupported,
    /// Too much.
    Exhausted(String),
}

impl Refusal {
    pub(super) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid(what.into())
    }

    /// Whether a correct seller's side would never have caused it.
    pub(super) const fn is_violation(&self) -> bool {
        !matches!(self, Self::Rejected(_) | Self::Unauthorized | Self::WrongKey)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::Rejected(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::WrongKey | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::NoSuchMethod => StatusCode::NOT_FOUND,
            Self::WrongVerb => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Exhausted(_) => StatusCode::from_u16(420).unwrap_or(StatusCode::TOO_MANY_REQUESTS),
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::Rejected(_) => "BAD_REQUEST",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::WrongKey | Self::Forbidden(_) => "FORBIDDEN",
            Self::NotFound(_) | Self::NoSuchMethod => "NOT_FOUND",
            Self::WrongVerb => "METHOD_NOT_ALLOWED",
            Self::Unsupported => "UNSUPPORTED_MEDIA_TYPE",
            Self::Exhausted(_) => "LIMIT_EXCEEDED",
        }
    }

    fn body(&self) -> Value {
        json!({ "status": "ERROR", "errors": [{ "code": self.code(), "message": self.to_string() }] })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(what) => f.write_str(what),
            Self::Rejected(code) => write!(f, "stock can't be taken: {code}"),
            Self::Unauthorized => f.write_str("no Api-Key is given"),
            Self::WrongKey => f.write_str("the Api-Key isn't valid"),
            Self::Forbidden(what) => write!(f, "no access to {what}"),
            Self::NotFound(what) => write!(f, "{what} not found"),
            Self::NoSuchMethod => f.write_str("no such method"),
            Self::WrongVerb => f.write_str("no such verb for the method"),
            Self::Unsupported => f.write_str("the content type isn't supported"),
            Self::Exhausted(limit) => write!(f, "hit rate limit of {limit}"),
        }
    }
}

impl IntoResponse for &Refusal {
    fn into_response(self) -> Response {
        (self.status(), axum::Json(self.body())).into_response()
    }
}
