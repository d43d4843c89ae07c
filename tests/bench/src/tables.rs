//! The tables over the embedded engine, with a catalogue of any size in them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::{Database, ImportOptions, Item};
use edin_domain::{Connection, Secret};
use edin_local::aws::engine::{remote_sqs, remote_store, tables, url_of};
use edin_platform::Queue;
use edin_store::{Store, keys};
use serde_json::{Value, json};
use simulators::{Good, Stage, ozon, wildberries};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::import::import;

/// An engine on a loopback port. Stops when dropped.
pub struct Tables {
    database: Arc<Database>,
    url: String,
    task: JoinHandle<()>,
}

/// Goods are written so many at a time.
const AT_ONCE: u64 = 500;
/// How often the stream is cut.
const CUT_EVERY: Duration = Duration::from_millis(20);
/// Where nobody listens: a catalogue without orders puts nothing into the inbox.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The good `index` of a catalogue of any size; its stock is plenty, and no more than each channel takes.
#[must_use]
pub fn good(index: u64) -> Good {
    let number = 1_000_000 + index;
    Good {
        sku: format!("EDN-{number}"),
        number,
        title: format!("Кружка-термос со свистком № {number}"),
        brand: "Алатау",
        price: 4_990,
        stock: Some((45_000, 45_000)),
        components: Vec::new(),
    }
}

impl Tables {
    /// Opens the engine over a file, without tables if it is new.
    ///
    /// # Errors
    /// If the file or a port can't be had.
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        let path = file.to_str().unwrap_or_default();
        let database = Database::new(path).map_err(|error| anyhow::anyhow!("{path} can not be opened: {error}"))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        Ok(Self { database: Arc::new(database), url, task })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Edin's tables in it.
    #[must_use]
    pub fn store(&self) -> Store {
        remote_store(&self.url)
    }

    /// Makes Edin's tables, with connections to the channels of `stage`, and so many goods listed in all of them. One good
    /// is imported as a person would import it; the others are copies of its items.
    ///
    /// `keep` keeps the credentials of the connections.
    ///
    /// # Errors
    /// If the import says that something is wrong, or `keep` does.
    pub async fn stock(
        &self,
        goods: u64,
        stage: &Stage,
        keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let store = self.store();
        store.create_tables().await?;
        let [inbox, deferred] =
            ["inbox", "deferred"].map(|name| Queue::new(remote_sqs(NOWHERE), url_of(NOWHERE, name)));
        let written = [stage.connections()?, stage.catalogue(&[good(0)])];
        import(&store, [&inbox, &deferred], written, keep).await?;
        let database = Arc::clone(&self.database);
        tokio::task::spawn_blocking(move || copies(&database, goods)).await?
    }

    /// Takes connections out of Edin's tables.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn forget_connections(&self, connections: &[Connection]) -> anyhow::Result<()> {
        for Connection { id, .. } in connections {
            let keys::Key { pk, sk } = keys::connection(id);
            let request = json!({"TableName": tables().stock, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
            self.database.delete_item(serde_json::from_value(request)?).map_err(refused)?;
        }
        Ok(())
    }

    /// Makes tables as the functions in other languages have them, with so many SKUs.
    ///
    /// # Errors
    /// If the engine refuses them.
    pub fn stock_plainly(&self, skus: u64, units: u64) -> anyhow::Result<()> {
        let stock = json!({
            "TableName": "stock", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        });
        let idempotency = json!({
            "TableName": "idempotency", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        });
        for table in [stock, idempotency] {
            self.database.create_table(serde_json::from_value(table)?).map_err(refused)?;
        }
        let level = |sku: u64| {
            serde_json::from_value(json!({
                "pk": {"S": format!("SKU#SKU-{sku}")}, "sk": {"S": "LEVEL"},
                "available": {"N": units.to_string()}, "reserved": {"N": "0"},
            }))
        };
        let levels: Vec<Item> = (0..skus).map(level).collect::<Result<_, _>>()?;
        self.database.import_items("stock", levels, ImportOptions::default()).map_err(refused)?;
        Ok(())
    }

    /// Every item of a table, in pages.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn each(&self, table: &str, see: impl FnMut(&Value)) -> anyhow::Result<()> {
        each(&self.database, table, see)
    }
}

/// Cuts the stream of the engine over `file` until the engine is gone and the file with it: nobody reads it, and the engine's
/// writes slow down as records pile up.
///
/// # Errors
/// If the file can't be opened once more.
pub fn keep_cutting_the_stream(file: &Path) -> anyhow::Result<()> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let file = file.to_owned();
    tokio::spawn(async move {
        while file.exists() {
            let _ = connection.execute("DELETE FROM _stream_records", []);
            tokio::time::sleep(CUT_EVERY).await;
        }
    });
    Ok(())
}

impl Drop for Tables {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn refused(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("the engine refused: {error}")
}

fn each(database: &Database, table: &str, mut see: impl FnMut(&Value)) -> anyhow::Result<()> {
    let mut from = Value::Null;
    loop {
        let mut request = json!({"TableName": table});
        if !from.is_null() {
            request = json!({"TableName": table, "ExclusiveStartKey": from});
        }
        let page = database.scan(serde_json::from_value(request)?).map_err(refused)?;
        let page = serde_json::to_value(page)?;
        page.get("Items").and_then(Value::as_array).into_iter().flatten().for_each(&mut see);
        from = page.get("LastEvaluatedKey").cloned().unwrap_or_default();
        if from.is_null() {
            return Ok(());
        }
    }
}

/// Writes what was imported of the first good for the others too.
fn copies(database: &Database, goods: u64) -> anyhow::Result<()> {
    let (table, first) = (tables().stock, good(0));
    let mut items = Vec::new();
    each(database, &table, |item| items.push(item.to_string()))?;
    items.retain(|item| item.contains(&first.sku));
    database.enable_bulk_loading().map_err(refused)?;
    for begin in (1..goods).step_by(usize::try_from(AT_ONCE)?) {
        let numbers = begin..goods.min(begin + AT_ONCE);
        let copies = numbers.flat_map(|index| items.iter().map(move |item| (index, item)));
        let copies = copies.map(|(index, item)| serde_json::from_str(&copy(item, &first, &good(index))));
        let copies: Vec<Item> = copies.collect::<Result<_, _>>()?;
        database.import_items(&table, copies, ImportOptions::default()).map_err(refused)?;
    }
    database.disable_bulk_loading().map_err(refused)
}

/// The item of one good as another's. The longest name comes first: a shorter one may be part of it.
fn copy(item: &str, one: &Good, other: &Good) -> String {
    let names = |good: &Good| {
        let ids = [ozon::sku(good), wildberries::chrt_id(good), ozon::product_id(good)].map(|id| id.to_string());
        let [sku, chrt, product] = ids;
        [good.barcode(), good.title.clone(), good.sku.clone(), sku, chrt, product]
    };
    let pairs = names(one).into_iter().zip(names(other));
    pairs.fold(item.to_owned(), |item, (one, other)| item.replace(&one, &other))
}
