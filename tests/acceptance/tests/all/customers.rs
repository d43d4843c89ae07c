//! One person over many orders.

use acceptance::{KASPI, LAMP, PEN, PP1, SOON, World, until};
use edin_domain::ConnectionId;
use edin_domain::customer::IdentityKind;
use edin_domain::order::OrderKey;
use edin_platform::{digest, secrets};
use edin_store::customers::Identity;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_bought_twice_at_kaspi_is_one_customer() -> anyhow::Result<()> {
    let world = World::open().await?;
    let first = world.kaspi.buy_as(PEN, PP1, 2, "7011234567", "Алия Н.")?;
    let second = world.kaspi.buy_as(LAMP, PP1, 1, "7011234567", "Алия Нурланова")?;
    let other = world.kaspi.buy_as(LAMP, PP1, 1, "7027654321", "Болат")?;
    world.poll().await?;
    for sale in [&first, &second, &other] {
        world.until_recorded(KASPI, &sale.order).await?;
    }
    let units = async |phone| {
        let bought = world.store().purchases(&customer(&world, phone).await?).await?;
        Ok(bought.iter().map(|purchase| purchase.units).collect::<Vec<_>>())
    };
    until("what Aliya bought", SOON, vec![2, 1], async || units("77011234567").await).await?;
    until("what Bolat bought", SOON, vec![1], async || units("77027654321").await).await?;
    let profile = world.store().profile(&customer(&world, "77011234567").await?).await?.expect("she is known");
    assert_eq!(profile.phone.map(|phone| phone.reveal().clone()).as_deref(), Some("7011234567"));
    let order = OrderKey::new(ConnectionId::new(KASPI)?, second.order.parse()?);
    assert!(world.store().contact(&order).await?.is_some());
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_meet_a_stranger_at_once_agree_on_who_it_is() -> anyhow::Result<()> {
    let world = World::open().await?;
    let store = world.store();
    for number in 0..30 {
        let identities = [Identity { kind: IdentityKind::Phone, digest: format!("{number:064}") }];
        let both = tokio::join!(store.customer_of(&identities, "one"), store.customer_of(&identities, "other"));
        assert_eq!(both.0?, both.1?);
    }
    world.close().await
}

/// Who a telephone number is; whoever asks first makes them known, by their number.
async fn customer(world: &World, phone: &str) -> anyhow::Result<String> {
    let secrets = secrets::Secrets::File(world.house.state().join(edin_local::state::secrets::FILE).into());
    let key = secrets.get(secrets::DIGEST_KEY).await?;
    let kind = IdentityKind::Phone;
    let identity = Identity { kind, digest: digest::keyed(&key, kind.name(), phone) };
    Ok(world.store().customer_of(&[identity], phone).await?)
}
