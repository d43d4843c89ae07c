//! A shop of any size: tables in a file, and simulated channels.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use edin_demo::shop::goods::{MERCHANT, OZON_WAREHOUSE, WB_WAREHOUSE};
use edin_domain::{Connection, Secret};
use edin_local::house::{House, Options};
use edin_local::state::secrets;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Clock, SystemClock};
use simulators::{Ozon, Wildberries, ozon, wildberries};
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

const API_KEY: &str = "bench";
const KASPI_TOKEN: &str = "bench";
/// The tables' file in the folder.
pub const DATABASE: &str = "edin.db";
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);
/// Ozon takes a number for one good every 30 seconds only.
pub const PATIENCE: Duration = Duration::from_secs(240);

impl Shop {
    /// Opens it with so many goods, which every channel knows, and Ozon shows just as they are in stock.
    ///
    /// # Errors
    /// If the channels can't be started, or the goods not be imported.
    pub async fn open(goods: u64, memory: &Path) -> anyhow::Result<Self> {
        let rights = wildberries::MARKETPLACE | wildberries::CONTENT;
        let token = wildberries::token(rights, SystemClock.now().plus(A_YEAR));
        let ozon = Ozon::start(ozon::Settings {
            client_id: MERCHANT.to_owned(),
            api_key: API_KEY.to_owned(),
            warehouses: vec![OZON_WAREHOUSE],
            ..ozon::Settings::default()
        });
        let wildberries = Wildberries::start(wildberries::Settings {
            token: token.clone(),
            warehouses: vec![WB_WAREHOUSE],
            ..wildberries::Settings::default()
        });
        let (ozon, wildberries) = (ozon.await?, wildberries.await?);
        let folder = tempfile::tempdir_in(memory)?;
        let secrets = [("ozon-main/api_key", API_KEY), ("wb-main/token", &token), ("kaspi-main/token", KASPI_TOKEN)];
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
        tables.stock(goods, &urls, &[API_KEY.to_owned(), token, KASPI_TOKEN.to_owned()]).await?;
        shop.connections.extend(tables.store().connections().await?.into_values());
        tables.forget_connections(&shop.connections)?;
        shop.show_everything();
        Ok(shop)
    }

    fn show_everything(&self) {
        for good in (0..self.goods).map(good) {
            self.ozon.add_product(ozon::Product {
                offer_id: good.sku.clone(),
                product_id: ozon::product_id(&good),
                sku: ozon::sku(&good),
                name: good.title.clone(),
                price: format!("{}.00", good.price),
                currency: "KZT".to_owned(),
            });
            let (almaty, astana) = good.stock.unwrap_or_default();
            self.ozon.edit(&good.sku, OZON_WAREHOUSE, almaty + astana);
            self.wildberries.add_card(wildberries::Card {
                chrt_id: wildberries::chrt_id(&good),
                nm_id: good.number,
                vendor_code: good.sku.clone(),
                barcode: good.barcode(),
                price_minor: i64::try_from(good.price * 100).unwrap_or(0),
                currency_code: 398,
            });
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
