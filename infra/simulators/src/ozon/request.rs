//! Reading requests as strictly as Ozon does, and refusing them in its words.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use edin_domain::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::{Value, json};

use crate::cursor;

/// Why a call gets no answer of its method.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The request isn't what the method documents.
    Invalid(String),
    /// It asks for something that isn't there.
    NotFound(String),
    /// Wrong or missing `Client-Id` or `Api-Key`.
    Denied,
    /// The method is switched off.
    Obsolete,
    /// There never was such a method.
    NoSuchMethod,
    /// Too often.
    Exhausted {
        /// Seconds.
        retry_after: u64,
        /// The limit in words.
        limit: &'static str,
    },
}

impl Refusal {
    pub(super) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid(what.into())
    }

    pub(super) fn exhausted(wait: Duration, limit: &'static str) -> Self {
        Self::Exhausted {
            retry_after: u64::try_from(wait.as_millis()).unwrap_or_default().div_ceil(1_000).max(1),
            limit,
        }
    }

    /// Whether a correct seller's side would never have caused it.
    pub(super) const fn is_violation(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::Obsolete | Self::NoSuchMethod | Self::Exhausted { .. })
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Denied => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::NoSuchMethod => StatusCode::NOT_FOUND,
            Self::Obsolete => StatusCode::GONE,
            Self::Exhausted { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// Ozon's error: the code is a number, but for 429.
    pub(super) fn body(&self) -> Value {
        let code = match self {
            Self::Invalid(_) => json!(3),
            Self::NotFound(_) | Self::NoSuchMethod => json!(5),
            Self::Denied => json!(7),
            Self::Obsolete => json!(9),
            Self::Exhausted { .. } => json!("RESOURCE_EXHAUSTED"),
        };
        let message = match self {
            Self::Exhausted { .. } => "You have reached request rate limit per second".to_owned(),
            other => other.to_string(),
        };
        json!({ "code": code, "message": message, "details": [] })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(what) => write!(f, "Request validation error: {what}"),
            Self::NotFound(what) => write!(f, "{what} not found"),
            Self::Denied => f.write_str("Invalid Api-Key, please contact support"),
            Self::Obsolete => f.write_str("obsolete method cannot be used"),
            Self::NoSuchMethod => f.write_str("method is not allowed"),
            Self::Exhausted { limit, .. } => write!(f, "more than {limit}"),
        }
    }
}

/// Reads a request. Fields that aren't known are let slip, as Ozon does.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refusal::invalid(error.to_string()))
}

/// A page size from 1 to `most`; none is none of them.
pub(super) fn limit(limit: Option<usize>, most: usize) -> Result<usize, Refusal> {
    limit
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| Refusal::invalid(format!("limit: value must be inside range [1, {most}]")))
}

/// At most `most` values.
pub(super) fn at_most<T>(field: &str, values: &[T], most: usize) -> Result<(), Refusal> {
    match values.len() <= most {
        true => Ok(()),
        false => Err(Refusal::invalid(format!("{field}: {} values, at most {most}", values.len()))),
    }
}

/// A date and time. Anything else is an error, the empty text too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).map(Self).ok_or_else(|| D::Error::custom(format!("{text:?} is no RFC 3339 date")))
    }
}

/// An id as a number or as a text: Ozon takes both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(pub u64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        id.map(Self).ok_or_else(|| D::Error::custom(format!("{value} is no id")))
    }
}

/// A span of time, either end of which may be open.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Period {
    pub from: Option<Moment>,
    pub to: Option<Moment>,
}

impl Period {
    pub(super) const fn new(from: Option<Moment>, to: Option<Moment>) -> Self {
        Self { from, to }
    }

    /// Whether `at` is in it, its ends included.
    pub(super) fn covers(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from.0 <= at) && self.to.is_none_or(|to| at <= to.0)
    }

    /// Both ends given, in their order, at most a year apart.
    pub(super) fn bounded(self, field: &str) -> Result<Self, Refusal> {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let (Some(from), Some(to)) = (self.from, self.to) else {
            return Err(Refusal::invalid(format!("{field}: both ends are required")));
        };
        if to.0 < from.0 {
            return Err(Refusal::invalid(format!("{field}: ends before it begins")));
        }
        match to.0.since(from.0) <= YEAR {
            true => Ok(self),
            false => Err(Refusal::invalid(format!("{field}: PERIOD_IS_TOO_LONG"))),
        }
    }
}

/// Where the page before ended; none for the first page.
pub(super) fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Refusal> {
    let Some(text) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    cursor::read(text).map(Some).ok_or_else(|| Refusal::invalid(format!("cursor: {text:?} was never given out")))
}
