//! `edin why`.

use acceptance::{OZON, SOON, Shelf, TEA, WB, World, until};
use edin_domain::stock::{Entry, Place};
use edin_domain::{LocationId, Sku};
use edin_platform::{Clock, SystemClock};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_of_a_good_adds_up() -> anyhow::Result<()> {
    let world = World::open().await?;
    let at_ozon = world.buy_at_ozon(TEA, 2).await?;
    world.until_level(TEA, "almaty", 10, 2).await?;
    let at_wildberries = world.buy_at_wildberries(TEA)?;
    world.poll().await?;
    world.until_level(TEA, "almaty", 10, 3).await?;
    world.until_shown(Shelf::Wildberries, TEA, 7, SOON).await?;
    world.until_told().await?;
    world.check_books().await?;
    let why = world.why(TEA).await?;
    for level in &why.levels {
        assert_eq!(level.on_hand - level.reserved, level.available, "{level:?}");
        let held: i64 =
            why.reservations.iter().filter(|held| held.location == level.location).map(|held| held.units).sum();
        assert_eq!(held, level.reserved, "{level:?}");
    }
    let held: Vec<(&str, i64)> = why.reservations.iter().map(|held| (held.order.as_str(), held.units)).collect();
    assert_eq!(held, [(&*format!("{OZON}/{at_ozon}"), 2), (&*format!("{WB}/{at_wildberries}"), 1)]);
    for listing in &why.listings {
        let levels = why.levels.iter().filter(|level| listing.locations.contains(&level.location));
        let sellable: i64 = levels.map(|level| level.available).sum();
        assert_eq!(listing.offer.sellable, sellable, "{listing:?}");
        assert_eq!(i64::from(listing.offer.quantity), sellable, "{listing:?}");
    }
    let text = edin::output::why::text(&why);
    assert!(text.contains("10 on hand − 3 reserved = 7 available"), "{text}");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_long_history_as_much_is_read_as_tells_who_holds_what() -> anyhow::Result<()> {
    let world = World::open().await?;
    let first = world.buy_at_ozon(TEA, 2).await?;
    world.until_level(TEA, "almaty", 10, 2).await?;
    let place = Place { sku: Sku::new(TEA)?, location: LocationId::new("almaty")? };
    until("versions in the ledger", SOON, Some(2), async || {
        Ok(world.store().ledger_end(&place, 1).await?.first().map(|entry| entry.version))
    })
    .await?;
    let last = world.store().ledger_end(&place, 1).await?.remove(0);
    let later = |more| Entry { version: last.version + more, changes: Vec::new(), ..last.clone() };
    let many: Vec<_> = (1..=150).map(|more| (place.clone(), later(more))).collect();
    world.store().put_ledger(&many, SystemClock.now(), "test").await?;
    let why = world.why(TEA).await?;
    let held: Vec<(&str, i64)> = why.reservations.iter().map(|held| (held.order.as_str(), held.units)).collect();
    assert_eq!(held, [(&*format!("{OZON}/{first}"), 2)], "what reserves is older than the last hundred changes");

    let elsewhere = Place { location: LocationId::new("astana")?, ..place };
    let many: Vec<_> = (1..=150).map(|more| (elsewhere.clone(), later(more))).collect();
    world.store().put_ledger(&many, SystemClock.now(), "test").await?;
    let why = world.why(TEA).await?;
    let rows = why.ledger.iter().filter(|row| row.location == "astana").count();
    assert_eq!(rows, 100, "nothing is reserved there, so no older change is read");
    let text = edin::output::why::text(&why);
    assert!(text.contains("earlier changes at astana"), "{text}");
    Ok(())
}
