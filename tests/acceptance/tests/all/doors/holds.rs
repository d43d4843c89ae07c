//! Holds: granted or not, extended, let go, over, and ordered.

use std::time::Duration;

use acceptance::{LAMP, RUG, SET, SOON, Shelf, TEA, World};
use futures::future::try_join_all;
use serde_json::json;

use super::{Answer, Door, HOUR, SHOP, TILL, after, until_it_is, with_doors};

/// How long holds last that are to be over soon: the next one where a busy machine takes longer than that to grant one.
const SHORT: [u64; 3] = [2, 10, 60];

/// A hold of so many units whose time is over, which nobody has found yet.
async fn over(world: &World, door: &Door<'_>, sku: &str, units: u32) -> anyhow::Result<Answer> {
    for seconds in SHORT {
        let until = after(Duration::from_secs(seconds));
        let hold = door.hold(&format!("over-in-{seconds}"), sku, units, until).await?;
        if hold.problem() == (400, "invalid") {
            continue;
        }
        assert_eq!(hold.status, 201, "{hold:?}");
        until_it_is(until).await;
        assert_eq!(world.level(sku, "almaty").await?.reserved, i64::from(units), "nobody has found it");
        assert_eq!(door.get(&format!("/v1/orders/{}", hold.id())).await?.state(), "lapsed");
        return Ok(hold);
    }
    anyhow::bail!("no hold was granted within a minute")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_takes_what_the_other_channels_are_told_of_and_letting_it_go_brings_it_back() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let hold = shop.hold("1", LAMP, 4, after(HOUR)).await?;
    assert_eq!(
        (hold.status, hold.state(), hold.body["lines"][0]["locations"][0].as_str()),
        (201, "held", Some("almaty"))
    );
    world.until_shown(Shelf::Wildberries, LAMP, 2, SOON).await?;
    let let_go = shop.delete(&format!("/v1/holds/{}", hold.id())).await?;
    assert_eq!((let_go.status, let_go.state()), (200, "cancelled"));
    world.until_shown(Shelf::Wildberries, LAMP, 6, SOON).await?;
    assert_eq!(shop.delete(&format!("/v1/holds/{}", hold.id())).await?.body, let_go.body, "once more changes nothing");
    let late = shop.post(&format!("/v1/holds/{}/order", hold.id()), &json!({})).await?;
    assert_eq!(late.problem(), (409, "not-held"));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_doors_at_once_get_no_more_than_there_is() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let (shop, till) = (Door::open(&world, SHOP).await?, Door::open(&world, TILL).await?);
    let keys: Vec<String> = (0..9).map(|number| number.to_string()).collect();
    let asked = keys.iter().flat_map(|key| [&shop, &till].map(|door| door.hold(key, LAMP, 1, after(HOUR))));
    let mut answers = try_join_all(asked).await?;
    let granted = answers.iter().filter(|answer| answer.status == 201).count();
    answers.retain(|answer| answer.status != 201);
    assert_eq!((granted, world.level(LAMP, "almaty").await?.available), (6, 0));
    for refused in answers {
        assert_eq!(refused.problem(), (409, "not-enough"));
        let short = json!([{ "sku": LAMP, "location": "almaty", "wanted": 1, "available": 0 }]);
        assert_eq!(refused.body["short"], short);
    }
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_of_which_one_lacks_are_not_held_at_all() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let lines = json!([{ "sku": TEA, "quantity": 1 }, { "sku": RUG, "quantity": 2 }, { "sku": SET, "quantity": 5 }]);
    let wanted = json!({ "lines": lines, "until": after(HOUR).to_string() });
    let refused = shop.keyed("/v1/holds", "1", &wanted).await?;
    assert_eq!(refused.problem(), (409, "not-enough"));
    let short: Vec<_> = refused.body["short"].as_array().unwrap().iter().map(|short| short["sku"].clone()).collect();
    assert_eq!(short, ["CUP", RUG], "ten cups for five sets, and nine are there");
    assert_eq!(world.level(TEA, "almaty").await?.reserved, 0);
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_has_enough_is_found_among_several() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let hold = async |key: &str, units: u32| {
        let lines = json!([{ "sku": LAMP, "quantity": units }]);
        let wanted = json!({ "lines": lines, "location": "both", "until": after(HOUR).to_string() });
        shop.keyed("/v1/holds", key, &wanted).await
    };
    assert_eq!(hold("1", 4).await?.body["lines"][0]["locations"], json!(["almaty"]));
    assert_eq!(hold("2", 4).await?.body["lines"][0]["locations"], json!(["astana"]));
    assert_eq!(hold("3", 3).await?.problem(), (409, "not-enough"), "two here and two there are not three of one place");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_is_over_keeps_nothing_from_anybody_before_any_sweep() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let (shop, till) = (Door::open(&world, SHOP).await?, Door::open(&world, TILL).await?);
    let hold = over(&world, &shop, LAMP, 6).await?;
    let other = till.hold("1", LAMP, 5, after(HOUR)).await?;
    assert_eq!((other.status, other.state()), (201, "held"), "{other:?}");
    assert_eq!(world.level(LAMP, "almaty").await?.reserved, 5);
    let late = shop.post(&format!("/v1/holds/{}/order", hold.id()), &json!({})).await?;
    assert_eq!(late.problem(), (409, "not-enough"), "its goods are somebody else's by now");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_frees_what_is_over_and_a_hold_may_be_asked_for_again() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let hold = over(&world, &shop, LAMP, 6).await?;
    world.house.end_holds().await?;
    world.until_level(LAMP, "almaty", 6, 0).await?;
    let again = shop.patch(&format!("/v1/holds/{}", hold.id()), &json!({ "until": after(HOUR).to_string() })).await?;
    assert_eq!((again.status, again.state()), (200, "held"), "{again:?}");
    assert_eq!(world.level(LAMP, "almaty").await?.reserved, 6);
    world.house.end_holds().await?;
    world.settle_inbox().await?;
    assert_eq!(world.level(LAMP, "almaty").await?.reserved, 6, "its time has not come");
    let ordered = shop.post(&format!("/v1/holds/{}/order", hold.id()), &json!({})).await?;
    assert_eq!((ordered.status, ordered.state(), ordered.body.get("until")), (200, "placed", None));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_that_is_over_is_ordered_if_its_goods_are_still_there() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let hold = over(&world, &shop, LAMP, 6).await?;
    let ordered = shop.post(&format!("/v1/holds/{}/order", hold.id()), &json!({})).await?;
    assert_eq!((ordered.status, ordered.state()), (200, "placed"));
    world.house.end_holds().await?;
    world.settle_inbox().await?;
    assert_eq!(world.level(LAMP, "almaty").await?.reserved, 6, "an order has no end");
    world.close().await
}
