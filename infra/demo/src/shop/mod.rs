//! The demo seller: all simulated channels, and a catalogue that was imported as a person would import it.

pub mod channels;
pub(crate) mod doors;
pub mod goods;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use edin_catalogue::{Importer, Taken};
use edin_domain::Connection;
use edin_local::house::House;
use edin_local::import::take_in;
use edin_local::state::endpoints::Endpoints;
use edin_local::state::secrets;
use edin_platform::{Clock, SystemClock};
use simulators::{Addresses, Stage};
use tokio::task::JoinSet;

use channels::Channels;

/// The channels, sold in by the house. The simulators stop when it is dropped.
pub struct Shop {
    channels: Channels,
    _tasks: JoinSet<()>,
}

/// How often the channels do what they do by themselves. The real Kaspi pulls its price list every 60 minutes.
pub const STEP_EVERY: Duration = Duration::from_secs(3);

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
        channels.spawn(&mut tasks, STEP_EVERY);
        Ok(Self { channels, _tasks: tasks })
    }
}

/// Imports what the seller wrote. A connection that a person has pointed elsewhere is not touched: written over and put back
/// afterwards, it would lose its address and its key if the process were killed in between.
async fn set_up(channels: &Channels, house: &House) -> anyhow::Result<()> {
    let (store, folder) = (house.store(), house.state().join("shop"));
    std::fs::create_dir_all(&folder)?;
    let (ours, known) = (addresses(&folder, channels)?, store.connections().await?);
    let is_ours = |connection: &Connection| connection.base_url.as_ref().is_some_and(|url| ours.contains(url));
    let is_wanted = |id: &str| known.values().find(|known| known.id.as_str() == id).is_none_or(is_ours);
    let [connections, catalogue] = channels.write_imports(&folder, is_wanted)?;
    let doors = folder.join("doors.toml");
    std::fs::write(&doors, doors::CONNECTIONS)?;
    let files = [connections, doors, catalogue];
    let (inbox, deferred, now) = (house.inbox(), house.deferred(), SystemClock.now());
    let importer = Importer { store: &store, inbox: &inbox, deferred: &deferred, taken: Taken::Stays, now };
    let reports = take_in(&importer, &files, async |found| secrets::add(house.state(), found)).await?;
    if let Some(error) = reports.iter().flat_map(|report| &report.errors).next() {
        bail!("the demo's own files are wrong: {error}");
    }
    dial(&channels.stage, &house.endpoints(&channels.urls()).await?);
    Ok(())
}

/// Enters in every cabinet where the house is.
pub fn dial(stage: &Stage, house: &Endpoints) {
    stage.dial(|_, enrolment| {
        let of = house.connections.get(enrolment.connection).cloned();
        of.map(|of| Addresses { hook: of.webhook, secret: of.webhook_secret, list: of.feed }).unwrap_or_default()
    });
}

/// The addresses that the simulators have and had. They are noted before they are imported: whenever the process is killed, the
/// next one knows its own.
fn addresses(folder: &Path, channels: &Channels) -> anyhow::Result<BTreeSet<String>> {
    let (file, beside) = (folder.join("addresses"), folder.join("addresses.new"));
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let addresses: BTreeSet<String> = before.lines().map(str::to_owned).chain(channels.urls().into_values()).collect();
    std::fs::write(&beside, addresses.iter().map(|address| format!("{address}\n")).collect::<String>())?;
    std::fs::rename(beside, file)?;
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_lambda_events::dynamodb::EventRecord;
    use edin_domain::{ConnectionId, Secret};
    use edin_store::stream::text;
    use tokio::sync::broadcast::Receiver;

    use super::*;
    use edin_local::house::Options;

    const ELSEWHERE: &str = "http://127.0.0.1:9";
    const KEY: &str = "ozon-main/api_key";

    #[tokio::test]
    async fn a_connection_that_points_elsewhere_is_not_touched_at_any_moment() {
        let state = tempfile::tempdir().unwrap();
        secrets::prepare(state.path()).unwrap();
        let house = House::start(Options::new(state.path(), ([127, 0, 0, 1], 0).into())).await.unwrap();
        let mut channels = Channels::open(state.path()).await.unwrap();
        channels.goods.truncate(1);
        let mut records = house.watch();
        set_up(&channels, &house).await.unwrap();

        let ozon = house.store().connection(&ConnectionId::new("ozon-main").unwrap()).await.unwrap().unwrap();
        let pointed = Connection { base_url: Some(ELSEWHERE.to_owned()), ..ozon };
        house.store().put_connection(&pointed).await.unwrap();
        let mine = Secret::new("mine".to_owned());
        secrets::add(state.path(), [(KEY.to_owned(), mine)].into()).unwrap();
        set_up(&channels, &house).await.unwrap();
        house.store().put_connection(&Connection { base_url: None, ..pointed }).await.unwrap();

        let expected = [Some(channels.stand("ozon-main").unwrap().url()), Some(ELSEWHERE.to_owned()), None];
        assert_eq!(addresses_until_none(&mut records).await, expected);
        assert_eq!(secrets::read(state.path()).unwrap().get(KEY).unwrap().reveal(), "mine");
    }

    /// Where the connection at Ozon pointed, one address after the other.
    async fn addresses_until_none(records: &mut Receiver<Arc<Vec<EventRecord>>>) -> Vec<Option<String>> {
        let mut all = Vec::new();
        while all.last().is_none_or(Option::is_some) {
            let batch = tokio::time::timeout(Duration::from_secs(60), records.recv()).await.unwrap().unwrap();
            let has = |record: &EventRecord, name, value| text(&record.change.keys, name) == Some(value);
            let its = batch.iter().filter(|it| has(it, "pk", "CONN#ozon-main") && has(it, "sk", "CONN"));
            all.extend(its.map(|record| text(&record.change.new_image, "base_url").map(str::to_owned)));
        }
        all
    }
}
