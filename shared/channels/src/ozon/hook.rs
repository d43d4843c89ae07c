//! The receiving side of Ozon's pushes. Source: docs.ozon.ru/api/seller, Push notifications, 2026-10-01.
//!
//! Ozon signs nothing: what proves the origin is the source network and the unguessable address. It switches the
//! address off if too many answers aren't 200, so whatever is well-formed is acknowledged: duplicates and unknown types
//! too.

use http::Method;
use ipnet::IpNet;
use serde_json::json;

use super::{FACTS, wire};
use crate::kit::hook::{Answer, Forged, Handling, Hook, Incoming, Kept, from_networks};
use crate::kit::tolerant;

/// Ozon's pushes.
pub(super) struct Pushes;

impl Hook for Pushes {
    fn calls_by(&self, method: &Method) -> bool {
        method == Method::POST
    }

    fn verify(&self, call: &Incoming<'_>, networks: &[IpNet]) -> Result<(), Forged> {
        from_networks(call, networks, FACTS.title)
    }

    fn handle(&self, call: &Incoming<'_>) -> Handling {
        let head = match tolerant::read_object::<wire::Head>(call.body) {
            Ok(head) => head,
            Err(error) => return missed(&error.to_string()),
        };
        match (head.message_type.as_str(), Kept::text(call)) {
            ("TYPE_PING", _) => Handling::Answer(Answer::json(
                200,
                &json!({"version": "1.0", "name": "edin", "time": call.received_at.to_string()}),
            )),
            ("", _) => missed("message_type is empty"),
            (_, None) => missed("it is no UTF-8"),
            (_, Some(kept)) => Handling::Keep(kept, Answer::json(200, &json!({"result": true}))),
        }
    }

    fn unavailable(&self) -> Answer {
        failure(500, "ERROR_UNKNOWN", "it can not be kept just now; send it again")
    }
}

fn missed(what: &str) -> Handling {
    Handling::Answer(failure(400, "ERROR_PARAMETER_VALUE_MISSED", what))
}

fn failure(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"code": code, "message": message, "details": null}}))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use edin_domain::{Secret, Timestamp};
    use http::HeaderMap;
    use serde_json::Value;

    use super::*;

    fn verify(source: Option<&str>) -> Result<(), Forged> {
        Pushes.verify(&call("{}", source), crate::networks("").unwrap().of(&FACTS.name))
    }

    fn call<'a>(body: &'a str, source: Option<&str>) -> Incoming<'a> {
        static HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
        static SECRET: LazyLock<Secret<String>> = LazyLock::new(|| Secret::new(String::new()));
        Incoming {
            method: &Method::POST,
            query: "",
            headers: &HEADERS,
            body: body.as_bytes(),
            source: source.map(|source| source.parse().unwrap()),
            secret: &SECRET,
            received_at: Timestamp::parse("2026-11-22T10:00:00Z").unwrap(),
        }
    }

    fn handled(body: &str) -> (Handling, Value) {
        let handling = Pushes.handle(&call(body, None));
        let (Handling::Answer(answer) | Handling::Keep(_, answer)) = &handling;
        let body = serde_json::from_str(&answer.body).unwrap();
        (handling, body)
    }

    #[test]
    fn a_push_from_a_documented_network_is_ozons() {
        for source in ["195.34.21.7", "185.73.195.255", "91.223.93.1", "::ffff:195.34.21.7"] {
            assert_eq!(verify(Some(source)), Ok(()), "{source}");
        }
    }

    #[test]
    fn a_refusal_names_the_address() {
        let forged = verify(Some("217.116.26.101")).unwrap_err();
        assert!(forged.to_string().contains("217.116.26.101"), "{forged}");
    }

    #[test]
    fn a_push_from_nowhere_is_refused() {
        assert!(verify(None).is_err());
    }

    #[test]
    fn the_connection_check_is_answered_and_not_kept() {
        let (handling, body) = handled(include_str!("samples/push-ping.json"));
        assert!(matches!(handling, Handling::Answer(Answer { status: 200, .. })));
        assert_eq!(body, json!({"version": "1.0", "name": "edin", "time": "2026-11-22T10:00:00Z"}));
    }

    #[test]
    fn whatever_names_its_type_is_kept_and_acknowledged_even_if_nobody_knows_it() {
        for kind in ["TYPE_NEW_POSTING", "TYPE_STOCKS_CHANGED", "TYPE_OF_TOMORROW"] {
            let (handling, body) = handled(&format!(r#"{{"message_type":"{kind}","seller_id":"1"}}"#));
            assert!(matches!(handling, Handling::Keep(_, Answer { status: 200, .. })), "{kind}");
            assert_eq!(body, json!({"result": true}), "{kind}");
        }
    }

    #[test]
    fn what_is_no_push_is_refused_in_ozons_words() {
        for body in
            ["", "no JSON", "[]", r#"["TYPE_NEW_POSTING"]"#, "{}", r#"{"message_type":7}"#, r#"{"message_type":""}"#]
        {
            let (handling, answer) = handled(body);
            assert!(matches!(handling, Handling::Answer(Answer { status: 400, .. })), "{body}");
            assert_eq!(answer["error"]["code"], "ERROR_PARAMETER_VALUE_MISSED", "{body}");
            assert!(answer["error"]["details"].is_null(), "{body}");
        }
    }

    #[test]
    fn what_can_not_be_kept_comes_again() {
        let answer = Pushes.unavailable();
        assert_eq!(answer.status, 500);
        assert!(answer.body.contains("ERROR_UNKNOWN"));
    }
}
