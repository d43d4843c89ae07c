//! Lists that come in pages.

use serde_json::{Value, json};

use super::super::facts::{POSTINGS_A_PAGE, RETURNS_A_PAGE};
use super::super::wire;
use super::Client;
use crate::kit::client::ChannelError;
use crate::kit::client::line::Call;
use crate::kit::client::pages::{Page, Pages, Rows, turned};
use crate::kit::tolerant::Records;

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

/// A request for a page of returns. The first is at the empty place, which Ozon calls 0.
pub(super) fn returns(filter: &Value, last: &str) -> Value {
    json!({"filter": filter, "limit": RETURNS_A_PAGE, "last_id": last.parse::<i64>().unwrap_or(0)})
}

/// Half a million postings, five million goods: no shop has so many in what is asked for.
const MOST_PAGES: usize = 5_000;

impl Client {
    /// The page of a list that begins `at` a place, and where the next one begins if there is one.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if it says that the next one begins there too.
    pub(super) async fn page<P: Page>(
        &self,
        call: Call<'static>,
        request: &Value,
        at: &str,
    ) -> Result<(Rows<P>, Option<String>), ChannelError> {
        turned(call.name, self.ask::<P>(call, request).await?, at)
    }

    /// All pages of a list. `request` asks for the page that begins at the given place; the first is at the empty one.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if a page says that the next one begins where one began before, or if there is no end:
    /// better no list than a part of it.
    pub(super) async fn all<P: Page>(
        &self,
        call: Call<'static>,
        request: impl Fn(&str) -> Value + Send + Sync,
    ) -> Result<Rows<P>, ChannelError> {
        let mut pages = Pages::<P>::of(call.name, MOST_PAGES);
        loop {
            let page = self.page::<P>(call, &request(pages.at()), pages.at()).await?;
            if let Some(rows) = pages.add(page)? {
                return Ok(rows);
            }
        }
    }
}
