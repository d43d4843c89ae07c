//! Calls that only say that something is new of an order.

use std::time::Duration;

use acceptance::{OZON_AGAIN, World};
use edin_domain::{ConnectionId, OrderId, Timestamp};
use edin_platform::Message;
use edin_trade::messages::{Hinted, Read, ToRead};
use simulators::Opened;

/// Yandex Market's connection: it hints at every change.
const YANDEX: &str = "yandex-main";

/// Much is sold there, and each sale is hinted at several times: more often than the channel lets itself be asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_a_later_list_tells_of_is_not_asked_for_by_its_hint() -> anyhow::Result<()> {
    let world = World::open().await?;
    let market = world.stage.of(YANDEX).expect("it is on the stage");
    let (warehouse, tea) = (market.enrolment().warehouses.remove(0).name, &world.goods()[0]);
    let order = market.buy(tea, &warehouse).await.expect("there is some").order;
    world.house.settle(OZON_AGAIN).await?;
    let told = simulators::now().minus(Duration::from_secs(2));
    assert_eq!(world.house.poll_one(&ConnectionId::new(YANDEX)?, Read::Newest).await?, None);
    assert_eq!(calls_for_a_hint(&world, market, &order, Some(told)).await?, 0);
    assert_eq!(calls_for_a_hint(&world, market, &order, Some(simulators::now())).await?, 1, "it came after the list");
    assert_eq!(calls_for_a_hint(&world, market, &order, None).await?, 1, "no list tells of what is on its way back");
    world.close().await
}

/// How often the channel is called because of a hint at an order.
async fn calls_for_a_hint(
    world: &World,
    market: &Opened,
    order: &str,
    listed_after: Option<Timestamp>,
) -> anyhow::Result<u64> {
    let calls = market.journal().calls;
    let read = Read::Hinted(Hinted { orders: vec![OrderId::new(order)?], listed_after });
    let wanted = ToRead { connection: ConnectionId::new(YANDEX)?, read, not_after: None };
    world.house.engine().queue("watch", "poll").send(vec![Message::json(&wanted)?]).await?;
    world.house.settle(OZON_AGAIN).await?;
    Ok(market.journal().calls - calls)
}
