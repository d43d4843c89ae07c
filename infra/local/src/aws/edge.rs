//! Plays the HTTP API: turns a call into the event that API Gateway makes of it, and a function's response into an answer.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use api::Api;
use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use feed::Feed;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use webhook::Receiver;

use crate::aws::accept;
use crate::aws::callers::Proxies;
use crate::aws::watch::Watch;

/// How long a caller may take over sending the head of a request, and how long over its body.
const SENDING: Duration = Duration::from_secs(20);
/// The largest body that is read, in bytes; what a function takes of it is the function's to say.
const LARGEST: usize = 2 * 1024 * 1024;

/// The functions behind the HTTP API.
pub struct Routes {
    /// `POST /hooks/{connection}/{token}`
    pub webhook: Receiver,
    /// `GET /feeds/{file}`
    pub feed: Feed,
    /// `/v1/…`
    pub api: Api,
    /// `GET /healthz`, `GET /metrics`
    pub watch: Watch,
    /// Who is believed to pass on others' calls.
    pub proxies: Proxies,
}

/// The HTTP side. Stops when dropped.
pub struct Edge {
    url: String,
    task: JoinHandle<()>,
}

impl Edge {
    /// Serves on `listener`.
    ///
    /// # Errors
    /// If its address can't be told.
    pub fn start(listener: TcpListener, routes: Routes) -> std::io::Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        let routes = Arc::new(routes);
        let task = tokio::spawn(accept::connections(listener, move |stream, source| {
            serve(Arc::clone(&routes), stream, source)
        }));
        Ok(Self { url, task })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(routes: Arc<Routes>, stream: TcpStream, source: SocketAddr) {
    let service = service_fn(|request| {
        let routes = Arc::clone(&routes);
        async move { Ok::<_, Infallible>(answer(&routes, source, request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SENDING);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a caller went away");
    }
}

async fn answer(routes: &Routes, source: SocketAddr, request: Request<Incoming>) -> Response {
    if let Some(asked) = routes.watch.asked(source, &request) {
        return routes.watch.answer(asked).await;
    }
    let (Parts { method, uri, headers, .. }, body) = request.into_parts();
    let body = match timeout(SENDING, to_bytes(Body::new(body), LARGEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let caller = routes.proxies.caller(source.ip(), &headers);
    let Ok(request) = lambda_http::request::from_str(&event(caller, &method, &uri, &headers, &body)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let response = match uri.path().split('/').nth(1) {
        Some("hooks") => routes.webhook.handle(request).await,
        Some("feeds") => routes.feed.handle(request).await,
        Some("v1") => routes.api.handle(request).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let (parts, body) = response.into_parts();
    let body = match body {
        lambda_http::Body::Text(text) => text.into_bytes(),
        lambda_http::Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    (parts.status, parts.headers, body).into_response()
}

/// The event that an HTTP API makes of a call, payload format 2.0. Of a caller whom nobody knows, the address is empty.
pub fn event(caller: Option<IpAddr>, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    let texts = headers.iter().filter_map(|(name, value)| Some((name.to_string(), json!(value.to_str().ok()?))));
    let headers: serde_json::Map<_, _> = texts.collect();
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (base64(body), true),
    };
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": uri.path(),
        "rawQueryString": uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "http": {
                "method": method.as_str(), "path": uri.path(), "protocol": "HTTP/1.1",
                "sourceIp": caller.map(|caller| caller.to_string()).unwrap_or_default(), "userAgent": "",
            },
            "requestId": "local", "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
        },
        "body": body,
        "isBase64Encoded": is_base64,
    })
    .to_string()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::house::{House, Options};
    use crate::state::secrets;

    /// What the house answers to who says `text` and no more, before it hangs up.
    async fn answer_to(text: &str) -> String {
        let state = tempfile::tempdir().unwrap();
        secrets::prepare(state.path()).unwrap();
        let options = Options { schedules: None, ..Options::new(state.path(), ([127, 0, 0, 1], 0).into()) };
        let house = House::start(options).await.unwrap();
        let mut caller = TcpStream::connect(house.url().trim_start_matches("http://")).await.unwrap();
        caller.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::pause();
        caller.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn who_never_ends_a_head_is_hung_up_on() {
        assert_eq!(answer_to("POST /hooks/x HTTP/1.1\r\nHost: shop\r\n").await, "");
    }

    #[tokio::test]
    async fn who_never_ends_a_body_is_told_so() {
        let answer = answer_to("POST /hooks/x HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nhalf").await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}
