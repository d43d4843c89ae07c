//! Fields that a record can do without, or that come in several forms. Use with `#[serde(default, deserialize_with = …)]`.

use edin_domain::{Personal, Timestamp};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;
use serde_json::value::RawValue;

use super::exact;

/// A field that its record can do without: what can't be read is as if it weren't there.
///
/// # Errors
/// If it isn't JSON.
pub fn or_absent<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// The same of a text; a number is one too.
///
/// # Errors
/// If it isn't JSON.
pub fn text_or_absent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(exact(&*raw).unwrap_or_default())
}

/// The same of a text about a person.
///
/// # Errors
/// If it isn't JSON.
pub fn personal_or_absent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Personal<String>, D::Error> {
    text_or_absent(deserializer).map(Personal::new)
}

/// A list of texts that its record can do without; one that can't be read costs itself.
///
/// # Errors
/// If it isn't JSON.
pub fn texts_or_absent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts: Vec<Box<RawValue>> = or_absent(deserializer)?;
    Ok(texts.iter().filter_map(|text| exact(&**text).ok()).filter(|text| !text.is_empty()).collect())
}

/// A value that may be null.
///
/// # Errors
/// If it is something else than `T`.
pub fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Yes or no: `true`, `"true"`, `1`; null and an empty text are no.
///
/// # Errors
/// If it is neither.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(false),
        Value::Bool(told) => Ok(told),
        Value::String(told) if told.is_empty() || told.eq_ignore_ascii_case("false") => Ok(false),
        Value::String(told) if told.eq_ignore_ascii_case("true") => Ok(true),
        Value::Number(told) if told.as_u64() == Some(0) => Ok(false),
        Value::Number(told) if told.as_u64() == Some(1) => Ok(true),
        _ => Err(D::Error::custom("it is neither true nor false")),
    }
}

/// When something happened, where that it happened counts for more than when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Happened {
    /// It didn't: null, absent, an empty text, 0.
    #[default]
    No,
    /// Then.
    At(Timestamp),
    /// Some time or other: what stands there is no time that can be read.
    Sometime,
}

impl Happened {
    /// When, taking it that what can't be read was `otherwise`; none if it didn't happen.
    #[must_use]
    pub const fn at(self, otherwise: Timestamp) -> Option<Timestamp> {
        match self {
            Self::No => None,
            Self::At(at) => Some(at),
            Self::Sometime => Some(otherwise),
        }
    }
}

/// Milliseconds since 1970, or RFC 3339.
impl<'de> Deserialize<'de> for Happened {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null | Value::Bool(false) => Self::No,
            Value::String(told) if told.trim().is_empty() => Self::No,
            Value::String(told) => Timestamp::parse(&told)
                .or_else(|| told.parse().ok().map(Timestamp::from_millis))
                .map_or(Self::Sometime, Self::At),
            Value::Number(told) if told.as_i64() == Some(0) => Self::No,
            Value::Number(told) => {
                told.as_i64().map_or(Self::Sometime, |millis| Self::At(Timestamp::from_millis(millis)))
            }
            _ => Self::Sometime,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    struct Sample {
        #[serde(default, deserialize_with = "text_or_absent")]
        phone: String,
        #[serde(default, deserialize_with = "texts_or_absent")]
        barcodes: Vec<String>,
        #[serde(default, deserialize_with = "or_absent")]
        pages: Option<usize>,
        #[serde(default, deserialize_with = "flag")]
        at_zero: bool,
        #[serde(default)]
        left: Happened,
    }

    fn sample(json: &str) -> Result<Sample, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_a_record_can_do_without_never_costs_it() {
        for spoilt in ["true", "[]", "{}", "null", r#"{"a":1}"#] {
            let json = format!(r#"{{"phone":{spoilt},"barcodes":{spoilt},"pages":{spoilt}}}"#);
            assert_eq!(sample(&json).unwrap(), Sample::default(), "{json}");
        }
        let read = sample(r#"{"phone":7071234567,"barcodes":["1",2,null,[]],"pages":"x"}"#).unwrap();
        let barcodes = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(read, Sample { phone: "7071234567".to_owned(), barcodes, ..Sample::default() });
    }

    #[test]
    fn yes_and_no_are_read_in_every_form_and_nothing_else_is() {
        for (json, told) in [
            ("true", Some(true)),
            (r#""false""#, Some(false)),
            (r#""True""#, Some(true)),
            ("1", Some(true)),
            ("null", Some(false)),
            (r#""no idea""#, None),
            ("2", None),
            ("[]", None),
        ] {
            assert_eq!(sample(&format!(r#"{{"at_zero":{json}}}"#)).ok().map(|read| read.at_zero), told, "{json}");
        }
    }

    #[test]
    fn what_happened_has_happened_though_nobody_can_read_when() {
        let at = Timestamp::from_millis(1_598_954_400_000);
        for (json, happened) in [
            ("null", Happened::No),
            (r#""""#, Happened::No),
            ("0", Happened::No),
            ("1598954400000", Happened::At(at)),
            (r#""1598954400000""#, Happened::At(at)),
            (r#""2020-09-01T10:00:00Z""#, Happened::At(at)),
            (r#""2020-09-01 10:00:00""#, Happened::Sometime),
            ("1.5", Happened::Sometime),
            ("[]", Happened::Sometime),
        ] {
            assert_eq!(sample(&format!(r#"{{"left":{json}}}"#)).unwrap().left, happened, "{json}");
        }
    }
}
