//! Stock documents as they are said, and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::document::{Document, DocumentKind, DocumentLine};
use edin_domain::{LocationId, Sku, Timestamp};
use edin_store::documents::Posted;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wanted::one_line;
use crate::problem::Problem;

/// A line has no more units.
const MOST_UNITS: i64 = 1_000_000;

/// Something that happened to the stock besides orders.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentRequest {
    /// What happened.
    #[schema(value_type = String, pattern = "^(receipt|stocktake|move|write_off|correction)$", example = "stocktake")]
    kind: DocumentKind,
    /// When: RFC 3339, with its offset, not to come. A stocktake needs it, for what was sold since is taken off what was
    /// counted; anything else happened now if it is left out.
    #[schema(format = DateTime, example = "2026-11-30T18:00:00+05:00")]
    at: Option<String>,
    /// Why, in the words of who did it.
    #[schema(max_length = 300)]
    reason: Option<String>,
    /// 1 to 200 goods. A stocktake counts each place once.
    #[schema(min_items = 1, max_items = 200)]
    pub(crate) lines: Vec<Line>,
}

/// What a document says of one good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// The seller's own SKU, of a good with a stock of its own; none if a barcode is given.
    #[schema(min_length = 1, max_length = 64, example = "TEA-500")]
    pub(crate) sku: Option<String>,
    /// What a scanner has read, instead of the SKU.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) barcode: Option<String>,
    /// Where it lies; of a move, where it lay before.
    #[schema(min_length = 1, max_length = 40, example = "almaty")]
    pub(crate) location: String,
    /// Where a move brought it.
    #[schema(min_length = 1, max_length = 40)]
    pub(crate) to: Option<String>,
    /// How many: of a stocktake, those that lay there; below zero in a correction alone. Of a barcode, scans of it.
    #[schema(minimum = -1_000_000, maximum = 1_000_000, example = 12)]
    pub(crate) units: i64,
}

/// A document that was taken, and what it changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentView {
    /// What the ledger calls it, such as `stocktake:till/count-7`.
    id: String,
    /// What happened.
    #[schema(value_type = String, example = "stocktake")]
    kind: DocumentKind,
    /// What became of each place that it says something of.
    changes: Vec<ChangeView>,
}

/// What a document made of one place, in units on hand.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeView {
    /// The good.
    sku: String,
    /// Where it lies.
    location: String,
    /// Before; none if nothing was known of it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    /// After.
    to: i64,
}

impl DocumentRequest {
    /// The document of this number that `author` says.
    pub(crate) fn read(self, number: String, author: String, now: Timestamp) -> Result<Document, Problem> {
        let at = self.at(now)?;
        let read = self.lines.iter().enumerate().map(|(index, line)| line.read(self.kind, index));
        let lines = together(&self.lines, read.collect::<Result<_, _>>()?);
        check_counted_once(self.kind, &lines)?;
        let reason = one_line("body.reason", self.reason.map(|reason| reason.trim().to_owned()))?;
        Ok(Document { number, kind: self.kind, author, reason, at, lines })
    }

    fn at(&self, now: Timestamp) -> Result<Timestamp, Problem> {
        let wrong = |wrong: &str| Problem::invalid("body.at", wrong);
        match self.at.as_deref().map(Timestamp::parse) {
            None if self.kind == DocumentKind::Stocktake => Err(wrong("a stocktake says when it was counted")),
            None => Ok(now),
            Some(None) => Err(wrong("it is no time of RFC 3339, such as 2026-11-30T18:00:00+05:00")),
            Some(Some(at)) if at > now => Err(wrong(&format!("it is still to come: here it is {now}"))),
            Some(Some(at)) => Ok(at),
        }
    }
}

impl Line {
    fn read(&self, kind: DocumentKind, index: usize) -> Result<DocumentLine, Problem> {
        let invalid = |field: &str, wrong: &str| Problem::in_line(index, field, wrong);
        let location =
            |field: &str, text: &str| LocationId::new(text).map_err(|error| Problem::in_line(index, field, error));
        let sku = self.sku.as_deref().unwrap_or_default();
        let sku = Sku::new(sku).map_err(|error| Problem::in_line(index, "sku", error))?;
        let least = match kind {
            DocumentKind::Correction => -MOST_UNITS,
            DocumentKind::Stocktake => 0,
            DocumentKind::Receipt | DocumentKind::Move | DocumentKind::WriteOff => 1,
        };
        if !(least..=MOST_UNITS).contains(&self.units) {
            return Err(Problem::in_line(index, "units", format!("it takes {least} to {MOST_UNITS}")));
        }
        let to = match (kind, &self.to) {
            (DocumentKind::Move, None) => return Err(invalid("to", "a move says where the goods went")),
            (DocumentKind::Move, Some(to)) if *to == self.location => {
                return Err(invalid("to", "it is where they were"));
            }
            (DocumentKind::Move, Some(to)) => Some(location("to", to)?),
            (_, Some(_)) => return Err(invalid("to", "only a move goes anywhere")),
            (_, None) => None,
        };
        Ok(DocumentLine { sku, location: location("location", &self.location)?, to, units: self.units })
    }
}

/// What is scanned several times at one place is one line.
fn together(said: &[Line], read: Vec<DocumentLine>) -> Vec<DocumentLine> {
    let (mut all, mut scans) = (Vec::<DocumentLine>::new(), BTreeMap::new());
    for (line, read) in said.iter().zip(read) {
        let place = line.barcode.as_ref().map(|_| (read.sku.clone(), read.location.clone(), read.to.clone()));
        let known = place.as_ref().and_then(|place| scans.get(place)).and_then(|index: &usize| all.get_mut(*index));
        match known {
            Some(known) => known.units += read.units,
            None => {
                scans.extend(place.map(|place| (place, all.len())));
                all.push(read);
            }
        }
    }
    all
}

fn check_counted_once(kind: DocumentKind, lines: &[DocumentLine]) -> Result<(), Problem> {
    let mut places = BTreeSet::new();
    let twice =
        lines.iter().find(|line| kind == DocumentKind::Stocktake && !places.insert((&line.sku, &line.location)));
    match twice {
        None => Ok(()),
        Some(line) => {
            let wrong = format!("{} at {} is counted twice; add its units up", line.sku, line.location);
            Err(Problem::invalid("body.lines", wrong))
        }
    }
}

impl DocumentView {
    /// What came of a document.
    pub(crate) fn of(document: &Document, posted: Vec<Posted>) -> Self {
        let change = |Posted { place, from, to }: Posted| ChangeView {
            sku: place.sku.to_string(),
            location: place.location.to_string(),
            from,
            to,
        };
        Self { id: document.name(), kind: document.kind, changes: posted.into_iter().map(change).collect() }
    }
}
