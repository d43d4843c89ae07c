//! The titles of a table as the columns that they mean.

use csv::StringRecord;
use edin_domain::ConnectionId;

use crate::columns::{self, WRONG};
use crate::exports::Export;
use crate::vocabulary::{Meaning, meaning, plain};
use crate::words::Words;

/// Before the header, a table may say what it is on so many lines.
pub(crate) const MOST_ABOVE: usize = 20;

/// What the titles mean.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// Columns, each with its place from zero.
    pub(crate) columns: Vec<(String, usize)>,
    /// Titles that mean nothing, where that is no error.
    pub(crate) left_out: Vec<String>,
}

/// Whether a row names columns: one of them the SKU's, and another one.
pub(crate) fn is_header(row: &StringRecord, words: &Words) -> bool {
    let meant = row.iter().map(str::trim).filter(|title| !title.is_empty()).map(|title| Title::of(title, words, None));
    let (mut skus, mut others) = (0, 0);
    for title in meant {
        match title.rank("sku") {
            Some(_) => skus += 1,
            None => others += usize::from(matches!(title, Title::Columns(..) | Title::Ignored)),
        }
    }
    skus > 0 && (others > 0 || skus > 1)
}

/// What the person says beats what the program means that wrote the table, and that beats what a title means elsewhere. What means
/// nothing is an error, later, unless it is known whose table it is or the person has said what titles mean.
pub(crate) fn resolve(
    titles: &[String],
    words: &Words,
    export: Option<&Export>,
    is_used: impl Fn(usize) -> bool,
) -> Resolved {
    let is_lenient = export.is_some() || titles.iter().any(|title| !words.columns(title).is_empty());
    let meant: Vec<Title> = titles.iter().map(|title| Title::of(title, words, export)).collect();
    let is_beaten = |column: &str, rank: u8, place: usize| {
        let others = meant.iter().enumerate().filter_map(|(other, title)| Some((other, title.rank(column)?)));
        others.into_iter().any(|(other, by)| by < rank || (by == rank && other < place))
    };
    let mut resolved = Resolved::default();
    for (place, (title, meant)) in titles.iter().zip(&meant).enumerate() {
        match meant {
            Title::Ignored => {}
            Title::Nothing if title.is_empty() && !is_used(place) => {}
            Title::Nothing if is_lenient => resolved.leave_out(title),
            Title::Nothing => resolved.columns.push((title.to_ascii_lowercase(), place)),
            Title::Columns(columns, rank) => {
                for column in columns {
                    match *rank != SAID && is_beaten(column, *rank, place) {
                        true if is_lenient => resolved.leave_out(title),
                        true if *rank == SECOND => resolved.columns.push((title.to_ascii_lowercase(), place)),
                        _ => resolved.columns.push((column.clone(), place)),
                    }
                }
            }
        }
    }
    resolved
}

impl Resolved {
    fn leave_out(&mut self, title: &str) {
        self.left_out.push(if title.is_empty() { "a column without a name".to_owned() } else { title.to_owned() });
    }
}

/// How strongly a title means a column, the strongest first: the person says so, it is the column's own name or the program's, it is
/// a word for it, it may stand for it.
const SAID: u8 = 0;
const OWN: u8 = 1;
const FIRST: u8 = 2;
const SECOND: u8 = 3;

/// What one title means.
enum Title {
    Columns(Vec<String>, u8),
    /// A column of ours that says nothing.
    Ignored,
    Nothing,
}

impl Title {
    fn of(title: &str, words: &Words, export: Option<&Export>) -> Self {
        let one = |column: &str, rank| Self::Columns(vec![column.to_owned()], rank);
        let said = words.columns(title);
        if plain(title) == WRONG {
            return Self::Ignored;
        }
        if !said.is_empty() {
            return Self::Columns(said.to_vec(), SAID);
        }
        match export.and_then(|export| export.own(title)) {
            Some(Some(column)) => return one(column, OWN),
            Some(None) => return Self::Nothing,
            None => {}
        }
        match meaning(title) {
            _ if is_ours(title) => one(&title.to_ascii_lowercase(), OWN),
            Some(Meaning::Column(column, 1)) => one(column, FIRST),
            Some(Meaning::Column(column, _)) => one(column, SECOND),
            Some(Meaning::Price) | None => Self::Nothing,
        }
    }

    /// How strongly it means a column.
    fn rank(&self, column: &str) -> Option<u8> {
        match self {
            Self::Columns(columns, rank) => columns.iter().any(|other| other == column).then_some(*rank),
            Self::Ignored | Self::Nothing => None,
        }
    }
}

/// Whether a title is a column's own name.
fn is_ours(title: &str) -> bool {
    let name = title.to_ascii_lowercase();
    columns::is_one(&name)
        || name.split_once('.').is_some_and(|(id, rest)| ConnectionId::new(id).is_ok() && !rest.is_empty())
}
