//! The demo as its user runs it: what it promises on a machine that has other things to do, and what its whole log holds, at the
//! chattiest level that a deployment allows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, ensure};
use edin_channels::address::{Purpose, token};
use edin_channels::ozon;
use edin_domain::{ConnectionId, Secret};
use serde_json::{Value, json};
use simulators::kaspi::BUYERS;

/// One demo at a time: each is to have what the machine gives.
static DEMO: Mutex<()> = Mutex::new(());

fn demo(state: &Path, more: &[&str], log: &str) -> std::io::Result<Output> {
    let _alone = DEMO.lock().unwrap_or_else(PoisonError::into_inner);
    let demo = ["demo", "--json", "--listen", "127.0.0.1:0", "--state"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_edin"));
    command.args(demo).arg(state).args(more).env("RUST_LOG", log).env("NO_COLOR", "1").output()
}

/// Keeps all cores busy with something else while `work` is done.
fn beside_a_load<T>(work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

#[test]
fn a_busy_machine_oversells_nothing_that_could_have_been_prevented() {
    let state = tempfile::tempdir().unwrap();
    let output = beside_a_load(|| demo(state.path(), &[], "error")).unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let kept = ["drift_units", "ledger_gaps", "violations"].map(|it| summary.get(it).cloned());
    assert_eq!(kept, [json!(0), json!(0), json!([])].map(Some), "{output:?}");
    let unexplained = summary.get("oversold_unexplained");
    assert!(unexplained == Some(&json!(0)) || was_starved(&summary), "{output:?}");
}

/// So long no number is on its way that a machine works on at all, with all of its cores busy. In ms.
const STARVED: u64 = 30_000;

/// Whether others left the demo so little of the machine that its numbers came as late as if nobody worked on them: then a channel
/// is told too late, and nothing in the house could have prevented it.
fn was_starved(summary: &Value) -> bool {
    let late = summary.get("excess_lag_ms_by_channel").and_then(Value::as_object);
    let p99 = |lag: &Value| lag.get("p99").and_then(Value::as_u64);
    late.is_some_and(|channels| channels.values().filter_map(p99).any(|p99| p99 > STARVED))
}

#[test]
fn the_log_of_a_demo_holds_no_secret_no_address_that_lets_in_and_nobody_s_phone_or_name() {
    let state = tempfile::tempdir().unwrap();
    let output = demo(state.path(), &["--orders", "60"], "debug").unwrap();
    let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", log.lines().rev().take(20).collect::<Vec<_>>().join("\n"));
    for said in ["an order was recorded", "a channel took a number", "orders were read", "a push came in"] {
        assert!(log.contains(said), "this is not the log of a demo: it lacks {said:?}");
    }
    for (what, text) in forbidden(state.path()).unwrap() {
        if let Some(line) = log.lines().find(|line| line.contains(&text)) {
            panic!("the log holds {what}: {line}");
        }
    }
}

/// What nobody may read in a log, by what it is.
fn forbidden(state: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let secrets: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read(state.join("secrets.json"))?)?;
    let keys = edin_channels::served().flat_map(|facts| facts.secrets).filter(|secret| secret.is_needed).count();
    ensure!(
        secrets.len() == 1 + keys,
        "there are {} secrets, not a key for digests and {keys} of channels",
        secrets.len()
    );
    let key = Secret::new(secrets.get("digest_key").context("there is no key for digests")?.clone());
    let hook = token(&key, Purpose::Hook(&ozon::NAME), &ConnectionId::new("ozon-main")?);
    let feed = token(&key, Purpose::Feed, &ConnectionId::new("kaspi-main")?);
    let addresses = [("the hook's address", hook), ("the price list's address", feed)];
    let people = BUYERS.iter().flat_map(|(name, phone)| [("a buyer's name", name), ("a buyer's phone", phone)]);
    let people = people.map(|(what, text)| (what, (*text).to_owned()));
    let named = addresses.into_iter().chain(people).map(|(what, text)| (what.to_owned(), text));
    Ok(secrets.into_iter().chain(named).collect())
}
