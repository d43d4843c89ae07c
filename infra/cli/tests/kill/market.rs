//! The three channels, what is listed in them, and the seller's cabinets.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use edin_demo::shop::goods::{self, Good, KASPI_STORES, MERCHANT, OZON_WAREHOUSE, WB_WAREHOUSE};
use edin_local::state::endpoints::Endpoints;
use simulators::{Kaspi, Ozon, Wildberries, kaspi, ozon, wildberries};
use tokio::task::JoinHandle;

/// The connection at Ozon, which sells from Almaty and Astana.
pub(crate) const OZON: &str = "ozon-main";
/// At Wildberries, which sells from Almaty.
pub(crate) const WILDBERRIES: &str = "wb-main";
/// At Kaspi, with a store in Almaty and one in Astana.
pub(crate) const KASPI: &str = "kaspi-main";

const API_KEY: &str = "0c7a7b4e-5d7e-4a41-9d2b-killed000001";
const KASPI_TOKEN: &str = "killed-kaspi-token";
const HALF_A_YEAR: Duration = Duration::from_secs(180 * 24 * 3_600);
/// How often Kaspi pulls its price list.
const PULL_EVERY: Duration = Duration::from_secs(1);
/// Opening stock in Almaty and in Astana: some are scarce, so that channels fight over them.
const STOCK: [(u32, u32); 10] =
    [(60, 20), (40, 30), (50, 10), (3, 1), (80, 40), (30, 30), (5, 2), (70, 20), (1, 0), (45, 25)];

/// The channels, with a card for each good.
pub(crate) struct Market {
    pub(crate) ozon: Ozon,
    pub(crate) wildberries: Wildberries,
    pub(crate) kaspi: Kaspi,
    /// Simple goods, and a bundle of the first and two of the second.
    pub(crate) goods: Vec<Good>,
    token: String,
}

impl Market {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let ozon = Ozon::start(ozon::Settings {
            client_id: MERCHANT.to_owned(),
            api_key: API_KEY.to_owned(),
            warehouses: vec![OZON_WAREHOUSE],
            ..ozon::Settings::default()
        });
        let rights = wildberries::MARKETPLACE | wildberries::CONTENT;
        let token = wildberries::token(rights, simulators::now().plus(HALF_A_YEAR));
        let wildberries = Wildberries::start(wildberries::Settings {
            token: token.clone(),
            warehouses: vec![WB_WAREHOUSE],
            ..wildberries::Settings::default()
        });
        let kaspi = Kaspi::start(kaspi::Settings {
            token: KASPI_TOKEN.to_owned(),
            merchant_id: MERCHANT.to_owned(),
            ..kaspi::Settings::default()
        });
        let (ozon, wildberries, kaspi) = (ozon.await?, wildberries.await?, kaspi.await?);
        let market = Self { ozon, wildberries, kaspi, goods: assortment(), token };
        market.goods.iter().for_each(|good| market.add_cards(good));
        Ok(market)
    }

    /// Writes what the seller imports: connections and catalogue.
    pub(crate) fn write_imports(&self, folder: &Path) -> anyhow::Result<[String; 2]> {
        let urls = [self.ozon.url(), self.wildberries.url(), self.kaspi.url()];
        let tokens = [API_KEY, &self.token, KASPI_TOKEN].map(str::to_owned);
        let write = |name: &str, content: String| {
            let file = folder.join(name);
            std::fs::write(&file, content)?;
            file.into_os_string().into_string().ok().context("a temporary folder whose name is no text")
        };
        let connections = write("connections.toml", goods::connections(&urls, &tokens))?;
        Ok([connections, write("catalogue.csv", goods::catalogue(&self.goods))?])
    }

    /// Enters in the cabinets where the process is now.
    pub(crate) fn dial(&self, endpoints: &Endpoints) {
        let of = |connection: &str| endpoints.connections.get(connection).cloned();
        self.ozon.set_hook(of(OZON).and_then(|ozon| ozon.webhook));
        self.kaspi.set_feed(&of(KASPI).and_then(|kaspi| kaspi.feed).unwrap_or_default());
    }

    /// Lets Kaspi pull its price list again and again, whether anybody answers or not.
    pub(crate) fn spawn_pulls(self: &Arc<Self>) -> JoinHandle<()> {
        let market = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let _ = market.kaspi.pull().await;
                tokio::time::sleep(PULL_EVERY).await;
            }
        })
    }

    /// What buyers see of a good at Ozon, at Wildberries and in Kaspi's two stores.
    pub(crate) fn shown(&self, good: &Good) -> [Option<u32>; 4] {
        let [almaty, astana] = KASPI_STORES;
        [
            self.ozon.shown(&good.sku, OZON_WAREHOUSE),
            self.wildberries.shown(wildberries::chrt_id(good), WB_WAREHOUSE),
            self.kaspi.shown(&good.sku, almaty),
            self.kaspi.shown(&good.sku, astana),
        ]
    }

    fn add_cards(&self, good: &Good) {
        self.ozon.add_product(ozon::Product {
            offer_id: good.sku.clone(),
            product_id: ozon::product_id(good),
            sku: ozon::sku(good),
            name: good.title.clone(),
            price: format!("{}.00", good.price),
            currency: "KZT".to_owned(),
        });
        self.wildberries.add_card(wildberries::Card {
            chrt_id: wildberries::chrt_id(good),
            nm_id: good.number,
            vendor_code: good.sku.clone(),
            barcode: good.barcode(),
            price_minor: i64::try_from(good.price * 100).unwrap_or(0),
            currency_code: 398,
        });
    }
}

fn assortment() -> Vec<Good> {
    let good = |number: u64, stock, components| Good {
        sku: format!("G-{number:03}"),
        number,
        title: format!("Good {number}"),
        brand: "Edin",
        price: 1_000 + number * 100,
        stock,
        components,
    };
    let mut goods: Vec<Good> = (1..).zip(STOCK).map(|(number, stock)| good(number, Some(stock), Vec::new())).collect();
    let components = goods.iter().map(|good| good.sku.clone()).zip([1, 2]).collect();
    goods.push(Good { sku: "SET".to_owned(), ..good(11, None, components) });
    goods
}
