//! SQS: an engine in memory, and the messages in the tables' file.

mod book;
mod file;
mod keeping;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use rustack_sqs_core::config::SqsConfig;
use rustack_sqs_core::provider::RustackSqs;
use rustack_sqs_http::service::{SqsHttpConfig, SqsHttpService};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::aws::accept;
pub(crate) use keeping::Keeping;
use keeping::Kept;

const ACCOUNT: &str = "000000000000";
/// How often a message is delivered before it goes to its dead-letter queue.
const DELIVERIES: u32 = 5;
/// How long a message is hidden while it is worked on, in seconds.
const HIDDEN: &str = "60";

pub(super) struct Server {
    url: String,
    keeping: Keeping,
    task: JoinHandle<()>,
}

/// Where the queue `name` is, of the engine at `base`.
#[must_use]
pub fn url_of(base: &str, name: &str) -> String {
    format!("{base}/{ACCOUNT}/{name}")
}

impl Server {
    /// Starts it over the tables' file, with its queues and what was left in them.
    pub(super) async fn start(file: &Path, client: impl Fn(&str) -> Client) -> anyhow::Result<Self> {
        let (server, kept) = Self::serve(file).await?;
        create_queues(&client(&server.url)).await?;
        server.keeping.send_again(kept, &server.url).await;
        Ok(server)
    }

    async fn serve(file: &Path) -> anyhow::Result<(Self, Kept)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let configuration = SqsConfig {
            host: "127.0.0.1".to_owned(),
            port: address.port(),
            account_id: ACCOUNT.to_owned(),
            default_region: "local".to_owned(),
            ..SqsConfig::default()
        };
        let (keeping, kept) = Keeping::new(RustackSqs::new(configuration), file)?;
        let service = SqsHttpService::new(Arc::new(keeping.clone()), SqsHttpConfig::default());
        let task = tokio::spawn(accept::connections(listener, move |stream, _| serve(stream, service.clone())));
        Ok((Self { url: format!("http://{address}"), keeping, task }, kept))
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) const fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    pub(super) fn queue_url(&self, name: &str) -> String {
        url_of(&self.url, name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, service: SqsHttpService<Keeping>) {
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a client of the queues went away");
    }
}

/// Makes the queues, each with its dead-letter queue, but for what is one itself.
async fn create_queues(client: &Client) -> anyhow::Result<()> {
    for name in super::QUEUES {
        if !gives_up(name) {
            create(client, name, HashMap::new()).await?;
            continue;
        }
        let dead = dead_letters_of(name);
        create(client, &dead, HashMap::new()).await?;
        let redrive =
            format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:local:{ACCOUNT}:{dead}","maxReceiveCount":{DELIVERIES}}}"#);
        let attributes = HashMap::from([
            (QueueAttributeName::RedrivePolicy, redrive),
            (QueueAttributeName::VisibilityTimeout, HIDDEN.to_owned()),
        ]);
        create(client, name, attributes).await?;
    }
    Ok(())
}

async fn create(
    client: &Client,
    name: &str,
    mut attributes: HashMap<QueueAttributeName, String>,
) -> anyhow::Result<()> {
    if name.ends_with(".fifo") {
        attributes.insert(QueueAttributeName::FifoQueue, "true".to_owned());
    }
    client.create_queue().queue_name(name).set_attributes(Some(attributes)).send().await?;
    Ok(())
}

/// Messages of a queue that are to come, being worked on, or put off.
pub(crate) async fn messages(client: &Client, base: &str, name: &str) -> anyhow::Result<u64> {
    let request = client.get_queue_attributes().queue_url(url_of(base, name));
    let attributes = request.attribute_names(QueueAttributeName::All).send().await?.attributes.unwrap_or_default();
    let numbers = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    Ok(numbers.iter().filter_map(|name| attributes.get(name)?.parse::<u64>().ok()).sum())
}

/// Whether this queue gives up what was delivered too often. Dead letters may be looked at as often as anybody likes.
fn gives_up(name: &str) -> bool {
    super::QUEUES.contains(&name) && name != super::STREAM_DEAD
}

/// What a queue's dead-letter queue is called.
pub(crate) fn dead_letters_of(name: &str) -> String {
    match name.strip_suffix(".fifo") {
        Some(stem) => format!("{stem}-dead.fifo"),
        None => format!("{name}-dead"),
    }
}
