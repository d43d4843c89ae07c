//! A shop of any size: tables in a file, and simulated channels.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use edin_demo::shop::goods::OZON_WAREHOUSE;
use edin_domain::{Connection, Secret};
use edin_local::house::{House, Options};
use edin_local::state::secrets;
use edin_platform::secrets::DIGEST_KEY;
use simulators::{Enrolment, Opening, Ozon, Stage, Stand as _, Wildberries};
use tempfile::TempDir;

use crate::proxy::Proxy;
use crate::tables::{Tables, good};

/// The tables' folder, and the channels.
pub struct Shop {
    /// How many goods there are.
    pub goods: u64,
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

const KASPI_TOKEN: &str = "bench";
/// The tables' file in the folder.
pub const DATABASE: &str = "edin.db";
/// Ozon takes a number for one good every 30 seconds only.
pub const PATIENCE: Duration = Duration::from_secs(240);

impl Shop {
    /// Opens it with so many goods, which every channel knows, and Ozon shows just as they are in stock.
    ///
    /// # Errors
    /// If the channels can't be started, or the goods not be imported.
    pub async fn open(goods: u64, memory: &Path) -> anyhow::Result<Self> {
        let stage = Stage::open(|_| Opening::default()).await?;
        let (ozon, wildberries): (Ozon, Wildberries) = (stage.the()?, stage.the()?);
        let secret = |enrolment: Enrolment| enrolment.secrets.into_values().next().unwrap_or_default();
        let (api_key, token) = (secret(ozon.enrolment()), secret(wildberries.enrolment()));
        let folder = tempfile::tempdir_in(memory)?;
        let secrets = [("ozon-main/api_key", &*api_key), ("wb-main/token", &token), ("kaspi-main/token", KASPI_TOKEN)];
        let named = secrets.map(|(name, secret)| (name.to_owned(), Secret::new(secret.to_owned())));
        secrets::prepare(folder.path())?;
        secrets::add(folder.path(), BTreeMap::from(named))?;
        let secrets = secrets::read(folder.path())?;
        let secrets: BTreeMap<_, _> =
            secrets.into_iter().map(|(name, secret)| (name, secret.reveal().clone())).collect();
        let key = Secret::new(secrets.get(DIGEST_KEY).cloned().unwrap_or_default());
        let mut shop = Self { goods, ozon, key, folder, secrets, wildberries, connections: Vec::new() };
        let urls = [shop.ozon.url(), shop.wildberries.url(), "http://127.0.0.1:9".to_owned()];
        let tables = Tables::open(&shop.folder.path().join(DATABASE)).await?;
        tables.stock(goods, &urls, &[api_key, token, KASPI_TOKEN.to_owned()]).await?;
        shop.connections.extend(tables.store().connections().await?.into_values());
        tables.forget_connections(&shop.connections)?;
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
