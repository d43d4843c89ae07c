//! What every stand-in can do, whatever its channel: code that treats channels alike names none.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use edin_domain::{Account, ChannelName};
use serde_json::Value;

use crate::{Faults, Good, Journal, Network, Pace, Sale, SoldOut, Uptake};

/// The seller of every stand-in, as the channels number them.
pub const SELLER: &str = "30000001";

/// How a stand-in is opened.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// The loopback port; 0 takes any free one.
    pub port: u16,
    /// How it is reached, and reaches the seller.
    pub network: Network,
    /// An earlier [`Stand::snapshot`] to go on from.
    pub state: Option<Value>,
    /// Whether units of a cancelled order are shown again at once, where the channel's texts leave that open.
    pub gives_back_cancelled: bool,
    /// User name and password of the list that a channel pulls, if it is behind one.
    pub list_login: Option<(String, String)>,
}

/// The seller's connection to a stand-in, as they would write it down.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// What the seller calls it.
    pub connection: &'static str,
    /// Which account it is.
    pub account: Account,
    /// The credentials that it takes, by the names that the channel's facts have for them.
    pub secrets: BTreeMap<&'static str, String>,
    /// The seller's warehouses there.
    pub warehouses: Vec<Warehouse>,
}

/// A warehouse as a channel knows it.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// The channel's name or number of it.
    pub name: String,
    /// The locations that it sells from, the preferred one first.
    pub locations: &'static [&'static str],
}

/// Where the seller's side is: what is entered in a channel's cabinet.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// Where pushes go; none where the channel makes none.
    pub hook: Option<String>,
    /// What it signs them with, where the seller enters that too.
    pub secret: Option<String>,
    /// Where the list is that the channel pulls; none where it pulls none.
    pub list: Option<String>,
}

/// A channel can't do something, because of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cannot(pub &'static str);

impl std::error::Error for Cannot {}

impl fmt::Display for Cannot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A channel's stand-in: its server, its buyers, and the seller's cabinet there. What a channel can't do is absent, with a reason.
#[async_trait]
pub trait Stand: Any + Send + Sync {
    /// Which channel it stands in for.
    fn channel(&self) -> ChannelName;

    /// Where it is, such as `http://127.0.0.1:40123`.
    fn url(&self) -> String;

    /// What answers its calls.
    fn router(&self) -> Router;

    /// How the seller connects to it.
    fn enrolment(&self) -> Enrolment;

    /// Enters in the cabinet where the seller's side is.
    fn dial(&self, addresses: Addresses);

    /// Puts a good on its shelf, under the channel's own ids. One that pulls lists learns of goods by those.
    fn list(&self, good: &Good);

    /// What a catalogue says of a good's listing there, by column: the ids that the channel's facts name, and a price where it
    /// is told one.
    fn columns(&self, good: &Good) -> BTreeMap<&'static str, String>;

    /// What its journal calls a good.
    fn calls(&self, good: &Good) -> String;

    /// What buyers see of a good in a warehouse. None if no number was ever told.
    fn shown(&self, good: &Good, warehouse: &str) -> Option<u32>;

    /// The ids of all orders, oldest first.
    fn orders(&self) -> Vec<String>;

    /// A buyer buys one unit.
    ///
    /// # Errors
    /// [`SoldOut`] if none is shown.
    async fn buy(&self, good: &Good, warehouse: &str) -> Result<Sale, SoldOut>;

    /// What the channel does by itself in time: pulls its list, counts sales that it counts late. Pushes go of themselves.
    ///
    /// # Errors
    /// Why it came to nothing.
    async fn step(&self) -> Result<(), String>;

    /// An order is called off before it is packed. False if there is none, as of all that follow.
    async fn cancel(&self, order: &str) -> bool;

    /// The seller packs an order. Its units are still there.
    async fn pack(&self, order: &str) -> bool;

    /// The order leaves.
    async fn ship(&self, order: &str) -> bool;

    /// The buyer has it.
    async fn deliver(&self, order: &str) -> bool;

    /// Orders of more than a unit.
    ///
    /// # Errors
    /// Why there are none.
    fn baskets(&self) -> Result<&dyn Baskets, Cannot>;

    /// Goods that come back.
    ///
    /// # Errors
    /// Why nobody hears of them.
    fn returns(&self) -> Result<&dyn Returns, Cannot>;

    /// Orders that are split in two.
    ///
    /// # Errors
    /// Why there are none.
    fn splits(&self) -> Result<&dyn Splits, Cannot>;

    /// Numbers that are refused, each by itself.
    ///
    /// # Errors
    /// Why there are none.
    fn refusals(&self) -> Result<&dyn Refusals, Cannot>;

    /// The most orders on a page of a list of them.
    fn page(&self) -> usize;

    /// Changes what goes wrong from now on.
    fn faults(&self, change: &mut dyn FnMut(&mut Faults));

    /// What happened so far.
    fn journal(&self) -> Journal;

    /// How often it lets itself be told a number. None if it pulls them.
    fn pace(&self) -> Option<Pace>;

    /// When it took numbers, and how often it would have. None if it pulls them.
    fn uptake(&self) -> Option<Uptake> {
        self.pace().map(|pace| Uptake::of(&self.journal(), pace))
    }

    /// Everything it keeps, for [`Opening::state`].
    fn snapshot(&self) -> Value;
}

/// A channel whose orders may be of more than a unit.
#[async_trait]
pub trait Baskets: Send + Sync {
    /// A buyer buys all of it in one order.
    ///
    /// # Errors
    /// [`SoldOut`] if fewer of any are shown.
    async fn buy(&self, basket: &[(&Good, u32)], warehouse: &str) -> Result<Sale, SoldOut>;

    /// Units of an order that isn't packed are called off. False if it hasn't so many.
    async fn cancel(&self, order: &str, good: &Good, units: u32) -> bool;
}

/// A channel that tells of goods that came back.
pub trait Returns: Send + Sync {
    /// Units of a delivered order are back with the seller.
    fn receive(&self, order: &str, good: &Good, units: u32) -> bool;
}

/// A channel that splits orders.
#[async_trait]
pub trait Splits: Send + Sync {
    /// Units go over into an order of their own. Its id; none if the order hasn't so many.
    async fn split(&self, order: &str, good: &Good, units: u32) -> Option<String>;
}

/// A channel that may refuse one number of many.
pub trait Refusals: Send + Sync {
    /// Numbers for a good are refused from now on.
    fn refuse(&self, good: &Good);

    /// No more.
    fn relent(&self);
}

/// A stand-in that was opened.
pub type Opened = Arc<dyn Stand>;
