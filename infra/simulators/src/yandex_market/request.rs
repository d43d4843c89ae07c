//! Reading requests as strictly as the Market does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edin_domain::Timestamp;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::date;
use super::refusal::Refusal;
use crate::cursor;

/// The longest body, in bytes.
pub(super) const LONGEST: usize = 512 * 1024;
/// The longest span of a filter by dates.
const SPAN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What a method is called with.
pub(super) struct Call {
    pub query: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Call {
    /// Reads the body. Fields that aren't known are let slip.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        if self.body.len() > LONGEST {
            return Err(Refusal::invalid(format!("the body is of {} bytes, at most {LONGEST}", self.body.len())));
        }
        serde_json::from_slice(&self.body).map_err(|error| Refusal::invalid(error.to_string()))
    }

    /// A parameter of the query under any of its names.
    pub(super) fn parameter(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.query.get(*name)).map(String::as_str)
    }

    /// Values that are separated by commas, each once; none if the parameter isn't there.
    pub(super) fn values(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(text) = self.parameter(&[name]) else { return Ok(None) };
        let values = text.split(',').map(str::to_owned).collect();
        listed(name, Some(values), usize::MAX)
    }

    /// How many rows a page has: as many as are asked for, `usual` if none are. More than `most` are refused.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, Refusal> {
        let limit = self.any_limit(usual)?;
        match limit <= most {
            true => Ok(limit),
            false => Err(Refusal::invalid(format!("limit: {limit}, at most {most}"))),
        }
    }

    /// The same where more than `most` are cut to it without a word.
    pub(super) fn cut_limit(&self, most: usize) -> Result<usize, Refusal> {
        Ok(self.any_limit(most)?.min(most))
    }

    fn any_limit(&self, usual: usize) -> Result<usize, Refusal> {
        let Some(text) = self.parameter(&["limit"]) else { return Ok(usual) };
        let limit = text.parse().ok().filter(|limit| *limit > 0);
        limit.ok_or_else(|| Refusal::invalid(format!("limit: {text:?} is no positive number")))
    }

    /// Where the page before ended; none for the first page.
    pub(super) fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Refusal> {
        let Some(token) = self.parameter(&["pageToken", "page_token"]) else { return Ok(None) };
        cursor::read(token)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(format!("pageToken: {token:?} was never given out")))
    }
}

/// The first rows of those that are left, and the token of the next page if there is one.
pub(super) fn page<T, K: Serialize>(mut left: Vec<T>, size: usize, key: impl Fn(&T) -> K) -> (Vec<T>, Option<String>) {
    let has_next = left.len() > size;
    left.truncate(size);
    let next = left.last().filter(|_| has_next);
    let token = next.map(|last| cursor::written(&key(last)));
    (left, token)
}

/// What an answer says of the next page: nothing if there is none.
pub(super) fn paging(next: Option<String>) -> serde_json::Value {
    next.map_or_else(|| serde_json::json!({}), |token| serde_json::json!({ "nextPageToken": token }))
}

/// From one value to `most`, each once; a list that isn't there filters nothing.
pub(super) fn listed<T: Ord>(field: &str, values: Option<Vec<T>>, most: usize) -> Result<Option<Vec<T>>, Refusal> {
    let Some(values) = values else { return Ok(None) };
    if !(1..=most).contains(&values.len()) {
        return Err(Refusal::invalid(format!("{field}: {} values, must be 1 to {most}", values.len())));
    }
    match values.iter().collect::<BTreeSet<_>>().len() == values.len() {
        true => Ok(Some(values)),
        false => Err(Refusal::invalid(format!("{field}: a value is there twice"))),
    }
}

/// Each of them one of `known`.
pub(super) fn known(field: &str, values: Option<&[String]>, known: &[&str]) -> Result<(), Refusal> {
    let unknown = values.into_iter().flatten().find(|value| !known.contains(&value.as_str()));
    unknown.map_or(Ok(()), |value| Err(Refusal::invalid(format!("{field}: there is no {value:?}"))))
}

/// Whether a filter lets `value` pass; one that isn't there lets all.
pub(super) fn among<T: PartialEq>(allowed: Option<&[T]>, value: &T) -> bool {
    allowed.is_none_or(|allowed| allowed.contains(value))
}

/// A date and time with its offset. Anything else is an error, the empty text too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).map(Self).ok_or_else(|| D::Error::custom(format!("{text:?} is no date with a time")))
    }
}

/// The beginning of a day, which is given without a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day(pub Timestamp);

impl Day {
    pub(super) fn parse(text: &str) -> Option<Self> {
        date::beginning(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no date")))
    }
}

/// A span of time; its end is not in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Period {
    /// The last days as of now.
    pub(super) fn latest(now: Timestamp) -> Self {
        Self { from: now.minus(SPAN), to: now.plus(Duration::from_millis(1)) }
    }

    /// None if neither end is given; one that isn't is thirty days off the other, or now.
    pub(super) fn read(
        field: &str,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let (from, to) = match (from, to) {
            (None, None) => return Ok(None),
            (Some(from), to) => (from, to.unwrap_or(now.max(from))),
            (None, Some(to)) => (to.minus(SPAN), to),
        };
        if to < from {
            return Err(Refusal::invalid(format!("{field}: it ends before it begins")));
        }
        match to.since(from) <= SPAN {
            true => Ok(Some(Self { from, to })),
            false => Err(Refusal::invalid(format!("{field}: it is longer than 30 days"))),
        }
    }

    pub(super) fn covers(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}
