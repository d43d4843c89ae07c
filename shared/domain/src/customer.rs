//! Who bought: as a channel tells it, and as one person over all channels.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::masked::Personal;

/// Who an order is for, as its channel told it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The whole name, in whatever order the channel writes its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// A telephone number as the channel wrote it: with or without a country code, or masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// An e-mail address as the channel wrote it, in any case of letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// The channel's own id of the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_id: Option<Personal<String>>,
    /// Where to deliver to, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
    /// A number that leads to the buyer for the time of this order. Others get it later, so it tells nobody from anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute_phone: Option<Personal<String>>,
}

/// A part of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// What they are called.
    Name,
    /// Their telephone number.
    Phone,
    /// Their e-mail address.
    Email,
    /// The channel's own id of them.
    BuyerId,
    /// Where to deliver to.
    Address,
    /// A number for the time of an order.
    SubstitutePhone,
}

impl Detail {
    /// The word that stored contacts use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::BuyerId => "buyer_id",
            Self::Address => "address",
            Self::SubstitutePhone => "substitute_phone",
        }
    }
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

    /// The details that are told as they are, rather than masked.
    #[must_use]
    pub fn whole(&self) -> BTreeSet<Detail> {
        let told = self.details().into_iter().filter_map(|(detail, text)| Some((detail, text.as_ref()?)));
        told.filter(|(detail, text)| is_whole(*detail, text.reveal())).map(|(detail, _)| detail).collect()
    }

    /// Joins what was told later: known beats unknown, whole beats masked, and of two of the same kind the later stands.
    pub fn merge(&mut self, later: &Self) {
        let (known, told) = (self.whole(), later.whole());
        let later = later.clone();
        for (detail, ours, theirs) in [
            (Detail::Name, &mut self.name, later.name),
            (Detail::Phone, &mut self.phone, later.phone),
            (Detail::Email, &mut self.email, later.email),
            (Detail::BuyerId, &mut self.buyer_id, later.buyer_id),
            (Detail::Address, &mut self.address, later.address),
            (Detail::SubstitutePhone, &mut self.substitute_phone, later.substitute_phone),
        ] {
            let gives_way = ours.is_none() || told.contains(&detail) || !known.contains(&detail);
            if let (Some(text), true) = (theirs, gives_way) {
                *ours = Some(text);
            }
        }
    }

    fn details(&self) -> [(Detail, &Option<Personal<String>>); 6] {
        [
            (Detail::Name, &self.name),
            (Detail::Phone, &self.phone),
            (Detail::Email, &self.email),
            (Detail::BuyerId, &self.buyer_id),
            (Detail::Address, &self.address),
            (Detail::SubstitutePhone, &self.substitute_phone),
        ]
    }

    /// What the person can be recognised by, in one spelling, the surest first. `account` keeps the ids of two accounts apart:
    /// a channel's id of a buyer means nothing at another one. `normal_phone` is a telephone number's one spelling; none for one
    /// that is nobody's own.
    #[must_use]
    pub fn identities(
        &self,
        account: &str,
        normal_phone: impl Fn(&str) -> Option<String>,
    ) -> Vec<(IdentityKind, Personal<String>)> {
        let phone = self.phone.as_ref().filter(|phone| !is_masked_phone(phone.reveal()));
        let phone = phone.and_then(|phone| normal_phone(phone.reveal()));
        let email = self.email.as_ref().and_then(|email| normal_email(email.reveal()));
        let buyer = self.buyer_id.as_ref().map(|id| format!("{account}:{}", id.reveal()));
        [(IdentityKind::Phone, phone), (IdentityKind::Email, email), (IdentityKind::Buyer, buyer)]
            .into_iter()
            .filter_map(|(kind, value)| value.map(|value| (kind, Personal::new(value))))
            .collect()
    }
}

fn is_whole(detail: Detail, text: &str) -> bool {
    match detail {
        Detail::Phone | Detail::SubstitutePhone => !is_masked_phone(text) && digits(text).count() >= NATIONAL,
        Detail::Name | Detail::Email | Detail::BuyerId | Detail::Address => !text.contains('*'),
    }
}

/// Digits of a number of Kazakhstan or Russia without its country code.
const NATIONAL: usize = 10;

/// Whether a channel shows this in place of a telephone number: asterisks, the same digit all over, or Kaspi's `7000000000`,
/// which could be somebody's by its form. A fine number such as `+7 771 000 00 00` is a person's.
fn is_masked_phone(text: &str) -> bool {
    let digits: Vec<char> = digits(text).collect();
    let national = digits.get(digits.len().saturating_sub(NATIONAL)..).unwrap_or_default();
    let are_all = |digits: &[char], wanted: char| digits.iter().all(|digit| *digit == wanted);
    let (first, rest) = national.split_first().map_or(('0', national), |(first, rest)| (*first, rest));
    text.contains('*') || are_all(rest, first) || (first == '7' && are_all(rest, '0'))
}

fn digits(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(char::is_ascii_digit)
}

fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')).then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_masks_look_like_is_nobody_s_and_a_fine_number_is_a_person_s() {
        for text in
            ["7000000000", "70000000000", "+7 000 000 00 00", "+7 111 111 11 11", "9999999999", "+7 705 *** ** 67", ""]
        {
            assert!(is_masked_phone(text), "{text}");
        }
        for text in ["+7 771 000 00 00", "8 701 000 00 01", "7771111111", "+996 700 000 000"] {
            assert!(!is_masked_phone(text), "{text}");
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands for one that may find none")]
    fn any_phone(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn contact(name: Option<&str>, phone: Option<&str>) -> Contact {
        let told = |text: &str| Personal::new(text.to_owned());
        Contact { name: name.map(told), phone: phone.map(told), ..Contact::default() }
    }

    #[test]
    fn known_beats_unknown_and_whole_beats_masked_whichever_is_told_first() {
        let (whole, masked) = ("+7 705 765-43-21", "7000000000");
        for (reports, name, phone) in [
            (vec![contact(Some("Aliya"), None), contact(None, Some(whole))], "Aliya", whole),
            (vec![contact(None, Some(masked)), contact(Some("Aliya"), Some(whole))], "Aliya", whole),
            (vec![contact(Some("Aliya"), Some(whole)), contact(Some("A***"), Some(masked))], "Aliya", whole),
            (vec![contact(Some("A***"), Some(masked)), contact(Some("Aliya"), None)], "Aliya", masked),
        ] {
            let mut known = Contact::default();
            reports.iter().for_each(|told| known.merge(told));
            assert_eq!(known, contact(Some(name), Some(phone)));
        }
    }

    #[test]
    fn what_is_masked_is_not_whole() {
        assert_eq!(contact(Some("A***"), Some("7000000000")).whole(), BTreeSet::new());
        assert_eq!(contact(Some("Aliya"), Some("7057654321")).whole(), [Detail::Name, Detail::Phone].into());
    }

    #[test]
    fn a_substitute_number_identifies_nobody() {
        let substitute_phone = Some(Personal::new("+7 705 765-43-21".to_owned()));
        assert_eq!(Contact { substitute_phone, ..Contact::default() }.identities("ozon:7", any_phone), []);
    }

    #[test]
    fn two_channels_ids_never_meet() {
        let contact = Contact { buyer_id: Some(Personal::new("1".to_owned())), ..Contact::default() };
        assert_ne!(contact.identities("kaspi", any_phone), contact.identities("ozon", any_phone));
    }
}
