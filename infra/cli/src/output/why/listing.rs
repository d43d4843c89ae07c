//! What a channel offers of a SKU, and why.

use std::fmt;
use std::time::Duration;

use edin_channels::is_told;
use edin_domain::connection::Mode;
use edin_domain::demand::Weighed;
use edin_domain::listing::{Adaptive, Buffer, Costs, Offer};
use edin_domain::offer::Foresight;
use edin_domain::shown::Decision;
use edin_look::why::ListingSaid;

use crate::output::words::rule;

/// A listing: its arithmetic, what is behind its buffer, and what its channel shows.
pub(super) fn listing_lines(f: &mut fmt::Formatter<'_>, said: &ListingSaid) -> fmt::Result {
    let ListingSaid { connection, warehouse, ids, locations, policy, offer, shown, showing, decision, .. } = said;
    let ids: Vec<String> = ids.iter().map(|(kind, id)| format!("{kind} {id}")).collect();
    writeln!(f, "  {connection} / {warehouse}: {}", ids.join(", "))?;
    writeln!(
        f,
        "    sellable at {}: {} → × {} % = {} → − buffer {} = {} → {} → offers {}",
        locations.join(" + "),
        offer.sellable,
        policy.share,
        offer.shared,
        offer.buffer,
        offer.buffered,
        rule(offer.rule, policy),
        offer.quantity
    )?;
    match (policy.buffer, &said.foresight) {
        (Buffer::Adaptive(adaptive), Some(foresight)) => writeln!(f, "    {}", adapted(offer, adaptive, foresight))?,
        (Buffer::Weighed(costs), Some(Foresight { elsewhere, lag_ms, weighed: Some(weighed), .. })) => {
            let age = if is_told(&said.channel) { "about" } else { "up to" };
            writeln!(
                f,
                "    buffer {}: {elsewhere} an hour sold elsewhere, {} here; what this channel shows is {age} {} s old",
                offer.buffer,
                weighed.here,
                lag_ms / 1_000
            )?;
            writeln!(f, "    {}", expected(costs, weighed))?;
        }
        _ => {}
    }
    if !is_told(&said.channel) {
        return pulled_line(f, said);
    }
    match &shown.acknowledged {
        Some(told) => write!(f, "    acknowledged {} at {}", told.quantity, told.at)?,
        None => write!(f, "    nothing acknowledged")?,
    }
    let showing = showing.map_or_else(|| "in doubt".to_owned(), |units| units.to_string());
    let next = match decision {
        Decision::UpToDate => "up to date".to_owned(),
        Decision::Push => "a push is due".to_owned(),
        Decision::Wait(until) => format!("a push waits until {until}"),
        Decision::Withheld => withheld(said.mode).to_owned(),
    };
    writeln!(f, ", showing {showing}; {next}")?;
    match &shown.rejected {
        Some(said) => writeln!(f, "    REFUSED {} at {}: {} {}", said.quantity, said.at, said.code, said.message),
        None => Ok(()),
    }
}

/// What a price list said isn't kept number by number: it is known as long as the stock is what it was then.
fn pulled_line(f: &mut fmt::Formatter<'_>, said: &ListingSaid) -> fmt::Result {
    let quantity = said.offer.quantity;
    match (said.pulled_at, said.showing) {
        _ if said.decision == Decision::Withheld => {
            writeln!(f, "    its price list would say {quantity}; {}", withheld(said.mode))
        }
        (None, _) => writeln!(f, "    its price list was never pulled; it would say {quantity}"),
        (Some(at), Some(showing)) => {
            writeln!(f, "    its price list was pulled at {at}, showing {showing}; up to date")
        }
        (Some(at), None) => {
            writeln!(
                f,
                "    its price list was pulled at {at}, before the stock changed; the next pull will say {quantity}"
            )
        }
    }
}

/// Why nothing is told.
const fn withheld(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "not told: the connection only observes",
        Mode::Paused => "not told: the connection is paused",
        Mode::Live | Mode::Zero => "not told any more: the connection has ended",
    }
}

/// What becomes of buyers, and what would if nothing were held back.
fn expected(Costs { oversell, turned_away }: Costs, Weighed { chances, of_all, .. }: &Weighed) -> String {
    let of_1000 = |millionths: u32| decimal(u64::from(millionths) / 100, 1);
    format!(
        "of 1000 buyers here {} get what is gone and {} find nothing of what is there, with none held back {} and {}; \
         weighed {oversell} : {turned_away}",
        of_1000(chances.oversold),
        of_1000(chances.turned_away),
        of_1000(of_all.oversold),
        of_1000(of_all.turned_away),
    )
}

fn adapted(offer: &Offer, adaptive: Adaptive, foresight: &Foresight) -> String {
    let Foresight { elsewhere, lag_ms, wanted, .. } = foresight;
    let expected = elsewhere.expected(Duration::from_millis(*lag_ms));
    let last_unit = if adaptive.last_unit { ", and never the last one" } else { "" };
    format!(
        "buffer {}: {elsewhere} an hour sold elsewhere × {} s until this channel knows = {} expected; {wanted} for a risk of {} %, \
         at most {} % of {}{last_unit}",
        offer.buffer,
        lag_ms / 1_000,
        decimal(expected / 1_000, 3),
        decimal(adaptive.risk.into(), 2),
        adaptive.most,
        offer.sellable,
    )
}

/// A number with so many decimals.
fn decimal(number: u64, decimals: u32) -> String {
    let (one, width) = (10_u64.pow(decimals), usize::try_from(decimals).unwrap_or(0));
    format!("{}.{:0width$}", number / one, number % one)
}
