//! Brings a tables' file that an older release wrote up to date, before the engine opens it.

use std::path::Path;

use anyhow::ensure;
use rusqlite::{OptionalExtension, Transaction};

use super::{STOCK, connect, ensure_known, marked};

/// What the stock table was called before.
const OLD: &str = "edin-stock";
/// The stock table's index.
const INDEX: &str = "by_connection";

/// Renames the stock table in `file`, if there is one under its old name: all of it or nothing.
///
/// # Errors
/// If the file can't be written, a later release wrote it, or it holds a table under either name: then an older release ran on
/// what this one had renamed.
pub(crate) fn run(file: &Path) -> anyhow::Result<()> {
    if !file.exists() {
        return Ok(());
    }
    let mut connection = connect(file)?;
    ensure_known(marked(&connection)?)?;
    let all = connection.transaction()?;
    if !has_table(&all, OLD)? {
        return Ok(());
    }
    ensure!(
        !has_table(&all, STOCK)?,
        "it holds a stock table of an older release, {OLD}, beside today's, {STOCK}: an older release ran on it. Put the file back \
         from a copy of before that"
    );
    rename(&all)?;
    all.commit()?;
    tracing::info!(from = OLD, to = STOCK, "the stock table was renamed");
    Ok(())
}

fn has_table(file: &Transaction<'_>, name: &str) -> rusqlite::Result<bool> {
    let found = file.query_row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", [name], |_| Ok(()));
    found.optional().map(|found| found.is_some())
}

/// As the engine lays its tables out: the items, the index, what is known of the table, and the stream.
fn rename(file: &Transaction<'_>) -> rusqlite::Result<()> {
    file.execute_batch(&format!(
        r#"ALTER TABLE "{OLD}" RENAME TO "{STOCK}";
           ALTER TABLE "{OLD}::gsi::{INDEX}" RENAME TO "{STOCK}::gsi::{INDEX}";
           DROP INDEX "{OLD}::gsi::{INDEX}::base_key";
           CREATE INDEX "{STOCK}::gsi::{INDEX}::base_key" ON "{STOCK}::gsi::{INDEX}" (table_pk, table_sk);"#
    ))?;
    file.execute("UPDATE _tables SET table_name = ?2 WHERE table_name = ?1", [OLD, STOCK])?;
    let stream =
        "UPDATE _stream_records SET table_name = ?2, shard_id = replace(shard_id, ?1, ?2) WHERE table_name = ?1";
    file.execute(stream, [OLD, STOCK])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use edin_domain::stock::Place;
    use edin_domain::{Cause, LocationId, Sku, Timestamp};
    use edin_store::catalogue::Batch;
    use edin_store::commit::Stamp;
    use edin_store::{Store, Tables};

    use super::*;
    use crate::aws::engine::{Engine, configuration, dynamodb};
    use crate::state::database::FILE;

    fn place() -> Place {
        Place { sku: Sku::new("TEA").unwrap(), location: LocationId::new("shelf").unwrap() }
    }

    /// A file of an older release, with one level in it.
    async fn old_file(state: &Path) {
        let server = dynamodb::Server::start(&state.join(FILE)).await.unwrap();
        let configuration =
            aws_sdk_dynamodb::config::Builder::from(&configuration()).endpoint_url(server.url()).build();
        let tables = Tables { stock: OLD.to_owned(), customers: "edin-customers".to_owned() };
        let store = Store::new(aws_sdk_dynamodb::Client::from_conf(configuration), tables);
        store.create_tables().await.unwrap();
        let stamp = Stamp { cause: Cause::new("count").unwrap(), at: Timestamp::from_millis(1) };
        store.open_level(&Batch::default(), &place(), 7, &stamp).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_of_an_older_release_goes_on_under_the_new_name() {
        let state = tempfile::tempdir().unwrap();
        old_file(state.path()).await;
        let engine = Engine::start(state.path()).await.unwrap();
        let store = engine.store("test");
        let levels = store.levels([place()]).await.unwrap();
        assert_eq!(levels.level(&place()).unwrap().on_hand, 7);
        let arn = store.stream_arn().await.unwrap();
        let stream =
            engine.streams().describe_stream().stream_arn(&arn).send().await.unwrap().stream_description.unwrap();
        let shard = stream.shards.unwrap()[0].shard_id.clone().unwrap();
        assert!(shard.len() >= 28, "{shard}");
        let iterator = engine.streams().get_shard_iterator().stream_arn(&arn).shard_id(shard);
        let iterator = iterator.shard_iterator_type(aws_sdk_dynamodbstreams::types::ShardIteratorType::TrimHorizon);
        let iterator = iterator.send().await.unwrap().shard_iterator.unwrap();
        let records = engine.streams().get_records().shard_iterator(iterator).send().await.unwrap().records.unwrap();
        assert!(!records.is_empty());
        drop(engine);
        run(&state.path().join(FILE)).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_an_older_release_went_on_with_is_refused() {
        let state = tempfile::tempdir().unwrap();
        drop(Engine::start(state.path()).await.unwrap());
        old_file(state.path()).await;
        let said = format!("{:#}", Engine::start(state.path()).await.err().unwrap());
        assert!(said.contains("older release") && said.contains("from a copy"), "{said}");
    }
}
