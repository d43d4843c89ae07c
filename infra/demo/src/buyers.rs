//! Buyers: one crowd a channel, each buying what the channel shows, without knowing of the others.

use std::time::Duration;

use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Timestamp};
use futures::future::join_all;
use indicatif::ProgressBar;
use simulators::{Good, Opened, Sale};

use crate::shop::Shop;

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

/// Lets a crowd at each channel buy until `orders` orders are made between them, or nothing is left to buy.
pub(crate) async fn buy(shop: &Shop, orders: u32, bar: &ProgressBar) -> Vec<Bought> {
    let stands: Vec<&Opened> = shop.stage.stands().collect();
    let crowds = stands.iter().zip(shares(orders, stands.len())).zip(1..);
    let bought = join_all(crowds.map(|((stand, share), seed)| crowd(stand, share, Dice(seed), shop, bar))).await;
    bar.finish_and_clear();
    bought.into_iter().flatten().collect()
}

/// So many each; what is left over goes to the first ones.
fn shares(orders: u32, crowds: usize) -> impl Iterator<Item = usize> {
    let orders = usize::try_from(orders).unwrap_or(usize::MAX);
    let many = crowds.max(1);
    (0..crowds).map(move |crowd| orders / many + usize::from(crowd < orders % many))
}

async fn crowd(stand: &Opened, orders: usize, mut dice: Dice, shop: &Shop, bar: &ProgressBar) -> Vec<Bought> {
    let connection = stand.enrolment().connection;
    let mut bought = Vec::new();
    for _ in 0..orders * 3 {
        if bought.len() >= orders {
            break;
        }
        if let Some(sale) = buy_at(stand, &shop.goods, &mut dice).await {
            bought.extend(order_key(connection, &sale.order).map(|order| Bought { order, at: sale.at }));
            bar.inc(1);
            tokio::time::sleep(PAUSE).await;
        }
    }
    bought
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
