//! What doors say and are told, as JSON.

use std::collections::BTreeMap;

use edin_domain::customer::Contact;
use edin_domain::order::{LineState, Milestone, Order, OrderState};
use edin_domain::{Article, Currency, LineId, Money, Personal, Timestamp, WarehouseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// A request has no more lines.
const MOST_LINES: usize = 50;

/// Goods that are asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// 1 to 50 goods, each once.
    #[schema(min_items = 1, max_items = 50)]
    pub(crate) lines: Vec<WantedLine>,
    /// From which of the door's warehouses; from its first one if left out.
    #[schema(example = "almaty")]
    pub(crate) location: Option<String>,
    /// Who it is for. It is kept in the customer table alone, and not told again.
    pub(crate) who: Option<Who>,
    /// What the buyer owes for all of it.
    pub(crate) total: Option<Amount>,
}

/// A good that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedLine {
    /// The seller's own SKU.
    #[schema(min_length = 1, max_length = 64, example = "TEA-500")]
    sku: String,
    /// Units.
    #[schema(minimum = 1, maximum = 10000, example = 1)]
    quantity: u32,
}

/// Goods that shall be kept for a while.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldRequest {
    /// 1 to 50 goods, each once.
    #[schema(min_items = 1, max_items = 50)]
    lines: Vec<WantedLine>,
    /// From which of the door's warehouses; from its first one if left out.
    #[schema(example = "almaty")]
    location: Option<String>,
    /// Who it is for. It is kept in the customer table alone, and not told again.
    who: Option<Who>,
    /// What the buyer owes for all of it.
    total: Option<Amount>,
    /// Until when: RFC 3339, not past, and 31 days from now at most.
    #[schema(format = DateTime, example = "2026-11-30T18:00:00Z")]
    pub(crate) until: String,
}

impl HoldRequest {
    /// What is asked for, and until when.
    pub(crate) fn parts(self) -> (Wanted, String) {
        let Self { lines, location, who, total, until } = self;
        (Wanted { lines, location, who, total }, until)
    }
}

/// Until when a hold shall last.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extension {
    /// RFC 3339, later than before, and 31 days from now at most. An earlier time changes nothing.
    #[schema(format = DateTime, example = "2026-11-30T20:00:00Z")]
    pub(crate) until: String,
}

/// A buyer, as far as they are known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Who {
    /// The whole name.
    name: Option<String>,
    /// A telephone number, with the country code.
    phone: Option<String>,
    /// An e-mail address.
    email: Option<String>,
    /// Where to deliver to, in one line.
    address: Option<String>,
}

/// An amount of money.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amount {
    /// In the currency's unit, with two decimals at most.
    #[schema(pattern = r"^[0-9]{1,12}(\.[0-9]{1,2})?$", example = "1290.50")]
    amount: String,
    /// Its ISO 4217 code.
    #[schema(pattern = "^[A-Z]{3}$", example = "KZT")]
    currency: String,
}

/// Lines of an order, each with how many units of it altogether: of an earlier request too, so that the same request once more
/// changes nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// All that is left of the order if left out.
    #[schema(min_items = 1, max_items = 50)]
    pub(crate) lines: Option<Vec<WantedLine>>,
}

/// An order, or a hold that may become one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// Its id at this door.
    #[schema(example = "7d1c0c0f7c6d5a0e4f0b9a6f5e8c1b2a")]
    id: String,
    /// How far it is.
    state: State,
    /// Its lines, by SKU.
    lines: Vec<LineView>,
    /// Until when it is held, RFC 3339; none of an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    until: Option<String>,
    /// What the buyer owes for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Amount>,
    /// When it became what, RFC 3339: `placed`, `paid`, `shipped`, …
    times: BTreeMap<String, String>,
    /// Rises with every change; the answer's ETag.
    version: u64,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Goods are kept for somebody who hasn't ordered them yet.
    Held,
    /// It was held, and its time is over.
    Lapsed,
    /// Called off before anything left.
    Cancelled,
    /// Ordered.
    Placed,
    /// Goods have left the stock.
    Shipped,
    /// The buyer has them.
    Delivered,
    /// All that had left is back.
    Returned,
}

/// A line of an order, in units.
#[derive(Debug, Serialize, ToSchema)]
struct LineView {
    /// The seller's own SKU.
    sku: String,
    /// Units ordered.
    quantity: u32,
    /// Units of those that were called off before they left.
    cancelled: u32,
    /// Units that left the stock.
    shipped: u32,
    /// Units of those that are back and can be sold again.
    returned: u32,
    /// Where it is taken from; of a bundle, each component. None while the line takes nothing.
    locations: Vec<String>,
}

impl State {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
            Self::Placed => "placed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }

    /// How far an order is by what is known of it at `now`.
    pub(crate) fn of(state: &OrderState, now: Timestamp) -> Self {
        let counted = || state.lines.values().map(|line| state.counted(line));
        let has_left = counted().any(|line| line.shipped > 0);
        match state.held() {
            Some(hold) if hold.is_over(now) => Self::Lapsed,
            Some(_) => Self::Held,
            None if has_left && counted().all(|line| line.returned >= line.shipped) => Self::Returned,
            None if state.has(Milestone::Delivered) => Self::Delivered,
            None if has_left => Self::Shipped,
            None if counted().all(|line| line.reserved() == 0) => Self::Cancelled,
            None => Self::Placed,
        }
    }
}

