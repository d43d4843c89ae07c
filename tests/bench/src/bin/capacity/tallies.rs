//! What a sale costs as its good is listed in more places. A place's level keeps a tally of what each listing sold itself, so it
//! grows with them; a tally in an item of its own would leave it small, and be one item more in each sale's transaction.

use std::fmt::Write as _;

use anyhow::ensure;
use bench::orders::order;
use bench::{figure, round};
use edin_channels::ozon;
use edin_channels::told::{Content, Inbound};
use edin_domain::order::Milestone;
use edin_domain::{Cause, ConnectionId, WarehouseId};
use edin_platform::{Clock, SystemClock};
use serde::Serialize;

use crate::intake::Bench;

/// Write units a sale, of a good that so many connections list. Each sold it before, and had a sale called off.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    listings: usize,
    /// As it is: tallies in the level.
    in_level: f64,
    /// As it would be: what a sale costs while the level is small, and one more item of a transaction.
    in_item: f64,
}

const LISTINGS: [usize; 4] = [1, 5, 8, 18];
const SKU: &str = "TEA-0001";
const WAREHOUSE: &str = "22142605386001";
/// Sales that are measured.
const SALES: u64 = 20;
/// Of an item below 1 KB in a transaction (docs.aws.amazon.com/amazondynamodb, read and write operations, 2026-11).
const ITEM: f64 = 2.0;

/// Measures each of [`LISTINGS`].
pub(crate) async fn measure() -> anyhow::Result<Vec<Row>> {
    let (mut rows, mut small) = (Vec::new(), None);
    for listings in LISTINGS {
        let bench = Bench::with([connections(listings), catalogue(listings)?]).await?;
        for listing in 0..listings {
            bench.take_in(&[sale(listing, 0, &[])?]).await?;
            bench.take_in(&[sale(listing, 0, &[Milestone::Cancelled])?]).await?;
        }
        let before = bench.write_units();
        for number in 1..=SALES {
            bench.take_in(&[sale(0, number, &[])?]).await?;
        }
        let in_level = round((bench.write_units() - before) / figure(SALES));
        let small = *small.get_or_insert(in_level);
        rows.push(Row { listings, in_level, in_item: small + ITEM });
    }
    ensure!(rows.iter().all(|row| row.in_level > 0.0), "nothing was written: {rows:?}");
    Ok(rows)
}

fn name(listing: usize) -> String {
    format!("ozon-{listing:02}")
}

fn connections(listings: usize) -> String {
    let connection = |listing| {
        format!(
            "[[connection]]\nid = \"{}\"\nmode = \"live\"\ncurrency = \"KZT\"\nbase_url = \"http://127.0.0.1:9\"\n\
             account = {{ ozon = {{ client_id = \"{}\" }} }}\nwarehouses = {{ \"{WAREHOUSE}\" = [\"almaty\"] }}\n\
             secrets = {{ api_key = \"none\" }}\n",
            name(listing),
            30_000_001 + listing
        )
    };
    (0..listings).map(connection).collect()
}

fn catalogue(listings: usize) -> anyhow::Result<String> {
    let (mut head, mut row) = ("sku,title,location,on_hand".to_owned(), format!("{SKU},Tea,almaty,1000"));
    for listing in 0..listings {
        write!(head, ",{name}.offer_id,{name}.product_id,{name}.sku", name = name(listing))?;
        write!(row, ",{SKU},{},{}", 100_000 + listing, 500_000_000 + listing)?;
    }
    Ok(format!("{head}\n{row}\n"))
}

/// A sale of one unit by one of the listings, and what became of it.
fn sale(listing: usize, number: u64, more: &[Milestone]) -> anyhow::Result<Inbound> {
    let now = SystemClock.now();
    let (code, connection) = (700_000_000 + number * 100 + u64::try_from(listing)?, name(listing));
    let mut sale = order(code, SKU, 1_000, now)?;
    sale.cause = Cause::new(format!("{connection}:{code}"))?;
    sale.connection = ConnectionId::new(connection)?;
    sale.channel = ozon::NAME;
    if let Content::Told(told) = &mut sale.content {
        for (_, state) in &mut told.orders {
            state.warehouse = Some(WarehouseId::new(WAREHOUSE)?);
            state.milestones.extend(more.iter().map(|milestone| (*milestone, now)));
        }
    }
    Ok(sale)
}
