//! A proxy between a client and a simulator that writes down what passes.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use simulators::Server;

/// A request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) sent: Vec<u8>,
    pub(super) status: u16,
    pub(super) answer: Vec<u8>,
}

impl Exchange {
    /// What was called, such as `GET /v2/orders`.
    pub(super) fn call(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// What was called, and how that went.
    pub(super) fn name(&self) -> String {
        format!("{} → {}", self.call(), self.status)
    }

    /// The media type of the request, without its parameters.
    pub(super) fn sent_as(&self) -> &str {
        let header = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        header.split(';').next().unwrap_or_default().trim()
    }
}

/// The proxy.
pub(super) struct Recorder {
    server: Server,
    tape: Arc<Tape>,
}

struct Tape {
    http: reqwest::Client,
    simulator: String,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Recorder {
    /// In front of the simulator at `url`.
    pub(super) async fn before(simulator: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let tape = Arc::new(Tape { http, simulator, exchanges: Mutex::default() });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&tape));
        Self { server: Server::start(router, 0).await.unwrap(), tape }
    }

    pub(super) fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// What passed so far.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.tape.exchanges.lock().unwrap().clone()
    }

    /// A call that no client of ours makes, for the sake of the simulator's answer.
    pub(super) async fn call(&self, method: Method, path: &str, headers: &[(&'static str, &str)], body: Value) {
        let mut request = self.tape.http.request(method, format!("{}{path}", self.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = if body.is_null() { request } else { request.json(&body) };
        request.send().await.unwrap();
    }
}

async fn pass(State(tape): State<Arc<Tape>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let place = head.uri.path_and_query().map_or("/", |place| place.as_str());
    let mut forward = tape.http.request(head.method.clone(), format!("{}{place}", tape.simulator)).body(sent.clone());
    for (name, value) in head.headers.iter().filter(|(name, _)| ![HOST, CONTENT_LENGTH, CONNECTION].contains(name)) {
        forward = forward.header(name, value);
    }
    let Ok(answer) = forward.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let answer = answer.bytes().await.unwrap();
    tape.exchanges.lock().unwrap().push(Exchange {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: head.headers,
        sent,
        status: status.as_u16(),
        answer: answer.to_vec(),
    });
    let mut response = Response::new(Body::from(answer));
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    for name in [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION] {
        response.headers_mut().remove(name);
    }
    response
}
