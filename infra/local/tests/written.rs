//! What is written out is what was taken in, and one listing is changed as its line in a file would change it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

use edin_catalogue::export::{Exported, Form, Tables};
use edin_catalogue::listings::Which;
use edin_catalogue::{Count, File, Importer, Report, Taken};
use edin_domain::listing::{Listing, OwnAdaptive, OwnBuffer, Standing};
use edin_domain::{ConnectionId, Sku, Timestamp};
use edin_local::aws::engine::Engine;
use edin_store::Store;

const CONNECTIONS: &str = r#"
    [[connection]]
    id = "ozon-main"
    account = { ozon = { client_id = "1234" } }
    currency = "RUB"
    warehouses = { 11 = ["almaty"], 12 = ["astana"] }
    [[connection]]
    id = "kaspi-main"
    account = { kaspi = { merchant_id = "30000001", company = "Shop" } }
    currency = "KZT"
    warehouses = { 30000001_PP1 = ["almaty"] }
"#;
const GOODS: &str = "sku,title,brand,barcode,location,on_hand,cost,currency,components,ozon-main.offer_id,ozon-main.sku,ozon-main.warehouse,ozon-main.price,ozon-main.buffer,ozon-main.risk,ozon-main.paused,ozon-main.ended,kaspi-main.sku,kaspi-main.price,kaspi-main.share,kaspi-main.buffer,kaspi-main.turned_away
TEA,\"Tea, green\",Acme,4870000000012;4870000000029,almaty,12,1100.50,RUB,,T-1,147,,1490.50,adaptive,100,yes,,TEA,1890,80,weighed,3
CUP,Cup,,,astana,7,900,,,C-1,,11,,2,,,yes,,,,,
CUP,,,,,,,,,C-1,,12,,,,,,,,,,
SET,Set,,,,,,,TEA:1;CUP:2,S-1,,12,,0,,,,,,,,
";

struct World {
    engine: Engine,
    store: Store,
    _folder: tempfile::TempDir,
}

impl World {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::start(folder.path()).await.unwrap();
        let world = Self { store: engine.store("test"), engine, _folder: folder };
        // What isn't there yet can't end: the cup is listed first.
        let first = GOODS.replace(",2,,,yes,", ",2,,,,");
        for (name, text) in [("connections.toml", CONNECTIONS), ("goods.csv", &*first), ("goods.csv", GOODS)] {
            let report = world.import(name, text.as_bytes()).await;
            assert_eq!(report.errors, []);
        }
        world
    }

    async fn import(&self, name: &str, text: &[u8]) -> Report {
        let file = File { name: name.into(), content: Ok(text.to_vec()) };
        let (inbox, deferred) = (self.engine.queue("test", "inbox"), self.engine.queue("test", "deferred"));
        let now = Timestamp::from_millis(1_000);
        let (store, taken) = (&self.store, Taken::Stays);
        Importer { store, inbox: &inbox, deferred: &deferred, taken, now }.run(vec![file], &|_, _| {}).await
    }

    async fn set(&self, changes: &[(&str, &str)]) -> Report {
        let (inbox, deferred) = (self.engine.queue("test", "inbox"), self.engine.queue("test", "deferred"));
        let now = Timestamp::from_millis(2_000);
        let (store, taken) = (&self.store, Taken::Stays);
        let importer = Importer { store, inbox: &inbox, deferred: &deferred, taken, now };
        let (sku, connection) = (Sku::new("TEA").unwrap(), ConnectionId::new("ozon-main").unwrap());
        let warehouse = "11".parse().unwrap();
        let which = Which { sku: &sku, connection: &connection, warehouse: Some(&warehouse) };
        importer.set_listings(which, changes).await.unwrap()
    }

    /// The listing of the tea at a warehouse of Ozon's.
    async fn tea(&self, warehouse: &str) -> Listing {
        let partition = self.store.partition(&Sku::new("TEA").unwrap()).await.unwrap();
        let mut all = partition.listings.into_iter();
        all.find(|one| one.key.warehouse.as_str() == warehouse).unwrap()
    }
}

#[tokio::test]
async fn what_is_exported_can_be_imported_and_changes_nothing() {
    for form in [Form::Csv, Form::Xlsx] {
        let world = World::open().await;
        let mut files = [const { Vec::new() }; 4];
        let exported = Tables::new(form, files.each_mut()).write(&world.store).await.unwrap();
        let expected = Exported { goods: 3, listings: 6, levels: 2, ..Exported::default() };
        assert_eq!(exported, expected);
        let [catalogue, stock, ..] = files;
        let report = world.import(&form.file("catalogue"), &catalogue).await;
        assert_eq!((report.errors, report.notes), (Vec::new(), Vec::new()), "{form:?}");
        let counts = report.counts;
        let same = |same| Count { same, ..Count::default() };
        assert_eq!((counts.products, counts.listings, counts.levels), (same(3), same(6), same(0)), "{form:?}");
        assert_eq!((counts.prices, counts.mappings.new, counts.mappings.changed), (same(2), 0, 0), "{form:?}");
        if form == Form::Csv {
            let stock = String::from_utf8(stock).unwrap();
            assert!(stock.contains("TEA,almaty,12,0,12,") && stock.contains("CUP,astana,7,0,7,"), "{stock}");
        }
    }
}

#[tokio::test]
async fn one_listing_is_changed_and_all_else_of_it_stays() {
    let world = World::open().await;
    let (before, elsewhere) = (world.tea("11").await, world.tea("12").await);
    let report = world.set(&[("price", "1500"), ("share", "50")]).await;
    assert_eq!((report.errors.len(), report.counts.listings.changed, report.counts.prices.changed), (0, 1, 1));
    let mut expected = before.clone();
    expected.policy.share = Some(50);
    assert_eq!((world.tea("11").await, world.tea("12").await), (expected, elsewhere));
    let (tea, ozon) = (Sku::new("TEA").unwrap(), ConnectionId::new("ozon-main").unwrap());
    assert_eq!(world.store.price(&tea, &ozon).await.unwrap().map(|price| price.minor), Some(150_000));

    let own = OwnAdaptive { risk: Some(100), ..OwnAdaptive::default() };
    assert_eq!(before.policy.buffer, Some(OwnBuffer::Adaptive(own)));
    world.set(&[("buffer", "3"), ("paused", "no"), ("share", "")]).await;
    let after = world.tea("11").await;
    assert_eq!((after.policy.buffer, after.standing), (Some(OwnBuffer::Fixed(3)), Standing::Selling));
    assert_eq!(after.policy.share, None);
}

#[tokio::test]
async fn a_value_that_a_file_could_not_say_is_refused_in_the_same_words() {
    let world = World::open().await;
    let before = world.tea("11").await;
    let report = world.set(&[("share", "101")]).await;
    assert!(report.errors[0].problem.to_string().contains("is not a percentage"), "{:?}", report.errors);
    assert_eq!(world.tea("11").await, before);
}
