//! A table of goods or stock, whatever kind of file it stands in: its header understood, its lines still cells.

mod resolve;
pub(crate) mod rows;
pub(crate) mod separated;
pub(crate) mod text;
pub(crate) mod workbook;
pub(crate) mod xml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;

use crate::error::{At, ImportError, Problem};
use crate::exports::Export;
use crate::numbers::{Form, Of};
use crate::vocabulary::is_total;
use crate::words::Words;
pub(crate) use resolve::{MOST_ABOVE, is_header};
use resolve::{Resolved, resolve};
use rows::Rows;

/// A table.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// Where the header stands.
    pub(crate) at: At,
    /// The header as it stands there.
    pub(crate) titles: Vec<String>,
    /// What its columns mean, each with its place from zero: our names; and in small letters what means nothing to us.
    pub(crate) columns: Vec<(String, usize)>,
    /// The lines that aren't empty.
    pub(crate) lines: Vec<(At, StringRecord)>,
    /// Lines that can't be told from those behind them, with what can be made of their cells.
    pub(crate) broken: Vec<(ImportError, StringRecord)>,
    /// What a person should know of how it was read.
    pub(crate) notes: Vec<String>,
    /// What the person says that words mean.
    pub(crate) words: Arc<Words>,
    /// Whether lines may be shorter than the header.
    pub(crate) may_be_short: bool,
    odd: BTreeMap<u64, BTreeMap<usize, String>>,
    forms: BTreeMap<usize, Form>,
}

impl Sheet {
    /// # Errors
    /// If there is no line at all.
    pub(crate) fn of(file: &Arc<Path>, rows: Rows, words: &Arc<Words>) -> Result<Self, ImportError> {
        let Rows { mut rows, wrong, odd, mut notes, export, may_be_short } = rows;
        let header = rows.iter().take(MOST_ABOVE).position(|(_, record)| is_header(record, words)).unwrap_or(0);
        let mut lines = rows.split_off(header.min(rows.len()));
        notes.extend(rows.last().map(|(last, _)| format!("{last}: left out, as all lines above the header")));
        if lines.is_empty() {
            return Err(ImportError::whole(file, Problem::Empty));
        }
        let (at, header) = lines.remove(0);
        let titles = titles(&header);
        let export = export.or_else(|| Export::of(titles.iter().map(String::as_str)));
        let is_used = |place| lines.iter().any(|(_, line)| line.get(place).is_some_and(|cell| !cell.trim().is_empty()));
        let Resolved { columns, left_out } = resolve(&titles, words, export, is_used);
        notes.extend(export.map(|export| format!("{}: it is {}", file.display(), export.name)));
        if !left_out.is_empty() {
            notes.push(format!("{}: left out: {}", file.display(), left_out.join(", ")));
        }
        let broken = wrong.into_iter().map(|(at, problem, record)| (at.error(problem), record)).collect();
        let words = Arc::clone(words);
        let mut sheet =
            Self { at, titles, columns, lines, broken, notes, words, may_be_short, odd, forms: BTreeMap::new() };
        sheet.leave_out_totals();
        sheet.find_forms();
        Ok(sheet)
    }

    /// The place of a column, from zero.
    pub(crate) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, place)| *place)
    }

    /// What the header calls a column: its title, and the column's own name with it where that is another.
    pub(crate) fn called(&self, column: &str) -> String {
        match self.place(column).and_then(|place| self.titles.get(place)) {
            Some(title) if !title.eq_ignore_ascii_case(column) => format!("{title} ({column})"),
            _ => column.to_owned(),
        }
    }

    /// The problem with its column called as the file calls it.
    pub(crate) fn as_called(&self, problem: Problem) -> Problem {
        match problem {
            Problem::Cell { column, wrong } => Problem::Cell { column: self.called(&column), wrong },
            other => other,
        }
    }

    /// How the numbers of the column at this place are written.
    pub(crate) fn form(&self, place: usize) -> Form {
        self.forms.get(&place).copied().unwrap_or_default()
    }

    /// A number as it would be written without the other cells of its column, if they are what says how to read it.
    pub(crate) fn settled(&self, place: usize, text: &str) -> Option<String> {
        let text = text.trim();
        let plain = self.forms.get(&place)?.plain(text)?;
        Form::default().plain(text).is_none().then_some(plain)
    }

    /// What cells of a line are that are neither text nor number, by their places.
    pub(crate) fn odd(&self, line: u64) -> Option<&BTreeMap<usize, String>> {
        self.odd.get(&line)
    }

    /// What is wrong with a line because one of its cells is no text: only columns that mean something matter.
    pub(crate) fn odd_cell(&self, line: u64) -> Option<Problem> {
        let odd = self.odd.get(&line)?;
        let (column, what) = self.columns.iter().find_map(|(column, place)| Some((column, odd.get(place)?)))?;
        Some(Problem::cell(column, what))
    }

    /// Leaves out sums at the end. What has an SKU and a title is a good, whatever it is called.
    fn leave_out_totals(&mut self) {
        let named: Vec<usize> = ["sku", "title"].iter().filter_map(|column| self.place(column)).collect();
        let is_sum = |line: &StringRecord| {
            let first = line.iter().map(str::trim).find(|cell| !cell.is_empty()).unwrap_or_default();
            let is_good =
                named.len() == 2 && named.iter().all(|at| line.get(*at).is_some_and(|cell| !cell.trim().is_empty()));
            is_total(first) && !is_good
        };
        while let Some((at, line)) = self.lines.pop() {
            if !is_sum(&line) {
                self.lines.push((at, line));
                break;
            }
            self.notes.push(format!("{at}: left out, since it is a sum and no good"));
        }
    }

    fn find_forms(&mut self) {
        for (column, place) in &self.columns {
            let Some(of) = number_of(column) else { continue };
            let form = Form::of(self.lines.iter().filter_map(|(_, line)| line.get(*place)), of);
            let called = self.titles.get(*place).map_or(column.as_str(), String::as_str);
            self.notes.extend(form.is_of_1c.then(|| {
                format!("{}: column {called}: 12,000 is read as 12, as 1C writes it", self.at.file.display())
            }));
            self.forms.insert(*place, form);
        }
    }
}

#[cfg(test)]
impl Sheet {
    /// Cells between separators, with no words of its own.
    pub(crate) fn read(file: &Path, text: &str) -> Result<Self, ImportError> {
        let file = Arc::from(file);
        Self::of(&file, separated::split(&file, text, &Words::default())?, &Arc::default())
    }
}

fn titles(header: &StringRecord) -> Vec<String> {
    let mut titles: Vec<String> = header.iter().map(|title| title.trim().to_owned()).collect();
    while titles.last().is_some_and(String::is_empty) {
        titles.pop();
    }
    titles
}

/// What the numbers of a column are of, if it has any that people write in many ways.
fn number_of(column: &str) -> Option<Of> {
    match column {
        "on_hand" | "received" | "moved" | "written_off" | "corrected" => Some(Of::Units),
        "cost" => Some(Of::Money),
        column => column.split_once('.').filter(|(_, name)| *name == "price").map(|_| Of::Money),
    }
}

#[cfg(test)]
mod tests;
