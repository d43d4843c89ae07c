//! Orders of a door, from being placed to coming back.

use acceptance::{LAMP, PEN, SOON, Shelf};
use edin_domain::customer::Contact;
use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Personal};
use serde_json::{Value, json};

use super::{Door, HOUR, SHOP, TILL, after, with_doors};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_goes_from_the_stock_to_its_buyer_and_back() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let lines = json!([{ "sku": LAMP, "quantity": 3 }, { "sku": PEN, "quantity": 2 }]);
    let who = json!({ "name": "A Buyer", "phone": "+7 701 000 00 01" });
    let wanted = json!({ "lines": lines, "who": who, "total": { "amount": "4200.50", "currency": "KZT" } });
    let order = shop.keyed("/v1/orders", "web-1", &wanted).await?;
    assert_eq!((order.status, order.state()), (201, "placed"), "{order:?}");
    assert_eq!(order.body["total"], json!({ "amount": "4200.50", "currency": "KZT" }));
    assert!(!order.body.to_string().contains("Buyer"), "who it is for is not told again");
    let key = OrderKey::new(ConnectionId::new(SHOP)?, OrderId::new(order.id())?);
    let contact = Contact {
        name: Some(Personal::new("A Buyer".to_owned())),
        phone: Some(Personal::new("+7 701 000 00 01".to_owned())),
        ..Contact::default()
    };
    assert_eq!(world.store().contact(&key).await?, Some(contact));

    let step = async |step: &str, body: serde_json::Value| {
        shop.post(&format!("/v1/orders/{}/{step}", order.id()), &body).await
    };
    let part = |sku: &str, units: u32| json!({ "lines": [{ "sku": sku, "quantity": units }] });
    assert_eq!(step("return", json!({})).await?.problem(), (409, "wrong-state"), "nothing has left");
    for _ in 0..2 {
        assert_eq!(step("cancel", part(LAMP, 1)).await?.state(), "placed", "one of three, however often it is told");
        assert_eq!(step("pay", json!({})).await?.status, 200);
    }
    world.until_level(LAMP, "almaty", 6, 2).await?;
    assert_eq!(step("cancel", part(LAMP, 4)).await?.problem(), (400, "invalid"));
    assert_eq!(step("cancel", part("RUG", 1)).await?.problem(), (400, "invalid"));
    let packed = step("pack", json!({})).await?;
    assert_eq!((packed.state(), packed.body["times"]["packed"].is_string()), ("placed", true), "{packed:?}");
    assert_eq!(step("ship", json!({})).await?.state(), "shipped");
    world.until_level(LAMP, "almaty", 4, 0).await?;
    assert_eq!(step("cancel", json!({})).await?.problem(), (409, "wrong-state"), "it has left");
    assert_eq!(step("deliver", json!({})).await?.state(), "delivered");
    assert_eq!(step("return", part(PEN, 1)).await?.state(), "delivered");
    assert_eq!(step("return", json!({})).await?.state(), "returned");
    world.until_level(LAMP, "almaty", 6, 0).await?;
    world.until_level(PEN, "almaty", 20, 0).await?;
    world.until_shown(Shelf::Wildberries, LAMP, 6, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_taken_only_if_all_of_it_is_there() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let wanted = |units: u32| json!({ "lines": [{ "sku": LAMP, "quantity": units }] });
    assert_eq!(shop.keyed("/v1/orders", "1", &wanted(7)).await?.problem(), (409, "not-enough"));
    assert_eq!(
        shop.keyed("/v1/orders", "1", &wanted(6)).await?.state(),
        "placed",
        "what was refused took nothing, its key neither"
    );
    assert_eq!(shop.keyed("/v1/orders", "2", &wanted(1)).await?.problem(), (409, "not-enough"));
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_broken_is_back_and_no_stock_again() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let till = Door::open(&world, TILL).await?;
    till.keyed("/v1/sales", "R-7", &json!({ "lines": [{ "sku": LAMP, "quantity": 3 }] })).await?;
    world.until_level(LAMP, "almaty", 3, 0).await?;
    let bring_back = async |body: Value| till.post("/v1/orders/R-7/return", &body).await;
    let broken = json!({ "lines": [{ "sku": LAMP, "quantity": 1 }], "condition": "unfit" });
    for _ in 0..2 {
        let known = bring_back(broken.clone()).await?;
        assert_eq!((known.state(), &known.body["lines"][0]["unfit"]), ("delivered", &json!(1)), "{known:?}");
    }
    let too_many = json!({ "lines": [{ "sku": LAMP, "quantity": 3 }] });
    assert_eq!(bring_back(too_many).await?.problem(), (400, "invalid"), "one of three is back already");
    assert_eq!(bring_back(json!({ "lines": [{ "sku": LAMP, "quantity": 1 }] })).await?.state(), "delivered");
    world.until_level(LAMP, "almaty", 4, 0).await?;
    for _ in 0..2 {
        let known = bring_back(json!({ "condition": "unfit" })).await?;
        assert_eq!((known.state(), &known.body["lines"][0]["unfit"]), ("returned", &json!(2)), "{known:?}");
    }
    world.until_level(LAMP, "almaty", 4, 0).await?;
    world.until_shown(Shelf::Wildberries, LAMP, 4, SOON).await?;
    world.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_and_a_hold_grow_only_if_what_is_added_is_there() -> anyhow::Result<()> {
    let world = with_doors().await?;
    let shop = Door::open(&world, SHOP).await?;
    let order = shop.keyed("/v1/orders", "1", &json!({ "lines": [{ "sku": LAMP, "quantity": 2 }] })).await?;
    let add = async |id: &str, sku: &str, units: u32| {
        shop.post(&format!("/v1/orders/{id}/add"), &json!({ "lines": [{ "sku": sku, "quantity": units }] })).await
    };
    for _ in 0..2 {
        assert_eq!(add(order.id(), LAMP, 5).await?.body["lines"][0]["quantity"], json!(5), "five altogether");
        assert_eq!(add(order.id(), PEN, 1).await?.body["lines"].as_array().map(Vec::len), Some(2), "a new line");
    }
    world.until_level(LAMP, "almaty", 6, 5).await?;
    world.until_level(PEN, "almaty", 20, 1).await?;
    assert_eq!(add(order.id(), LAMP, 7).await?.problem(), (409, "not-enough"));
    assert_eq!(add(order.id(), LAMP, 1).await?.problem(), (400, "invalid"), "what isn't wanted is cancelled");
    assert_eq!(add(order.id(), "NOBODYS", 1).await?.problem(), (422, "not-taken"));
    let hold = shop.hold("2", LAMP, 1, after(HOUR)).await?;
    assert_eq!(add(hold.id(), PEN, 19).await?.state(), "held");
    assert_eq!(add(hold.id(), PEN, 20).await?.problem(), (409, "not-enough"));
    shop.post(&format!("/v1/orders/{}/ship", order.id()), &json!({})).await?;
    assert_eq!(add(order.id(), LAMP, 6).await?.problem(), (409, "wrong-state"), "it has left");
    world.until_level(PEN, "almaty", 19, 19).await?;
    world.close().await
}
