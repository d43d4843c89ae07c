//! `edin migrate`: what an earlier release wrote, into today's form.

use anyhow::{Context, ensure};
use edin_local::state::endpoints::Endpoints;
use edin_store::migration::{Migration, Outdated};

use crate::deployment::Deployment;
use crate::deployment::scratch::beside;
use crate::output::say;
use crate::settings::{Migrate, Settings};

/// Brings it up to date, or says what there is to bring.
///
/// # Errors
/// If the deployment can't be reached, or holds what can't be read.
pub(super) async fn migrate(settings: &Settings, wanted: &Migrate) -> anyhow::Result<()> {
    let (outdated, migration) = match wanted.dry_run {
        true => (look(settings).await?, Migration::Look),
        false => (Deployment::open(settings).await?.store.migrate(Migration::Write).await?, Migration::Write),
    };
    say(&told(&outdated, migration))?;
    ensure_read(&outdated)
}

/// Fails if anything could not be read.
pub(super) fn ensure_read(outdated: &Outdated) -> anyhow::Result<()> {
    let unreadable = outdated.unreadable.len();
    ensure!(unreadable == 0, "{unreadable} items can not be read, named above; they stay as they are");
    Ok(())
}

async fn look(settings: &Settings) -> anyhow::Result<Outdated> {
    let lies_still = settings.stack.is_none() && Endpoints::of_running(&settings.state).is_none();
    match lies_still {
        true => look_into_a_copy(settings).await,
        false => Ok(Deployment::open(settings).await?.store.migrate(Migration::Look).await?),
    }
}

/// A state folder is looked at in a copy: to open it renames tables that an earlier release called otherwise.
pub(super) async fn look_into_a_copy(settings: &Settings) -> anyhow::Result<Outdated> {
    let copy = beside(&settings.state).context("the state folder can not be copied")?;
    let settings = Settings { state: copy.path().to_owned(), ..settings.clone() };
    Ok(Deployment::open(&settings).await?.store.migrate(Migration::Look).await?)
}

