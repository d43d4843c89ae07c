//! The receiving side of a channel's calls: is it genuine, what is it, and what does the channel expect as an answer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use edin_domain::{ChannelName, Secret, Timestamp};
use http::{HeaderMap, Method};
use ipnet::IpNet;

use super::facts::Facts;

/// A call that came in.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
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
    /// What a channel signs the calls of this connection with, where it lets us choose that.
    pub secret: &'a Secret<String>,
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
pub enum Handling {
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
    pub fn text(call: &Incoming<'_>) -> Option<Self> {
        let told = std::str::from_utf8(call.body).ok()?;
        Some(Self { event: None, told: told.to_owned() })
    }
}

/// A call that its channel can't have made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forged(pub String);

/// The proof of a channel that signs nothing: that it calls from one of its networks. `title` is what people call it.
///
/// # Errors
/// [`Forged`] names where the call came from.
pub(crate) fn from_networks(call: &Incoming<'_>, networks: &[IpNet], title: &str) -> Result<(), Forged> {
    let Some(source) = call.source.map(|source| source.to_canonical()) else {
        return Err(Forged(format!("the source address is not known, and {title} proves itself by nothing else")));
    };
    match networks.iter().any(|network| network.contains(&source)) {
        true => Ok(()),
        false => Err(Forged(format!("{source} is in none of {title}'s networks"))),
    }
}

/// How a channel calls. One that proves itself by nothing but the unguessable address says so in its own `verify`: there is no
/// default, so that none is forgotten.
pub trait Hook: Send + Sync {
    /// Whether it calls by this method. A call by another one is answered as if there were nothing at the address.
    fn calls_by(&self, method: &Method) -> bool;

    /// Checks the channel's own proof of origin; `networks` are those that it calls from.
    ///
    /// # Errors
    /// [`Forged`] says what is missing or wrong.
    fn verify(&self, call: &Incoming<'_>, networks: &[IpNet]) -> Result<(), Forged>;

    /// What the call is, and what this channel expects as an answer.
    fn handle(&self, call: &Incoming<'_>) -> Handling;

    /// The answer if the call can't be kept just now: the channel shall make it again.
    fn unavailable(&self) -> Answer;
}

/// The networks that channels call from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(BTreeMap<ChannelName, Vec<IpNet>>);

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
    /// Those that channels document.
    ///
    /// # Errors
    /// [`BadNetworks`] if one documents what is no network: a slip in its facts.
    pub fn documented<'a>(channels: impl Iterator<Item = &'a Facts>) -> Result<Self, BadNetworks> {
        let of = |facts: &Facts| {
            let networks = facts.hook.networks();
            networks
                .iter()
                .map(|text| network(text))
                .collect::<Option<_>>()
                .ok_or_else(|| unreadable(&networks.join(",")))
        };
        channels.map(|facts| Ok((facts.name.clone(), of(facts)?))).collect::<Result<_, _>>().map(Self)
    }

    /// With what `text` says in place of what was known: `ozon=195.34.21.0/24,185.73.192.0/22;other=10.0.0.0/8`. Of a channel that it
    /// doesn't name everything stays.
    ///
    /// # Errors
    /// [`BadNetworks`] names what can't be read, or a channel that isn't among the known ones.
    pub fn with(mut self, text: &str) -> Result<Self, BadNetworks> {
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (channel, networks) = named(part).ok_or_else(|| unreadable(part))?;
            match self.0.get_mut(&channel) {
                Some(known) => *known = networks,
                None => return Err(BadNetworks::Silent(channel)),
            }
        }
        Ok(self)
    }

    /// With calls of every channel let in from here too.
    #[must_use]
    pub fn and(mut self, network: IpNet) -> Self {
        self.0.values_mut().for_each(|networks| networks.push(network));
        self
    }

    /// Those of a channel.
    #[must_use]
    pub fn of(&self, channel: &ChannelName) -> &[IpNet] {
        self.0.get(channel).map_or(&[], Vec::as_slice)
    }
}

fn named(part: &str) -> Option<(ChannelName, Vec<IpNet>)> {
    let (channel, networks) = part.split_once('=')?;
    let networks: Option<Vec<IpNet>> = networks.split(',').map(network).collect();
    Some((ChannelName::new(channel.trim()).ok()?, networks?))
}

fn network(text: &str) -> Option<IpNet> {
    text.trim().parse().ok()
}

fn unreadable(text: &str) -> BadNetworks {
    BadNetworks::Unreadable(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OZON: ChannelName = ChannelName::of("ozon");
    const VK: ChannelName = ChannelName::of("vk");

    fn known() -> Networks {
        let documented = ["10.0.0.0/8".parse().unwrap()];
        Networks([OZON, VK].map(|channel| (channel, documented.to_vec())).into())
    }

    #[test]
    fn networks_are_read_as_the_template_writes_them() {
        let of = |networks: &Networks| [OZON, VK].map(|channel| networks.of(&channel).len());
        let networks = known().with("ozon=195.34.21.0/24, 185.73.192.0/22; vk=10.0.0.0/8;").unwrap();
        assert_eq!(of(&networks), [2, 1]);
        assert_eq!(of(&known().with("ozon=195.34.21.0/24,185.73.192.0/22").unwrap()), [2, 1], "the others stay");
        assert_eq!(known().with(""), Ok(known()));
        assert_eq!(of(&known().and("127.0.0.0/8".parse().unwrap())), [2, 2]);
    }

    #[test]
    fn a_network_that_can_not_be_read_is_named() {
        for bad in ["ozon", "ozon=", "ozon=195.34.21.0/24,", "ozon=everywhere", "Ozon=10.0.0.0/8"] {
            assert_eq!(known().with(bad), Err(BadNetworks::Unreadable(bad.to_owned())));
        }
        assert_eq!(known().with("of_tomorrow=10.0.0.0/8"), Err(BadNetworks::Silent(ChannelName::of("of_tomorrow"))));
    }
}
