//! Channels that say what nobody expects, refuse, turn away, or let nobody in.

use std::time::Duration;

use acceptance::until;
use anyhow::ensure;
use edin_domain::limiter::Limit;
use edin_trade::messages::Read;
use judge::order::Units;
use simulators::{Cannot, Spoilt};

use super::case::{Case, told_within};

/// A limit that takes longer than this to be free again counts by the day.
const HALF_A_DAY: Duration = Duration::from_secs(12 * 60 * 60);

pub(super) async fn unknown_status(case: &Case<'_>) -> anyhow::Result<()> {
    case.faults(|faults| faults.lose_pushes = true);
    let order = case.buy(case.good).await?.order;
    case.faults(|faults| _ = faults.spoilt.insert(order.clone(), Spoilt::Status));
    case.until_read(Read::Newest, &order, case.good, Units::bought(1)).await?;
    case.until_read(Read::Changes, &order, case.good, Units::bought(1)).await?;
    case.faults(|faults| (faults.lose_pushes, faults.spoilt) = Default::default());
    case.until_told(case.good).await
}

pub(super) async fn unreadable_order(case: &Case<'_>) -> anyhow::Result<()> {
    case.faults(|faults| faults.lose_pushes = true);
    let (spoilt, good) = (case.buy(case.good).await?.order, case.buy(case.beside).await?.order);
    case.faults(|faults| _ = faults.spoilt.insert(spoilt.clone(), Spoilt::Shape));
    case.until_read(Read::Newest, &good, case.beside, Units::bought(1)).await?;
    ensure!(case.world.order(case.connection(), &spoilt).await?.is_none(), "what can't be read is recorded");
    ensure!(case.readings().await?.left_out.contains_key(&spoilt), "nobody is told that {spoilt} can't be read");
    case.faults(|faults| (faults.lose_pushes, faults.spoilt) = Default::default());
    case.until_read(Read::Newest, &spoilt, case.good, Units::bought(1)).await?;
    ensure!(case.readings().await?.left_out.is_empty(), "it can be read by now");
    Ok(())
}

pub(super) async fn refused_row(case: &Case<'_>) -> anyhow::Result<()> {
    let refusals = case.stand.refusals()?;
    refusals.refuse(case.good);
    case.buy_elsewhere(case.good).await?;
    case.buy_elsewhere(case.beside).await?;
    case.until_shown(case.beside, told_within()).await?;
    let is_refused = async || {
        let said = case.world.why(&case.good.sku).await?.listings.into_iter();
        let mut here = said.filter(|listing| listing.connection == case.connection());
        Ok(here.any(|listing| listing.shown.rejected.is_some()))
    };
    until("the refusal is noted", told_within(), true, is_refused).await?;
    let said = edin::output::why::text(&case.world.why(&case.good.sku).await?);
    ensure!(said.contains("REFUSED"), "nobody is told: {said}");
    refusals.relent();
    Ok(())
}

pub(super) async fn throttled_calls(case: &Case<'_>) -> anyhow::Result<()> {
    case.faults(|faults| (faults.throttle, faults.lose_pushes) = (2, true));
    let order = case.buy(case.good).await?.order;
    case.until_read(Read::Newest, &order, case.good, Units::bought(1)).await?;
    case.was_met(|faults| faults.throttle)?;
    case.faults(|faults| (faults.throttle, faults.lose_pushes) = (2, false));
    case.buy_elsewhere(case.beside).await?;
    if case.facts.stock.is_told() {
        case.until_shown(case.beside, told_within()).await?;
        case.was_met(|faults| faults.throttle)?;
    }
    case.faults(|faults| faults.throttle = 0);
    Ok(())
}

pub(super) async fn dead_credential(case: &Case<'_>) -> anyhow::Result<()> {
    case.faults(|faults| faults.credential_ended = true);
    let reason = case.fails_to_read().await?;
    ensure!(case.readings().await?.failing.is_some(), "nobody is told that nothing can be read: {reason}");
    case.buy_elsewhere(case.good).await?;
    case.until_others_show(case.good).await?;
    case.until_quiet().await?;
    case.faults(|faults| faults.credential_ended = false);
    let order = case.buy(case.beside).await?.order;
    case.until_read(Read::Newest, &order, case.beside, Units::bought(1)).await?;
    ensure!(case.readings().await?.failing.is_none(), "orders are read again");
    // What couldn't be told waits for a person, who may have come before: the schedule finds it.
    case.world.house.reconcile().await?;
    case.until_shown(case.good, told_within()).await
}

pub(super) async fn echo(case: &Case<'_>) -> anyhow::Result<()> {
    case.buy_elsewhere(case.good).await?;
    case.until_shown(case.good, told_within()).await?;
    case.until_quiet().await?;
    let before = (case.times_told(case.good), case.version(case.good).await?);
    for reading in [Read::Newest, Read::Changes] {
        case.read(reading).await?;
    }
    case.world.house.reconcile().await?;
    case.stand.step().await.map_err(anyhow::Error::msg)?;
    case.until_quiet().await?;
    let after = (case.times_told(case.good), case.version(case.good).await?);
    ensure!(before == after, "{before:?} became {after:?} by nothing but our own word");
    Ok(())
}

pub(super) async fn throttled_good(case: &Case<'_>) -> anyhow::Result<()> {
    let interval = case.facts.stock.interval().ok_or(Cannot("it is told nothing: it pulls its list"))?;
    if interval.is_zero() {
        return Err(Cannot("a good takes a number at any time").into());
    }
    for _ in 0..2 {
        case.buy_elsewhere(case.good).await?;
        case.until_shown(case.good, told_within()).await?;
    }
    let told = case.times_told(case.good);
    let too_soon = told.windows(2).any(|pair| pair[1].since(pair[0]) < interval - Duration::from_secs(1));
    ensure!(told.len() >= 3 && !too_soon, "numbers came at {told:?}");
    Ok(())
}

pub(super) async fn throttled_day(case: &Case<'_>) -> anyhow::Result<()> {
    let is_of_a_day = |limit: &&Limit| limit.interval * limit.burst >= HALF_A_DAY;
    match case.facts.limits.iter().find(|limit| is_of_a_day(limit)) {
        None => Err(Cannot("it limits no calls by the day").into()),
        Some(limit) => {
            anyhow::bail!("{} is the first limit of a day: play what follows when it is used up", limit.group)
        }
    }
}
