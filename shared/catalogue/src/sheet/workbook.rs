//! A workbook's cells, as the texts that a person sees there.

use std::io::{Cursor, Read as _, copy, sink};
use std::path::Path;
use std::sync::Arc;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use csv::StringRecord;
use zip::ZipArchive;

use super::rows::Rows;
use crate::error::{ImportError, MAX_COLUMNS, MAX_LINES, MAX_UNPACKED, Problem};

/// The rows of the first sheet that `is_it`, or else of the first that has any. Hidden ones aren't looked at.
pub(crate) fn read(file: &Arc<Path>, bytes: &[u8], is_it: impl Fn(&Rows) -> bool) -> Result<Rows, ImportError> {
    let of_file = |problem| ImportError::whole(file, problem);
    check_size(bytes).map_err(of_file)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| of_file(broken(&error)))?;
    let is_shown =
        |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
    let names: Vec<String> =
        workbook.sheets_metadata().iter().filter(is_shown).map(|sheet| sheet.name.clone()).collect();
    let mut first = None;
    for name in &names {
        let mut rows = rows(file, &mut workbook, name).map_err(of_file)?;
        if rows.rows.is_empty() {
            continue;
        }
        let is_one_of_many = names.len() > 1;
        rows.notes.extend(is_one_of_many.then(|| format!("{}: read from the sheet {name:?}", file.display())));
        if is_it(&rows) {
            return Ok(rows);
        }
        first.get_or_insert(rows);
    }
    Ok(first.unwrap_or_default())
}

/// Unpacks all of it once, and keeps nothing: what a workbook says of its own size may be a lie.
fn check_size(bytes: &[u8]) -> Result<(), Problem> {
    let broken = |error: &dyn ToString| Problem::BrokenWorkbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut left = MAX_UNPACKED;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(|error| broken(&error))?;
        let unpacked = copy(&mut part.take(left + 1), &mut sink()).map_err(|error| broken(&error))?;
        left = left.checked_sub(unpacked).ok_or(Problem::Unpacks)?;
    }
    Ok(())
}

fn broken(error: &XlsxError) -> Problem {
    Problem::BrokenWorkbook(error.to_string())
}

fn rows(file: &Arc<Path>, workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Rows, Problem> {
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|error| broken(&error))?;
    let (mut lines, mut odd) = (Lines::default(), Rows::default().odd);
    while let Some(cell) = cells.next_cell().map_err(|error| broken(&error))? {
        let (row, column) = cell.get_position();
        let (line, column) = (u64::from(row) + 1, usize::try_from(column).unwrap_or(usize::MAX));
        let text = match shown(cell.get_value()) {
            Ok(None) => continue,
            Ok(Some(text)) => text,
            Err(Odd { text, what }) => {
                odd.entry(line).or_default().insert(column, what);
                text
            }
        };
        lines.put(line, column, text)?;
    }
    let rows = Rows::of(file, lines.done());
    Ok(Rows { odd, ..rows })
}

/// What a cell takes besides its text, in bytes.
const CELL: u64 = 8;

/// Rows as they come together, cell by cell.
#[derive(Default)]
struct Lines {
    done: Vec<(u64, StringRecord)>,
    line: u64,
    cells: Vec<String>,
    bytes: u64,
}

impl Lines {
    fn put(&mut self, line: u64, column: usize, text: String) -> Result<(), Problem> {
        self.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        match () {
            () if column >= MAX_COLUMNS => return Err(Problem::TooWide),
            () if self.bytes > MAX_UNPACKED => return Err(Problem::Unpacks),
            () if line < self.line => return Err(Problem::BrokenWorkbook("its rows are out of order".to_owned())),
            () if line != self.line => self.end_line(),
            () => {}
        }
        if self.done.len() >= MAX_LINES {
            return Err(Problem::TooLong);
        }
        self.line = line;
        if self.cells.len() <= column {
            self.bytes += CELL * u64::try_from(column + 1 - self.cells.len()).unwrap_or(u64::MAX);
            self.cells.resize(column + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = text;
        }
        Ok(())
    }

    fn end_line(&mut self) {
        if !self.cells.is_empty() {
            self.done.push((self.line, StringRecord::from(std::mem::take(&mut self.cells))));
        }
    }

    fn done(mut self) -> Vec<(u64, StringRecord)> {
        self.end_line();
        self.done
    }
}

/// A cell that holds neither a text nor a number.
struct Odd {
    /// What a person sees there.
    text: String,
    /// What is wrong with it, and what to do.
    what: String,
}

/// What a person sees in a cell; none if nothing.
fn shown(value: &DataRef<'_>) -> Result<Option<String>, Odd> {
    match value {
        DataRef::Empty => Ok(None),
        DataRef::String(text) => Ok(Some(text.clone())),
        DataRef::SharedString(text) => Ok(Some((*text).to_owned())),
        DataRef::Int(number) => Ok(Some(number.to_string())),
        DataRef::Float(number) => decimal(*number).map(Some),
        DataRef::Bool(is_true) => {
            let text = if *is_true { "TRUE" } else { "FALSE" };
            Err(odd(text, "true or false"))
        }
        DataRef::DateTime(at) if at.is_duration() => Err(odd(&at.as_f64().to_string(), "a span of time")),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            let is_midnight = (hour, minute, second) == (0, 0, 0);
            let text = if is_midnight { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") };
            Err(odd(&text, "a date"))
        }
        DataRef::DateTimeIso(text) => Err(odd(text, "a date")),
        DataRef::DurationIso(text) => Err(odd(text, "a span of time")),
        DataRef::Error(error) => {
            let text = error.to_string();
            let what = format!("the cell holds the spreadsheet's error {text}; write what is meant");
            Err(Odd { text, what })
        }
    }
}

fn odd(text: &str, kind: &str) -> Odd {
    let what = format!("the cell is {kind} ({text}); format it as text, and write what is meant");
    Odd { text: text.to_owned(), what }
}

/// Above it a number is rounded: a spreadsheet keeps fifteen digits.
const EXACT: f64 = 1e15;

/// A number in digits, with a point if it isn't whole.
fn decimal(number: f64) -> Result<String, Odd> {
    if !number.is_finite() || number.abs() >= EXACT {
        let text = number.to_string();
        let what = format!(
            "the cell is a number of more than 15 digits ({text}), which a spreadsheet rounds; format it as text, and write it out anew"
        );
        return Err(Odd { text, what });
    }
    // As many digits as a person sees: 0.1 + 0.2 is 0.3 there.
    let seen = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    Ok(seen.to_string())
}
