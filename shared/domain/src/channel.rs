//! Which channel, and which account of the seller's there: as far as the rules need to know, a name and some settings.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::InvalidId;

/// A channel as configuration, tables and logs call it, such as `ozon`: a small letter, then at most 31 small letters, digits
/// and underscores. That a text is such a name doesn't mean that this build speaks with that channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(Cow<'static, str>);

impl ChannelName {
    /// The name of a channel that is built in. What breaks the rule doesn't compile where it is a constant.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        assert!(is_name(name.as_bytes()), "a channel's name takes small letters, digits and underscores");
        Self(Cow::Borrowed(name))
    }

    /// Checks `text` and takes it as it is.
    ///
    /// # Errors
    /// [`InvalidId`] names the rule.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        let text = text.into();
        match is_name(text.as_bytes()) {
            true => Ok(Self(Cow::Owned(text))),
            false => Err(InvalidId { kind: "channel", text, rule: RULE }),
        }
    }

    /// The name as configuration, tables and paths write it: `ozon`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const RULE: &str = "it takes a small letter, then at most 31 small letters, digits and underscores";

const fn is_name(text: &[u8]) -> bool {
    let Some((first, mut rest)) = text.split_first() else { return false };
    let mut is_name = first.is_ascii_lowercase() && rest.len() < 32;
    while let Some((next, others)) = rest.split_first() {
        is_name = is_name && (next.is_ascii_lowercase() || next.is_ascii_digit() || *next == b'_');
        rest = others;
    }
    is_name
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChannelName {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl TryFrom<String> for ChannelName {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> Self {
        name.0.into_owned()
    }
}

/// What an account needs to be known besides its credentials: `{ ozon = { client_id = "1234" } }`. Which settings there are only
/// its channel knows; here they are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    channel: ChannelName,
    settings: Map<String, Value>,
}

impl Account {
    /// An account without settings.
    #[must_use]
    pub fn of(channel: ChannelName) -> Self {
        Self { channel, settings: Map::new() }
    }

    /// The same with this setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// The channel that it is an account of.
    #[must_use]
    pub const fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// Its settings, by name, as its channel reads them.
    #[must_use]
    pub const fn settings(&self) -> &Map<String, Value> {
        &self.settings
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.channel, &self.settings)])
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut all = Map::deserialize(deserializer)?.into_iter();
        let (Some((channel, settings)), None) = (all.next(), all.next()) else {
            return Err(D::Error::custom(
                "it takes one channel with its settings, such as { ozon = { client_id = \"1234\" } }",
            ));
        };
        let channel = ChannelName::new(channel).map_err(D::Error::custom)?;
        match settings {
            Value::Object(settings) => Ok(Self { channel, settings }),
            _ => Err(D::Error::custom(format!("{channel}: it takes its settings in braces"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_channel_is_called_by_a_small_word() {
        for name in ["ozon", "yandex_market", "a", "vk2", &"a".repeat(32)] {
            assert_eq!(ChannelName::new(name).unwrap().as_str(), name);
        }
        for name in ["", "Ozon", "2gis", "_x", "yandex-market", "озон", "a b", "a#", &"a".repeat(33)] {
            assert!(ChannelName::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn an_account_is_kept_as_it_is_written_whoevers_it_is() {
        for written in [json!({"ozon": {"client_id": "1"}}), json!({"of_tomorrow": {"list": [1, {"deep": null}]}})] {
            let account: Account = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&account).unwrap(), written);
        }
    }

    #[test]
    fn an_account_is_of_one_channel() {
        for wrong in [json!({}), json!({"a": {}, "b": {}}), json!({"a": 1}), json!({"A": {}}), json!("a"), json!(null)]
        {
            assert!(serde_json::from_value::<Account>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
