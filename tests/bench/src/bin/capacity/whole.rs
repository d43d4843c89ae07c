//! The whole way: from the inbox queue until every channel that is told by a call knows.

use std::time::Duration;

use anyhow::ensure;
use bench::import::import;
use edin_demo::shop::goods::goods;
use edin_domain::{Sku, Timestamp};
use edin_local::aws::meter::since;
use edin_local::house::{House, Options};
use edin_local::state::secrets;
use edin_platform::{Clock, Message, SystemClock};
use simulators::{Good, Stage};
use tempfile::TempDir;

use crate::Part;
use crate::orders::{Shape, batches};

/// What an order sets off. Kaspi pulls its price list and polling reads orders whether anybody buys or not.
const SET_OFF_BY_ORDERS: [&str; 4] = ["intake", "project", "fanout", "push"];
const PATIENCE: Duration = Duration::from_secs(240);

/// A house with the demo's goods, sold where benches sell, without buyers.
pub(crate) struct Bench {
    house: House,
    _stage: Stage,
    _state: TempDir,
}

impl Bench {
    /// Opens the shop, and waits until each channel knows every number and takes another one.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        secrets::prepare(state.path())?;
        let options = Options { schedules: None, ..Options::new(state.path(), ([127, 0, 0, 1], 0).into()) };
        let house = House::start(options).await?;
        let (stage, goods) = (bench::shop::stage().await?, goods());
        stage.list(&goods);
        let written = [stage.connections()?, stage.catalogue(&goods)];
        let keep = async |found| secrets::add(state.path(), found);
        import(&house.store(), [&house.inbox(), &house.deferred()], written, keep).await?;
        house.settle(PATIENCE).await?;
        let free = last_not_before(&house, &goods).await?;
        tokio::time::sleep(free.since(SystemClock.now())).await;
        Ok(Self { house, _stage: stage, _state: state })
    }

    /// Puts each batch into the inbox queue, and waits until nothing is under way.
    pub(crate) async fn measure(&self, shape: Shape) -> anyhow::Result<Part> {
        let (before, inbox) = (self.house.engine().meter().counts(), self.house.inbox());
        for (sku, orders) in batches(shape, SystemClock.now())? {
            let sent_at = SystemClock.now();
            inbox.send(orders.iter().map(Message::json).collect::<Result<_, _>>()?).await?;
            self.house.settle(PATIENCE).await?;
            self.ensure_told(&sku, sent_at).await?;
        }
        let mut spent = since(&self.house.engine().meter().counts(), &before);
        spent.retain(|(function, _), _| SET_OFF_BY_ORDERS.contains(&function.as_str()));
        Ok(Part::new(shape.batches * shape.orders_a_batch, spent))
    }

    /// A channel that wasn't told would make orders look cheap.
    async fn ensure_told(&self, sku: &Sku, since: Timestamp) -> anyhow::Result<()> {
        let partition = self.house.store().partition(sku).await?;
        let told = partition.shown.values().filter_map(|shown| shown.acknowledged);
        let told = told.filter(|told| told.at >= since).count();
        ensure!(told == 2, "{told} channels were told of {sku}, not Ozon and Wildberries");
        Ok(())
    }
}

/// Ozon takes a number for one good every 30 seconds only, and has just taken the opening stock.
async fn last_not_before(house: &House, goods: &[Good]) -> anyhow::Result<Timestamp> {
    let (store, mut last) = (house.store(), SystemClock.now());
    for good in goods {
        let partition = store.partition(&Sku::new(&good.sku)?).await?;
        last = partition.shown.values().filter_map(|shown| shown.not_before).fold(last, Timestamp::max);
    }
    Ok(last)
}
