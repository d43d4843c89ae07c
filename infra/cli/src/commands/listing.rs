//! `edin listing`: listings, and what a person changes of one.

use anyhow::{Context, bail, ensure};
use edin_catalogue::listings::Which;
use edin_catalogue::{Importer, Taken};
use edin_domain::{Sku, Timestamp};
use edin_look::goods::listings;

use super::end;
use crate::deployment::Deployment;
use crate::output::{goods as output, say};
use crate::settings::{End, Listing, One};

/// Does what a person wants of listings.
pub(super) async fn look_after(deployment: &Deployment, wanted: Listing, now: Timestamp) -> anyhow::Result<()> {
    match wanted {
        Listing::List { connection, sku, json } => {
            let found = listings(&deployment.store, connection.as_ref(), sku.as_ref()).await?;
            match json {
                true => found.iter().try_for_each(|one| say(&serde_json::to_string(one)?)),
                false => say(&output::listings(&found)),
            }
        }
        Listing::Show { sku, connection, json } => {
            let mut why = edin_look::why::why(&deployment.store, &sku, now).await?;
            why.listings.retain(|listing| listing.connection == connection.as_str());
            ensure!(!why.listings.is_empty(), "{sku} is not listed at {connection}");
            match json {
                true => say(&serde_json::to_string(&why.listings)?),
                false => say(&crate::output::why::listings(&why)),
            }
        }
        Listing::Set { one, changes } => set(deployment, &one, &changes, now).await,
        Listing::Pause { one } => set(deployment, &one, &["paused=yes".to_owned()], now).await,
        Listing::Resume { one } => set(deployment, &one, &["paused=no".to_owned()], now).await,
        Listing::End { one: One { sku, connection, warehouse } } => {
            let listing = End { connection, sku: Some(sku), warehouse, article: None };
            end::end(deployment, &listing, now).await
        }
    }
}

/// Changes it as a line of a file would.
async fn set(deployment: &Deployment, one: &One, changes: &[String], now: Timestamp) -> anyhow::Result<()> {
    let changes = changes.iter().map(|change| change.split_once('=').context("a change is not NAME=VALUE"));
    let changes = changes.collect::<anyhow::Result<Vec<_>>>()?;
    let (inbox, deferred) = (deployment.queue("inbox")?, deployment.queue("deferred")?);
    let (store, taken) = (&deployment.store, Taken::Stays);
    let importer = Importer { store, inbox: &inbox, deferred: &deferred, taken, now };
    let One { sku, connection, warehouse } = one;
    let which = Which { sku, connection, warehouse: warehouse.as_ref() };
    let report = importer.set_listings(which, &changes).await?;
    if let Some(error) = report.errors.first() {
        bail!("{}", error.problem);
    }
    say(&said(sku, report.counts.listings.changed + report.counts.prices.changed + report.counts.prices.new))
}

fn said(sku: &Sku, changed: usize) -> String {
    match changed {
        0 => format!("{sku} was so already"),
        _ => format!("{sku} is set; edin why {sku} says what its channel is told"),
    }
}
