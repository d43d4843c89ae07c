//! The simulated channels with the demo seller's goods in them, kept in a file from one start to the next.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use edin_domain::{ChannelName, ConnectionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simulators::{Good, Opened, Opening, Stage};
use tokio::task::JoinSet;

use super::goods;

/// How often the simulators' state is written down.
const SAVE_EVERY: Duration = Duration::from_secs(2);
/// Their state in the folder.
const FILE: &str = "channels.state.json";

/// The simulated channels, and what is sold in them.
#[derive(Clone)]
pub struct Channels {
    /// Each of them.
    pub stage: Stage,
    /// What is sold.
    pub goods: Vec<Good>,
    file: PathBuf,
}

/// A simulator's state, and the port that it had.
#[derive(Serialize, Deserialize)]
struct Saved {
    port: u16,
    state: Value,
}

impl Channels {
    /// Opens them where they were left, by the file in `folder`, or for the first time.
    ///
    /// # Errors
    /// If the simulators can't be started, or the file can't be read.
    pub async fn open(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let mut saved = read(&file)?;
        let stage = match open(&saved).await {
            Ok(stage) => stage,
            // Somebody else has one of the ports by now.
            Err(_) => {
                saved.values_mut().for_each(|saved| saved.port = 0);
                open(&saved).await?
            }
        };
        let goods = goods::goods();
        stage.list(&goods);
        Ok(Self { stage, goods, file })
    }

    /// Where each connection's simulator is.
    #[must_use]
    pub fn urls(&self) -> BTreeMap<ConnectionId, String> {
        let urls = self.stage.stands().map(|stand| (stand.enrolment().connection, stand.url()));
        urls.filter_map(|(id, url)| Some((ConnectionId::new(id).ok()?, url))).collect()
    }

    /// Writes into `folder` what the seller would import: the connections that are wanted, and the catalogue.
    ///
    /// # Errors
    /// If they can't be written.
    pub fn write_imports(&self, folder: &Path, is_wanted: impl Fn(&str) -> bool) -> anyhow::Result<[PathBuf; 2]> {
        let files = [folder.join("connections.toml"), folder.join("catalogue.csv")];
        let [connections, catalogue] = &files;
        std::fs::write(connections, self.stage.only(is_wanted).connections()?)?;
        std::fs::write(catalogue, self.stage.catalogue(&self.goods))?;
        Ok(files)
    }

    /// The simulator of a connection.
    ///
    /// # Errors
    /// If there is no such connection.
    pub fn stand(&self, connection: &str) -> anyhow::Result<&Opened> {
        self.stage.of(connection).with_context(|| format!("there is no connection {connection}"))
    }

    /// A good by its SKU.
    ///
    /// # Errors
    /// If there is no such good.
    pub fn good(&self, sku: &str) -> anyhow::Result<&Good> {
        self.goods.iter().find(|good| good.sku == sku).with_context(|| format!("there is no good {sku}"))
    }

    /// Lets the channels do so often what they do by themselves, and their state be written down now and then.
    pub fn spawn(&self, tasks: &mut JoinSet<()>, step_every: Duration) {
        for stand in self.stage.stands() {
            let stand = stand.clone();
            tasks.spawn(async move {
                loop {
                    if let Err(problem) = stand.step().await {
                        tracing::debug!(%problem, channel = %stand.channel(), "a simulator's step came to nothing");
                    }
                    tokio::time::sleep(step_every).await;
                }
            });
        }
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
        let saved: BTreeMap<ChannelName, Saved> =
            self.stage.stands().map(|stand| (stand.channel(), Saved::of(stand))).collect();
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(&saved)?)?;
        Ok(std::fs::rename(beside, &self.file)?)
    }
}

impl Saved {
    fn of(stand: &Opened) -> Self {
        let port = stand.url().rsplit(':').next().and_then(|port| port.parse().ok());
        Self { port: port.unwrap_or_default(), state: stand.snapshot() }
    }

    fn opening(&self) -> Opening {
        Opening { port: self.port, state: Some(self.state.clone()), ..Opening::default() }
    }
}

async fn open(saved: &BTreeMap<ChannelName, Saved>) -> std::io::Result<Stage> {
    Stage::open(|channel| saved.get(channel).map(Saved::opening).unwrap_or_default()).await
}

fn read(file: &Path) -> anyhow::Result<BTreeMap<ChannelName, Saved>> {
    match std::fs::read(file) {
        Ok(json) => serde_json::from_slice(&json).with_context(|| format!("{} can not be read", file.display())),
        Err(_) => Ok(BTreeMap::new()),
    }
}
