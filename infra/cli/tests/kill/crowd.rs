//! Buyers, packers and somebody who counts: what they do, and what really came of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use edin_domain::document::{Document, DocumentKind, DocumentLine};
use edin_domain::{Cause, LocationId, Sku};
use edin_local::aws::engine::remote_store;
use edin_local::state::endpoints::Endpoints;
use edin_store::commit::Stamp;
use fastrand::Rng;
use judge::order::Units;
use simulators::{Enrolment, Good, Opened, SoldOut};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::market::Market;

/// What is counted in Almaty and in Astana, by SKU.
pub(crate) type Counted = BTreeMap<(String, &'static str), i64>;

/// An order as it really is.
#[derive(Debug)]
pub(crate) struct Sold {
    pub(crate) connection: &'static str,
    pub(crate) id: String,
    /// By SKU.
    pub(crate) lines: BTreeMap<String, Units>,
    step: u8,
}

impl Sold {
    /// What tables and reports call it.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.connection, self.id)
    }

    /// Whether its buyer or the seller did something with it in the channel.
    pub(crate) const fn has_moved(&self) -> bool {
        self.step > 0
    }
}

/// A step from which an order goes no further.
const OVER: u8 = u8::MAX;

/// One crowd a channel, and one person who counts.
pub(crate) struct Crowds {
    buyers: Vec<JoinHandle<Vec<Sold>>>,
    counter: JoinHandle<anyhow::Result<Counted>>,
    endpoints: watch::Sender<Option<Endpoints>>,
    is_over: Arc<AtomicBool>,
}

impl Crowds {
    pub(crate) fn spawn(market: &Arc<Market>, seed: u64) -> Self {
        let (is_over, (endpoints, receiver)) = (Arc::<AtomicBool>::default(), watch::channel(None));
        let crowd = |(stand, number): (&Opened, u64)| {
            let (stand, goods, is_over) = (Arc::clone(stand), market.goods.clone(), Arc::clone(&is_over));
            let rng = Rng::with_seed(seed.wrapping_mul(4).wrapping_add(number));
            tokio::spawn(crowd(stand, goods, rng, is_over))
        };
        let buyers = market.stage.stands().zip(1..).map(crowd).collect();
        let counter = tokio::spawn(count(market.goods.clone(), Rng::with_seed(seed), receiver, Arc::clone(&is_over)));
        Self { buyers, counter, endpoints, is_over }
    }

    /// Tells who counts where the process is now.
    pub(crate) fn reach(&self, endpoints: &Endpoints) {
        self.endpoints.send_replace(Some(endpoints.clone()));
    }

    /// Ends it all. Returns what was sold, and what was counted.
    pub(crate) async fn go_home(self) -> anyhow::Result<(Vec<Sold>, Counted)> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut sold = Vec::new();
        for crowd in self.buyers {
            sold.extend(crowd.await?);
        }
        Ok((sold, self.counter.await??))
    }
}

async fn crowd(stand: Opened, goods: Vec<Good>, mut rng: Rng, is_over: Arc<AtomicBool>) -> Vec<Sold> {
    let mut all: Vec<Sold> = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(rng.u64(100..500))).await;
        let some = rng.usize(0..all.len().max(1));
        match (rng.u8(0..10), all.get_mut(some)) {
            (0..2, Some(sold)) => advance(&stand, sold).await,
            (2, Some(sold)) => cancel(&stand, sold).await,
            (3, Some(sold)) => give_back(&stand, &goods, sold),
            _ => all.extend(buy(&stand, &goods, &mut rng).await.ok()),
        }
    }
    all
}

