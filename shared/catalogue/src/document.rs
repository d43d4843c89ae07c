//! A file of stock documents: which column it has says what happened.
//!
//! ```csv
//! sku,location,on_hand,counted_at
//! TEA,almaty,8,2026-11-28T18:00:00+05:00
//! ```

use std::collections::BTreeMap;

use csv::StringRecord;
use edin_domain::document::{Document, DocumentKind, DocumentLine};
use edin_domain::{LocationId, Sku, Timestamp};
use edin_platform::digest_of;

use crate::cells::{name, one_line};
use crate::error::{At, ImportError, Problem};
use crate::sheet::Sheet;

/// The column that makes a file one of this kind, and the one that says how many.
const KINDS: [(DocumentKind, &str, &str); 5] = [
    (DocumentKind::Stocktake, "counted_at", "on_hand"),
    (DocumentKind::Receipt, "received", "received"),
    (DocumentKind::Move, "moved", "moved"),
    (DocumentKind::WriteOff, "written_off", "written_off"),
    (DocumentKind::Correction, "corrected", "corrected"),
];
/// Columns that any of them may have.
const COMMON: [&str; 5] = ["sku", "location", "document", "author", "reason"];
/// Who says so, if the file doesn't say.
const AUTHOR: &str = "import";

/// A document, with the line of the file that each of its lines is.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) at: At,
    pub(crate) document: Document,
    pub(crate) lines: Vec<At>,
}

/// What a file of documents is about; none if it is another file.
pub(crate) fn kind(sheet: &Sheet) -> Option<DocumentKind> {
    KINDS.into_iter().find(|(_, sign, _)| sheet.place(sign).is_some()).map(|(kind, ..)| kind)
}

/// The documents of a file, each whole: one with a line that is wrong isn't taken at all, for half of it couldn't be told
/// from all of it when the file comes again.
pub(crate) fn read(sheet: &Sheet, kind: DocumentKind, now: Timestamp) -> (Vec<Told>, Vec<ImportError>) {
    let broken = || sheet.broken.iter().map(|(error, _)| error.clone());
    if let Some(first) = broken().next() {
        let withheld = ImportError { problem: Problem::Withheld(sheet.lines.len()), ..first };
        return (Vec::new(), broken().chain([withheld]).collect());
    }
    let columns = match Columns::of(sheet, kind) {
        Ok(columns) => columns,
        Err(problem) => return (Vec::new(), vec![sheet.at.error(problem)]),
    };
    let mut documents = BTreeMap::<String, (Vec<Line>, Vec<ImportError>)>::new();
    for (at, record) in &sheet.lines {
        let number = columns.text(record, "document").unwrap_or_default().to_owned();
        let (lines, errors) = documents.entry(number).or_default();
        match columns.line(at, record, now) {
            Ok(line) => lines.push(line),
            Err(problem) => errors.push(at.error(sheet.as_called(problem))),
        }
    }
    let (mut told, mut errors) = (Vec::new(), Vec::new());
    for (number, (lines, mut wrong)) in documents {
        match wrong.first().cloned() {
            None => match columns.document(number, lines, now) {
                Ok(document) => told.push(document),
                Err(error) => errors.push(error),
            },
            Some(first) if !lines.is_empty() => {
                errors.append(&mut wrong);
                errors.push(ImportError { problem: Problem::Withheld(lines.len()), ..first });
            }
            Some(_) => errors.append(&mut wrong),
        }
    }
    (told, errors)
}

/// A line, and what it says of its document.
struct Line {
    at: At,
    line: DocumentLine,
    happened_at: Timestamp,
    author: Option<String>,
    reason: Option<String>,
}

struct Columns<'a> {
    sheet: &'a Sheet,
    kind: DocumentKind,
    units: &'static str,
    positions: BTreeMap<&'a str, usize>,
}

impl<'a> Columns<'a> {
    fn of(sheet: &'a Sheet, kind: DocumentKind) -> Result<Self, Problem> {
        let found = KINDS.into_iter().find(|(known, ..)| *known == kind);
        let (_, sign, units) = found.unwrap_or((kind, "on_hand", "on_hand"));
        let mut own = vec![sign, units];
        own.extend((kind == DocumentKind::Move).then_some("to"));
        let mut required = vec!["sku", "location"];
        required.extend(&own);
        required.extend((kind != DocumentKind::Stocktake).then_some("document"));
        let refused = |column: &str, wrong: String| Problem::Header { column: column.to_owned(), wrong };
        let mut positions = BTreeMap::new();
        for (column, position) in &sheet.columns {
            if !COMMON.contains(&column.as_str()) && !own.contains(&column.as_str()) {
                let wrong = format!(
                    "it doesn't go into a {}, which has {}; goods go into a file of their own",
                    kind.name(),
                    required.join(", ")
                );
                return Err(refused(column, wrong));
            }
            if positions.insert(column.as_str(), *position).is_some() {
                return Err(refused(column, "it stands there twice; leave one out".to_owned()));
            }
        }
        match required.into_iter().find(|column| !positions.contains_key(column)) {
            Some(column) => Err(refused(column, format!("it is missing; a {} needs it", kind.name()))),
            None => Ok(Self { sheet, kind, units, positions }),
        }
    }

