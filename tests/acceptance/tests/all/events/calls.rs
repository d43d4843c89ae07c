//! Calls of the HTTP API as Lambda hands them over, payload format 2.0.

use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

const CALL: &str = include_str!("samples/http_call.json");

/// A call without a body.
pub(super) fn call(method: &str, path: &str) -> Value {
    let mut call: Value = serde_json::from_str(CALL).expect("the sample is JSON");
    let route = match path.split('/').nth(1) {
        Some("hooks") => "POST /hooks/{connection}/{token}",
        _ => "GET /feeds/{file}",
    };
    call["routeKey"] = json!(route);
    call["requestContext"]["routeKey"] = json!(route);
    call["rawPath"] = json!(path);
    call["requestContext"]["http"]["path"] = json!(path);
    call["requestContext"]["http"]["method"] = json!(method);
    call
}

/// A push with a body that is JSON.
pub(super) fn post(path: &str, body: &str) -> Value {
    let mut call = call("POST", path);
    call["body"] = json!(body);
    call["headers"]["content-type"] = json!("application/json");
    call["headers"]["content-length"] = json!(body.len().to_string());
    call
}

/// The request that `lambda_http` makes of a call.
pub(super) fn request(call: &Value) -> anyhow::Result<Request> {
    Ok(lambda_http::request::from_str(&call.to_string())?)
}

/// The status of an answer, and its body.
pub(super) fn answered(response: &Response<Body>) -> (u16, String) {
    (response.status().as_u16(), String::from_utf8_lossy(response.body().as_ref()).into_owned())
}
