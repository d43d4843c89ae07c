//! Who is let in, and to what.

use acceptance::LAMP;
use edin_domain::api_key::{Presented, Scope};
use edin_platform::{Clock, SystemClock};
use serde_json::json;

use super::{Door, HOUR, SHOP, TILL, after, with_doors};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_without_a_key_that_is_good() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let mut shop = Door::open(&world, SHOP).await?;
    let good = shop.key.clone();
    let presented = Presented::read(&good).unwrap();
    let (id, other_secret) = (presented.id.to_owned(), "0".repeat(presented.secret.len()));
    let unknown = Presented { id: "0000000000", ..presented }.text();
    let wrong = Presented { secret: &other_secret, ..presented }.text();
    for key in [String::new(), "edin".to_owned(), unknown, wrong, format!("{good}0")] {
        shop.key = key;
        assert_eq!(shop.get("/v1/stock/TEA").await?.problem(), (401, "no-key"), "{}", shop.key);
        assert_eq!(shop.hold("1", LAMP, 1, after(HOUR)).await?.problem(), (401, "no-key"));
    }
    shop.key = good;
    assert_eq!(shop.get("/v1/stock/TEA").await?.status, 200);
    let revoked = world.store().revoke_api_key(&id, SystemClock.now()).await?.unwrap();
    assert!(revoked.revoked_at.is_some() && !revoked.digest.contains(presented_secret(&shop.key)));
    assert_eq!(shop.get("/v1/stock/TEA").await?.problem(), (401, "no-key"));
    world.close().await
}

fn presented_secret(key: &str) -> &str {
    Presented::read(key).unwrap().secret
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_lets_do_what_it_is_for_at_its_own_door_alone() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let (shop, till) = (Door::open(&world, SHOP).await?, Door::open(&world, TILL).await?);
    let hold = shop.hold("1", LAMP, 1, after(HOUR)).await?;
    let id = hold.id();
    assert_eq!(till.get(&format!("/v1/orders/{id}")).await?.problem(), (404, "unknown"));
    assert_eq!(till.delete(&format!("/v1/holds/{id}")).await?.problem(), (404, "unknown"));
    let only = async |scope| Door::with_key(&world, SHOP, &[scope]).await;
    let reader = only(Scope::Read).await?;
    assert_eq!(reader.get(&format!("/v1/orders/{id}")).await?.status, 200);
    assert_eq!(reader.delete(&format!("/v1/holds/{id}")).await?.problem(), (403, "not-allowed"));
    assert_eq!(reader.hold("2", LAMP, 1, after(HOUR)).await?.problem(), (403, "not-allowed"));
    let wanted = json!({ "lines": [{ "sku": LAMP, "quantity": 1 }] });
    assert_eq!(only(Scope::Shop).await?.keyed("/v1/sales", "R-1", &wanted).await?.problem(), (403, "not-allowed"));
    assert_eq!(only(Scope::Till).await?.hold("3", LAMP, 1, after(HOUR)).await?.problem(), (403, "not-allowed"));
    assert_eq!(only(Scope::Till).await?.get("/v1/stock/TEA").await?.problem(), (403, "not-allowed"));
    world.close().await
}
