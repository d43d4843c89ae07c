//! A shop of any size: tables in a file, and simulated channels.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use edin_domain::{Connection, Secret};
use edin_local::house::{House, Options};
use edin_local::state::secrets;
use edin_platform::secrets::DIGEST_KEY;
use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;
use simulators::{Opening, Ozon, Stage, Stand as _, Wildberries};
use tempfile::TempDir;

use crate::proxy::Proxy;
use crate::tables::{Tables, good};

/// The tables' folder, and the channels.
pub struct Shop {
    /// How many goods there are.
    pub goods: u64,
    /// The channels.
    pub stage: Stage,
    /// Ozon.
    pub ozon: Ozon,
    /// Wildberries.
    pub wildberries: Wildberries,
    /// What addresses are digested with.
    pub key: Secret<String>,
    /// Where the tables and the secrets are.
    pub folder: TempDir,
    secrets: BTreeMap<String, String>,
    connections: Vec<Connection>,
}

/// Where benches sell: what they measured before there were more channels stays comparable.
const SOLD_AT: [&str; 3] = ["ozon-main", "wb-main", "kaspi-main"];
/// The tables' file in the folder.
pub const DATABASE: &str = "edin.db";
/// Ozon takes a number for one good every 30 seconds only.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// The channels where benches sell.
///
/// # Errors
/// If a port can't be had.
pub async fn stage() -> std::io::Result<Stage> {
    Ok(Stage::open(|_| Opening::default()).await?.only(|connection| SOLD_AT.contains(&connection)))
}

impl Shop {
    /// Opens it with so many goods, which every channel knows, and Ozon shows just as they are in stock.
    ///
    /// # Errors
    /// If the channels can't be started, or the goods not be imported.
    pub async fn open(goods: u64, memory: &Path) -> anyhow::Result<Self> {
        let stage = stage().await?;
        let (ozon, wildberries) = (stage.the()?, stage.the()?);
        let folder = tempfile::tempdir_in(memory)?;
        secrets::prepare(folder.path())?;
        let tables = Tables::open(&folder.path().join(DATABASE)).await?;
        tables.stock(goods, &stage, async |found| secrets::add(folder.path(), found)).await?;
        let connections: Vec<Connection> = tables.store().connections().await?.into_values().collect();
        tables.forget_connections(&connections)?;
        let secrets = secrets::read(folder.path())?;
        let secrets: BTreeMap<_, _> =
            secrets.into_iter().map(|(name, secret)| (name, secret.reveal().clone())).collect();
        let key = Secret::new(secrets.get(DIGEST_KEY).cloned().unwrap_or_default());
        let shop = Self { goods, stage, ozon, wildberries, key, folder, secrets, connections };
        shop.show_everything();
        Ok(shop)
    }

    fn show_everything(&self) {
        for good in (0..self.goods).map(good) {
            self.ozon.list(&good);
            self.wildberries.list(&good);
            let (almaty, astana) = good.stock.unwrap_or_default();
            self.ozon.edit(&good.sku, OZON_WAREHOUSE, almaty + astana);
        }
    }

    /// The whole house over it, which does nothing that nobody sets off: it hears of the connections when it has begun, since
    /// it polls and reconciles at its start.
    ///
    /// # Errors
    /// If a port can't be had, or things don't come to rest.
    pub async fn house(&self) -> anyhow::Result<House> {
        let options = Options::new(self.folder.path(), ([127, 0, 0, 1], 0).into());
        let house = House::start(Options { schedules: None, ..options }).await?;
        house.settle(PATIENCE).await?;
        for connection in &self.connections {
            house.store().put_connection(connection).await?;
        }
        Ok(house)
    }

    /// The tables once more, for functions that are processes of their own.
    ///
    /// # Errors
    /// If a port can't be had.
    pub async fn behind_a_proxy(&self) -> anyhow::Result<(Tables, Proxy)> {
        let tables = Tables::open(&self.folder.path().join(DATABASE)).await?;
        for connection in &self.connections {
            tables.store().put_connection(connection).await?;
        }
        let proxy = Proxy::start(tables.url(), self.secrets.clone()).await?;
        Ok((tables, proxy))
    }
}
