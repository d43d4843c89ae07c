//! Cards: where barcodes and the seller's articles become the number that stock is kept by. No method looks one up.

use edin_domain::Article;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::calls::{Client, call};
use super::facts::{CARDS_A_PAGE, CONTENT};
use super::wire;
use crate::kit::client::ChannelError;

/// Where cards are: dev.wildberries.ru/openapi/work-with-products, 2026-08-18.
const CONTENT_ADDRESS: &str = "https://content-api.wildberries.ru";

const CARDS_CALL: &str = "POST /content/v2/get/cards/list";
/// A hundred thousand cards at once.
const MOST_PAGES: usize = 1_000;

/// One size of one card: what is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The number that stock is written by.
    pub chrt_id: Article,
    /// Its barcodes.
    pub barcodes: Vec<Article>,
    /// The seller's own article, the same for all sizes of a card.
    pub vendor_code: Option<Article>,
}

/// How far the cards were read, in the order in which they last changed. Who keeps it reads only changes the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCursor {
    /// When the last card changed, as Wildberries wrote it.
    pub updated_at: Option<String>,
    /// The last card.
    pub nm_id: Option<u64>,
}

impl Client {
    /// The cards that are new or changed since `from`, or all of them, and where to go on. If the limit stops it half-way,
    /// or there are very many, that is what was read so far: ask again from the cursor until it stays where it is.
    ///
    /// # Errors
    /// [`ChannelError`] of the first page; of a later one if it isn't the limit.
    pub async fn cards(&self, from: Option<CardCursor>) -> Result<(Vec<Card>, CardCursor), ChannelError> {
        let (mut cards, mut cursor) = (Vec::new(), from.unwrap_or_default());
        for _ in 0..MOST_PAGES {
            let page = match self.card_page(&cursor).await {
                Err(ChannelError::Held { .. }) if !cards.is_empty() => return Ok((cards, cursor)),
                page => page?,
            };
            let end = after(&cursor, &page.cursor);
            cards.extend(page.cards.readable("a card").into_iter().flat_map(sizes));
            match page.cursor.total < CARDS_A_PAGE {
                true => return Ok((cards, end)),
                false if end == cursor => return Err(stuck(&cursor)),
                false => cursor = end,
            }
        }
        Ok((cards, cursor))
    }

    async fn card_page(&self, from: &CardCursor) -> Result<wire::Cards, ChannelError> {
        let request = self.line.at(CONTENT_ADDRESS).request(Method::POST, "/content/v2/get/cards/list");
        self.ask(call(CARDS_CALL, &CONTENT), request.json(&query(from))).await
    }
}

fn query(from: &CardCursor) -> wire::CardQuery {
    let cursor = wire::CardFrom { limit: CARDS_A_PAGE, updated_at: from.updated_at.clone(), nm_id: from.nm_id };
    let (sort, filter) = (wire::CardSort { ascending: true }, wire::CardFilter { with_photo: -1 });
    wire::CardQuery { settings: wire::CardSettings { sort, filter, cursor } }
}

fn sizes(card: wire::CardOnWire) -> impl Iterator<Item = Card> {
    let vendor_code = Article::new(&card.vendor_code).ok();
    card.sizes.readable("a size of a card").into_iter().filter_map(move |size| {
        let barcodes = size.skus.iter().filter_map(|barcode| Article::new(barcode).ok()).collect();
        Some(Card { chrt_id: Article::new(&size.chrt_id.0).ok()?, barcodes, vendor_code: vendor_code.clone() })
    })
}

/// Where a page that began at `from` ends; at `from` if there was nothing on it.
fn after(from: &CardCursor, end: &wire::CardsEnd) -> CardCursor {
    match (&end.updated_at, end.nm_id) {
        (Some(updated_at), Some(nm_id)) if end.total > 0 => {
            CardCursor { updated_at: Some(updated_at.clone()), nm_id: Some(nm_id) }
        }
        _ => from.clone(),
    }
}

fn stuck(cursor: &CardCursor) -> ChannelError {
    ChannelError::Unreadable { call: CARDS_CALL, reason: format!("the cursor does not move on from {cursor:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(updated_at: &str, nm_id: u64) -> CardCursor {
        CardCursor { updated_at: Some(updated_at.to_owned()), nm_id: Some(nm_id) }
    }

    #[test]
    fn the_first_page_is_asked_for_without_marks_and_the_next_with_those_of_the_answer() {
        insta::assert_snapshot!(
            serde_json::to_string(&query(&CardCursor::default())).unwrap(),
            @r#"{"settings":{"sort":{"ascending":true},"filter":{"withPhoto":-1},"cursor":{"limit":100}}}"#
        );
        insta::assert_snapshot!(
            serde_json::to_string(&query(&cursor("2026-11-20T09:15:00.1Z", 700)).settings.cursor).unwrap(),
            @r#"{"limit":100,"updatedAt":"2026-11-20T09:15:00.1Z","nmID":700}"#
        );
    }

    #[test]
    fn every_size_of_a_card_is_a_good_of_its_own() {
        let page: wire::Cards = crate::kit::tolerant::read(include_bytes!("samples/cards.json").as_slice()).unwrap();
        let end = after(&CardCursor::default(), &page.cursor);
        let cards: Vec<Card> = page.cards.sorted().0.into_iter().flat_map(sizes).collect();
        let names: Vec<_> = cards.iter().map(|card| (card.chrt_id.as_str(), card.barcodes.len())).collect();
        assert_eq!(names, [("7001", 1), ("7002", 2)]);
        assert_eq!(end, cursor("2026-11-20T09:15:00Z", 700));
    }

    #[test]
    fn an_empty_page_leaves_the_cursor_where_it_was() {
        let end = wire::CardsEnd { updated_at: Some(String::new()), nm_id: Some(0), total: 0 };
        assert_eq!(after(&cursor("2026-11-20T09:15:00Z", 700), &end), cursor("2026-11-20T09:15:00Z", 700));
    }
}
