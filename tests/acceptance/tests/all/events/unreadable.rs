//! What can't be read costs itself: an order of a channel's, an item of the table's.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acceptance::{PEN, POT, WB};
use async_trait::async_trait;
use edin_channels::client::line::{Answer, Carrier, Lines, NotCarried};
use edin_channels::ozon;
use edin_domain::{ConnectionId, Timestamp};
use edin_platform::{Clock, Metric, SystemClock};
use edin_store::reading::ReadingState;
use edin_trade::messages::Read;
use reqwest::Request;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::functions::Functions;
use super::messages::{batch, ids, message, reported};
use super::orders::{posting, pushed, reserved};
use super::stage::{Stage, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_of_a_newer_release_keeps_nobody_from_working_and_is_named() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage
        .put(json!({
            "pk": { "S": "CONN#tomorrow" }, "sk": { "S": "CONN" }, "listed_under": { "S": "CONNECTIONS" },
            "listed_as": { "S": "tomorrow" }, "id": { "S": "tomorrow" }, "currency": { "S": "KZT" },
            "account": { "M": { "marketplace_of_tomorrow": { "M": {} } } }, "warehouses": { "M": {} },
        }))
        .await?;
    assert_eq!(stage.store().connections().await?.len(), 4, "it is known by its name");
    let (poll, reconcile) = (stage.functions().poll(), stage.functions().reconcile());
    poll.ask_for_all(&poll::Schedule { read: Read::Newest, every_seconds: None }).await?;
    reconcile.ask_for_all().await?;
    for queue in ["poll", "reconcile"] {
        assert_eq!(stage.waiting(queue).await?, 4, "{queue}: each of them is looked at by itself");
    }
    let of_tomorrow = ConnectionId::new("tomorrow")?;
    let connection = stage.store().connection(&of_tomorrow).await?.expect("it is known");
    let error = poll.read(&connection, &Read::Newest).await.unwrap_err().to_string();
    assert!(error.contains("marketplace_of_tomorrow"), "{error}");
    assert!(reconcile.reconcile(&of_tomorrow).await?.problem.is_some());
    let messages = [
        message(1, &pushed(ozon::NAME, "tomorrow", &posting("1-1", PEN, 3))),
        message(2, &pushed(ozon::NAME, acceptance::OZON, &posting("1-2", POT, 1))),
    ];
    let answer = stage.functions().intake().handle(batch(&messages)?).await;
    assert_eq!(reported(&answer), ids(&[&messages[0]]));
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (0, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_newer_release_comes_again_alone() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let key = format!("ORDER#{}#1-1", acceptance::OZON);
    stage.put(json!({ "pk": { "S": key }, "sk": { "S": "ORDER" }, "version": { "S": "of tomorrow" } })).await?;
    let of = |id, number, sku| message(id, &pushed(ozon::NAME, acceptance::OZON, &posting(number, sku, 1)));
    let messages = [of(1, "1-1", PEN), of(2, "1-2", POT)];
    let answer = stage.functions().intake().handle(batch(&messages)?).await;
    assert_eq!(reported(&answer), ids(&[&messages[0]]));
    assert_eq!((reserved(&stage.store(), PEN).await?, reserved(&stage.store(), POT).await?), (0, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_good_whose_level_can_not_be_read_comes_again_alone() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let level = json!({
        "pk": { "S": format!("SKU#{PEN}") }, "sk": { "S": "LEVEL#almaty" }, "on_hand": { "S": "plenty" },
    });
    stage.put(level).await?;
    let of = |id, number, sku| message(id, &pushed(ozon::NAME, acceptance::OZON, &posting(number, sku, 1)));
    let messages = [of(1, "1-1", POT), of(2, "1-2", PEN), of(3, "1-3", POT)];
    let answer = stage.functions().intake().handle(batch(&messages)?).await;
    assert_eq!(reported(&answer), ids(&[&messages[1]]));
    assert_eq!(reserved(&stage.store(), POT).await?, 2);
    Ok(())
}

/// Wildberries with two orders, of which one is spoilt for as long as it is said so; or it lets nobody in.
#[derive(Debug, Default)]
struct Shelf(Mutex<Mood>);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Mood {
    #[default]
    Spoilt,
    Mended,
    Denying,
}

#[async_trait]
impl Carrier for Shelf {
    async fn carry(&self, request: Request) -> Result<Answer, NotCarried> {
        let mood = *self.0.lock().unwrap();
        let size = if mood == Mood::Spoilt { Value::Null } else { json!(7002) };
        let body = match request.url().path() {
            "/api/v3/orders/status" => json!({ "orders": null }),
            _ => json!({ "next": 0, "orders": [{ "id": 501, "chrtId": 7001 }, { "id": 502, "chrtId": size }] }),
        };
        let status = if mood == Mood::Denying { 401 } else { 200 };
        Ok(Answer { status, headers: HeaderMap::new(), body: body.to_string().into_bytes() })
    }
}

/// The machine's clock, put forward by so many hours: no limit holds anything up.
#[derive(Debug, Default)]
struct Hours(AtomicU32);

impl Clock for Hours {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Duration::from_secs(3_600) * self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_can_not_be_read_is_noted_until_it_can_and_so_is_why_nothing_can() -> anyhow::Result<()> {
    let (stage, shelf) = (Stage::open().await?, Arc::new(Shelf::default()));
    let hours = Arc::new(Hours::default());
    let mut poll = Functions { clock: hours.clone(), ..stage.functions() }.poll();
    let carrier: Arc<dyn Carrier> = shelf.clone();
    poll.channels = poll.channels.over(Arc::new(Lines::over(carrier)));
    let connection = stage.store().connection(&ConnectionId::new(WB)?).await?.expect("it is in the catalogue");
    let read = async |reading| {
        hours.0.fetch_add(1, Ordering::Relaxed);
        poll.read(&connection, reading).await
    };
    let state = async || {
        let topics = poll::Topic::ALL.map(|topic| (ConnectionId::new(WB).unwrap(), topic.name()));
        let states = stage.store().reading_states(topics).await?.into_values();
        anyhow::Ok(states.reduce(ReadingState::joined).unwrap_or_default())
    };
    for reading in [&Read::Newest, &Read::Changes, &Read::Newest] {
        assert_eq!(read(reading).await?, None);
        let found = state().await?;
        assert_eq!(found.left_out.keys().collect::<Vec<_>>(), ["502"], "{reading:?}");
        assert!(found.left_out["502"].reason.contains("chrtId"), "{found:?}");
    }
    assert_eq!(stage.drain("inbox").await?.len(), 3, "the other order, once a reading: there is no intake");
    *shelf.0.lock().unwrap() = Mood::Denying;
    for reading in [&Read::Newest, &Read::Changes] {
        assert!(read(reading).await.is_err());
    }
    let found = state().await?;
    assert!(found.failing.is_some_and(|failing| failing.reason.contains("401")));
    assert_eq!(found.left_out.len(), 1, "and what was known of orders still is");
    *shelf.0.lock().unwrap() = Mood::Mended;
    for reading in [&Read::Newest, &Read::Changes] {
        assert_eq!(read(reading).await?, None);
    }
    assert_eq!(state().await?, ReadingState::default());
    let counts: Vec<i64> = told(&stage.metrics)
        .into_iter()
        .filter(|(metric, of, _)| {
            *metric == Metric::UnreadableOrders && of.as_ref().is_some_and(|of| of.as_str() == WB)
        })
        .map(|(_, _, count)| count)
        .collect();
    assert_eq!(counts, [1, 1, 0]);
    Ok(())
}
