//! Files that a person writes, into the tables: connections (`.toml`), catalogue with opening stock, and stock documents
//! (`.csv`).
//!
//! Reading is pure: `connections`, and for a catalogue `sheet` (cells) → `header` (columns) → `row` and `offered` (one
//! line) → `catalogue` (lines by SKU). Writing comes after it, some hundred SKUs at a time: `write` (one SKU), `remap`
//! (orders that waited), `post` (documents).
//! A bad line stops no other one; the same files once again change nothing.

mod catalogue;
mod cells;
mod connections;
mod document;
mod error;
mod file;
mod header;
mod names;
mod offered;
mod places;
mod post;
mod remap;
mod report;
mod row;
mod sheet;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use edin_domain::{Connection, ConnectionId, Secret, Timestamp};
use edin_platform::Queue;
use edin_store::catalogue::Written;
use edin_store::{Store, StoreError};
use futures::StreamExt as _;
use indicatif::ProgressBar;

pub(crate) use connections::secret_names;
pub use error::{ImportError, Problem};
pub use report::{Count, Counts, Report};

use catalogue::{Catalogue, Good};
use connections::Configured;
use document::Told;
use file::Kind;
use places::Places;
use remap::Remap;
use sheet::Sheet;
use write::Writing;

use crate::ending::look_again;
use crate::output::{progress, said_now_and_then};

/// So many SKUs are written at once.
const AT_ONCE: usize = 16;
/// So many are held at the same time.
const HELD: usize = 256;

/// Takes files into the tables.
#[derive(Debug, Clone, Copy)]
pub struct Importer<'a> {
    /// The tables.
    pub store: &'a Store,
    /// Where orders go that had waited for a mapping.
    pub inbox: &'a Queue,
    /// Where goods go whose connection has changed: their numbers are made of it.
    pub deferred: &'a Queue,
    /// What becomes of a channel's name that is another good's.
    pub taken: Taken,
    /// Now.
    pub now: Timestamp,
}

/// What becomes of a channel's name that a file gives to another good than the table does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Taken {
    /// It stays whose it is, and the line is refused.
    #[default]
    Stays,
    /// It becomes the file's good's, and the other one isn't listed under it any more.
    Moves,
}

/// Imports connections, has their secrets kept, and only then the catalogues: what is listed is told to its channel at once.
///
/// # Errors
/// If the secrets can't be kept; what is wrong with the files is in the reports.
pub async fn take_in(
    importer: &Importer<'_>,
    files: &[PathBuf],
    keep: impl AsyncFn(BTreeMap<String, Secret<String>>) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Report>> {
    let is_toml = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "toml");
    let (connections, catalogues): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|file| is_toml(&file));
    let mut reports = Vec::new();
    for files in [connections, catalogues].into_iter().filter(|files| !files.is_empty()) {
        let bar = progress(0, "importing");
        let report = said_now_and_then(&bar, importer.run(&files, &bar)).await;
        bar.finish_and_clear();
        keep(report.secrets.clone()).await?;
        reports.push(report);
    }
    Ok(reports)
}

