//! The house, as those see it who watch it over HTTP.

#![allow(clippy::unwrap_used, reason = "all of it is tests, what helps them too")]

use std::time::Duration;

use edin_local::aws::watch::Askers;
use edin_local::house::{House, Options};
use edin_local::state::secrets;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn house(watchers: Askers) -> (TempDir, House) {
    let state = tempfile::tempdir().unwrap();
    secrets::prepare(state.path()).unwrap();
    let options = Options { watchers, ..Options::new(state.path(), ([127, 0, 0, 1], 0).into()) };
    let house = House::start(options).await.unwrap();
    (state, house)
}

/// The answer to a call with these headers.
async fn get(house: &House, path: &str, headers: &str) -> String {
    let address = house.url().trim_start_matches("http://");
    let mut caller = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    caller.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_that_has_begun_is_well_and_tells_its_figures() {
    let (_state, house) = house(Askers::default()).await;
    let well = async {
        while !get(&house, "/healthz", "").await.starts_with("HTTP/1.1 200") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), well).await.unwrap();
    let figures = get(&house, "/metrics", "").await;
    assert!(figures.contains("text/plain; version=0.0.4") && figures.contains("\nedin_healthy 1\n"), "{figures}");
    for queue in ["inbox", "push", "deferred", "poll", "reconcile"] {
        assert!(figures.contains(&format!("edin_queue_messages{{queue=\"{queue}\"}} ")), "{figures}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_through_a_proxy_finds_nothing() {
    let (_state, house) = house(Askers::default()).await;
    for path in ["/healthz", "/metrics"] {
        let answer = get(&house, path, "X-Forwarded-For: 203.0.113.7\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}
