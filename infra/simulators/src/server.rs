//! A simulator's network: how it is reached, and how it reaches the seller's side.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use reqwest::header::HeaderMap;
use reqwest::{Request, RequestBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Where a simulator's calls come from and go to.
#[derive(Clone, Default)]
pub enum Network {
    /// A loopback port, and calls over HTTP.
    #[default]
    Loopback,
    /// This process alone: calls come to [`Server::router`], and go out through the wire.
    Within(Arc<dyn Wire>),
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Loopback => "Loopback",
            Self::Within(_) => "Within",
        })
    }
}

/// Carries a simulator's calls to the seller's side.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Carries one.
    ///
    /// # Errors
    /// [`NoAnswer`].
    async fn carry(&self, request: Request) -> Result<Answer, NoAnswer>;
}

/// What the seller's side answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status, of success or not.
    pub status: u16,
    /// Its headers, as the seller's side sent them.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// The seller's side gave no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoAnswer {
    /// Whether it took too long.
    pub timed_out: bool,
    /// What happened.
    pub reason: String,
}

impl From<reqwest::Error> for NoAnswer {
    fn from(error: reqwest::Error) -> Self {
        Self { timed_out: error.is_timeout(), reason: error.to_string() }
    }
}

/// What a simulator calls the seller's side with.
#[derive(Debug)]
pub(crate) struct Caller {
    http: reqwest::Client,
    network: Network,
}

impl Caller {
    pub(crate) fn new(network: &Network) -> std::io::Result<Self> {
        Ok(Self { http: client().map_err(std::io::Error::other)?, network: network.clone() })
    }

    pub(crate) fn get(&self, url: &str) -> RequestBuilder {
        self.http.get(url)
    }

    pub(crate) fn post(&self, url: &str) -> RequestBuilder {
        self.http.post(url)
    }

    /// Sends it, and reads the answer to its end, within `patience`.
    pub(crate) async fn send(&self, request: RequestBuilder, patience: Duration) -> Result<Answer, NoAnswer> {
        let request = request.timeout(patience).build()?;
        let Network::Within(wire) = &self.network else { return self.over_http(request).await };
        let late = |_| NoAnswer { timed_out: true, reason: "the answer took too long".to_owned() };
        tokio::time::timeout(patience, wire.carry(request)).await.map_err(late)?
    }

    async fn over_http(&self, request: Request) -> Result<Answer, NoAnswer> {
        let answer = self.http.execute(request).await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Answer { status, headers, body: answer.bytes().await?.to_vec() })
    }
}

/// A simulator's HTTP side: a loopback port that closes when its owner goes, or none.
#[derive(Debug)]
pub struct Server {
    url: String,
    router: Router,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `router` on `port` of 127.0.0.1; 0 takes any free one.
    ///
    /// # Errors
    /// If the port is taken.
    pub async fn start(router: Router, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = router.clone();
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, serving).await {
                tracing::error!(%error, "a simulator stopped");
            }
        });
        Ok(Self { url, router, task: Some(task) })
    }

    /// Serves `router` there where `network` says; `name` is its host if that is this process.
    pub(crate) async fn on(network: &Network, router: Router, port: u16, name: &str) -> std::io::Result<Self> {
        match network {
            Network::Loopback => Self::start(router, port).await,
            Network::Within(_) => Ok(Self { url: format!("https://{name}.invalid"), router, task: None }),
        }
    }

    /// Where it is, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What answers its calls.
    pub fn router(&self) -> Router {
        self.router.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Closes the connection instead of answering: the body fails before the head is sent.
pub(crate) fn no_answer() -> Response {
    let broken = Err::<Bytes, _>(std::io::Error::other("the answer is lost"));
    Response::new(Body::from_stream(futures::stream::iter([broken])))
}

/// Calls to the seller's side. The simulators speak plain HTTP, but reqwest wants to know whose TLS it would take.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()
}
