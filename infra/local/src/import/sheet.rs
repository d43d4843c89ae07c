//! A CSV file as lines of cells, without knowing what they mean.

use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use super::error::{At, ImportError, Problem};
use super::file::line_breaks;

/// The cells of a CSV file.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Where the header stands.
    pub(super) at: At,
    /// The header: names in small letters.
    pub(super) columns: Vec<String>,
    /// The lines that aren't empty.
    pub(super) lines: Vec<(At, StringRecord)>,
}

impl Sheet {
    /// Splits a text at commas, or at semicolons if its header has any.
    pub(super) fn read(file: &Path, text: &str) -> Result<Self, ImportError> {
        let records = records(&Arc::from(file), text)?;
        let mut lines = records.into_iter().filter(|(_, record)| record.iter().any(|cell| !cell.trim().is_empty()));
        let (at, header) = lines.next().ok_or_else(|| ImportError::whole(file, Problem::Empty))?;
        let mut columns: Vec<String> = header.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        while columns.last().is_some_and(String::is_empty) {
            columns.pop();
        }
        Ok(Self { at, columns, lines: lines.collect() })
    }
}

fn records(file: &Arc<Path>, text: &str) -> Result<Vec<(At, StringRecord)>, ImportError> {
    let mut reader =
        ReaderBuilder::new().delimiter(separator(text)).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut records, mut line, mut counted_to) = (Vec::new(), 1, 0);
    for record in reader.records() {
        let record =
            record.map_err(|error| ImportError::whole(file, Problem::Unreadable(format!("it is no CSV: {error}"))))?;
        let start = first_byte(text, &record);
        line += line_breaks(text.as_bytes().get(counted_to..start).unwrap_or_default());
        counted_to = start;
        records.push((At { file: Arc::clone(file), line }, record));
    }
    Ok(records)
}

/// Where a record's text begins: the reader's own position may be at the line breaks before it.
fn first_byte(text: &str, record: &StringRecord) -> usize {
    let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
    let blank = text.as_bytes().iter().skip(start).take_while(|byte| matches!(**byte, b'\r' | b'\n')).count();
    start + blank
}

fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if header.contains(';') { b';' } else { b',' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(u64, Vec<String>)> {
        let sheet = Sheet::read(Path::new("goods.csv"), text).unwrap();
        sheet.lines.iter().map(|(at, record)| (at.line, record.iter().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn semicolons_separate_if_the_header_has_them() {
        assert_eq!(cells("sku;title\nTEA;Tea, green\n"), [(2, vec!["TEA".to_owned(), "Tea, green".to_owned()])]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        let text = "\r\nsku,title\r\n\r\nA,\"two\r\nlines\"\r\n,\r\nB,b\r\n";
        let lines: Vec<u64> = cells(text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [4, 7]);
        assert_eq!(cells("sku\nA\n\nB").into_iter().map(|(line, _)| line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn quoted_cells_hold_separators_and_quotes() {
        assert_eq!(cells("sku,title\nA,\"5\"\" x, y\"")[0].1[1], "5\" x, y");
    }

    #[test]
    fn an_empty_file_says_what_it_should_hold() {
        let error = Sheet::read(Path::new("goods.csv"), "\n\n").unwrap_err().to_string();
        assert_eq!(error, "goods.csv: it is empty; its first line names the columns, `sku` and `title` at least");
    }

    #[test]
    fn the_header_may_end_in_nothing() {
        let sheet = Sheet::read(Path::new("goods.csv"), "SKU ,Title,,\n").unwrap();
        assert_eq!(sheet.columns, ["sku", "title"]);
    }
}
