//! Files, sorted by what they are about.

use std::collections::BTreeSet;
use std::path::PathBuf;

use edin_domain::Timestamp;

use crate::connections::{self, Configured};
use crate::document::{self, Told};
use crate::error::ImportError;
use crate::file::{File, Kind};
use crate::sheet::Sheet;

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
    sheets: Vec<Sheet>,
}

impl Sources {
    pub(crate) fn read(files: Vec<File>, errors: &mut Vec<ImportError>) -> Self {
        let (mut sources, mut ids) = (Self::default(), BTreeSet::new());
        for file in files {
            let (kind, name) = (file.kind(), file.name.clone());
            let text = kind.and_then(|kind| Ok((kind, file.text()?)));
            let taken = text.and_then(|(kind, text)| match kind {
                Kind::Catalogue => Sheet::read(&name, &text).map(|sheet| sources.sheets.push(sheet)),
                Kind::Connections => {
                    let (read, wrong) = connections::read(&name, &text, &mut ids);
                    sources.connections.extend(read.into_iter().map(|configured| (name.clone(), configured)));
                    errors.extend(wrong);
                    Ok(())
                }
            });
            errors.extend(taken.err());
        }
        sources
    }

    /// Sheets of goods, and the stock documents of the others.
    pub(crate) fn sort(self, now: Timestamp, errors: &mut Vec<ImportError>) -> (Vec<Sheet>, Vec<Told>) {
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
