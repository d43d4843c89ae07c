//! Whose call it is, when a proxy stands in front: Ozon proves itself by the network that it calls from.

#![allow(clippy::unwrap_used, reason = "all of it is tests, what helps them too")]

use edin_domain::{ChannelName, ConnectionId};
use edin_local::aws::callers::Proxies;
use edin_local::house::{House, Options};
use edin_local::state::secrets;
use ipnet::IpNet;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn house(proxies: &[&str]) -> (TempDir, House) {
    let state = tempfile::tempdir().unwrap();
    secrets::prepare(state.path()).unwrap();
    let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
    let options = Options::new(state.path(), ([127, 0, 0, 1], 0).into());
    let house = House::start(Options { schedules: None, proxies: Proxies::of(&proxies), ..options }).await.unwrap();
    (state, house)
}

/// The status that is answered when a program of this machine calls as Ozon, and says that it passes the call on for these.
async fn status(house: &House, lists: &[&str]) -> String {
    let url = house.hook_url(&ConnectionId::new("ozon-shop").unwrap(), &ChannelName::new("ozon").unwrap());
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let lists: String = lists.iter().map(|list| format!("X-Forwarded-For: {list}\r\n")).collect();
    let body = r#"{"message_type":"TYPE_PING","time":"2026-11-22T00:00:00Z"}"#;
    let head = format!("POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lists}");
    let mut caller = TcpStream::connect(host).await.unwrap();
    caller.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

const OZON: &str = "195.34.21.7";
const STRANGER: &str = "203.0.113.9";

#[tokio::test]
async fn the_proxy_is_believed_whose_call_it_passes_on() {
    let (_state, house) = house(&["127.0.0.1/32", "10.0.0.0/8"]).await;
    let both = |first: &str, last: &str| format!("{first}, {last}");
    for lists in [vec![OZON], vec![&both(OZON, "10.0.0.5")], vec![&both(STRANGER, OZON)], vec![STRANGER, OZON]] {
        assert_eq!(status(&house, &lists).await, "200", "{lists:?}");
    }
    for lists in [
        vec![STRANGER],
        vec![&both(OZON, STRANGER)],
        vec![OZON, STRANGER],
        vec![&both("127.0.0.1", STRANGER)],
        vec!["nonsense"],
        vec![""],
        vec![],
    ] {
        assert_eq!(status(&house, &lists).await, "403", "{lists:?}");
    }
}

#[tokio::test]
async fn nobody_else_is_believed() {
    for proxies in [vec![], vec!["10.0.0.0/8"]] {
        let (_state, house) = house(&proxies).await;
        for lists in [vec![], vec![OZON], vec![STRANGER], vec!["nonsense"]] {
            assert_eq!(status(&house, &lists).await, "200", "it comes from this machine, whatever it says: {lists:?}");
        }
    }
}
