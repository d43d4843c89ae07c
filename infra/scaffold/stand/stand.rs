//! New Channel as one stand-in among others.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use super::NewChannel;
use crate::stand::{
    Addresses, Baskets, Cannot, Enrolment, Opened, Opening, Refusals, Returns, SELLER, Splits, Stand, Warehouse,
};
use crate::{Faults, Good, Journal, Pace, Sale, SoldOut};

/// Opens it.
pub(crate) async fn open(opening: Opening) -> std::io::Result<Opened> {
    Ok(Arc::new(NewChannel::start(opening).await?))
}

#[async_trait]
impl Stand for NewChannel {
    fn channel(&self) -> ChannelName {
        ChannelName::of("new_channel")
    }

    fn url(&self) -> String {
        self.0.server.url().to_owned()
    }

    fn router(&self) -> Router {
        self.0.server.router()
    }

    // fill in: the account, the keys and the warehouses as the channel's own folder reads them; calls with other keys are refused.
    fn enrolment(&self) -> Enrolment {
        let warehouse = |name: &str, locations| Warehouse { name: name.to_owned(), locations };
        Enrolment {
            connection: "new-channel-main",
            account: Account::of(self.channel()).with("shop", SELLER),
            secrets: BTreeMap::from([("token", "simulated-token".to_owned())]),
            warehouses: vec![warehouse("first", &["almaty"]), warehouse("second", &["astana"])],
        }
    }

    // fill in: keeps where its calls go, or where the list is that it pulls.
    fn dial(&self, _: Addresses) {}

    // fill in: puts a good on the shelf, under the channel's own ids.
    fn list(&self, _: &Good) {}

    // fill in: a column for each id of facts.rs.
    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("sku", good.sku.clone())])
    }

    fn calls(&self, good: &Good) -> String {
        good.sku.clone()
    }

    // fill in: what buyers see.
    fn shown(&self, _: &Good, _: &str) -> Option<u32> {
        None
    }

    // fill in: what was ordered.
    fn orders(&self) -> Vec<String> {
        Vec::new()
    }

    // fill in: takes a unit off the shelf, keeps the order, and calls the seller's side if the channel does.
    async fn buy(&self, _: &Good, _: &str) -> Result<Sale, SoldOut> {
        Err(SoldOut)
    }

    // fill in: what the channel does by itself in time; nothing is `Ok(())`.
    async fn step(&self) -> Result<(), String> {
        Err("fill in infra/simulators/src/new_channel first: its `fill in:` say what to look up".to_owned())
    }

    // fill in: this and the next three, by the statuses that its documents have.
    async fn cancel(&self, _: &str) -> bool {
        false
    }

    async fn pack(&self, _: &str) -> bool {
        false
    }

    async fn ship(&self, _: &str) -> bool {
        false
    }

    async fn deliver(&self, _: &str) -> bool {
        false
    }

    // fill in: whether an order may be of several units or goods: `Ok(self)`, or why not. The same of the next three.
    fn baskets(&self) -> Result<&dyn Baskets, Cannot> {
        Err(Cannot("not looked up yet"))
    }

    fn returns(&self) -> Result<&dyn Returns, Cannot> {
        Err(Cannot("not looked up yet"))
    }

    fn splits(&self) -> Result<&dyn Splits, Cannot> {
        Err(Cannot("not looked up yet"))
    }

    fn refusals(&self) -> Result<&dyn Refusals, Cannot> {
        Err(Cannot("not looked up yet"))
    }

    // fill in: the most orders that one answer has.
    fn page(&self) -> usize {
        1
    }

    fn faults(&self, change: &mut dyn FnMut(&mut Faults)) {
        change(&mut self.account().faults);
    }

    fn journal(&self) -> Journal {
        self.account().journal.clone()
    }

    // fill in: how often it lets itself be told a number, by its documents; nothing if it pulls.
    fn pace(&self) -> Option<Pace> {
        None
    }

    fn snapshot(&self) -> Value {
        serde_json::to_value(&self.account().journal).unwrap_or_default()
    }
}
