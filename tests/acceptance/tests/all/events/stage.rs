//! Tables and queues that nobody reads but the test.

use std::path::PathBuf;
use std::sync::Arc;

use acceptance::{KASPI, OZON, WB, goods, with_policies};
use anyhow::{Context as _, ensure};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use edin_catalogue::{Importer, Taken};
use edin_local::aws::engine::{Engine, remote_sqs, remote_store, tables, url_of};
use edin_local::import::take_in;
use edin_local::state::secrets;
use edin_platform::metrics::Figure;
use edin_platform::{Clock, Metrics, Queue, SystemClock};
use edin_store::Store;
use serde_json::{Value, json};
use simulators::Opening;
use tempfile::TempDir;
use toml::Table;

use super::functions::Functions;

/// The engine wants a signature, and checks none.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=local/20261122/local/dynamodb/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=0";
/// Nobody listens there.
pub(super) const NOWHERE: &str = "http://127.0.0.1:9";

/// Where the seller of these tests sells.
const SOLD_AT: [&str; 3] = [OZON, WB, KASPI];

/// The catalogue of the acceptance tests in tables that no function watches. No channel was told anything yet.
pub(super) struct Stage {
    pub(super) engine: Engine,
    pub(super) metrics: Metrics,
    state: TempDir,
}

/// The same connections, at other addresses and with other keys.
fn elsewhere(connections: &str, urls: [String; 3], keys: [String; 3]) -> anyhow::Result<String> {
    let mut written: Table = toml::from_str(connections)?;
    let each = written.get_mut("connection").and_then(toml::Value::as_array_mut).context("there are no connections")?;
    for ((connection, url), key) in each.iter_mut().zip(urls).zip(keys) {
        let secrets = connection["secrets"].as_table_mut().context("a connection without secrets")?;
        secrets.iter_mut().for_each(|(_, secret)| *secret = key.clone().into());
        connection["base_url"] = url.into();
    }
    Ok(toml::to_string(&written)?)
}

impl Stage {
    /// With channels that nobody answers for.
    pub(super) async fn open() -> anyhow::Result<Self> {
        Self::open_at([NOWHERE; 3].map(str::to_owned), ["none"; 3].map(str::to_owned)).await
    }

