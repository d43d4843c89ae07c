//! Lists that come in pages.

use std::collections::BTreeSet;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::facts::{ORDERS_A_PAGE, RETURNS_A_PAGE};
use super::super::wire;
use super::Client;
use crate::kit::client::ChannelError;
use crate::kit::client::line::Call;
use crate::kit::tolerant::{Records, Spoilt};

/// A page of a list.
pub(super) trait Page: DeserializeOwned + Send {
    /// What is listed.
    type Row: Send;
    /// How many at most.
    const LENGTH: usize;

    /// What is on it, and where the next one begins if there is one.
    fn turn(self) -> (Records<Self::Row>, Option<String>);
}

impl Page for wire::Orders {
    type Row = wire::Order;
    const LENGTH: usize = ORDERS_A_PAGE;

    fn turn(self) -> (Records<wire::Order>, Option<String>) {
        (self.orders, self.paging.next())
    }
}

impl Page for wire::Answer<wire::Returns> {
    type Row = wire::Return;
    const LENGTH: usize = RETURNS_A_PAGE;

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

/// What of a list can be read, and what can't.
pub(super) type Rows<P> = (Vec<<P as Page>::Row>, Vec<Spoilt>);

/// A hundred thousand orders: no shop has so many in what is asked for.
const MOST_PAGES: usize = 2_000;

impl Client {
    /// The page of a list that begins `at` a place, and where the next one begins if there is one.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if it says that the next one begins there too.
    pub(super) async fn page<P: Page>(
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
        let (rows, next) = self.ask::<P>(*call, request).await?.turn();
        match next {
            Some(next) if next == at => Err(again(*call, &next)),
            next => Ok((rows.sorted(), next)),
        }
    }

    /// All pages of a list.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if a page says that the next one begins where one began before, or if there is no end:
    /// better no list than a part of it.
    pub(super) async fn all<P: Page>(&self, question: &Question) -> Result<Rows<P>, ChannelError> {
        let (mut rows, mut spoilt, mut at) = (Vec::new(), Vec::new(), String::new());
        let mut places = BTreeSet::from([at.clone()]);
        for _ in 0..MOST_PAGES {
            let ((good, bad), next) = self.page::<P>(question, &at).await?;
            rows.extend(good);
            spoilt.extend(bad);
            match next {
                None => return Ok((rows, spoilt)),
                Some(next) if places.insert(next.clone()) => at = next,
                Some(next) => return Err(again(question.call, &next)),
            }
        }
        let reason = format!("there are more than {MOST_PAGES} pages");
        Err(ChannelError::Unreadable { call: question.call.name, reason })
    }
}

fn again(call: Call<'static>, next: &str) -> ChannelError {
    let reason = format!("there are more pages, but the next one begins at {next:?} again");
    ChannelError::Unreadable { call: call.name, reason }
}
