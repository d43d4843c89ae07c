//! The price list that Kaspi pulls.

use acceptance::{KASPI, PEN, SOON, Shelf, World};
use edin_domain::ConnectionId;
use simulators::kaspi::Pulled;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_that_is_pulled_while_orders_come_in_is_taken() -> anyhow::Result<()> {
    let world = World::open().await?;
    let before = pulls(&world).await?.len();
    let buys = async {
        for _ in 0..12 {
            world.buy_at_ozon(PEN, 1).await?;
            world.kaspi.pull().await.map_err(anyhow::Error::msg)?;
        }
        anyhow::Ok(())
    };
    let pulls_beside = async {
        for _ in 0..12 {
            world.kaspi.pull().await.map_err(anyhow::Error::msg)?;
        }
        anyhow::Ok(())
    };
    futures::try_join!(buys, pulls_beside)?;
    world.until_shown(Shelf::KaspiAlmaty, PEN, 8, SOON).await?;
    assert!(pulls(&world).await?.len() > before);
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_the_same_as_before_is_not_sent_again() -> anyhow::Result<()> {
    let world = World::open().await?;
    assert_eq!(world.kaspi.pull().await, Ok(Pulled::Unchanged));
    world.buy_at_ozon(PEN, 1).await?;
    world.until_level(PEN, "almaty", 20, 1).await?;
    assert_eq!(world.kaspi.pull().await, Ok(Pulled::Taken { offers: 7, changed: 1 }));
    let last: Vec<u16> = pulls(&world).await?.into_iter().rev().take(2).collect();
    assert_eq!(last, [200, 304], "each pull is written down");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_under_another_address_is_not_there() -> anyhow::Result<()> {
    let world = World::open().await?;
    let address = world.house.feed_url(&ConnectionId::new(KASPI)?);
    let of_another = world.house.feed_url(&ConnectionId::new("kaspi-more")?);
    let of_a_stranger = of_another.replace("kaspi-more", KASPI);
    for wrong in [address.replace(".xml", "0.xml"), of_another, of_a_stranger] {
        assert_eq!(get(&wrong, None).await?, 404, "{wrong}");
    }
    assert_eq!(get(&address, None).await?, 200);
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_behind_a_password_is_for_who_knows_it() -> anyhow::Result<()> {
    let login = ("kaspi".to_owned(), "s3cret".to_owned());
    let world = World::open_with(login).await?;
    let address = world.house.feed_url(&ConnectionId::new(KASPI)?);
    assert_eq!(get(&address, None).await?, 401);
    assert_eq!(get(&address, Some("wrong")).await?, 401);
    assert_eq!(get(&address, Some("s3cret")).await?, 200);
    world.close().await
}

async fn pulls(world: &World) -> anyhow::Result<Vec<u16>> {
    let pulls = world.store().pulls(&ConnectionId::new(KASPI)?).await?;
    Ok(pulls.into_iter().map(|pull| pull.status).collect())
}

async fn get(url: &str, password: Option<&str>) -> anyhow::Result<u16> {
    let request = super::http()?.get(url);
    let request = match password {
        Some(password) => request.basic_auth("kaspi", Some(password)),
        None => request,
    };
    Ok(request.send().await?.status().as_u16())
}
