//! The receiving side of webhooks: is it genuine, what is it, and what does that channel expect as an answer.
//!
//! A channel that pushes implements [`Webhook`]; [`Webhook::verify`] has no default, so that one can't be forgotten.

use std::fmt::Write as _;
use std::net::IpAddr;

use edin_domain::{Cause, Channel, ConnectionId, Secret, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ozon;

/// A call that came in.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The body, as it came.
    pub body: &'a [u8],
    /// Where it came from, as the gateway saw it.
    pub source: Option<IpAddr>,
    /// When it came.
    pub received_at: Timestamp,
}

/// An answer: JSON, with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// What to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it; there is nothing to keep.
    Answer(Answer),
    /// Keep it, then answer.
    Keep(Answer),
}

/// A call that its channel can't have made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forged(pub String);

/// How a channel pushes.
pub trait Webhook: Send + Sync {
    /// Checks the channel's own proof of origin.
    ///
    /// # Errors
    /// [`Forged`] says what is missing or wrong.
    fn verify(&self, call: &Call<'_>) -> Result<(), Forged>;

    /// What the call is, and what this channel expects as an answer.
    fn judge(&self, call: &Call<'_>) -> Verdict;

    /// The answer if the call can't be kept just now: the channel shall send it again.
    fn unavailable(&self) -> Answer;
}

/// The networks that channels push from, where they document any.
#[derive(Debug, Clone)]
pub struct Networks {
    /// Ozon's.
    pub ozon: Vec<IpNet>,
}

/// The webhook of a channel; none if it doesn't push.
#[must_use]
pub fn of(channel: Channel, networks: &Networks) -> Option<Box<dyn Webhook>> {
    match channel {
        Channel::Ozon => Some(Box::new(ozon::Pushes { networks: networks.ozon.clone() })),
        Channel::Wildberries | Channel::Kaspi => None,
    }
}

/// The unguessable last part of a connection's address: a keyed digest of whose it is and what for, in 40 hexadecimal digits.
/// So the address can be checked without looking anything up.
#[must_use]
pub fn token(key: &Secret<String>, purpose: Purpose, connection: &ConnectionId) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()) else { return String::new() };
    mac.update(purpose.label().as_bytes());
    mac.update(connection.as_str().as_bytes());
    hexadecimal(mac.finalize().into_bytes().get(..20).unwrap_or_default())
}

/// The path at which a connection is reached for a purpose: its hook's, or its price list's.
#[must_use]
pub fn path(key: &Secret<String>, purpose: Purpose, connection: &ConnectionId) -> String {
    let token = token(key, purpose, connection);
    match purpose {
        Purpose::Hook(_) => format!("/hooks/{connection}/{token}"),
        Purpose::Feed => format!("/feeds/{connection}.{token}.xml"),
    }
}

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Pushes of this channel.
    Hook(Channel),
    /// The price list that Kaspi pulls.
    Feed,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Hook(Channel::Ozon) => "hook:ozon:",
            Self::Hook(Channel::Wildberries) => "hook:wildberries:",
            Self::Hook(Channel::Kaspi) => "hook:kaspi:",
            Self::Feed => "feed:",
        }
    }
}

/// Which channel's address this is; none if the token is nobody's. Takes the same time whichever it is.
#[must_use]
pub fn channel_of(key: &Secret<String>, connection: &ConnectionId, presented: &str) -> Option<Channel> {
    Channel::ALL.into_iter().fold(None, |found, channel| {
        let expected = token(key, Purpose::Hook(channel), connection);
        if same(&expected, presented) { Some(channel) } else { found }
    })
}

/// Compares in constant time. An empty text is never the same as anything.
#[must_use]
pub fn same(expected: &str, presented: &str) -> bool {
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(presented.as_bytes()))
}

/// The id of an event that carries none: a digest of what was told, so that the same event has the same id again.
///
/// Shape: `<connection>:<16 hexadecimal digits>`.
#[must_use]
pub fn event_id(connection: &ConnectionId, body: &[u8]) -> Option<Cause> {
    let digest = Sha256::digest(body);
    Cause::new(format!("{connection}:{}", hexadecimal(digest.get(..8).unwrap_or_default()))).ok()
}

/// Bytes, in two hexadecimal digits each.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Secret<String> {
        Secret::new("key".to_owned())
    }

    fn connection(id: &str) -> ConnectionId {
        ConnectionId::new(id).unwrap()
    }

    #[test]
    fn a_token_opens_its_own_address_only() {
        let ours = token(&key(), Purpose::Hook(Channel::Ozon), &connection("ozon-main"));
        assert_eq!(ours.len(), 40);
        assert_eq!(channel_of(&key(), &connection("ozon-main"), &ours), Some(Channel::Ozon));
        assert_eq!(channel_of(&key(), &connection("ozon-two"), &ours), None);
        assert_eq!(channel_of(&key(), &connection("ozon-main"), ""), None);
        assert_eq!(channel_of(&Secret::new("other".to_owned()), &connection("ozon-main"), &ours), None);
    }

    #[test]
    fn the_token_of_a_price_list_is_none_of_a_hook() {
        let feed = token(&key(), Purpose::Feed, &connection("kaspi-main"));
        assert_eq!(channel_of(&key(), &connection("kaspi-main"), &feed), None);
    }

    #[test]
    fn the_same_event_has_the_same_id_again() {
        let id = |body: &[u8]| event_id(&connection("ozon-main"), body).unwrap();
        assert_eq!(id(b"{}"), id(b"{}"));
        assert_ne!(id(b"{}"), id(b"[]"));
    }
}
