//! Levels: read many, opened by people. Orders change them through [`crate::commit`], people through [`crate::documents`].

use edin_domain::offer::Stock;
use edin_domain::stock::{Change, Place};

use crate::access::{Condition, Consistency};
use crate::catalogue::Batch;
use crate::commit::Stamp;
use crate::item::{Item, LevelItem, level_from, number, write};
use crate::{Store, StoreError, keys};

/// What became of a level that an import says to begin with so many units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// There was none; now there is.
    New,
    /// It was opened with this number before, and nothing is done.
    Same,
    /// It began otherwise, and nothing is done.
    Otherwise {
        /// Units that lie there by now.
        on_hand: i64,
    },
}

impl Store {
    /// The levels of these places that exist, as they are now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn levels(&self, of: impl IntoIterator<Item = Place>) -> Result<Stock, StoreError> {
        let keys = of.into_iter().map(|place| keys::level(&place));
        let items = self.get_many(&self.tables.stock, keys, Consistency::Strong).await?;
        items.into_iter().map(level_from).collect()
    }

    /// Opens a level with what lies there. Where there is one already, nothing is done: what has moved since isn't known to who
    /// says it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_level(
        &self,
        batch: &Batch,
        place: &Place,
        opening: i64,
        stamp: &Stamp,
    ) -> Result<Opened, StoreError> {
        let key = keys::level(place);
        let opened = Change { order: "opening".to_owned(), on_hand: opening, reserved: 0 };
        let mut read = batch.item(&key);
        loop {
            let known = match read.take() {
                Some(item) => item.cloned(),
                None => self.get(&self.tables.stock, &key, Consistency::Strong).await?,
            };
            if let Some(known) = known {
                return opened_before(known, opening);
            }
            let mut item = write(&key, &LevelItem::opened(opened.clone(), stamp))?;
            item.insert(OPENING.to_owned(), number(opening));
            match self.put_one(&self.tables.stock, item, Condition::New).await {
                Ok(()) => return Ok(Opened::New),
                Err(StoreError::Stale { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The attribute that says with what a level was opened.
const OPENING: &str = "opening";

fn opened_before(known: Item, opening: i64) -> Result<Opened, StoreError> {
    let before: Option<i64> = known.get(OPENING).and_then(|value| value.as_n().ok()?.parse().ok());
    match before {
        Some(before) if before == opening => Ok(Opened::Same),
        _ => Ok(Opened::Otherwise { on_hand: level_from(known)?.on_hand }),
    }
}
