//! The stage on which a seller is played: all stand-ins, and what the seller would write to sell there.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use edin_domain::ChannelName;
use serde::Serialize;
use toml::{Table, Value};

use crate::stand::{Addresses, Enrolment, Opened, Opening, Stand};
use crate::{Faults, Good};

/// What all prices are in.
const CURRENCY: &str = "KZT";

/// All stand-ins, opened.
#[derive(Clone)]
pub struct Stage {
    stands: Vec<Opened>,
}

impl Stage {
    /// Opens every channel's stand-in, each as `opening` says.
    ///
    /// # Errors
    /// If one of them can't be opened.
    pub async fn open(opening: impl Fn(&ChannelName) -> Opening) -> std::io::Result<Self> {
        let mut stands = Vec::new();
        for known in crate::all() {
            stands.push((known.open)(opening(&known.channel)).await?);
        }
        Ok(Self { stands })
    }

    /// Those of them that the seller has a connection to: what is written then says nothing of the others.
    #[must_use]
    pub fn only(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        let wanted = self.stands.iter().filter(|stand| is_wanted(stand.enrolment().connection));
        Self { stands: wanted.cloned().collect() }
    }

    /// Each of them.
    pub fn stands(&self) -> impl Iterator<Item = &Opened> {
        self.stands.iter()
    }

    /// The stand-in of one channel, for what that channel alone does.
    ///
    /// # Errors
    /// If it isn't on the stage.
    pub fn the<S: Stand + Clone>(&self) -> std::io::Result<S> {
        let mut found = self.stands.iter().filter_map(|stand| {
            let any: &dyn Any = &**stand;
            any.downcast_ref::<S>().cloned()
        });
        found.next().ok_or_else(|| std::io::Error::other("a channel has no stand-in"))
    }

    /// The stand-in that a connection is to.
    #[must_use]
    pub fn of(&self, connection: &str) -> Option<&Opened> {
        self.stands.iter().find(|stand| stand.enrolment().connection == connection)
    }

    /// Puts goods on every shelf.
    pub fn list(&self, goods: &[Good]) {
        for stand in &self.stands {
            goods.iter().for_each(|good| stand.list(good));
        }
    }

    /// Enters in every cabinet where the seller's side is.
    pub fn dial(&self, address: impl Fn(&ChannelName, &Enrolment) -> Addresses) {
        for stand in &self.stands {
            stand.dial(address(&stand.channel(), &stand.enrolment()));
        }
    }

    /// Changes what goes wrong everywhere.
    pub fn faults(&self, mut change: impl FnMut(&mut Faults)) {
        self.stands.iter().for_each(|stand| stand.faults(&mut change));
    }

    /// Every shelf: its connection's stand-in, and its warehouse.
    pub fn shelves(&self) -> impl Iterator<Item = (&Opened, crate::stand::Warehouse)> {
        self.stands.iter().flat_map(|stand| stand.enrolment().warehouses.into_iter().map(move |here| (stand, here)))
    }

    /// What the channels refused or would have punished.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let journals = self.stands.iter().map(|stand| stand.journal());
        journals.flat_map(|journal| journal.violations().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// Calls that the channels had so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.stands.iter().map(|stand| stand.journal().calls).sum()
    }

    /// The connections as the seller would write them.
    ///
    /// # Errors
    /// If one can't be written as TOML.
    pub fn connections(&self) -> std::io::Result<String> {
        #[derive(Serialize)]
        struct File {
            connection: Vec<Table>,
        }
        let connection = self
            .stands
            .iter()
            .map(|stand| connection(&**stand))
            .collect::<Result<_, _>>()
            .map_err(std::io::Error::other)?;
        toml::to_string(&File { connection }).map_err(std::io::Error::other)
    }

    /// The catalogue as the seller would write it.
    #[must_use]
    pub fn catalogue(&self, goods: &[Good]) -> String {
        let mut csv = String::from("sku,title,brand,barcode,location,on_hand,cost,components");
        for (column, _) in goods.iter().take(1).flat_map(|good| self.columns(good)) {
            let _ = write!(csv, ",{column}");
        }
        csv.push('\n');
        for good in goods {
            self.write_good(&mut csv, good);
        }
        csv
    }

