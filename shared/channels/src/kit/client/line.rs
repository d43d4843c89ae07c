//! One HTTP call to a channel: through the gate, with time limits, and an error that says what to do next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use edin_domain::Connection;
use edin_domain::limiter::Limit;
use reqwest::header::HeaderMap;
use reqwest::{Method, Request, RequestBuilder};

use super::error::{CanNotOpen, ChannelError};
use super::gate::Gate;
use super::pause;

pub use super::pause::{RetryHeader, Throttle};

/// What came back: any status below 500, except 401, 402, 403 and the one for too many calls. JSON, or empty.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Carries requests to channels' servers another way than over the network.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Carries one.
    ///
    /// # Errors
    /// [`NotCarried`] if no whole answer came back.
    async fn carry(&self, request: Request) -> Result<Answer, NotCarried>;
}

/// No whole answer came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotCarried {
    /// Whether the request can have reached the server.
    pub sent: bool,
    /// What happened.
    pub reason: String,
}

/// HTTP clients by proxy, made once: each keeps its connections open.
#[derive(Default)]
pub struct Lines {
    clients: Mutex<HashMap<Option<String>, reqwest::Client>>,
    carrier: Option<Arc<dyn Carrier>>,
}

impl Lines {
    /// Lines on which `carrier` carries every request.
    #[must_use]
    pub fn over(carrier: Arc<dyn Carrier>) -> Self {
        Self { carrier: Some(carrier), ..Self::default() }
    }

    fn through(&self, proxy: Option<&str>) -> Result<reqwest::Client, reqwest::Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&proxy.map(str::to_owned)) {
            return Ok(client.clone());
        }
        let client = build(proxy)?;
        clients.insert(proxy.map(str::to_owned), client.clone());
        Ok(client)
    }
}

fn build(proxy: Option<&str>) -> Result<reqwest::Client, reqwest::Error> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(4))
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        // Whatever features other crates ask for: a body that is unpacked has no bound.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    match proxy {
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy)?).build(),
        None => builder.no_proxy().build(),
    }
}

/// A connection's line to its channel.
pub struct Line {
    http: reqwest::Client,
    carrier: Option<Arc<dyn Carrier>>,
    base: String,
    /// Whether the connection gave the base itself.
    given: bool,
    gate: Arc<dyn Gate>,
}

/// How one call is made.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What errors and logs call it, such as `POST /v2/products/stocks`.
    pub name: &'static str,
    /// The limit that it falls under.
    pub limit: &'a Limit,
    /// How the channel says that there were too many calls.
    pub throttle: Throttle,
    /// Where it says then how long to wait.
    pub retry: RetryHeader,
    /// The header in which the channel says how many calls it will still answer within a second, if it does.
    pub remaining: Option<&'static str>,
}

impl Line {
    /// A line to the connection's own address, or to `default`.
    ///
    /// # Errors
    /// [`CanNotOpen::Address`] if the proxy isn't an address.
    pub fn new(connection: &Connection, default: &str, gate: Arc<dyn Gate>, lines: &Lines) -> Result<Self, CanNotOpen> {
        let http = lines.through(connection.proxy.as_deref()).map_err(|error| CanNotOpen::Address {
            connection: connection.id.to_string(),
            reason: error.to_string(),
        })?;
        let base = connection.base_url.as_deref().unwrap_or(default).trim_end_matches('/').to_owned();
        Ok(Self { http, carrier: lines.carrier.clone(), base, given: connection.base_url.is_some(), gate })
    }

    /// The line to another address of a channel that has several. A connection's own address stands for all of them.
    #[must_use]
    pub fn at(&self, default: &str) -> Self {
        let base = if self.given { self.base.clone() } else { default.trim_end_matches('/').to_owned() };
        let (http, carrier, gate) = (self.http.clone(), self.carrier.clone(), self.gate.clone());
        Self { http, carrier, base, given: self.given, gate }
    }

