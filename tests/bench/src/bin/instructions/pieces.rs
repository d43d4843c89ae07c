//! The pieces: each does a little of what a function does for every sale, with nothing behind it that could answer slowly.

use std::sync::Arc;

use anyhow::ensure;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use axum::http::{HeaderMap, Method};
use bench::orders::order;
use clap::ValueEnum;
use edin_channels::address::{Purpose, event_id, token};
use edin_channels::feed::{Feed as _, List, Offer, StoreStock};
use edin_channels::hook::{Handling, Incoming};
use edin_channels::{channel_of, hook, kaspi, ozon};
use edin_domain::listing::{Buffer, Policy, Standing};
use edin_domain::{Account, Article, ConnectionId, Currency, Money, Secret, Timestamp, WarehouseId};
use edin_local::aws::engine::{remote_sqs, url_of};
use edin_platform::{Clock, Metrics, Queue};
use edin_store::{Store, Tables};
use edin_trade::record::Recorder;
use intake::Intake;

/// A piece.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Piece {
    /// A push's address and origin, and what to do with it.
    VerifyAndRoute,
    /// A batch of ten orders of one good: read, joined, planned, packed into one transaction.
    MergeAndPack,
    /// The number that a listing shows.
    ListingPolicy,
    /// A hundred offers of a price list.
    PriceListRows,
}

impl Piece {
    pub(crate) const ALL: [Self; 4] =
        [Self::VerifyAndRoute, Self::MergeAndPack, Self::ListingPolicy, Self::PriceListRows];

    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// A moment.
const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

/// All that is counted happens in here.
#[inline(never)]
fn counted<T>(work: impl FnOnce() -> T) -> T {
    std::hint::black_box(work())
}

pub(crate) fn run(piece: Piece) -> anyhow::Result<()> {
    match piece {
        Piece::VerifyAndRoute => verify_and_route(),
        Piece::MergeAndPack => merge_and_pack(),
        Piece::ListingPolicy => listing_policy(),
        Piece::PriceListRows => price_list_rows(),
    }
}

fn verify_and_route() -> anyhow::Result<()> {
    let (key, connection) = (Secret::new("0".repeat(64)), ConnectionId::new("ozon-main")?);
    let token = token(&key, Purpose::Hook(&ozon::FACTS.name), &connection);
    let (networks, headers) = (edin_channels::networks("")?, HeaderMap::new());
    let body = br#"{"message_type":"TYPE_NEW_POSTING","seller_id":30000001,"warehouse_id":22142605386000,
        "posting_number":"0132112277-0101-1","products":[{"sku":500000001,"offer_id":"EDN-0001","quantity":2}],
        "in_process_at":"2026-11-22T10:00:00Z","shipment_date":"2026-11-23T09:00:00Z"}"#;
    let source = Some("195.34.21.7".parse()?);
    let (method, secret) = (&Method::POST, &key);
    let call = Incoming { method, query: "", headers: &headers, body, source, secret, received_at: NOW };
    let kept = counted(|| {
        let channel = channel_of(&key, &connection, &token)?;
        let hook = hook(channel)?;
        hook.verify(&call, networks.of(channel)).ok()?;
        event_id(&connection, call.body)?;
        Some(matches!(hook.handle(&call), Handling::Keep(..)))
    });
    ensure!(kept == Some(true), "the push was not kept");
    Ok(())
}

fn listing_policy() -> anyhow::Result<()> {
    let policy = Policy { share: 80, buffer: Buffer::Fixed(2), max: Some(500), end_when: 3 };
    let units = counted(|| {
        let units = std::hint::black_box(0..1_000_i64);
        units.map(|units| u64::from(policy.offer(Standing::Selling, units, 0).quantity)).sum::<u64>()
    });
    ensure!(units > 0, "nothing is offered");
    Ok(())
}