    fn write_good(&self, csv: &mut String, good: &Good) {
        let Good { sku, title, brand, price, .. } = good;
        let (barcode, cost) = (good.barcode(), price * 6 / 10);
        let (almaty, astana) = good.stock.unzip();
        let (location, on_hand) = match almaty {
            Some(units) => ("almaty", units.to_string()),
            None => ("", String::new()),
        };
        let components: Vec<String> = good.components.iter().map(|(sku, units)| format!("{sku}:{units}")).collect();
        let components = components.join(";");
        let columns: Vec<String> = self.columns(good).into_iter().map(|(_, value)| value).collect();
        let (said, none) = (columns.join(","), ",".repeat(columns.len()));
        let _ = writeln!(csv, "{sku},{title},{brand},{barcode},{location},{on_hand},{cost},{components},{said}");
        if let Some(units) = astana {
            let _ = writeln!(csv, "{sku},{title},{brand},{barcode},astana,{units},{cost},{none}");
        }
    }

    /// What the catalogue says of a good's listings, by column.
    fn columns(&self, good: &Good) -> Vec<(String, String)> {
        let of = |stand: &Opened| {
            let connection = stand.enrolment().connection;
            let columns = stand.columns(good).into_iter();
            columns.map(|(name, value)| (format!("{connection}.{name}"), value)).collect::<Vec<_>>()
        };
        self.stands.iter().flat_map(of).collect()
    }
}

fn connection(stand: &dyn Stand) -> Result<Table, toml::ser::Error> {
    let Enrolment { connection, account, secrets, warehouses } = stand.enrolment();
    let warehouses: BTreeMap<_, _> = warehouses.into_iter().map(|here| (here.name, here.locations)).collect();
    Ok(Table::from_iter([
        ("id".to_owned(), Value::from(connection)),
        ("currency".to_owned(), Value::from(CURRENCY)),
        // What is simulated may be told at once.
        ("mode".to_owned(), Value::from("live")),
        ("base_url".to_owned(), Value::from(stand.url())),
        ("account".to_owned(), Value::try_from(account)?),
        ("warehouses".to_owned(), Value::try_from(warehouses)?),
        ("secrets".to_owned(), Value::try_from(secrets)?),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Wildberries, wildberries};

    fn tea() -> Good {
        Good {
            sku: "TEA".to_owned(),
            number: 1,
            title: "The tea".to_owned(),
            brand: "Edin",
            price: 1_000,
            stock: Some((10, 5)),
            components: Vec::new(),
        }
    }

    async fn stage() -> Stage {
        Stage::open(|_| Opening::default()).await.unwrap()
    }

    #[tokio::test]
    async fn what_the_seller_writes_names_every_channel_and_each_good_as_the_channels_do() {
        let stage = stage().await;
        let connections: Table = toml::from_str(&stage.connections().unwrap()).unwrap();
        let written = connections["connection"].as_array().unwrap();
        assert_eq!(written.len(), crate::all().count());
        for (stand, written) in stage.stands().zip(written) {
            assert_eq!(written["base_url"].as_str(), Some(&*stand.url()));
            assert!(written["account"].get(stand.channel().as_str()).is_some(), "{written:?}");
        }
        let catalogue = stage.catalogue(&[tea()]);
        let [head, almaty, astana] = catalogue.lines().collect::<Vec<_>>()[..] else { panic!("{catalogue}") };
        let columns = |line: &str| line.split(',').count();
        assert_eq!([columns(almaty), columns(astana)], [columns(head); 2], "{catalogue}");
        for stand in stage.stands() {
            for (name, value) in stand.columns(&tea()) {
                let column = format!("{}.{name}", stand.enrolment().connection);
                let at = head.split(',').position(|known| known == column).unwrap();
                assert_eq!(almaty.split(',').nth(at), Some(&*value), "{column}");
            }
        }
    }

    #[tokio::test]
    async fn every_stand_in_goes_on_from_its_snapshot() {
        let first = stage().await;
        first.the::<Wildberries>().unwrap().edit(wildberries::chrt_id(&tea()), wildberries::WAREHOUSE, 3);
        let states: BTreeMap<_, _> = first.stands().map(|stand| (stand.channel(), stand.snapshot())).collect();
        let state = |channel: &ChannelName| Opening { state: states.get(channel).cloned(), ..Opening::default() };
        let second = Stage::open(state).await.unwrap();
        let after: BTreeMap<_, _> = second.stands().map(|stand| (stand.channel(), stand.snapshot())).collect();
        assert_eq!(states, after);
    }
}
