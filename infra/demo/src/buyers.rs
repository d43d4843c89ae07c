//! Buyers: one crowd a channel, each buying what the channel shows, without knowing of the others.

use std::time::Duration;

use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Timestamp};
use indicatif::ProgressBar;
use simulators::Sale;

use crate::shop::Shop;
use crate::shop::goods::{Good, KASPI_STORES, OZON_WAREHOUSE, WB_WAREHOUSE};

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

/// Lets the three crowds buy until `orders` orders are made between them, or nothing is left to buy.
pub(crate) async fn buy(shop: &Shop, orders: u32, bar: &ProgressBar) -> Vec<Bought> {
    let share = orders / 3;
    let (ozon, wildberries, kaspi) = tokio::join!(
        crowd(share + orders % 3, 1, shop, bar, buy_at_ozon),
        crowd(share, 2, shop, bar, async |shop: &Shop, dice: &mut Dice| buy_at_wildberries(shop, dice)),
        crowd(share, 3, shop, bar, async |shop: &Shop, dice: &mut Dice| buy_at_kaspi(shop, dice)),
    );
    bar.finish_and_clear();
    [ozon, wildberries, kaspi].into_iter().flatten().collect()
}

async fn crowd(
    orders: u32,
    seed: u64,
    shop: &Shop,
    bar: &ProgressBar,
    buyer: impl AsyncFn(&Shop, &mut Dice) -> Option<(&'static str, Sale)>,
) -> Vec<Bought> {
    let mut dice = Dice(seed);
    let mut bought = Vec::new();
    for _ in 0..orders * 3 {
        if bought.len() >= usize::try_from(orders).unwrap_or(0) {
            break;
        }
        if let Some((connection, sale)) = buyer(shop, &mut dice).await {
            bought.extend(order_key(connection, &sale.order).map(|order| Bought { order, at: sale.at }));
            bar.inc(1);
            tokio::time::sleep(PAUSE).await;
        }
    }
    bought
}

/// Some postings hold two goods; some are cancelled, some go on their way.
async fn buy_at_ozon(shop: &Shop, dice: &mut Dice) -> Option<(&'static str, Sale)> {
    let (first, second) = (dice.good(&shop.goods)?, dice.good(&shop.goods)?);
    let sale = match dice.roll(8) {
        0 if first != second => {
            shop.ozon.buy_basket(&[(first.sku.as_str(), 1), (second.sku.as_str(), 1)], OZON_WAREHOUSE).await.ok()?
        }
        1 => shop.ozon.buy(&first.sku, OZON_WAREHOUSE, 2).await.ok()?,
        _ => shop.ozon.buy(&first.sku, OZON_WAREHOUSE, 1).await.ok()?,
    };
    match dice.roll(20) {
        0 => shop.ozon.cancel(&sale.order).await,
        1 | 2 => shop.ozon.advance(&sale.order, "delivering").await,
        _ => {}
    }
    Some(("ozon-main", sale))
}

fn buy_at_wildberries(shop: &Shop, dice: &mut Dice) -> Option<(&'static str, Sale)> {
    let good = dice.good(&shop.goods)?;
    let sale = shop.wildberries.buy(simulators::wildberries::chrt_id(good), WB_WAREHOUSE).ok()?;
    if dice.roll(20) == 0 {
        shop.wildberries.cancel_by_buyer(&sale.order);
    }
    Some(("wb-main", sale))
}

fn buy_at_kaspi(shop: &Shop, dice: &mut Dice) -> Option<(&'static str, Sale)> {
    let good = dice.good(&shop.goods)?;
    let store = KASPI_STORES.get(usize::from(dice.roll(3) == 0))?;
    let sale = shop.kaspi.buy(&good.sku, store, 1).ok()?;
    if dice.roll(25) == 0 {
        shop.kaspi.cancel(&sale.order);
    }
    Some(("kaspi-main", sale))
}

/// An order as the table calls it.
fn order_key(connection: &str, order: &str) -> Option<OrderKey> {
    Some(OrderKey::new(ConnectionId::new(connection).ok()?, OrderId::new(order).ok()?))
}
