//! `edin sku` and `edin location`: what there is, and where.

use anyhow::ensure;
use edin_look::goods::{all, good, listings, locations};

use crate::deployment::Deployment;
use crate::output::{goods as output, say};
use crate::settings::{Locations, Skus};

/// Shows goods.
pub(super) async fn skus(deployment: &Deployment, wanted: Skus) -> anyhow::Result<()> {
    let store = &deployment.store;
    match wanted {
        Skus::List { json: true } => all(store).await?.iter().try_for_each(|good| say(&serde_json::to_string(good)?)),
        Skus::List { json: false } => say(&output::goods(&all(store).await?)),
        Skus::Show { sku, json } => {
            let (good, listed) = (good(store, &sku).await?, listings(store, None, Some(&sku)).await?);
            if json {
                return say(&serde_json::json!({ "good": good, "listings": listed }).to_string());
            }
            say(&format!("{sku}  {}", good.product.title))?;
            say(&output::levels(&good))?;
            say(&output::listings(&listed))
        }
    }
}

/// Shows locations.
pub(super) async fn places(deployment: &Deployment, wanted: Locations) -> anyhow::Result<()> {
    let store = &deployment.store;
    match wanted {
        Locations::List { json: true } => say(&serde_json::to_string(&locations(store).await?)?),
        Locations::List { json: false } => say(&output::locations(&locations(store).await?)),
        Locations::Show { id, json } => {
            let mut here = all(store).await?;
            here.iter_mut().for_each(|good| good.locations.retain(|location, _| *location == id));
            here.retain(|good| !good.locations.is_empty());
            ensure!(!here.is_empty(), "nothing lies at {id}; edin location list names what there is");
            match json {
                true => here.iter().try_for_each(|good| say(&serde_json::to_string(good)?)),
                false => say(&output::goods(&here)),
            }
        }
    }
}
