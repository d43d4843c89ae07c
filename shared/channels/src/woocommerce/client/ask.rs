//! One question to the shop and its answer.

use edin_domain::limiter::Limit;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;

use super::super::{answer, wire};
use super::Client;
use crate::kit::client::ChannelError;
use crate::kit::client::line::{Answer, Call, RetryHeader, Throttle};
use crate::kit::tolerant::read;

/// A call. WooCommerce itself refuses none for being one too many; what stands before it may, as RFC 6585 has it.
pub(super) const fn call(name: &'static str, limit: &'static Limit) -> Call<'static> {
    Call { name, limit, throttle: Throttle::USUAL, retry: RetryHeader("Retry-After"), remaining: None }
}

impl Client {
    /// A request below the address of the shop's API.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.line.request(method, &format!("/wp-json/wc/v3{path}"));
        request.basic_auth(self.key.reveal().trim(), Some(self.secret.reveal().trim()))
    }

    /// Makes a call and reads what it is answered with.
    ///
    /// # Errors
    /// [`ChannelError::Refused`] for any answer that isn't 2XX.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'static>,
        request: RequestBuilder,
    ) -> Result<T, ChannelError> {
        let answer = self.line.send(call, request).await?;
        match answer.status {
            200..=299 => read(&answer.body).map_err(|error| ChannelError::unreadable(call.name, error)),
            _ => Err(refusal(call, &answer)),
        }
    }

    /// The same of one record; none where the shop has none, by the `code` of its refusal.
    ///
    /// # Errors
    /// As of [`ask`](Self::ask).
    pub(super) async fn ask_for_one<T: DeserializeOwned>(
        &self,
        call: Call<'static>,
        request: RequestBuilder,
        none: &str,
    ) -> Result<Option<T>, ChannelError> {
        match self.ask(call, request).await {
            Err(ChannelError::Refused { status: 404, code, .. }) if code == none => Ok(None),
            found => found.map(Some),
        }
    }
}

fn refusal(call: Call<'static>, answer: &Answer) -> ChannelError {
    let wire::Problem { code, message: reason } = answer::problem(answer.status, &answer.body);
    ChannelError::Refused { call: call.name, status: answer.status, code, reason }
}
