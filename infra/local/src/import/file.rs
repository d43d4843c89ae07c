//! A file as it lies on disk: which kind it is, and its text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::{ImportError, MAX_BYTES, MAX_LINES, Problem};

/// What a file holds, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Connections,
    Catalogue,
}

pub(super) fn kind(file: &Path) -> Result<Kind, ImportError> {
    let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("toml") => Ok(Kind::Connections),
        Some("csv") => Ok(Kind::Catalogue),
        _ => Err(ImportError::whole(file, Problem::UnknownKind)),
    }
}

/// The text, without the mark that Excel begins it with.
pub(super) fn text(file: &Path) -> Result<String, ImportError> {
    let bytes = bytes(file).map_err(|error| ImportError::whole(file, Problem::Unreadable(error.to_string())))?;
    decode(file, bytes)
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
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
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, String> {
        decode(Path::new("goods.csv"), bytes.to_vec()).map_err(|error| error.to_string())
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
        assert_eq!(kind(Path::new("a/Goods.CSV")), Ok(Kind::Catalogue));
        assert_eq!(kind(Path::new("connections.toml")), Ok(Kind::Connections));
        assert!(kind(Path::new("goods.xlsx")).unwrap_err().to_string().starts_with("goods.xlsx: it is neither"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        assert!(text(Path::new("/nowhere/goods.csv")).unwrap_err().to_string().starts_with("/nowhere/goods.csv: "));
    }
}
