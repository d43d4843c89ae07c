//! A file: which kind it is, and its bytes.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{ImportError, MAX_BYTES, Problem};

/// A file that a person hands in.
#[derive(Debug)]
pub struct File {
    /// What it is called: its ending says what it holds, and errors name it.
    pub name: PathBuf,
    /// Its bytes, or why they can't be had. It is refused if it has more than [`MAX_BYTES`]; one more is enough to say so.
    pub content: io::Result<Vec<u8>>,
}

/// What a file holds, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Connections,
    /// Cells between separators.
    Separated,
    Workbook,
    /// A price list.
    Xml,
}

impl File {
    /// The file of this name, with the bytes that `read` gets. Where the name says that it is nothing to import, none are read.
    pub fn of(name: &Path, read: impl FnOnce(&Path) -> io::Result<Vec<u8>>) -> Self {
        let content = kind(name).map_or_else(|_| Ok(Vec::new()), |_| read(name));
        Self { name: name.to_owned(), content }
    }

    pub(crate) fn kind(&self) -> Result<Kind, ImportError> {
        kind(&self.name).map_err(|problem| ImportError::whole(&self.name, problem))
    }

    /// The bytes, if they aren't too many.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, ImportError> {
        let wrong = match self.content {
            Ok(bytes) if u64::try_from(bytes.len()).is_ok_and(|size| size <= MAX_BYTES) => return Ok(bytes),
            Ok(_) => Problem::TooLarge,
            Err(error) => Problem::Unreadable(error.to_string()),
        };
        Err(ImportError::whole(&self.name, wrong))
    }
}

fn kind(name: &Path) -> Result<Kind, Problem> {
    let ending = name.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("toml") => Ok(Kind::Connections),
        Some("csv" | "tsv" | "txt") => Ok(Kind::Separated),
        Some("xlsx") => Ok(Kind::Workbook),
        Some("xml" | "yml") => Ok(Kind::Xml),
        Some("xls" | "xlsm" | "xlsb" | "ods") => Err(Problem::OtherWorkbook),
        _ => Err(Problem::UnknownKind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: io::Result<Vec<u8>>) -> File {
        File { name: name.into(), content }
    }

    #[test]
    fn a_file_of_too_many_bytes_is_refused() {
        let size = usize::try_from(MAX_BYTES).unwrap() + 1;
        let refused = file("goods.csv", Ok(vec![b'x'; size])).bytes().unwrap_err();
        assert_eq!(refused.to_string(), "goods.csv: it is larger than 64 MiB; split it");
    }

    #[test]
    fn a_file_is_known_by_its_ending() {
        let kind = |name| file(name, Ok(Vec::new())).kind();
        assert_eq!(kind("a/Goods.CSV"), Ok(Kind::Separated));
        assert_eq!(kind("connections.toml"), Ok(Kind::Connections));
        assert_eq!(kind("Товары.xlsx"), Ok(Kind::Workbook));
        assert_eq!(kind("price.xml"), Ok(Kind::Xml));
        assert!(kind("goods.pdf").unwrap_err().to_string().starts_with("goods.pdf: it is neither"));
        let old = kind("goods.xls").unwrap_err().to_string();
        assert_eq!(old, "goods.xls: it is a workbook of a kind that is not read here; save it as .xlsx");
    }

    #[test]
    fn what_is_nothing_to_import_is_not_even_read() {
        let read = |_: &Path| -> io::Result<Vec<u8>> { unreachable!("it is read") };
        assert!(File::of(Path::new("/dev/stdin"), read).bytes().is_ok_and(|bytes| bytes.is_empty()));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let gone = file("/nowhere/goods.csv", Err(io::ErrorKind::NotFound.into()));
        assert!(gone.bytes().unwrap_err().to_string().starts_with("/nowhere/goods.csv: it can not be read: "));
    }
}
