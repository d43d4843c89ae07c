//! Buyers: one crowd a channel, each buying what the channel shows, without knowing of the others; and one at each door of the
//! seller's own.

use std::time::Duration;

use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Timestamp};
use edin_platform::{Clock, SystemClock};
use futures::future::{join, try_join_all};
use indicatif::ProgressBar;
use simulators::{Good, Opened, Sale};

use crate::shop::Shop;
use crate::shop::doors::{Door, Kind};

/// A sale that a channel made.
#[derive(Debug, Clone)]
pub(crate) struct Bought {
    pub(crate) order: OrderKey,
    pub(crate) at: Timestamp,
}

/// A pause between two orders of one crowd.
const PAUSE: Duration = Duration::from_millis(100);

/// Pseudo-random numbers: the same crowd does the same every time.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }

    /// Every fifth buyer wants one of the scarce goods.
    fn good<'a>(&mut self, goods: &'a [Good]) -> Option<&'a Good> {
        match self.roll(5) {
            0 => goods.iter().filter(|good| good.number.is_multiple_of(10)).nth(self.roll(goods.len() / 10)),
            _ => goods.get(self.roll(goods.len())),
        }
    }
}

/// Lets a crowd at each channel and at each door buy until `orders` orders are made between them, or nothing is left to buy.
///
/// # Errors
/// If a door answers what it never should.
pub(crate) async fn buy(shop: &Shop, doors: &[Door], orders: u32, bar: &ProgressBar) -> anyhow::Result<Vec<Bought>> {
    let stands: Vec<&Opened> = shop.stage.stands().collect();
    let shares: Vec<usize> = shares(orders, stands.len() + doors.len()).collect();
    let (of_stands, of_doors) = shares.split_at(stands.len());
    let at_stands = stands.iter().zip(of_stands).zip(1..).map(async |((stand, share), seed)| {
        let (mut dice, connection) = (Dice(seed), stand.enrolment().connection);
        crowd(*share, bar, async || {
            let sale = buy_at(stand, &shop.goods, &mut dice).await;
            Ok(sale.and_then(|sale| Some(Bought { order: order_key(connection, &sale.order)?, at: sale.at })))
        })
        .await
    });
    let at_doors = doors.iter().zip(of_doors).zip(101..).map(async |((door, share), seed)| {
        let mut dice = Dice(seed);
        crowd(*share, bar, async || buy_through(door, &shop.goods, &mut dice).await).await
    });
    let (at_stands, at_doors) = join(try_join_all(at_stands), try_join_all(at_doors)).await;
    bar.finish_and_clear();
    Ok(at_stands?.into_iter().chain(at_doors?).flatten().collect())
}

/// So many each; what is left over goes to the first ones.
fn shares(orders: u32, crowds: usize) -> impl Iterator<Item = usize> {
    let orders = usize::try_from(orders).unwrap_or(usize::MAX);
    let many = crowds.max(1);
    (0..crowds).map(move |crowd| orders / many + usize::from(crowd < orders % many))
}

/// One after another comes, until so many have bought.
async fn crowd(
    orders: usize,
    bar: &ProgressBar,
    mut visit: impl AsyncFnMut() -> anyhow::Result<Option<Bought>>,
) -> anyhow::Result<Vec<Bought>> {
    let mut all = Vec::new();
    for _ in 0..orders * 3 {
        if all.len() >= orders {
            break;
        }
        if let Some(bought) = visit().await? {
            all.push(bought);
            bar.inc(1);
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(all)
}

/// Some visitors of the web shop let go of their basket, some just go away; some orders are sent. At the till what is taken is paid
/// for, and now and then it comes back.
async fn buy_through(door: &Door, goods: &[Good], dice: &mut Dice) -> anyhow::Result<Option<Bought>> {
    let Some(good) = dice.good(goods) else { return Ok(None) };
    let (order, at) = match door.kind {
        Kind::WebShop => (door.hold(good).await?, SystemClock.now()),
        // Nobody has in hand what isn't there.
        Kind::Till if door.available(good).await? < 1 => return Ok(None),
        Kind::Till => (door.sell(good).await?, SystemClock.now()),
    };
    let Some(order) = order else { return Ok(None) };
    let is_bought = match (door.kind, dice.roll(20)) {
        (Kind::WebShop, 0 | 1) => !door.let_go(&order).await?,
        (Kind::WebShop, 2) => false,
        (Kind::WebShop, 3 | 4) => door.step(&order, "order").await? && door.step(&order, "ship").await?,
        (Kind::WebShop, _) => door.step(&order, "order").await?,
        (Kind::Till, 0) => door.step(&order, "return").await?,
        (Kind::Till, _) => true,
    };
    Ok(is_bought.then_some(Bought { order, at }))
}

/// Some orders hold two goods, where the channel has such; some are called off, some go on their way.
async fn buy_at(stand: &Opened, goods: &[Good], dice: &mut Dice) -> Option<Sale> {
    let (first, second) = (dice.good(goods)?, dice.good(goods)?);
    let warehouses = stand.enrolment().warehouses;
    let warehouse = &warehouses.get(usize::from(dice.roll(3) == 0)).or(warehouses.first())?.name;
    let sale = match (dice.roll(8), stand.baskets()) {
        (0, Ok(baskets)) if first != second => baskets.buy(&[(first, 1), (second, 1)], warehouse).await,
        (1, Ok(baskets)) => baskets.buy(&[(first, 2)], warehouse).await,
        _ => stand.buy(first, warehouse).await,
    };
    let sale = sale.ok()?;
    match dice.roll(20) {
        0 => stand.cancel(&sale.order).await,
        1 | 2 => stand.pack(&sale.order).await && stand.ship(&sale.order).await,
        _ => true,
    };
    Some(sale)
}

/// An order as the table calls it.
fn order_key(connection: &str, order: &str) -> Option<OrderKey> {
    Some(OrderKey::new(ConnectionId::new(connection).ok()?, OrderId::new(order).ok()?))
}