/// One unit, or here and there some of two goods where an order may be of that.
async fn buy(stand: &Opened, goods: &[Good], rng: &mut Rng) -> Result<Sold, SoldOut> {
    let mut goods: Vec<&Good> = goods.iter().collect();
    rng.shuffle(&mut goods);
    let Enrolment { connection, warehouses, .. } = stand.enrolment();
    let warehouse = rng.choice(&warehouses).ok_or(SoldOut)?.name.as_str();
    let (basket, sale) = match stand.baskets().ok().filter(|_| rng.u8(0..5) == 0) {
        Some(baskets) => {
            let units = rng.u32(1..=2);
            let basket: Vec<(&Good, u32)> = goods.into_iter().take(2).map(|good| (good, units)).collect();
            let sale = baskets.buy(&basket, warehouse).await?;
            (basket, sale)
        }
        None => {
            let good = goods.into_iter().next().ok_or(SoldOut)?;
            (vec![(good, 1)], stand.buy(good, warehouse).await?)
        }
    };
    let lines = basket.into_iter().map(|(good, units)| (good.sku.clone(), Units::bought(units))).collect();
    Ok(Sold { connection, id: sale.order, lines, step: 0 })
}

/// Packs, sends, delivers.
async fn advance(stand: &Opened, sold: &mut Sold) {
    match sold.step {
        0 => stand.pack(&sold.id).await,
        1 => {
            sold.lines.values_mut().for_each(|line| line.shipped = line.ordered);
            stand.ship(&sold.id).await
        }
        2 => stand.deliver(&sold.id).await,
        _ => return,
    };
    sold.step += 1;
}

/// Calls off what isn't packed yet.
async fn cancel(stand: &Opened, sold: &mut Sold) {
    if sold.step > 0 {
        return;
    }
    stand.cancel(&sold.id).await;
    sold.lines.values_mut().for_each(|line| line.cancelled = line.ordered);
    sold.step = OVER;
}

/// Takes back what was delivered, where the channel tells of it.
fn give_back(stand: &Opened, goods: &[Good], sold: &mut Sold) {
    let (3, Ok(returns)) = (sold.step, stand.returns()) else { return };
    for (sku, line) in &mut sold.lines {
        if let Some(good) = goods.iter().find(|good| good.sku == *sku) {
            returns.receive(&sold.id, good, line.shipped);
        }
        line.returned = line.shipped;
    }
    sold.step = OVER;
}

/// Counts a good now and then, and finds some more or fewer in Almaty. Who counts says so until it is written.
async fn count(
    goods: Vec<Good>,
    mut rng: Rng,
    endpoints: watch::Receiver<Option<Endpoints>>,
    is_over: Arc<AtomicBool>,
) -> anyhow::Result<Counted> {
    let simple: Vec<&Good> = goods.iter().filter(|good| good.stock.is_some()).collect();
    let stocks = simple.iter().filter_map(|good| Some((&good.sku, good.stock?)));
    let both = stocks
        .flat_map(|(sku, (almaty, astana))| [((sku.clone(), "almaty"), almaty), ((sku.clone(), "astana"), astana)]);
    let mut counted: Counted = both.map(|(place, units)| (place, i64::from(units))).collect();
    for number in 0_u32.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(1_000..3_000))).await;
        let good = rng.choice(&simple).context("there are no goods")?;
        let units = counted.entry((good.sku.clone(), "almaty")).or_default();
        let more = rng.i64(-2..5).max(-*units);
        *units += more;
        say(&correction(number, &good.sku, more)?, &endpoints).await?;
    }
    Ok(counted)
}

fn correction(number: u32, sku: &str, units: i64) -> anyhow::Result<Document> {
    let (sku, location) = (Sku::new(sku)?, LocationId::new("almaty")?);
    Ok(Document {
        number: number.to_string(),
        kind: DocumentKind::Correction,
        author: "crowd".to_owned(),
        reason: None,
        at: simulators::now(),
        lines: vec![DocumentLine { sku, location, to: None, units }],
    })
}

async fn say(document: &Document, endpoints: &watch::Receiver<Option<Endpoints>>) -> anyhow::Result<()> {
    let stamp = Stamp { cause: Cause::new("count")?, at: simulators::now() };
    let said = async {
        loop {
            let process = endpoints.borrow().clone();
            if let Some(process) = process
                && remote_store(&process.dynamodb).post(document, &stamp).await.is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), said).await.context("what was counted can't be written")
}
