//! The token: a JWT that tells what it may do and until when, so that no call is needed to find out.
//!
//! Source: dev.wildberries.ru/openapi/api-information (authorisation), 2026-05-08.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edin_domain::{Secret, Timestamp};
use serde::Deserialize;

use crate::kit::client::Credential;

const MARKETPLACE: u32 = 4;
const READ_ONLY: u32 = 30;
const TEST: u8 = 2;

/// The part of the token that says what it is. Its signature is Wildberries' to check.
#[derive(Deserialize)]
struct Claims {
    /// When it ends, in seconds since 1970.
    exp: Option<i64>,
    /// Its type: 1 base, 2 test, 3 personal, 4 service.
    #[serde(default)]
    acc: u8,
    /// Whether it is for the sandbox.
    #[serde(default)]
    t: bool,
    /// What it may do: bit 4 is Marketplace, bit 30 is "only read".
    s: Option<u64>,
}

/// How `token` stands at `now`.
pub(super) fn credential(token: &Secret<String>, now: Timestamp) -> Credential {
    match claims(token) {
        Some(claims) => {
            let expires_at = claims.exp.map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000)));
            Credential { expires_at, problems: problems(&claims, expires_at, now) }
        }
        None => Credential {
            expires_at: None,
            problems: vec!["the token is not a JWT; copy it again as Wildberries showed it".to_owned()],
        },
    }
}

fn claims(token: &Secret<String>) -> Option<Claims> {
    let mut parts = token.reveal().trim().split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&json).ok()
}

fn problems(claims: &Claims, expires_at: Option<Timestamp>, now: Timestamp) -> Vec<String> {
    let may = |bit: u32| claims.s.map(|scopes| scopes >> bit & 1 == 1);
    let found = [
        (expires_at.is_some_and(|end| end <= now), "the token has expired; make a new one"),
        (may(MARKETPLACE) == Some(false), "the token lacks the category Marketplace, which orders and stock need"),
        (may(READ_ONLY) == Some(true), "the token may only read; stock can not be written with it"),
        (claims.t || claims.acc == TEST, "the token is for the sandbox, which has no real orders"),
    ];
    found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, problem)| problem.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn of(claims: &str) -> Credential {
        let token = format!("eyJhbGciOiJFUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims));
        credential(&Secret::new(token), NOW)
    }

    #[test]
    fn a_good_token_tells_its_end_and_has_no_problems() {
        let good = of(r#"{"acc":3,"exp":1810000000,"for":"self","s":16126,"sid":"x","t":false}"#);
        assert_eq!(good.expires_at, Some(Timestamp::from_millis(1_810_000_000_000)));
        assert_eq!(good.problems, Vec::<String>::new());
    }

    #[test]
    fn each_lack_is_told_by_itself() {
        for (claims, word) in [
            (r#"{"exp":1795341600,"s":16}"#, "expired"),
            (r#"{"exp":1810000000,"s":14}"#, "Marketplace"),
            (r#"{"exp":1810000000,"s":1073741840}"#, "only read"),
            (r#"{"exp":1810000000,"s":16,"t":true}"#, "sandbox"),
            (r#"{"exp":1810000000,"s":16,"acc":2}"#, "sandbox"),
        ] {
            let problems = of(claims).problems;
            assert_eq!(problems.len(), 1, "{claims}: {problems:?}");
            assert!(problems[0].contains(word), "{problems:?}");
        }
    }

    #[test]
    fn what_is_no_token_is_told_without_showing_it() {
        for text in ["", "secret", "a.b", "a.b.c.d", "a.!!.c", "a.bm90anNvbg.c"] {
            let broken = credential(&Secret::new(text.to_owned()), NOW);
            assert_eq!(broken.problems.len(), 1, "{text}");
            assert!(broken.problems[0].contains("not a JWT"));
            assert!(text.is_empty() || text.len() < 4 || !broken.problems[0].contains(text));
        }
    }
}
