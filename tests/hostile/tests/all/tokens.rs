//! Tokens of addresses, and what Wildberries' token tells.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edin_channels::address::{self, Purpose, token};
use edin_channels::channel_of;
use edin_channels::kaspi;
use edin_channels::ozon;
use edin_channels::sign::same;
use edin_channels::wildberries;
use edin_domain::{ConnectionId, Secret};
use hostile::wires::NOW;
use proptest::prelude::*;

use crate::channel::{Scripted, open};

const PURPOSES: [Purpose<'static>; 4] = [
    Purpose::Hook(&ozon::FACTS.name),
    Purpose::Hook(&wildberries::FACTS.name),
    Purpose::Hook(&kaspi::FACTS.name),
    Purpose::Feed,
];

fn key(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_opens_one_address_for_one_purpose(
        keys in prop::array::uniform2("[0-9a-f]{1,64}"),
        ids in prop::array::uniform2("[a-z0-9-]{1,40}"),
        purposes in prop::array::uniform2(prop::sample::select(PURPOSES.to_vec())),
    ) {
        let of = |at: usize| token(&key(&keys[at]), purposes[at], &ConnectionId::new(&ids[at]).unwrap());
        let is_same = keys[0] == keys[1] && ids[0] == ids[1] && purposes[0] == purposes[1];
        prop_assert_eq!(of(0) == of(1), is_same);
        let opens = channel_of(&key(&keys[1]), &ConnectionId::new(&ids[1]).unwrap(), &of(0));
        let expected = match purposes[0] {
            Purpose::Hook(channel) if keys[0] == keys[1] && ids[0] == ids[1] => Some(channel),
            _ => None,
        };
        prop_assert_eq!(opens, expected);
    }

    #[test]
    fn nothing_else_is_the_same(expected in "\\PC{0,50}", presented in "\\PC{0,50}") {
        prop_assert_eq!(same(&expected, &presented), expected == presented && !expected.is_empty());
        prop_assert_eq!(same(&expected, &expected), !expected.is_empty());
    }

    #[test]
    fn whatever_is_no_token_opens_nothing(presented in "\\PC{0,60}|[0-9a-f]{39,41}") {
        prop_assert_eq!(channel_of(&key("key"), &ConnectionId::new("ozon-main").unwrap(), &presented), None);
    }

    /// The token is told of without being shown, whatever it is.
    #[test]
    fn a_token_of_wildberries_that_can_not_be_read_is_not_repeated(
        claims in prop_oneof![".{0,60}", hostile::input::json().prop_map(|claims| claims.to_string())],
        parts in prop::sample::select(vec!["a.{}.c", "{}", "a.{}", "a.{}.c.d", ".{}.", "a.{}==.c"]),
    ) {
        let token = parts.replace("{}", &URL_SAFE_NO_PAD.encode(claims));
        let channel = open(&wildberries::FACTS, &token, &Arc::new(Scripted::default()));
        let credential = at_once(channel.credential(NOW)).unwrap();
        let words = credential.problems.join(" ");
        prop_assert!(words.len() < 400);
        prop_assert!(token.len() < 8 || !words.contains(&token), "{}", words);
    }
}

/// What needs no waiting.
fn at_once<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn no_bit_and_no_character_of_a_token_may_differ() {
    let (key, id) = (key("key"), ConnectionId::new("ozon-main").unwrap());
    let good = token(&key, Purpose::Hook(&ozon::FACTS.name), &id);
    assert_eq!(channel_of(&key, &id, &good), Some(&ozon::NAME));
    let mut wrong =
        vec![String::new(), good.to_uppercase(), good.clone() + &good, format!("{good}\0"), format!(" {good}")];
    for at in 0..good.len() {
        wrong.extend([good[..at].to_owned(), good[at + 1..].to_owned(), format!("{}0{}", &good[..at], &good[at..])]);
        let of_bytes = |byte: u8| {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = byte;
            String::from_utf8(bytes).ok()
        };
        let byte = good.as_bytes()[at];
        wrong.extend((0..8).filter_map(|bit| of_bytes(byte ^ 1 << bit)));
        wrong.extend((0..128).filter(|other| *other != byte).filter_map(of_bytes));
    }
    assert!(wrong.len() > 5_000);
    for wrong in wrong {
        assert_eq!(channel_of(&key, &id, &wrong), None, "{wrong}");
    }
}

#[test]
fn the_token_of_a_connection_is_none_of_another_whose_name_continues_it() {
    let key = key("key");
    for (one, other) in [("ozon", "ozon-main"), ("a", "aa"), ("ozon-main", "ozon-main-2")] {
        let [one, other] = [one, other].map(|id| ConnectionId::new(id).unwrap());
        for purpose in PURPOSES {
            assert_ne!(token(&key, purpose, &one), token(&key, purpose, &other));
            assert_eq!(channel_of(&key, &other, &token(&key, purpose, &one)), None);
        }
    }
}

#[test]
fn a_path_holds_the_token_of_its_own_purpose() {
    let (key, id) = (key("key"), ConnectionId::new("kaspi-main").unwrap());
    for purpose in PURPOSES {
        let path = address::path(&key, purpose, &id);
        assert!(path.contains(&token(&key, purpose, &id)));
        assert!(PURPOSES.iter().all(|other| *other == purpose || !path.contains(&token(&key, *other, &id))));
    }
}
