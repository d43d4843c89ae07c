//! Files as a person writes them, into the tables of this machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use edin_catalogue::connections::modes::{self, Change};
use edin_catalogue::{Count, Importer, Report, Taken, Words};
use edin_channels::told::{Content, Inbound};
use edin_domain::connection::Mode;
use edin_domain::document::{Document, DocumentKind, DocumentLine};
use edin_domain::listing::Standing;
use edin_domain::order::{Effect, LineState, Order, OrderKey};
use edin_domain::shown::{Acknowledged, Shown};
use edin_domain::stock::{Entry, Place, Tally, Terms};
use edin_domain::{Article, Cause, Connection, ConnectionId, LineId, OrderId, Sku, Timestamp};
use edin_local::aws::engine::Engine;
use edin_local::import::read;
use edin_platform::Queue;
use edin_store::catalogue::Written;
use edin_store::commit::{OrderChange, Stamp, Unit};
use edin_store::{Store, StoreError};
use edin_trade::messages::Doubt;
use serde::de::DeserializeOwned;

const CONNECTIONS: &str = r#"
    [[connection]]
    id = "ozon-main"
    account = { ozon = { client_id = "1234" } }
    currency = "RUB"
    mode = "live"
    warehouses = { 11 = ["almaty"], 12 = ["astana"] }
    secrets = { api_key = "hidden" }
"#;
const GOODS: &str = "sku,title,location,on_hand,components,ozon-main.offer_id,ozon-main.paused
SET,Set,,,TEA:1;CUP:2,S-1,
TEA,Tea,almaty,12,,T-1,
TEA,,astana,3,,,
CUP,Cup,almaty,7,,,
BAD,Bad,almaty,many,,,
";

/// A folder with files and the engines.
struct World {
    folder: tempfile::TempDir,
    engine: Engine,
    inbox: Queue,
    store: Store,
    taken: Taken,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::start(folder.path()).await.unwrap();
        let (inbox, store) = (engine.queue("import", "inbox"), engine.store("import"));
        Self { folder, engine, inbox, store, taken: Taken::Stays }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    async fn import(&self, files: &[PathBuf]) -> Report {
        self.import_at(files, 1).await
    }

    async fn import_at(&self, files: &[PathBuf], second: i64) -> Report {
        let now = Timestamp::from_millis(second * 1_000);
        let deferred = self.engine.queue("import", "deferred");
        let (store, inbox, taken) = (&self.store, &self.inbox, self.taken);
        let importer = Importer { store, inbox, deferred: &deferred, taken, now };
        is_send(importer.run(read(files), &|_, _| {})).await
    }

    async fn standings(&self, sku: &str) -> Vec<Standing> {
        let partition = self.store.partition(&Sku::new(sku).unwrap()).await.unwrap();
        partition.listings.into_iter().map(|listing| listing.standing).collect()
    }

    async fn on_hand(&self, sku: &str, location: &str) -> i64 {
        let place = Place { sku: Sku::new(sku).unwrap(), location: location.parse().unwrap() };
        self.store.levels([place.clone()]).await.unwrap().level(&place).unwrap().on_hand
    }

