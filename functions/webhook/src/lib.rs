//! The HTTP edge: is it ours, is it genuine? Then into the inbox queue, and the answer that the channel expects.
//!
//! Knows SQS only. What isn't ours, or isn't genuine, is answered without a word about why; the log says it.

use std::net::IpAddr;
use std::sync::Arc;

use edin_channels::hook::{self, Answer, Call, Networks, Verdict, Webhook};
use edin_channels::inbound::{Content, Inbound};
use edin_domain::{Channel, ConnectionId, Secret};
use edin_platform::{Clock, Message, Queue};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};

/// SQS takes a message of 256 KiB everywhere; the envelope and its escapes need room too.
const LARGEST_BODY: usize = 100 * 1024;

/// The function.
pub struct Receiver {
    /// Where events go.
    pub inbox: Queue,
    /// What hook addresses are digested with.
    pub key: Secret<String>,
    /// Where pushes may come from.
    pub networks: Networks,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A call to a hook that exists.
struct Hook {
    connection: ConnectionId,
    channel: Channel,
    webhook: Box<dyn Webhook>,
}

impl Receiver {
    /// Takes one call of `POST /hooks/{connection}/{token}`.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let Some(hook) = self.hook(&request) else { return answer(404, "") };
        let body = request.body().as_ref();
        if body.len() > LARGEST_BODY {
            tracing::warn!(connection = %hook.connection, bytes = body.len(), "a push is too large");
            return answer(413, "");
        }
        let call = Call { body, source: source(&request), received_at: self.clock.now() };
        if let Err(forged) = hook.webhook.verify(&call) {
            tracing::warn!(connection = %hook.connection, reason = %forged, "a push is not genuine");
            return answer(403, "");
        }
        let Answer { status, body } = self.take(&hook, &call).await;
        answer(status, &body)
    }

    /// Whose address it is, by the address alone.
    fn hook(&self, request: &Request) -> Option<Hook> {
        let mut path = request.uri().path().trim_matches('/').split('/');
        let (Some("hooks"), Some(connection), Some(token), None) = (path.next(), path.next(), path.next(), path.next())
        else {
            return None;
        };
        let connection = ConnectionId::new(connection).ok()?;
        let channel = hook::channel_of(&self.key, &connection, token)?;
        let webhook = hook::of(channel, &self.networks)?;
        (request.method() == "POST").then_some(Hook { connection, channel, webhook })
    }

    /// Keeps what must be kept; then, and only then, says so.
    async fn take(&self, hook: &Hook, call: &Call<'_>) -> Answer {
        match hook.webhook.judge(call) {
            Verdict::Answer(answer) => answer,
            Verdict::Keep(answer) => match self.keep(hook, call).await {
                Ok(()) => answer,
                Err(reason) => {
                    tracing::error!(connection = %hook.connection, %reason, "a push could not be kept; the channel will send it again");
                    hook.webhook.unavailable()
                }
            },
        }
    }

    async fn keep(&self, hook: &Hook, call: &Call<'_>) -> anyhow::Result<()> {
        let cause = hook::event_id(&hook.connection, call.body);
        let inbound = Inbound {
            cause: cause.ok_or_else(|| anyhow::anyhow!("the connection's name is too long for an event id"))?,
            connection: hook.connection.clone(),
            channel: hook.channel,
            received_at: call.received_at,
            content: Content::Push(std::str::from_utf8(call.body)?.to_owned()),
        };
        self.inbox.send(vec![Message::json(&inbound)?]).await?;
        tracing::info!(connection = %inbound.connection, cause = %inbound.cause, "a push came in");
        Ok(())
    }
}

fn source(request: &Request) -> Option<IpAddr> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}

fn answer(status: u16, body: &str) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json").body(body.into());
    response.unwrap_or_default()
}
