//! Requests that come twice, that are wrong, that come too late.

use acceptance::{LAMP, TEA};
use serde_json::{Value, json};

use super::{Door, HOUR, SHOP, after, with_doors};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_again_is_the_same_hold_and_another_one_under_its_key_is_refused() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let until = after(HOUR);
    let first = shop.hold("visit-1", LAMP, 2, until).await?;
    let again = shop.hold("visit-1", LAMP, 2, until).await?;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(shop.hold("visit-1", LAMP, 3, until).await?.problem(), (422, "other-request"));
    assert_eq!(world.level(LAMP, "almaty").await?.reserved, 2);
    let nameless = json!({ "lines": [{ "sku": LAMP, "quantity": 1 }], "until": until.to_string() });
    assert_eq!(shop.post("/v1/holds", &nameless).await?.problem(), (400, "no-idempotency-key"));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_over_what_was_read_is_refused_if_that_has_changed() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let hold = shop.hold("1", LAMP, 2, after(HOUR)).await?;
    let path = format!("/v1/holds/{}", hold.id());
    let longer = json!({ "until": after(HOUR * 2).to_string() });
    let patch = |etag: &str| shop.request(reqwest::Method::PATCH, &path).header("if-match", etag).json(&longer);
    let extended = shop.send(patch(&hold.etag)).await?;
    assert_eq!((extended.status, extended.etag != hold.etag), (200, true));
    let delete = |etag: &str| shop.request(reqwest::Method::DELETE, &path).header("if-match", etag);
    assert_eq!(shop.send(delete(&hold.etag)).await?.problem(), (412, "changed"));
    assert_eq!(shop.send(delete("3")).await?.problem(), (400, "invalid"));
    assert_eq!(shop.send(delete(&extended.etag)).await?.state(), "cancelled");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_request_is_answered_with_what_is_wrong_where() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let until = after(HOUR).to_string();
    let line = |sku: &str, quantity: Value| json!({ "sku": sku, "quantity": quantity });
    let cases = [
        (json!({ "lines": [], "until": until }), 400, "body.lines: it takes 1 to 50 lines"),
        (json!({ "lines": [line(TEA, json!(0))], "until": until }), 400, "body.lines[0].quantity: it is 0"),
        (json!({ "lines": [line(TEA, json!(1.5))], "until": until }), 400, "body.lines[0].quantity: invalid type"),
        (json!({ "lines": [line(" x", json!(1))], "until": until }), 400, "body.lines[0].sku: \" x\" is not a"),
        (
            json!({ "lines": [line(TEA, json!(1)), line(TEA, json!(1))], "until": until }),
            400,
            "body.lines[1].sku: TEA stands there twice",
        ),
        (json!({ "lines": [line(TEA, json!(1))] }), 400, "body: missing field `until`"),
        (json!({ "lines": [line(TEA, json!(1))], "until": "soon" }), 400, "body.until: it is no time"),
        (json!({ "lines": [line(TEA, json!(1))], "until": "2020-01-01T00:00:00Z" }), 400, "body.until: it is past"),
        (
            json!({ "lines": [line(TEA, json!(1))], "until": after(HOUR * 24 * 32).to_string() }),
            400,
            "body.until: it is more than 31 days",
        ),
        (json!({ "lines": [line(TEA, json!(1))], "until": until, "for": "me" }), 400, "body.for: unknown field"),
        (json!({ "lines": [line("NOBODYS", json!(1))], "until": until }), 422, "these lines can not be taken: NOBODYS"),
        (
            json!({ "lines": [line(TEA, json!(10_001))], "until": until }),
            422,
            "these lines can not be taken: TEA: it is of 10001 units",
        ),
        (
            json!({ "lines": [line(TEA, json!(1))], "location": "moon", "until": until }),
            422,
            "these lines can not be taken: TEA: it was sold from warehouse moon",
        ),
    ];
    for (number, (wanted, status, detail)) in cases.into_iter().enumerate() {
        let refused = shop.keyed("/v1/holds", &format!("wrong-{number}"), &wanted).await?;
        let said = refused.body["detail"].as_str().unwrap_or_default();
        assert!(refused.status == status && said.starts_with(detail), "{wanted}: {refused:?}");
        assert_eq!(refused.body["status"], json!(status));
    }
    assert_eq!(world.level(TEA, "almaty").await?.version, 1, "nothing was changed");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_nowhere_is_a_problem_too() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    assert_eq!(shop.get("/v1/nothing").await?.problem(), (404, "no-route"));
    assert_eq!(shop.delete("/v1/orders").await?.problem(), (405, "no-method"));
    assert_eq!(shop.get("/v1/orders/unknown").await?.problem(), (404, "unknown"));
    assert_eq!(shop.get("/v1/stock/NOBODYS").await?.problem(), (404, "unknown"));
    let stock = shop.get("/v1/stock/SET").await?;
    assert_eq!((stock.status, &stock.body["available"]), (200, &json!(4)), "of nine cups, two a set");
    assert_eq!(stock.body["levels"].as_array().unwrap().len(), 4, "of two goods in two places");
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_served_and_is_the_one_that_is_published() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let served = shop.get("/v1/openapi.json").await?.body;
    assert_eq!(served, serde_json::to_value(api::description())?);
    assert_eq!(served["openapi"], "3.1.0");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("EDIN_WRITE").is_some() {
        std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&served)?))?;
    }
    let published: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    assert_eq!(
        served, published,
        "docs/openapi.json says something else than the code: run this test with EDIN_WRITE=1"
    );
    Ok(())
}
