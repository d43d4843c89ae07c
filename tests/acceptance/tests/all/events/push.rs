//! The push queue to a channel, some groups in one batch.

use std::sync::Arc;
use std::time::Duration;

use acceptance::{LAMP, OZON, PEN, POT, TEA, WB, goods, open_wildberries};
use async_trait::async_trait;
use aws_sdk_sqs::types::MessageSystemAttributeName;
use edin_channels::client::line::{Answer, Carrier, Lines, NotCarried};
use edin_channels::ozon;
use edin_channels::wildberries::{ORDERS, STOCKS};
use edin_domain::ConnectionId;
use edin_domain::limiter::Draw;
use intake::Intake;
use push::Push;
use serde_json::{Value, json};
use simulators::Wildberries;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

use super::messages::{batch, doubt, fifo, ids, message, reported};
use super::orders::{posting, pushed};
use super::stage::{NOWHERE, Stage, queue_out_of_reach, store_out_of_reach};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_can_not_be_opened_has_all_its_messages_come_again_and_none_of_the_others()
-> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    stage.forget("ozon-main/api_key")?;
    let messages = [doubt(1, WB, TEA), doubt(2, OZON, TEA), doubt(3, WB, POT), doubt(4, OZON, PEN)];
    let failed = reported(&stage.functions().push().handle(batch(&messages)?).await);
    assert_eq!(failed, ids(&[&messages[1], &messages[3]]));
    assert_eq!([TEA, POT].map(|sku| shown(&wildberries, sku)), [Some(10), Some(8)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_nobody_set_up_has_its_messages_come_again_alone() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let messages = [doubt(1, "wb-more", TEA), doubt(2, WB, TEA)];
    let failed = reported(&stage.functions().push().handle(batch(&messages)?).await);
    assert_eq!(failed, ids(&[&messages[0]]));
    assert_eq!(shown(&wildberries, TEA), Some(10));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_read_is_set_aside_as_it_is_and_its_neighbours_are_done() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let nameless = r#"{"skus":[["TEA","test"]]}"#;
    let messages = [
        doubt(1, WB, TEA),
        fifo(2, "wb-main/stock", "not JSON"),
        doubt(3, WB, POT),
        fifo(4, "ozon-main/stock", nameless),
        doubt(5, WB, LAMP),
    ];
    let failed = reported(&stage.functions().push().handle(batch(&messages)?).await);
    assert_eq!(failed, [Value::Null; 0]);
    assert_eq!([TEA, POT, LAMP].map(|sku| shown(&wildberries, sku)), [Some(10), Some(8), Some(6)]);
    let expected = [("ozon-main/stock", nameless), ("wb-main/stock", "not JSON")];
    assert_eq!(set_aside(&stage).await?, expected.map(|(group, body)| (group.to_owned(), body.to_owned())));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_set_aside_has_the_whole_batch_come_again_and_nothing_is_told() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let push = Push { dead: queue_out_of_reach("push-dead.fifo"), ..stage.functions().push() };
    let messages = [doubt(1, WB, TEA), fifo(2, "wb-main/stock", "not JSON"), doubt(3, OZON, TEA)];
    let failed = reported(&push.handle(batch(&messages)?).await);
    assert_eq!(failed, ids(&[&messages[0], &messages[1], &messages[2]]));
    assert_eq!(wildberries.journal().calls, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_down_holds_no_group_up_and_is_tried_again_later() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let messages = [doubt(1, OZON, TEA), doubt(2, WB, TEA), doubt(3, OZON, POT)];
    let failed = reported(&stage.functions().push().handle(batch(&messages)?).await);
    assert_eq!(failed, [Value::Null; 0], "it would hold up its group for as long as the channel is down");
    assert_eq!(shown(&wildberries, TEA), Some(10));
    assert_eq!(stage.waiting("deferred").await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_out_of_reach_has_every_group_come_again() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let push = Push { store: store_out_of_reach(), ..stage.functions().push() };
    let messages = [doubt(1, WB, TEA), doubt(2, OZON, TEA), doubt(3, WB, POT)];
    let mut failed = reported(&push.handle(batch(&messages)?).await);
    failed.sort_by_key(Value::to_string);
    assert_eq!(failed, ids(&[&messages[0], &messages[1], &messages[2]]));
    assert_eq!(shown(&wildberries, TEA), None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_again_is_told_again_since_nobody_knows_what_the_channel_was_told() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let push = stage.functions().push();
    let mut message = doubt(1, WB, TEA);
    push.handle(batch(std::slice::from_ref(&message))?).await;
    let tea = goods().into_iter().find(|good| good.sku == TEA).expect("it is sold");
    wildberries.edit(simulators::wildberries::chrt_id(&tea), WB_WAREHOUSE, 3);
    push.handle(batch(std::slice::from_ref(&message))?).await;
    assert_eq!(shown(&wildberries, TEA), Some(3), "it was believed to show 10");
    message["attributes"]["ApproximateReceiveCount"] = json!("2");
    push.handle(batch(&[message])?).await;
    assert_eq!(shown(&wildberries, TEA), Some(10));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_while_a_channel_is_told_is_looked_at_again() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let sells = Arc::new(SellsMeanwhile { client: reqwest::Client::new(), intake: stage.functions().intake() });
    let push = stage.functions().push();
    let push = Push { channels: push.channels.over(Arc::new(Lines::over(sells))), ..push };
    let failed = reported(&push.handle(batch(&[doubt(1, WB, TEA)])?).await);
    assert_eq!((failed, shown(&wildberries, TEA)), (Vec::new(), Some(10)));
    let asked = stage.drain("deferred").await?;
    assert!(asked.iter().any(|message| message.body.as_deref().is_some_and(|body| body.contains(TEA))), "{asked:?}");
    Ok(())
}

/// Lets Ozon sell one as soon as Wildberries has taken a number.
struct SellsMeanwhile {
    client: reqwest::Client,
    intake: Intake,
}

#[async_trait]
impl Carrier for SellsMeanwhile {
    async fn carry(&self, request: reqwest::Request) -> Result<Answer, NotCarried> {
        let is_write = request.method() == reqwest::Method::PUT;
        let lost = |error: reqwest::Error| NotCarried { sent: true, reason: error.to_string() };
        let answer = self.client.execute(request).await.map_err(lost)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.map_err(lost)?.to_vec();
        if is_write {
            let sold = message(2, &pushed(ozon::NAME, OZON, &posting("1-1", TEA, 1)));
            let sold = self.intake.handle(batch(&[sold]).expect("it is a message")).await;
            assert_eq!(reported(&sold), [Value::Null; 0]);
        }
        Ok(Answer { status, headers, body })
    }
}

/// Wildberries answers; Ozon and Kaspi don't.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_proved_wrong_is_told_again_unless_it_was_noted_since() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    let push = stage.functions().push();
    assert_eq!(reported(&push.handle(batch(&[doubt(1, WB, POT)])?).await), [Value::Null; 0]);
    wildberries.edit(POT_AT_WILDBERRIES, WB_WAREHOUSE, 99);
    for (number, disproved, expected) in [(2, 0, 99), (3, 9_999_999_999_999_i64, 8)] {
        let body = json!({ "connection": WB, "skus": [[POT, "test"]], "disproved": disproved }).to_string();
        let message = fifo(number, "wb-main/stock", &body);
        assert_eq!(reported(&push.handle(batch(&[message])?).await), [Value::Null; 0]);
        assert_eq!(shown(&wildberries, POT), Some(expected), "disproved up to {disproved}");
    }
    Ok(())
}

/// The simulated Wildberries' id of the third good, [`POT`].
const POT_AT_WILDBERRIES: u64 = 70_000_003;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_takes_the_calls_of_all_its_limits_in_one_write() -> anyhow::Result<()> {
    let (stage, wildberries) = open().await?;
    stage.functions().push().handle(batch(&[doubt(1, WB, TEA)])?).await;
    assert_eq!(shown(&wildberries, TEA), Some(10));
    let lanes = stage.item("CONN#wb-main", "LANES").await?;
    let spent = |group: &str| lanes["buckets"]["M"][group]["M"]["spent"]["N"].clone();
    assert_eq!((&lanes["version"]["N"], spent("orders"), spent("stocks")), (&json!("1"), json!("2000"), json!("1000")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_lets_nothing_pass_holds_up_no_calls_under_another() -> anyhow::Result<()> {
    let (stage, wb, now) = (Stage::open().await?, ConnectionId::new(WB)?, simulators::now());
    let store = stage.store();
    let pause = Some(Duration::from_secs(60));
    store.charge_calls(&wb, &STOCKS, 0, pause, now).await?;
    assert_eq!(store.take_calls(&wb, (&ORDERS, Draw::ONE), &[&STOCKS], now).await?, Ok(Vec::new()));
    let later = now.plus(Duration::from_secs(60));
    assert_eq!(store.take_calls(&wb, (&STOCKS, Draw::ONE), &[&ORDERS], now).await?, Err(later));
    assert_eq!(store.take_calls(&wb, (&STOCKS, Draw::ONE), &[&ORDERS], later).await?, Ok(vec![&ORDERS]));
    Ok(())
}

async fn open() -> anyhow::Result<(Stage, Wildberries)> {
    let (wildberries, token) = open_wildberries().await?;
    let urls = [NOWHERE.to_owned(), wildberries.url(), NOWHERE.to_owned()];
    let stage = Stage::open_at(urls, ["none".to_owned(), token, "none".to_owned()]).await?;
    Ok((stage, wildberries))
}

fn shown(wildberries: &Wildberries, sku: &str) -> Option<u32> {
    let good = goods().into_iter().find(|good| good.sku == sku)?;
    wildberries.shown(simulators::wildberries::chrt_id(&good), WB_WAREHOUSE)
}

/// Group and body of each message in the dead-letter queue, in order; takes them off.
async fn set_aside(stage: &Stage) -> anyhow::Result<Vec<(String, String)>> {
    let dead = stage.drain("push-dead.fifo").await?.into_iter().map(|message| {
        let group = message.attributes.unwrap_or_default().remove(&MessageSystemAttributeName::MessageGroupId);
        (group.unwrap_or_default(), message.body.unwrap_or_default())
    });
    let mut dead: Vec<_> = dead.collect();
    dead.sort();
    Ok(dead)
}
