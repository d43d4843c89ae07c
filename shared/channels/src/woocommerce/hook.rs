//! The receiving side of WooCommerce's webhooks. Source: github.com/woocommerce/woocommerce, includes/class-wc-webhook.php, 2026-11,
//! and what version 10.0.2 sent on 2026-11-27.
//!
//! A call is signed with a secret that the seller enters beside the address, and isn't made again, whatever it is answered with; after
//! seven failures in a row no more are made. A webhook that is new makes a call to try the address, which isn't signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use ipnet::IpNet;
use serde_json::json;

use super::wire;
use crate::kit::hook::{Answer, Forged, Handling, Hook, Incoming, Kept};
use crate::kit::sign::{keyed, same};
use crate::kit::tolerant;

const SIGNATURE: &str = "x-wc-webhook-signature";
const TOPIC: &str = "x-wc-webhook-topic";

/// WooCommerce's calls.
pub(super) struct Webhooks;

impl Hook for Webhooks {
    fn calls_by(&self, method: &Method) -> bool {
        method == Method::POST
    }

    fn verify(&self, call: &Incoming<'_>, _networks: &[IpNet]) -> Result<(), Forged> {
        if is_trial(call) {
            return Ok(());
        }
        let presented = header(call.headers, SIGNATURE).ok_or_else(|| Forged(format!("it has no {SIGNATURE}")))?;
        match same(&STANDARD.encode(keyed(call.secret, &[call.body])), presented) {
            true => Ok(()),
            false => Err(Forged(format!("{SIGNATURE} isn't made with the secret of this connection's webhooks"))),
        }
    }

    /// Of the body only which order it is about is kept: the order is asked for, so nothing of a buyer needs to travel.
    fn handle(&self, call: &Incoming<'_>) -> Handling {
        if is_trial(call) {
            return Handling::Answer(taken());
        }
        let Some(topic) = header(call.headers, TOPIC).filter(|topic| !topic.is_empty()) else {
            return wrong(&format!("it has no {TOPIC}"));
        };
        if is_of_no_order(topic) {
            return Handling::Answer(taken());
        }
        match tolerant::read_object::<wire::Call>(call.body) {
            Ok(about) => keep(&wire::Call { topic: topic.to_owned(), ..about }),
            Err(error) => wrong(&error.to_string()),
        }
    }

    /// It won't be made again: whatever it was about is found by asking.
    fn unavailable(&self) -> Answer {
        Answer::json(503, &json!({"error": "it can not be kept just now"}))
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `webhook_id=12`, as a form. There is nothing in it to believe or to keep.
fn is_trial(call: &Incoming<'_>) -> bool {
    let number = call.body.strip_prefix(b"webhook_id=");
    number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

/// Products echo each write of ours, and buyers and coupons are nobody's business here.
fn is_of_no_order(topic: &str) -> bool {
    ["product.", "customer.", "coupon."].iter().any(|resource| topic.starts_with(resource))
}

fn keep(about: &wire::Call) -> Handling {
    match serde_json::to_string(about) {
        Ok(told) => Handling::Keep(Kept { event: None, told }, taken()),
        Err(error) => wrong(&error.to_string()),
    }
}

fn taken() -> Answer {
    Answer::json(200, &json!({}))
}

fn wrong(what: &str) -> Handling {
    Handling::Answer(Answer::json(400, &json!({"error": what})))
}

#[cfg(test)]
mod tests {
    use edin_domain::{Secret, Timestamp};
    use http::HeaderValue;
    use serde_json::Value;

    use super::*;

    /// What it was recorded with.
    const SECRET: &str = "test-secret";

    fn recorded(text: &str) -> (HeaderMap, Vec<u8>) {
        let call: Value = serde_json::from_str(text).unwrap();
        let headers = call["headers"].as_object().unwrap().iter().map(|(name, value)| {
            (name.parse::<http::HeaderName>().unwrap(), HeaderValue::from_str(value.as_str().unwrap()).unwrap())
        });
        (headers.collect(), STANDARD.decode(call["body_base64"].as_str().unwrap()).unwrap())
    }

    fn with<T>(secret: &str, (headers, body): &(HeaderMap, Vec<u8>), ask: impl FnOnce(&Incoming<'_>) -> T) -> T {
        let call = Incoming {
            method: &Method::POST,
            query: "",
            headers,
            body,
            source: None,
            secret: &Secret::new(secret.to_owned()),
            received_at: Timestamp::from_millis(0),
        };
        ask(&call)
    }

    fn is_genuine(secret: &str, call: &(HeaderMap, Vec<u8>)) -> bool {
        with(secret, call, |call| Webhooks.verify(call, &[]).is_ok())
    }

    const RECORDED: [(&str, &str); 3] = [
        (
            include_str!("samples/webhook-order-updated.json"),
            r#"{"topic":"order.updated","id":"31","status":"processing"}"#,
        ),
        (
            include_str!("samples/webhook-order-created.json"),
            r#"{"topic":"order.created","id":"31","status":"processing"}"#,
        ),
        (include_str!("samples/webhook-order-deleted.json"), r#"{"topic":"order.deleted","id":"31","status":""}"#),
    ];

    #[test]
    fn what_a_shop_signed_is_genuine_and_only_which_order_it_is_about_is_kept() {
        for (call, expected) in RECORDED.map(|(call, kept)| (recorded(call), kept)) {
            assert!(is_genuine(SECRET, &call));
            let Handling::Keep(kept, answer) = with(SECRET, &call, |call| Webhooks.handle(call)) else { panic!() };
            assert_eq!((kept.told.as_str(), answer.status), (expected, 200));
        }
    }

    #[test]
    fn another_secret_another_body_and_no_signature_prove_nothing() {
        for (headers, body) in RECORDED.map(|(call, _)| recorded(call)) {
            assert!(!is_genuine("another-secret", &(headers.clone(), body.clone())));
            assert!(!is_genuine(SECRET, &(headers.clone(), [&body[..], b" "].concat())));
            for signature in [None, Some(""), Some("="), Some("AAAA")] {
                let mut headers = headers.clone();
                headers.remove(SIGNATURE);
                headers.extend(
                    signature.map(|text| (SIGNATURE.parse::<http::HeaderName>().unwrap(), text.parse().unwrap())),
                );
                assert!(!is_genuine(SECRET, &(headers, body.clone())), "{signature:?}");
            }
        }
    }

    #[test]
    fn a_trial_of_the_address_is_answered_though_it_is_not_signed_and_nothing_is_kept() {
        let trial = recorded(include_str!("samples/webhook-ping.json"));
        assert!(is_genuine(SECRET, &trial));
        let handling = with(SECRET, &trial, |call| Webhooks.handle(call));
        assert!(matches!(handling, Handling::Answer(Answer { status: 200, .. })));
        for other in ["webhook_id=", "webhook_id=1&order=2", "webhook_id=one", " webhook_id=1"] {
            assert!(!is_genuine(SECRET, &(HeaderMap::new(), other.into())), "{other}");
        }
    }

    #[test]
    fn what_is_of_no_order_is_acknowledged_and_not_kept() {
        for (topic, status) in [("product.updated", 200), ("customer.created", 200), ("coupon.deleted", 200), ("", 400)]
        {
            let headers = HeaderMap::from_iter([(TOPIC.parse().unwrap(), topic.parse().unwrap())]);
            let handling = with(SECRET, &(headers, br#"{"id":28}"#.to_vec()), |call| Webhooks.handle(call));
            assert!(matches!(handling, Handling::Answer(answer) if answer.status == status), "{topic}");
        }
    }
}
