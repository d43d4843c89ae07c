use edin_channels::inbound::{Content, Inbound};
use edin_domain::listing::Standing;
use edin_domain::order::{Effect, LineState, Order, OrderKey, Place};
use edin_domain::shown::{Acknowledged, Shown};
use edin_domain::stock::{Tally, Terms};
use edin_domain::{Article, Cause, LineId, OrderId, Sku};
use edin_store::commit::{OrderChange, Stamp, Unit};

use super::*;
use crate::engine::Engine;

const CONNECTIONS: &str = r#"
    [[connection]]
    id = "ozon-main"
    account = { ozon = { client_id = "1234" } }
    currency = "RUB"
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
        let now = Timestamp::from_millis(1_000);
        let importer = Importer { store: &self.store, inbox: &self.inbox, taken: self.taken, now };
        is_send(importer.run(files, &ProgressBar::hidden())).await
    }

    async fn standings(&self, sku: &str) -> Vec<Standing> {
        let partition = self.store.partition(&Sku::new(sku).unwrap()).await.unwrap();
        partition.listings.into_iter().map(|listing| listing.standing).collect()
    }

    async fn on_hand(&self, sku: &str, location: &str) -> i64 {
        let place = Place { sku: Sku::new(sku).unwrap(), location: location.parse().unwrap() };
        self.store.levels([place.clone()]).await.unwrap().level(&place).unwrap().on_hand
    }

    async fn inbox(&self) -> Vec<Inbound> {
        let client = self.engine.sqs_client("test");
        let request = client.receive_message().queue_url(self.engine.queue_url("inbox")).max_number_of_messages(10);
        let messages = request.send().await.unwrap().messages.unwrap_or_default();
        messages.iter().map(|message| serde_json::from_str(message.body().unwrap()).unwrap()).collect()
    }
}

fn is_send<T: Send>(future: T) -> T {
    future
}

fn count(new: usize, changed: usize, same: usize, corrected: usize) -> Count {
    Count { new, changed, same, corrected }
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
    assert_eq!((tea.title.as_str(), tea.brand, tea.barcodes), ("Green tea", None, vec!["4870001".to_owned()]));
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
    assert_eq!((counts.connections, counts.products), (count(1, 0, 0, 0), count(3, 0, 0, 0)));
    assert_eq!((counts.listings, counts.mappings), (count(4, 0, 0, 0), count(2, 0, 0, 0)));
    assert_eq!(counts.levels, count(3, 0, 0, 0));
    assert_eq!(first.errors.len(), 1, "{:?}", first.errors);
    assert_eq!(first.secrets.keys().collect::<Vec<_>>(), ["ozon-main/api_key"]);

    let counts = world.import(&files).await.counts;
    assert_eq!((counts.connections, counts.products), (count(0, 0, 1, 0), count(0, 0, 3, 0)));
    assert_eq!((counts.listings, counts.mappings), (count(0, 0, 4, 0), count(0, 0, 2, 0)));
    assert_eq!(counts.levels, count(0, 0, 3, 0));
}

#[tokio::test]
async fn another_count_corrects_what_is_on_hand() {
    let world = World::new().await;
    world.import(&[world.file("goods.csv", "sku,title,location,on_hand\nTEA,Tea,almaty,12\n")]).await;
    let report = world.import(&[world.file("goods.csv", "sku,title,location,on_hand\nTEA,Tea,almaty,9\n")]).await;
    assert_eq!(report.counts.levels, count(0, 0, 0, 1));
    assert_eq!(world.on_hand("TEA", "almaty").await, 9);
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
    assert_eq!((report.errors.len(), report.counts.listings), (0, count(2, 0, 0, 0)));
}

#[tokio::test]
async fn an_order_that_waited_for_a_mapping_is_on_its_way_again() {
    let world = World::new().await;
    world.import(&[world.file("connections.toml", CONNECTIONS)]).await;
    wait(&world.store, "0132112277-0101-1", "T-1").await;
    let report = world.import(&[world.file("goods.csv", GOODS)]).await;
    assert_eq!(report.remapped, 1);
    let inbox = world.inbox().await;
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
        awaits: after.unmapped().flat_map(|(_, articles)| articles.clone()).collect(),
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
    assert_eq!(world.import(&files).await.counts.listings, count(0, 0, 1, 0));
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
