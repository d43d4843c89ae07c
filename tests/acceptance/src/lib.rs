//! A whole seller for a test: the house, the three channels as simulators, a small catalogue, and ways to look.
//!
//! Nothing is mocked: a test buys at a channel and looks at the tables and at the other channels. Schedules are off; a test
//! says when orders are read. Whatever takes time is waited for by [`until`], with a bound.

mod catalogue;
mod check;
mod look;
mod wait;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use edin_catalogue::{Importer, Report, Taken};
use edin_demo::shop::goods::{KASPI_STORES, MERCHANT, OZON_WAREHOUSE, WB_WAREHOUSE};
use edin_domain::{ChannelName, ConnectionId, Timestamp};
use edin_local::house::{House, Options};
use edin_local::import::take_in;
use edin_local::state::secrets;
use edin_platform::{Clock, Metrics, SystemClock};
use edin_store::Store;
use edin_trade::messages::Read;
use simulators::{Kaspi, Ozon, Wildberries, kaspi, ozon, wildberries};
use tempfile::TempDir;

pub use catalogue::{CUP, Good, LAMP, PEN, POT, RUG, SET, TEA, good, goods, with_policies};
pub use look::Shelf;
pub use wait::{OZON_AGAIN, SOON, until};

/// The connection at Ozon: it sells from Almaty, then from Astana.
pub const OZON: &str = "ozon-main";
/// The connection at Wildberries: it sells from Almaty.
pub const WB: &str = "wb-main";
/// The connection at Kaspi: its first store sells from Almaty, its second one from Astana.
pub const KASPI: &str = "kaspi-main";
/// Kaspi's store that sells from Almaty.
pub const PP1: &str = KASPI_STORES[0];
/// Kaspi's store that sells from Astana.
pub const PP2: &str = KASPI_STORES[1];

const API_KEY: &str = "0c7a7b4e-5d7e-4a41-9d2b-test00000001";
const KASPI_TOKEN: &str = "test-kaspi-token";
const CONNECTIONS: &str = "connections.toml";
const GOODS: &str = "catalogue.csv";
const HALF_A_YEAR: Duration = Duration::from_secs(180 * 24 * 3_600);

/// A seller with everything around them.
pub struct World {
    /// Edin.
    pub house: House,
    /// Ozon, its buyers and the seller's cabinet there.
    pub ozon: Ozon,
    /// Wildberries, likewise.
    pub wildberries: Wildberries,
    /// Kaspi, likewise.
    pub kaspi: Kaspi,
    /// The figures that the functions told.
    pub metrics: Metrics,
    opened_at: Timestamp,
    state: TempDir,
}

/// A user name and a password.
pub type Login = (String, String);

impl World {
    /// Opens a seller whose opening stock all channels show.
    ///
    /// # Errors
    /// If something can't be started, or doesn't come about in time.
    pub async fn open() -> anyhow::Result<Self> {
        Self::open_with(None).await
    }

