//! Who bought: as a channel tells it, and as one person over all channels.

use serde::{Deserialize, Serialize};

use crate::masked::Personal;

/// Who an order is for, as its channel told it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// As the channel wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// As the channel wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// As the channel wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// The channel's own id of the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_id: Option<Personal<String>>,
    /// Where to deliver to, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
}

/// A kind of thing by which a person is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A telephone number in digits with its country code.
    Phone,
    /// An e-mail address in lower case.
    Email,
    /// A channel's own id, known to that channel alone.
    Buyer,
}

impl IdentityKind {
    /// The word that keys use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Buyer => "buyer",
        }
    }
}

impl Contact {
    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the person can be recognised by, in one spelling, the surest first. `channel` keeps the ids of two channels apart.
    #[must_use]
    pub fn identities(&self, channel: &str) -> Vec<(IdentityKind, Personal<String>)> {
        let phone = self.phone.as_ref().and_then(|phone| normal_phone(phone.reveal()));
        let email = self.email.as_ref().and_then(|email| normal_email(email.reveal()));
        let buyer = self.buyer_id.as_ref().map(|id| format!("{channel}:{}", id.reveal()));
        [(IdentityKind::Phone, phone), (IdentityKind::Email, email), (IdentityKind::Buyer, buyer)]
            .into_iter()
            .filter_map(|(kind, value)| value.map(|value| (kind, Personal::new(value))))
            .collect()
    }
}

/// A number of Kazakhstan or Russia in eleven digits that begin with 7; others in their digits. None for a number that is
/// no person's: too short, or masked by the channel (`70000000000`).
fn normal_phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = match digits.len() {
        10 => format!("7{digits}"),
        11 => digits.strip_prefix('8').map_or(digits.clone(), |rest| format!("7{rest}")),
        _ => digits,
    };
    let masked = number.chars().skip(1).filter(|digit| *digit != '0').count() < 4;
    (number.len() >= 11 && !masked).then_some(number)
}

fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')).then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        for text in ["+7 (701) 123-45-67", "87011234567", "7011234567", "77011234567"] {
            assert_eq!(normal_phone(text).as_deref(), Some("77011234567"), "{text}");
        }
    }

    #[test]
    fn a_masked_number_is_nobody() {
        for text in ["7000000000", "+7 000 000 00 00", "", "12345"] {
            assert_eq!(normal_phone(text), None, "{text}");
        }
    }

    #[test]
    fn two_channels_ids_never_meet() {
        let contact = Contact { buyer_id: Some(Personal::new("1".to_owned())), ..Contact::default() };
        assert_ne!(contact.identities("kaspi"), contact.identities("ozon"));
    }
}
