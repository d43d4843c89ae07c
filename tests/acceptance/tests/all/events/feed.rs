//! Kaspi's pulls through the HTTP API.

use acceptance::{KASPI, WB, goods};
use edin_channels::address::{self, Purpose};
use edin_domain::{ConnectionId, Timestamp};
use edin_store::journal::Pull;
use feed::Feed;
use lambda_http::{Body, Response};
use serde_json::{Value, json};

use super::calls::{answered, call, request};
use super::stage::{Stage, store_out_of_reach};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_is_answered_with_the_list_and_the_same_again_with_nothing() -> anyhow::Result<()> {
    let (_stage, feed, file) = open().await?;
    let pull = pull(&file);
    let response = pulled(&feed, &pull).await?;
    let (status, list) = answered(&response);
    assert_eq!((status, list.matches("<offer ").count()), (200, goods().len()), "{list}");
    assert_eq!(header(&response, "content-type"), "application/xml; charset=utf-8");
    let mut again = pull;
    again["headers"]["if-none-match"] = json!(header(&response, "etag"));
    assert_eq!(answered(&pulled(&feed, &again).await?), (304, String::new()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_address_that_kaspi_was_told_is_there() -> anyhow::Result<()> {
    let (_stage, feed, file) = open().await?;
    assert_eq!(pulled(&feed, &pull(file.trim_end_matches(".xml"))).await?.status(), 200);
    let mut posted = pull(&file);
    posted["requestContext"]["http"]["method"] = json!("POST");
    let others = ["kaspi-main.xml", "kaspi-main", ".xml", ""].map(pull);
    let beside =
        [file.replace(KASPI, WB), file.replace(".xml", "0.xml"), format!("{file}/more")].map(|file| pull(&file));
    for call in others.into_iter().chain(beside).chain([posted]) {
        assert_eq!(answered(&pulled(&feed, &call).await?), (404, String::new()), "{}", call["rawPath"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_is_better_than_one_that_can_not_be_read_from_the_table() -> anyhow::Result<()> {
    let (_stage, feed, file) = open().await?;
    let feed = Feed { store: store_out_of_reach(), ..feed };
    assert_eq!(answered(&pulled(&feed, &pull(&file)).await?), (503, String::new()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_the_head_alone_has_pulled_nothing() -> anyhow::Result<()> {
    let (stage, feed, file) = open().await?;
    let mut head = pull(&file);
    head["requestContext"]["http"]["method"] = json!("HEAD");
    assert_eq!(answered(&pulled(&feed, &head).await?), (200, String::new()));
    assert_eq!(stage.store().pulls(&ConnectionId::new(KASPI)?).await?, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_at_a_list_sees_what_would_be_pulled_and_has_pulled_nothing() -> anyhow::Result<()> {
    let (stage, feed, file) = open().await?;
    let (id, store) = (ConnectionId::new(KASPI)?, stage.store());
    let list = feed::preview(&store, &id, feed.clock.now()).await?.expect("Kaspi has a list");
    let offers =
        |list: &str| list.lines().filter(|line| line.contains("<offer ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(store.pulls(&id).await?, []);
    assert_eq!(offers(&list), offers(&answered(&pulled(&feed, &pull(&file)).await?).1));
    assert_eq!(feed::preview(&store, &ConnectionId::new(WB)?, feed.clock.now()).await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_withheld_is_withheld_from_who_looks_too_and_noted_of_who_pulls_alone() -> anyhow::Result<()> {
    let (stage, feed, file) = open().await?;
    let (id, store) = (ConnectionId::new(KASPI)?, stage.store());
    let many = Pull { at: feed.clock.now(), status: 200, etag: String::new(), offers: 100_000, on_sale: 1, bytes: 1 };
    store.put_pull(&id, &many).await?;
    assert!(feed::preview(&store, &id, feed.clock.now()).await.is_err());
    let mut head = pull(&file);
    head["requestContext"]["http"]["method"] = json!("HEAD");
    assert_eq!(pulled(&feed, &head).await?.status(), 503);
    assert_eq!(store.pulls(&id).await?.len(), 1);
    assert_eq!(pulled(&feed, &pull(&file)).await?.status(), 503);
    assert_eq!(store.pulls(&id).await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_good_list_is_known_however_many_were_refused_since() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    let connection = ConnectionId::new(KASPI)?;
    let pull = |second: i64, status| Pull {
        at: Timestamp::from_millis(second * 1_000),
        status,
        etag: String::new(),
        offers: 10,
        on_sale: 10,
        bytes: 0,
    };
    let good = pull(1, 200);
    stage.store().put_pull(&connection, &good).await?;
    for second in 2..=120 {
        stage.store().put_pull(&connection, &pull(second, 503)).await?;
    }
    assert_eq!(stage.store().last_pull(&connection).await?, Some(good));
    Ok(())
}

/// The function, and the name of the list's file.
async fn open() -> anyhow::Result<(Stage, Feed, String)> {
    let stage = Stage::open().await?;
    let token = address::token(&stage.functions().key().await?, Purpose::Feed, &ConnectionId::new(KASPI)?);
    let feed = stage.functions().feed().await?;
    Ok((stage, feed, format!("{KASPI}.{token}.xml")))
}

fn pull(file: &str) -> Value {
    let mut call = call("GET", &format!("/feeds/{file}"));
    call["pathParameters"] = json!({ "file": file });
    call
}

async fn pulled(feed: &Feed, call: &Value) -> anyhow::Result<Response<Body>> {
    Ok(feed.handle(request(call)?).await)
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers()[name].to_str().expect("it is a text")
}
