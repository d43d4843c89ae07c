//! Lists that come in pages.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Client;
use crate::kit::client::ChannelError;
use super::super::facts::POSTINGS_A_PAGE;
use super::super::wire;
use crate::kit::tolerant::{Records, Spoilt};
use crate::kit::client::line::Call;

/// A page of a list.
pub(super) trait Page: DeserializeOwned + Send {
    /// What is listed.
    type Row: Send;

    /// What is on it, and where the next one begins if there is one.
    fn turn(self) -> (Records<Self::Row>, Option<String>);
}

impl Page for wire::Postings {
    type Row = wire::Posting;

    fn turn(self) -> (Records<wire::Posting>, Option<String>) {
        (self.postings, self.has_next.then_some(self.cursor))
    }
}

impl Page for wire::WarehouseStocks {
    type Row = wire::WarehouseStock;

    fn turn(self) -> (Records<wire::WarehouseStock>, Option<String>) {
        (self.stocks, self.has_next.then_some(self.cursor))
    }
}

impl Page for wire::Returns {
    type Row = wire::Return;

    fn turn(self) -> (Records<wire::Return>, Option<String>) {
        let last = self.returns.last_name(|of| of.id.0.clone()).unwrap_or_default();
        (self.returns, self.has_next.then_some(last))
    }
}

/// A request for a page of postings.
pub(super) fn postings(filter: &Value, cursor: &str) -> Value {
    let with = json!({"analytics_data": false, "barcodes": false, "financial_data": false, "legal_info": false});
    json!({"filter": filter, "limit": POSTINGS_A_PAGE, "cursor": cursor, "sort_dir": "ASC", "with": with})
}

/// Half a million postings, five million goods: no shop has so many in what is asked for.
const MOST_PAGES: usize = 5_000;

impl Client {
    /// All pages of a list: what can be read, and what can't. `request` asks for the page that begins at the given place; the first is at the empty one.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if a page says that the next one begins where one began before, or if there is no end:
    /// better no list than a part of it.
    pub(super) async fn all<P: Page>(
        &self,
        call: Call<'static>,
        request: impl Fn(&str) -> Value + Send + Sync,
    ) -> Result<(Vec<P::Row>, Vec<Spoilt>), ChannelError> {
        let (mut rows, mut spoilt, mut place) = (Vec::new(), Vec::new(), String::new());
        let mut places = BTreeSet::from([place.clone()]);
        for _ in 0..MOST_PAGES {
            let page: P = self.ask(call, &request(&place)).await?;
            let (more, next) = page.turn();
            let (good, bad) = more.sorted();
            rows.extend(good);
            spoilt.extend(bad);
            match next {
                None => return Ok((rows, spoilt)),
                Some(next) if places.insert(next.clone()) => place = next,
                Some(next) => {
                    let reason = format!("there are more pages, but the next one begins at {next:?} again");
                    return Err(ChannelError::Unreadable { call: call.name, reason });
                }
            }
        }
        let reason = format!("there are more than {MOST_PAGES} pages");
        Err(ChannelError::Unreadable { call: call.name, reason })
    }
}
