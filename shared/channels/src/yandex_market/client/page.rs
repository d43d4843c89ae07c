//! Lists that come in pages.

use reqwest::Method;
use serde_json::Value;

use super::super::facts::{ORDERS_A_PAGE, RETURNS_A_PAGE};
use super::super::wire;
use super::Client;
use crate::kit::client::ChannelError;
use crate::kit::client::line::Call;
use crate::kit::client::pages::{Page, Pages, Rows, turned};
use crate::kit::tolerant::Records;

/// A list of the Market's.
pub(super) trait List: Page {
    /// How many are on a page at most.
    const LENGTH: usize;
}

impl List for wire::Orders {
    const LENGTH: usize = ORDERS_A_PAGE;
}

impl List for wire::Answer<wire::Returns> {
    const LENGTH: usize = RETURNS_A_PAGE;
}

impl Page for wire::Orders {
    type Row = wire::Order;

    fn turn(self) -> (Records<wire::Order>, Option<String>) {
        (self.orders, self.paging.next())
    }
}

impl Page for wire::Answer<wire::Returns> {
    type Row = wire::Return;

    fn turn(self) -> (Records<wire::Return>, Option<String>) {
        (self.result.returns, self.result.paging.next())
    }
}

/// A list that is asked for, without the page.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) call: Call<'static>,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

/// A hundred thousand orders: no shop has so many in what is asked for.
const MOST_PAGES: usize = 2_000;

impl Client {
    /// The page of a list that begins `at` a place, and where the next one begins if there is one.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if it says that the next one begins there too.
    pub(super) async fn page<P: List>(
        &self,
        question: &Question,
        at: &str,
    ) -> Result<(Rows<P>, Option<String>), ChannelError> {
        let Question { call, method, path, query, body } = question;
        let mut query: Vec<_> = query.iter().map(|(name, value)| (*name, value.clone())).collect();
        query.push(("limit", P::LENGTH.to_string()));
        if !at.is_empty() {
            query.push(("pageToken", at.to_owned()));
        }
        let request = self.line.request(method.clone(), path).query(&query);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        turned(call.name, self.ask::<P>(*call, request).await?, at)
    }

    /// All pages of a list.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if a page says that the next one begins where one began before, or if there is no end:
    /// better no list than a part of it.
    pub(super) async fn all<P: List>(&self, question: &Question) -> Result<Rows<P>, ChannelError> {
        let mut pages = Pages::<P>::of(question.call.name, MOST_PAGES);
        loop {
            let page = self.page::<P>(question, pages.at()).await?;
            if let Some(rows) = pages.add(page)? {
                return Ok(rows);
            }
        }
    }
}
