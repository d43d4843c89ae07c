//! The list of cards: `02-items.yaml`, `/content/v2/get/cards/list`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use edin_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{Account, Card, Shop};
use super::refusal::{Blame, Reason, Refusal};

const MOST: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    settings: Settings,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Settings {
    sort: Sort,
    filter: Filter,
    cursor: Cursor,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sort {
    ascending: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Filter {
    with_photo: i8,
    text_search: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cursor {
    limit: Option<usize>,
    updated_at: Option<String>,
    #[serde(rename = "nmID")]
    nm_id: Option<u64>,
}

/// Cards by when they changed and `nmID`; go on after the cursor.
pub(super) async fn list(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let Wanted { settings } = serde_json::from_slice(&body).map_err(|error| refused(&error.to_string()))?;
    let limit = settings.cursor.limit.unwrap_or(10);
    if !(1..=MOST).contains(&limit) {
        return Err(refused(&format!("cursor.limit {limit}")));
    }
    let after = settings.cursor.position()?;
    let account = shop.account();
    let mut cards: Vec<_> = account.by_change().into_iter().filter(|(_, sizes)| settings.filter.lets(sizes)).collect();
    if !settings.sort.ascending {
        cards.reverse();
    }
    let is_left =
        |at: &Position| after.is_none_or(|after| if settings.sort.ascending { *at > after } else { *at < after });
    let page: Vec<_> = cards.into_iter().filter(|(at, _)| is_left(at)).take(limit).collect();
    let (updated_at, nm_id) = page.last().map_or((String::new(), 0), |((at, nm_id), _)| (at.to_string(), *nm_id));
    let total = page.len();
    let cards: Vec<Value> = page.iter().map(|(at, sizes)| card(*at, sizes)).collect();
    Ok(Json(json!({ "cards": cards, "cursor": { "updatedAt": updated_at, "nmID": nm_id, "total": total } })))
}

type Position = (Timestamp, u64);

impl Cursor {
    fn position(&self) -> Result<Option<Position>, Refusal> {
        let Some(text) = self.updated_at.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let at = Timestamp::parse(text).ok_or_else(|| refused(&format!("cursor.updatedAt {text}")))?;
        Ok(Some((at, self.nm_id.unwrap_or(0))))
    }
}

impl Filter {
    /// No card has a photo. 0 means any card since 2026-06-16, like -1.
    fn lets(&self, sizes: &[&Card]) -> bool {
        let found = |card: &&Card| {
            [&card.vendor_code, &card.barcode, &card.nm_id.to_string()].iter().any(|text| **text == self.text_search)
        };
        self.with_photo != 1 && (self.text_search.is_empty() || sizes.iter().any(found))
    }
}

impl Account {
    fn by_change(&self) -> BTreeMap<Position, Vec<&Card>> {
        let mut sizes: BTreeMap<u64, (Timestamp, Vec<&Card>)> = BTreeMap::new();
        for kept in self.cards.values() {
            let card = sizes.entry(kept.card.nm_id).or_insert((kept.at, Vec::new()));
            card.0 = card.0.max(kept.at);
            card.1.push(&kept.card);
        }
        sizes.into_iter().map(|(nm_id, (at, sizes))| ((at, nm_id), sizes)).collect()
    }
}

fn card((at, nm_id): Position, sizes: &[&Card]) -> Value {
    let size = |card: &&Card| json!({ "chrtID": card.chrt_id, "techSize": "0", "wbSize": "", "skus": [card.barcode] });
    let vendor_code = sizes.first().map(|card| card.vendor_code.as_str());
    json!({
        "nmID": nm_id,
        "imtID": nm_id,
        "nmUUID": format!("01bda0b1-5c0b-736c-b2be-{nm_id:012x}"),
        "subjectID": 7771,
        "subjectName": "Товары",
        "vendorCode": vendor_code,
        "brand": "",
        "title": vendor_code,
        "description": "",
        "needKiz": false,
        "kizMarked": false,
        "photos": [],
        "video": "",
        "dimensions": { "length": 10, "width": 10, "height": 10, "weightBrutto": 1, "isValid": true },
        "characteristics": [],
        "sizes": sizes.iter().map(size).collect::<Vec<_>>(),
        "tags": [],
        "createdAt": at.to_string(),
        "updatedAt": at.to_string(),
    })
}

fn refused(text: &str) -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        body: json!({ "data": null, "error": true, "errorText": text, "additionalErrors": null }),
        reason: Reason { blame: Blame::Caller, text: text.to_owned() },
    }
}
