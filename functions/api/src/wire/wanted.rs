//! What is asked for, or told of goods.

use std::collections::BTreeMap;

use edin_domain::customer::Contact;
use edin_domain::order::{LineState, OrderState};
use edin_domain::{Article, Currency, LineId, Money, Personal, Timestamp, WarehouseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

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
    /// The seller's own SKU; none if a barcode is given.
    #[schema(min_length = 1, max_length = 64, example = "TEA-500")]
    pub(crate) sku: Option<String>,
    /// What a scanner has read, instead of the SKU.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) barcode: Option<String>,
    /// Units; of a barcode, scans of it.
    #[schema(minimum = 1, maximum = 10000, example = 1)]
    pub(crate) quantity: u32,
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

/// Goods that came back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Return {
    /// All that is out if left out.
    #[schema(min_items = 1, max_items = 50)]
    pub(crate) lines: Option<Vec<WantedLine>>,
    /// How they came back.
    #[serde(default)]
    pub(crate) condition: Condition,
}

/// Whether goods that came back are stock again.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Condition {
    /// They can be sold again.
    #[default]
    Fit,
    /// They can't: they are broken, opened, out of date.
    Unfit,
}

/// Lines that an order shall have, each with how many units of it altogether.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct More {
    /// 1 to 50 goods, each once. Lines that are not named stay as they are.
    #[schema(min_items = 1, max_items = 50)]
    pub(crate) lines: Vec<WantedLine>,
    /// What the buyer owes for all of the order then. A smaller sum changes nothing.
    pub(crate) total: Option<Amount>,
}

impl More {
    /// As an order is told that shall have `units`.
    pub(crate) fn read(self, units: Units) -> Result<OrderState, Problem> {
        let total = self.total.as_ref().map(Amount::read).transpose()?;
        Ok(OrderState {
            lines: lines(units, |article, units| LineState::ordered([article], units)),
            total,
            ..OrderState::default()
        })
    }
}

impl Wanted {
    /// As an order of `units` is told, and who it is for.
    pub(crate) fn read(self, units: Units) -> Result<(OrderState, Contact), Problem> {
        let warehouse = self.location.map(WarehouseId::new).transpose();
        let state = OrderState {
            warehouse: warehouse.map_err(|error| Problem::invalid("body.location", error))?,
            lines: lines(units, |article, units| LineState::ordered([article], units)),
            total: self.total.as_ref().map(Amount::read).transpose()?,
            ..OrderState::default()
        };
        let contact = self.who.map(Who::read).transpose()?.unwrap_or_default();
        Ok((state, contact))
    }
}

/// Units of goods, by the line of an order that each is: its SKU.
pub(crate) type Units = BTreeMap<LineId, (Article, u32)>;

/// The lines of an order, as each is told.
pub(crate) fn lines(units: Units, told: impl Fn(Article, u32) -> LineState) -> BTreeMap<LineId, LineState> {
    units.into_iter().map(|(id, (article, units))| (id, told(article, units))).collect()
}

impl Amount {
    pub(super) fn of(money: Money) -> Self {
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

/// No text is longer.
const LONGEST_TEXT: usize = 300;

/// A text that somebody wrote, if it says anything.
pub(super) fn one_line(at: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) => {
            Err(Problem::invalid(at, format!("it takes {LONGEST_TEXT} characters at most, on one line")))
        }
        text => Ok(text.filter(|text| !text.trim().is_empty())),
    }
}

impl Who {
    fn read(self) -> Result<Contact, Problem> {
        let detail = |name: &str, text| -> Result<_, Problem> {
            Ok(one_line(&format!("body.who.{name}"), text)?.map(Personal::new))
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
