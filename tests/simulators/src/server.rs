//! A simulator's HTTP side: a loopback port that closes when its owner goes.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server on a free loopback port. Stops when dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves `router` on `port` of 127.0.0.1; 0 takes any free one.
    ///
    /// # Errors
    /// If the port is taken.
    pub async fn start(router: Router, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "a simulator stopped");
            }
        });
        Ok(Self { url, task })
    }

    /// Where it is, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
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
    reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(30)).build()
}
