//! The demo seller: three simulated channels, and a catalogue that was imported as a person would import it.

pub mod channels;
pub mod goods;

use std::ops::Deref;
use std::time::Duration;

use anyhow::bail;
use edin_domain::{Channel, ConnectionId};
use edin_platform::{Clock, SystemClock};
use tokio::task::JoinSet;

use crate::command::take_in;
use crate::house::House;
use crate::import::Importer;
use crate::secrets;
use channels::{Channels, KASPI, OZON};

/// The channels, sold in by the house. The simulators stop when it is dropped.
pub struct Shop {
    channels: Channels,
    _tasks: JoinSet<()>,
}

/// How often the simulated Kaspi pulls its price list; the real one does so every 60 minutes.
pub const PULL_EVERY: Duration = Duration::from_secs(3);

impl Deref for Shop {
    type Target = Channels;

    fn deref(&self) -> &Channels {
        &self.channels
    }
}

impl Shop {
    /// Opens the shop where it was left, or for the first time.
    ///
    /// # Errors
    /// If the simulators can't be started, or the import says that something is wrong.
    pub async fn open(house: &House) -> anyhow::Result<Self> {
        let channels = Channels::open(house.state()).await?;
        set_up(&channels, house).await?;
        let mut tasks = JoinSet::new();
        channels.spawn(&mut tasks, PULL_EVERY);
        Ok(Self { channels, _tasks: tasks })
    }
}

/// Imports what the seller wrote. A connection that a person has pointed elsewhere stays there.
async fn set_up(channels: &Channels, house: &House) -> anyhow::Result<()> {
    let store = house.store();
    let (known, kept) = (store.connections().await?, secrets::read(house.state())?);
    let folder = house.state().join("shop");
    std::fs::create_dir_all(&folder)?;
    let before = std::fs::read_to_string(folder.join("connections.toml")).unwrap_or_default();
    let files = channels.write_imports(&folder)?;
    let importer = Importer { store: &store, inbox: &house.inbox(), now: SystemClock.now() };
    let reports = take_in(&importer, &files, async |found| secrets::add(house.state(), found)).await?;
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
    channels.ozon.set_hook(Some(house.hook_url(&id(OZON)?, Channel::Ozon)));
    channels.kaspi.set_feed(&house.feed_url(&id(KASPI)?));
    Ok(())
}
