//! The address that a price list is pulled from.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edin_channels::address::{Purpose, token};
use edin_domain::{ConnectionId, Secret};
use edin_platform::Secrets;
use feed::Feed;
use lambda_http::http::{HeaderValue, Method};
use lambda_http::{Body, Request};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use crate::aws::{Aws, Still};

const KASPI: &str = "kaspi-main";
const RIGHT: &str = "Basic a2FzcGk6cGFzc3dvcmQ=";

struct Door {
    feed: Feed,
    aws: Aws,
    runtime: tokio::runtime::Runtime,
    _state: TempDir,
}

impl Door {
    /// Of a connection whose list is behind a password.
    fn new() -> Self {
        let text = |text: &str| json!({ "S": text });
        let kaspi = json!({ "M": { "merchant_id": text("1"), "company": text("Shop"), "feed_user": text("kaspi") } });
        let item = json!({
            "pk": text("CONN#kaspi-main"), "sk": text("CONN"), "id": text(KASPI), "account": { "M": { "kaspi": kaspi } },
            "currency": text("KZT"), "warehouses": { "M": {} },
        });
        let aws = Aws { item: Some(item), ..Aws::default() };
        let state = tempfile::tempdir().unwrap();
        let file = state.path().join("secrets.json");
        std::fs::write(&file, json!({ "kaspi-main/feed_password": "password" }).to_string()).unwrap();
        let secrets = Secrets::File(Arc::new(file));
        let feed = Feed { store: aws.store(), secrets, key: key(), clock: Arc::new(Still) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { feed, aws, runtime, _state: state }
    }

    /// The status, and how often the table was asked.
    fn knock(&self, method: &str, path: &str, authorization: Option<HeaderValue>) -> (u16, usize) {
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().extend(authorization.map(|value| (lambda_http::http::header::AUTHORIZATION, value)));
        let response = self.runtime.block_on(self.feed.handle(request));
        assert!(response.body().is_empty(), "a refusal says nothing");
        (response.status().as_u16(), self.aws.taken().len())
    }
}

fn key() -> Secret<String> {
    Secret::new("a key of this test".to_owned())
}

fn token_of(purpose: Purpose<'_>, connection: &str) -> String {
    token(&key(), purpose, &ConnectionId::new(connection).unwrap())
}

fn list() -> String {
    format!("/feeds/{KASPI}.{}.xml", token_of(Purpose::Feed, KASPI))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_does_not_know_the_password_gets_nothing(
        header in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            ".{0,30}".prop_map(|text| format!("Basic {}", STANDARD.encode(text)).into_bytes()),
            (0..RIGHT.len(), any::<u8>()).prop_map(|(at, byte)| {
                let mut bytes = RIGHT.as_bytes().to_vec();
                bytes[at] = byte;
                bytes
            }),
            (0..RIGHT.len()).prop_map(|end| RIGHT.as_bytes()[..end].to_vec()),
            "[ -~]{1,5}".prop_map(|more| format!("{RIGHT}{more}").into_bytes()),
        ],
    ) {
        prop_assume!(header != RIGHT.as_bytes());
        let Ok(header) = HeaderValue::from_bytes(&header) else { return Ok(()) };
        prop_assert_eq!(Door::new().knock("GET", &list(), Some(header)), (401, 1));
    }

    #[test]
    fn another_address_costs_no_look_at_the_table(path in "/feeds/[ -~&&[^ \"<>`{}|\\\\^#?]]{0,80}|/[a-z/.%0-9]{0,40}") {
        prop_assume!(path.parse::<lambda_http::http::Uri>().is_ok() && path != list());
        prop_assert_eq!(Door::new().knock("GET", &path, None), (404, 0));
    }
}

#[test]
fn the_password_opens() {
    let door = Door::new();
    assert_eq!(door.knock("GET", &list(), None), (401, 1));
    assert_eq!(door.knock("HEAD", &list(), None), (401, 1), "the head is behind it too");
    let (status, asked) = door.knock("GET", &list(), Some(HeaderValue::from_static(RIGHT)));
    assert!(status == 503 && asked > 1, "an empty list is withheld: {status}");
}

#[test]
fn no_other_token_opens_a_list() {
    let door = Door::new();
    let hooks: Vec<_> = edin_channels::all().map(|facts| token_of(Purpose::Hook(&facts.name), KASPI)).collect();
    let others =
        [token_of(Purpose::Feed, "kaspi-two"), token_of(Purpose::Feed, "kaspi"), String::new(), "..".to_owned()];
    for token in hooks.iter().chain(&others) {
        assert_eq!(door.knock("GET", &format!("/feeds/{KASPI}.{token}.xml"), None), (404, 0), "{token}");
    }
    let good = token_of(Purpose::Feed, KASPI);
    for path in [
        format!("/feeds/../feeds/{KASPI}.{good}.xml"),
        format!("/feeds//{KASPI}.{good}.xml"),
        format!("/feeds/{KASPI}.{good}.xml/"),
        format!("/feeds/{KASPI}.{good}.xml%00"),
        format!("/feeds/{KASPI}%2e{good}.xml"),
        format!("/feeds/{KASPI}.{good}.XML"),
        format!("/feeds/{KASPI}.{}.xml", good.to_uppercase()),
        format!("/hooks/{KASPI}/{good}"),
    ] {
        assert_eq!(door.knock("GET", &path, None), (404, 0), "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "get", "head"] {
        assert_eq!(door.knock(method, &list(), None), (404, 0), "{method}");
    }
}
