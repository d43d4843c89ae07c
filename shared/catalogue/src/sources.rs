//! Files, sorted by what they are about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edin_domain::Timestamp;

use crate::connections::{self, Configured};
use crate::document::{self, Told};
use crate::error::{ImportError, Problem};
use crate::file::{File, Kind};
use crate::sheet::rows::Rows;
use crate::sheet::text::utf8;
use crate::sheet::{MOST_ABOVE, Sheet, is_header, separated, workbook, xml};
use crate::words::Words;

/// Files in two lots: connections, then catalogues. The secrets of the first must be kept before the second is taken in, since what
/// is listed is told to its channel at once. A lot without a file is left out.
pub fn in_order(files: Vec<File>) -> Vec<Vec<File>> {
    let is_toml = |file: &File| file.name.extension().is_some_and(|extension| extension == "toml");
    let (connections, catalogues): (Vec<File>, Vec<File>) = files.into_iter().partition(is_toml);
    [connections, catalogues].into_iter().filter(|lot| !lot.is_empty()).collect()
}

/// What the files say, before it is known what it means.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) connections: Vec<(PathBuf, Configured)>,
    pub(crate) sheets: Vec<Sheet>,
}

impl Sources {
    pub(crate) fn read(files: Vec<File>, words: &Arc<Words>, errors: &mut Vec<ImportError>) -> Self {
        let (mut sources, mut ids) = (Self::default(), BTreeSet::new());
        for file in files {
            let (kind, name) = (file.kind(), file.name.clone());
            let bytes = kind.and_then(|kind| Ok((kind, file.bytes()?)));
            let taken = bytes.and_then(|(kind, bytes)| match kind {
                Kind::Connections => {
                    let broken = |line| ImportError { file: name.clone(), line: Some(line), problem: Problem::NotUtf8 };
                    let text = utf8(bytes).map_err(|(line, _)| broken(line))?;
                    let (read, wrong) = connections::read(&name, &text, &mut ids);
                    sources.connections.extend(read.into_iter().map(|configured| (name.clone(), configured)));
                    errors.extend(wrong);
                    Ok(())
                }
                kind => sheet(&Arc::from(name.as_path()), kind, bytes, words).map(|sheet| sources.sheets.push(sheet)),
            });
            errors.extend(taken.err());
        }
        sources
    }

    /// Sheets of goods, those of stock documents, and the documents.
    pub(crate) fn sort(sheets: Vec<Sheet>, now: Timestamp, errors: &mut Vec<ImportError>) -> Sorted {
        let mut sorted = Sorted::default();
        for sheet in sheets {
            match document::kind(&sheet) {
                None => {
                    errors.extend(sheet.broken.iter().map(|(error, _)| error.clone()));
                    sorted.goods.push(sheet);
                }
                Some(kind) => {
                    let (told, wrong) = document::read(&sheet, kind, now);
                    sorted.told.extend(told);
                    errors.extend(wrong);
                    sorted.documents.push(sheet);
                }
            }
        }
        sorted
    }
}

/// Tables by what they are about.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) goods: Vec<Sheet>,
    pub(crate) documents: Vec<Sheet>,
    /// What the latter say.
    pub(crate) told: Vec<Told>,
}

fn sheet(file: &Arc<Path>, kind: Kind, bytes: Vec<u8>, words: &Arc<Words>) -> Result<Sheet, ImportError> {
    let is_it = |rows: &Rows| rows.rows.iter().take(MOST_ABOVE).any(|(_, row)| is_header(row, words));
    let rows = match kind {
        Kind::Workbook => workbook::read(file, &bytes, is_it),
        Kind::Xml => xml::read(file, bytes),
        Kind::Separated | Kind::Connections => separated::read(file, bytes, words),
    };
    Sheet::of(file, rows?, words)
}
