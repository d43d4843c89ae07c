//! The address that Ozon pushes to.

use acceptance::{OZON, SOON, World, until};
use edin_channels::ozon;
use edin_domain::ConnectionId;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_nobodys_is_not_there() -> anyhow::Result<()> {
    let world = World::open().await?;
    let hook = hook(&world)?;
    let of_another = world.house.hook_url(&ConnectionId::new("ozon-more")?, &ozon::NAME).replace("ozon-more", OZON);
    for wrong in [format!("{hook}0"), hook.replace("/ozon-main/", "/wb-main/"), of_another] {
        let (status, body) = post(&wrong, r#"{"message_type":"TYPE_PING"}"#).await?;
        assert_eq!((status, body), (404, Value::Null), "{wrong}");
    }
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_json_is_refused_in_ozons_words() -> anyhow::Result<()> {
    let world = World::open().await?;
    let (status, body) = post(&hook(&world)?, "not JSON").await?;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("ERROR_PARAMETER_VALUE_MISSED")));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_of_the_cabinet_is_answered() -> anyhow::Result<()> {
    let world = World::open().await?;
    assert_eq!(world.ozon.check().await, Ok(()));
    let ping = json!({ "message_type": "TYPE_PING", "time": "2026-11-22T00:00:00Z" });
    let (status, body) = post(&hook(&world)?, &ping.to_string()).await?;
    let fields: Vec<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!((status, fields), (200, vec!["name", "time", "version"]));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_of_an_unknown_type_is_acknowledged_and_kept() -> anyhow::Result<()> {
    let world = World::open().await?;
    let push = json!({ "message_type": "TYPE_OF_TOMORROW", "seller_id": "30000001" }).to_string();
    let answer = post(&hook(&world)?, &push).await?;
    assert_eq!(answer, (200, json!({ "result": true })));
    until("events kept for a person", SOON, vec![push], async || kept(&world).await).await?;
    world.close().await
}

/// What was kept for a person to look at.
async fn kept(world: &World) -> anyhow::Result<Vec<String>> {
    let events = world.store().unknown_events(&ConnectionId::new(OZON)?).await?;
    Ok(events.into_iter().map(|event| event.body).collect())
}

fn hook(world: &World) -> anyhow::Result<String> {
    Ok(world.house.hook_url(&ConnectionId::new(OZON)?, &ozon::NAME))
}

async fn post(url: &str, body: &str) -> anyhow::Result<(u16, Value)> {
    let answer = super::http()?.post(url).body(body.to_owned()).send().await?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_str(&answer.text().await?).unwrap_or_default()))
}
