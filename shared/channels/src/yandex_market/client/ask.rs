//! One question to the Market and its answer.

use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;

use edin_domain::Secret;

use super::super::{answer, wire};
use super::Client;
use crate::kit::client::ChannelError;
use crate::kit::client::line::{Answer, Call, brief};
use crate::kit::tolerant::read;

/// The account is being moved within the Market; it passes. Source: yandex.ru/dev/market/partner-api/doc/ru/concepts/error-codes,
/// 2026-11.
const LOCKED: u16 = 423;

impl Client {
    /// Makes a call and reads what it is answered with.
    ///
    /// # Errors
    /// [`ChannelError::Refused`] for any answer that isn't 2XX.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'static>,
        request: RequestBuilder,
    ) -> Result<T, ChannelError> {
        let answer = self.send(call, request).await?;
        match answer.status {
            200..=299 => read(&answer.body).map_err(|error| ChannelError::unreadable(call.name, error)),
            _ => Err(refusal(call, &answer)),
        }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// [`ChannelError::OutOfOrder`] if what it is about is locked.
    pub(super) async fn send(&self, call: Call<'static>, request: RequestBuilder) -> Result<Answer, ChannelError> {
        let answer = self.line.send(call, request.header("Api-Key", self.api_key.clone())).await?;
        match answer.status {
            LOCKED => Err(ChannelError::OutOfOrder { call: call.name, reason: words(&answer).message }),
            _ => Ok(answer),
        }
    }
}

/// The key as it is: without `Bearer`. Text that no header can hold becomes an empty one, which is answered with 401.
pub(super) fn header(key: &Secret<String>) -> HeaderValue {
    let mut header = HeaderValue::from_str(key.reveal().trim()).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

fn words(answer: &Answer) -> wire::Problem {
    let problem = answer::problem(answer.status, read(&answer.body).unwrap_or_default(), &answer.body);
    wire::Problem { code: brief(&problem.code), message: brief(&problem.message) }
}

fn refusal(call: Call<'static>, answer: &Answer) -> ChannelError {
    let wire::Problem { code, message: reason } = words(answer);
    ChannelError::Refused { call: call.name, status: answer.status, code, reason }
}
