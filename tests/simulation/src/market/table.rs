//! What came of the methods, in figures.

use std::fmt::{self, Write as _};

use super::{Compared, Method};

/// A table of Markdown, and how near the weighed buffer comes to its bound.
#[must_use]
pub fn table(compared: &Compared) -> String {
    let mut text = String::new();
    // Writing into a text can't fail.
    let _ = write(&mut text, compared);
    text
}

fn write(out: &mut String, compared: &Compared) -> fmt::Result {
    writeln!(
        out,
        "{}, per 10,000 orders:\n\n\
         | channels are kept in step by | oversold | turned away | cost at 5 : 1 | cost at 20 : 1 | numbers told per order |\n\
         |---|--:|--:|--:|--:|--:|",
        compared.market
    )?;
    for (method, tally) in &compared.methods {
        writeln!(
            out,
            "| {method} | {:.0} | {:.0} | {:.0} | {:.0} | {:.2} |",
            tally.per_10_000(tally.oversold),
            tally.per_10_000(tally.turned_away),
            tally.cost(5),
            tally.cost(20),
            tally.per_10_000(tally.told) / 10_000.0,
        )?;
    }
    writeln!(out)?;
    for cost in [5, 20] {
        let [Some(events), Some(weighed), Some(bound)] =
            [Method::Events, Method::Weighed(cost), Method::Knowing(cost)].map(|method| compared.cost(method, cost))
        else {
            continue;
        };
        writeln!(
            out,
            "At {cost} : 1 the weighed buffer goes {:.0} % of the way from events to the bound.",
            100.0 * (events - weighed) / (events - bound)
        )?;
    }
    Ok(())
}

impl Compared {
    /// What a method cost, if it was compared.
    fn cost(&self, of: Method, oversell: u16) -> Option<f64> {
        let (_, tally) = self.methods.iter().find(|(method, _)| *method == of)?;
        Some(tally.cost(oversell))
    }
}
