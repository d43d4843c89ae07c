//! Reading requests as strictly as the shop does.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::Refusal;
use super::wire::only;

/// Records on a page if nothing else is asked for, and at most.
const USUAL: usize = 10;
/// The most records of a page, and the most rows of a write.
pub(super) const PAGE: usize = 100;

/// What a route is called with.
pub(super) struct Call {
    pub query: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A page of a list, and how long the list is.
#[derive(Debug)]
pub(super) struct Page {
    pub records: Vec<Value>,
    pub total: usize,
    pub pages: usize,
}

impl Call {
    /// Reads the body. Fields that aren't known are let slip.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|_| Refusal::Invalid("body"))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// One of `known`, or what is usual.
    pub(super) fn one_of<'a>(&'a self, name: &'static str, known: &[&str], usual: &'a str) -> Result<&'a str, Refusal> {
        match self.parameter(name) {
            None => Ok(usual),
            Some(told) if known.contains(&told) => Ok(told),
            Some(_) => Err(Refusal::Invalid(name)),
        }
    }

    /// Numbers that are separated by commas; none if the parameter isn't there.
    pub(super) fn numbers(&self, name: &'static str) -> Result<Option<Vec<u64>>, Refusal> {
        let Some(text) = self.parameter(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let numbers = text.split(',').map(|number| number.parse().map_err(|_| Refusal::Invalid(name)));
        numbers.collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        match self.parameter(name) {
            None | Some("false" | "0" | "") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(Refusal::Invalid(name)),
        }
    }

    fn whole(&self, name: &'static str, usual: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.parameter(name) else { return Ok(usual) };
        text.parse().ok().filter(|number| (1..=most).contains(number)).ok_or(Refusal::Invalid(name))
    }

    /// The page of `all` that is asked for, of each record the fields that are.
    pub(super) fn page(&self, all: Vec<Value>) -> Result<Page, Refusal> {
        let (size, number) = (self.whole("per_page", USUAL, PAGE)?, self.whole("page", 1, usize::MAX)?);
        let (total, fields) = (all.len(), self.parameter("_fields"));
        let before = size.saturating_mul(number - 1);
        let records = all.into_iter().skip(before).take(size).map(|record| only(record, fields)).collect();
        Ok(Page { records, total, pages: total.div_ceil(size) })
    }
}
