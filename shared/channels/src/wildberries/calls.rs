//! One call to Wildberries and its answer.

use edin_domain::limiter::Limit;
use edin_domain::{ConnectionId, Secret};
use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::de::DeserializeOwned;

use super::facts::{FACTS, Settings};
use super::wire;
use crate::kit::client::line::{Answer, Call, Line, RetryHeader, Throttle, brief};
use crate::kit::client::{CanNotOpen, ChannelError, Opening};
use crate::kit::tolerant;

/// Where a 429 says in how many seconds the next call passes. dev.wildberries.ru/openapi/api-information, 2026-05-08.
const RETRY: RetryHeader = RetryHeader("X-Ratelimit-Retry");

/// Wildberries, called.
pub struct Client {
    pub(super) line: Line,
    pub(super) connection: ConnectionId,
    pub(super) token: Secret<String>,
    authorization: HeaderValue,
}

impl Client {
    /// Opens a connection; its credential is a token, a JWT.
    ///
    /// # Errors
    /// [`CanNotOpen`] says what is missing.
    pub fn open(opening: &Opening<'_>) -> Result<Self, CanNotOpen> {
        let Settings {} = opening.settings()?;
        let token = opening.credential("token")?;
        let authorization = authorization(&token);
        Ok(Self { line: opening.line(FACTS.address)?, connection: opening.connection.id.clone(), token, authorization })
    }

    /// Makes a call and reads the JSON that it is answered with.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
        request: RequestBuilder,
    ) -> Result<T, ChannelError> {
        let answer = self.send(call, request).await?;
        match answer.status {
            200..=299 => tolerant::read(&answer.body).map_err(|error| ChannelError::unreadable(call.name, error)),
            _ => Err(refused(call.name, &answer)),
        }
    }

    pub(super) async fn send(&self, call: Call<'_>, request: RequestBuilder) -> Result<Answer, ChannelError> {
        self.line.send(call, request.header(AUTHORIZATION, self.authorization.clone())).await
    }
}

/// The token as it is: without `Bearer`. Text that no header can hold becomes an empty one, which is answered with 401.
fn authorization(token: &Secret<String>) -> HeaderValue {
    let mut header = HeaderValue::from_str(token.reveal().trim()).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

pub(super) const fn call<'a>(name: &'static str, limit: &'a Limit) -> Call<'a> {
    Call { name, limit, throttle: Throttle::USUAL, retry: RETRY, remaining: None }
}

fn refused(call: &'static str, answer: &Answer) -> ChannelError {
    let problem: wire::Problem = tolerant::read(&answer.body).unwrap_or_default();
    let reason = if problem.message.is_empty() { problem.title + " " + &problem.detail } else { problem.message };
    ChannelError::Refused { call, status: answer.status, code: brief(&problem.code), reason: brief(&reason) }
}
