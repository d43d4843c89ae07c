//! Sales over the counter.

use acceptance::{LAMP, RUG, SOON, Shelf, until};
use edin_domain::oversell::Verdict;
use serde_json::json;

use super::{Door, HOUR, TILL, after, with_doors};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_over_the_counter_is_recorded_once_and_may_come_back() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let till = Door::open(&world, TILL).await?;
    let receipt = json!({ "lines": [{ "sku": LAMP, "quantity": 2 }] });
    for _ in 0..2 {
        let sale = till.keyed("/v1/sales", "R-0001", &receipt).await?;
        assert_eq!((sale.status, sale.id(), sale.state()), (201, "R-0001", "delivered"), "{sale:?}");
    }
    world.until_level(LAMP, "almaty", 4, 0).await?;
    world.until_shown(Shelf::Wildberries, LAMP, 4, SOON).await?;
    let other = json!({ "lines": [{ "sku": LAMP, "quantity": 1 }] });
    assert_eq!(till.keyed("/v1/sales", "R-0001", &other).await?.problem(), (422, "other-request"));
    assert_eq!(till.post("/v1/orders/R-0001/return", &other).await?.state(), "delivered");
    assert_eq!(till.post("/v1/orders/R-0001/return", &receipt).await?.state(), "returned", "two altogether");
    world.until_level(LAMP, "almaty", 6, 0).await?;
    let unknown = json!({ "lines": [{ "sku": "NOBODYS", "quantity": 1 }] });
    assert_eq!(till.keyed("/v1/sales", "R-0002", &unknown).await?.problem(), (422, "not-taken"));
    assert!(world.order(TILL, "R-0002").await?.is_none());
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sold_over_the_counter_although_it_was_promised_is_recorded_and_explained() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let till = Door::open(&world, TILL).await?;
    assert_eq!(till.hold("1", RUG, 1, after(HOUR)).await?.state(), "held");
    let sale = till.keyed("/v1/sales", "R-0001", &json!({ "lines": [{ "sku": RUG, "quantity": 1 }] })).await?;
    assert_eq!((sale.status, world.level(RUG, "almaty").await?.available), (201, -1));
    let month: String = world.opened_at().to_string().chars().take(7).collect();
    let expected = vec![(RUG.to_owned(), 1, Verdict::NeverTold)];
    until("the oversell is judged", SOON, expected, async || {
        let oversells = world.store().oversells(&month).await?.into_iter();
        Ok(oversells.map(|oversell| (oversell.sku.to_string(), oversell.units, oversell.verdict)).collect())
    })
    .await?;
    world.check_books().await
}
