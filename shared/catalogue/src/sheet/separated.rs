//! Cells between separators: CSV with commas, semicolons or tabs.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use super::resolve::{MOST_ABOVE, is_header};
use super::rows::{Rows, is_blank};
use super::text::decode;
use crate::error::{At, ImportError, MAX_LINES, Problem};
use crate::lines::line_breaks;
use crate::words::Words;

/// Splits a text at tabs, semicolons or commas, whichever its first line has, or at what it says itself (`sep=;`).
pub(crate) fn read(file: &Arc<Path>, bytes: Vec<u8>, words: &Words) -> Result<Rows, ImportError> {
    let decoded = decode(bytes).map_err(|(line, problem)| ImportError { file: file.to_path_buf(), line, problem })?;
    let mut rows = split(file, &decoded.text, words)?;
    rows.notes.extend(decoded.taken_for.map(|encoding| format!("{}: read as {encoding}", file.display())));
    Ok(rows)
}

pub(crate) fn split(file: &Arc<Path>, text: &str, words: &Words) -> Result<Rows, ImportError> {
    if line_breaks(text.as_bytes()) > u64::try_from(MAX_LINES).unwrap_or(u64::MAX) {
        return Err(ImportError::whole(file, Problem::TooLong));
    }
    let (separator, skipped) = separator(text, words);
    let (first, text) = (1 + line_breaks(text.get(..skipped).unwrap_or_default().as_bytes()), text.get(skipped..));
    let text = text.unwrap_or_default();
    let (kept, open) = without_open_quotes(text, separator);
    let mut rows = records(file, &kept, separator, first)?;
    rows.retain(|(_, record)| !is_blank(record));
    let at = |line| At { file: Arc::clone(file), line: line + first - 1 };
    let wrong = open.into_iter().map(|(line, problem, record)| (at(line), problem.later(first - 1), record));
    Ok(Rows { rows, wrong: wrong.collect(), ..Rows::default() })
}

/// No cell goes on over more lines.
const MOST_LINES: usize = 100;

/// The text with blanks for the lines that aren't one record each, and what is wrong with those. No column takes a text of several
/// lines; what a quote holds together is such a text only if it has as many cells as the header, and otherwise the quote was
/// forgotten, and the lines behind it are lines of their own.
fn without_open_quotes(text: &str, separator: u8) -> (Cow<'_, str>, Vec<(u64, Problem, StringRecord)>) {
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
            wrong.push((line, problem, first_record(taken, separator).unwrap_or_default()));
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
    first_record(record, separator).map_or(0, |record| record.len())
}

fn first_record(text: &str, separator: u8) -> Option<StringRecord> {
    let mut reader =
        ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().next().and_then(Result::ok)
}

fn records(file: &Arc<Path>, text: &str, separator: u8, first: u64) -> Result<Vec<(At, StringRecord)>, ImportError> {
    let mut reader =
        ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut records, mut line, mut counted_to) = (Vec::new(), first, 0);
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

/// What separates the cells, and how many bytes at the beginning only say so.
fn separator(text: &str, words: &Words) -> (u8, usize) {
    let mut skipped = 0;
    for line in text.split_inclusive('\n') {
        match line.trim() {
            "" => skipped += line.len(),
            said => {
                let said = said.trim_matches('"').to_ascii_lowercase();
                return match said.strip_prefix("sep=").map(str::as_bytes) {
                    // The tab of `sep=<tab>` is trimmed away.
                    Some([]) => (b'\t', skipped + line.len()),
                    Some([separator]) => (*separator, skipped + line.len()),
                    _ => (known(text, words).unwrap_or_else(|| separator_of(line)), 0),
                };
            }
        }
    }
    (b',', 0)
}

/// What separates the names of a header that is known: lines above it may hold other separators.
fn known(text: &str, words: &Words) -> Option<u8> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(MOST_ABOVE);
    lines.find_map(|line| {
        let separators = [b';', b'\t', b','];
        separators.into_iter().find(|by| first_record(line, *by).is_some_and(|row| is_header(&row, words)))
    })
}

