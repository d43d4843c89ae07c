//! A file: which kind it is, and its text.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{ImportError, MAX_BYTES, MAX_LINES, Problem};

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
    Catalogue,
}

impl File {
    /// The file of this name, with the bytes that `read` gets. Where the name says that it is nothing to import, none are read.
    pub fn of(name: &Path, read: impl FnOnce(&Path) -> io::Result<Vec<u8>>) -> Self {
        let content = kind(name).map_or_else(|| Ok(Vec::new()), |_| read(name));
        Self { name: name.to_owned(), content }
    }

    pub(crate) fn kind(&self) -> Result<Kind, ImportError> {
        kind(&self.name).ok_or_else(|| ImportError::whole(&self.name, Problem::UnknownKind))
    }

    /// The text, without the mark that Excel begins it with.
    pub(crate) fn text(self) -> Result<String, ImportError> {
        match self.content {
            Ok(bytes) => decode(&self.name, bytes),
            Err(error) => Err(ImportError::whole(&self.name, Problem::Unreadable(error.to_string()))),
        }
    }
}

fn kind(name: &Path) -> Option<Kind> {
    let ending = name.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("toml") => Some(Kind::Connections),
        Some("csv") => Some(Kind::Catalogue),
        _ => None,
    }
}

fn decode(file: &Path, bytes: Vec<u8>) -> Result<String, ImportError> {
    if u64::try_from(bytes.len()).is_ok_and(|size| size > MAX_BYTES) {
        return Err(ImportError::whole(file, Problem::TooLarge));
    }
    if line_breaks(&bytes) > u64::try_from(MAX_LINES).unwrap_or(u64::MAX) {
        return Err(ImportError::whole(file, Problem::TooLong));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        ImportError { file: file.to_owned(), line: Some(1 + line_breaks(good)), problem: Problem::NotUtf8 }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// How many lines end in these bytes.
pub(crate) fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: io::Result<Vec<u8>>) -> File {
        File { name: name.into(), content }
    }

    fn decoded(bytes: &[u8]) -> Result<String, String> {
        file("goods.csv", Ok(bytes.to_vec())).text().map_err(|error| error.to_string())
    }

    #[test]
    fn the_mark_of_excel_is_no_text() {
        assert_eq!(decoded(b"\xEF\xBB\xBFsku"), Ok("sku".to_owned()));
    }

    #[test]
    fn another_encoding_is_refused_at_its_line() {
        let error = decoded(b"sku,title\nTEA,\xD7\xE0\xE9\n").unwrap_err();
        assert!(error.starts_with("goods.csv:2: it is not UTF-8"), "{error}");
    }

    #[test]
    fn a_file_of_too_many_lines_is_refused() {
        let error = decoded("\n".repeat(MAX_LINES + 1).as_bytes()).unwrap_err();
        assert_eq!(error, "goods.csv: it has more than 200000 lines; split it");
        assert!(decoded("\n".repeat(MAX_LINES).as_bytes()).is_ok());
    }

    #[test]
    fn a_file_of_too_many_bytes_is_refused() {
        let size = usize::try_from(MAX_BYTES).unwrap() + 1;
        assert_eq!(decoded(&vec![b'x'; size]).unwrap_err(), "goods.csv: it is larger than 64 MiB; split it");
    }

    #[test]
    fn a_file_is_known_by_its_ending() {
        let kind = |name| file(name, Ok(Vec::new())).kind();
        assert_eq!(kind("a/Goods.CSV"), Ok(Kind::Catalogue));
        assert_eq!(kind("connections.toml"), Ok(Kind::Connections));
        assert!(kind("goods.xlsx").unwrap_err().to_string().starts_with("goods.xlsx: it is neither"));
    }

    #[test]
    fn what_is_nothing_to_import_is_not_even_read() {
        let read = |_: &Path| -> io::Result<Vec<u8>> { unreachable!("it is read") };
        assert!(File::of(Path::new("/dev/stdin"), read).text().is_ok_and(|text| text.is_empty()));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let gone = file("/nowhere/goods.csv", Err(io::ErrorKind::NotFound.into()));
        assert!(gone.text().unwrap_err().to_string().starts_with("/nowhere/goods.csv: it can not be read: "));
    }
}
