//! The tables with a small catalogue in them.

use std::path::PathBuf;

use aws_lambda_events::sqs::SqsEvent;
use edin_catalogue::{Importer, Report, Taken};
use edin_domain::Timestamp;
use edin_local::aws::engine::Engine;
use edin_local::import::read;
use edin_platform::Metrics;
use edin_store::Store;
use edin_trade::record::Recorder;
use hostile::wires::NOW;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::aws::Still;

/// Ozon's account is 30000001, Wildberries' has no number.
const CONNECTIONS: &str = r#"
    [[connection]]
    id = "ozon-main"
    mode = "live"
    account = { ozon = { client_id = "30000001" } }
    currency = "KZT"
    warehouses = { 22142605386000 = ["almaty"] }
    [[connection]]
    id = "wb-main"
    mode = "live"
    account = { wildberries = {} }
    currency = "KZT"
    warehouses = { 31 = ["almaty"] }
"#;
const CATALOGUE: &str =
    "sku,title,location,on_hand,ozon-main.offer_id,wb-main.chrt_id\nTEA,Tea,almaty,100000,TEA,7001\n";

/// Embedded engines. Stop when dropped.
pub(crate) struct House {
    pub(crate) runtime: Runtime,
    engine: Engine,
    state: TempDir,
}

impl House {
    pub(crate) fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let state = tempfile::tempdir().unwrap();
        let engine = runtime.block_on(Engine::start(state.path())).unwrap();
        let house = Self { runtime, engine, state };
        for (name, text) in [("connections.toml", CONNECTIONS), ("catalogue.csv", CATALOGUE)] {
            let report = house.import(name, text.as_bytes());
            assert!(report.errors.is_empty(), "{:?}", report.errors);
        }
        house
    }

    pub(crate) fn store(&self) -> Store {
        self.engine.store("test")
    }

    /// Imports one file.
    pub(crate) fn import(&self, name: &str, content: &[u8]) -> Report {
        let file: PathBuf = self.state.path().join(name);
        std::fs::write(&file, content).unwrap();
        let (store, inbox) = (self.store(), self.engine.queue("test", "inbox"));
        let deferred = self.engine.queue("test", "deferred");
        let importer = Importer {
            store: &store,
            inbox: &inbox,
            deferred: &deferred,
            taken: Taken::Stays,
            now: Timestamp::from_millis(1_000),
        };
        self.runtime.block_on(importer.run(read(&[file]), &|_, _| {}))
    }

    /// Hands messages to intake as one batch. Returns the numbers of those that come again.
    pub(crate) fn take(&self, bodies: &[String]) -> Vec<usize> {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(number, body)| json!({ "messageId": number.to_string(), "body": body, "attributes": {} }))
            .collect();
        let event: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
        let intake = ::intake::Intake {
            recorder: Recorder::new(self.store(), Metrics::Kept(std::sync::Arc::default()), std::sync::Arc::new(Still)),
            poll: self.engine.queue("test", "poll"),
        };
        let answer = self.runtime.block_on(intake.handle(event));
        let mut failed: Vec<usize> =
            answer.batch_item_failures.iter().map(|failure| failure.item_identifier.parse().unwrap()).collect();
        failed.sort_unstable();
        failed
    }
}

/// A message of the inbox queue with a push in it.
pub(crate) fn pushed(channel: &str, push: &str) -> String {
    message(channel, &json!({ "push": push }))
}

/// A message of the inbox queue.
pub(crate) fn message(channel: &str, content: &Value) -> String {
    let connection = if channel == "wildberries" { "wb-main" } else { "ozon-main" };
    json!({ "cause": "test:0", "connection": connection, "channel": channel, "received_at": NOW, "content": content })
        .to_string()
}