fn price_list_rows() -> anyhow::Result<()> {
    let stores = |quantity: u32| {
        ["30000001_PP1", "30000001_PP2"].map(|store| Ok(StoreStock { store: WarehouseId::new(store)?, quantity }))
    };
    let offer = |number: u32| {
        anyhow::Ok(Offer {
            id: Article::new(format!("EDN-{number:04}"))?,
            title: format!("Кружка-термос со свистком № {number}"),
            brand: Some("Алатау".to_owned()),
            price: Money::new(499_000, Currency::KZT),
            stores: stores(number % 7).into_iter().collect::<anyhow::Result<_>>()?,
        })
    };
    let account = Account::of(kaspi::NAME).with("company", "Edin Demo").with("merchant_id", "30000001");
    let list = List { account, at: NOW, offers: (0..100).map(offer).collect::<anyhow::Result<_>>()? };
    let mut file = Vec::with_capacity(100_000);
    let written = counted(|| kaspi::PriceList.write(&list, &mut file))?;
    ensure!(written.bytes > 10_000, "the list is too short");
    Ok(())
}

#[derive(Debug)]
struct Standstill;

impl Clock for Standstill {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Nobody listens there.
const NOWHERE: &str = "http://aws.invalid";

fn merge_and_pack() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let connector = SharedHttpConnector::new(Canned);
    let configuration = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .endpoint_url(NOWHERE)
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    let tables = Tables { stock: "edin-stock-table".to_owned(), customers: "edin-customers".to_owned() };
    let store = Store::new(aws_sdk_dynamodb::Client::from_conf(configuration), tables);
    let intake = Intake {
        recorder: Recorder::new(store, Metrics::None, Arc::new(Standstill)),
        poll: Queue::new(remote_sqs(NOWHERE), url_of(NOWHERE, "poll")),
    };
    let event = |first: u64| {
        let mut event = SqsEvent::default();
        event.records = (first..first + 10).map(message).collect::<anyhow::Result<_>>()?;
        anyhow::Ok(event)
    };
    runtime.block_on(intake.handle(event(700_000_000)?));
    let event = event(800_000_000)?;
    let answer = counted(|| runtime.block_on(intake.handle(event)));
    ensure!(answer.batch_item_failures.is_empty(), "some orders were not taken in");
    Ok(())
}

fn message(code: u64) -> anyhow::Result<SqsMessage> {
    let mut message = SqsMessage::default();
    message.message_id = Some(code.to_string());
    message.body = Some(serde_json::to_string(&order(code, "EDN-0001", 4_990, NOW)?)?);
    Ok(message)
}

/// DynamoDB, as far as one good goes: no order is known yet, and each transaction is done.
#[derive(Debug)]
struct Canned;

const TOLD: &str = r#"{"Responses":{"edin-stock-table":[
    {"pk":{"S":"CONN#kaspi-main"},"sk":{"S":"CONN"},"id":{"S":"kaspi-main"},"currency":{"S":"KZT"},
     "account":{"M":{"kaspi":{"M":{"merchant_id":{"S":"30000001"},"company":{"S":"Edin Demo"}}}}},
     "warehouses":{"M":{"30000001_PP1":{"L":[{"S":"almaty"}]}}}},
    {"pk":{"S":"MAP#kaspi-main#EDN-0001"},"sk":{"S":"MAP"},"sku":{"S":"EDN-0001"}}]},"UnprocessedKeys":{}}"#;
const GOODS: &str = r#"{"Responses":{"edin-stock-table":[
    {"pk":{"S":"SKU#EDN-0001"},"sk":{"S":"ITEM"},"sku":{"S":"EDN-0001"},"title":{"S":"Кружка"},"kind":{"S":"simple"}},
    {"pk":{"S":"SKU#EDN-0001"},"sk":{"S":"LEVEL#almaty"},"on_hand":{"N":"100"},"reserved":{"N":"0"},"available":{"N":"100"},
     "version":{"N":"1"},"cause":{"S":"import"},"changed_at":{"N":"0"},"opened_at":{"N":"0"},"changes":{"L":[]}}]},"UnprocessedKeys":{}}"#;

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let mentions = |text: &[u8]| body.windows(text.len()).any(|window| window == text);
        let answer = match request.headers().get("x-amz-target").unwrap_or_default() {
            "DynamoDB_20120810.TransactWriteItems" => "{}",
            _ if mentions(b"LEVEL#") => GOODS,
            _ => TOLD,
        };
        let status = aws_smithy_runtime_api::http::StatusCode::try_from(200);
        HttpConnectorFuture::new(async move {
            let status =
                status.map_err(|error| aws_smithy_runtime_api::client::result::ConnectorError::user(error.into()))?;
            Ok(HttpResponse::new(status, SdkBody::from(answer)))
        })
    }
}
