//! What is reached over the network, tried with a bound: channels, the process of this machine, and a clock to compare with.

use std::time::Duration;

use edin_domain::Timestamp;
use edin_look::doctor::{Address, Check};
use reqwest::{Client, Proxy, Url};
use serde::Deserialize;

/// So long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(4);
/// So far this machine's clock may be off: channels and hooks are dated by it.
const OFF_BY: Duration = Duration::from_secs(30);

/// Dials where a connection's calls go first.
pub(crate) async fn dial(address: &Address) -> Check {
    let what = format!("{}: address", address.connection);
    let Some((host, port)) = address.dialled() else {
        let todo = format!("set it: edin connection set {} base_url=…", address.connection);
        return Check::wrong(what, format!("{} names no host", address.api), todo);
    };
    let why = match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => return Check::well(what, format!("{host}:{port} can be reached")),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer for {} s", PATIENCE.as_secs()),
    };
    let todo = "see that this machine has a network and may call out; in the runbook: a channel is down";
    Check::wrong(what, format!("{host}:{port} can not be reached: {why}"), todo)
}

/// Compares this machine's clock with that of the first channel that is asked by https and tells its own.
pub(crate) async fn clock(addresses: &[Address], now: impl Fn() -> Timestamp) -> Check {
    for address in addresses.iter().filter(|address| address.api.scheme() == "https") {
        if let Ok(Some(theirs)) = date(address).await {
            return of_clock(address.api.host_str().unwrap_or_default(), theirs, now());
        }
    }
    Check::skipped("clock", "no channel could be asked by https what time it is")
}

fn of_clock(host: &str, theirs: Timestamp, ours: Timestamp) -> Check {
    let off = theirs.since(ours).max(ours.since(theirs));
    let which = if ours < theirs { "behind" } else { "ahead of" };
    let found = format!("{} s {which} {host}", off.as_secs());
    match off > OFF_BY {
        true => Check::wrong("clock", found, "have it set by the network: timedatectl set-ntp true"),
        false => Check::well("clock", found),
    }
}

async fn date(address: &Address) -> anyhow::Result<Option<Timestamp>> {
    let proxy = address.proxy.as_ref().map(|proxy| Proxy::all(proxy.clone())).transpose()?;
    let answer = client(proxy)?.head(address.api.clone()).send().await?;
    let date = answer.headers().get("date").and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let since = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
    Ok(since.map(|since| Timestamp::from_millis(0).plus(since)))
}

fn client(proxy: Option<Proxy>) -> reqwest::Result<Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
    match proxy {
        Some(proxy) => builder.proxy(proxy).build(),
        None => builder.build(),
    }
}

#[derive(Deserialize)]
struct Health {
    wrong: Vec<String>,
}

/// Asks the process of this machine how it is.
pub(crate) async fn health(http: &str) -> Vec<Check> {
    let asked = async {
        let answer = client(None)?.get(Url::parse(http)?.join("/healthz")?).send().await?;
        anyhow::Ok(match answer.status().as_u16() {
            404 => None,
            _ => Some(answer.json::<Health>().await?),
        })
    };
    let todo = "the log says more; if it stays so, start edin up again";
    match asked.await {
        Ok(Some(health)) if health.wrong.is_empty() => {
            vec![Check::well("process", format!("it runs, and is well: {http}"))]
        }
        Ok(Some(health)) => health.wrong.into_iter().map(|wrong| Check::wrong("process", wrong, todo)).collect(),
        Ok(None) => {
            vec![Check::skipped("process", format!("it runs, and answers such questions to others only: {http}"))]
        }
        Err(error) => vec![Check::wrong("process", format!("it runs, and does not answer: {error}"), todo)],
    }
}

#[cfg(test)]
mod tests {
    use edin_look::doctor::Verdict;

    use super::*;

    fn at(url: &str) -> Address {
        Address { connection: "ozon-main".parse().unwrap(), api: url.parse().unwrap(), proxy: None }
    }

    #[tokio::test]
    async fn what_listens_is_reached_and_what_does_not_is_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        assert!(!dial(&at(&url)).await.is_wrong());
        drop(listener);
        let Verdict::Wrong { found, .. } = dial(&at(&url)).await.verdict else { panic!("it was reached") };
        assert!(found.starts_with("127.0.0.1:") && found.contains("can not be reached"), "{found}");
    }

    #[test]
    fn a_clock_may_be_off_by_half_a_minute_either_way() {
        let ours = Timestamp::from_millis(1_796_000_000_000);
        let off = |seconds: i64| of_clock("ozon", Timestamp::from_millis(ours.millis() + seconds * 1_000), ours);
        assert_eq!([-31, -30, 0, 30, 31].map(|seconds| off(seconds).is_wrong()), [true, false, false, false, true]);
        assert_eq!(
            off(31).verdict,
            Verdict::Wrong {
                found: "31 s behind ozon".to_owned(),
                todo: "have it set by the network: timedatectl set-ntp true".to_owned(),
            }
        );
    }

    #[tokio::test]
    async fn who_can_be_asked_by_nobody_is_skipped() {
        let skipped = clock(&[at("http://127.0.0.1:9")], || Timestamp::from_millis(0)).await;
        assert!(matches!(skipped.verdict, Verdict::Skipped { .. }), "{skipped:?}");
    }
}
