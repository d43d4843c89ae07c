//! The figures that alarms look at, and how each connection stands.

use std::sync::Arc;
use std::time::Duration;

use acceptance::{KASPI, OZON, PEN, POT, RUG, SOON, Shelf, TEA, WB, World, until};
use edin_domain::listing::ListingKey;
use edin_domain::shown::Shown;
use edin_domain::{ConnectionId, Sku, Timestamp, WarehouseId};
use edin_platform::{Clock, Metric, SystemClock};
use edin_store::status::Status;
use edin_trade::messages::Read;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

use super::functions::Functions;
use super::stage::told;

/// The simulated Wildberries' id of the third good, [`POT`].
const POT_AT_WILDBERRIES: u64 = 70_000_003;
/// The token of these tests lives for half a year.
const HALF_A_YEAR: i64 = 180;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_is_told_as_one_order_and_as_taken_where_it_was_not_made() -> anyhow::Result<()> {
    let world = World::open().await?;
    let opening = told(&world.metrics).len();
    world.buy_at_ozon(PEN, 2).await?;
    world.until_shown(Shelf::Wildberries, PEN, 18, SOON).await?;
    until("figures of the number that was taken", SOON, (1, vec![1], true), async || {
        let since = |metric, connection| figures(&world, opening, metric, Some(connection));
        let lags = since(Metric::LagMs, WB);
        let is_plausible = lags.len() == 1 && lags.iter().all(|lag| (1..60_000).contains(lag));
        Ok((since(Metric::Orders, OZON).iter().sum::<i64>(), since(Metric::Acknowledged, WB), is_plausible))
    })
    .await?;
    assert_eq!(figures(&world, opening, Metric::RefusedNumbers, None), [0; 0]);
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_told_and_named_in_the_status() -> anyhow::Result<()> {
    let world = World::open().await?;
    let opening = told(&world.metrics).len();
    world.wildberries.faults(|faults| {
        faults.refuse.insert(POT_AT_WILDBERRIES.to_string(), "DeliveryTypeRestriction".to_owned());
    });
    world.buy_at_ozon(POT, 1).await?;
    until("numbers that Wildberries refuses", SOON, vec![1], async || {
        Ok(figures(&world, opening, Metric::RefusedNumbers, Some(WB)))
    })
    .await?;
    world.settle().await?;
    world.house.reconcile().await?;
    let refused = status(&world, WB).await?.refused;
    let named: Vec<_> = refused.iter().map(|refused| (refused.sku.as_str(), refused.code.as_str())).collect();
    assert_eq!(named, [(POT, "DeliveryTypeRestriction")]);
    assert_eq!(status(&world, OZON).await?.refused, []);
    world.check_books().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_oversell_is_told_in_units() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.buy_at_ozon(RUG, 1).await?;
    world.buy_at_wildberries(RUG)?;
    world.poll().await?;
    until("units that aren't there", SOON, vec![1], async || Ok(figures(&world, 0, Metric::OversoldUnits, None)))
        .await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reconciliation_tells_drift_and_how_long_the_key_lives() -> anyhow::Result<()> {
    let world = World::open().await?;
    let opening = told(&world.metrics).len();
    world.wildberries.edit(POT_AT_WILDBERRIES, WB_WAREHOUSE, 99);
    world.house.reconcile().await?;
    for (connection, drift) in [(OZON, 0), (WB, 91), (KASPI, 0)] {
        assert_eq!(figures(&world, opening, Metric::DriftUnits, Some(connection)), [drift], "{connection}");
        assert_eq!(figures(&world, opening, Metric::UnacknowledgedSeconds, Some(connection)), [0], "{connection}");
    }
    let days = figures(&world, opening, Metric::CredentialDaysLeft, Some(WB));
    assert!(matches!(days[..], [left] if left == HALF_A_YEAR || left == HALF_A_YEAR - 1), "{days:?}");
    let found = status(&world, WB).await?;
    assert_eq!((found.drift_units, found.due, found.listings), (91, 0, 7));
    let dies_at = found.key_expires_at.expect("Wildberries' token says when it dies");
    assert_eq!(dies_at.since(world.opened_at()).as_secs() / (24 * 3_600), 179);
    assert!(found.acknowledged_at.is_some_and(|at| at <= found.at), "{found:?}");
    let (kaspi, pulled) = (status(&world, KASPI).await?, world.store().pulls(&ConnectionId::new(KASPI)?).await?);
    assert_eq!(kaspi.acknowledged_at, pulled.last().map(|pull| pull.at), "Kaspi takes numbers by pulling them");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_takes_nothing_is_told_by_how_long_it_has_been() -> anyhow::Result<()> {
    let world = World::open().await?;
    world.house.reconcile().await?;
    world.wildberries.faults(|faults| faults.down = true);
    world.buy_at_ozon(TEA, 2).await?;
    world.until_level(TEA, "almaty", 10, 2).await?;
    let since = world.level(TEA, "almaty").await?.changed_at;
    assert!(matches!(waits_after(&world, 600).await?[..], [seconds] if (600..700).contains(&seconds)));
    world.buy_at_ozon(TEA, 1).await?;
    world.until_level(TEA, "almaty", 10, 3).await?;
    let waits = waits_after(&world, 1_200).await?;
    assert!(
        matches!(waits[..], [seconds] if (1_200..1_300).contains(&seconds)),
        "another sale begins no new wait: {waits:?}"
    );
    let found = status(&world, WB).await?;
    assert_eq!(found.due, 1, "the tea: of the set as many can be made as before");
    assert_eq!(found.due_since, Some(since));
    assert!(found.problem.is_some_and(|problem| problem.contains("503")));
    world.wildberries.faults(|faults| faults.down = false);
    world.until_shown(Shelf::Wildberries, TEA, 7, SOON * 2).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_number_that_nobody_noted_does_not_stay_due() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (connection, warehouse) = (ConnectionId::new(WB)?, WarehouseId::new(WB_WAREHOUSE.to_string())?);
    let listing = ListingKey { connection, warehouse, sku: Sku::new(POT)? };
    world.store().put_shown(&[(listing.clone(), Shown::default())]).await?;
    world.house.reconcile().await?;
    until("the number that Wildberries took", SOON, Some(8), async || {
        let told = world.store().partition(&listing.sku).await?.shown(&listing).acknowledged;
        Ok(told.map(|told| told.quantity))
    })
    .await?;
    world.house.reconcile().await?;
    assert_eq!((status(&world, WB).await?.due, status(&world, WB).await?.drift_units), (0, 0));
    world.check_books().await
}

/// How long Wildberries is told to wait if it is reconciled so many seconds from now.
async fn waits_after(world: &World, seconds: u64) -> anyhow::Result<Vec<i64>> {
    let before = told(&world.metrics).len();
    let (engine, state, metrics) = (world.house.engine(), world.house.state(), world.metrics.clone());
    let later = Functions { engine, state, metrics, clock: Arc::new(Later(Duration::from_secs(seconds))) };
    later.reconcile().handle(serde_json::from_str(r#"{"connection":"wb-main"}"#)?).await?;
    Ok(figures(world, before, Metric::UnacknowledgedSeconds, Some(WB)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_tells_how_old_its_last_reading_is_and_notes_the_last_sale() -> anyhow::Result<()> {
    let world = World::open().await?;
    let opening = told(&world.metrics).len();
    let order = world.buy_at_wildberries(PEN)?;
    world.changes().await?;
    for connection in [OZON, WB, KASPI] {
        let ages = figures(&world, opening, Metric::ReadingAgeSeconds, Some(connection));
        assert!(ages.last().is_some_and(|age| (0..30).contains(age)), "{connection}: {ages:?}");
    }
    let placed_at = world.until_recorded(WB, &order).await?.state.placed_at();
    let cursor = world
        .store()
        .progress(&ConnectionId::new(WB)?, poll::Topic::Changes.progress())
        .await?
        .expect("its orders were read");
    assert!(placed_at.is_some() && cursor.last_sale_at == placed_at, "{cursor:?}, sold at {placed_at:?}");
    world.wildberries.faults(|faults| faults.down = true);
    let (engine, state, metrics) = (world.house.engine(), world.house.state(), world.metrics.clone());
    let tomorrow = Functions { engine, state, metrics, clock: Arc::new(Later(Duration::from_secs(24 * 3_600))) };
    let connection = world.store().connection(&ConnectionId::new(WB)?).await?.expect("it is in the catalogue");
    assert!(tomorrow.poll().read(&connection, &Read::Changes).await.is_err());
    let ages = figures(&world, opening, Metric::ReadingAgeSeconds, Some(WB));
    assert!(ages.last().is_some_and(|age| *age >= 24 * 3_600), "{ages:?}");
    world.check_books().await
}

/// The machine's clock, put forward.
struct Later(Duration);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0)
    }
}

/// What was told of a metric since there were `since` figures.
fn figures(world: &World, since: usize, metric: Metric, connection: Option<&str>) -> Vec<i64> {
    let is_meant = |of: &Option<ConnectionId>| of.as_ref().map(ConnectionId::as_str) == connection;
    let told = told(&world.metrics).into_iter().skip(since);
    told.filter(|(of, whose, _)| *of == metric && is_meant(whose)).map(|(_, _, figure)| figure).collect()
}

async fn status(world: &World, connection: &str) -> anyhow::Result<Status> {
    let id = ConnectionId::new(connection)?;
    Ok(world.store().statuses([id.clone()]).await?.remove(&id).expect("it was reconciled"))
}
