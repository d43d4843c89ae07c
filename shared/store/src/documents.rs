//! Stock documents, each with the levels that it moves in one transaction. A long one is several, each harmless to repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use edin_domain::bundle::Kind;
use edin_domain::document::{Book, Document, DocumentKind, DocumentLine, book_at};
use edin_domain::offer::Stock;
use edin_domain::stock::{Change, Entry, Level, Place};
use edin_domain::{Cause, LocationId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::Consistency;
use crate::commit::Stamp;
use crate::item::{LevelItem, number, read, string, unreadable, write};
use crate::keys::Key;
use crate::{Store, StoreError, keys};

/// What a document did to one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The level that it changed.
    #[serde(flatten, with = "PlaceItem")]
    pub place: Place,
    /// Units on hand before; none if there was no level.
    pub from: Option<i64>,
    /// Units on hand after.
    pub to: i64,
}

/// A place as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Place")]
struct PlaceItem {
    sku: Sku,
    location: LocationId,
}

/// Why a document can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The table couldn't be read or written. The same document once more goes on from where this one stopped.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Less would be left than nothing.
    #[error("{} of {} lie at {}, fewer than {wanted}", .on_hand, .place.sku, .place.location)]
    NotThatMany {
        /// The place that hasn't so many.
        place: Place,
        /// Units that lie there.
        on_hand: i64,
        /// Units that shall go.
        wanted: i64,
    },
    /// Nothing is known of so early a time.
    #[error("{} at {} was counted before anything was known of it there", .0.sku, .0.location)]
    CountedTooEarly(Place),
    /// The ledger isn't written up to the count.
    #[error("the ledger of {} at {} is not written up to the count yet; try again in a minute, while edin is up", .0.sku, .0.location)]
    LedgerBehind(Place),
    /// It speaks of what nobody imported, or of a bundle.
    #[error("there is no {0} with a stock of its own; import it first")]
    NoStockOf(Sku),
    /// Another document has its number.
    #[error("another one has the number {0:?} already; give this one a number of its own")]
    NumberTaken(String),
}

/// A part of a document, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct PartItem {
    kind: String,
    author: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    at: Timestamp,
    posted_at: Timestamp,
    cause: Cause,
    /// Of the whole document, so that another one of the same number is told from this one.
    lines_in_all: usize,
    lines: Vec<DocumentLine>,
    posted: Vec<Posted>,
    listed_under: String,
    listed_as: String,
}

/// All documents are listed under this, by time.
const DOCUMENTS: &str = "DOCUMENTS";
/// A transaction holds a hundred items: the part, and two levels a line if it is a move.
const LINES_A_PART: usize = 45;
/// How often a part that met another change is worked out anew.
const ATTEMPTS: u32 = 8;
/// Rows of the ledger that are read at once.
const ROWS: usize = 100;

/// A part of a document on its way into the tables.
struct Part<'a> {
    document: &'a Document,
    number: usize,
    lines: &'a [DocumentLine],
}

impl Part<'_> {
    fn key(&self) -> Key {
        keys::document(self.document.kind, &self.document.number, self.number)
    }

    fn places(&self) -> BTreeSet<Place> {
        self.lines.iter().flat_map(DocumentLine::places).collect()
    }

    fn is(&self, item: &PartItem) -> bool {
        let Document { kind, at, lines, .. } = self.document;
        let is_of_its_time = *kind != DocumentKind::Stocktake || item.at == *at;
        is_of_its_time && item.lines_in_all == lines.len() && item.lines == self.lines
    }
}

/// What a part shall do.
struct Plan {
    levels: Stock,
    changes: BTreeMap<Place, i64>,
}

impl Plan {
    /// Each level before and after.
    fn posted(&self) -> Vec<Posted> {
        let posted = |(place, by): (&Place, &i64)| {
            let from = self.levels.level(place).map(|level| level.on_hand);
            Posted { place: place.clone(), from, to: from.unwrap_or(0) + by }
        };
        self.changes.iter().map(posted).collect()
    }
}

impl Store {
    /// Takes a document: all its lines, or none if one of them can't be. Taken again, it changes nothing and says what it did.
    ///
    /// # Errors
    /// [`PostError`]. After a [`StoreError`] a part of a long document may be taken: take it again.
    pub async fn post(&self, document: &Document, stamp: &Stamp) -> Result<Vec<Posted>, PostError> {
        let chunks = document.lines.chunks(LINES_A_PART).enumerate();
        let parts: Vec<Part<'_>> = chunks.map(|(number, lines)| Part { document, number, lines }).collect();
        for part in &parts {
            if self.known_part(part).await?.is_none() {
                self.check_goods(part).await?;
                self.plan(part).await?;
            }
        }
        let mut posted = Vec::new();
        for part in &parts {
            posted.extend(self.post_part(part, stamp).await?);
        }
        Ok(posted)
    }