    fn text<'r>(&self, record: &'r StringRecord, column: &str) -> Option<&'r str> {
        let cell = record.get(*self.positions.get(column)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    fn read<T, E: ToString>(
        &self,
        record: &StringRecord,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Problem> {
        let text = self.text(record, column).ok_or_else(|| Problem::cell(column, "it is empty"))?;
        read(text).map_err(|error| Problem::cell(column, error.to_string()))
    }

    fn line(&self, at: &At, record: &StringRecord, now: Timestamp) -> Result<Line, Problem> {
        let expected = self.sheet.titles.len();
        if let Some(problem) = self.sheet.odd_cell(at.line) {
            return Err(problem);
        }
        let is_short = record.len() < expected && !self.sheet.may_be_short;
        if is_short || record.iter().skip(expected).any(|cell| !cell.trim().is_empty()) {
            return Err(Problem::Cells { found: record.len(), expected });
        }
        if self.positions.contains_key("document") {
            self.read(record, "document", one_line)?;
        }
        let location: LocationId = self.read(record, "location", |text| self.sheet.words.location(text))?;
        let to: Option<LocationId> = match self.kind {
            DocumentKind::Move => Some(self.read(record, "to", |text| self.sheet.words.location(text))?),
            _ => None,
        };
        if to.as_ref() == Some(&location) {
            return Err(Problem::cell("to", "that is where it is moved from"));
        }
        let happened_at = match self.kind {
            DocumentKind::Stocktake => self.read(record, "counted_at", |text| moment(text, now))?,
            _ => now,
        };
        let optional = |column| self.text(record, column).map(|_| self.read(record, column, one_line)).transpose();
        Ok(Line {
            at: at.clone(),
            line: DocumentLine {
                sku: self.read(record, "sku", name::<Sku>)?,
                location,
                to,
                units: self.units(record)?,
            },
            happened_at,
            author: optional("author")?,
            reason: optional("reason")?,
        })
    }

    fn units(&self, record: &StringRecord) -> Result<i64, Problem> {
        let form = self.positions.get(self.units).map(|place| self.sheet.form(*place)).unwrap_or_default();
        self.read(record, self.units, |text| match (self.kind, text.strip_prefix('-')) {
            (DocumentKind::Correction, Some(fewer)) => form.units(fewer).map(|units| -i64::from(units)),
            _ => form.units(text).map(i64::from),
        })
    }

    fn document(&self, number: String, lines: Vec<Line>, now: Timestamp) -> Result<Told, ImportError> {
        let Some(Line { at, happened_at, author, reason, .. }) = lines.first() else {
            return Err(ImportError { file: Default::default(), line: None, problem: Problem::Empty });
        };
        let (at, happened_at) = (at.clone(), *happened_at);
        let (author, reason) = (author.clone().unwrap_or_else(|| AUTHOR.to_owned()), reason.clone());
        if let Some((first, second)) = twice(self.kind, &lines) {
            let wrong = format!("it was counted on {} already; keep one of the two", second.at.refer_to(&first.at));
            return Err(second.at.error(Problem::cell("location", wrong)));
        }
        if let Some(other) = lines.iter().find(|line| line.happened_at != happened_at) {
            let wrong = "the lines of one stocktake are counted at one time; give others another `document`";
            if self.kind == DocumentKind::Stocktake {
                return Err(other.at.error(Problem::cell("counted_at", wrong)));
            }
        }
        let (ats, lines): (Vec<At>, Vec<DocumentLine>) = lines.into_iter().map(|line| (line.at, line.line)).unzip();
        let number = if number.is_empty() { numbered(happened_at, &lines) } else { number };
        let happened_at = if self.kind == DocumentKind::Stocktake { happened_at } else { now };
        let document = Document { number, kind: self.kind, author, reason, at: happened_at, lines };
        Ok(Told { at, document, lines: ats })
    }
}

fn twice(kind: DocumentKind, lines: &[Line]) -> Option<(&Line, &Line)> {
    let mut seen = BTreeMap::new();
    let is_count = kind == DocumentKind::Stocktake;
    lines
        .iter()
        .filter(|_| is_count)
        .find_map(|line| Some((seen.insert((&line.line.sku, &line.line.location), line)?, line)))
}

/// A stocktake without a number is known by what it says: the same once again is the same stocktake.
fn numbered(counted_at: Timestamp, lines: &[DocumentLine]) -> String {
    let digest = digest_of(&format!("{counted_at}/{lines:?}"));
    digest.get(..16).unwrap_or_default().to_owned()
}

fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    match Timestamp::parse(text) {
        None => Err(format!("{text:?} is no time with its offset, such as 2026-11-28T18:00:00+05:00")),
        Some(at) if at > now => Err(format!("{text} is still to come; a count is of a time that has been")),
        Some(at) => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn read_text(text: &str) -> (Vec<Told>, Vec<String>) {
        let sheet = Sheet::read(Path::new("stock.csv"), text).unwrap();
        let (told, errors) = read(&sheet, kind(&sheet).unwrap(), NOW);
        (told, errors.iter().map(ToString::to_string).collect())
    }

    fn error(text: &str) -> String {
        let (told, errors) = read_text(text);
        assert_eq!((told.len(), errors.len()), (0, 1), "{errors:?}");
        errors[0].clone()
    }

    #[test]
    fn the_column_says_what_happened() {
        for (text, expected, units) in [
            ("sku,location,on_hand,counted_at\nTEA,almaty,8,2026-11-28T18:00:00+05:00\n", DocumentKind::Stocktake, 8),
            ("sku,location,received,document\nTEA,almaty,8,1\n", DocumentKind::Receipt, 8),
            ("sku,location,moved,to,document\nTEA,almaty,8,astana,1\n", DocumentKind::Move, 8),
            ("sku,location,written_off,document\nTEA,almaty,8,1\n", DocumentKind::WriteOff, 8),
            ("sku,location,corrected,document\nTEA,almaty,-8,1\n", DocumentKind::Correction, -8),
        ] {
            let (told, errors) = read_text(text);
            assert_eq!(errors, [""; 0]);
            assert_eq!((told[0].document.kind, told[0].document.lines[0].units), (expected, units));
        }
        let sheet = Sheet::read(Path::new("goods.csv"), "sku,title,location,on_hand\nTEA,Tea,almaty,8\n").unwrap();
        assert_eq!(kind(&sheet), None);
    }

    #[test]
    fn one_wrong_line_withholds_its_document_and_no_other() {
        let text = "sku,location,received,document\nTEA,almaty,8,1\nCUP,almaty,many,1\nCUP,almaty,2,2\n";
        let (told, errors) = read_text(text);
        assert_eq!(told.iter().map(|told| told.document.number.as_str()).collect::<Vec<_>>(), ["2"]);
        assert!(errors[0].starts_with("stock.csv:3: column received: \"many\""), "{errors:?}");
        assert_eq!(
            errors[1],
            "stock.csv:3: other lines of the same document were not taken either (1), so that it can come again whole"
        );
    }

    #[test]
    fn a_line_that_can_not_be_told_from_the_next_may_be_of_any_document() {
        let (told, errors) = read_text("sku,location,received,document\nTEA,\"almaty,8,1\nCUP,almaty,2,2\n");
        assert_eq!((told.len(), errors.len()), (0, 2), "{errors:?}");
    }

    #[test]
    fn a_stocktake_needs_a_time_that_has_been_with_its_offset() {
        let with = |at: &str| error(&format!("sku,location,on_hand,counted_at\nTEA,almaty,8,{at}\n"));
        assert!(with("2026-11-28 18:00").contains("is no time with its offset"));
        assert!(with("2030-01-01T00:00:00Z").contains("still to come"));
        assert!(with("").contains("column counted_at: it is empty"));
    }

    #[test]
    fn a_place_is_counted_once_in_a_stocktake() {
        let at = "2026-11-28T18:00:00+05:00";
        let expected = "stock.csv:3: column location: it was counted on line 2 already; keep one of the two";
        assert_eq!(
            error(&format!("sku,location,on_hand,counted_at\nTEA,almaty,8,{at}\nTEA,almaty,9,{at}\n")),
            expected
        );
    }

    #[test]
    fn a_stocktake_is_known_by_what_it_says_and_what_comes_and_goes_by_its_number() {
        let number = |units: &str| {
            let text = format!("sku,location,on_hand,counted_at\nTEA,almaty,{units},2026-11-28T18:00:00+05:00\n");
            read_text(&text).0[0].document.number.clone()
        };
        assert_eq!(number("8"), number("8"));
        assert_ne!(number("8"), number("9"));
        let expected =
            "stock.csv:1: column document: it is missing; a receipt needs it; nothing of this file was imported";
        assert_eq!(error("sku,location,received\nTEA,almaty,8\n"), expected);
    }

    #[test]
    fn goods_and_documents_do_not_share_a_file() {
        let error = error("sku,title,location,on_hand,counted_at\nTEA,Tea,almaty,8,2026-11-28T18:00:00+05:00\n");
        assert!(error.contains("column title: it doesn't go into a stocktake"), "{error}");
    }
}