impl Importer<'_> {
    /// Imports all that is good in `files` and tells what isn't. Connections are taken before catalogues, whatever the
    /// order of the files. `progress` goes from nothing to the number of SKUs.
    pub async fn run(&self, files: &[PathBuf], progress: &ProgressBar) -> Report {
        let mut report = Report::default();
        let sources = Sources::read(files, &mut report.errors);
        let (connections, changed) = self.connections(&sources.connections, &mut report).await;
        let (goods, documents) = sources.sort(self.now, &mut report.errors);
        // As above: only warnings depend on it.
        let known = self.store.connections().await.unwrap_or_default();
        let mut places: Places = known.values().chain(connections.values()).collect();
        if let Err(problem) = self.catalogue(&goods, connections, &mut places, progress, &mut report).await {
            report.errors.extend(files.first().map(|file| ImportError::whole(file, problem)));
        }
        self.post(&documents, &mut places, &mut report).await;
        for (file, connection) in changed {
            if let Err(error) = look_again(self.store, self.deferred, &connection, self.now).await {
                report.errors.push(ImportError::whole(&file, Problem::NotLookedAt(connection, error.to_string())));
            }
        }
        report
    }

    /// Writes the connections of the files. Returns them, and which of them were there and are different now.
    async fn connections(
        &self,
        sources: &[(PathBuf, Configured)],
        report: &mut Report,
    ) -> (BTreeMap<ConnectionId, Connection>, Vec<(PathBuf, ConnectionId)>) {
        let (mut written, mut changed) = (BTreeMap::new(), Vec::new());
        // Only what may be meant otherwise depends on it: without an answer, nothing is said of that.
        let known = self.store.connections().await.unwrap_or_default();
        let all: BTreeMap<_, _> = known
            .into_iter()
            .chain(sources.iter().map(|(_, one)| (one.connection.id.clone(), one.connection.clone())))
            .collect();
        for (file, configured) in sources {
            let Configured { connection, secrets, .. } = configured;
            let others = all.values().filter(|other| other.id != connection.id).collect();
            let doubt =
                |wrong| ImportError::whole(file, Problem::Connection { which: connection.id.to_string(), wrong });
            report.warnings.extend(places::doubts(connection, &others).into_iter().map(doubt));
            let over = |known| Ok::<_, StoreError>(configured.over(known, self.now));
            match self.store.edit_connection(&connection.id, over).await {
                Ok(how) => {
                    report.counts.connections.note(how);
                    changed.extend((how == Written::Changed).then(|| (file.clone(), connection.id.clone())));
                    report.secrets.extend(secrets_of(&connection.id, secrets));
                    written.insert(connection.id.clone(), connection.clone());
                }
                Err(error) => {
                    let what = format!("connection {}", connection.id);
                    report.errors.push(ImportError::whole(file, Problem::table(what)(error)));
                }
            }
        }
        (written, changed)
    }

    async fn catalogue(
        &self,
        sheets: &[Sheet],
        mut connections: BTreeMap<ConnectionId, Connection>,
        places: &mut Places,
        progress: &ProgressBar,
        report: &mut Report,
    ) -> Result<(), Problem> {
        self.add_known(&mut connections, sheets).await.map_err(Problem::table("the catalogue"))?;
        let mut catalogue = Catalogue::of(sheets, &connections);
        progress.set_length(u64::try_from(catalogue.len()).unwrap_or(u64::MAX));
        let mut remap = Remap::new(self.store, self.inbox, &connections, self.now);
        while catalogue.len() > 0 {
            let goods = catalogue.next(HELD);
            let known = self.store.products(catalogue.components_elsewhere(&goods)).await;
            let goods = catalogue.whole(goods, &known.map_err(Problem::table("the catalogue"))?);
            catalogue.look_at_known(self.store, &goods).await.map_err(Problem::table("the catalogue"))?;
            catalogue.look_at_places(places, &goods);
            self.take(&goods, &connections, &mut remap, report).await?;
            progress.inc(u64::try_from(goods.len()).unwrap_or(0));
        }
        let (errors, warnings) = catalogue.into_errors();
        report.errors.extend(errors);
        report.warnings.extend(warnings);
        remap.look_again().await?;
        report.remapped = remap.sent();
        Ok(())
    }

    /// Writes goods: what there is of them, then the orders that waited for one of them, and only then where they are offered, so
    /// that those orders are counted before a channel is told how much there is.
    async fn take(
        &self,
        goods: &[Good],
        connections: &BTreeMap<ConnectionId, Connection>,
        remap: &mut Remap<'_>,
        report: &mut Report,
    ) -> Result<(), Problem> {
        let keys: Vec<_> = goods.iter().flat_map(Good::keys).collect();
        let batch = self.store.batch(keys).await.map_err(Problem::table("the catalogue"))?;
        let stock = goods.iter().map(|good| Writing::new(self, connections, &batch, good).stock());
        let written = each(stock.collect(), report).await;
        for writing in &written {
            remap.add(writing);
        }
        remap.go_on(report).await?;
        each(written.into_iter().map(Writing::listings).collect(), report).await;
        Ok(())
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
}

/// Does all of it, many at once. Returns those that had no error.
async fn each<'g>(writes: Vec<impl Future<Output = Writing<'g>>>, report: &mut Report) -> Vec<Writing<'g>> {
    let mut writes = futures::stream::iter(writes).buffer_unordered(AT_ONCE);
    let mut written = Vec::new();
    while let Some(writing) = writes.next().await {
        written.extend(writing.told(report));
    }
    written
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

    /// Sheets of goods, and the stock documents of the others.
    fn sort(self, now: Timestamp, errors: &mut Vec<ImportError>) -> (Vec<Sheet>, Vec<Told>) {
        let (mut goods, mut documents) = (Vec::new(), Vec::new());
        for mut sheet in self.sheets {
            match document::kind(&sheet) {
                None => {
                    errors.append(&mut sheet.errors);
                    goods.push(sheet);
                }
                Some(kind) => {
                    let (told, wrong) = document::read(&sheet, kind, now);
                    documents.extend(told);
                    errors.extend(wrong);
                }
            }
        }
        (goods, documents)
    }
}
