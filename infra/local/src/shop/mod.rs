//! The demo seller: three simulated channels, and a catalogue that was imported as a person would import it.

pub mod goods;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use edin_domain::{Channel, ConnectionId};
use edin_platform::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simulators::{Kaspi, Ozon, Wildberries, kaspi, ozon, wildberries};
use tokio::task::JoinSet;

use crate::command::take_in;
use crate::house::House;
use crate::import::Importer;
use crate::secrets;
use goods::{Good, MERCHANT, OZON_WAREHOUSE, WB_WAREHOUSE};

/// The channels, and what is sold in them. The simulators stop when it is dropped.
pub struct Shop {
    /// Ozon's.
    pub ozon: Ozon,
    /// Wildberries'.
    pub wildberries: Wildberries,
    /// Kaspi's.
    pub kaspi: Kaspi,
    /// What is sold.
    pub goods: Vec<Good>,
    file: PathBuf,
    _tasks: JoinSet<()>,
}

/// How often the simulated Kaspi pulls its price list; the real one does so every 60 minutes.
pub const PULL_EVERY: Duration = Duration::from_secs(3);
/// How often the simulators' state is written down.
const SAVE_EVERY: Duration = Duration::from_secs(2);

const API_KEY: &str = "0c7a7b4e-5d7e-4a41-9d2b-demo00000001";
const KASPI_TOKEN: &str = "demo-kaspi-token";
const YEARS_AHEAD: Duration = Duration::from_secs(180 * 24 * 3_600);

/// The simulators' state, and the ports that they had.
#[derive(Default, Serialize, Deserialize)]
struct Saved {
    ports: [u16; 3],
    states: [Option<Value>; 3],
    token: String,
}

impl Shop {
    /// Opens the shop where it was left, or for the first time.
    ///
    /// # Errors
    /// If the simulators can't be started, or the import says that something is wrong.
    pub async fn open(house: &House) -> anyhow::Result<Self> {
        let file = house.state().join("simulators.json");
        let saved = read(&file)?;
        let goods = goods::goods();
        let token = match saved.token.as_str() {
            "" => {
                wildberries::token(wildberries::MARKETPLACE | wildberries::CONTENT, SystemClock.now().plus(YEARS_AHEAD))
            }
            known => known.to_owned(),
        };
        let (ozon, wildberries, kaspi) = start(&saved, &token).await?;
        let mut shop = Self { ozon, wildberries, kaspi, goods, file, _tasks: JoinSet::new() };
        shop.stock_the_shelves();
        shop.set_up(house, &token).await?;
        shop.spawn(&token);
        Ok(shop)
    }

    /// Where each connection's simulator is.
    #[must_use]
    pub fn simulators(&self) -> BTreeMap<ConnectionId, String> {
        let urls =
            [("ozon-main", self.ozon.url()), ("wb-main", self.wildberries.url()), ("kaspi-main", self.kaspi.url())];
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

    fn stock_the_shelves(&self) {
        for good in &self.goods {
            let price = format!("{}.00", good.price);
            self.ozon.add_product(ozon::Product {
                offer_id: good.sku.clone(),
                product_id: good.ozon_product(),
                sku: good.ozon_sku(),
                name: good.title.clone(),
                price,
                currency: "KZT".to_owned(),
            });
            self.wildberries.add_card(wildberries::Card {
                chrt_id: good.chrt_id(),
                nm_id: good.number,
                vendor_code: good.sku.clone(),
                barcode: good.barcode(),
                price_minor: i64::try_from(good.price * 100).unwrap_or(0),
                currency_code: 398,
            });
        }
    }

    /// Imports what the seller wrote. A connection that a person has pointed elsewhere stays there.
    async fn set_up(&self, house: &House, token: &str) -> anyhow::Result<()> {
        let store = house.store();
        let (known, kept) = (store.connections().await?, secrets::read(house.state())?);
        let folder = house.state().join("shop");
        std::fs::create_dir_all(&folder)?;
        let urls = [self.ozon.url(), self.wildberries.url(), self.kaspi.url()];
        let files = [folder.join("connections.toml"), folder.join("catalogue.csv")];
        let before = std::fs::read_to_string(&files[0]).unwrap_or_default();
        std::fs::write(
            &files[0],
            goods::connections(&urls, &[API_KEY.to_owned(), token.to_owned(), KASPI_TOKEN.to_owned()]),
        )?;
        std::fs::write(&files[1], goods::catalogue(&self.goods))?;
        let importer = Importer { store: &store, inbox: &house.inbox(), now: SystemClock.now() };
        let reports = take_in(house.state(), &importer, &files).await?;
        if let Some(error) = reports.iter().flat_map(|report| &report.errors).next() {
            bail!("the demo's own files are wrong: {error}");
        }
        for connection in known.into_values() {
            let was_ours = connection.base_url.as_deref().is_some_and(|url| before.contains(url));
            if !was_ours {
                store.put_connection(&connection).await?;
                let prefix = format!("{}/", connection.id);
                let its = kept.iter().filter(|(name, _)| name.starts_with(&prefix));
                secrets::add(house.state(), its.map(|(name, secret)| (name.clone(), secret.clone())).collect())?;
            }
        }
        let id = |id: &str| ConnectionId::new(id);
        self.ozon.set_hook(Some(house.hook_url(&id("ozon-main")?, Channel::Ozon)));
        self.kaspi.set_feed(&house.feed_url(&id("kaspi-main")?));
        Ok(())
    }

    fn spawn(&mut self, token: &str) {
        let kaspi = self.kaspi.clone();
        self._tasks.spawn(async move {
            loop {
                if let Err(error) = kaspi.pull().await {
                    tracing::debug!(%error, "the price list was not pulled");
                }
                tokio::time::sleep(PULL_EVERY).await;
            }
        });
        let saver = Arc::new(Saver { shop: self.channels(), file: self.file.clone(), token: token.to_owned() });
        self._tasks.spawn(async move {
            loop {
                tokio::time::sleep(SAVE_EVERY).await;
                if let Err(error) = saver.save() {
                    tracing::warn!(%error, "the simulators' state could not be written");
                }
            }
        });
    }

    fn channels(&self) -> (Ozon, Wildberries, Kaspi) {
        (self.ozon.clone(), self.wildberries.clone(), self.kaspi.clone())
    }

    /// Writes the simulators' state down.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn save(&self) -> anyhow::Result<()> {
        let token = read(&self.file)?.token;
        Saver { shop: self.channels(), file: self.file.clone(), token }.save()
    }
}

struct Saver {
    shop: (Ozon, Wildberries, Kaspi),
    file: PathBuf,
    token: String,
}

impl Saver {
    fn save(&self) -> anyhow::Result<()> {
        let (ozon, wildberries, kaspi) = &self.shop;
        let port = |url: String| url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
        let saved = Saved {
            ports: [port(ozon.url()), port(wildberries.url()), port(kaspi.url())],
            states: [Some(ozon.snapshot()), Some(wildberries.snapshot()), Some(kaspi.snapshot())],
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
        hook: None,
        state: ozon_state.clone(),
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
