//! Plays the HTTP API: turns a call into the event that API Gateway makes of it, and a function's response into an answer.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Router, http::StatusCode};
use feed::Feed;
use lambda_http::Body;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use webhook::Receiver;

/// The functions behind the HTTP API.
pub struct Routes {
    /// `POST /hooks/{connection}/{token}`
    pub webhook: Receiver,
    /// `GET /feeds/{file}`
    pub feed: Feed,
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
        let router = Router::new().fallback(answer).with_state(Arc::new(routes));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                tracing::error!(%error, "the HTTP side stopped");
            }
        });
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

async fn answer(
    State(routes): State<Arc<Routes>>,
    ConnectInfo(source): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(request) = lambda_http::request::from_str(&event(source, &method, &uri, &headers, &body)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let response = match uri.path().split('/').nth(1) {
        Some("hooks") => routes.webhook.handle(request).await,
        Some("feeds") => routes.feed.handle(request).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let (parts, body) = response.into_parts();
    let body = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    (parts.status, parts.headers, body).into_response()
}

/// The event that an HTTP API makes of a call, payload format 2.0.
pub fn event(source: SocketAddr, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
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
                "sourceIp": source.ip().to_string(), "userAgent": "",
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