impl OrderView {
    /// An order as it is told at `now`.
    pub(crate) fn of(order: &Order, now: Timestamp) -> Self {
        let line = |(id, line): (&LineId, &LineState)| {
            let counted = order.state.counted(line);
            let takes = order.mapped.get(id).map(|mapped| mapped.takes.as_slice()).unwrap_or_default();
            LineView {
                sku: id.to_string(),
                quantity: counted.ordered,
                cancelled: counted.cancelled,
                shipped: counted.shipped,
                returned: counted.returned,
                locations: takes.iter().map(|take| take.location.to_string()).collect(),
            }
        };
        let time = |(milestone, at): (&Milestone, &Timestamp)| {
            let name = serde_json::to_value(milestone).ok()?.as_str()?.to_owned();
            Some((name, at.to_string()))
        };
        Self {
            id: order.key.id.to_string(),
            state: State::of(&order.state, now),
            lines: order.state.lines.iter().map(line).collect(),
            until: order.state.held().map(|hold| hold.until.to_string()),
            total: order.state.total.map(Amount::of),
            times: order.state.milestones.iter().filter_map(time).collect(),
            version: order.version,
        }
    }

    /// The version, as an answer's ETag.
    pub(crate) fn etag(&self) -> String {
        format!("\"{}\"", self.version)
    }
}

impl Amount {
    fn of(money: Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency.to_string() }
    }

    fn read(&self) -> Result<Money, Problem> {
        let currency: Currency = serde_json::from_value(self.currency.clone().into())
            .map_err(|error| Problem::invalid("body.total.currency", error))?;
        let money =
            Money::parse(&self.amount, currency).map_err(|error| Problem::invalid("body.total.amount", error))?;
        if money.minor < 0 {
            return Err(Problem::invalid("body.total.amount", "it is below zero"));
        }
        Ok(money)
    }
}

impl Wanted {
    /// As an order is told, and who it is for.
    pub(crate) fn read(self) -> Result<(OrderState, Contact), Problem> {
        let warehouse = self.location.map(WarehouseId::new).transpose();
        let state = OrderState {
            warehouse: warehouse.map_err(|error| Problem::invalid("body.location", error))?,
            lines: lines(&self.lines, |article, quantity| LineState::ordered([article], quantity))?,
            total: self.total.as_ref().map(Amount::read).transpose()?,
            ..OrderState::default()
        };
        let contact = self.who.map(Who::read).transpose()?.unwrap_or_default();
        Ok((state, contact))
    }
}

/// Lines by their SKU, each once.
pub(crate) fn lines(
    wanted: &[WantedLine],
    told: impl Fn(Article, u32) -> LineState,
) -> Result<BTreeMap<LineId, LineState>, Problem> {
    if wanted.is_empty() || wanted.len() > MOST_LINES {
        return Err(Problem::invalid("body.lines", format!("it takes 1 to {MOST_LINES} lines")));
    }
    let mut lines = BTreeMap::new();
    for (index, WantedLine { sku, quantity }) in wanted.iter().enumerate() {
        let invalid = |field: &str, wrong: String| Problem::invalid(format!("body.lines[{index}].{field}"), wrong);
        let article = Article::new(sku.as_str()).map_err(|error| invalid("sku", error.to_string()))?;
        let id = LineId::new(sku.as_str()).map_err(|error| invalid("sku", error.to_string()))?;
        if *quantity == 0 {
            return Err(invalid("quantity", "it is 0".to_owned()));
        }
        if lines.insert(id, told(article, *quantity)).is_some() {
            return Err(invalid("sku", format!("{sku} stands there twice; add its units up")));
        }
    }
    Ok(lines)
}

/// No detail of a buyer is longer.
const LONGEST_DETAIL: usize = 300;

impl Who {
    fn read(self) -> Result<Contact, Problem> {
        let detail = |name: &str, text: Option<String>| match text {
            Some(text) if text.chars().count() > LONGEST_DETAIL || text.chars().any(char::is_control) => {
                let wrong = format!("it takes {LONGEST_DETAIL} characters at most, on one line");
                Err(Problem::invalid(format!("body.who.{name}"), wrong))
            }
            text => Ok(text.filter(|text| !text.trim().is_empty()).map(Personal::new)),
        };
        Ok(Contact {
            name: detail("name", self.name)?,
            phone: detail("phone", self.phone)?,
            email: detail("email", self.email)?,
            address: detail("address", self.address)?,
            ..Contact::default()
        })
    }
}

/// Reads a time of a request: not past, and not further ahead than goods are kept.
pub(crate) fn until(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let until = Timestamp::parse(text);
    let until = until
        .ok_or_else(|| Problem::invalid("body.until", "it is no time of RFC 3339, such as 2026-11-30T18:00:00Z"))?;
    match () {
        () if until <= now => Err(Problem::invalid("body.until", format!("it is past: here it is {now}"))),
        () if until.since(now) > LONGEST_HOLD => Err(Problem::invalid("body.until", "it is more than 31 days ahead")),
        () => Ok(until),
    }
}

const LONGEST_HOLD: std::time::Duration = std::time::Duration::from_secs(31 * 86_400);

/// How many of a good can be sold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockView {
    /// The seller's own SKU.
    pub(crate) sku: String,
    /// What people call it.
    pub(crate) title: String,
    /// Units that this door can sell, all of one location: of its first warehouse, the location that has most.
    pub(crate) available: i64,
    /// Where it lies; of a bundle, its components.
    pub(crate) levels: Vec<LevelView>,
}

/// What lies at one location, in units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LevelView {
    /// The good; of a bundle, a component.
    pub(crate) sku: String,
    /// Where it lies.
    pub(crate) location: String,
    /// In the house.
    pub(crate) on_hand: i64,
    /// Promised.
    pub(crate) reserved: i64,
    /// Not promised. Below zero after more was sold than there is.
    pub(crate) available: i64,
    /// Rises with every change.
    pub(crate) version: u64,
}
