//! The receiving side of the Market's notifications. Source: github.com/yandex-market/yandex-market-notification-api, 2026-04-20.
//!
//! The Market signs nothing: what proves the origin is the source network and the unguessable address. It makes a call again for two
//! weeks unless it is answered with 200 or 400, and then gives the address up, so whatever names its type is acknowledged:
//! duplicates and unknown types too.

use http::Method;
use ipnet::IpNet;
use serde_json::json;

use super::{FACTS, wire};
use crate::kit::hook::{Answer, Forged, Handling, Hook, Incoming, Kept, from_networks};
use crate::kit::tolerant;

/// The Market's notifications.
pub(super) struct Notifications;

impl Hook for Notifications {
    fn calls_by(&self, method: &Method) -> bool {
        method == Method::POST
    }

    fn verify(&self, call: &Incoming<'_>, networks: &[IpNet]) -> Result<(), Forged> {
        from_networks(call, networks, FACTS.title)
    }

    /// A connection check must be answered within a second, so there is nothing to wait for.
    fn handle(&self, call: &Incoming<'_>) -> Handling {
        let head = match tolerant::read_object::<wire::Head>(call.body) {
            Ok(head) => head,
            Err(error) => return wrong(&error.to_string()),
        };
        match (head.notification_type.as_str(), Kept::text(call)) {
            ("PING", _) => Handling::Answer(taken(call)),
            ("", _) => wrong("notificationType is empty"),
            (_, None) => wrong("it is no UTF-8"),
            (_, Some(kept)) => Handling::Keep(kept, taken(call)),
        }
    }

    fn unavailable(&self) -> Answer {
        failure(500, "UNKNOWN", "it can not be kept just now; send it again")
    }
}

/// Every type is answered so, not only a connection check.
fn taken(call: &Incoming<'_>) -> Answer {
    Answer::json(200, &json!({"version": "1.0", "name": "edin", "time": call.received_at.to_string()}))
}

fn wrong(what: &str) -> Handling {
    Handling::Answer(failure(400, "WRONG_EVENT_FORMAT", what))
}

fn failure(status: u16, kind: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"type": kind, "message": message}}))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use edin_domain::{Secret, Timestamp};
    use http::HeaderMap;
    use serde_json::Value;

    use super::*;

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

    fn verify(source: Option<&str>) -> Result<(), Forged> {
        Notifications.verify(&call("{}", source), crate::networks("").unwrap().of(&FACTS.name))
    }

    fn handled(body: &str) -> (Handling, Value) {
        let handling = Notifications.handle(&call(body, None));
        let (Handling::Answer(answer) | Handling::Keep(_, answer)) = &handling;
        let body = serde_json::from_str(&answer.body).unwrap();
        (handling, body)
    }

    #[test]
    fn a_call_from_a_documented_network_is_the_markets_and_no_other_is() {
        for source in ["5.45.207.1", "141.8.142.127", "5.255.253.64", "::ffff:5.45.207.7"] {
            assert_eq!(verify(Some(source)), Ok(()), "{source}");
        }
        assert!(verify(Some("5.45.207.128")).unwrap_err().to_string().contains("5.45.207.128"));
        assert!(verify(None).is_err());
    }

    #[test]
    fn a_connection_check_is_answered_and_not_kept() {
        let (handling, body) = handled(include_str!("samples/notification-ping.json"));
        assert!(matches!(handling, Handling::Answer(Answer { status: 200, .. })));
        assert_eq!(body, json!({"version": "1.0", "name": "edin", "time": "2026-11-22T10:00:00Z"}));
    }

    #[test]
    fn whatever_names_its_type_is_kept_and_acknowledged_in_the_same_words() {
        for kind in ["ORDER_CREATED", "CHAT_CREATED", "OF_TOMORROW"] {
            let (handling, body) = handled(&format!(r#"{{"notificationType":"{kind}"}}"#));
            assert!(matches!(handling, Handling::Keep(_, Answer { status: 200, .. })), "{kind}");
            let fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(fields, ["name", "time", "version"], "{kind}");
            assert!(body.as_object().unwrap().values().all(|text| (1..=100).contains(&text.as_str().unwrap().len())));
        }
    }

    #[test]
    fn what_is_no_notification_is_refused_in_the_markets_words() {
        for body in
            ["", "no JSON", "[]", r#"["PING"]"#, "{}", r#"{"notificationType":7}"#, r#"{"notificationType":""}"#]
        {
            let (handling, answer) = handled(body);
            assert!(matches!(handling, Handling::Answer(Answer { status: 400, .. })), "{body}");
            assert_eq!(answer["error"]["type"], "WRONG_EVENT_FORMAT", "{body}");
        }
    }

    #[test]
    fn what_can_not_be_kept_comes_again() {
        let answer = Notifications.unavailable();
        assert_eq!(answer.status, 500);
        assert!(answer.body.contains("UNKNOWN"));
    }
}
