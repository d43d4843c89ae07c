//! The cells of a line, and what a single one may say.

use std::str::FromStr;

use csv::StringRecord;

use crate::error::Problem;
use crate::header::Header;
use crate::names;
use crate::numbers::MOST;

/// The cells of a line, by column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells<'a> {
    pub(crate) header: &'a Header<'a>,
    pub(crate) record: &'a StringRecord,
}

/// No text of a cell is longer.
const LONGEST: usize = 500;
/// Nor are a cell's barcodes or components together. Errors repeat what a cell says.
const LONGEST_CELL: usize = 2_000;

impl<'a> Cells<'a> {
    /// What a cell says, without the spaces around it; none if that is nothing.
    pub(crate) fn text(&self, column: &str) -> Option<&'a str> {
        let cell = self.record.get(self.header.position(column)?)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// Reads a cell that isn't empty.
    pub(crate) fn read<T, E: ToString>(
        &self,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let short = |text: &str| match text.chars().nth(LONGEST_CELL) {
            None => read(text).map_err(|error| error.to_string()),
            Some(_) => Err(format!("it is longer than {LONGEST_CELL} characters; shorten it")),
        };
        self.text(column).map(short).transpose().map_err(|error| Problem::cell(column, error))
    }
}

pub(crate) fn one_line(text: &str) -> Result<String, String> {
    match text {
        _ if text.chars().any(char::is_control) => Err("it holds a line break or a tab; put it on one line".to_owned()),
        _ if text.chars().count() > LONGEST => Err(format!("it is longer than {LONGEST} characters; shorten it")),
        _ => Ok(text.to_owned()),
    }
}

/// What names something.
pub(crate) fn name<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    names::check(text)?;
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// A number of units, in digits alone.
pub(crate) fn whole(text: &str) -> Result<u32, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number <= MOST);
    number.ok_or_else(|| format!("{text:?} is not a whole number from 0 to {MOST} in digits alone, such as 12"))
}
