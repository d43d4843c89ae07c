//! `edin end`: listings, names and connections that are told a last 0, and then left in peace.

use anyhow::{Context, bail};
use edin_catalogue::ending::{end_connection, end_listing, give_up, listings, look_again};
use edin_domain::Timestamp;
use edin_domain::connection::Mode;

use crate::deployment::Deployment;
use crate::output::say;
use crate::settings::End;

/// Ends what was asked for, and says what that was.
pub(super) async fn end(deployment: &Deployment, wanted: &End, now: Timestamp) -> anyhow::Result<()> {
    let (store, id) = (&deployment.store, &wanted.connection);
    let connection = store.connection(id).await?.with_context(|| format!("there is no connection {id}"))?;
    match (&wanted.sku, &wanted.article) {
        (Some(sku), _) => {
            for key in listings(store, sku, id, wanted.warehouse.as_ref()).await? {
                end_listing(store, &key, now).await?;
                let warehouse = &key.warehouse;
                match connection.is_silent() {
                    true => say(&format!(
                        "{sku} is ended at {id}, {warehouse}; nothing is told while {id} is {}",
                        connection.mode
                    ))?,
                    false => say(&format!("{sku} is ended at {id}, {warehouse}: its last 0 is on its way"))?,
                }
            }
            Ok(())
        }
        (None, Some(article)) => match give_up(store, &connection, article).await? {
            Some(sku) => say(&format!("{article} at {id} is nothing any more; it was {sku}")),
            None => bail!("{article} at {id} is nothing already"),
        },
        (None, None) => {
            end_connection(store, id, now).await?;
            look_again(store, &deployment.queue("deferred")?, id, now).await?;
            match connection.mode {
                Mode::Observe => say(&format!("{id} is ended; it observed, so its channel is told no last 0")),
                Mode::Live | Mode::Paused | Mode::Zero => {
                    say(&format!("{id} is ended: the last 0 of each of its listings is on its way"))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use edin_domain::listing::{Listing, ListingKey, OwnPolicy, Standing};
    use edin_domain::{Article, Sku};
    use edin_store::StoreError;
    use edin_store::catalogue::Batch;

    use super::*;
    use crate::settings::{Command, Settings};

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    /// What a command ends.
    async fn ends(deployment: &Deployment, arguments: &[&str]) -> anyhow::Result<()> {
        let settings = Settings::parse_from(["edin", "end", "wb"].iter().chain(arguments));
        let Some(Command::End(wanted)) = settings.command else { bail!("it is another command") };
        end(deployment, &wanted, NOW).await
    }

    async fn deployment(state: &std::path::Path) -> Deployment {
        let settings = Settings::parse_from(["edin", "--state", state.to_str().unwrap(), "status"]);
        let deployment = Deployment::open(&settings).await.unwrap();
        let connection = r#"{"id":"wb","account":{"wildberries":{}},"currency":"KZT","warehouses":{"1":["almaty"]}}"#;
        deployment.store.put_connection(&serde_json::from_str(connection).unwrap()).await.unwrap();
        let sku = Sku::new("TEA").unwrap();
        let key = ListingKey { connection: "wb".parse().unwrap(), warehouse: "1".parse().unwrap(), sku: sku.clone() };
        let ids = [("chrt_id".to_owned(), Article::new("7001").unwrap())].into();
        let (policy, standing) = (OwnPolicy::default(), Standing::Selling);
        let listing = Listing { key: key.clone(), ids, policy, standing, ended_at: None };
        let new = |_| Ok::<_, StoreError>(listing.clone());
        deployment.store.edit_listing(&Batch::default(), &key, new).await.unwrap();
        let (batch, article) = (Batch::default(), Article::new("chrt:7001").unwrap());
        deployment.store.claim(&batch, &key.connection, &article, &sku).await.unwrap();
        deployment
    }

    #[tokio::test]
    async fn a_listing_a_name_and_a_connection_end_by_command() {
        let state = tempfile::tempdir().unwrap();
        let deployment = deployment(state.path()).await;
        let name = ["--article", "chrt:7001"];
        let refused = ends(&deployment, &name).await.unwrap_err().to_string();
        assert_eq!(refused, "TEA is listed under it at 1; end the listing first");
        ends(&deployment, &["--sku", "TEA"]).await.unwrap();
        let partition = deployment.store.partition(&Sku::new("TEA").unwrap()).await.unwrap();
        assert_eq!(partition.listings[0].ended_at, Some(NOW));
        let refused = ends(&deployment, &name).await.unwrap_err().to_string();
        assert_eq!(refused, "the last 0 of TEA at 1 is not told yet; try again when it is");
        assert!(
            ends(&deployment, &["--sku", "CUP"]).await.unwrap_err().to_string().contains("CUP is not listed there")
        );
        ends(&deployment, &[]).await.unwrap();
        let connection = deployment.store.connection(&"wb".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(connection.ended_at, Some(NOW));
    }
}
