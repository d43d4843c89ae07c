//! Levels: read many, opened and corrected by people; orders change them through [`crate::commit`].

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use edin_domain::offer::Stock;
use edin_domain::order::Place;
use edin_domain::stock::Change;

use crate::access::{Condition, Consistency};
use crate::commit::Stamp;
use crate::item::{LevelItem, level_from, number, string, unreadable, write};
use crate::{Store, StoreError, keys};

/// What opening a level came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// There was none; now there is.
    New,
    /// It was opened with this number before.
    Same,
    /// It had been opened with another number; the difference was added to what is on hand.
    Corrected {
        /// Units added; below zero if taken away.
        by: i64,
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

    /// Opens a level with what a person counted. Saying the same again changes nothing; saying another number corrects what
    /// is on hand by the difference, however much was sold in between.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if two people do it at once.
    pub async fn open_level(&self, place: &Place, opening: i64, stamp: &Stamp) -> Result<Opened, StoreError> {
        let key = keys::level(place);
        let Some(item) = self.get(&self.tables.stock, &key, Consistency::Strong).await? else {
            return self.new_level(place, opening, stamp).await.map(|()| Opened::New);
        };
        let before: i64 = item.get("opening").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0);
        match opening - before {
            0 => Ok(Opened::Same),
            by => self.correct(place, before, by, stamp).await.map(|()| Opened::Corrected { by }),
        }
    }

    async fn new_level(&self, place: &Place, opening: i64, stamp: &Stamp) -> Result<(), StoreError> {
        let key = keys::level(place);
        let level = LevelItem {
            on_hand: opening,
            reserved: 0,
            available: opening,
            version: 1,
            cause: stamp.cause.clone(),
            changed_at: stamp.at,
            opened_at: stamp.at,
            changes: vec![correction(opening)],
        };
        let mut item = write(&key, &level)?;
        item.insert("opening".to_owned(), number(opening));
        self.put_one(&self.tables.stock, item, Condition::New).await
    }

    async fn correct(&self, place: &Place, before: i64, by: i64, stamp: &Stamp) -> Result<(), StoreError> {
        let key = keys::level(place);
        let changes =
            serde_dynamo::to_attribute_value(vec![correction(by)]).map_err(|error| unreadable(&key, error))?;
        let request = self
            .client
            .update_item()
            .table_name(&self.tables.stock)
            .set_key(Some(key.attributes()))
            .update_expression(
                "SET cause = :cause, changed_at = :at, changes = :changes, opening = :opening \
                 ADD on_hand :by, available :by, version :one",
            )
            .condition_expression("opening = :before")
            .expression_attribute_values(":cause", string(stamp.cause.as_str()))
            .expression_attribute_values(":at", number(stamp.at.millis()))
            .expression_attribute_values(":changes", changes)
            .expression_attribute_values(":opening", number(before + by))
            .expression_attribute_values(":before", number(before))
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":one", number(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        request.send().await.map(|_| ()).map_err(|error| StoreError::of("UpdateItem", error))
    }
}

fn correction(on_hand: i64) -> Change {
    Change { order: "opening".to_owned(), on_hand, reserved: 0 }
}