    async fn post_part(&self, part: &Part<'_>, stamp: &Stamp) -> Result<Vec<Posted>, PostError> {
        let mut attempt = 0;
        loop {
            if let Some(posted) = self.known_part(part).await? {
                return Ok(posted);
            }
            let plan = self.plan(part).await?;
            match self.all_or_nothing(self.writes(part, &plan, stamp)?).await {
                Ok(()) => return Ok(plan.posted()),
                Err(StoreError::Stale { .. } | StoreError::Busy { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
        }
    }

    /// What a part did, if it was taken before.
    async fn known_part(&self, part: &Part<'_>) -> Result<Option<Vec<Posted>>, PostError> {
        let Some(item) = self.get(&self.tables.stock, &part.key(), Consistency::Strong).await? else { return Ok(None) };
        let item: PartItem = read(item)?;
        match part.is(&item) {
            true => Ok(Some(item.posted)),
            false => Err(PostError::NumberTaken(part.document.number.clone())),
        }
    }

    /// A document is about goods that are known and have a stock of their own.
    async fn check_goods(&self, part: &Part<'_>) -> Result<(), PostError> {
        let skus: BTreeSet<Sku> = part.lines.iter().map(|line| line.sku.clone()).collect();
        let known = self.products(skus.clone()).await?;
        let has_stock = |sku: &Sku| known.get(sku).is_some_and(|product| product.kind == Kind::Simple);
        match skus.into_iter().find(|sku| !has_stock(sku)) {
            Some(sku) => Err(PostError::NoStockOf(sku)),
            None => Ok(()),
        }
    }

    async fn plan(&self, part: &Part<'_>) -> Result<Plan, PostError> {
        let kind = part.document.kind;
        let levels = self.levels(part.places()).await?;
        let mut on_hand = BTreeMap::new();
        if kind == DocumentKind::Stocktake {
            for place in part.places() {
                let units = self.on_hand_at(levels.level(&place), &place, part.document.at).await?;
                on_hand.insert(place, units);
            }
        }
        let changes = kind.changes(part.lines, |place| on_hand.get(place).copied().unwrap_or(0));
        if matches!(kind, DocumentKind::WriteOff | DocumentKind::Move) {
            check(&levels, &changes)?;
        }
        Ok(Plan { levels, changes })
    }

    /// What the books say was on hand at a time.
    async fn on_hand_at(&self, level: Option<&Level>, place: &Place, at: Timestamp) -> Result<i64, PostError> {
        let level = match level {
            None => return Ok(0),
            Some(level) if level.changed_at <= at => return Ok(level.on_hand),
            Some(level) => level,
        };
        let mut count = ROWS;
        loop {
            let rows = self.ledger_end(place, count).await?;
            if rows.first().is_none_or(|row| row.version < level.version) || has_gap(&rows) {
                return Err(PostError::LedgerBehind(place.clone()));
            }
            match book_at(&rows, at) {
                Book::OnHand(units) => return Ok(units),
                Book::NotOpened => return Err(PostError::CountedTooEarly(place.clone())),
                Book::Older => count = more(count, &rows).ok_or_else(|| PostError::LedgerBehind(place.clone()))?,
            }
        }
    }

    fn writes(&self, part: &Part<'_>, plan: &Plan, stamp: &Stamp) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = vec![self.put_part(part, plan, stamp)?];
        for (place, by) in &plan.changes {
            let note = Change { order: part.document.name(), on_hand: *by, reserved: 0 };
            match plan.levels.level(place) {
                Some(_) if *by == 0 => {}
                Some(level) => writes.push(self.change(level, note, stamp)?),
                None => writes.push(self.open(place, note, stamp)?),
            }
        }
        Ok(writes)
    }

    fn put_part(&self, part: &Part<'_>, plan: &Plan, stamp: &Stamp) -> Result<TransactWriteItem, StoreError> {
        let Document { number, kind, author, reason, at, lines } = part.document;
        let item = PartItem {
            kind: kind.name().to_owned(),
            author: author.clone(),
            reason: reason.clone(),
            at: *at,
            posted_at: stamp.at,
            cause: stamp.cause.clone(),
            lines_in_all: lines.len(),
            lines: part.lines.to_vec(),
            posted: plan.posted(),
            listed_under: DOCUMENTS.to_owned(),
            listed_as: format!("{:015}#{number}#{:04}", at.millis(), part.number),
        };
        let key = part.key();
        let put = Put::builder().table_name(&self.tables.stock).set_item(Some(write(&key, &item)?));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| unreadable(&key, error))?).build())
    }

    fn change(&self, level: &Level, note: Change, stamp: &Stamp) -> Result<TransactWriteItem, StoreError> {
        let key = keys::level(&level.place);
        let by = note.on_hand;
        let changes = serde_dynamo::to_attribute_value(vec![note]).map_err(|error| unreadable(&key, error))?;
        let update = Update::builder()
            .table_name(&self.tables.stock)
            .set_key(Some(key.attributes()))
            .update_expression(
                "SET cause = :cause, changed_at = :at, changes = :changes \
                 ADD on_hand :by, available :by, version :one",
            )
            .condition_expression("version = :before")
            .expression_attribute_values(":cause", string(stamp.cause.as_str()))
            .expression_attribute_values(":at", number(stamp.at.millis()))
            .expression_attribute_values(":changes", changes)
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":before", number(level.version))
            .build()
            .map_err(|error| unreadable(&key, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn open(&self, place: &Place, note: Change, stamp: &Stamp) -> Result<TransactWriteItem, StoreError> {
        let key = keys::level(place);
        let item = write(&key, &LevelItem::opened(note, stamp))?;
        let put = Put::builder().table_name(&self.tables.stock).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| unreadable(&key, error))?).build())
    }
}

/// How many rows to read instead, unless there were fewer than asked for.
fn more(count: usize, rows: &[Entry]) -> Option<usize> {
    (rows.len() >= count).then(|| count.saturating_mul(10))
}

/// Nobody can take what isn't there.
fn check(levels: &Stock, changes: &BTreeMap<Place, i64>) -> Result<(), PostError> {
    for (place, by) in changes.iter().filter(|(_, by)| **by < 0) {
        let on_hand = levels.level(place).map_or(0, |level| level.on_hand);
        if on_hand + by < 0 {
            return Err(PostError::NotThatMany { place: place.clone(), on_hand, wanted: -by });
        }
    }
    Ok(())
}

fn has_gap(rows: &[Entry]) -> bool {
    rows.iter().zip(rows.iter().skip(1)).any(|(later, earlier)| later.version != earlier.version + 1)
}
