//! The stock table's stream: its records' items, as Lambda hands them over.

use serde_dynamo::AttributeValue;

use crate::Item;

/// The text of an attribute; none if it is none.
#[must_use]
pub fn text<'a>(item: &'a serde_dynamo::Item, name: &str) -> Option<&'a str> {
    match item.inner().get(name)? {
        AttributeValue::S(text) => Some(text),
        _ => None,
    }
}

/// An image as the store reads items; none if the record has none.
#[must_use]
pub fn image(image: &serde_dynamo::Item) -> Option<Item> {
    let attributes = image.inner().iter().map(|(name, value)| (name.clone(), value.clone().into()));
    Some(attributes.collect()).filter(|item: &Item| !item.is_empty())
}
