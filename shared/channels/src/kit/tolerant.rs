//! Reading what channels send, with their slips: numbers as texts, empty texts as dates, exact decimals.

use edin_domain::{Currency, Money, MoneyError, Timestamp};
use serde::de::{DeserializeOwned, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

mod lenient;
mod records;

pub use lenient::{Happened, flag, or_absent, or_default, personal_or_absent, text_or_absent, texts_or_absent};
pub use records::{Record, Records, Spoilt, listed};

/// A message that isn't what its channel documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or only the beginning of some: whoever wrote this, it wasn't the channel's API. Says where.
    #[error("at {path}: it is no JSON: {problem}")]
    NotJson {
        /// The place in it.
        path: String,
        /// What is wrong there.
        problem: String,
    },
    /// JSON of another shape. Says where.
    #[error("at {path}: {problem}")]
    Json {
        /// The field, such as `products[0].quantity`.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Well-formed, but a value in it can't be used.
    #[error("{field} {value:?}: {problem}")]
    Value {
        /// The field.
        field: &'static str,
        /// What it says.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Unreadable {
    /// Says that `field` can't be used as it is.
    pub fn value(field: &'static str, value: impl ToString, problem: impl ToString) -> Self {
        Self::Value { field, value: beginning(&value.to_string()), problem: problem.to_string() }
    }

    fn json(path: impl ToString, error: &serde_json::Error) -> Self {
        let (path, problem) = (beginning(&path.to_string()), beginning(&unquoted(&error.to_string())));
        match error.classify() {
            serde_json::error::Category::Data => Self::Json { path, problem },
            _ => Self::NotJson { path, problem },
        }
    }
}

/// Enough to know what it is; the whole may be megabytes.
fn beginning(text: &str) -> String {
    first(text, 200)
}

/// So many characters of a text.
pub(crate) fn first(text: &str, enough: usize) -> String {
    match text.char_indices().nth(enough) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text.to_owned(),
    }
}

/// `invalid type: string "Aigerim", expected struct Customer` without the name: what stands where something else should may
/// tell of a person.
fn unquoted(problem: &str) -> String {
    let parts = problem.split_once(": ").filter(|(what, _)| what.starts_with("invalid "));
    let Some((what, found)) = parts else { return problem.to_owned() };
    let kind = found.split(['"', '`', ',']).next().unwrap_or_default().trim_end();
    let expected = found.rfind(", expected ").and_then(|at| found.get(at..)).unwrap_or_default();
    format!("{what}: {kind}{expected}")
}

/// Reads JSON.
///
/// # Errors
/// [`Unreadable::Json`] names the field.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    // All of it, also what is left out: a body is kept as the text that it is.
    let text = std::str::from_utf8(body).map_err(|error| Unreadable::NotJson {
        path: format!("byte {}", error.valid_up_to()),
        problem: "it is not UTF-8".to_owned(),
    })?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value =
        serde_path_to_error::deserialize(&mut json).map_err(|error| Unreadable::json(error.path(), error.inner()))?;
    json.end().map_err(|error| Unreadable::json("the end", &error))?;
    Ok(value)
}

/// Reads a JSON object: a list of values without names would do for [`read`] too.
///
/// # Errors
/// As of [`read`].
pub fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    match body.trim_ascii_start().first() {
        Some(b'[') => Err(Unreadable::Json {
            path: "the beginning".to_owned(),
            problem: "it is a list, not an object".to_owned(),
        }),
        _ => read(body),
    }
}

/// An id that comes as a number or as a text; kept as a text, to the digit.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        exact(deserializer).map(Self)
    }
}

/// A decimal that comes as a number or as a text; kept as its digits, so that nothing is rounded on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Decimal(pub String);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        exact(deserializer).map(Self)
    }
}

impl Decimal {
    /// The amount in `currency`.
    ///
    /// # Errors
    /// [`MoneyError::Amount`] if it isn't a number, or has a part of a minor unit.
    pub fn money(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::parse(&self.0, currency)
    }
}

