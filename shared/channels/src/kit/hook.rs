//! The receiving side of a channel's calls: is it genuine, what is it, and what does the channel expect as an answer.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr;

use edin_domain::{ChannelName, Timestamp};
use http::{HeaderMap, Method};
use ipnet::IpNet;

use super::facts::Facts;

/// A call that came in.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its method.
    pub method: &'a Method,
    /// What stands behind the `?`; empty if nothing does.
    pub query: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// The body, as it came.
    pub body: &'a [u8],
    /// Where it came from, as the gateway saw it.
    pub source: Option<IpAddr>,
    /// When it came.
    pub received_at: Timestamp,
}

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// What the body is.
    pub kind: Kind,
    /// The body.
    pub body: String,
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain text.
    Text,
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl Kind {
    /// The `Content-Type`.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }
}

impl Answer {
    /// An answer of JSON.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, kind: Kind::Json, body: body.to_string() }
    }
}

/// What to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it; there is nothing to keep.
    Answer(Answer),
    /// Keep it, then answer.
    Keep(Kept, Answer),
}

/// What is kept of a call until its orders are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The channel's own id of the event, where it gives one. Otherwise what was told tells events apart.
    pub event: Option<String>,
    /// What the channel's reader reads: the body, as text.
    pub told: String,
}

impl Kept {
    /// The body as it is, if it is text.
    #[must_use]
    pub fn text(call: &Call<'_>) -> Option<Self> {
        let told = std::str::from_utf8(call.body).ok()?;
        Some(Self { event: None, told: told.to_owned() })
    }
}

/// A call that its channel can't have made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forged(pub String);

/// How a channel calls. One that proves itself by nothing but the unguessable address says so in its own `verify`: there is no
/// default, so that none is forgotten.
pub trait Hook: Send + Sync {
    /// Whether it calls by this method. A call by another one is answered as if there were nothing at the address.
    fn calls_by(&self, method: &Method) -> bool;

    /// Checks the channel's own proof of origin; `networks` are those that it calls from.
    ///
    /// # Errors
    /// [`Forged`] says what is missing or wrong.
    fn verify(&self, call: &Call<'_>, networks: &[IpNet]) -> Result<(), Forged>;

    /// What the call is, and what this channel expects as an answer.
    fn judge(&self, call: &Call<'_>) -> Verdict;

    /// The answer if the call can't be kept just now: the channel shall make it again.
    fn unavailable(&self) -> Answer;
}

/// The networks that channels call from: those that they document, unless the deployment says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// In place of the documented ones, by channel.
    instead: BTreeMap<ChannelName, Vec<IpNet>>,
    /// Beside them, for every channel.
    also: Vec<IpNet>,
}

/// Networks that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNetworks {
    /// It isn't written so.
    #[error("{0:?} names no networks; write ozon=195.34.21.0/24,185.73.192.0/22 and a semicolon between channels")]
    Unreadable(String),
    /// They are of a channel that isn't known, or doesn't call us.
    #[error("{0} is no channel that calls us")]
    Silent(ChannelName),
}

impl Networks {
    /// The same, and calls of every channel are let in from here too.
    #[must_use]
    pub fn and(mut self, network: IpNet) -> Self {
        self.also.push(network);
        self
    }

    /// The channels whose networks are said.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelName> {
        self.instead.keys()
    }

    /// Those of a channel.
    #[must_use]
    pub fn of(&self, facts: &Facts) -> Vec<IpNet> {
        let documented = || facts.hook.networks().iter().filter_map(|network| network.parse().ok()).collect();
        let mut networks = self.instead.get(&facts.name).cloned().unwrap_or_else(documented);
        networks.extend(&self.also);
        networks
    }
}

impl FromStr for Networks {
    type Err = BadNetworks;

    /// `ozon=195.34.21.0/24,185.73.192.0/22;other=10.0.0.0/8`. Of a channel that isn't named the documented ones stay.
    fn from_str(text: &str) -> Result<Self, BadNetworks> {
        let of_channel = |part: &str| {
            let (channel, networks) = part.split_once('=')?;
            let networks: Option<Vec<IpNet>> = networks.split(',').map(|text| text.trim().parse().ok()).collect();
            Some((ChannelName::new(channel.trim()).ok()?, networks?))
        };
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        let instead = parts.map(|part| of_channel(part).ok_or_else(|| BadNetworks::Unreadable(part.to_owned())));
        Ok(Self { instead: instead.collect::<Result<_, _>>()?, also: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_the_template_writes_them() {
        let networks: Networks = "ozon=195.34.21.0/24, 185.73.192.0/22; vk=10.0.0.0/8;".parse().unwrap();
        let of = |name| networks.instead[&ChannelName::of(name)].len();
        assert_eq!((of("ozon"), of("vk")), (2, 1));
        assert_eq!("".parse(), Ok(Networks::default()));
    }

    #[test]
    fn a_network_that_can_not_be_read_is_named() {
        for bad in ["ozon", "ozon=", "ozon=195.34.21.0/24,", "ozon=everywhere", "Ozon=10.0.0.0/8"] {
            assert_eq!(bad.parse::<Networks>(), Err(BadNetworks::Unreadable(bad.to_owned())));
        }
    }
}