/// What a header has between its names, texts in quotes aside.
fn separator_of(header: &str) -> u8 {
    let outside = || header.split('"').step_by(2);
    let has = |separator: char| outside().any(|part| part.contains(separator));
    match () {
        () if has(';') => b';',
        () if has('\t') => b'\t',
        () => b',',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Rows {
        split(&Arc::from(Path::new("goods.csv")), text, &Words::default()).unwrap()
    }

    /// The rows behind the header.
    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        let cells = |record: &StringRecord| record.iter().map(str::to_owned).collect();
        rows(text).rows.iter().skip(1).map(|(at, record)| (at.line, cells(record))).collect()
    }

    fn wrong(text: &str) -> Vec<String> {
        rows(text).wrong.into_iter().map(|(at, problem, _)| at.error(problem).to_string()).collect()
    }

    #[test]
    fn the_header_says_what_separates() {
        let expected = [(2, vec!["TEA".to_owned(), "Tea, green".to_owned()])];
        assert_eq!(read("sku;title\nTEA;Tea, green\n"), expected);
        assert_eq!(read("sku\ttitle\nTEA\tTea, green\n"), expected);
        assert_eq!(read("sku,\"title; or\tname\"\nTEA,\"Tea, green\"\n"), expected);
    }

    #[test]
    fn the_first_line_may_say_it_and_counts() {
        for text in ["sep=;\nsku;title\nTEA;a,b\n", "\r\nSEP=;\r\nsku;title\r\n", "\"sep=|\"\nsku|title\nTEA|a,b\n"] {
            let rows = rows(text);
            assert_eq!(&rows.rows[0].1, &["sku", "title"][..], "{text:?}");
        }
        assert_eq!(read("sep=;\nsku;title\nTEA;a,b\n"), [(3, vec!["TEA".to_owned(), "a,b".to_owned()])]);
        assert_eq!(read("sep=\t\nsku\ttitle\nTEA\ta\n")[0].0, 3);
        let expected = ["goods.csv:3: a text of it goes on to line 4; put it on one line, or close its quote"];
        assert_eq!(wrong("sep=;\nsku;title\nA;\"two\nlines\"\n"), expected);
    }

    #[test]
    fn a_file_of_too_many_lines_is_refused() {
        let of = |lines| split(&Arc::from(Path::new("goods.csv")), &"\n".repeat(lines), &Words::default());
        assert_eq!(of(MAX_LINES + 1).unwrap_err().to_string(), "goods.csv: it has more than 200000 lines; split it");
        assert!(of(MAX_LINES).is_ok());
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
            let opens = "it opens a quote and doesn't close it; put a text on one line, and a quote at either end";
            assert_eq!(wrong(text), [format!("goods.csv:2: {opens}")]);
            assert_eq!(&rows(text).wrong[0].2[0], "TEA");
            let lines: Vec<_> = read(text).into_iter().map(|(line, cells)| (line, cells[0].clone())).collect();
            assert_eq!(lines, [(3, "CUP".to_owned()), (4, "POT".to_owned())]);
        }
    }

    #[test]
    fn a_text_of_several_lines_is_named_with_all_of_them() {
        let text = "sku,title\nA,\"two\nlines\"\nB,b\n";
        let expected = ["goods.csv:2: a text of it goes on to line 3; put it on one line, or close its quote"];
        assert_eq!(wrong(text), expected);
        assert_eq!(read(text).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn a_quote_within_a_cell_opens_nothing() {
        assert_eq!(read("sku,title\nA,5\" pipe\nB,b\n").len(), 2);
        assert_eq!(read("sku,title\nA,\"5\"\" pipe\"\nB,b\n").len(), 2);
    }

    #[test]
    fn many_open_quotes_take_no_longer_than_their_lines() {
        let text = format!("sku,title\n{}", "A,\"b\n".repeat(20_001));
        let rows = rows(&text);
        assert_eq!((rows.wrong.len(), rows.rows.len()), (10_001, 1));
    }
}
