//! Holds that a door asks for, through the API's own handler.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use api::Api;
use bench::import::import;
use edin_demo::shop::goods;
use edin_domain::api_key::Scope;
use edin_domain::{ConnectionId, Secret};
use edin_local::aws::engine::Engine;
use edin_local::aws::meter::since;
use edin_platform::{Clock, Metrics, SystemClock};
use edin_trade::record::Recorder;
use serde_json::json;

use crate::Part;

const DOOR: &str = r#"
    [[connection]]
    id = "shop"
    account = { direct = {} }
    currency = "KZT"
    warehouses = { almaty = ["almaty"] }
"#;
const HOLDS: usize = 100;

/// Asks for one unit again and again, of one good after the other.
pub(crate) async fn measure() -> anyhow::Result<Part> {
    let (state, stage) = (tempfile::tempdir()?, bench::shop::stage().await?);
    let engine = Engine::start(state.path()).await?;
    let queues = ["inbox", "deferred"].map(|name| engine.queue("setup", name));
    let goods = goods::goods();
    let written = [stage.connections()? + DOOR, stage.catalogue(&goods)];
    import(&engine.store("setup"), queues.each_ref(), written, async |_| Ok(())).await?;
    let (digest_key, now) = (Secret::new("5e".repeat(32)), SystemClock.now());
    let named = (ConnectionId::new("shop")?, "bench");
    let (kept, key) = api::issue(&digest_key, named, Scope::ALL.into(), &[7; 37], now);
    engine.store("setup").put_api_key(&kept).await?;
    let recorder = Recorder::new(engine.store("api"), Metrics::None, Arc::new(SystemClock));
    let api = Api::new(recorder, digest_key);
    let stocked = goods.iter().filter(|good| good.stock.is_some_and(|(almaty, _)| almaty > 1));
    let stocked: Vec<&str> = stocked.map(|good| good.sku.as_str()).collect();
    let before = engine.meter().counts();
    for (number, sku) in stocked.iter().cycle().take(HOLDS).enumerate() {
        let until = now.plus(Duration::from_secs(3_600)).to_string();
        let body = json!({ "lines": [{ "sku": sku, "quantity": 1 }], "until": until }).to_string();
        let request = lambda_http::http::Request::post("/v1/holds")
            .header("authorization", format!("Bearer {}", key.reveal()))
            .header("idempotency-key", format!("visit-{number}"))
            .body(lambda_http::Body::from(body))?;
        let answer = api.handle(request).await;
        ensure!(answer.status() == 201, "a hold of {sku} was answered with {answer:?}");
    }
    Ok(Part::new(HOLDS, since(&engine.meter().counts(), &before)))
}