    /// With channels at these addresses, and the keys for them, in the order of [`SOLD_AT`].
    pub(super) async fn open_at(urls: [String; 3], keys: [String; 3]) -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        secrets::prepare(state.path())?;
        let stage = Self { engine: Engine::start(state.path()).await?, metrics: Metrics::Kept(Arc::default()), state };
        let files = [stage.state.path().join("connections.toml"), stage.state.path().join("catalogue.csv")];
        let shop = simulators::Stage::open(|_| Opening::default()).await?.only(|id| SOLD_AT.contains(&id));
        std::fs::write(&files[0], elsewhere(&shop.connections()?, urls, keys)?)?;
        std::fs::write(&files[1], shop.catalogue(&goods()))?;
        stage.take_in(&files).await?;
        Ok(stage)
    }

    /// Imports the same once more, with these policies: each a connection, and what stands behind `policy =`.
    pub(super) async fn set_policies(&self, policies: &[(&str, &str)]) -> anyhow::Result<()> {
        let files = ["connections.toml", "catalogue.csv"].map(|file| self.state.path().join(file));
        std::fs::write(&files[0], with_policies(&std::fs::read_to_string(&files[0])?, policies))?;
        self.take_in(&files).await
    }

    /// Imports a file.
    pub(super) async fn import(&self, name: &str, content: &str) -> anyhow::Result<()> {
        let file = self.state.path().join(name);
        std::fs::write(&file, content)?;
        self.take_in(&[file]).await
    }

    async fn take_in(&self, files: &[PathBuf]) -> anyhow::Result<()> {
        let (store, inbox, deferred) = (self.store(), self.queue("inbox"), self.queue("deferred"));
        let importer =
            Importer { store: &store, inbox: &inbox, deferred: &deferred, taken: Taken::Stays, now: SystemClock.now() };
        for report in take_in(&importer, files, async |found| secrets::add(self.state.path(), found)).await? {
            ensure!(report.errors.is_empty(), "the catalogue was not imported: {:?}", report.errors);
        }
        Ok(())
    }

    pub(super) fn store(&self) -> Store {
        self.engine.store("watch")
    }

    pub(super) fn queue(&self, name: &str) -> Queue {
        self.engine.queue("watch", name)
    }

    pub(super) fn functions(&self) -> Functions<'_> {
        let (engine, state, metrics) = (&self.engine, self.state.path(), self.metrics.clone());
        Functions { engine, state, metrics, clock: Arc::new(SystemClock) }
    }

    /// Takes a secret away, as a person does who deletes the wrong parameter.
    pub(super) fn forget(&self, name: &str) -> anyhow::Result<()> {
        let file = self.state.path().join(secrets::FILE);
        let mut all: serde_json::Map<String, Value> = serde_json::from_slice(&std::fs::read(&file)?)?;
        ensure!(all.remove(name).is_some(), "there is no secret {name}");
        Ok(std::fs::write(&file, serde_json::to_vec(&all)?)?)
    }

    /// Takes everything off a queue.
    pub(super) async fn drain(&self, queue: &str) -> anyhow::Result<Vec<Message>> {
        let (client, url) = (self.engine.sqs_client("watch"), self.engine.queue_url(queue));
        let mut all = Vec::new();
        loop {
            let request = client.receive_message().queue_url(&url).max_number_of_messages(10);
            let answer = request.message_system_attribute_names(MessageSystemAttributeName::All).send().await?;
            let Some(messages) = answer.messages.filter(|messages| !messages.is_empty()) else { return Ok(all) };
            for message in messages {
                let receipt = message.receipt_handle.clone().unwrap_or_default();
                client.delete_message().queue_url(&url).receipt_handle(receipt).send().await?;
                all.push(message);
            }
        }
    }

    /// How many messages a queue holds, put off ones too.
    pub(super) async fn waiting(&self, queue: &str) -> anyhow::Result<u64> {
        let request = self.engine.sqs_client("watch").get_queue_attributes().queue_url(self.engine.queue_url(queue));
        let answer = request.attribute_names(QueueAttributeName::All).send().await?;
        let numbers = answer.attributes.unwrap_or_default();
        let of = |name| numbers.get(&name).and_then(|number: &String| number.parse::<u64>().ok()).unwrap_or(0);
        Ok(of(QueueAttributeName::ApproximateNumberOfMessages)
            + of(QueueAttributeName::ApproximateNumberOfMessagesDelayed))
    }

    /// Puts a row beside the good ones of a SKU that can't be read as the level that its key says it is.
    pub(super) async fn ruin(&self, sku: &str) -> anyhow::Result<()> {
        let mut item = ruin_of(sku);
        item["on_hand"] = json!({ "S": "plenty" });
        self.put(item).await
    }

    /// Maps an article of Ozon's to a SKU, past the checks of an import.
    pub(super) async fn map_at_ozon(&self, article: &str, sku: &str) -> anyhow::Result<()> {
        let item = json!({
            "pk": { "S": format!("MAP#{}#{article}", acceptance::OZON) }, "sk": { "S": "MAP" }, "sku": { "S": sku },
        });
        self.table("PutItem", json!({ "Item": item })).await.map(|_| ())
    }

    /// Takes that row away again.
    pub(super) async fn repair(&self, sku: &str) -> anyhow::Result<()> {
        self.table("DeleteItem", json!({ "Key": ruin_of(sku) })).await.map(|_| ())
    }

    /// An item of the stock table as DynamoDB writes it.
    pub(super) async fn item(&self, pk: &str, sk: &str) -> anyhow::Result<Value> {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        let mut answer = self.table("GetItem", json!({ "Key": key })).await?;
        Ok(answer["Item"].take())
    }

    /// Puts an item as DynamoDB writes it.
    pub(super) async fn put(&self, item: Value) -> anyhow::Result<()> {
        self.table("PutItem", json!({ "Item": item })).await.map(|_| ())
    }

    async fn table(&self, call: &str, mut request: Value) -> anyhow::Result<Value> {
        request["TableName"] = json!(tables().stock);
        let call = crate::http()?
            .post(self.engine.dynamodb_url())
            .header("authorization", SIGNATURE)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20261122T100000Z")
            .header("x-amz-target", format!("DynamoDB_20120810.{call}"));
        let answer = call.body(request.to_string()).send().await?.error_for_status()?;
        Ok(serde_json::from_str(&answer.text().await?)?)
    }
}

fn ruin_of(sku: &str) -> Value {
    json!({ "pk": { "S": format!("SKU#{sku}") }, "sk": { "S": "LEVEL#ruin" } })
}

/// A queue that can't be reached.
pub(super) fn queue_out_of_reach(name: &str) -> Queue {
    Queue::new(remote_sqs(NOWHERE), url_of(NOWHERE, name))
}

/// Tables that can't be reached.
pub(super) fn store_out_of_reach() -> Store {
    remote_store(NOWHERE)
}

/// The figures that were told so far.
pub(super) fn told(metrics: &Metrics) -> Vec<Figure> {
    let Metrics::Kept(kept) = metrics else { panic!("tests keep their figures") };
    kept.lock().unwrap().clone()
}
