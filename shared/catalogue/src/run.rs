//! One import, from its files to its report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use edin_domain::{Connection, ConnectionId, Secret};
use edin_store::StoreError;
use edin_store::catalogue::Written;
use futures::StreamExt as _;

use crate::catalogue::Catalogue;
use crate::connections::Configured;
use crate::ending::look_again;
use crate::error::{ImportError, Problem};
use crate::file::File;
use crate::good::Good;
use crate::header;
use crate::importer::Importer;
use crate::places::{self, Places};
use crate::refused;
use crate::remap::Remap;
use crate::report::Report;
use crate::sheet::Sheet;
use crate::sources::{Sorted, Sources};
use crate::words::Words;
use crate::write::Writing;

/// So many SKUs are written at once.
const AT_ONCE: usize = 16;
/// So many are held at the same time.
const HELD: usize = 256;

impl Importer<'_> {
    /// Imports all that is good in `files` and tells what isn't. Connections are taken before catalogues, whatever the
    /// order of the files. `progress` hears how many SKUs are done, and of how many.
    pub async fn run(&self, files: Vec<File>, progress: &(impl Fn(u64, u64) + Sync)) -> Report {
        self.run_by(&Arc::default(), files, progress).await
    }

    /// The same, where the person says what words of the files mean.
    pub async fn run_by(&self, words: &Arc<Words>, files: Vec<File>, progress: &(impl Fn(u64, u64) + Sync)) -> Report {
        let mut report = Report::default();
        let first = files.first().map(|file| file.name.clone());
        let mut sources = Sources::read(files, words, &mut report.errors);
        tell(&mut sources.sheets, words, &mut report.notes);
        let (connections, changed) = self.connections(&sources.connections, &mut report).await;
        let Sorted { goods, documents, told } = Sources::sort(sources.sheets, self.now, &mut report.errors);
        // As above: only warnings depend on it.
        let known = self.store.connections().await.unwrap_or_default();
        let mut places: Places = known.values().chain(connections.values()).collect();
        if let Err(problem) = self.catalogue(&goods, connections, &mut places, progress, &mut report).await {
            report.errors.extend(first.map(|file| ImportError::whole(&file, problem)));
        }
        self.post(&told, &mut places, &mut report).await;
        for (file, connection) in changed {
            if let Err(error) = look_again(self.store, self.deferred, &connection, self.now).await {
                report.errors.push(ImportError::whole(&file, Problem::NotLookedAt(connection, error.to_string())));
            }
        }
        report.refused = refused::of(&goods, &documents, &report.errors);
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
                    report.notes.extend((how == Written::New).then(|| configured.observes(self.now)).flatten());
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
        progress: &(impl Fn(u64, u64) + Sync),
        report: &mut Report,
    ) -> Result<(), Problem> {
        self.add_known(&mut connections, sheets).await.map_err(Problem::table("the catalogue"))?;
        let mut catalogue = Catalogue::of(sheets, &connections);
        let (mut done, all) = (0, number(catalogue.len()));
        progress(done, all);
        let mut remap = Remap::new(self.store, self.inbox, &connections, self.now);
        while catalogue.len() > 0 {
            let goods = catalogue.next(HELD);
            let known = self.store.products(catalogue.components_elsewhere(&goods)).await;
            let goods = catalogue.whole(goods, &known.map_err(Problem::table("the catalogue"))?);
            catalogue.look_at_known(self.store, &goods).await.map_err(Problem::table("the catalogue"))?;
            catalogue.look_at_places(places, &goods);
            self.take(&goods, &connections, &mut remap, report).await?;
            done += number(goods.len());
            progress(done, all);
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
        let named: BTreeSet<ConnectionId> = sheets.iter().flat_map(header::named).collect();
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

/// How the files were read, and which words none of them has.
fn tell(sheets: &mut [Sheet], words: &Words, notes: &mut Vec<String>) {
    for sheet in &mut *sheets {
        notes.append(&mut sheet.notes);
    }
    let titles = sheets.iter().flat_map(|sheet| &sheet.titles).map(String::as_str);
    let unused = if sheets.is_empty() { Vec::new() } else { words.unused(titles) };
    notes.extend(
        unused.into_iter().map(|header| format!("no file has a column {header:?}, of which was said what it means")),
    );
}

fn number(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

fn secrets_of<'a>(
    id: &'a ConnectionId,
    secrets: &'a BTreeMap<String, Secret<String>>,
) -> impl Iterator<Item = (String, Secret<String>)> + 'a {
    secrets.iter().map(move |(name, secret)| (format!("{id}/{name}"), secret.clone()))
}
