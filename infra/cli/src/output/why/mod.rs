//! Why a number is what it is, drawn for a terminal.

mod listing;

use std::fmt;

use edin_domain::stock::Entry;
use edin_look::why::{LevelSaid, Row, Why};

use listing::listing_lines;

/// Draws it.
#[must_use]
pub fn text(why: &Why) -> String {
    Drawn(why).to_string()
}

/// Draws its listings alone.
pub(crate) fn listings(why: &Why) -> String {
    Listings(why).to_string()
}

struct Listings<'a>(&'a Why);

impl fmt::Display for Listings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.listings.iter().try_for_each(|listing| listing_lines(f, listing))
    }
}

struct Drawn<'a>(&'a Why);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(why) = self;
        writeln!(f, "{}  {}", why.sku, why.title)?;
        if why.components.len() > 1 {
            let parts: Vec<String> = why.components.iter().map(|(sku, units)| format!("{units} × {sku}")).collect();
            writeln!(f, "  a bundle of {}", parts.join(" + "))?;
        }
        writeln!(f, "\nLevels")?;
        for level in &why.levels {
            let LevelSaid { sku, location, on_hand, reserved, available, version, cause } = level;
            writeln!(
                f,
                "  {sku} at {location}: {on_hand} on hand − {reserved} reserved = {available} available  (version {version}, by {cause})"
            )?;
        }
        writeln!(f, "\nOpen reservations")?;
        for held in &why.reservations {
            writeln!(f, "  {} units by {} at {}", held.units, held.order, held.location)?;
        }
        writeln!(f, "\nLedger")?;
        for (earlier, row) in earlier(&why.ledger) {
            if let Some(earlier) = earlier {
                writeln!(f, "  … {earlier} earlier changes at {}", row.location)?;
            }
            ledger_line(f, row)?;
        }
        writeln!(f, "\nListings")?;
        Listings(why).fmt(f)
    }
}

/// The rows, the first one of a level with how many came before it: versions count from one.
fn earlier(ledger: &[Row]) -> impl Iterator<Item = (Option<u64>, &Row)> {
    let before = std::iter::once(None).chain(ledger.iter().map(|row| Some(&row.location)));
    ledger.iter().zip(before).map(|(row, before)| {
        let is_first = before != Some(&row.location);
        let earlier = row.entry.version.saturating_sub(1);
        ((is_first && earlier > 0).then_some(earlier), row)
    })
}

fn ledger_line(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    let Entry { version, at, cause, on_hand, reserved, changes, oversold } = &row.entry;
    let orders: Vec<&str> = changes.iter().map(|change| change.order.as_str()).collect();
    write!(
        f,
        "  {at}  {:<8} v{version:<4} on hand {} → {}, reserved {} → {}",
        row.location, on_hand.0, on_hand.1, reserved.0, reserved.1
    )?;
    if *oversold > 0 {
        write!(f, ", OVERSOLD {oversold}")?;
    }
    writeln!(f, "  {}  ({cause})", orders.join(", "))
}