/// How many items of each kind were, or would be, brought into today's form.
pub(super) fn told(outdated: &Outdated, migration: Migration) -> String {
    let Outdated { listings, prices, buckets, purchases, goods, unreadable } = outdated;
    let rows =
        [("listings", listings), ("prices", prices), ("buckets", buckets), ("purchases", purchases), ("goods", goods)];
    let mut lines: Vec<String> = rows.map(|(kind, count)| format!("{kind:<12}{count:>9}")).into();
    lines.extend(unreadable.iter().map(|error| format!("can not be read: {error}")));
    lines.push(match (outdated.is_none(), migration) {
        (true, _) => "nothing is in the form of an earlier release".to_owned(),
        (false, Migration::Look) => "these would be brought up to date; nothing was written".to_owned(),
        (false, Migration::Write) => "these were brought up to date".to_owned(),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use clap::Parser as _;
    use edin_domain::{Sku, Timestamp};
    use edin_local::state::database;

    use super::*;

    /// The tables that the release of a commit left behind, after an import and some sales in all channels; and what of them is
    /// in a form of its own: listings, prices, buckets, purchases.
    const STATES: [(&str, &str, [usize; 5]); 2] = [
        ("bd72143", include_str!("../../tests/states/bd72143.sql"), [56, 14, 5, 8, 14]),
        ("f32e66a", include_str!("../../tests/states/f32e66a.sql"), [28, 14, 0, 0, 14]),
    ];
    const NOW: Timestamp = Timestamp::from_millis(1_796_000_000_000);

    fn settings(state: &Path, arguments: &[&str]) -> Settings {
        Settings::parse_from(["edin", "--state", state.to_str().unwrap(), "migrate"].iter().chain(arguments))
    }

    fn counts(outdated: &Outdated) -> [usize; 5] {
        assert_eq!(outdated.unreadable, [""; 0]);
        [outdated.listings, outdated.prices, outdated.buckets, outdated.purchases, outdated.goods]
    }

    /// What a person is told of every good, what Kaspi is, and what every customer bought.
    async fn told(state: &Path) -> Vec<String> {
        let deployment = Deployment::open(&settings(state, &[])).await.unwrap();
        let store = &deployment.store;
        let (mut goods, mut told) = (BTreeSet::<Sku>::new(), Vec::new());
        for connection in store.connections().await.unwrap().into_keys() {
            goods.extend(store.listings(&connection).await.unwrap().into_iter().map(|listing| listing.key.sku));
            told.extend(feed::preview(store, &connection, NOW).await.unwrap());
        }
        for sku in goods {
            told.push(crate::output::why::text(&edin_look::why::why(store, &sku, NOW).await.unwrap()));
        }
        for customer in customers(state) {
            told.push(format!("{:?}", store.purchases(&customer).await.unwrap()));
        }
        told
    }

    fn customers(state: &Path) -> Vec<String> {
        let tables = rusqlite::Connection::open(state.join(database::FILE)).unwrap();
        let mut found =
            tables.prepare("SELECT DISTINCT substr(pk, 8) FROM \"edin-customers\" WHERE pk LIKE 'S:CUST#%'").unwrap();
        found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn what_an_earlier_release_left_behind_is_told_alike_before_and_after() {
        for (commit, dump, expected) in STATES {
            let state = tempfile::tempdir().unwrap();
            let file = state.path().join(database::FILE);
            rusqlite::Connection::open(&file).unwrap().execute_batch(dump).unwrap();
            let before = std::fs::read(&file).unwrap();
            assert_eq!(counts(&look(&settings(state.path(), &["--dry-run"])).await.unwrap()), expected, "{commit}");
            assert!(before == std::fs::read(&file).unwrap(), "{commit}: a dry run wrote");
            let first = told(state.path()).await;
            let deployment = Deployment::open(&settings(state.path(), &[])).await.unwrap();
            assert_eq!(counts(&deployment.store.migrate(Migration::Write).await.unwrap()), expected, "{commit}");
            assert!(deployment.store.migrate(Migration::Look).await.unwrap().is_none(), "{commit}");
            drop(deployment);
            assert_eq!(first, told(state.path()).await, "{commit}");
            assert!(first.iter().any(|told| told.contains("Purchase")), "{commit}: nobody bought anything");
        }
    }

    #[tokio::test]
    async fn a_listing_whose_price_can_not_be_read_is_named_and_stays_as_it_is() {
        let state = tempfile::tempdir().unwrap();
        let tables = rusqlite::Connection::open(state.path().join(database::FILE)).unwrap();
        let (_, dump, _) = STATES[0];
        tables.execute_batch(dump).unwrap();
        let spoil = "UPDATE \"edin-stock\" SET item_json = replace(item_json, '\"KZT\"', '\"tenge\"') \
                     WHERE pk = 'S:SKU#EDN-0004' AND sk LIKE 'S:LISTING#kaspi%'";
        let spoilt = tables.execute(spoil, []).unwrap();
        tables
            .execute(
                &spoil
                    .replace("edin-stock", "edin-stock::gsi::by_connection")
                    .replace("pk =", "table_pk =")
                    .replace("sk LIKE", "table_sk LIKE"),
                [],
            )
            .unwrap();
        drop(tables);
        let deployment = Deployment::open(&settings(state.path(), &[])).await.unwrap();
        for migration in [Migration::Write, Migration::Look] {
            let unreadable = deployment.store.migrate(migration).await.unwrap().unreadable;
            assert!(spoilt > 0 && unreadable.len() == spoilt, "{unreadable:?}");
            assert!(unreadable.iter().all(|error| error.contains("SKU#EDN-0004 LISTING#kaspi-main")), "{unreadable:?}");
        }
    }
}
