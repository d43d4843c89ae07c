//! Money: whole minor units with a currency.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// A currency by its ISO 4217 code, such as `KZT`. All that the channels deal in have two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Kazakhstani tenge.
    pub const KZT: Self = Self(*b"KZT");
    /// Russian rouble.
    pub const RUB: Self = Self(*b"RUB");

    /// The currency of an ISO 4217 number, as Wildberries writes it: 643 is the rouble.
    #[must_use]
    pub const fn from_numeric(code: u16) -> Option<Self> {
        Some(match code {
            643 => Self::RUB,
            398 => Self::KZT,
            933 => Self(*b"BYN"),
            417 => Self(*b"KGS"),
            51 => Self(*b"AMD"),
            860 => Self(*b"UZS"),
            156 => Self(*b"CNY"),
            840 => Self(*b"USD"),
            978 => Self(*b"EUR"),
            _ => return None,
        })
    }
}

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three Latin capitals.
    #[error("{0:?} is not a currency: it takes three capital letters, such as KZT")]
    Currency(String),
    /// Not a decimal number, or more than two digits of it behind the point.
    #[error("{0:?} is not an amount of money: it takes digits and at most two decimals")]
    Amount(String),
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::Currency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

/// An amount in minor units (tiyn, kopecks) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Hundredths of the currency.
    pub minor: i64,
    /// What the hundredths are of.
    pub currency: Currency,
}

impl Money {
    /// `minor` hundredths of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a decimal text exactly: `15990`, `15990.0`, `1490.50`, `1.599E4`, `1530.0000`.
    ///
    /// # Errors
    /// [`MoneyError::Amount`] if it isn't a number or has a part of a minor unit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refused = || MoneyError::Amount(text.to_owned());
        let amount = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).map_err(|_| refused())?;
        let minor = amount.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(refused)?;
        match minor.is_integer() {
            true => minor.to_i64().map(|minor| Self { minor, currency }).ok_or_else(refused),
            false => Err(refused()),
        }
    }

    /// The amount in whole units of the currency, if it has no part of one.
    #[must_use]
    pub const fn whole(self) -> Option<i64> {
        match self.minor % 100 {
            0 => Some(self.minor / 100),
            _ => None,
        }
    }

    /// The amount as a decimal text with two decimals, such as `1490.50`.
    #[must_use]
    pub fn decimal(self) -> String {
        Decimal::new(self.minor, 2).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_is_read_exactly() {
        for (text, minor) in [
            ("15990", 1_599_000),
            ("15990.0", 1_599_000),
            ("1490.50", 149_050),
            ("1530.0000", 153_000),
            ("1.599E4", 1_599_000),
            ("-0.01", -1),
        ] {
            assert_eq!(Money::parse(text, Currency::KZT).unwrap().minor, minor, "{text}");
        }
    }

    #[test]
    fn a_part_of_a_minor_unit_is_refused() {
        for text in ["1.005", "", "abc", "1,5", "NaN", "99999999999999999999"] {
            assert!(Money::parse(text, Currency::RUB).is_err(), "{text}");
        }
    }

    #[test]
    fn money_prints_with_its_currency() {
        assert_eq!(Money::new(149_050, Currency::RUB).to_string(), "1490.50 RUB");
        assert_eq!(Money::new(149_000, Currency::RUB).whole(), Some(1490));
        assert_eq!(Money::new(149_050, Currency::RUB).whole(), None);
    }
}
