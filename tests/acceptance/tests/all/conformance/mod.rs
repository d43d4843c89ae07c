//! What every channel must come through, by the house as it is: a table of cases and of all channels that there are.
//!
//! No case names a channel. One is left out only where the channel's facts or its stand-in say that it can't be, and why. What is
//! found stands in `docs/conformance.md`; with `EDIN_WRITE=1` the test writes it instead of holding it.

mod case;
mod cases;
mod sales;
mod table;
mod troubles;
mod undone;

use acceptance::{Good, World, good};
use edin_channels::facts::Facts;

use case::Case;
use cases::CASES;
use table::{Found, Table};

/// Longer than any case takes on a busy machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(240);
/// Units of each good in Almaty and in Astana: more than the longest page of orders.
const PLENTY: (u32, u32) = (1_200, 5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_channel_comes_through_what_it_can_meet() -> anyhow::Result<()> {
    let channels: Vec<&'static Facts> = edin_channels::served().collect();
    let columns = futures::future::try_join_all(channels.iter().map(|facts| column(facts))).await?;
    let table = Table::of(&channels, &columns);
    eprintln!("{table}");
    table.check()
}

/// What one channel comes through: each case with goods of its own, all of them in one house, which is judged in the end.
async fn column(facts: &'static Facts) -> anyhow::Result<Vec<Found>> {
    let mut world = None;
    let mut column = Vec::new();
    for (index, (name, run)) in CASES.iter().enumerate() {
        let open = match world.take() {
            Some(open) => open,
            None => World::open_with_goods(goods()).await?,
        };
        let case = Case::new(&open, facts, index)?;
        let began = tokio::time::Instant::now();
        let came = tokio::time::timeout(PATIENCE, run(&case)).await;
        let found = Found::of(came.unwrap_or_else(|_| Err(anyhow::anyhow!("it takes longer than {PATIENCE:?}"))));
        eprintln!("{} · {name}, {:.1?}: {found:?}", facts.title, began.elapsed());
        // What a case has spoilt spoils no other.
        world = Some(open).filter(|_| !matches!(found, Found::Fails(_)));
        column.push(found);
    }
    if let Some(world) = world {
        case::until_every_shelf_is_right(&world).await?;
        world.check_books().await?;
    }
    Ok(column)
}

/// Two for each case.
fn goods() -> Vec<Good> {
    (1..).take(CASES.len() * 2).map(|number| good(&format!("CASE-{number:02}"), number, Some(PLENTY))).collect()
}
