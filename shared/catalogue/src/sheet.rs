//! A CSV file as lines of cells, without knowing what they mean.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use crate::error::{At, ImportError, Problem};
use crate::file::line_breaks;

/// The cells of a CSV file.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// Where the header stands.
    pub(crate) at: At,
    /// The header: names in small letters.
    pub(crate) columns: Vec<String>,
    /// The lines that aren't empty.
    pub(crate) lines: Vec<(At, StringRecord)>,
    /// Lines that can't be told apart from those behind them.
    pub(crate) errors: Vec<ImportError>,
}

impl Sheet {
    /// Splits a text at commas, or at semicolons if its header has any.
    pub(crate) fn read(file: &Path, text: &str) -> Result<Self, ImportError> {
        let file: Arc<Path> = Arc::from(file);
        let (text, open) = without_open_quotes(text, separator(text));
        let records = records(&file, &text)?;
        let mut lines = records.into_iter().filter(|(_, record)| record.iter().any(|cell| !cell.trim().is_empty()));
        let (at, header) = lines.next().ok_or_else(|| ImportError::whole(&file, Problem::Empty))?;
        let mut columns: Vec<String> = header.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        while columns.last().is_some_and(String::is_empty) {
            columns.pop();
        }
        let error = |(line, problem)| At { file: Arc::clone(&file), line }.error(problem);
        Ok(Self { at, columns, lines: lines.collect(), errors: open.into_iter().map(error).collect() })
    }
}

/// No cell goes on over more lines.
const MOST_LINES: usize = 100;

/// The text with blanks for the lines that aren't one record each, and what is wrong with those. No column takes a text of several
/// lines; what a quote holds together is such a text only if it has as many cells as the header, and otherwise the quote was
/// forgotten, and the lines behind it are lines of their own.
fn without_open_quotes(text: &str, separator: u8) -> (Cow<'_, str>, Vec<(u64, Problem)>) {
    let (mut kept, mut wrong) = (Cow::Borrowed(text), Vec::new());
    let (mut start, mut line, mut width) = (0, 1, None);
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let first = rest.get(..end_of_line(rest)).unwrap_or(rest);
        let record = record(rest, separator);
        let (taken, problem) = match (record, width) {
            (Some(record), _) if record.len() == first.len() => (record, None),
            (_, None) => (record.unwrap_or(rest), None),
            (Some(record), Some(width)) if cells(record, separator) == width => {
                (record, Some(Problem::GoesOn(line + line_breaks(record.trim_end().as_bytes()))))
            }
            _ => (first, Some(Problem::OpenQuote)),
        };
        if let Some(problem) = problem {
            wrong.push((line, problem));
            blank(kept.to_mut(), start, taken);
        }
        if width.is_none() && !taken.trim().is_empty() {
            width = Some(cells(taken, separator));
        }
        line += line_breaks(taken.as_bytes());
        start += taken.len();
    }
    (kept, wrong)
}

/// Puts blanks over lines, and leaves their line breaks, so that those behind them keep their numbers and places.
fn blank(text: &mut String, start: usize, lines: &str) {
    let blanks: String =
        lines.bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { char::from(byte) } else { ' ' }).collect();
    text.replace_range(start..start + lines.len(), &blanks);
}

/// Up to the next line break, with it.
fn end_of_line(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |end| end + 1)
}

/// The lines that the first one's quotes hold together; none if a quote isn't closed.
fn record(text: &str, separator: u8) -> Option<&str> {
    let (mut state, mut lines) = (Within::Start, 0);
    for (at, byte) in text.bytes().enumerate() {
        state = match (state, byte) {
            (Within::Quotes, b'"') => Within::Closing,
            (Within::Quotes, byte) => {
                lines += usize::from(byte == b'\n');
                if lines == MOST_LINES {
                    return None;
                }
                Within::Quotes
            }
            (Within::Closing | Within::Start, b'"') => Within::Quotes,
            (_, b'\n') => return text.get(..=at),
            (_, byte) if byte == separator => Within::Start,
            _ => Within::Cell,
        };
    }
    (!matches!(state, Within::Quotes)).then_some(text)
}

/// Where in a line a letter stands.
#[derive(Debug, Clone, Copy)]
enum Within {
    Start,
    Cell,
    Quotes,
    /// Behind a quote within quotes: the end of the cell, or the first half of a quote that is meant as such.
    Closing,
}

fn cells(record: &str, separator: u8) -> usize {
    let mut reader =
        ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(record.as_bytes());
    reader.records().next().and_then(Result::ok).map_or(0, |record| record.len())
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

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        let sheet = Sheet::read(Path::new("goods.csv"), text).unwrap();
        sheet.lines.iter().map(|(at, record)| (at.line, record.iter().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn semicolons_separate_if_the_header_has_them() {
        assert_eq!(read("sku;title\nTEA;Tea, green\n"), [(2, vec!["TEA".to_owned(), "Tea, green".to_owned()])]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        let text = "\r\nsku,title\r\n\r\nA,\"two\r\nlines\"\r\n,\r\nB,b\r\n";
        let lines: Vec<u64> = read(text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [7]);
        assert_eq!(read("sku\nA\n\nB").into_iter().map(|(line, _)| line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn quoted_cells_hold_separators_and_quotes() {
        assert_eq!(read("sku,title\nA,\"5\"\" x, y\"")[0].1[1], "5\" x, y");
    }

    #[test]
    fn an_open_quote_costs_its_own_line_and_no_other() {
        for text in [
            "sku,title,brand\nTEA,\"Tea,Acme\nCUP,Cup,\nPOT,\"Pot, large\",Acme\n",
            "sku,title,brand\nTEA,\"Tea,Acme\nCUP,Cup,\nPOT,\"Pot, large\",Acme",
            "sku;title;brand\r\nTEA;\"Tea;Acme\r\nCUP;Cup;\r\nPOT;Pot, large;Acme\r\n",
        ] {
            let sheet = Sheet::read(Path::new("goods.csv"), text).unwrap();
            let errors: Vec<String> = sheet.errors.iter().map(ToString::to_string).collect();
            assert_eq!(
                errors,
                [
                    "goods.csv:2: it opens a quote and doesn't close it; put a text on one line, and a quote at either end"
                ]
            );
            let lines: Vec<_> = sheet.lines.iter().map(|(at, record)| (at.line, record[0].to_owned())).collect();
            assert_eq!(lines, [(3, "CUP".to_owned()), (4, "POT".to_owned())]);
        }
    }

    #[test]
    fn a_text_of_several_lines_is_named_with_all_of_them() {
        let sheet = Sheet::read(Path::new("goods.csv"), "sku,title\nA,\"two\nlines\"\nB,b\n").unwrap();
        let errors: Vec<String> = sheet.errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["goods.csv:2: a text of it goes on to line 3; put it on one line, or close its quote"]);
        assert_eq!(sheet.lines.iter().map(|(at, _)| at.line).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn a_quote_within_a_cell_opens_nothing() {
        assert_eq!(read("sku,title\nA,5\" pipe\nB,b\n").len(), 2);
        assert_eq!(read("sku,title\nA,\"5\"\" pipe\"\nB,b\n").len(), 2);
    }

    #[test]
    fn many_open_quotes_take_no_longer_than_their_lines() {
        let text = format!("sku,title\n{}", "A,\"b\n".repeat(20_001));
        let sheet = Sheet::read(Path::new("goods.csv"), &text).unwrap();
        assert_eq!((sheet.errors.len(), sheet.lines.len()), (10_001, 0));
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
