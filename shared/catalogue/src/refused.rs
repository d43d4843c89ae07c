//! The lines of a file that were not taken, as a file to hand back: mended, it can be imported as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::columns::WRONG;
use crate::document;
use crate::error::ImportError;
use crate::sheet::Sheet;
use crate::vocabulary::plain;
use csv::StringRecord;

/// What of one file was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file as it was given.
    pub file: PathBuf,
    /// Its header, as it stands there.
    pub titles: Vec<String>,
    /// Its lines, the first one first.
    pub lines: Vec<Line>,
}

/// A line that was not taken, or one that belongs to it: another one of the same good or of the same stock document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from one.
    pub number: u64,
    /// Its cells, as many as the header has.
    pub cells: Vec<String>,
    /// What is wrong with it, all of it.
    pub wrong: String,
}

/// What is said of a line that goes with others.
const GOES_WITH: &str = "nothing; it goes with the lines of the same name";

impl Refused {
    /// As CSV that Excel opens: in UTF-8 with its mark, what is wrong in the last column. An import ignores that one.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        let titles = self.titles.iter().map(String::as_str).chain([WRONG]);
        let lines = self.lines.iter().map(|line| line.cells.iter().map(String::as_str).chain([line.wrong.as_str()]));
        // Writing into memory doesn't fail.
        let _ = writer.write_record(titles);
        for line in lines {
            let _ = writer.write_record(line);
        }
        writer.into_inner().unwrap_or_default()
    }
}

/// The lines that errors are about, with those that they can't be taken without. A file whose header is wrong has none: it is to be
/// mended itself.
pub(crate) fn of(goods: &[Sheet], documents: &[Sheet], errors: &[ImportError]) -> Vec<Refused> {
    if errors.is_empty() {
        return Vec::new();
    }
    let refused = goods.iter().chain(documents).filter_map(|sheet| of_sheet(sheet, errors));
    refused.filter(|refused| !refused.lines.is_empty()).collect()
}

fn of_sheet(sheet: &Sheet, errors: &[ImportError]) -> Option<Refused> {
    let mut wrong = BTreeMap::<u64, Vec<String>>::new();
    for error in errors.iter().filter(|error| error.file.as_path() == &*sheet.at.file) {
        wrong.entry(error.line?).or_default().push(error.problem.to_string());
    }
    if wrong.contains_key(&sheet.at.line) {
        return None;
    }
    let key = if document::kind(sheet).is_some() { sheet.place("document") } else { sheet.place("sku") };
    let named = |record: &StringRecord| key.and_then(|place| record.get(place)).map(|name| name.trim().to_owned());
    let names: BTreeSet<String> = sheet
        .lines
        .iter()
        .filter(|(at, _)| wrong.contains_key(&at.line))
        .filter_map(|(_, record)| named(record))
        .collect();
    // Any document may be the one of a line that can't be told from the next.
    let is_whole = document::kind(sheet).is_some() && (key.is_none() || !sheet.broken.is_empty()) && !wrong.is_empty();
    let goes_with = |record: &StringRecord| is_whole || named(record).is_some_and(|name| names.contains(&name));
    let places: Vec<usize> = (0..sheet.titles.len()).filter(|place| !is_wrong(sheet, *place)).collect();
    let line = |number: u64, record: &StringRecord| {
        let cells = places.iter().map(|place| cell(sheet, number, record, *place)).collect();
        let wrong = wrong.get(&number).map_or_else(|| GOES_WITH.to_owned(), |wrong| wrong.join("; "));
        Line { number, cells, wrong }
    };
    let whole = sheet.lines.iter().filter(|(at, record)| wrong.contains_key(&at.line) || goes_with(record));
    let broken = sheet.broken.iter().filter_map(|(error, record)| Some((error.line?, record)));
    let mut lines: Vec<Line> = whole
        .map(|(at, record)| (at.line, record))
        .chain(broken)
        .map(|(number, record)| line(number, record))
        .collect();
    lines.sort_by_key(|line| line.number);
    let titles = places.iter().filter_map(|place| sheet.titles.get(*place).cloned()).collect();
    Some(Refused { file: sheet.at.file.to_path_buf(), titles, lines })
}

/// Whether a column is one of a file that was handed back before.
fn is_wrong(sheet: &Sheet, place: usize) -> bool {
    sheet.titles.get(place).is_some_and(|title| plain(title) == WRONG)
}

/// A cell as it stood there; but a number in a form that needs no other cells to be understood, and nothing for what is no text, such
/// as a spreadsheet's error.
fn cell(sheet: &Sheet, line: u64, record: &StringRecord, place: usize) -> String {
    let text = record.get(place).unwrap_or_default();
    if sheet.odd(line).is_some_and(|odd| odd.contains_key(&place)) {
        return String::new();
    }
    let settled = sheet.settled(place, text);
    settled.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Problem;

    fn handed_back(text: &str, wrong: &[(u64, &str)]) -> String {
        let sheet = Sheet::read(Path::new("goods.csv"), text).unwrap();
        let error = |(line, wrong): &(u64, &str)| ImportError {
            file: "goods.csv".into(),
            line: Some(*line),
            problem: Problem::cell("title", *wrong),
        };
        let own = sheet.broken.iter().map(|(error, _)| error.clone());
        let errors: Vec<ImportError> = wrong.iter().map(error).chain(own).collect();
        let refused = of(&[sheet], &[], &errors);
        refused.first().map(|refused| String::from_utf8(refused.to_csv()).unwrap()).unwrap_or_default()
    }

    #[test]
    fn a_line_is_handed_back_as_it_stood_there_with_all_that_is_wrong() {
        let text = "Артикул;Наименование;Цвет\nTEA;Чай;зелёный\nCUP;;белый\n";
        let expected =
            "\u{feff}Артикул,Наименование,Цвет,what is wrong\nCUP,,белый,column title: one; column title: two\n";
        assert_eq!(handed_back(text, &[(3, "one"), (3, "two")]), expected);
        assert_eq!(handed_back(text, &[]), "");
        assert_eq!(handed_back(text, &[(1, "the header")]), "");
    }

    #[test]
    fn all_lines_of_a_good_go_together() {
        let text = "sku,title,location,on_hand\nTEA,Tea,almaty,1\nCUP,Cup,,\nTEA,,astana,many\n";
        let back = handed_back(text, &[(4, "wrong")]);
        assert_eq!(back.lines().count(), 3);
        assert!(back.contains("TEA,Tea,almaty,1,nothing; it goes with"), "{back}");
    }

    #[test]
    fn what_was_handed_back_can_be_handed_back_again() {
        let again = handed_back("sku,title,what is wrong\nTEA,,\"column title: it is empty\"\n", &[(2, "it is empty")]);
        assert_eq!(again, "\u{feff}sku,title,what is wrong\nTEA,,column title: it is empty\n");
    }

    #[test]
    fn a_number_that_other_lines_settled_is_written_so_that_it_needs_none() {
        let text = "sku,title,on_hand\nTEA,Tea,\"12,000\"\nCUP,Cup,\"1,250,000\"\n";
        let back = handed_back(text, &[(2, "wrong")]);
        assert!(back.contains("TEA,Tea,12000,column"), "{back}");
    }

    #[test]
    fn a_line_that_can_not_be_told_from_the_next_is_handed_back_too() {
        let back = handed_back("sku,title,brand\nTEA,\"Tea,Acme\nCUP,Cup,\n", &[]);
        assert!(back.contains("TEA") && back.contains("it opens a quote") && !back.contains("CUP"), "{back}");
    }
}
