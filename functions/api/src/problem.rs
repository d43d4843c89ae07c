//! What is answered when something is wrong: RFC 9457, with a code that stays the same and a sentence of help.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use edin_domain::Sku;
use edin_domain::api_key::Scope;
use edin_domain::stock::Place;
use edin_store::StoreError;
use edin_store::documents::PostError;
use edin_trade::record::{RecordError, Refusal, Shortage};
use serde::Serialize;
use utoipa::openapi::response::{Response as Described, ResponseBuilder};
use utoipa::openapi::{Content, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// What is wrong with a request, or with us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("the header Authorization holds no key that is good: Bearer edin_…; make one with `edin key make`")]
    NoKey,
    #[error("this key may not do that; it takes the scope {0}")]
    NotAllowed(Scope),
    #[error("this key is used too fast; try again in a second")]
    TooFast,
    #[error("there is nothing at this address; see /v1/openapi.json")]
    NoRoute,
    #[error("this address does not take this method; see /v1/openapi.json")]
    NoMethod,
    #[error("there is no {0} of this name at this door")]
    Unknown(&'static str),
    #[error("{at}: {wrong}")]
    Invalid { at: String, wrong: String },
    #[error(
        "the header Idempotency-Key is missing: a text of your own for this request, the same when you send it again"
    )]
    NoIdempotencyKey,
    #[error("{0}")]
    Refused(Refusal),
    #[error("{0}")]
    Document(PostError),
    #[error("changes are kept for a week, and this is older: read all goods again, from GET /v1/stock on")]
    TooOld,
    #[error("the barcode is of {}: scan another one of it, or name the SKU", .0.iter().map(Sku::as_str).collect::<Vec<_>>().join(" and of "))]
    Ambiguous(Vec<Sku>),
    #[error("its last digit doesn't fit the others: scan it again")]
    Misread,
    #[error("its time is over, or it was released or ordered; look at its state")]
    NotHeld,
    #[error("its state is {0}, from which this can't be done")]
    WrongState(&'static str),
    #[error("nothing was recorded for now; send the same request again")]
    Busy,
    #[error("something went wrong here; the log has it")]
    Ours,
}

/// What problems are told in.
const MEDIA: &str = "application/problem+json";

/// A problem as it is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// `urn:edin:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The same for all problems of this kind, whatever the sentence says.
    #[schema(example = "not-enough")]
    code: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong and what to do, for a person.
    detail: String,
    /// Of what there isn't as much as was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    short: Vec<Short>,
}

/// A good of which there isn't as much as was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Short {
    /// The good; of a bundle, the component.
    sku: String,
    /// Where it was looked for.
    location: String,
    /// Units that were asked for.
    wanted: i64,
    /// Units that can be had.
    available: i64,
}

impl Problem {
    pub(crate) fn invalid(at: impl Into<String>, wrong: impl ToString) -> Self {
        Self::Invalid { at: at.into(), wrong: wrong.to_string() }
    }

    /// What is wrong with a line of a request.
    pub(crate) fn in_line(index: usize, field: &str, wrong: impl ToString) -> Self {
        Self::invalid(format!("body.lines[{index}].{field}"), wrong)
    }

    fn told(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoKey => (StatusCode::UNAUTHORIZED, "no-key"),
            Self::NotAllowed(_) => (StatusCode::FORBIDDEN, "not-allowed"),
            Self::TooFast => (StatusCode::TOO_MANY_REQUESTS, "too-fast"),
            Self::NoRoute => (StatusCode::NOT_FOUND, "no-route"),
            Self::NoMethod => (StatusCode::METHOD_NOT_ALLOWED, "no-method"),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, "unknown"),
            Self::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid"),
            Self::NoIdempotencyKey => (StatusCode::BAD_REQUEST, "no-idempotency-key"),
            Self::Refused(refusal) => refused(refusal),
            Self::Document(error) => not_posted(error),
            Self::TooOld => (StatusCode::GONE, "too-old"),
            Self::Ambiguous(_) => (StatusCode::UNPROCESSABLE_ENTITY, "ambiguous"),
            Self::Misread => (StatusCode::UNPROCESSABLE_ENTITY, "misread"),
            Self::NotHeld => (StatusCode::CONFLICT, "not-held"),
            Self::WrongState(_) => (StatusCode::CONFLICT, "wrong-state"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Ours => (StatusCode::INTERNAL_SERVER_ERROR, "ours"),
        }
    }

    fn short(&self) -> Vec<Short> {
        let short = match self {
            Self::Refused(Refusal::Short(short)) => short.as_slice(),
            Self::Document(PostError::NotThatMany { place, on_hand, wanted }) => {
                let Place { sku, location } = place.clone();
                &[Shortage { sku, location, wanted: *wanted, available: *on_hand }]
            }
            _ => &[],
        };
        let told = |Shortage { sku, location, wanted, available }: &Shortage| Short {
            sku: sku.to_string(),
            location: location.to_string(),
            wanted: *wanted,
            available: (*available).max(0),
        };
        short.iter().map(told).collect()
    }
}

const fn not_posted(error: &PostError) -> (StatusCode, &'static str) {
    match error {
        PostError::NotThatMany { .. } => (StatusCode::CONFLICT, "not-enough"),
        PostError::NoStockOf(_) | PostError::CountedTooEarly(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not-taken"),
        PostError::LedgerBehind(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        PostError::Store(_) | PostError::NumberTaken(_) => (StatusCode::INTERNAL_SERVER_ERROR, "ours"),
    }
}

const fn refused(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::Short(_) => (StatusCode::CONFLICT, "not-enough"),
        Refusal::NotTaken(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not-taken"),
        Refusal::OtherRequest => (StatusCode::UNPROCESSABLE_ENTITY, "other-request"),
        Refusal::Changed(_) => (StatusCode::PRECONDITION_FAILED, "changed"),
        Refusal::TooLarge => (StatusCode::UNPROCESSABLE_ENTITY, "too-large"),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the table");
        if error.is_passing() { Self::Busy } else { Self::Ours }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Refused(refusal) => Self::Refused(refusal),
            RecordError::Store(error) => error.into(),
            RecordError::Contended(_) => Self::Busy,
            error => {
                tracing::error!(%error, "a request could not be recorded");
                Self::Ours
            }
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Store(error) => error.into(),
            PostError::NumberTaken(_) => Self::Refused(Refusal::OtherRequest),
            error => Self::Document(error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = self.told();
        let (kind, short) = (format!("urn:edin:problem:{code}"), self.short());
        let details = ProblemDetails { kind, code, status: status.as_u16(), detail: self.to_string(), short };
        let mut response = (status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(MEDIA));
        match status {
            StatusCode::UNAUTHORIZED => {
                _ = headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"))
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                _ = headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"))
            }
            _ => {}
        }
        response
    }
}

/// How any route may be answered instead.
impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let told = |description: &str| {
            let content = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
            RefOr::T(ResponseBuilder::new().description(description).content(MEDIA, content).build())
        };
        BTreeMap::from([
            ("4XX".to_owned(), told("It is not done: all is as it was")),
            ("5XX".to_owned(), told("Nothing is known to be done: send it again")),
        ])
    }
}
