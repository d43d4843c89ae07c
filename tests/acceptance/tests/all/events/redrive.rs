//! Dead letters, and what a person does about them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use acceptance::{PEN, POT, SOON, Shelf, WB, World, until};
use edin::deployment::Deployment;
use edin::redrive::{Redriven, redrive};
use edin::settings::{DeadLetters, Redrive, Settings};
use edin_domain::Sku;
use edin_platform::Message;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

use super::orders::{of, told_by_kaspi};
use super::stream;

/// Five deliveries, two seconds apart, and time to spare.
const GIVEN_UP: Duration = Duration::from_secs(60);
const RUBBISH: &str = r#"{"neither":"an order","nor":"a push"}"#;

/// A second account at Kaspi, and what the pens are called there.
const SECOND_ACCOUNT: &str = r#"
[[connection]]
id = "kaspi-two"
mode = "live"
currency = "KZT"
base_url = "http://127.0.0.1:9"
account = { kaspi = { merchant_id = "30000002", company = "Edin Two" } }
warehouses = { "30000001_PP1" = ["almaty"] }
secrets = { token = "none" }
"#;
const ITS_GOODS: &str = "sku,title,location,on_hand,kaspi-two.sku,kaspi-two.price\nPEN,The pen,almaty,20,PEN,1500\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_connection_that_was_missing_is_redriven_after_its_import_and_is_there_once() -> anyhow::Result<()>
{
    let world = World::open().await?;
    let order = told_by_kaspi("kaspi-two", "700000001", PEN, 3, "77011234567");
    world.house.inbox().send(vec![Message::text(order.clone()), Message::text(RUBBISH)]).await?;
    until("messages given up", GIVEN_UP, 2, async || world.house.waiting("inbox-dead").await).await?;
    let deployment = deployment(&world).await?;
    let wanted = |dry_run| Redrive { dry_run, ..all(DeadLetters::Inbox, Some("kaspi-two")) };

    assert_eq!(
        driven(&deployment, &wanted(true)).await?,
        (Redriven { sent: 1, left: 1, ..Redriven::default() }, vec![order.clone()])
    );
    assert_eq!(world.house.waiting("inbox-dead").await?, 2, "a dry run leaves them");

    for (name, content) in [("two.toml", SECOND_ACCOUNT), ("two.csv", ITS_GOODS)] {
        assert_eq!(world.import(name, content).await?.errors, []);
    }
    assert_eq!(
        driven(&deployment, &wanted(false)).await?,
        (Redriven { sent: 1, left: 1, ..Redriven::default() }, vec![order.clone()])
    );
    world.until_recorded("kaspi-two", "700000001").await?;
    world.until_level(PEN, "almaty", 20, 3).await?;

    world.house.inbox().send(vec![Message::text(order)]).await?;
    world.settle_inbox().await?;
    world.until_level(PEN, "almaty", 20, 3).await?;
    assert_eq!(of(&world.store(), "kaspi-two", "700000001").await?.map(|order| order.version), Some(1));
    assert_eq!(dead(&deployment, "inbox-dead").await?, [RUBBISH], "what wasn't asked for stays");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_was_given_up_is_made_when_it_is_redriven_whatever_is_believed() -> anyhow::Result<()> {
    let world = World::open().await?;
    let deployment = deployment(&world).await?;
    world.wildberries.edit(70_000_003, WB_WAREHOUSE, 99);
    let push = format!(r#"{{"connection":"{WB}","skus":[["{POT}","test"]]}}"#);
    let given_up = Message::text(push.clone()).in_group(format!("{WB}/stock"), "given-up");
    deployment.queue("push-dead.fifo")?.send(vec![given_up]).await?;
    assert_eq!(
        driven(&deployment, &all(DeadLetters::Push, None)).await?,
        (Redriven { sent: 1, ..Redriven::default() }, vec![push])
    );
    world.until_shown(Shelf::Wildberries, POT, 8, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_table_that_was_set_aside_is_worked_up_when_it_is_redriven() -> anyhow::Result<()> {
    let world = World::open().await?;
    let deployment = deployment(&world).await?;
    let records = [stream::sale(1, "SET-ASIDE", 1), stream::ruined(stream::sale(2, "SET-ASIDE", 2))];
    let letters = records.iter().map(Message::json).collect::<Result<_, _>>()?;
    deployment.queue("stream-dead")?.send(letters).await?;
    let wanted = all(DeadLetters::Stream, Some(r#""INSERT""#));
    assert_eq!(driven(&deployment, &wanted).await?.0, Redriven { sent: 1, left: 1, ..Redriven::default() });
    let rows = world.store().ledger(&Sku::new("SET-ASIDE")?).await?;
    assert_eq!(rows.iter().map(|(_, entry)| entry.version).collect::<Vec<_>>(), [1]);
    let good = Message::json(&stream::sale(3, "SET-ASIDE", 3))?;
    deployment.queue("stream-dead")?.send(vec![good]).await?;
    let outcome = driven(&deployment, &all(DeadLetters::Stream, None)).await?.0;
    assert_eq!(outcome, Redriven { sent: 1, failed: 1, ..Redriven::default() }, "one that fails stops no other one");
    assert_eq!(world.house.waiting("stream-dead").await?, 1, "what fails again stays");
    Ok(())
}

fn all(queue: DeadLetters, containing: Option<&str>) -> Redrive {
    Redrive { queue, containing: containing.map(str::to_owned), rate: 50, dry_run: false }
}

/// The world's house, as a command beside it finds it.
async fn deployment(world: &World) -> anyhow::Result<Deployment> {
    world.house.endpoints(&BTreeMap::new()).await?.write(world.house.state())?;
    let (state, listen) = (world.house.state().to_owned(), ([127, 0, 0, 1], 0).into());
    Deployment::open(&Settings { state, stack: None, listen, command: None }).await
}

/// Redrives, and returns what came of it, with the bodies that were shown.
async fn driven(deployment: &Deployment, wanted: &Redrive) -> anyhow::Result<(Redriven, Vec<String>)> {
    let shown = Mutex::new(Vec::new());
    let note = |body: &str| {
        shown.lock().unwrap().push(body.to_owned());
        Ok(())
    };
    let outcome = redrive(deployment, wanted, note).await?;
    Ok((outcome, shown.into_inner()?))
}

/// The bodies in a queue that can be received now.
async fn dead(deployment: &Deployment, queue: &str) -> anyhow::Result<Vec<String>> {
    let request = deployment.sqs.receive_message().queue_url(deployment.queue_url(queue)?).max_number_of_messages(10);
    let messages = request.send().await?.messages.unwrap_or_default();
    Ok(messages.into_iter().filter_map(|message| message.body).collect())
}