    /// The same with Kaspi's price list behind a password, if one is given.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub async fn open_with(price_list: Option<Login>) -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        secrets::prepare(state.path())?;
        let metrics = Metrics::Kept(Arc::default());
        let (house, ozon) = (start(state.path(), metrics.clone()).await?, start_ozon().await?);
        let ((wildberries, token), kaspi) = (open_wildberries().await?, start_kaspi(price_list.clone()).await?);
        let world = Self { house, ozon, wildberries, kaspi, metrics, opened_at: now(), state };
        goods().iter().for_each(|good| world.ozon.add_product(catalogue::product(good)));
        world.dial()?;
        world.set_up(&token, price_list).await?;
        world.wait_for_opening_stock().await?;
        Ok(world)
    }

    /// Ends the house as a power cut would, and starts it again on the same state. The channels go on meanwhile.
    ///
    /// # Errors
    /// If it can't be started again.
    pub async fn restart(self) -> anyhow::Result<Self> {
        let Self { house, ozon, wildberries, kaspi, metrics, opened_at, state } = self;
        drop(house);
        let house = start(state.path(), metrics.clone()).await?;
        let world = Self { house, ozon, wildberries, kaspi, metrics, opened_at, state };
        world.dial()?;
        Ok(world)
    }

    /// Imports a file, as `edin import` would.
    ///
    /// # Errors
    /// If it can't be written down; what is wrong with it is in the report.
    pub async fn import(&self, name: &str, content: &str) -> anyhow::Result<Report> {
        let file = self.file(name, content)?;
        let mut reports = self.take_in(&[file]).await?;
        reports.pop().context("an import without a report")
    }

    /// Imports connections and catalogue once more, with these policies: each a connection, and what stands behind `policy =`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub async fn set_policies(&self, policies: &[(&str, &str)]) -> anyhow::Result<()> {
        let connections = std::fs::read_to_string(self.state.path().join(CONNECTIONS))?;
        let files = [
            self.file(CONNECTIONS, &with_policies(&connections, policies))?,
            self.file(GOODS, &catalogue::csv(&goods()))?,
        ];
        self.take_in_whole(&files).await
    }

    /// Reads the newest orders of all channels.
    ///
    /// # Errors
    /// If one of them can't be read.
    pub async fn poll(&self) -> anyhow::Result<()> {
        self.read(Read::Newest).await
    }

    /// Reads all orders that changed, at all channels. Takes a few seconds: Kaspi is asked for every tab.
    ///
    /// # Errors
    /// If one of them can't be read.
    pub async fn changes(&self) -> anyhow::Result<()> {
        self.read(Read::Changes).await
    }

    /// Waits until nothing is under way.
    ///
    /// # Errors
    /// If that takes longer than [`SOON`].
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.house.settle(SOON).await
    }

    /// Waits until every message that came in is applied.
    ///
    /// # Errors
    /// If that takes longer than [`SOON`].
    pub async fn settle_inbox(&self) -> anyhow::Result<()> {
        until("messages in the inbox", SOON, 0, async || self.house.waiting("inbox").await).await
    }

    /// Makes cards for a good at Ozon and at Wildberries.
    pub fn add_cards(&self, good: &Good) {
        self.ozon.add_product(catalogue::product(good));
        self.wildberries.add_card(catalogue::card(good));
    }

    /// The tables.
    #[must_use]
    pub fn store(&self) -> Store {
        self.house.store()
    }

    /// When the seller opened.
    #[must_use]
    pub const fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// A channel whose limit lets nothing pass just now is read again, as its schedule would.
    async fn read(&self, what: Read) -> anyhow::Result<()> {
        wait::until("connections that the limiter holds", SOON, Vec::new(), async || {
            let failed = self.house.poll(what.clone()).await?;
            let is_held = |reason: &str| reason.contains("nothing passes before");
            ensure!(failed.iter().all(|(_, reason)| is_held(reason)), "orders could not be read: {failed:?}");
            Ok(failed)
        })
        .await
    }

    /// Tells the cabinets where the house is.
    fn dial(&self) -> anyhow::Result<()> {
        self.ozon.set_hook(Some(self.house.hook_url(&ConnectionId::new(OZON)?, &ChannelName::of("ozon"))));
        self.kaspi.set_feed(&self.house.feed_url(&ConnectionId::new(KASPI)?));
        Ok(())
    }

    async fn set_up(&self, token: &str, price_list: Option<Login>) -> anyhow::Result<()> {
        let urls = [self.ozon.url(), self.wildberries.url(), self.kaspi.url()];
        let tokens = [API_KEY, token, KASPI_TOKEN].map(str::to_owned);
        let files = [
            self.file(CONNECTIONS, &catalogue::connections(&urls, &tokens, price_list))?,
            self.file(GOODS, &catalogue::csv(&goods()))?,
        ];
        self.take_in_whole(&files).await
    }

    async fn take_in_whole(&self, files: &[PathBuf]) -> anyhow::Result<()> {
        let reports = self.take_in(files).await?;
        let errors: Vec<String> = reports.iter().flat_map(|report| &report.errors).map(ToString::to_string).collect();
        ensure!(errors.is_empty(), "the test's own files are wrong: {errors:?}");
        Ok(())
    }

    async fn take_in(&self, files: &[PathBuf]) -> anyhow::Result<Vec<Report>> {
        let (store, inbox, deferred) = (self.store(), self.house.inbox(), self.house.deferred());
        let importer = Importer { store: &store, inbox: &inbox, deferred: &deferred, taken: Taken::Stays, now: now() };
        take_in(&importer, files, async |found| secrets::add(self.state.path(), found)).await
    }

    fn file(&self, name: &str, content: &str) -> anyhow::Result<PathBuf> {
        let file = self.state.path().join(name);
        std::fs::write(&file, content)?;
        Ok(file)
    }

    async fn wait_for_opening_stock(&self) -> anyhow::Result<()> {
        self.settle().await?;
        self.kaspi.pull().await.map_err(anyhow::Error::msg)?;
        for (sku, shelf, units) in catalogue::opening_stock() {
            until(&format!("{shelf:?} shows the opening stock of {sku}"), SOON, Some(units), async || {
                Ok(self.shown(shelf, sku))
            })
            .await?;
        }
        Ok(())
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

async fn start(state: &Path, metrics: Metrics) -> anyhow::Result<House> {
    House::start(Options { schedules: None, metrics, ..Options::new(state, ([127, 0, 0, 1], 0).into()) }).await
}

async fn start_ozon() -> std::io::Result<Ozon> {
    let settings = ozon::Settings {
        client_id: MERCHANT.to_owned(),
        api_key: API_KEY.to_owned(),
        warehouses: vec![OZON_WAREHOUSE],
        ..ozon::Settings::default()
    };
    Ozon::start(settings).await
}

/// Wildberries with a card for each of [`goods`], and a token that it lets in for half a year.
///
/// # Errors
/// If no port can be had.
pub async fn open_wildberries() -> std::io::Result<(Wildberries, String)> {
    let token = wildberries::token(wildberries::MARKETPLACE | wildberries::CONTENT, now().plus(HALF_A_YEAR));
    let warehouses = vec![WB_WAREHOUSE];
    let settings = wildberries::Settings { token: token.clone(), warehouses, ..wildberries::Settings::default() };
    let wildberries = Wildberries::start(settings).await?;
    goods().iter().for_each(|good| wildberries.add_card(catalogue::card(good)));
    Ok((wildberries, token))
}

async fn start_kaspi(price_list: Option<Login>) -> std::io::Result<Kaspi> {
    let settings = kaspi::Settings {
        token: KASPI_TOKEN.to_owned(),
        merchant_id: MERCHANT.to_owned(),
        feed_password: price_list,
        ..kaspi::Settings::default()
    };
    Kaspi::start(settings).await
}