    /// What lies in a queue, or comes within so many seconds.
    async fn messages<T: DeserializeOwned>(&self, queue: &str, seconds: i32) -> Vec<T> {
        let client = self.engine.sqs_client("test");
        let request = client.receive_message().queue_url(self.engine.queue_url(queue)).max_number_of_messages(10);
        let request = request.wait_time_seconds(seconds);
        let messages = request.send().await.unwrap().messages.unwrap_or_default();
        messages.iter().map(|message| serde_json::from_str(message.body().unwrap()).unwrap()).collect()
    }
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn count(new: usize, changed: usize, same: usize) -> Count {
    Count { new, changed, same }
}

#[tokio::test]
async fn what_a_file_has_no_column_for_stays_as_it_is() {
    let world = World::new().await;
    let connections = world.file("connections.toml", CONNECTIONS);
    let whole = "sku,title,brand,barcode,cost,components\nTEA,Tea,Acme,4870001,1100,\nSET,Set,Acme,,,TEA:2\n";
    let partial = "sku,title,brand,ozon-main.offer_id\nTEA,Green tea,,T-1\nSET,Set,Nomad,S-1\n";
    for (name, text) in [("whole.csv", whole), ("partial.csv", partial)] {
        let report = world.import(&[connections.clone(), world.file(name, text)]).await;
        assert_eq!(report.errors.len(), 0, "{:?}", report.errors);
    }
    let skus = ["TEA", "SET"].map(|sku| Sku::new(sku).unwrap());
    let products = world.store.products(skus.clone()).await.unwrap();
    let [tea, set] = skus.map(|sku| products[&sku].clone());
    assert_eq!((tea.title.as_str(), tea.brand, tea.barcodes), ("Green tea", None, vec!["4870001".to_owned().into()]));
    assert_eq!(tea.cost.map(|cost| cost.to_string()), Some("1100.00 KZT".to_owned()));
    assert_eq!(set.brand.as_deref(), Some("Nomad"));
    assert_eq!(set.components().into_values().collect::<Vec<_>>(), [2]);

    let counted = world.file("counted.csv", "sku,title,location,on_hand\nSET,Set,almaty,3\n");
    let report = world.import(&[counted]).await;
    assert!(report.errors[0].to_string().contains("a bundle has no stock of its own"), "{:?}", report.errors);
}

#[tokio::test]
async fn the_same_files_once_again_change_nothing() {
    let world = World::new().await;
    let files = [world.file("goods.csv", GOODS), world.file("connections.toml", CONNECTIONS)];

    let first = world.import(&files).await;
    let counts = first.counts;
    assert_eq!((counts.connections, counts.products), (count(1, 0, 0), count(3, 0, 0)));
    assert_eq!((counts.listings, counts.mappings), (count(4, 0, 0), count(2, 0, 0)));
    assert_eq!(counts.levels, count(3, 0, 0));
    assert_eq!(first.errors.len(), 1, "{:?}", first.errors);
    assert_eq!(first.secrets.keys().collect::<Vec<_>>(), ["ozon-main/api_key"]);

    let counts = world.import(&files).await.counts;
    assert_eq!((counts.connections, counts.products), (count(0, 0, 1), count(0, 0, 3)));
    assert_eq!((counts.listings, counts.mappings), (count(0, 0, 4), count(0, 0, 2)));
    assert_eq!(counts.levels, count(0, 0, 3));
}

#[tokio::test]
async fn a_new_price_changes_no_listing() {
    let world = World::new().await;
    let with = |price: &str| format!("sku,title,ozon-main.offer_id,ozon-main.price\nTEA,Tea,T-1,{price}\n");
    let connections = world.file("connections.toml", CONNECTIONS);
    for (price, listings, prices) in [
        ("", count(2, 0, 0), count(0, 0, 0)),
        ("1490", count(0, 0, 2), count(1, 0, 0)),
        ("1500", count(0, 0, 2), count(0, 1, 0)),
        ("1500", count(0, 0, 2), count(0, 0, 1)),
        ("", count(0, 0, 2), count(0, 1, 0)),
    ] {
        let counts = world.import(&[connections.clone(), world.file("goods.csv", &with(price))]).await.counts;
        assert_eq!((counts.listings, counts.prices), (listings, prices), "{price}");
        let (id, tea) = (ConnectionId::new("ozon-main").unwrap(), Sku::new("TEA").unwrap());
        let page = world.store.listings_after(&id, None).await.unwrap();
        let known = world.store.prices(&id, &page).await.unwrap();
        let expected = (!price.is_empty()).then(|| format!("{price}.00 RUB"));
        assert_eq!(known.get(&tea).map(ToString::to_string), expected);
    }
}

/// Tea was opened with 12 at the second 1; an order took 5 of them at the second 3, and 1 came back at the second 5.
async fn with_tea() -> World {
    let world = World::new().await;
    world.import(&[world.file("goods.csv", "sku,title,location,on_hand\nTEA,Tea,almaty,12\n")]).await;
    for (number, units, at) in [("sold", -5, 3_000), ("back", 1, 5_000)] {
        let place = tea();
        let line = DocumentLine { sku: place.sku, location: place.location, to: None, units };
        let (kind, lines) = (DocumentKind::Correction, vec![line]);
        let at = Timestamp::from_millis(at);
        let document = Document { number: number.to_owned(), kind, author: "test".to_owned(), reason: None, at, lines };
        world.store.post(&document, &Stamp { cause: Cause::new("test").unwrap(), at }).await.unwrap();
    }
    write_the_ledger(&world, &[(0, 12, 1_000), (12, 7, 3_000), (7, 8, 5_000)]).await;
    world
}

fn tea() -> Place {
    Place { sku: Sku::new("TEA").unwrap(), location: "almaty".parse().unwrap() }
}

async fn write_the_ledger(world: &World, changes: &[(i64, i64, i64)]) {
    let row = |(version, (before, after, at)): (u64, &(i64, i64, i64))| {
        let (cause, at) = (Cause::new("test").unwrap(), Timestamp::from_millis(*at));
        let (on_hand, reserved, changes) = ((*before, *after), (0, 0), Vec::new());
        (tea(), Entry { version, at, cause, on_hand, reserved, changes, oversold: 0 })
    };
    let rows: Vec<_> = (1..).zip(changes).map(row).collect();
    world.store.put_ledger(&rows, Timestamp::from_millis(1_000), "test").await.unwrap();
}

/// Imports a count of the tea in Almaty, made at that second.
async fn count_tea(world: &World, units: i64, second: i64) -> Report {
    let at = Timestamp::from_millis(second * 1_000);
    let file = world.file("count.csv", &format!("sku,location,on_hand,counted_at\nTEA,almaty,{units},{at}\n"));
    world.import_at(&[file], 9).await
}

#[tokio::test]
async fn a_count_is_a_count() {
    let world = with_tea().await;
    let report = count_tea(&world, 8, 6).await;
    assert_eq!((report.errors.len(), world.on_hand("TEA", "almaty").await), (0, 8), "as it was");
    let report = count_tea(&world, 12, 7).await;
    assert_eq!(world.on_hand("TEA", "almaty").await, 12, "the number that it began with counts like any other");
    assert!(report.notes[0].ends_with("TEA at almaty: 8 → 12 on hand"), "{:?}", report.notes);
    count_tea(&world, 12, 7).await;
    assert_eq!(world.on_hand("TEA", "almaty").await, 12, "once again is the same count");
}

#[tokio::test]
async fn what_has_moved_since_a_count_stays_moved() {
    for (second, expected) in [(2, 10 - 5 + 1), (4, 10 + 1), (6, 10)] {
        let world = with_tea().await;
        assert_eq!(count_tea(&world, 10, second).await.errors, []);
        assert_eq!(world.on_hand("TEA", "almaty").await, expected, "counted at {second} s");
    }
}

#[tokio::test]
async fn a_count_that_the_books_can_not_tell_of_is_refused() {
    let world = with_tea().await;
    let too_early = count_tea(&world, 10, 0).await.errors;
    assert!(too_early[0].to_string().contains("was counted before anything was known of it there"), "{too_early:?}");
    let world = World::new().await;
    world.import(&[world.file("goods.csv", "sku,title,location,on_hand\nTEA,Tea,almaty,12\n")]).await;
    let behind = count_tea(&world, 10, 0).await.errors;
    assert!(behind[0].to_string().contains("is not written up to the count yet"), "{behind:?}");
}

#[tokio::test]
async fn goods_come_go_and_move_by_documents_that_count_once() {
    let world = with_tea().await;
    for (text, expected) in [
        ("sku,location,received,document\nTEA,almaty,4,r1\n", (12, None)),
        ("sku,location,written_off,document,reason\nTEA,almaty,2,w1,broken\n", (10, None)),
        ("sku,location,moved,to,document\nTEA,almaty,3,astana,m1\n", (7, Some(3))),
        ("sku,location,corrected,document\nTEA,almaty,-1,c1\n", (6, Some(3))),
    ] {
        for second in [9, 11] {
            let report = world.import_at(&[world.file("stock.csv", text)], second).await;
            assert_eq!(report.errors, []);
        }
        let astana = Place { location: "astana".parse().unwrap(), ..tea() };
        let levels = world.store.levels([tea(), astana.clone()]).await.unwrap();
        let on_hand = |place| levels.level(place).map(|level| level.on_hand);
        assert_eq!((on_hand(&tea()), on_hand(&astana)), (Some(expected.0), expected.1), "{text}");
    }
    let other = "sku,location,received,document\nTEA,almaty,5,r1\n";
    let taken = world.import(&[world.file("stock.csv", other)]).await.errors;
    assert!(taken[0].to_string().contains("another one has the number \"r1\" already"), "{taken:?}");
}

#[tokio::test]
async fn more_can_not_go_than_lies_there_and_nothing_of_such_a_document_is_taken() {
    let world = with_tea().await;
    let text = "sku,location,written_off,document\nTEA,almaty,1,w1\nTEA,almaty,8,w1\n";
    let errors = world.import(&[world.file("stock.csv", text)]).await.errors;
    assert!(errors[0].to_string().contains("8 of TEA lie at almaty, fewer than 9"), "{errors:?}");
    let unknown = "sku,location,received,document\nTEA,almaty,1,r1\nCUP,almaty,8,r1\n";
    let errors = world.import(&[world.file("stock.csv", unknown)]).await.errors;
    assert!(
        errors[0].to_string().contains("stock.csv:3: column sku: there is no CUP with a stock of its own"),
        "{errors:?}"
    );
    assert_eq!(world.on_hand("TEA", "almaty").await, 8);
}

#[tokio::test]
async fn an_opening_that_differs_is_refused_and_says_where_a_count_goes() {
    let world = with_tea().await;
    let report = world.import(&[world.file("goods.csv", "sku,title,location,on_hand\nTEA,Tea,almaty,9\n")]).await;
    let error = report.errors[0].to_string();
    assert!(
        error.contains("column on_hand: TEA began at almaty with another number, and 8 lie there by now"),
        "{error}"
    );
    assert_eq!(world.on_hand("TEA", "almaty").await, 8);
}

#[tokio::test]
async fn a_listing_stays_paused_unless_a_line_says_otherwise() {
    let world = World::new().await;
    let connections = world.file("connections.toml", CONNECTIONS);
    let head = "sku,title,ozon-main.offer_id,ozon-main.warehouse,ozon-main.paused\nTEA,Tea,T-1,11";
    for (paused, standing) in [("yes", Standing::Paused), ("", Standing::Paused), ("no", Standing::Selling)] {
        world.import(&[connections.clone(), world.file("goods.csv", &format!("{head},{paused}\n"))]).await;
        assert_eq!(world.standings("TEA").await, [standing]);
    }
}

#[tokio::test]
async fn a_catalogue_finds_its_connections_and_components_in_the_table() {
    let world = World::new().await;
    world.import(&[world.file("connections.toml", CONNECTIONS), world.file("goods.csv", GOODS)]).await;
    let text = "sku,title,components,ozon-main.offer_id\nTWO,Two teas,TEA:2,TWO\n";
    let report = world.import(&[world.file("bundles.csv", text)]).await;
    assert_eq!((report.errors.len(), report.counts.listings), (0, count(2, 0, 0)));
}

#[tokio::test]
async fn an_order_that_waited_for_a_mapping_is_on_its_way_again() {
    let world = World::new().await;
    world.import(&[world.file("connections.toml", CONNECTIONS)]).await;
    wait(&world.store, "0132112277-0101-1", "T-1").await;
    let report = world.import(&[world.file("goods.csv", GOODS)]).await;
    assert_eq!(report.remapped, 1);
    let inbox: Vec<Inbound> = world.messages("inbox", 0).await;
    assert_eq!(inbox[0].content, Content::Remap(OrderId::new("0132112277-0101-1").unwrap()));
    assert_eq!(inbox[0].cause.as_str(), "remap:0132112277-0101-1");
}

/// Records an order with a line that nothing is mapped to.
async fn wait(store: &Store, order: &str, article: &str) {
    let key = OrderKey::new("ozon-main".parse().unwrap(), OrderId::new(order).unwrap());
    let mut after = Order::unknown(key, Cause::new("test").unwrap());
    let articles = [Article::new(article).unwrap()].into();
    let line = LineState { articles, ordered: 1, ..LineState::default() };
    after.state.lines.insert(LineId::new("1").unwrap(), line);
    after.version = 1;
    let change = OrderChange {
        awaits: after.unmapped().flat_map(|(_, articles)| articles.clone()).map(|of| (of, String::new())).collect(),
        after,
        effect: Effect::default(),
        chosen: BTreeSet::new(),
        found: BTreeSet::new(),
        contact: None,
    };
    let stamp = Stamp { cause: Cause::new("test").unwrap(), at: Timestamp::from_millis(1) };
    assert_eq!(store.commit(&[Unit { terms: Terms::Sold, changes: vec![change] }], &stamp).await, [Ok(())]);
}

/// A seller whose tea is listed at Ozon under T-1, and a file that gives T-1 to another good.
async fn renamed() -> (World, [PathBuf; 2]) {
    let world = World::new().await;
    let connections = world.file("connections.toml", CONNECTIONS);
    let head = "sku,title,ozon-main.offer_id,ozon-main.warehouse";
    let first = world.file("first.csv", &format!("{head}\nTEA,Tea,T-1,11\n"));
    let second = world.file("second.csv", &format!("{head}\nGREEN-TEA,Green tea,T-1,11\n"));
    assert_eq!(world.import(&[connections.clone(), first]).await.errors, []);
    (world, [connections, second])
}

async fn owner(world: &World, article: &str) -> Option<String> {
    let connection = ConnectionId::new("ozon-main").unwrap();
    world.store.owner(&connection, &Article::new(article).unwrap()).await.unwrap().map(String::from)
}

#[tokio::test]
async fn a_card_stays_the_good_s_whose_it_is_and_the_line_says_so() {
    let (world, files) = renamed().await;
    let report = world.import(&files).await;
    let expected =
        "second.csv:2: T-1 is TEA at ozon-main, and one card sells one good; import with --move to make it this one's";
    assert!(report.errors[0].to_string().ends_with(expected), "{:?}", report.errors);
    assert_eq!(owner(&world, "T-1").await.as_deref(), Some("TEA"));
    assert_eq!((world.standings("TEA").await.len(), world.standings("GREEN-TEA").await.len()), (1, 0));
}

#[tokio::test]
async fn a_card_that_is_moved_is_listed_once() {
    let (mut world, files) = renamed().await;
    world.taken = Taken::Moves;
    let report = world.import(&files).await;
    assert_eq!(report.errors, []);
    let expected = ["T-1 at ozon-main was TEA and is GREEN-TEA now", "TEA is not listed at ozon-main, 11 any more"];
    assert_eq!(report.notes, expected);
    assert_eq!(owner(&world, "T-1").await.as_deref(), Some("GREEN-TEA"));
    assert_eq!((world.standings("TEA").await.len(), world.standings("GREEN-TEA").await.len()), (0, 1));
    assert_eq!(world.import(&files).await.counts.listings, count(0, 0, 1));
}

async fn ended(world: &World, sku: &str) -> Vec<bool> {
    let partition = world.store.partition(&Sku::new(sku).unwrap()).await.unwrap();
    partition.listings.iter().map(|listing| listing.ended_at.is_some()).collect()
}

#[tokio::test]
async fn a_listing_ends_by_its_line_and_goes_on_by_another() {
    let (world, _) = renamed().await;
    let head = "sku,title,ozon-main.offer_id,ozon-main.warehouse,ozon-main.ended\nTEA,Tea,T-1,11";
    for (cell, is_ended) in [("yes", true), ("", true), ("no", false), ("", false)] {
        let report = world.import(&[world.file("goods.csv", &format!("{head},{cell}\n"))]).await;
        assert_eq!((report.errors, ended(&world, "TEA").await), (Vec::new(), vec![is_ended]), "{cell:?}");
    }
}

#[tokio::test]
async fn a_name_is_given_up_once_the_last_0_is_told() {
    let (world, files) = renamed().await;
    let head = "sku,title,ozon-main.offer_id,ozon-main.warehouse,ozon-main.ended\nTEA,Tea,T-1,11";
    let names = world.file("goods.csv", &format!("{head},names\n"));
    let report = world.import(std::slice::from_ref(&names)).await;
    let expected = "column ozon-main.offer_id: the last 0 of TEA at 11 is not told yet; try again when it is";
    assert!(report.errors[0].to_string().ends_with(expected), "{:?}", report.errors);
    tell_a_last_0(&world).await;
    for notes in [vec!["T-1 at ozon-main is nothing any more; it was TEA".to_owned()], Vec::new()] {
        let report = world.import(std::slice::from_ref(&names)).await;
        assert_eq!((report.errors, report.notes), (Vec::new(), notes));
    }
    assert_eq!((owner(&world, "T-1").await, world.standings("TEA").await.len()), (None, 0));
    assert_eq!(world.import(&files).await.errors, []);
    assert_eq!(owner(&world, "T-1").await.as_deref(), Some("GREEN-TEA"));
}

async fn tell_a_last_0(world: &World) {
    let partition = world.store.partition(&Sku::new("TEA").unwrap()).await.unwrap();
    let (at, tally) = (Timestamp::from_millis(2_000), Tally::default());
    let acknowledged = Some(Acknowledged { quantity: 0, at, tally, version: 1 });
    let told = partition.listings.into_iter().map(|one| (one.key, Shown { acknowledged, ..Shown::default() }));
    world.store.put_shown(&told.collect::<Vec<_>>()).await.unwrap();
}

#[tokio::test]
async fn a_connection_ends_by_its_file_and_stays_ended_until_a_file_says_otherwise() {
    let world = World::new().await;
    for (said, is_ended) in [("ended = true", true), ("", true), ("ended = false", false)] {
        let file = world.file("connections.toml", &format!("{CONNECTIONS}    {said}\n"));
        assert_eq!(world.import(&[file]).await.errors, []);
        let connection = world.store.connection(&ConnectionId::new("ozon-main").unwrap()).await.unwrap().unwrap();
        assert_eq!(connection.ended_at.is_some(), is_ended, "{said}");
    }
}

#[tokio::test]
async fn a_connection_imported_without_a_mode_observes_and_keeps_what_a_person_made_of_it() {
    let world = World::new().await;
    let (id, file) = (ConnectionId::new("ozon-main").unwrap(), CONNECTIONS.replace("mode = \"live\"", ""));
    let file = world.file("connections.toml", &file);
    let mode = async || world.store.connection(&id).await.unwrap().unwrap().mode;
    let report = world.import(std::slice::from_ref(&file)).await;
    assert_eq!((mode().await, report.notes.len()), (Mode::Observe, 1), "{:?}", report.notes);
    let (deferred, now) = (world.engine.queue("import", "deferred"), Timestamp::from_millis(2_000));
    modes::change(&world.store, &deferred, &id, Change::To(Mode::Live), now).await.unwrap();
    let again = world.import(&[file]).await;
    assert_eq!((mode().await, again.counts.connections, again.notes), (Mode::Live, count(0, 0, 1), Vec::new()));
}

#[tokio::test]
async fn two_who_change_a_connection_at_once_lose_nothing() {
    let world = World::new().await;
    world.import(&[world.file("connections.toml", CONNECTIONS)]).await;
    let id = ConnectionId::new("ozon-main").unwrap();
    let address = |known: Option<Connection>| {
        Ok::<_, StoreError>(Connection { base_url: Some("https://a".to_owned()), ..known.unwrap() })
    };
    let proxy = |known: Option<Connection>| {
        Ok::<_, StoreError>(Connection { proxy: Some("https://b".to_owned()), ..known.unwrap() })
    };
    let (one, other) = tokio::join!(world.store.edit_connection(&id, address), world.store.edit_connection(&id, proxy));
    assert_eq!((one, other), (Ok(Written::Changed), Ok(Written::Changed)));
    let connection = world.store.connection(&id).await.unwrap().unwrap();
    assert_eq!((connection.base_url.as_deref(), connection.proxy.as_deref()), (Some("https://a"), Some("https://b")));
}

#[tokio::test]
async fn what_may_be_meant_otherwise_is_said_and_taken() {
    let world = World::new().await;
    let connections = CONNECTIONS.replace("12 = [\"astana\"]", "12 = [\"almaty\"]");
    world.import(&[world.file("goods.csv", "sku,title\nTEA,Tea\n")]).await;
    let goods = "sku,title,location,on_hand\nТЕА,Чай,almati,12\n";
    let report = world.import(&[world.file("connections.toml", &connections), world.file("goods.csv", goods)]).await;
    assert_eq!(report.errors, []);
    let warnings: Vec<String> = report.warnings.iter().map(|warning| warning.problem.to_string()).collect();
    let expected = [
        "connection ozon-main: 11 and 12 both sell from almaty, and each is told all that lies there: what both sell is sold twice",
        "column sku: ТЕА looks like TEA, which is there already, in another alphabet; is it another good?",
        "column location: no connection sells from almati; is almaty meant?",
    ];
    assert_eq!(warnings, expected);
    assert_eq!(world.on_hand("ТЕА", "almati").await, 12);
}

#[tokio::test]
async fn what_a_changed_connection_lists_is_looked_at_again() {
    let world = World::new().await;
    world.import(&[world.file("connections.toml", CONNECTIONS), world.file("goods.csv", GOODS)]).await;
    assert_eq!(world.messages::<Doubt>("deferred", 3).await, [], "what is new is told by its listings");
    let changed = CONNECTIONS.replace("currency", "policy = { share = 50 }\n    currency");
    assert_eq!(world.import(&[world.file("connections.toml", &changed)]).await.errors, []);
    let doubts: Vec<Doubt> = world.messages("deferred", 20).await;
    let skus: Vec<&str> = doubts.iter().flat_map(|doubt| &doubt.skus).map(|(sku, _)| sku.as_str()).collect();
    assert_eq!(skus, ["SET", "TEA"]);
}

#[tokio::test]
async fn a_russian_table_is_imported_by_what_was_said_of_its_words_and_the_rest_is_handed_back() {
    let world = World::new().await;
    let text = "Код;Артикул;Наименование;Склад;Остаток;Цвет\nк-1;TEA;Чай;Основной склад;12,000;зелёный\nк-2;CUP;Чашка;Алматы;3,000;\n";
    let mut words = Words::default();
    words.add("Код=sku").unwrap();
    words.read("[locations]\n\"Основной склад\" = \"almaty\"\n").unwrap();
    let (words, deferred) = (Arc::new(words), world.engine.queue("import", "deferred"));
    let now = Timestamp::from_millis(1_000);
    let (store, inbox, taken) = (&world.store, &world.inbox, world.taken);
    let importer = Importer { store, inbox, deferred: &deferred, taken, now };
    let import = async |file: PathBuf| importer.run_by(&words, read(&[file]), &|_, _| {}).await;

    let report = import(world.file("остатки.csv", text)).await;
    assert_eq!(world.on_hand("к-1", "almaty").await, 12);
    assert_eq!(report.errors.len(), 1, "{:?}", report.errors);
    assert!(report.errors[0].to_string().contains("column Склад (location): \"Алматы\" is not a location id"));
    assert!(report.notes.iter().any(|note| note.ends_with("left out: Артикул, Цвет")), "{:?}", report.notes);

    let mended = String::from_utf8(report.refused[0].to_csv()).unwrap().replace("Алматы", "almaty");
    let report = import(world.file("исправлено.csv", &mended)).await;
    assert_eq!(report.errors.len(), 0, "{:?}", report.errors);
    assert_eq!((report.counts.products, world.on_hand("к-2", "almaty").await), (count(1, 0, 0), 3));
}
