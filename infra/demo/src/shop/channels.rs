//! The simulated channels with the demo seller's goods in them, kept in a file from one start to the next.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use edin_domain::ConnectionId;
use edin_platform::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simulators::{Kaspi, Ozon, Sale, SoldOut, Wildberries, kaspi, ozon, wildberries};
use tokio::task::JoinSet;

use super::goods::{self, Good, KASPI_STORES, MERCHANT, OZON_WAREHOUSE, WB_WAREHOUSE};

/// How often the simulators' state is written down.
const SAVE_EVERY: Duration = Duration::from_secs(2);
const YEARS_AHEAD: Duration = Duration::from_secs(180 * 24 * 3_600);
const API_KEY: &str = "0c7a7b4e-5d7e-4a41-9d2b-demo00000001";
const KASPI_TOKEN: &str = "demo-kaspi-token";

/// The point of sale where the buyers at Kaspi buy.
const FIRST_STORE: &str = KASPI_STORES[0];

/// The demo's connection at Ozon.
pub const OZON: &str = "ozon-main";
/// At Wildberries.
pub const WILDBERRIES: &str = "wb-main";
/// At Kaspi.
pub const KASPI: &str = "kaspi-main";

/// The simulated channels, and what is sold in them.
#[derive(Clone)]
pub struct Channels {
    /// Ozon's.
    pub ozon: Ozon,
    /// Wildberries'.
    pub wildberries: Wildberries,
    /// Kaspi's.
    pub kaspi: Kaspi,
    /// What is sold.
    pub goods: Vec<Good>,
    file: PathBuf,
    token: String,
}

/// The simulators' state, and the ports that they had.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    ports: [u16; 3],
    states: [Option<Value>; 3],
    token: String,
}

impl Channels {
    /// Opens them where they were left, by the file in `folder`, or for the first time.
    ///
    /// # Errors
    /// If the simulators can't be started, or the file can't be read.
    pub async fn open(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join("simulators.json");
        let saved = read(&file)?;
        let rights = wildberries::MARKETPLACE | wildberries::CONTENT;
        let token = match saved.token.as_str() {
            "" => wildberries::token(rights, SystemClock.now().plus(YEARS_AHEAD)),
            known => known.to_owned(),
        };
        let (ozon, wildberries, kaspi) = start(&saved, &token).await?;
        let channels = Self { ozon, wildberries, kaspi, goods: goods::goods(), file, token };
        channels.stock_the_shelves();
        Ok(channels)
    }

    /// Where each connection's simulator is.
    #[must_use]
    pub fn urls(&self) -> BTreeMap<ConnectionId, String> {
        let urls = [(OZON, self.ozon.url()), (WILDBERRIES, self.wildberries.url()), (KASPI, self.kaspi.url())];
        urls.into_iter().filter_map(|(id, url)| Some((ConnectionId::new(id).ok()?, url))).collect()
    }

