//! The address that pushes come to.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edin_channels::address::{Purpose, token};
use edin_channels::kaspi;
use edin_channels::ozon;
use edin_channels::wildberries;
use edin_domain::{ConnectionId, Secret};
use hostile::{input, samples};
use lambda_http::http::Method;
use lambda_http::{Body, Request, Response};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use webhook::Receiver;

use crate::aws::{Aws, Still};

const OZON: &str = "ozon-main";
/// Ozon's, and somebody else's.
const SOURCE: &str = "195.34.21.7";
const STRANGER: &str = "203.0.113.7";
/// The largest body that is taken.
const LARGEST: usize = 100 * 1024;

/// The function over a queue that writes down what it gets.
struct Door {
    receiver: Receiver,
    aws: Aws,
    runtime: tokio::runtime::Runtime,
}

impl Door {
    fn new() -> Self {
        let aws = Aws::default();
        let receiver = Receiver {
            inbox: aws.queue(),
            key: key(),
            networks: edin_channels::networks("").unwrap(),
            clock: Arc::new(Still),
        };
        Self { receiver, aws, runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap() }
    }

    /// The status, the answer, and what was put into the queue.
    fn knock(&self, request: Request) -> (u16, String, Vec<Value>) {
        let response = self.runtime.block_on(self.receiver.handle(request));
        let (status, body) = checked(&response);
        (status, body, self.aws.taken().iter().flat_map(|(_, call)| kept(call)).collect())
    }
}

/// Whatever is answered is short, JSON or nothing, and has no header of the caller's.
fn checked(response: &Response<Body>) -> (u16, String) {
    let headers: Vec<(&str, &[u8])> =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(headers, [("content-type", &b"application/json"[..])]);
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(body.len() < 1_024, "{} bytes: {body}", body.len());
    assert!(body.is_empty() || serde_json::from_str::<Value>(&body).is_ok(), "{body}");
    let status = response.status().as_u16();
    assert!([200, 400, 403, 404, 413].contains(&status), "{status} {body}");
    (status, body)
}

fn kept(call: &Value) -> Vec<Value> {
    let entries = call["Entries"].as_array().cloned().unwrap_or_default();
    let message = |entry: &Value| {
        let body = entry["MessageBody"].as_str().expect("a text");
        let lawful = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(body.chars().all(lawful) && body.len() <= 256 * 1024, "SQS takes no such message");
        serde_json::from_str(body).expect("JSON")
    };
    entries.iter().map(message).collect()
}

fn key() -> Secret<String> {
    Secret::new("a key of this test".to_owned())
}

fn path_of(purpose: Purpose, connection: &str) -> String {
    format!("/hooks/{connection}/{}", token(&key(), purpose, &ConnectionId::new(connection).unwrap()))
}

fn hook() -> String {
    path_of(Purpose::Hook(&ozon::FACTS.name), OZON)
}

/// A call as API Gateway hands it over.
fn call(method: &str, path: &str, source: Option<&str>, body: &[u8]) -> Value {
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (STANDARD.encode(body), true),
    };
    let mut http = json!({ "method": method, "path": path, "protocol": "HTTP/1.1", "userAgent": "" });
    if let Some(source) = source {
        http["sourceIp"] = json!(source);
    }
    json!({
        "version": "2.0", "routeKey": "POST /hooks/{connection}/{token}", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "example.execute-api.eu-central-1.amazonaws.com", "x-forwarded-for": SOURCE },
        "requestContext": {
            "accountId": "1", "apiId": "1", "domainName": "example.execute-api.eu-central-1.amazonaws.com",
            "http": http, "requestId": "1", "routeKey": "", "stage": "$default",
            "time": "22/Nov/2026:10:00:00 +0000", "timeEpoch": 1_795_341_600_000_i64,
        },
        "body": body, "isBase64Encoded": is_base64,
    })
}

fn request(call: &Value) -> Request {
    lambda_http::request::from_str(&call.to_string()).unwrap()
}

