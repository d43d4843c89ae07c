//! The seller: what is sold where, and how it was set up.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use edin_catalogue::{Importer, Taken};
use edin_channels::address::{self, Purpose};
use edin_demo::shop::goods::{self, MERCHANT, OZON_WAREHOUSE, WB_WAREHOUSE};
use edin_domain::{ChannelName, ConnectionId, Secret};
use edin_local::import::read;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Clock as _, Secrets};
use simulators::{Kaspi, Network, Ozon, Wildberries, kaspi, ozon, wildberries};
use tempfile::TempDir;

use crate::aws::Aws;
use crate::channels::Channels;
use crate::clock::SimulatedClock;
use crate::goods::{Good, KASPI, OZON, SET};

const API_KEY: &str = "0c7a7b4e-5d7e-4a41-9d2b-simulated001";
const KASPI_TOKEN: &str = "simulated-kaspi-token";
const HALF_A_YEAR: Duration = Duration::from_secs(180 * 24 * 3_600);

/// The seller's things that outlive every function.
pub struct Seller {
    /// What is sold.
    pub goods: Vec<Good>,
    /// Where the functions find secrets.
    pub secrets: Secrets,
    /// The digest key.
    pub key: Secret<String>,
    folder: TempDir,
}

/// Simple goods with these opening stocks in Almaty and in Astana, and one bundle of the first two.
#[must_use]
pub fn assortment(stocks: &[(u32, u32)]) -> Vec<Good> {
    let good = |number: u64, stock, components| Good {
        sku: format!("G-{number:03}"),
        number,
        title: format!("Good {number}"),
        brand: "Edin",
        price: 1_000 + number * 100,
        stock,
        components,
    };
    let mut all: Vec<Good> = (1..).zip(stocks).map(|(number, stock)| good(number, Some(*stock), Vec::new())).collect();
    let parts: Vec<(String, u32)> = all.iter().map(|good| good.sku.clone()).zip([1, 2]).collect();
    let number = u64::try_from(all.len() + 1).unwrap_or(1);
    all.push(Good { sku: SET.to_owned(), ..good(number, None, parts) });
    all
}

/// Opens the three channels with a card for each good.
///
/// # Errors
/// If one of them can't be opened.
pub async fn open_channels(
    goods: &[Good],
    network: Network,
    gives_back_cancelled: bool,
) -> anyhow::Result<(Channels, String)> {
    let ozon = Ozon::start(ozon::Settings {
        network: network.clone(),
        client_id: MERCHANT.to_owned(),
        api_key: API_KEY.to_owned(),
        warehouses: vec![OZON_WAREHOUSE],
        ..ozon::Settings::default()
    });
    let token =
        wildberries::token(wildberries::MARKETPLACE | wildberries::CONTENT, simulators::now().plus(HALF_A_YEAR));
    let wildberries = Wildberries::start(wildberries::Settings {
        network: network.clone(),
        token: token.clone(),
        warehouses: vec![WB_WAREHOUSE],
        gives_back_cancelled,
        ..wildberries::Settings::default()
    });
    let kaspi = Kaspi::start(kaspi::Settings {
        network,
        token: KASPI_TOKEN.to_owned(),
        merchant_id: MERCHANT.to_owned(),
        ..kaspi::Settings::default()
    });
    let channels = Channels { ozon: ozon.await?, wildberries: wildberries.await?, kaspi: kaspi.await? };
    for good in goods {
        channels.ozon.add_product(ozon::Product {
            offer_id: good.sku.clone(),
            product_id: ozon::product_id(good),
            sku: ozon::sku(good),
            name: good.title.clone(),
            price: format!("{}.00", good.price),
            currency: "KZT".to_owned(),
        });
        channels.wildberries.add_card(wildberries::Card {
            chrt_id: wildberries::chrt_id(good),
            nm_id: good.number,
            vendor_code: good.sku.clone(),
            barcode: good.barcode(),
            price_minor: i64::try_from(good.price * 100).unwrap_or(0),
            currency_code: 398,
        });
    }
    Ok((channels, token))
}

impl Seller {
    /// Sets everything up as `edin import` would: connections, catalogue, opening stock, secrets.
    ///
    /// # Errors
    /// If a file can't be written, or is wrong.
    pub async fn move_in(
        goods: Vec<Good>,
        channels: &Channels,
        (token, settings): (&str, &[(&str, &str)]),
        aws: &Aws,
        clock: SimulatedClock,
    ) -> anyhow::Result<Self> {
        let store = aws.store();
        store.create_tables().await?;
        let folder = tempfile::tempdir()?;
        let key = Secret::new("5e".repeat(32));
        let urls = [channels.ozon.url(), channels.wildberries.url(), channels.kaspi.url()];
        let tokens = [API_KEY, token, KASPI_TOKEN].map(str::to_owned);
        let (connections, catalogue) = (folder.path().join("connections.toml"), folder.path().join("catalogue.csv"));
        std::fs::write(&connections, with_settings(goods::connections(&urls, &tokens), settings))?;
        std::fs::write(&catalogue, goods::catalogue(&goods))?;
        let (inbox, deferred) = (aws.queue("inbox"), aws.queue("deferred"));
        let importer =
            Importer { store: &store, inbox: &inbox, deferred: &deferred, taken: Taken::Stays, now: clock.now() };
        let report = importer.run(read(&[connections, catalogue]), &|_, _| {}).await;
        ensure!(report.errors.is_empty(), "the simulation's own files are wrong: {:?}", report.errors);
        let mut secrets = report.secrets;
        secrets.insert(DIGEST_KEY.to_owned(), key.clone());
        edin_local::state::secrets::add(folder.path(), secrets)?;
        let secrets = Secrets::File(Arc::new(folder.path().join(edin_local::state::secrets::FILE)));
        let seller = Self { goods, secrets, key, folder };
        seller.dial(channels)?;
        Ok(seller)
    }

    /// Tells the cabinets where we are.
    fn dial(&self, channels: &Channels) -> anyhow::Result<()> {
        let path = |purpose, id| Ok::<_, anyhow::Error>(address::path(&self.key, purpose, &ConnectionId::new(id)?));
        let ozon = ChannelName::of("ozon");
        let hook = path(Purpose::Hook(&ozon), OZON)?;
        channels.ozon.set_hook(Some(format!("http://edin.invalid{hook}")));
        channels.kaspi.set_feed(&format!("http://edin.invalid{}", path(Purpose::Feed, KASPI)?));
        Ok(())
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// The connections with more said of some of them.
fn with_settings(connections: String, settings: &[(&str, &str)]) -> String {
    settings.iter().fold(connections, |text, (connection, more)| {
        let id = format!("id = \"{connection}\"\n");
        text.replace(&id, &format!("{id}{more}\n"))
    })
}
