//! What becomes of an order, as each channel lets it.

use simulators::Opened;

use crate::channels::Channels;
use crate::goods::{Good, KASPI, OZON, WILDBERRIES};
use crate::sold::Sold;

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It goes one step on.
    Advance,
    /// It is called off.
    Cancel,
    /// One unit of it is called off.
    CancelUnit,
    /// What was sent comes home; of one that hasn't left, a unit that was called off is wanted after all.
    GiveBack,
}

/// Has it happen at the order's channel, and notes in the order what that came to.
pub(crate) async fn take(channels: &Channels, goods: &[Good], sold: &mut Sold, step: Step) {
    match sold.connection {
        OZON => at_ozon(channels, sold, step).await,
        WILDBERRIES => at_wildberries(channels, sold, step),
        KASPI => at_kaspi(channels, sold, step),
        connection => {
            if let Some(stand) = channels.stage.of(connection) {
                at_another(stand, goods, sold, step).await;
            }
        }
    }
}

/// Packed at step 1, gone at step 2, delivered at step 3. What is cancelled once packed is on its way somewhere.
async fn at_ozon(channels: &Channels, sold: &mut Sold, step: Step) {
    let ozon = &channels.ozon;
    match (step, sold.step) {
        (Step::Advance, 0) if !sold.is_off => ozon.advance(&sold.id, "awaiting_deliver").await,
        (Step::Advance, 1) if !sold.is_off => {
            ozon.advance(&sold.id, "delivering").await;
            sold.ship();
        }
        (Step::Advance, 2) if !sold.is_off => ozon.advance(&sold.id, "delivered").await,
        (Step::Cancel, 0..=2) if !sold.is_off => {
            ozon.cancel(&sold.id).await;
            if sold.step > 0 {
                sold.ship();
            }
            return sold.cancel();
        }
        (Step::CancelUnit, 0) if !sold.is_off => {
            let id = sold.id.clone();
            if let Some((sku, line)) = sold.spare() {
                line.cancelled += 1;
                ozon.cancel_units(&id, &sku, 1).await;
            }
            return;
        }
        (Step::GiveBack, 0) if !sold.is_off => {
            let id = sold.id.clone();
            if let Some((sku, line)) = sold.lacking()
                && ozon.restore_units(&id, &sku, 1)
            {
                line.cancelled -= 1;
            }
            return;
        }
        (Step::GiveBack, 1..) if (sold.is_off || sold.step == 3) && !sold.is_home() => {
            for (sku, line) in sold.lines.iter().filter(|(_, line)| line.shipped > 0) {
                ozon.receive_return(&sold.id, sku, line.shipped);
            }
            return sold.come_home();
        }
        _ => return,
    }
    sold.step += 1;
}

/// Confirmed at step 1, handed over at step 2, scanned at step 3, bought at step 4. What comes home is not told.
fn at_wildberries(channels: &Channels, sold: &mut Sold, step: Step) {
    let wildberries = &channels.wildberries;
    match (step, sold.step) {
        (Step::Advance, 0) if !sold.is_off => _ = wildberries.confirm(&sold.id),
        (Step::Advance, 1) if !sold.is_off => _ = wildberries.complete(&sold.id),
        (Step::Advance, 2) if !sold.is_off => {
            wildberries.sort(&sold.id);
            sold.ship();
        }
        (Step::Advance, 3) if !sold.is_off => _ = wildberries.sell(&sold.id),
        (Step::Cancel, 0..=2) if !sold.is_off => {
            wildberries.cancel_by_seller(&sold.id);
            return sold.cancel();
        }
        (Step::Cancel, 3) if !sold.is_off => {
            wildberries.cancel_by_buyer(&sold.id);
            return sold.cancel();
        }
        _ => return,
    }
    sold.step += 1;
}

/// Packed at step 1, gone at step 2, with the buyer at step 3.
fn at_kaspi(channels: &Channels, sold: &mut Sold, step: Step) {
    let kaspi = &channels.kaspi;
    match (step, sold.step) {
        (Step::Advance, 0) if !sold.is_off => _ = kaspi.assemble(&sold.id),
        (Step::Advance, 1) if !sold.is_off => {
            kaspi.hand_over(&sold.id);
            sold.ship();
        }
        (Step::Advance, 2) if !sold.is_off => _ = kaspi.complete(&sold.id),
        (Step::Cancel, 0..=2) if !sold.is_off => {
            kaspi.cancel(&sold.id);
            return sold.cancel();
        }
        (Step::CancelUnit, 0 | 1) if !sold.is_off => {
            let id = sold.id.clone();
            if let Some((sku, line)) = sold.spare()
                && kaspi.cancel_units(&id, &sku, 1)
            {
                line.cancelled += 1;
            }
            return;
        }
        (Step::GiveBack, 0 | 1) if !sold.is_off => {
            let id = sold.id.clone();
            if let Some((sku, line)) = sold.lacking()
                && kaspi.restore_units(&id, &sku, 1)
            {
                line.cancelled -= 1;
            }
            return;
        }
        (Step::GiveBack, 3) if !sold.is_home() => {
            kaspi.request_return(&sold.id);
            kaspi.receive_return(&sold.id);
            return sold.come_home();
        }
        _ => return,
    }
    sold.step += 1;
}

/// Packed at step 1, gone at step 2, with the buyer at step 3.
async fn at_another(stand: &Opened, goods: &[Good], sold: &mut Sold, step: Step) {
    let id = sold.id.clone();
    let called = |sku: &str| goods.iter().find(|good| good.sku == sku);
    match (step, sold.step) {
        (Step::Advance, 0) if !sold.is_off => _ = stand.pack(&id).await,
        (Step::Advance, 1) if !sold.is_off => {
            stand.ship(&id).await;
            sold.ship();
        }
        (Step::Advance, 2) if !sold.is_off => _ = stand.deliver(&id).await,
        (Step::Cancel, 0) if !sold.is_off => {
            if stand.cancel(&id).await {
                sold.cancel();
            }
            return;
        }
        (Step::CancelUnit, 0) if !sold.is_off => {
            if let (Some((sku, line)), Ok(baskets)) = (sold.spare(), stand.baskets())
                && let Some(good) = called(&sku)
                && baskets.cancel(&id, good, 1).await
            {
                line.cancelled += 1;
            }
            return;
        }
        (Step::GiveBack, 3) if !sold.is_home() => {
            let Ok(returns) = stand.returns() else { return };
            for (sku, line) in sold.lines.iter().filter(|(_, line)| line.shipped > 0) {
                called(sku).into_iter().for_each(|good| _ = returns.receive(&id, good, line.shipped));
            }
            return sold.come_home();
        }
        _ => return,
    }
    sold.step += 1;
}