/// The digits of a number, or the content of a text; empty for null.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_err(serde::de::Error::custom),
        Some(b'-' | b'0'..=b'9') => Ok(text.to_owned()),
        _ if text == "null" => Ok(String::new()),
        _ => Err(serde::de::Error::custom("it is neither a number nor a text")),
    }
}

/// A date and time that may be an empty text, null or absent. Use with `#[serde(default)]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment(pub Option<Timestamp>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.and_then(|text| Timestamp::parse(&text))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Sample {
        id: Id,
        price: Decimal,
        #[serde(default)]
        at: Moment,
    }

    #[test]
    fn ids_and_prices_are_read_to_the_digit_however_they_come() {
        let sample: Sample = read(br#"{"id":9007199254740993,"price":"1490.10","at":""}"#).unwrap();
        assert_eq!((sample.id.0.as_str(), sample.price.0.as_str(), sample.at.0), ("9007199254740993", "1490.10", None));
        let sample: Sample = read(br#"{"id":"17","price":15990.0}"#).unwrap();
        assert_eq!((sample.id.0.as_str(), sample.price.0.as_str()), ("17", "15990.0"));
    }

    #[test]
    fn an_error_names_the_field() {
        let error = read::<Vec<Sample>>(br#"[{"id":1,"price":true}]"#).unwrap_err();
        assert!(error.to_string().starts_with("at [0].price"), "{error}");
    }

    #[test]
    fn what_is_no_text_is_refused_wherever_it_stands() {
        let error = read::<Sample>(b"{\"id\":1,\"price\":1,\"unknown\":\"\xFF\"}").unwrap_err();
        assert_eq!(error.to_string(), "at byte 29: it is no JSON: it is not UTF-8");
    }

    #[test]
    fn what_is_no_json_is_told_from_json_of_another_shape() {
        for text in ["", "<html>", r#"{"id":1,"pri"#, r#"{"id":1,"price":1}<"#, "\u{feff}{}"] {
            assert!(matches!(read::<Sample>(text.as_bytes()), Err(Unreadable::NotJson { .. })), "{text}");
        }
        for text in ["{}", "[]", "7", r#"{"id":1,"price":[]}"#] {
            assert!(matches!(read::<Sample>(text.as_bytes()), Err(Unreadable::Json { .. })), "{text}");
        }
    }

    #[test]
    fn a_list_is_no_object() {
        assert!(read::<Sample>(br#"[1,2,""]"#).is_ok());
        assert!(read_object::<Sample>(br#"[1,2,""]"#).is_err());
        assert!(read_object::<Sample>(b" \n{\"id\":1,\"price\":2}").is_ok());
    }

    #[test]
    fn what_follows_the_document_is_refused() {
        assert!(read::<Id>(b"1 2").is_err());
    }

    #[test]
    fn an_error_says_what_came_and_what_should_have_and_quotes_neither_texts_nor_numbers() {
        for (json, problem) in [
            (r#""Aigerim, expected 1""#, "invalid type: string, expected struct Sample at line 1 column 21"),
            ("77011234567", "invalid type: integer, expected struct Sample at line 1 column 11"),
            ("[]", "invalid length 0, expected struct Sample with 3 elements at line 1 column 2"),
            ("null", "invalid type: null, expected struct Sample at line 1 column 4"),
        ] {
            let Unreadable::Json { problem: told, .. } = read::<Sample>(json.as_bytes()).unwrap_err() else { panic!() };
            assert_eq!(told, problem, "{json}");
        }
    }

    #[test]
    fn an_error_is_short_however_long_the_value() {
        let long = "я".repeat(1_000_000);
        assert!(Unreadable::value("posting_number", &long, "it is too long").to_string().len() < 600);
        assert!(
            read::<Sample>(format!(r#"{{"id":"1","price":{long}}}"#).as_bytes()).unwrap_err().to_string().len() < 600
        );
    }

    #[test]
    fn what_can_not_be_read_of_a_person_is_not_quoted() {
        let error = serde_json::from_str::<edin_domain::Personal<String>>("77011234567").unwrap_err().to_string();
        assert!(error.starts_with("it tells of a person") && !error.contains("7701"), "{error}");
    }
}
