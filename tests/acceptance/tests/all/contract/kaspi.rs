//! Kaspi: the samples of its seller guide.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use edin_channels::feed::{List, Offer, StoreStock, render};
use edin_channels::kaspi;
use edin_domain::{Account, Article, Currency, Money, OrderId, WarehouseId};
use serde_json::{Value, json};
use simulators::kaspi::{Kaspi, Settings};
use simulators::{Server, now};

use super::recorder::{Exchange, Recorder};
use super::sample::{Gaps, departures};
use super::{Problem, assert_met, assert_none, changed, client, published};

/// `guide.kaspi.kz/partner/ru/shop/api/orders/q3201`, 2025-12.
const PARAMETERS: [&str; 9] = [
    "page[number]",
    "page[size]",
    "filter[orders][creationDate][$ge]",
    "filter[orders][creationDate][$le]",
    "filter[orders][state]",
    "filter[orders][status]",
    "filter[orders][signatureRequired]",
    "filter[orders][code]",
    "include[orders]",
];

const NONE: Gaps = Gaps { beyond: &[], may_lack: &[] };

const ORDERS: Gaps = Gaps {
    beyond: &[
        ("/data/*/attributes/assembled", "the table of attributes in q3201"),
        (
            "/data/*/attributes/kaspiDelivery",
            "the table of attributes in q3201; the sample's order is carried by the seller",
        ),
        ("/data/*/attributes/completionDate", "observed by sellers; the sample's order isn't completed"),
        (
            "/data/*/attributes/cancellationReason",
            "the table of attributes in q3201; the sample's order isn't cancelled",
        ),
        ("/data/*/relationships/entries/data", "the sample doesn't include entries"),
    ],
    may_lack: &[],
};

const ENTRIES: Gaps = Gaps {
    beyond: &[
        ("/attributes/offer", "the table of attributes in q3203: the seller's SKU"),
        ("/attributes/isImeiRequired", "the table of attributes in q3203"),
    ],
    may_lack: &[("/attributes/minAllowedWeight", "only what is sold by weight has one")],
};

const TOKEN: &str = "token";
const STORE: &str = "30000001_PP1";

#[tokio::test]
async fn every_request_to_kaspi_and_every_answer_of_its_simulator_is_built_like_the_samples_of_the_guide() {
    let Some(samples) = Samples::read() else { return };
    let exchanges = trade().await;
    assert_met(
        &exchanges,
        &[("GET /v2/orders", 200), ("GET /v2/orders", 401), ("GET /v2/orders/", 200), ("POST /v2/orders", 200)],
    );
    assert_none(exchanges.iter().flat_map(|exchange| samples.problems(exchange)));
}

/// The guide's samples: requests and answers.
struct Samples {
    acceptance: Value,
    accepted: Value,
    entry: Value,
    orders: Value,
}

impl Samples {
    fn read() -> Option<Self> {
        let sample = |number: &str| {
            let text = published(&format!("kaspi/doc-examples/{number}.json"))?;
            Some(serde_json::from_str::<Value>(&text).unwrap())
        };
        Some(Self {
            acceptance: sample("01")?,
            accepted: sample("02")?,
            entry: sample("20")?["data"].take(),
            orders: sample("26")?,
        })
    }

    fn problems(&self, exchange: &Exchange) -> Vec<Problem> {
        let mut problems = asked_for(exchange);
        let like = |place: &str, sample: &Value, actual: &Value, gaps: &Gaps| {
            let departures = departures(sample, actual, gaps).into_iter();
            departures.map(|(at, what)| exchange.problem(&format!("{place} at {at}"), what)).collect::<Vec<_>>()
        };
        let answer: Value = serde_json::from_slice(&exchange.answer).unwrap_or_default();
        let entries = |list: &str| answer[list].as_array().cloned().unwrap_or_default();
        match (exchange.method.as_str(), exchange.path.as_str(), exchange.status) {
            (_, _, 400..) => {
                let refusal = json!({"errors": [{"title": "Unauthorized"}]});
                problems.extend(like("the refusal", &refusal, &answer, &NONE));
            }
            ("GET", "/v2/orders", _) => {
                problems.extend(like("the answer", &self.orders, &answer, &ORDERS));
                for entry in entries("included") {
                    problems.extend(like("what is included", &self.entry, &entry, &ENTRIES));
                }
            }
            ("GET", path, _) if path.starts_with("/v2/orders/") && path.ends_with("/entries") => {
                problems.extend(like("the answer", &json!({"data": [], "included": []}), &answer, &NONE));
                for entry in entries("data") {
                    problems.extend(like("the entry", &self.entry, &entry, &ENTRIES));
                }
            }
            ("POST", "/v2/orders", _) => {
                let sent: Value = serde_json::from_slice(&exchange.sent).unwrap_or_default();
                problems.extend(like("the request", &self.acceptance, &sent, &NONE));
                problems.extend(like("the answer", &self.accepted, &answer, &NONE));
            }
            _ => problems.push(exchange.problem("the call", "the guide has no such method")),
        }
        problems
    }
}