/// What must become of a body that comes from Ozon to the right address.
fn expected(body: &[u8]) -> (u16, bool) {
    #[derive(serde::Deserialize)]
    struct Head {
        message_type: String,
    }
    match serde_json::from_slice::<Head>(body) {
        _ if body.len() > LARGEST => (413, false),
        _ if !body.trim_ascii_start().starts_with(b"{") => (400, false),
        Ok(head) if head.message_type.is_empty() => (400, false),
        Ok(head) if head.message_type == "TYPE_PING" => (200, false),
        Ok(_) => (200, true),
        Err(_) => (400, false),
    }
}

fn addresses() -> impl Strategy<Value = (String, bool)> {
    let others = [
        path_of(Purpose::Hook(&wildberries::FACTS.name), OZON),
        path_of(Purpose::Hook(&kaspi::FACTS.name), OZON),
        path_of(Purpose::Feed, OZON),
        path_of(Purpose::Hook(&ozon::FACTS.name), "ozon-two").replace("ozon-two", OZON),
        hook().replace(OZON, "ozon-two"),
        path_of(Purpose::Hook(&wildberries::FACTS.name), "wb-main"),
        path_of(Purpose::Hook(&kaspi::FACTS.name), "kaspi-main"),
        hook().to_uppercase(),
        hook().replace("/hooks/", "/feeds/"),
    ];
    prop_oneof![
        4 => Just((hook(), true)),
        2 => select(others.to_vec()).prop_map(|path| (path, false)),
        2 => (0..hook().len(), any::<char>()).prop_filter_map("a change", |(at, c)| {
            let path = hook();
            let changed = format!("{}{c}{}", &path[..at], &path[at + 1..]);
            (changed.trim_matches('/') != path.trim_matches('/')).then_some((changed, false))
        }),
        1 => "(/[ -~]{0,12}){1,5}".prop_map(|path| (path, false)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_what_ozon_may_tell_at_its_address_gets_into_the_queue(
        (path, is_ours) in addresses(),
        method in select(vec!["POST", "POST", "POST", "POST", "GET", "PUT", "DELETE", "OPTIONS", "TRACE", "post", "BREW"]),
        source in select(vec![Some(SOURCE), Some(SOURCE), Some(SOURCE), Some("::ffff:195.34.21.7"), Some(STRANGER),
            Some("::195.34.21.7"), Some("195.34.21.7, 203.0.113.7"), Some("195.34.21.7:443"), Some(""), None]),
        body in prop_oneof![3 => input::broken(samples::OZON_PUSHES.to_vec()),
            2 => select(samples::OZON_PUSHES.to_vec()).prop_map(|text| text.as_bytes().to_vec())],
        headers in prop::collection::hash_map("[a-z-]{1,20}", "[ -~]{0,40}", 0..4),
    ) {
        // lambda_http can't make a request of a path that is no path; API Gateway answers such calls itself.
        prop_assume!(path.parse::<lambda_http::http::Uri>().is_ok() && path.starts_with('/') && !path.contains("//"));
        let mut call = call(method, &path, source, &body);
        for (name, value) in headers {
            call["headers"][name] = json!(value);
        }
        let door = Door::new();
        let (status, _, kept) = door.knock(request(&call));
        let is_ozon = matches!(source, Some(SOURCE | "::ffff:195.34.21.7"));
        let (told, keeps) = match (is_ours && method == "POST", is_ozon) {
            (false, _) => (404, false),
            (true, _) if body.len() > LARGEST => (413, false),
            (true, false) => (403, false),
            (true, true) => expected(&body),
        };
        prop_assert_eq!((status, kept.len()), (told, usize::from(keeps)));
        if let Some(message) = kept.first() {
            prop_assert_eq!(message["content"]["push"].as_str().map(str::as_bytes), Some(body.as_slice()));
            prop_assert_eq!(&message["connection"], OZON);
        }
    }
}

/// Sent from Ozon to the right address.
fn from_ozon(door: &Door, body: &[u8]) -> (u16, String, usize) {
    let (status, answer, kept) = door.knock(request(&call("POST", &hook(), Some(SOURCE), body)));
    (status, answer, kept.len())
}

#[test]
fn tricks_with_the_path_lead_nowhere() {
    let (door, good) = (Door::new(), hook());
    let token = good.rsplit('/').next().unwrap();
    let tricks = [
        format!("/hooks/../hooks/{OZON}/{token}"),
        format!("/hooks/./{OZON}/{token}"),
        format!("/hooks/wb-main/../{OZON}/{token}"),
        format!("/hooks/%2e%2e/{OZON}/{token}"),
        format!("/hooks/{OZON}%2f{token}"),
        format!("/hooks%2f{OZON}%2f{token}"),
        format!("/hooks/{OZON}%252f{token}"),
        format!("/hooks/%6fzon-main/{token}"),
        format!("/hooks/%256fzon-main/{token}"),
        format!("/hooks/{OZON}/{token}%00"),
        format!("/hooks/{OZON}%00/{token}"),
        format!("/hooks/{OZON}/{token}%0d%0aX-Evil:%201"),
        format!("/hooks/{OZON}/%c0%ae%c0%ae/{token}"),
        format!("/hooks/{OZON}/{token};a=b"),
        format!("/hooks/{OZON}/{token}."),
        format!("/hooks/{OZON}/{token}.xml"),
        format!("/hooks/{OZON}/{token}/more"),
        format!("/hooks//{OZON}/{token}"),
        format!("/hooks/{OZON}//{token}"),
        format!("/$default/hooks/{OZON}/{token}"),
        format!("/HOOKS/{OZON}/{token}"),
        format!("/hooks/OZON-MAIN/{token}"),
        format!("/hooks/{OZON}/{}", token.to_uppercase()),
        format!("/hooks/{OZON}/{}", &token[..39]),
        format!("/hooks/{OZON}/0{token}"),
        format!("/hooks/{OZON}/"),
        "/hooks".to_owned(),
        "/".to_owned(),
        format!("/hooks/{}/{token}", "a".repeat(10_000)),
    ];
    for path in tricks {
        assert_eq!(door.knock(at(&path)), (404, String::new(), vec![]), "{path}");
    }
    assert_eq!(from_ozon(&door, samples::OZON_PUSHES[0].as_bytes()).0, 200, "the good one, which is {good}");
}

/// A push from Ozon to this very path: the library that reads the event resolves dots in a path before it hands it on.
fn at(path: &str) -> Request {
    let mut request = request(&call("POST", &hook(), Some(SOURCE), samples::OZON_PUSHES[0].as_bytes()));
    *request.uri_mut() = path.parse().unwrap();
    request
}

#[test]
fn letters_that_look_like_others_are_others() {
    let (door, good) = (Door::new(), hook());
    let token = good.rsplit('/').next().unwrap();
    let wide = |text: &str| text.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect::<String>();
    for path in [
        format!("/hooks/оzon-main/{token}"),
        format!("/hooks/{}/{token}", wide(OZON)),
        format!("/hooks/{OZON}/{}", wide(token)),
        format!("/hooks/{OZON}\u{200b}/{token}"),
        format!("/hooks∕{OZON}∕{token}"),
        format!("/hooks/{OZON}/{token}\u{0}"),
    ] {
        // What can't stand in a path never comes as far as here.
        if path.parse::<lambda_http::http::Uri>().is_ok() {
            assert_eq!(door.knock(at(&path)), (404, String::new(), vec![]), "{path}");
        }
    }
}

#[test]
fn who_calls_without_a_gateway_is_nobody() {
    let door = Door::new();
    let mut request = Request::new(Body::Text(samples::OZON_PUSHES[0].to_owned()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = hook().parse().unwrap();
    assert_eq!(door.knock(request), (403, String::new(), vec![]));
}

#[test]
fn headers_prove_nothing_and_change_nothing() {
    let door = Door::new();
    let body = samples::OZON_PUSHES[0].as_bytes();
    for name in [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "true-client-ip",
        "cf-connecting-ip",
        "x-http-method-override",
        "x-original-url",
        "x-rewrite-url",
        "content-type",
        "content-length",
        "transfer-encoding",
        "authorization",
        "expect",
    ] {
        for value in ["195.34.21.7", "for=195.34.21.7", "GET", "chunked", "0", "Basic Og==", "\t", "a\u{7f}b"] {
            let mut of_stranger = call("POST", &hook(), Some(STRANGER), body);
            of_stranger["headers"][name] = json!(value);
            let Ok(request) = lambda_http::request::from_str(&of_stranger.to_string()) else { continue };
            assert_eq!(door.knock(request), (403, String::new(), vec![]), "{name}: {value}");
        }
    }
}

#[test]
fn what_is_packed_is_not_unpacked() {
    // A push in gzip: what a bomb looks like from outside.
    let packed = STANDARD.encode([&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 4_096]].concat());
    let door = Door::new();
    for encoding in ["gzip", "br", "deflate", "zstd", "gzip, gzip"] {
        let mut call = call("POST", &hook(), Some(SOURCE), b"");
        call["headers"]["content-encoding"] = json!(encoding);
        call["body"] = json!(packed);
        call["isBase64Encoded"] = json!(true);
        let (status, _, kept) = door.knock(request(&call));
        assert_eq!((status, kept.len()), (400, 0), "{encoding}");
    }
}

#[test]
fn bodies_that_would_be_much_work_are_little() {
    let door = Door::new();
    let deep = |depth: usize| format!(r#"{{"message_type":"TYPE_X","a":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><l>&b;</l>"#;
    for (body, status, keeps) in [
        ("[".repeat(LARGEST), 400, 0),
        ("{\"a\":".repeat(LARGEST / 5), 400, 0),
        ("9".repeat(LARGEST), 400, 0),
        (format!("\"{}\"", "a".repeat(LARGEST - 2)), 400, 0),
        (format!(r#"{{"message_type":{}}}"#, "9".repeat(LARGEST - 20)), 400, 0),
        (format!(r#"{{"message_type":["{}"]}}"#, "a".repeat(LARGEST - 30)), 400, 0),
        (laughs.to_owned(), 400, 0),
        (r#"["TYPE_NEW_POSTING"]"#.to_owned(), 400, 0),
        ("a".repeat(LARGEST + 1), 413, 0),
        ("\0".repeat(6 << 20), 413, 0),
        (deep(40_000), 200, 1),
        (format!(r#"{{"message_type":"TYPE_X","a":"{}"}}"#, r#"\""#.repeat(LARGEST / 2 - 20)), 200, 1),
        (format!(r#"{{"message_type":"TYPE_X","a":"{}"}}"#, "\u{ffff}".repeat(LARGEST / 3 - 20)), 200, 1),
        (format!(r#"{{"message_type":"TYPE_X",{}"a":1}}"#, "\n".repeat(LARGEST - 100)), 200, 1),
        (format!(r#"{{"message_type":"{}"}}"#, "Я".repeat(LARGEST / 2 - 20)), 200, 1),
    ] {
        let (told, _, kept) = from_ozon(&door, body.as_bytes());
        assert_eq!((told, kept), (status, keeps), "{}…", body.chars().take(60).collect::<String>());
    }
}

#[test]
fn a_push_that_comes_again_is_the_same_event_again() {
    let door = Door::new();
    let push = call("POST", &hook(), Some(SOURCE), samples::OZON_PUSHES[1].as_bytes());
    let events: Vec<Value> = (0..3).flat_map(|_| door.knock(request(&push)).2).collect();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event == &events[0]), "intake joins them");
}
