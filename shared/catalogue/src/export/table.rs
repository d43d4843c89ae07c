//! A table that is written row by row, the head first.

use std::io::Write;
use std::path::Path;

use csv::Writer;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// How tables are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Separated by commas, in UTF-8.
    #[default]
    Csv,
    /// Workbooks, in which counts and money are numbers and all else is text.
    Xlsx,
}

impl Form {
    /// What names of its files end in.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The name of a table's file.
    #[must_use]
    pub fn file(self, table: &str) -> String {
        Path::new(table).with_extension(self.ending()).to_string_lossy().into_owned()
    }
}

/// Why a row isn't written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It can't be written into the file.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// It can't be told apart from others.
    #[error(transparent)]
    Row(#[from] csv::Error),
    /// A workbook can't hold it.
    #[error(transparent)]
    Book(#[from] XlsxError),
}

/// A table that is being written.
pub(super) enum Table<W: Write + Send> {
    Csv(Box<Writer<W>>),
    Xlsx(Box<Book<W>>),
}

impl<W: Write + Send> Table<W> {
    pub(super) fn new(form: Form, file: W) -> Self {
        match form {
            Form::Csv => Self::Csv(Box::new(Writer::from_writer(file))),
            Form::Xlsx => Self::Xlsx(Box::new(Book::new(file))),
        }
    }

    pub(super) fn row<C: AsRef<str> + AsRef<[u8]>>(
        &mut self,
        cells: impl IntoIterator<Item = C>,
    ) -> Result<(), TableError> {
        match self {
            Self::Csv(writer) => Ok(writer.write_record(cells)?),
            Self::Xlsx(book) => book.row(cells),
        }
    }

    pub(super) fn end(self) -> Result<(), TableError> {
        match self {
            Self::Csv(mut writer) => Ok(writer.flush()?),
            Self::Xlsx(book) => book.end(),
        }
    }
}

/// Columns of numbers; of those of one connection, what comes behind its name.
const NUMBERS: [&str; 14] = [
    "on_hand",
    "reserved",
    "available",
    "on_hand_before",
    "reserved_before",
    "oversold",
    "version",
    "ordered",
    "cancelled",
    "shipped",
    "returned",
    "cost",
    "price",
    "share",
];
/// So many rows fit on a sheet; what is more goes on the next one, below the same head.
const ROWS: u32 = 1_048_576;

/// A workbook. Its rows wait in a file of their own, so that a long table takes no memory.
pub(super) struct Book<W: Write + Send> {
    workbook: Workbook,
    head: Vec<String>,
    /// On the last sheet.
    rows: u32,
    file: W,
}

impl<W: Write + Send> Book<W> {
    fn new(file: W) -> Self {
        Self { workbook: Workbook::new(), head: Vec::new(), rows: ROWS, file }
    }

    fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> Result<(), TableError> {
        let cells = cells.into_iter();
        if self.head.is_empty() {
            self.head = cells.map(|cell| cell.as_ref().to_owned()).collect();
            return self.open_sheet();
        }
        if self.rows == ROWS {
            self.open_sheet()?;
        }
        let row = self.rows;
        let count = self.workbook.worksheets().len();
        let sheet = self.workbook.worksheet_from_index(count.saturating_sub(1))?;
        for (column, (cell, name)) in (0..).zip(cells.zip(&self.head)) {
            write(sheet, (row, column), name, cell.as_ref())?;
        }
        self.rows += 1;
        Ok(())
    }

    fn open_sheet(&mut self) -> Result<(), TableError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        let bold = Format::new().set_bold();
        for (column, name) in (0..).zip(&self.head) {
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        self.rows = 1;
        Ok(())
    }

    fn end(mut self) -> Result<(), TableError> {
        self.workbook.save_to_writer(&mut self.file)?;
        Ok(self.file.flush()?)
    }
}

/// A name that looks like a number stays as it is.
fn write(sheet: &mut Worksheet, (row, column): (u32, u16), name: &str, cell: &str) -> Result<(), XlsxError> {
    let is_number = name.rsplit('.').next().is_some_and(|name| NUMBERS.contains(&name));
    match cell.parse::<f64>() {
        _ if cell.is_empty() => {}
        Ok(number) if is_number => _ = sheet.write_number(row, column, number)?,
        _ => _ = sheet.write_string(row, column, cell)?,
    }
    Ok(())
}