/// The headers and the parameters.
fn asked_for(exchange: &Exchange) -> Vec<Problem> {
    let header = |name: &str| exchange.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unknown = exchange.query.iter().filter(|(name, _)| !PARAMETERS.contains(&name.as_str()));
    let mut problems: Vec<_> =
        unknown.map(|(name, _)| exchange.problem("the query", format!("there is no parameter {name}"))).collect();
    for (name, expected) in [("content-type", "application/vnd.api+json"), ("accept", "application/vnd.api+json")] {
        if header(name) != expected {
            problems.push(exchange.problem("the headers", format!("{name} is {:?}", header(name))));
        }
    }
    if header("x-auth-token").is_empty() {
        problems.push(exchange.problem("the headers", "there is no X-Auth-Token"));
    }
    problems
}

fn account() -> Account {
    Account::of(kaspi::NAME).with("merchant_id", "30000001").with("company", "Shop").with("accept_orders", true)
}

/// What our renderer makes of two goods, as Kaspi pulls it.
fn price_list() -> String {
    let offer = |sku: &str| Offer {
        id: Article::new(sku).unwrap(),
        title: format!("Thing {sku}"),
        brand: Some("Brand".to_owned()),
        price: Money::new(1_599_000, Currency::KZT),
        stores: vec![StoreStock { store: WarehouseId::new(STORE).unwrap(), quantity: 20 }],
    };
    let list = List { account: account(), at: now(), offers: vec![offer("TEA"), offer("CUP")] };
    render(&kaspi::PriceList, &list).unwrap()
}

/// Orders of every kind, read in every way, and one accepted.
async fn trade() -> Vec<Exchange> {
    let list = Arc::new(price_list());
    let feed = Router::new().route("/feed.xml", get(async move || list.as_str().to_owned()));
    let feed = Server::start(feed, 0).await.unwrap();
    let settings = Settings {
        token: TOKEN.to_owned(),
        merchant_id: "30000001".to_owned(),
        feed: Some(format!("{}/feed.xml", feed.url())),
        ..Settings::default()
    };
    let kaspi = Kaspi::start(settings).await.unwrap();
    kaspi.pull().await.unwrap();
    let buy = || kaspi.buy_basket(&[("TEA", 1), ("CUP", 2)], STORE).unwrap().order;
    let steps: [fn(&Kaspi, &str) -> bool; 6] =
        [Kaspi::accept, Kaspi::assemble, Kaspi::hand_over, Kaspi::complete, Kaspi::cancel, Kaspi::request_return];
    assert!(steps.iter().all(|step| step(&kaspi, &buy())));
    let returned = buy();
    assert!(kaspi.complete(&returned) && kaspi.receive_return(&returned));
    let nothing_left = kaspi.buy("CUP", STORE, 1).unwrap().order;
    assert!(kaspi.cancel_units(&nothing_left, "CUP", 1));
    let waiting = OrderId::new(buy()).unwrap();

    let recorder = Recorder::before(kaspi.url()).await;
    let trusted = client(account(), TOKEN, &recorder);
    assert!(!trusted.orders().unwrap().newest(now()).await.unwrap().told.is_empty());
    assert!(!changed(trusted.as_ref(), now().minus(Duration::from_secs(60)), now()).await.is_empty());
    trusted.acceptance().unwrap().accept(&waiting).await.unwrap();
    assert!(trusted.credential(now()).await.unwrap().problems.is_empty());
    assert_eq!(client(account(), "another", &recorder).credential(now()).await.unwrap().problems.len(), 1);
    recorder.exchanges()
}
