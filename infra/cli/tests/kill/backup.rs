//! A backup that is made while buyers buy, and what becomes of the house that is restored from it after all else is lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use edin_local::aws::engine::remote_store;

use crate::check::{self, Books};
use crate::crowd::Crowds;
use crate::market::Market;
use crate::process::{self, Process, run};

/// So many rows of the ledger, opening stock included, are there before the backup, and so many more come after it.
const ROWS: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_restored_from_a_backup_made_while_buyers_buy_adds_up_and_learns_what_was_sold_since() {
    if let Err(wrong) = story().await {
        panic!("{wrong:?}");
    }
}

async fn story() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (state, anew) = (folder.path().join("state"), folder.path().join("anew"));
    edin_local::state::make(&state)?;
    let market = Arc::new(Market::open().await?);
    let files = market.write_imports(folder.path())?;
    run(&state, &["import", &files[0], &files[1]]).await?;
    let mut process = Process::start(&state)?;
    let endpoints = process.answers().await?;
    market.dial(&endpoints);
    let steps = market.spawn_steps();
    check::until_opening_stock_is_shown(&market).await?;

    let crowds = Crowds::spawn(&market, 7);
    crowds.reach(&endpoints);
    let store = remote_store(&endpoints.dynamodb);
    check::until_rows(&store, &market, ROWS).await?;
    let backups = back_up_again_and_again(&state, folder.path()).await?;
    let backed_up = check::rows(&store, &market).await?;
    check::until_rows(&store, &market, backed_up + ROWS).await?;
    let (sold, counted) = crowds.go_home().await?;
    process.kill()?;
    process::check_logs(&state)?;
    // The machine is gone.
    std::fs::remove_dir_all(&state)?;

    let last = backups.last().context("there is no backup")?;
    let told = run(&anew, &["restore", text(last)?]).await?;
    ensure!(told.contains("Start edin up"), "{told}");
    let why = run(&anew, &["why", "G-001"]).await?;
    ensure!(why.contains("almaty"), "before anything runs, why says {why}");
    let mut process = Process::start(&anew)?;
    let endpoints = process.answers().await?;
    market.dial(&endpoints);
    let books = Books::new(&market, &endpoints, sold, counted)?;
    books.until_every_sale_is_recorded().await?;
    crate::reconcile(&anew).await?;
    books.until_every_shelf_is_right().await?;
    books.until_the_ledger_is_complete().await?;
    for good in &market.goods {
        let why = run(&anew, &["why", &good.sku]).await?;
        ensure!(why.contains(&good.sku), "why {} says {why}", good.sku);
    }
    ensure!(process.waiting().await?.dead == 0, "messages were given up");
    steps.abort();
    process.kill()?;
    books.check_file(&anew)?;
    process::check_logs(&anew)
}

/// Several, so that one of them is made in the middle of something.
async fn back_up_again_and_again(state: &Path, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut made = Vec::new();
    for number in 0..4 {
        let file = folder.join(format!("{number}.edin"));
        run(state, &["backup", text(&file)?]).await?;
        let (tables, check) = (rusqlite::Connection::open(&file)?, "PRAGMA integrity_check");
        let verdict: String = tables.query_row(check, [], |row| row.get(0))?;
        ensure!(verdict == "ok", "backup {number} is damaged: {verdict}");
        made.push(file);
    }
    Ok(made)
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("a temporary folder whose name is no text")
}
