//! Messages that nobody can read.

use acceptance::{OZON, PEN, World, until};
use edin_platform::Message;
use std::time::Duration;

const RUBBISH: &str = r#"{"neither":"an order","nor":"a push"}"#;
/// Five deliveries, two seconds apart, and time to spare.
const GIVEN_UP: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_can_not_be_read_holds_up_no_other_and_ends_with_its_body_beside_the_queue() -> anyhow::Result<()>
{
    let world = World::open().await?;
    let rubbish: serde_json::Value = serde_json::from_str(RUBBISH)?;
    world.house.inbox().send(vec![Message::json(&rubbish)?]).await?;
    let order = world.buy_at_ozon(PEN, 3).await?;
    world.until_recorded(OZON, &order).await?;
    until("messages given up", GIVEN_UP, 1, async || world.house.waiting("inbox-dead").await).await?;
    let (client, url) = (world.house.engine().sqs_client("test"), world.house.engine().queue_url("inbox-dead"));
    let dead = client.receive_message().queue_url(&url).send().await?.messages.unwrap_or_default().remove(0);
    assert_eq!(dead.body(), Some(RUBBISH));
    let receipt = dead.receipt_handle.unwrap_or_default();
    client.delete_message().queue_url(&url).receipt_handle(receipt).send().await?;
    world.close().await
}
