//! The seller: what is sold where, and how it was set up.

use std::sync::Arc;

use anyhow::ensure;
use edin_catalogue::{Importer, Taken};
use edin_channels::address::{self, Purpose};
use edin_domain::{ConnectionId, Secret};
use edin_local::import::read;
use edin_platform::secrets::DIGEST_KEY;
use edin_platform::{Clock as _, Secrets};
use simulators::{Addresses, Network, Opening, Stage};
use tempfile::TempDir;

use crate::aws::Aws;
use crate::channels::Channels;
use crate::clock::SimulatedClock;
use crate::goods::{Good, SET};

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

/// Opens the channels with a card for each good.
///
/// # Errors
/// If one of them can't be opened.
pub async fn open_channels(goods: &[Good], network: Network, gives_back_cancelled: bool) -> std::io::Result<Channels> {
    let opening = |_: &_| Opening { network: network.clone(), gives_back_cancelled, ..Opening::default() };
    let stage = Stage::open(opening).await?;
    stage.list(goods);
    Ok(Channels { ozon: stage.the()?, wildberries: stage.the()?, kaspi: stage.the()?, stage })
}

impl Seller {
    /// Sets everything up as `edin import` would: connections, catalogue, opening stock, secrets.
    ///
    /// # Errors
    /// If a file can't be written, or is wrong.
    pub async fn move_in(
        goods: Vec<Good>,
        channels: &Channels,
        (settings, doors): (&[(&str, &str)], &str),
        aws: &Aws,
        clock: SimulatedClock,
    ) -> anyhow::Result<Self> {
        let store = aws.store();
        store.create_tables().await?;
        let folder = tempfile::tempdir()?;
        let key = Secret::new("5e".repeat(32));
        let (connections, catalogue) = (folder.path().join("connections.toml"), folder.path().join("catalogue.csv"));
        let written = with_settings(channels.stage.connections()?, settings) + doors;
        std::fs::write(&connections, written)?;
        std::fs::write(&catalogue, channels.stage.catalogue(&goods))?;
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
        seller.dial(channels);
        Ok(seller)
    }

    /// Tells the cabinets where we are.
    fn dial(&self, channels: &Channels) {
        channels.stage.dial(|channel, enrolment| {
            let Ok(connection) = ConnectionId::new(enrolment.connection) else { return Addresses::default() };
            let at = |purpose| format!("http://edin.invalid{}", address::path(&self.key, purpose, &connection));
            let secret = address::signing_secret(&self.key, channel, &connection).reveal().clone();
            Addresses { hook: Some(at(Purpose::Hook(channel))), secret: Some(secret), list: Some(at(Purpose::Feed)) }
        });
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
