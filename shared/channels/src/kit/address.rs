//! The addresses at which a connection is reached. They can't be guessed, and are checked without looking anything up.

use edin_domain::{Cause, ChannelName, ConnectionId, Secret};

use super::sign::{digest, hexadecimal, keyed, same};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// Calls of this channel.
    Hook(&'a ChannelName),
    /// The list that a channel pulls.
    Feed,
}

/// The unguessable last part of a connection's address: a keyed digest of whose it is and what for, in 40 hexadecimal digits.
#[must_use]
pub fn token(key: &Secret<String>, purpose: Purpose<'_>, connection: &ConnectionId) -> String {
    let label = match purpose {
        Purpose::Hook(channel) => format!("hook:{channel}:"),
        Purpose::Feed => "feed:".to_owned(),
    };
    hexadecimal(&keyed(key, &[label.as_bytes(), connection.as_str().as_bytes()]), 20)
}

/// What a channel signs its calls to a connection with, where it lets us choose that: a keyed digest of whose they are, in 64
/// hexadecimal digits.
#[must_use]
pub fn signing_secret(key: &Secret<String>, channel: &ChannelName, connection: &ConnectionId) -> Secret<String> {
    let label = format!("sign:{channel}:");
    Secret::new(hexadecimal(&keyed(key, &[label.as_bytes(), connection.as_str().as_bytes()]), 32))
}

/// The path at which a connection is reached for a purpose: its hook's, or its list's.
#[must_use]
pub fn path(key: &Secret<String>, purpose: Purpose<'_>, connection: &ConnectionId) -> String {
    let token = token(key, purpose, connection);
    match purpose {
        Purpose::Hook(_) => format!("/hooks/{connection}/{token}"),
        Purpose::Feed => format!("/feeds/{connection}.{token}.xml"),
    }
}

/// Which of `channels` this token of a hook's address is of; none if it is nobody's. Takes the same time whichever it is.
pub fn channel_of<'a>(
    channels: impl Iterator<Item = &'a ChannelName>,
    key: &Secret<String>,
    connection: &ConnectionId,
    presented: &str,
) -> Option<&'a ChannelName> {
    channels.fold(None, |found, channel| {
        let expected = token(key, Purpose::Hook(channel), connection);
        if same(&expected, presented) { Some(channel) } else { found }
    })
}

/// The id of an event that carries none: a digest of what was told, so that the same event has the same id again.
///
/// Shape: `<connection>:<16 hexadecimal digits>`.
#[must_use]
pub fn event_id(connection: &ConnectionId, body: &[u8]) -> Option<Cause> {
    Cause::new(format!("{connection}:{}", hexadecimal(&digest(body), 8))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNELS: [ChannelName; 2] = [ChannelName::of("vk"), ChannelName::of("shopify")];

    fn key() -> Secret<String> {
        Secret::new("key".to_owned())
    }

    fn connection(id: &str) -> ConnectionId {
        ConnectionId::new(id).unwrap()
    }

    fn found(key: &Secret<String>, id: &str, token: &str) -> Option<String> {
        channel_of(CHANNELS.iter(), key, &connection(id), token).map(ToString::to_string)
    }

    #[test]
    fn a_token_opens_its_own_address_only() {
        let ours = token(&key(), Purpose::Hook(&CHANNELS[1]), &connection("shop"));
        assert_eq!(ours.len(), 40);
        assert_eq!(found(&key(), "shop", &ours).as_deref(), Some("shopify"));
        assert_eq!(found(&key(), "shop-two", &ours), None);
        assert_eq!(found(&key(), "shop", ""), None);
        assert_eq!(found(&Secret::new("other".to_owned()), "shop", &ours), None);
    }

    #[test]
    fn the_token_of_a_list_is_none_of_a_hook() {
        let feed = token(&key(), Purpose::Feed, &connection("shop"));
        assert_eq!(found(&key(), "shop", &feed), None);
    }

    #[test]
    fn what_calls_are_signed_with_is_of_one_connection_and_not_told_by_its_address() {
        let of = |key: &Secret<String>, id: &str| signing_secret(key, &CHANNELS[1], &connection(id)).reveal().clone();
        let ours = of(&key(), "shop");
        assert_eq!(ours.len(), 64);
        assert_eq!(ours, of(&key(), "shop"));
        assert_ne!(ours, of(&key(), "shop-two"));
        assert_ne!(ours, of(&Secret::new("other".to_owned()), "shop"));
        assert!(!ours.contains(&token(&key(), Purpose::Hook(&CHANNELS[1]), &connection("shop"))));
    }

    #[test]
    fn the_same_event_has_the_same_id_again() {
        let id = |body: &[u8]| event_id(&connection("shop"), body).unwrap();
        assert_eq!(id(b"{}"), id(b"{}"));
        assert_ne!(id(b"{}"), id(b"[]"));
    }
}
