//! Lambda's Runtime API on this machine: hands out events to any number of environments, each a process of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::ensure;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Where events come from, and where answers go.
pub trait Work: Send + Sync + 'static {
    /// The next event, with its id; none for now.
    fn next(&self) -> Option<(String, String)>;
    /// What became of an event: the function's answer, or its error.
    fn done(&self, id: &str, answer: Result<&[u8], &[u8]>);
}

/// The API, on a loopback port. Stops when dropped.
pub struct Runtime {
    address: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    work: Arc<dyn Work>,
    is_open: AtomicBool,
    waiting: AtomicUsize,
    more: Notify,
}

const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl Runtime {
    /// Starts it. Nothing is handed out yet.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(work: Arc<dyn Work>) -> anyhow::Result<Self> {
        let (is_open, waiting) = (AtomicBool::new(false), AtomicUsize::new(0));
        let shared = Arc::new(Shared { work, is_open, waiting, more: Notify::new() });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
        let task = tokio::spawn(async move { _ = axum::serve(listener, router).await });
        Ok(Self { address, shared, task })
    }

    /// Where it is, as `AWS_LAMBDA_RUNTIME_API` says it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits until so many environments ask for an event.
    ///
    /// # Errors
    /// If they don't.
    pub async fn ready(&self, environments: usize) -> anyhow::Result<()> {
        let deadline = crate::now() + PATIENCE;
        while self.shared.waiting.load(Ordering::SeqCst) < environments {
            ensure!(crate::now() < deadline, "not all of the {environments} environments came up");
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Hands out events from now on.
    pub fn open(&self) {
        self.shared.is_open.store(true, Ordering::SeqCst);
        self.shared.more.notify_waiters();
    }

    /// Hands out none from now on.
    pub fn close(&self) {
        self.shared.is_open.store(false, Ordering::SeqCst);
    }

    /// Says that there may be events again.
    pub fn look_again(&self) {
        self.shared.more.notify_waiters();
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn next(&self) -> Option<(String, String)> {
        self.is_open.load(Ordering::SeqCst).then(|| self.work.next()).flatten()
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.waiting.fetch_add(1, Ordering::SeqCst);
    let (id, event) = loop {
        let more = shared.more.notified();
        tokio::pin!(more);
        more.as_mut().enable();
        match shared.next() {
            Some(event) => break event,
            None => more.await,
        }
    };
    shared.waiting.fetch_sub(1, Ordering::SeqCst);
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &id),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:bench"),
    ];
    (headers, event).into_response()
}

async fn answered(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    shared.work.done(&id, Ok(&body));
    StatusCode::ACCEPTED
}

async fn failed(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    shared.work.done(&id, Err(&body));
    StatusCode::ACCEPTED
}
