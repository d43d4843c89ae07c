//! Orders of a door, from being placed to coming back.

use acceptance::{LAMP, PEN, SOON, Shelf};
use edin_domain::customer::Contact;
use edin_domain::order::OrderKey;
use edin_domain::{ConnectionId, OrderId, Personal};
use serde_json::json;

use super::{Door, SHOP, with_doors};

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
