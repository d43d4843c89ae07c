//! Lists whose records are read one by one, so that a spoilt one costs itself and none of its neighbours.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Unreadable, read};

/// A record of a list.
pub trait Record: DeserializeOwned {
    /// Where its name stands, from the outermost field to the innermost: what a spoilt one is called by.
    const NAME: &'static [&'static str];
}

/// A list. Null is an empty one.
#[derive(Debug, Clone)]
pub struct Records<T>(Vec<Result<T, Spoilt>>);

/// A record that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} can not be read: {error}")]
pub struct Spoilt {
    /// Its name; empty if that can't be read either.
    pub name: String,
    /// What is wrong with it.
    pub error: Unreadable,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Records<T> {
    /// All records, spoilt ones included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none, not even spoilt ones.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the last record, whether it can be read or not; none if it has none.
    pub fn last_name(&self, name: impl Fn(&T) -> String) -> Option<String> {
        let last = self.0.last()?.as_ref().map_or_else(|spoilt| spoilt.name.clone(), name);
        (!last.is_empty()).then_some(last)
    }

    /// The records that can be read, and those that can't.
    #[must_use]
    pub fn sorted(self) -> (Vec<T>, Vec<Spoilt>) {
        let (mut good, mut spoilt) = (Vec::with_capacity(self.0.len()), Vec::new());
        for record in self.0 {
            match record {
                Ok(record) => good.push(record),
                Err(record) => spoilt.push(record),
            }
        }
        (good, spoilt)
    }

    /// The records that can be read. The others are logged as `what`: for lists of which nothing is lost by a gap.
    #[must_use]
    pub fn readable(self, what: &'static str) -> Vec<T> {
        let (good, spoilt) = self.sorted();
        for record in spoilt {
            tracing::error!(what, "{record}; it is left out");
        }
        good
    }
}

impl<'de, T: Record> Deserialize<'de> for Records<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let records = Option::<Vec<Box<RawValue>>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(Self(records.iter().map(|json| record(json.get())).collect()))
    }
}

/// A list that must be there: null is an empty one, but an answer without it isn't that answer.
///
/// # Errors
/// If it is no list.
pub fn listed<'de, D: Deserializer<'de>, T: Record>(deserializer: D) -> Result<Records<T>, D::Error> {
    Records::deserialize(deserializer)
}

fn record<T: Record>(json: &str) -> Result<T, Spoilt> {
    read(json.as_bytes()).map_err(|error| Spoilt { name: name(json, T::NAME), error })
}

fn name(json: &str, path: &[&str]) -> String {
    let record: Value = serde_json::from_str(json).unwrap_or_default();
    match path.iter().try_fold(&record, |at, field| at.get(field)) {
        Some(Value::String(name)) => super::beginning(name),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Good {
        sku: String,
    }

    impl Record for Good {
        const NAME: &'static [&'static str] = &["head", "id"];
    }

    #[test]
    fn a_spoilt_record_costs_itself_wherever_it_stands_and_is_called_by_its_name() {
        let good = r#"{"sku":"A"}"#;
        for (spoilt, name) in [
            (r#"{"sku":1,"head":{"id":"17"}}"#, "17"),
            (r#"{"sku":null,"head":{"id":17}}"#, "17"),
            (r#"{"head":17}"#, ""),
            ("null", ""),
            ("[]", ""),
        ] {
            for position in 0..3 {
                let mut list = vec![good, good];
                list.insert(position, spoilt);
                let records: Records<Good> = read(format!("[{}]", list.join(",")).as_bytes()).unwrap();
                assert_eq!(records.len(), 3);
                let (readable, spoilt) = records.sorted();
                assert_eq!(readable.len(), 2, "{list:?}");
                assert_eq!(spoilt.iter().map(|record| record.name.as_str()).collect::<Vec<_>>(), [name], "{list:?}");
            }
        }
    }

    #[derive(Debug, Deserialize)]
    struct Page {
        #[serde(deserialize_with = "listed")]
        goods: Records<Good>,
    }

    #[test]
    fn a_null_is_an_empty_list_and_no_list_is_no_answer() {
        assert!(read::<Page>(br#"{"goods":null}"#).unwrap().goods.is_empty());
        for other in ["{}", r#"{"goods":{}}"#, r#"{"error":"busy"}"#] {
            assert!(read::<Page>(other.as_bytes()).is_err(), "{other}");
        }
    }
}
