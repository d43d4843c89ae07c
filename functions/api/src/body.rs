//! What a request says: its JSON, and the headers that make it safe to send again.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use edin_platform::digest::digest_of;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::problem::Problem;

/// A request has no more bytes.
const LARGEST: usize = 64 * 1024;

/// The JSON of a request, and a digest of it.
pub(crate) struct Told<T> {
    pub(crate) what: T,
    /// The same for the same JSON.
    pub(crate) digest: String,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let bytes = to_bytes(request.into_body(), LARGEST).await;
        let bytes = bytes.map_err(|_| Problem::invalid("body", format!("it is larger than {LARGEST} bytes")))?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let what =
            serde_path_to_error::deserialize(&mut json).map_err(|error| match error.path().to_string().as_str() {
                "." => Problem::invalid("body", error.inner()),
                path => Problem::invalid(format!("body.{path}"), error.inner()),
            })?;
        json.end().map_err(|error| Problem::invalid("body", error))?;
        // Not of the bytes: a library may write the same fields in another order.
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| Problem::invalid("body", error))?;
        let digest = digest_of(&value.to_string()).chars().take(DIGITS).collect();
        Ok(Self { what, digest })
    }
}

/// What the address of a request says after its `?`.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = Query::try_from_uri(&parts.uri);
        query.map(|Query(asked)| Self(asked)).map_err(|error| Problem::invalid("query", error.body_text()))
    }
}

/// Digits of a digest that tell two requests apart.
const DIGITS: usize = 32;
/// A key is no longer.
const LONGEST_KEY: usize = 60;

/// The header `Idempotency-Key`: what its sender calls a request, so that the same one sent again is known.
pub(crate) struct IdempotencyKey(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let value = parts.headers.get("idempotency-key").ok_or(Problem::NoIdempotencyKey)?;
        let text = value.to_str().unwrap_or_default().trim().trim_matches('"');
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        match !text.is_empty() && text.len() <= LONGEST_KEY && is_plain {
            true => Ok(Self(text.to_owned())),
            false => {
                let takes =
                    format!("it takes 1 to {LONGEST_KEY} letters, digits and signs of ASCII but #, without spaces");
                Err(Problem::invalid("header Idempotency-Key", takes))
            }
        }
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_KEY));
        let text = text.pattern(Some("^[!$-~][!$-~]*$")).build();
        let what =
            "A text of your own for this request, the same when it is sent again; of a sale, the receipt's number";
        vec![header("Idempotency-Key", Required::True, what, text)]
    }
}

/// How a header is described.
fn header(name: &str, required: Required, what: &str, text: Object) -> Parameter {
    let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(required);
    header.description(Some(what)).schema(Some(text)).build()
}

/// The header `If-Match`: the version that the sender has read; none if it doesn't matter.
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(Self(None)) };
        match value.to_str().unwrap_or_default().trim() {
            "*" => Ok(Self(None)),
            tag => {
                let version =
                    tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
                let version: u64 = version.ok_or_else(|| {
                    Problem::invalid("header If-Match", "it takes the ETag of the answer that you read, such as \"3\"")
                })?;
                Ok(Self(Some(version)))
            }
        }
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r#"^(\*|"[0-9]{1,18}")$"#)).build();
        vec![header("If-Match", Required::False, "The ETag that it was read with", text)]
    }
}
