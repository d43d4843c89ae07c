//! What comes in over HTTP: pushes to webhook, pulls to feed, what is asked for to api, with what gets lost on the way.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lambda_http::Body;
use reqwest::Request;
use simulators::{Answer, NoAnswer, Wire};
use tokio::sync::{mpsc, oneshot};

use crate::dice::{Dice, Kind};
use crate::functions::Functions;
use crate::invocation::{self, End};
use crate::trace::Trace;

const WEBHOOK_LIVES: Duration = Duration::from_secs(10);
const FEED_LIVES: Duration = Duration::from_secs(30);
const API_LIVES: Duration = Duration::from_secs(15);

/// A call, and where its answer goes. Functions live in one task's world and a channel's calls in others, so calls are handed over.
type Call = (Request, oneshot::Sender<Result<Answer, NoAnswer>>);

/// The channels' end of it.
pub struct Edge(mpsc::UnboundedSender<Call>);

impl Edge {
    /// Both ends.
    #[must_use]
    pub fn open() -> (Self, mpsc::UnboundedReceiver<Call>) {
        let (calls, taken) = mpsc::unbounded_channel();
        (Self(calls), taken)
    }
}

#[async_trait]
impl Wire for Edge {
    async fn carry(&self, request: Request) -> Result<Answer, NoAnswer> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| failed("nobody is there");
        self.0.send((request, answer)).map_err(|_| failed("nobody is there"))?;
        answered.await.map_err(gone)?
    }
}

fn failed(reason: &str) -> NoAnswer {
    NoAnswer { timed_out: false, reason: reason.to_owned() }
}

/// Answers calls for ever.
pub async fn answer(
    mut calls: mpsc::UnboundedReceiver<Call>,
    functions: std::rc::Rc<Functions>,
    dice: Dice,
    trace: Trace,
) {
    while let Some((request, answer)) = calls.recv().await {
        let (functions, dice, trace) = (std::rc::Rc::clone(&functions), dice.clone(), trace.clone());
        let copy = request.try_clone().filter(|_| dice.falls(Kind::HookTwice, site(&request)));
        tokio::task::spawn_local(async move {
            let _ = answer.send(one(request, &functions, &dice, &trace).await);
            if let Some(request) = copy {
                tokio::time::sleep(Duration::from_millis(dice.below(60_000, "hook again"))).await;
                trace.note("hook", "! a call comes once more");
                let _ = one(request, &functions, &dice, &trace).await;
            }
        });
    }
}

fn site(request: &Request) -> &'static str {
    match request.url().path() {
        path if path.starts_with("/hooks/") => "hook",
        path if path.starts_with("/v1/") => "door",
        _ => "feed",
    }
}

async fn one(request: Request, functions: &Functions, dice: &Dice, trace: &Trace) -> Result<Answer, NoAnswer> {
    let site = site(&request);
    tokio::time::sleep(Duration::from_millis(10 + dice.below(60, site))).await;
    if dice.falls(Kind::HookLost, site) {
        trace.note(site, "! a call is lost");
        return Err(failed("lost on the way"));
    }
    let event = event(&request);
    let event = lambda_http::request::from_str(&event).map_err(|error| failed(&error.to_string()))?;
    let began = (0, functions.now());
    let run = match site {
        "hook" => {
            let receiver = functions.webhook();
            invocation::run("webhook", WEBHOOK_LIVES, began, async { receiver.handle(event).await }).await
        }
        "door" => {
            let api = functions.api();
            invocation::run("api", API_LIVES, began, async { Box::pin(api.handle(event)).await }).await
        }
        _ => {
            let feed = functions.feed();
            invocation::run("feed", FEED_LIVES, began, async { feed.handle(event).await }).await
        }
    };
    let response = match run.end {
        End::Answered(response) => response,
        End::Died | End::TimedOut => http::Response::builder().status(500).body(Body::Empty).unwrap_or_default(),
    };
    if dice.falls(Kind::HookAnswerLost, site) {
        trace.note(site, "! our answer is lost");
        return Err(failed("the answer is lost"));
    }
    let (parts, body) = response.into_parts();
    let body = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    trace.note(site, format_args!("answered {}", parts.status));
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// The event that API Gateway makes of a call.
fn event(request: &Request) -> String {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let uri: http::Uri = request.url().as_str().parse().unwrap_or_default();
    edin_local::aws::edge::event(Some(Ipv4Addr::LOCALHOST.into()), request.method(), &uri, request.headers(), body)
}

/// The wire that the channels call through.
#[must_use]
pub fn wire(edge: Edge) -> Arc<dyn Wire> {
    Arc::new(edge)
}