    /// Calls that the channels had so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.ozon.journal().calls + self.wildberries.journal().calls + self.kaspi.journal().calls
    }

    /// What the channels refused or would have punished.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let journals = [self.ozon.journal(), self.wildberries.journal(), self.kaspi.journal()];
        journals.iter().flat_map(|journal| journal.violations().map(str::to_owned)).collect()
    }

    /// Writes into `folder` what the seller would import: the connections that are wanted, and the catalogue.
    ///
    /// # Errors
    /// If they can't be written.
    pub fn write_imports(&self, folder: &Path, is_wanted: impl Fn(&str) -> bool) -> anyhow::Result<[PathBuf; 2]> {
        let files = [folder.join("connections.toml"), folder.join("catalogue.csv")];
        let urls = [self.ozon.url(), self.wildberries.url(), self.kaspi.url()];
        let secrets = [API_KEY.to_owned(), self.token.clone(), KASPI_TOKEN.to_owned()];
        let [connections, catalogue] = &files;
        let each = goods::each_connection(&urls, &secrets).into_iter();
        let wanted: Vec<String> = each.filter(|(id, _)| is_wanted(id)).map(|(_, text)| text).collect();
        std::fs::write(connections, wanted.join("\n"))?;
        std::fs::write(catalogue, goods::catalogue(&self.goods))?;
        Ok(files)
    }

    /// A buyer buys at the connection `connection`, where the channel shows enough.
    ///
    /// # Errors
    /// If the channel shows less; or if there is no such connection or good.
    pub async fn buy(&self, connection: &str, sku: &str, units: u32) -> anyhow::Result<Result<Sale, SoldOut>> {
        let good = self.good(sku)?;
        Ok(match connection {
            OZON => self.ozon.buy(sku, OZON_WAREHOUSE, units).await,
            WILDBERRIES if units == 1 => self.wildberries.buy(wildberries::chrt_id(good), WB_WAREHOUSE),
            WILDBERRIES => bail!("an order at Wildberries is of one unit"),
            KASPI => self.kaspi.buy(sku, FIRST_STORE, units),
            other => bail!("there is no connection {other}"),
        })
    }

    /// What buyers see at the connection `connection`; none if the good isn't listed there.
    ///
    /// # Errors
    /// If there is no such connection or good.
    pub fn shown(&self, connection: &str, sku: &str) -> anyhow::Result<Option<u32>> {
        let good = self.good(sku)?;
        Ok(match connection {
            OZON => self.ozon.shown(sku, OZON_WAREHOUSE),
            WILDBERRIES => self.wildberries.shown(wildberries::chrt_id(good), WB_WAREHOUSE),
            KASPI => self.kaspi.shown(sku, FIRST_STORE),
            other => bail!("there is no connection {other}"),
        })
    }

    fn good(&self, sku: &str) -> anyhow::Result<&Good> {
        self.goods.iter().find(|good| good.sku == sku).with_context(|| format!("there is no good {sku}"))
    }

    fn stock_the_shelves(&self) {
        for good in &self.goods {
            let price = format!("{}.00", good.price);
            self.ozon.add_product(ozon::Product {
                offer_id: good.sku.clone(),
                product_id: ozon::product_id(good),
                sku: ozon::sku(good),
                name: good.title.clone(),
                price,
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

    /// Lets the simulated Kaspi pull its price list so often, and the simulators' state be written down now and then.
    pub fn spawn(&self, tasks: &mut JoinSet<()>, pull_every: Duration) {
        let kaspi = self.kaspi.clone();
        tasks.spawn(async move {
            loop {
                if let Err(error) = kaspi.pull().await {
                    tracing::debug!(%error, "the price list was not pulled");
                }
                tokio::time::sleep(pull_every).await;
            }
        });
        let channels = self.clone();
        tasks.spawn(async move {
            loop {
                tokio::time::sleep(SAVE_EVERY).await;
                if let Err(error) = channels.save() {
                    tracing::warn!(%error, "the simulators' state could not be written");
                }
            }
        });
    }

    /// Writes the simulators' state down.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn save(&self) -> anyhow::Result<()> {
        let port = |url: String| url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
        let saved = Saved {
            ports: [port(self.ozon.url()), port(self.wildberries.url()), port(self.kaspi.url())],
            states: [Some(self.ozon.snapshot()), Some(self.wildberries.snapshot()), Some(self.kaspi.snapshot())],
            token: self.token.clone(),
        };
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(&saved)?)?;
        Ok(std::fs::rename(beside, &self.file)?)
    }
}

fn read(file: &Path) -> anyhow::Result<Saved> {
    match std::fs::read(file) {
        Ok(json) => serde_json::from_slice(&json).with_context(|| format!("{} can not be read", file.display())),
        Err(_) => Ok(Saved::default()),
    }
}

/// On the ports that they had, where those are free.
async fn start(saved: &Saved, token: &str) -> anyhow::Result<(Ozon, Wildberries, Kaspi)> {
    let [ozon_port, wb_port, kaspi_port] = saved.ports;
    let [ozon_state, wb_state, kaspi_state] = saved.states.clone();
    let ozon_settings = |port| ozon::Settings {
        port,
        client_id: MERCHANT.to_owned(),
        api_key: API_KEY.to_owned(),
        warehouses: vec![OZON_WAREHOUSE],
        state: ozon_state.clone(),
        ..ozon::Settings::default()
    };
    let wb_settings = |port| wildberries::Settings {
        port,
        token: token.to_owned(),
        warehouses: vec![WB_WAREHOUSE],
        state: wb_state.clone(),
        ..wildberries::Settings::default()
    };
    let kaspi_settings = |port| kaspi::Settings {
        port,
        token: KASPI_TOKEN.to_owned(),
        merchant_id: MERCHANT.to_owned(),
        state: kaspi_state.clone(),
        ..kaspi::Settings::default()
    };
    let ozon = match Ozon::start(ozon_settings(ozon_port)).await {
        Ok(started) => started,
        Err(_) => Ozon::start(ozon_settings(0)).await?,
    };
    let wildberries = match Wildberries::start(wb_settings(wb_port)).await {
        Ok(started) => started,
        Err(_) => Wildberries::start(wb_settings(0)).await?,
    };
    let kaspi = match Kaspi::start(kaspi_settings(kaspi_port)).await {
        Ok(started) => started,
        Err(_) => Kaspi::start(kaspi_settings(0)).await?,
    };
    Ok((ozon, wildberries, kaspi))
}
