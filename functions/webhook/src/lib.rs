//! The HTTP edge: is it ours, is it genuine? Then into the inbox queue, and the answer that the channel expects.
//!
//! Knows SQS only. What isn't ours, or isn't genuine, is answered without a word about why; the log says it.

use std::net::IpAddr;
use std::sync::Arc;

use edin_channels::address::{event_id, signing_secret};
use edin_channels::hook::{Answer, Handling, Hook, Incoming, Kept, Kind, Networks};
use edin_channels::told::{Content, Inbound};
use edin_channels::{channel_of, hook};
use edin_domain::{Cause, ChannelName, ConnectionId, Secret};
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
    /// Where calls may come from.
    pub networks: Networks,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// An address that exists.
struct Address {
    connection: ConnectionId,
    channel: &'static ChannelName,
    hook: &'static dyn Hook,
}

impl Receiver {
    /// Takes one call of `/hooks/{connection}/{token}`.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let Some(address) = self.address(&request) else { return empty(404) };
        let body = request.body().as_ref();
        if body.len() > LARGEST_BODY {
            tracing::warn!(connection = %address.connection, bytes = body.len(), "a push is too large");
            return empty(413);
        }
        let secret = signing_secret(&self.key, address.channel, &address.connection);
        let call = Incoming {
            method: request.method(),
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            body,
            source: source(&request),
            secret: &secret,
            received_at: self.clock.now(),
        };
        if let Err(forged) = address.hook.verify(&call, self.networks.of(address.channel)) {
            tracing::warn!(connection = %address.connection, reason = %forged, "a push is not genuine");
            return empty(403);
        }
        answer(self.take(&address, &call).await)
    }

    /// Whose address it is, by the address alone.
    fn address(&self, request: &Request) -> Option<Address> {
        let mut path = request.uri().path().trim_matches('/').split('/');
        let (Some("hooks"), Some(connection), Some(token), None) = (path.next(), path.next(), path.next(), path.next())
        else {
            return None;
        };
        let connection = ConnectionId::new(connection).ok()?;
        let channel = channel_of(&self.key, &connection, token)?;
        let hook = hook(channel)?;
        hook.calls_by(request.method()).then_some(Address { connection, channel, hook })
    }

    /// Keeps what must be kept; then, and only then, says so.
    async fn take(&self, address: &Address, call: &Incoming<'_>) -> Answer {
        match address.hook.handle(call) {
            Handling::Answer(answer) => answer,
            Handling::Keep(kept, answer) => match self.keep(address, call, kept).await {
                Ok(()) => answer,
                Err(reason) => {
                    tracing::error!(connection = %address.connection, %reason, "a push could not be kept; the channel will send it again");
                    address.hook.unavailable()
                }
            },
        }
    }

    async fn keep(&self, address: &Address, call: &Incoming<'_>, Kept { event, told }: Kept) -> anyhow::Result<()> {
        let named = event.map(|event| Cause::new(format!("{}:{event}", address.connection))).transpose()?;
        let cause = named.or_else(|| event_id(&address.connection, call.body));
        let inbound = Inbound {
            cause: cause.ok_or_else(|| anyhow::anyhow!("the connection's name is too long for an event id"))?,
            connection: address.connection.clone(),
            channel: address.channel.clone(),
            received_at: call.received_at,
            content: Content::Push(told),
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

fn answer(Answer { status, kind, body }: Answer) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", kind.media()).body(body.into());
    response.unwrap_or_default()
}

fn empty(status: u16) -> Response<Body> {
    answer(Answer { status, kind: Kind::Json, body: String::new() })
}
