//! Sales: told once, twice, late, in the wrong order, or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

use acceptance::{SOON, until};
use anyhow::ensure;
use edin_domain::order::{OrderKey, OrderState};
use edin_domain::{ConnectionId, OrderId};
use edin_trade::messages::Read;
use judge::order::Units;
use simulators::Cannot;

use super::case::Case;

/// A page of orders is taken in within that, on a busy disk too.
const A_PAGE: Duration = Duration::from_secs(120);

pub(super) async fn sale(case: &Case<'_>) -> anyhow::Result<()> {
    let sale = case.buy(case.good).await?;
    case.until_heard(&sale.order, case.good, Units::bought(1)).await?;
    case.until_told(case.good).await
}

pub(super) async fn duplicate(case: &Case<'_>) -> anyhow::Result<()> {
    let opened = case.version(case.good).await?;
    case.faults(|faults| faults.push_twice = true);
    // When the second is heard of, the first was told twice.
    for _ in 0..2 {
        let sale = case.buy(case.good).await?;
        case.until_heard(&sale.order, case.good, Units::bought(1)).await?;
    }
    case.faults(|faults| faults.push_twice = false);
    for reading in [Read::Newest, Read::Changes] {
        case.read(reading).await?;
    }
    ensure!(case.version(case.good).await? == opened + 2, "a sale that was told again changed the stock again");
    Ok(())
}

pub(super) async fn reorder(case: &Case<'_>) -> anyhow::Result<()> {
    // The later push overtakes the earlier one. Where there are none, the first that is read of the order is that it is off.
    case.faults(|faults| faults.push_twice = true);
    let order = case.buy(case.good).await?.order;
    ensure!(case.stand.cancel(&order).await, "{order} can't be called off");
    let is_whole = async || {
        if !case.pushes() {
            case.read(Read::Changes).await?;
        }
        let known = case.world.order(case.connection(), &order).await?;
        Ok(known.is_some_and(|known| is_off(&known.state) && !known.mapped.is_empty()))
    };
    until("the cancel and the order are known", SOON, true, is_whole).await?;
    case.faults(|faults| faults.push_twice = false);
    let off = Units { cancelled: 1, ..Units::bought(1) };
    case.until_recorded(&order, case.good, off).await?;
    ensure!(case.most_reserved(case.good).await? == 0, "something was held for an order that was off");
    case.until_told(case.good).await
}

/// Whether nothing of an order is wanted any more: by its status, or by what its channel lists.
fn is_off(order: &OrderState) -> bool {
    let is_off = |line| order.counted(line).cancelled == order.counted(line).ordered;
    !order.lines.is_empty() && order.lines.values().all(is_off)
}

pub(super) async fn lost_push(case: &Case<'_>) -> anyhow::Result<()> {
    if !case.pushes() {
        return Err(Cannot("it makes none").into());
    }
    case.faults(|faults| faults.lose_pushes = true);
    let sale = case.buy(case.good).await?;
    case.faults(|faults| faults.lose_pushes = false);
    case.until_read(Read::Newest, &sale.order, case.good, Units::bought(1)).await
}

pub(super) async fn split(case: &Case<'_>) -> anyhow::Result<()> {
    let (splits, baskets) = (case.stand.splits()?, case.stand.baskets()?);
    let parent = baskets.buy(&[(case.good, 3)], &case.warehouse()).await?.order;
    case.until_heard(&parent, case.good, Units::bought(3)).await?;
    let Some(child) = splits.split(&parent, case.good, 1).await else { anyhow::bail!("{parent} isn't split") };
    case.until_read(Read::Changes, &child, case.good, Units::bought(1)).await?;
    case.until_read(Read::Changes, &parent, case.good, Units::bought(2)).await
}

pub(super) async fn full_page(case: &Case<'_>) -> anyhow::Result<()> {
    case.faults(|faults| faults.lose_pushes = true);
    let page = case.stand.page();
    let before: BTreeSet<String> = case.stand.orders().into_iter().collect();
    ensure!(before.len() < page, "the page is full already");
    for _ in before.len()..page {
        case.buy(case.good).await?;
    }
    until_all_are_recorded(case).await?;
    case.buy(case.good).await?;
    until_all_are_recorded(case).await?;
    case.faults(|faults| faults.lose_pushes = false);
    Ok(())
}

/// However many there are.
async fn until_all_are_recorded(case: &Case<'_>) -> anyhow::Result<()> {
    let connection = ConnectionId::new(case.connection())?;
    until("orders that are not in the table", A_PAGE, BTreeSet::new(), async || {
        case.read_within(A_PAGE, Read::Changes).await?;
        let made: BTreeSet<OrderId> = case.stand.orders().into_iter().map(OrderId::new).collect::<Result<_, _>>()?;
        let keys = made.iter().map(|order| OrderKey::new(connection.clone(), order.clone()));
        let there = case.world.store().orders(keys.collect::<Vec<_>>()).await?;
        let there: BTreeSet<OrderId> = there.into_keys().map(|key| key.id).collect();
        Ok(made.difference(&there).cloned().collect())
    })
    .await
}
