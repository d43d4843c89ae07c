//! A shop of the seller's own, where it does what no marketplace does.

use acceptance::{POT, SOON, World, until};
use edin_domain::ConnectionId;
use edin_domain::order::Milestone;
use edin_trade::messages::Read;
use judge::shelf::There;
use simulators::woocommerce::{WAREHOUSE, product_id};
use simulators::{Good, WooCommerce};

const SHOP: &str = "woocommerce-main";

fn shop(world: &World) -> anyhow::Result<(WooCommerce, &Good)> {
    let pot = world.goods().iter().find(|good| good.sku == POT).expect("it is sold");
    Ok((world.stage.the()?, pot))
}

/// Waits until the shop shows what there is.
async fn until_right(world: &World) -> anyhow::Result<()> {
    let (shop, pot) = shop(world)?;
    let is_right = async || {
        let there = There::of(pot, &world.store()).await?.at(&["almaty", "astana"]);
        Ok(shop.shown(product_id(pot)).map(i64::from) == Some(there))
    };
    until("the shop shows what there is", SOON, true, is_right).await
}

async fn poll(world: &World, read: Read) -> anyhow::Result<()> {
    assert_eq!(world.house.poll_one(&ConnectionId::new(SHOP)?, read).await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_waits_for_its_payment_keeps_its_goods_from_everybody_else() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (shop, pot) = shop(&world)?;
    let name = shop.order(&[(product_id(pot), 2)]).unwrap().order;
    let order = name.parse()?;
    world.until_level(POT, "almaty", 8, 2).await?;
    until_right(&world).await?;
    assert!(shop.advance(order, "processing"), "it is paid for, and the shop lowers its own number");
    let is_paid = async || Ok(world.until_recorded(SHOP, &name).await?.state.has(Milestone::Paid));
    until("that it is paid for is known", SOON, true, is_paid).await?;
    world.until_level(POT, "almaty", 8, 2).await?;
    until_right(&world).await?;
    assert!(shop.advance(order, "cancelled"));
    world.until_level(POT, "almaty", 8, 0).await?;
    assert!(shop.advance(order, "processing"), "it is revived");
    world.until_level(POT, "almaty", 8, 2).await?;
    until_right(&world).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_in_the_trash_is_free_until_it_is_taken_out_and_for_good_when_it_is_deleted() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (shop, pot) = shop(&world)?;
    let order = shop.buy(&[(product_id(pot), 2)]).unwrap().order.parse()?;
    world.until_level(POT, "almaty", 8, 2).await?;
    shop.faults(|faults| faults.lose_pushes = true);
    assert!(shop.trash(order));
    poll(&world, Read::Changes).await?;
    world.until_level(POT, "almaty", 8, 0).await?;
    shop.faults(|faults| faults.lose_pushes = false);
    assert!(shop.restore(order));
    world.until_level(POT, "almaty", 8, 2).await?;
    assert!(shop.delete(order));
    world.until_level(POT, "almaty", 8, 0).await?;
    until_right(&world).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_the_shop_has_switched_off_is_switched_on_again() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (shop, pot) = shop(&world)?;
    let hook = world.house.hook_url(&ConnectionId::new(SHOP)?, &edin_channels::woocommerce::NAME);
    shop.enter(Some((hook, "another secret".to_owned())));
    let order = shop.buy(&[(product_id(pot), 1)]).unwrap().order.parse()?;
    for _ in 0..7 {
        assert!(shop.advance(order, "on-hold"));
    }
    let status = || shop.webhooks().into_iter().find(|(topic, _)| topic == "order.updated").map(|(_, status)| status);
    until("the webhook is off", SOON, Some("disabled".to_owned()), async || Ok(status())).await?;
    poll(&world, Read::Newest).await?;
    world.until_level(POT, "almaty", 8, 1).await?;
    world.house.reconcile().await?;
    until("the webhook is on", SOON, Some("active".to_owned()), async || Ok(status())).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_that_is_closed_beside_its_number_is_opened_again() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (shop, pot) = shop(&world)?;
    until_right(&world).await?;
    shop.close(product_id(pot));
    assert_eq!(simulators::Stand::shown(&shop, pot, WAREHOUSE), Some(0));
    world.house.reconcile().await?;
    until_right(&world).await?;
    world.close().await
}