    /// A request to `path` below the base address.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Makes the call when the limit lets it pass, and sorts out what came back.
    ///
    /// # Errors
    /// [`ChannelError`]; answers of 400 to 499 other than 401, 402, 403 and the one for too many calls are the caller's to read.
    pub async fn send(&self, call: Call<'_>, request: RequestBuilder) -> Result<Answer, ChannelError> {
        let name = call.name;
        self.gate.pass(call.limit).await.map_err(|held| ChannelError::Held { call: name, until: held.until })?;
        let answer = self.receive(name, request).await?;
        let penalty = match answer.status {
            400..=499 => call.limit.penalty.saturating_sub(1),
            _ => 0,
        };
        match answer.status {
            status if status == call.throttle.status => {
                let shut_for = pause::after(&answer.headers, call.throttle, call.retry);
                let until = self.gate.charge(call.limit, penalty, Some(shut_for)).await;
                return Err(ChannelError::Held { call: name, until });
            }
            // Others call the channel in the seller's name too: what they have used up, no bucket of ours knows.
            _ if is_used_up(&answer.headers, call.remaining) => {
                _ = self.gate.charge(call.limit, penalty, Some(A_SECOND)).await;
            }
            _ if penalty > 0 => _ = self.gate.charge(call.limit, penalty, None).await,
            _ => {}
        }
        match answer.status {
            401..=403 => Err(ChannelError::Denied { call: name, status: answer.status, reason: excerpt(&answer.body) }),
            500.. => Err(out_of_order(name, &answer)),
            _ if is_of_the_api(&answer) => Ok(answer),
            // Whether what stands before the channel has passed the call on is not known.
            200..=299 => Err(ChannelError::NoAnswer { call: name, reason: words(&answer) }),
            _ => Err(out_of_order(name, &answer)),
        }
    }
}

/// Whether it is the channel's API that answers. All of them speak JSON, so a page of HTML is of something that stands before
/// them and has trouble, whatever its status: that passes by itself. Too long a request stays too long, whoever says so.
fn is_of_the_api(answer: &Answer) -> bool {
    answer.status == 413 || matches!(answer.body.trim_ascii_start().first(), None | Some(b'{' | b'['))
}

fn out_of_order(call: &'static str, answer: &Answer) -> ChannelError {
    ChannelError::OutOfOrder { call, reason: words(answer) }
}

fn words(answer: &Answer) -> String {
    format!("{} {}", answer.status, excerpt(&answer.body))
}

impl Line {
    async fn receive(&self, call: &'static str, request: RequestBuilder) -> Result<Answer, ChannelError> {
        let failed = |error: reqwest::Error| no_answer(call, not_carried(&error));
        let request = request.build().map_err(failed)?;
        if let Some(carrier) = &self.carrier {
            return carrier.carry(request).await.map_err(|error| no_answer(call, error));
        }
        let mut response = self.http.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
                return Err(too_long(call));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

/// Bytes of an answer. The longest that is documented, 1 000 goods or orders, is some hundred times shorter.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

fn too_long(call: &'static str) -> ChannelError {
    let reason = format!("it is longer than {} MiB; see where the connection's base_url leads", LONGEST_ANSWER >> 20);
    ChannelError::Unreadable { call, reason }
}

/// The time that a channel counts calls by, where it says how many are left.
const A_SECOND: Duration = Duration::from_secs(1);

fn is_used_up(headers: &HeaderMap, remaining: Option<&'static str>) -> bool {
    pause::left(headers, remaining).is_some_and(|left| left <= 0)
}

fn no_answer(call: &'static str, NotCarried { sent, reason }: NotCarried) -> ChannelError {
    match sent {
        true => ChannelError::NoAnswer { call, reason },
        false => ChannelError::OutOfOrder { call, reason },
    }
}

fn not_carried(error: &reqwest::Error) -> NotCarried {
    NotCarried { sent: !error.is_connect() && !error.is_builder(), reason: reason(error) }
}

/// The innermost words of an error; the outer ones repeat the address.
fn reason(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), reason)
}

/// As much of a channel's own words as an error quotes.
pub(crate) fn excerpt(body: &[u8]) -> String {
    brief(&String::from_utf8_lossy(body))
}

/// The same of words that were read.
pub(crate) fn brief(words: &str) -> String {
    words.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn no_calls_left_is_told_from_some_and_from_nothing_said() {
        for (left, used_up) in
            [(Some("0"), true), (Some("-1"), true), (Some("12"), false), (Some("x"), false), (None, false)]
        {
            let header =
                left.map(|left| (HeaderName::from_static("ratelimit-remaining"), HeaderValue::from_static(left)));
            let headers = HeaderMap::from_iter(header);
            assert_eq!(is_used_up(&headers, Some("Ratelimit-Remaining")), used_up, "{left:?}");
            assert!(!is_used_up(&headers, None));
        }
    }

    #[test]
    fn what_stands_before_the_channel_is_told_from_the_channel() {
        for (status, body, is_the_api) in [
            (200, r#" {"orders":[]}"#, true),
            (204, "", true),
            (404, "[]", true),
            (200, "<html>We are back soon</html>", false),
            (404, "<html>nginx</html>", false),
            (400, "upstream error", false),
            (413, "<html>", true),
        ] {
            let answer = Answer { status, headers: HeaderMap::new(), body: body.into() };
            assert_eq!(is_of_the_api(&answer), is_the_api, "{status} {body}");
        }
    }
}
