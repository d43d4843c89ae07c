//! What the Market counts: some methods by calls, some by goods (`x-resource-limit-config` of its OpenAPI of 17 July
//! 2026).

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use edin_domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::date;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Resource {
    /// Goods in writes of stock.
    StockWritten,
    /// Goods in answers about stock.
    StockRead,
    /// Calls for orders.
    Orders,
    /// Calls for returns.
    Returns,
    /// Calls about the key.
    Token,
}

impl Resource {
    /// Whether every call counts for one.
    pub(super) const fn is_of_calls(self) -> bool {
        matches!(self, Self::Orders | Self::Returns | Self::Token)
    }

    const fn quota(self) -> Quota {
        let (amount, period) = match self {
            Self::StockWritten | Self::StockRead => (100_000, MINUTE),
            Self::Orders => (10_000, HOUR),
            Self::Returns => (5_000, HOUR),
            Self::Token => (100, HOUR),
        };
        Quota { amount, period, spent: 0, until: Timestamp::from_millis(0) }
    }
}

/// So much within a span, which begins with the first that is spent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Quota {
    amount: usize,
    period: Duration,
    spent: usize,
    until: Timestamp,
}

impl Quota {
    /// One that is used up for a second.
    pub(super) fn used_up(now: Timestamp) -> Self {
        Self { amount: 1, period: Duration::from_secs(1), spent: 1, until: now.plus(Duration::from_secs(1)) }
    }

    /// Spends so much. False if it is too much: then nothing is spent.
    pub(super) fn take(&mut self, units: usize, now: Timestamp) -> bool {
        self.renew(now);
        let fits = self.spent.saturating_add(units) <= self.amount;
        if fits {
            self.spent += units;
        }
        fits
    }

    /// Spends what was given already, even if it is more than there was.
    pub(super) fn charge(&mut self, units: usize) {
        self.spent = self.spent.saturating_add(units);
    }

    fn renew(&mut self, now: Timestamp) {
        if now >= self.until {
            (self.spent, self.until) = (0, now.plus(self.period));
        }
    }

    /// What every answer says of it.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let left = self.amount.saturating_sub(self.spent);
        headers.insert("x-ratelimit-resource-limit", HeaderValue::from(self.amount));
        headers.insert("x-ratelimit-resource-remaining", HeaderValue::from(left));
        if let Ok(until) = HeaderValue::try_from(date::rfc_822(self.until)) {
            headers.insert("x-ratelimit-resource-until", until);
        }
    }
}

/// All that is counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Limits(BTreeMap<Resource, Quota>);

impl Limits {
    pub(super) fn of(&mut self, resource: Resource) -> &mut Quota {
        self.0.entry(resource).or_insert_with(|| resource.quota())
    }
}
