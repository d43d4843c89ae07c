//! Stock documents: what people say of the stock. A receipt, a stocktake, a move, a write-off, a correction.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stock::{Entry, Place};
use crate::{LocationId, Sku, Timestamp};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Units came in.
    Receipt,
    /// Units were counted: so many lay there at the document's time, whatever was believed.
    Stocktake,
    /// Units went from one location to another.
    Move,
    /// Units are gone.
    WriteOff,
    /// Units are more, or fewer below zero, than was believed.
    Correction,
}

impl DocumentKind {
    /// The name that tables and people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Stocktake => "stocktake",
            Self::Move => "move",
            Self::WriteOff => "write-off",
            Self::Correction => "correction",
        }
    }
}

/// What a document says of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// The good that it says something of.
    pub sku: Sku,
    /// Where the good lies; of a move, where it lay before.
    pub location: LocationId,
    /// Where to, if it is a move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<LocationId>,
    /// How many: below zero in a correction alone.
    pub units: i64,
}

/// Something that happened to the stock besides orders, taken as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What tells it from others. The same document told again changes nothing.
    pub number: String,
    /// What happened.
    pub kind: DocumentKind,
    /// Who says so.
    pub author: String,
    /// Why it happened, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it happened; of a stocktake, when it was counted.
    pub at: Timestamp,
    /// What it says, good by good.
    pub lines: Vec<DocumentLine>,
}

impl Document {
    /// How a ledger calls it, such as `stocktake:12`. No order is called so.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.kind.name(), self.number)
    }
}

impl DocumentLine {
    /// Where it says something of: one place, or a move's two.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let place = |location: &LocationId| Place { sku: self.sku.clone(), location: location.clone() };
        std::iter::once(&self.location).chain(&self.to).map(place).collect::<Vec<_>>().into_iter()
    }
}

impl DocumentKind {
    /// What some lines add to what is on hand at each place. `on_hand` tells how much there was when it was counted; only a
    /// stocktake asks. What has moved since then is kept that way.
    #[must_use]
    pub fn changes(self, lines: &[DocumentLine], on_hand: impl Fn(&Place) -> i64) -> BTreeMap<Place, i64> {
        let mut changes = BTreeMap::<Place, i64>::new();
        for line in lines {
            for (index, place) in line.places().enumerate() {
                let units = match self {
                    Self::Receipt | Self::Correction => line.units,
                    Self::WriteOff => -line.units,
                    Self::Stocktake => line.units - on_hand(&place),
                    Self::Move if index == 0 => -line.units,
                    Self::Move => line.units,
                };
                *changes.entry(place).or_default() += units;
            }
        }
        changes
    }
}

/// How many units a level had at a time that is past, by its ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    /// So many units were on hand.
    OnHand(i64),
    /// There was no level yet.
    NotOpened,
    /// The rows that tell are older than these.
    Older,
}

/// What was on hand at `at`. `rows` are the ledger's, the newest first and without a gap.
#[must_use]
pub fn book_at(rows: &[Entry], at: Timestamp) -> Book {
    match (rows.iter().find(|row| row.at <= at), rows.last()) {
        (Some(row), _) => Book::OnHand(row.on_hand.1),
        (None, Some(first)) if first.version == 1 => Book::NotOpened,
        (None, _) => Book::Older,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cause;
    use proptest::prelude::*;

    fn place(location: &str) -> Place {
        Place { sku: Sku::new("TEA").unwrap(), location: LocationId::new(location).unwrap() }
    }

    fn line(units: i64, to: Option<&str>) -> DocumentLine {
        let Place { sku, location } = place("almaty");
        DocumentLine { sku, location, to: to.map(|to| LocationId::new(to).unwrap()), units }
    }

    /// The ledger of a level whose units on hand changed by these, a second apart, the newest row first.
    fn ledger(changes: &[i64]) -> Vec<Entry> {
        let mut before = 0;
        let row = |(index, change): (u64, &i64)| {
            let on_hand = (before, before + change);
            before = on_hand.1;
            let at = Timestamp::from_millis(i64::try_from(index).unwrap() * 1_000);
            let cause = Cause::new("test").unwrap();
            Entry { version: index + 1, at, cause, on_hand, reserved: (0, 0), changes: Vec::new(), oversold: 0 }
        };
        let mut rows: Vec<Entry> = (0..).zip(changes).map(row).collect();
        rows.reverse();
        rows
    }

    #[test]
    fn each_kind_moves_what_it_says() {
        let changes = |kind: DocumentKind, line| {
            let changes = kind.changes(&[line], |_| 12).into_iter();
            changes.map(|(place, units)| (place.location.to_string(), units)).collect::<Vec<_>>()
        };
        let almaty = |units| vec![("almaty".to_owned(), units)];
        assert_eq!(changes(DocumentKind::Receipt, line(5, None)), almaty(5));
        assert_eq!(changes(DocumentKind::WriteOff, line(5, None)), almaty(-5));
        assert_eq!(changes(DocumentKind::Correction, line(-5, None)), almaty(-5));
        assert_eq!(changes(DocumentKind::Stocktake, line(5, None)), almaty(-7));
        let moved = vec![("almaty".to_owned(), -5), ("astana".to_owned(), 5)];
        assert_eq!(changes(DocumentKind::Move, line(5, Some("astana"))), moved);
    }

    #[test]
    fn lines_of_one_place_add_up() {
        let lines = [line(5, None), line(2, None)];
        assert_eq!(DocumentKind::Receipt.changes(&lines, |_| 0), [(place("almaty"), 7)].into());
    }

    #[test]
    fn the_book_knows_only_what_it_has_rows_of() {
        let rows = ledger(&[12, -5]);
        assert_eq!(book_at(&rows, Timestamp::from_millis(-1)), Book::NotOpened);
        assert_eq!(book_at(&rows, Timestamp::from_millis(0)), Book::OnHand(12));
        assert_eq!(book_at(&rows, Timestamp::from_millis(1_000)), Book::OnHand(7));
        assert_eq!(book_at(&rows[..1], Timestamp::from_millis(0)), Book::Older);
    }

    proptest! {
        #[test]
        fn after_a_stocktake_there_is_what_was_counted_and_what_moved_since(
            changes in proptest::collection::vec(-9_i64..10, 1..20), counted_after in 0_usize..20, counted in 0_i64..100,
        ) {
            let counted_after = counted_after.min(changes.len() - 1);
            let at = Timestamp::from_millis(i64::try_from(counted_after).unwrap() * 1_000);
            let Book::OnHand(book) = book_at(&ledger(&changes), at) else { panic!("a row is missing") };
            let correction = DocumentKind::Stocktake.changes(&[line(counted, None)], |_| book)[&place("almaty")];
            let since: i64 = changes[counted_after + 1..].iter().sum();
            prop_assert_eq!(changes.iter().sum::<i64>() + correction, counted + since);
        }
    }
}
