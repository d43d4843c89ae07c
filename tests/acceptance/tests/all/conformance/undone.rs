//! Sales that are undone, whole or in part, before and after the goods have left.

use anyhow::ensure;
use edin_trade::messages::Read;
use judge::order::Units;

use super::case::Case;

pub(super) async fn cancel(case: &Case<'_>) -> anyhow::Result<()> {
    let order = case.buy(case.good).await?.order;
    case.until_heard(&order, case.good, Units::bought(1)).await?;
    ensure!(case.stand.cancel(&order).await, "{order} can't be called off");
    let off = Units { cancelled: 1, ..Units::bought(1) };
    match case.pushes() {
        true => case.until_recorded(&order, case.good, off).await?,
        false => case.until_read(Read::Changes, &order, case.good, off).await?,
    }
    case.until_told(case.good).await
}

pub(super) async fn partial_cancel(case: &Case<'_>) -> anyhow::Result<()> {
    let baskets = case.stand.baskets()?;
    let order = baskets.buy(&[(case.good, 3)], &case.warehouse()).await?.order;
    case.until_heard(&order, case.good, Units::bought(3)).await?;
    ensure!(baskets.cancel(&order, case.good, 1).await, "{order} keeps all its units");
    case.until_read(Read::Changes, &order, case.good, Units { cancelled: 1, ..Units::bought(3) }).await?;
    case.until_told(case.good).await
}

pub(super) async fn give_back(case: &Case<'_>) -> anyhow::Result<()> {
    let returns = case.stand.returns()?;
    let order = case.buy(case.good).await?.order;
    case.until_heard(&order, case.good, Units::bought(1)).await?;
    let gone = Units { shipped: 1, ..Units::bought(1) };
    ensure!(case.stand.pack(&order).await && case.stand.ship(&order).await, "{order} doesn't leave");
    ensure!(case.stand.deliver(&order).await, "{order} doesn't arrive");
    case.until_read(Read::Changes, &order, case.good, gone).await?;
    ensure!(returns.receive(&order, case.good, 1), "{order} doesn't come back");
    case.until_read(Read::Changes, &order, case.good, Units { returned: 1, ..gone }).await?;
    case.until_told(case.good).await
}
