//! Files that a person writes, into the tables: connections (`.toml`), catalogue and opening stock (`.csv`).
//!
//! Reading is pure: `connections`, and for a catalogue `sheet` (cells) → `header` (columns) → `row` and `offered` (one
//! line) → `catalogue` (lines by SKU). Writing comes after it: `write` (one SKU), `remap` (orders that waited).
//! A bad line stops no other one; the same files once again change nothing.

mod catalogue;
mod connections;
mod error;
mod file;
mod header;
mod offered;
mod remap;
mod report;
mod row;
mod sheet;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use edin_domain::order::OrderKey;
use edin_domain::{Connection, ConnectionId, Secret, Timestamp};
use edin_platform::Queue;
use edin_store::{Store, StoreError};
use futures::{FutureExt as _, StreamExt as _};
use indicatif::ProgressBar;

pub(crate) use connections::secret_names;
pub use error::{ImportError, Problem};
pub use report::{Count, Counts, Report};

use catalogue::{Catalogue, Good};
use connections::Configured;
use file::Kind;
use sheet::Sheet;
use write::Done;

/// So many SKUs are written at once.
const AT_ONCE: usize = 16;

/// Takes files into the tables.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    /// The tables.
    pub store: &'a Store,
    /// Where orders go that had waited for a mapping.
    pub inbox: &'a Queue,
    /// Now.
    pub now: Timestamp,
}

impl Importer<'_> {
    /// Imports all that is good in `files` and tells what isn't. Connections are taken before catalogues, whatever the
    /// order of the files. `progress` goes from nothing to the number of SKUs.
    pub async fn run(&self, files: &[PathBuf], progress: &ProgressBar) -> Report {
        let mut report = Report::default();
        let sources = Sources::read(files, &mut report.errors);
        let connections = self.connections(&sources, &mut report).await;
        if let Err(problem) = self.catalogue(&sources.sheets, connections, progress, &mut report).await {
            report.errors.extend(files.first().map(|file| ImportError::whole(file, problem)));
        }
        report
    }

    /// Writes the connections of the files. Returns them.
    async fn connections(&self, sources: &Sources, report: &mut Report) -> BTreeMap<ConnectionId, Connection> {
        let mut written = BTreeMap::new();
        for (file, Configured { connection, secrets }) in &sources.connections {
            match self.store.put_connection(connection).await {
                Ok(how) => {
                    report.counts.connections.note(how);
                    report.secrets.extend(secrets_of(&connection.id, secrets));
                    written.insert(connection.id.clone(), connection.clone());
                }
                Err(error) => {
                    let what = format!("connection {}", connection.id);
                    report.errors.push(ImportError::whole(file, Problem::table(what)(error)));
                }
            }
        }
        written
    }

    async fn catalogue(
        &self,
        sheets: &[Sheet],
        mut connections: BTreeMap<ConnectionId, Connection>,
        progress: &ProgressBar,
        report: &mut Report,
    ) -> Result<(), Problem> {
        self.add_known(&mut connections, sheets).await.map_err(Problem::table("the catalogue"))?;
        let catalogue = Catalogue::of(sheets, &connections);
        let known = self.store.products(catalogue.components_elsewhere()).await;
        let (goods, errors) = catalogue.goods(&known.map_err(Problem::table("the catalogue"))?);
        report.errors.extend(errors);
        progress.set_length(u64::try_from(goods.len()).unwrap_or(u64::MAX));
        let stock = |good| write::stock(self.store, self.now, good);
        let (mapped, goods) = self.write(goods.iter().collect(), stock, progress, report).await;
        self.remap(mapped, &connections, report).await?;
        let listings = |good| write::listings(self.store, self.now, good);
        self.write(goods, listings, &ProgressBar::hidden(), report).await;
        Ok(())
    }

    /// Orders that waited for one of these articles are counted before a channel is told how much there is.
    async fn remap(
        &self,
        mapped: Vec<remap::Mapped>,
        connections: &BTreeMap<ConnectionId, Connection>,
        report: &mut Report,
    ) -> Result<(), Problem> {
        let (orders, errors) = remap::waiting(self.store, mapped).await;
        report.errors.extend(errors);
        let keys = orders.iter().map(|(id, order)| OrderKey::new(id.clone(), order.clone())).collect();
        report.remapped = remap::send(self.inbox, self.now, connections, orders).await?;
        remap::until_applied(self.store, keys).await.map_err(Problem::table("the orders that waited"))
    }

    /// Adds the connections that columns are about and that no file sets up.
    async fn add_known(
        &self,
        connections: &mut BTreeMap<ConnectionId, Connection>,
        sheets: &[Sheet],
    ) -> Result<(), StoreError> {
        let named: BTreeSet<ConnectionId> = sheets.iter().flat_map(|sheet| header::named(&sheet.columns)).collect();
        let elsewhere = named.into_iter().filter(|id| !connections.contains_key(id)).collect::<Vec<_>>();
        connections.extend(self.store.connections_of(elsewhere).await?);
        Ok(())
    }

    /// Does `write` to each SKU, many at once. Returns what is mapped now, and the SKUs that had no error.
    async fn write<'g, F: Future<Output = Done>>(
        &self,
        goods: Vec<&'g Good>,
        write: impl Fn(&'g Good) -> F,
        progress: &ProgressBar,
        report: &mut Report,
    ) -> (Vec<remap::Mapped>, Vec<&'g Good>) {
        let writes: Vec<_> = goods.into_iter().map(|good| write(good).map(move |done| (good, done))).collect();
        let mut writes = futures::stream::iter(writes).buffer_unordered(AT_ONCE);
        let (mut mapped, mut written) = (Vec::new(), Vec::new());
        while let Some((good, done)) = writes.next().await {
            written.extend(done.error.is_none().then_some(good));
            report.counts.add(done.counts);
            report.errors.extend(done.error);
            mapped.extend(done.mapped);
            progress.inc(1);
        }
        (mapped, written)
    }
}

fn secrets_of<'a>(
    id: &'a ConnectionId,
    secrets: &'a BTreeMap<String, Secret<String>>,
) -> impl Iterator<Item = (String, Secret<String>)> + 'a {
    secrets.iter().map(move |(name, secret)| (format!("{id}/{name}"), secret.clone()))
}

/// What the files say, before it is known what it means.
#[derive(Debug, Default)]
struct Sources {
    connections: Vec<(PathBuf, Configured)>,
    sheets: Vec<Sheet>,
}

impl Sources {
    fn read(files: &[PathBuf], errors: &mut Vec<ImportError>) -> Self {
        let (mut sources, mut ids) = (Self::default(), BTreeSet::new());
        for file in files {
            let text = file::kind(file).and_then(|kind| Ok((kind, file::text(file)?)));
            let taken = text.and_then(|(kind, text)| match kind {
                Kind::Catalogue => Sheet::read(file, &text).map(|sheet| sources.sheets.push(sheet)),
                Kind::Connections => {
                    let (read, wrong) = connections::read(file, &text, &mut ids);
                    sources.connections.extend(read.into_iter().map(|configured| (file.clone(), configured)));
                    errors.extend(wrong);
                    Ok(())
                }
            });
            errors.extend(taken.err());
        }
        sources
    }
}
