//! `edin why`: why a number is what it is.

use edin_domain::Sku;
use edin_platform::{Clock, SystemClock};

use crate::deployment::Deployment;
use crate::output;

/// Says why, in words or as JSON.
pub(super) async fn why(deployment: &Deployment, sku: &Sku, json: bool) -> anyhow::Result<()> {
    let why = edin_look::why::why(&deployment.store, sku, SystemClock.now()).await?;
    output::say(&if json { serde_json::to_string_pretty(&why)? } else { output::why::text(&why) })
}
