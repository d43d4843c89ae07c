//! A whole seller for a test: the house, all channels as simulators, a small catalogue, and ways to look.
//!
//! Nothing is mocked: a test buys at a channel and looks at the tables and at the other channels. Schedules are off; a test
//! says when orders are read. Whatever takes time is waited for by [`until`], with a bound.

mod catalogue;
mod check;
mod look;
mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use edin_catalogue::{Importer, Report, Taken};
use edin_domain::{ConnectionId, Timestamp};
use edin_local::house::{House, Options};
use edin_local::import::take_in;
use edin_local::state::secrets;
use edin_platform::{Clock, Metrics, SystemClock};
use edin_store::Store;
use edin_store::documents::Posted;
use edin_trade::messages::Read;
use simulators::kaspi::STORES as KASPI_STORES;
use simulators::{Addresses, Kaspi, Opening, Ozon, Stage, Stand as _, Wildberries};
use tempfile::TempDir;

pub use catalogue::{CUP, Good, LAMP, PEN, POT, RUG, SET, TEA, good, goods, with_policies, without_modes};
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

const CONNECTIONS: &str = "connections.toml";
const GOODS: &str = "catalogue.csv";

/// A seller with everything around them.
pub struct World {
    /// Edin.
    pub house: House,
    /// All channels.
    pub stage: Stage,
    /// Ozon, its buyers and the seller's cabinet there.
    pub ozon: Ozon,
    /// Wildberries, likewise.
    pub wildberries: Wildberries,
    /// Kaspi, likewise.
    pub kaspi: Kaspi,
    /// The figures that the functions told.
    pub metrics: Metrics,
    /// Connections that were new and observed when the seller opened.
    observing: &'static [&'static str],
    goods: Vec<Good>,
    /// Orders that the seller's own doors made.
    asked: Mutex<BTreeSet<(&'static str, String)>>,
    /// What stock documents added, by document.
    posted: Mutex<BTreeMap<String, Vec<Posted>>>,
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
        Self::open_as(goods(), None, &[]).await
    }

    /// The same, where the file says no mode of these connections: they are new, and observe.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub async fn open_observing(observing: &'static [&'static str]) -> anyhow::Result<Self> {
        Self::open_as(goods(), None, observing).await
    }

    /// The same with Kaspi's price list behind a password.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub async fn open_with(price_list: Login) -> anyhow::Result<Self> {
        Self::open_as(goods(), Some(price_list), &[]).await
    }

    /// A seller of these goods.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub async fn open_with_goods(goods: Vec<Good>) -> anyhow::Result<Self> {
        Self::open_as(goods, None, &[]).await
    }

    async fn open_as(
        goods: Vec<Good>,
        list_login: Option<Login>,
        observing: &'static [&'static str],
    ) -> anyhow::Result<Self> {
        let state = tempfile::tempdir()?;
        secrets::prepare(state.path())?;
        let metrics = Metrics::Kept(Arc::default());
        let house = start(state.path(), metrics.clone()).await?;
        let stage = Stage::open(|_| Opening { list_login: list_login.clone(), ..Opening::default() }).await?;
        stage.list(&goods);
        let (ozon, wildberries, kaspi) = (stage.the()?, stage.the()?, stage.the()?);
        let world = Self {
            house,
            stage,
            ozon,
            wildberries,
            kaspi,
            metrics,
            observing,
            goods,
            asked: Mutex::default(),
            posted: Mutex::default(),
            opened_at: now(),
            state,
        };
        world.dial()?;
        world.set_up().await?;
        world.wait_for_opening_stock().await?;
        Ok(world)
    }

    /// Ends the house as a power cut would, and starts it again on the same state. The channels go on meanwhile.
    ///
    /// # Errors
    /// If it can't be started again.
    pub async fn restart(self) -> anyhow::Result<Self> {
        let Self { house, metrics, state, .. } = self;
        drop(house);
        let house = start(state.path(), metrics.clone()).await?;
        let world = Self { house, metrics, state, ..self };
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
            self.file(GOODS, &self.stage.catalogue(&self.goods))?,
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

    /// What is sold.
    #[must_use]
    pub fn goods(&self) -> &[Good] {
        &self.goods
    }

    /// Notes an order that a door of the seller's own made.
    pub fn asked(&self, door: &'static str, order: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert((door, order.to_owned()));
    }

    /// Notes what a stock document of a door's did. Noted again, it is the same.
    pub fn posted(&self, document: &str, changes: Vec<Posted>) {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).insert(document.to_owned(), changes);
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
            ensure!(failed.iter().all(|(_, reason)| wait::is_held(reason)), "orders could not be read: {failed:?}");
            Ok(failed)
        })
        .await
    }

    /// Tells the cabinets where the house is.
    fn dial(&self) -> anyhow::Result<()> {
        for stand in self.stage.stands() {
            let connection = ConnectionId::new(stand.enrolment().connection)?;
            let (hook, secret) = (
                self.house.hook_url(&connection, &stand.channel()),
                self.house.hook_secret(&connection, &stand.channel()),
            );
            let list = Some(self.house.feed_url(&connection));
            stand.dial(Addresses { hook: Some(hook), secret: Some(secret.reveal().clone()), list });
        }
        Ok(())
    }

    async fn set_up(&self) -> anyhow::Result<()> {
        let files = [
            self.file(CONNECTIONS, &without_modes(&self.stage.connections()?, self.observing))?,
            self.file(GOODS, &self.stage.catalogue(&self.goods))?,
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
        let settled = self.settle().await;
        // A channel that can't do its own part says more than that something is still under way.
        for stand in self.stage.stands().filter(|stand| !self.observing.contains(&stand.enrolment().connection)) {
            stand.step().await.map_err(anyhow::Error::msg)?;
        }
        settled?;
        until("shelves without the opening stock", SOON, Vec::new(), async || self.wrong_shelves(self.observing).await)
            .await
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

async fn start(state: &Path, metrics: Metrics) -> anyhow::Result<House> {
    House::start(Options { schedules: None, metrics, ..Options::new(state, ([127, 0, 0, 1], 0).into()) }).await
}

/// Wildberries with a card for each of [`goods`], and its token.
///
/// # Errors
/// If no port can be had.
pub async fn open_wildberries() -> std::io::Result<(Wildberries, String)> {
    let stage = Stage::open(|_| Opening::default()).await?;
    stage.list(&goods());
    let wildberries: Wildberries = stage.the()?;
    let token = wildberries.enrolment().secrets.remove("token").unwrap_or_default();
    Ok((wildberries, token))
}
