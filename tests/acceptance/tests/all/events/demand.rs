//! Demand: counted from the stream, held back at the channels, and faded with time that the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use acceptance::{CUP, KASPI, LAMP, OZON, POT, SET, TEA, WB, goods, open_wildberries};
use edin_channels::address::{self, Purpose};
use edin_domain::demand::{Demand, Rate};
use edin_domain::{ConnectionId, LocationId, Sku, Timestamp};
use edin_look::why::ListingSaid;
use edin_platform::{Clock, SystemClock};
use project::Project;
use serde_json::{Value, json};
use simulators::Wildberries;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

use super::calls::{answered, call, request};
use super::functions::Functions;
use super::messages::{batch, doubt, reported};
use super::stage::{NOWHERE, Stage};
use super::stream::{OPENED_AT, all_done, answer, event, record, sale};

/// Buyers know at once; all of the stock may be held back.
const ALL: &str = "{ buffer = { most = 100 } }\nstorefront_seconds = 0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_are_counted_once_however_they_are_delivered() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.set_policies(&[(WB, ALL)]).await?;
    let project = stage.functions().project().await?;
    let records = |sku: &str| (1..=7).map(|version| sale(version, sku, version)).collect::<Vec<_>>();
    projected(&project, &records(TEA)).await?;
    let whole = demand(&stage, TEA).await?;
    assert_eq!(whole.version, 1, "one write a batch");
    let (lamps, pots) = (records(LAMP), records(POT));
    for batch in [&lamps[..3], &lamps[3..], &lamps[..3], &lamps[..]] {
        projected(&project, batch).await?;
    }
    for batch in [&pots[3..], &pots[3..], &pots[..3], &pots[..]] {
        projected(&project, batch).await?;
    }
    for sku in [LAMP, POT] {
        let demand = demand(&stage, sku).await?;
        assert_eq!(demand.version, 2, "what is delivered again writes nothing");
        let difference = sold(&demand).abs_diff(sold(&whole));
        assert!(difference < 3_000, "{sku}: {difference} millionths, from rounding alone");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_holds_back_for_is_not_counted() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let project = stage.functions().project().await?;
    projected(&project, &[sale(1, CUP, 2)]).await?;
    assert_eq!(stage.item(&format!("SKU#{CUP}"), "DEMAND").await?, Value::Null);
    stage.set_policies(&[(WB, "{ buffer = 1 }")]).await?;
    projected(&project, &[sale(1, CUP, 2)]).await?;
    assert_eq!(stage.item(&format!("SKU#{CUP}"), "DEMAND").await?, Value::Null);
    let only_the_set = format!("sku,title,wb-main.chrt_id,wb-main.buffer\n{SET},The set,70000007,adaptive\n");
    stage.import("set.csv", &only_the_set).await?;
    projected(&project, &[sale(1, CUP, 2), sale(2, POT, 2)]).await?;
    assert_ne!(stage.item(&format!("SKU#{CUP}"), "DEMAND").await?, Value::Null, "a set is made of it");
    assert_eq!(stage.item(&format!("SKU#{POT}"), "DEMAND").await?, Value::Null);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_that_can_not_be_read_keeps_no_ledger_waiting() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.set_policies(&[(WB, ALL)]).await?;
    let project = stage.functions().project().await?;
    stage.ruin(POT).await?;
    projected(&project, &[sale(1, POT, 2), sale(2, TEA, 2)]).await?;
    assert_eq!(stage.store().ledger(&Sku::new(POT)?).await?.len(), 1);
    assert_eq!(demand(&stage, TEA).await?.version, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demand_wakes_nobody() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let written = json!({ "pk": { "S": format!("SKU#{TEA}") }, "sk": { "S": "DEMAND" }, "version": { "N": "1" } });
    let fanned = stage.functions().fanout().handle(event(&[record(1, None, Some(written))])?).await;
    assert_eq!(answer(&fanned), all_done());
    assert_eq!(stage.waiting("push.fifo").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn call_and_price_list_say_the_same_of_the_same_lag() -> anyhow::Result<()> {
    let town = Town::open(&[(WB, ALL), (KASPI, ALL)]).await?;
    town.sell(LAMP, 5).await?;
    assert_eq!(
        town.told(LAMP).await?,
        4,
        "5 just now are 11.8 an hour, 0.066 in 20 s: more than 2 with less than 1 in 1 000"
    );
    assert_eq!(town.listed(LAMP).await?, 4);
    let said = town.why(LAMP, WB).await?;
    assert_eq!((said.offer.buffer, said.foresight.map(|foresight| foresight.lag_ms)), (2, Some(20_000)));
    assert_eq!(town.why(LAMP, OZON).await?.foresight, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_held_back_is_on_sale_again_when_demand_has_faded_and_that_is_no_drift() -> anyhow::Result<()> {
    let town = Town::open(&[(WB, ALL)]).await?;
    town.push(goods().iter().map(|good| good.sku.as_str())).await?;
    town.sell(LAMP, 5).await?;
    assert_eq!(town.told(LAMP).await?, 4);
    town.pass(Duration::from_hours(12));
    assert_eq!(town.shown(LAMP), Some(4), "nothing has woken anybody");
    let summary = town.functions().reconcile().reconcile(&ConnectionId::new(WB)?).await?;
    assert_eq!((summary.drift_units, summary.findings.as_slice(), &summary.problem), (0, [].as_slice(), &None));
    let status = town.stage.store().statuses([ConnectionId::new(WB)?]).await?.remove(WB).expect("it was reconciled");
    assert_eq!((status.due, status.due_since), (1, Some(status.at)), "no alarm that somebody waits");
    let asked = town.stage.drain("push.fifo").await?;
    assert!(asked[0].body.as_deref().is_some_and(|body| body.contains(LAMP)), "{asked:?}");
    assert_eq!(town.told(LAMP).await?, 6);
    Ok(())
}

/// A stage with a clock that the test sets, and Wildberries.
struct Town {
    stage: Stage,
    wildberries: Wildberries,
    clock: Arc<Set>,
}

/// Goes on by itself, and is set forward.
struct Set {
    started: Timestamp,
    forward: AtomicI64,
}

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(OPENED_AT + self.forward.load(Ordering::SeqCst))
            .plus(SystemClock.now().since(self.started))
    }
}

impl Town {
    /// Opens when everything was counted.
    async fn open(policies: &[(&str, &str)]) -> anyhow::Result<Self> {
        let (wildberries, token) = open_wildberries().await?;
        let urls = [NOWHERE.to_owned(), wildberries.url(), NOWHERE.to_owned()];
        let stage = Stage::open_at(urls, ["none".to_owned(), token, "none".to_owned()]).await?;
        stage.set_policies(policies).await?;
        let clock = Set { started: SystemClock.now(), forward: AtomicI64::new(0) };
        Ok(Self { stage, wildberries, clock: Arc::new(clock) })
    }

    fn functions(&self) -> Functions<'_> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Functions { clock, ..self.stage.functions() }
    }

    fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).expect("a time of this test");
        self.clock.forward.fetch_add(millis, Ordering::SeqCst);
    }

    /// The stream tells that Ozon has sold so many, one a second.
    async fn sell(&self, sku: &str, units: u64) -> anyhow::Result<()> {
        let records: Vec<Value> = (2..units + 2).map(|version| sale(version, sku, version)).collect();
        projected(&self.functions().project().await?, &records).await?;
        self.pass(Duration::from_secs(units));
        Ok(())
    }

    /// What Wildberries shows when push has worked.
    async fn told(&self, sku: &str) -> anyhow::Result<u32> {
        self.push([sku]).await?;
        Ok(self.shown(sku).expect("it was told"))
    }

    /// One batch of the push queue: Wildberries counts its calls by its own clock, which nobody sets forward.
    async fn push(&self, skus: impl IntoIterator<Item = &str>) -> anyhow::Result<()> {
        let messages: Vec<Value> = (1..).zip(skus).map(|(id, sku)| doubt(id, WB, sku)).collect();
        let answer = self.functions().push().handle(batch(&messages)?).await;
        assert_eq!(reported(&answer), [Value::Null; 0]);
        Ok(())
    }

    fn shown(&self, sku: &str) -> Option<u32> {
        let good = goods().into_iter().find(|good| good.sku == sku)?;
        self.wildberries.shown(simulators::wildberries::chrt_id(&good), WB_WAREHOUSE)
    }

    /// What Kaspi would pull for its store in Almaty.
    async fn listed(&self, sku: &str) -> anyhow::Result<u32> {
        let functions = self.functions();
        let token = address::token(&functions.key().await?, Purpose::Feed, &ConnectionId::new(KASPI)?);
        let pull = call("GET", &format!("/feeds/{KASPI}.{token}.xml"));
        let (_, list) = answered(&functions.feed().await?.handle(request(&pull)?).await);
        let (_, offer) = list.split_once(&format!("sku=\"{sku}\"")).expect("it is in the list");
        let (_, count) = offer.split_once("stockCount=\"").expect("with its stock");
        let (count, _) = count.split_once('"').expect("which is a number");
        Ok(count.parse()?)
    }

    async fn why(&self, sku: &str, connection: &str) -> anyhow::Result<ListingSaid> {
        let why = edin_look::why::why(&self.stage.store(), &Sku::new(sku)?, self.clock.now()).await?;
        let mut listings = why.listings.into_iter();
        Ok(listings.find(|said| said.connection == connection).expect("it is listed there"))
    }
}

async fn projected(project: &Project, records: &[Value]) -> anyhow::Result<()> {
    assert_eq!(answer(&project.handle(event(records)?).await), all_done());
    Ok(())
}

async fn demand(stage: &Stage, sku: &str) -> anyhow::Result<Demand> {
    Ok(stage.store().partition(&Sku::new(sku)?).await?.demand)
}

/// What Ozon sells in an hour, by this; in millionths.
fn sold(demand: &Demand) -> u64 {
    let later = Timestamp::from_millis(OPENED_AT).plus(Duration::from_secs(60));
    let rate: Rate = demand.elsewhere(&ConnectionId::new(WB).unwrap(), &[LocationId::new("almaty").unwrap()], later);
    rate.expected(Duration::from_hours(1))
}
