//! Ways to look at what there is.

use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Context;
use edin_domain::order::{Order, OrderKey};
use edin_domain::stock::{Level, Place};
use edin_domain::{ConnectionId, OrderId, Sku};
use edin_look::why::Why;
use simulators::{Opened, SoldOut, wildberries};

use crate::{PP1, PP2, SOON, World, goods, now, until};
use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

/// Where buyers see a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Ozon's only warehouse.
    Ozon,
    /// Wildberries' only warehouse.
    Wildberries,
    /// Kaspi's store in Almaty.
    KaspiAlmaty,
    /// Kaspi's store in Astana.
    KaspiAstana,
}

impl World {
    /// What a shelf shows of a good; none if it never said anything about it.
    #[must_use]
    pub fn shown(&self, shelf: Shelf, sku: &str) -> Option<u32> {
        match shelf {
            Shelf::Ozon => self.ozon.shown(sku, OZON_WAREHOUSE),
            Shelf::Wildberries => self.wildberries.shown(chrt_id(sku)?, WB_WAREHOUSE),
            Shelf::KaspiAlmaty => self.kaspi.shown(sku, PP1),
            Shelf::KaspiAstana => self.kaspi.shown(sku, PP2),
        }
    }

    /// Waits until a shelf shows so many. Kaspi pulls its price list for that.
    ///
    /// # Errors
    /// If it doesn't within `bound`.
    pub async fn until_shown(&self, shelf: Shelf, sku: &str, units: u32, bound: Duration) -> anyhow::Result<()> {
        until(&format!("{shelf:?} shows {sku}"), bound, Some(units), async || {
            if matches!(shelf, Shelf::KaspiAlmaty | Shelf::KaspiAstana) {
                self.kaspi.pull().await.map_err(anyhow::Error::msg)?;
            }
            Ok(self.shown(shelf, sku))
        })
        .await
    }

    /// The level of a good at a location.
    ///
    /// # Errors
    /// If there is none.
    pub async fn level(&self, sku: &str, location: &str) -> anyhow::Result<Level> {
        let place = Place { sku: Sku::new(sku)?, location: location.parse()? };
        let stock = self.store().levels([place.clone()]).await?;
        stock.level(&place).cloned().with_context(|| format!("there is no level of {sku} at {location}"))
    }

    /// Waits until so many are on hand, and so many of them reserved.
    ///
    /// # Errors
    /// If it doesn't come to that soon.
    pub async fn until_level(&self, sku: &str, location: &str, on_hand: i64, reserved: i64) -> anyhow::Result<()> {
        until(&format!("{sku} at {location}, on hand and reserved"), SOON, (on_hand, reserved), async || {
            let level = self.level(sku, location).await?;
            Ok((level.on_hand, level.reserved))
        })
        .await
    }

    /// An order; none if it is not in the table.
    ///
    /// # Errors
    /// If the table can't be read.
    pub async fn order(&self, connection: &str, id: &str) -> anyhow::Result<Option<Order>> {
        let key = OrderKey::new(ConnectionId::new(connection)?, OrderId::new(id)?);
        Ok(self.store().orders([key.clone()]).await?.remove(&key))
    }

    /// Waits until an order is in the table, and returns it.
    ///
    /// # Errors
    /// If it isn't soon.
    pub async fn until_recorded(&self, connection: &str, id: &str) -> anyhow::Result<Order> {
        let what = format!("the order {connection}/{id} is recorded");
        until(&what, SOON, true, async || Ok(self.order(connection, id).await?.is_some())).await?;
        self.order(connection, id).await?.context(what)
    }

    /// Everything there is to say about a good.
    ///
    /// # Errors
    /// If there is no such good.
    pub async fn why(&self, sku: &str) -> anyhow::Result<Why> {
        Ok(edin_look::why::why(&self.store(), &Sku::new(sku)?, now()).await?)
    }

    /// One unit is bought at Wildberries.
    ///
    /// # Errors
    /// If none is shown.
    pub fn buy_at_wildberries(&self, sku: &str) -> anyhow::Result<String> {
        let sale = self.wildberries.buy(chrt_id(sku).ok_or(SoldOut)?, WB_WAREHOUSE)?;
        Ok(sale.order)
    }

    /// Units are bought at Ozon.
    ///
    /// # Errors
    /// If fewer are shown.
    pub async fn buy_at_ozon(&self, sku: &str, units: u32) -> anyhow::Result<String> {
        Ok(self.ozon.buy(sku, OZON_WAREHOUSE, units).await?.order)
    }

    /// Units are bought at Kaspi's store in Almaty.
    ///
    /// # Errors
    /// If fewer are shown.
    pub fn buy_at_kaspi(&self, sku: &str, units: u32) -> anyhow::Result<String> {
        Ok(self.kaspi.buy(sku, PP1, units)?.order)
    }

    /// All orders that buyers made, by connection, those at the seller's own doors too.
    #[must_use]
    pub fn sold_orders(&self) -> Vec<(&'static str, String)> {
        let of = |stand: &Opened| {
            let connection = stand.enrolment().connection;
            stand.orders().into_iter().map(move |order| (connection, order)).collect::<Vec<_>>()
        };
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.stage.stands().flat_map(of).chain(asked).collect()
    }
}

fn chrt_id(sku: &str) -> Option<u64> {
    goods().iter().find(|good| good.sku == sku).map(wildberries::chrt_id)
}
