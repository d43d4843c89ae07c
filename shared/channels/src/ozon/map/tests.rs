use edin_domain::order::{Mapped, Order, OrderKey, Take, effect};
use edin_domain::stock::Delta;
use edin_domain::{Article, Cause, ConnectionId, Currency, LocationId, Sku};

use serde_json::{Map, Value};

use super::*;
use crate::kit::tolerant::Records;

const NEW: &str = include_str!("../samples/push-new-posting.json");
const CANCELLED: &str = include_str!("../samples/push-posting-cancelled.json");
const STATE_CHANGED: &str = include_str!("../samples/push-state-changed.json");
const LISTED: &str = include_str!("../samples/postings.json");
const RFBS: &str = include_str!("../samples/posting-rfbs.json");
const ROLES: &str = include_str!("../samples/roles.json");

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T10:00:00Z")
}

fn state_changed(state: &str) -> String {
    STATE_CHANGED.replace("posting_delivered", state)
}

/// The first posting of the sample, with another number, status and quantity, and with what `rest` says besides.
fn listed(number: &str, status: &str, quantity: u32, rest: &str) -> wire::Posting {
    let mut page: Value = serde_json::from_str(LISTED).unwrap();
    let mut posting = page["postings"][0].take();
    posting["posting_number"] = number.into();
    posting["status"] = status.into();
    posting["products"][0]["quantity"] = quantity.into();
    let rest: Map<String, Value> = serde_json::from_str(&format!("{{{}}}", rest.trim_start_matches(','))).unwrap();
    posting.as_object_mut().unwrap().extend(rest);
    read(posting.to_string().as_bytes()).unwrap()
}

/// What a posting tells, of which everything can be read.
fn posting(listed: &wire::Posting, read_at: Timestamp) -> Result<Told, Unreadable> {
    let (told, left_out) = super::posting(listed, read_at)?;
    assert_eq!(left_out, []);
    Ok(told)
}

fn pushed(body: &str) -> OrderState {
    match push(body, now()).unwrap() {
        Reading::Orders(Told { mut orders, contact: None }, parts) if parts.is_empty() && orders.len() == 1 => {
            orders.remove(0).1
        }
        other => panic!("{other:?}"),
    }
}

/// What the posting `number` comes to after `tellings`, wherever they tell of it.
fn known(number: &str, tellings: &[Told]) -> OrderState {
    let of = tellings.iter().flat_map(|told| &told.orders).filter(|(id, _)| id.as_str() == number);
    of.fold(OrderState::default(), |known, (_, state)| known.merged(state))
}

fn delta(state: OrderState) -> Delta {
    let connection = ConnectionId::new("ozon-main").unwrap();
    let mut order = Order::unknown(OrderKey::new(connection, OrderId::new("1").unwrap()), Cause::new("c").unwrap());
    for line in state.lines.keys() {
        let sku = Sku::new(line.as_str()).unwrap();
        let take = Take { sku: sku.clone(), location: LocationId::new("almaty").unwrap(), quantity: 1 };
        order.mapped.insert(line.clone(), Mapped { sku, takes: vec![take], left_before: 0 });
    }
    order.state = state;
    effect(&order).stock.into_values().next().unwrap_or_default()
}

fn reserves(units: i64) -> Delta {
    Delta { on_hand: 0, reserved: units }
}

fn took(units: i64) -> Delta {
    Delta { on_hand: -units, reserved: 0 }
}

#[test]
fn a_new_posting_reserves_its_goods() {
    let state = pushed(NEW);
    assert_eq!(state.warehouse, WarehouseId::new("22142605386000").ok());
    assert_eq!(state.placed_at(), Some(at("2026-11-22T00:00:00Z")));
    let line = &state.lines["147451939"];
    let articles: Vec<_> = line.articles.iter().map(Article::as_str).collect();
    assert_eq!(articles, ["SKU-1", "sku:147451939"]);
    assert_eq!(delta(state), reserves(3));
}

#[test]
fn a_posting_with_an_empty_date_was_placed_when_it_was_told() {
    let state = pushed(&NEW.replace(r#""2026-11-22T00:00:00Z""#, r#""""#));
    assert_eq!(state.placed_at(), Some(now()));
}

#[test]
fn a_good_that_can_not_be_read_costs_itself_and_is_named() {
    let good = r#"{"sku":147451939,"offer_id":"SKU-1","quantity":3}"#;
    for spoilt in [
        r#"{"sku":null,"offer_id":"SKU-2","quantity":1}"#,
        r#"{"sku":2,"offer_id":"SKU-2","quantity":"many"}"#,
        r#"{"sku":[],"offer_id":"SKU-2","quantity":1}"#,
        r#"{"sku":"","offer_id":"SKU-2","quantity":1}"#,
        r#"{"sku":2,"offer_id":"SKU-2","quantity":-1}"#,
    ] {
        for both in [format!("{spoilt},{good}"), format!("{good},{spoilt}")] {
            let Reading::Orders(told, left_out) = push(&NEW.replace(good, &both), now()).unwrap() else { panic!() };
            assert_eq!(delta(told.orders[0].1.clone()), reserves(3), "{spoilt}");
            assert!(
                matches!(&left_out[..], [one] if one.order == "1-0001-1" && one.reason.contains("SKU-2")),
                "{left_out:?}"
            );
        }
    }
}

#[test]
fn while_a_good_can_not_be_read_nobody_knows_what_is_still_wanted_of_its_posting() {
    let whole = listed("1-0001-1", "awaiting_packaging", 3, "");
    let mut more = listed("1-0001-1", "awaiting_packaging", 1, "");
    more.products = read(br#"[{"sku":147451939,"quantity":1},{"sku":147451939,"quantity":null}]"#).unwrap();
    let (told, left_out) = super::posting(&more, now()).unwrap();
    assert_eq!((left_out.len(), told.orders[0].1.total), (1, None));
    let known = posting(&whole, now()).unwrap().orders[0].1.merged(&told.orders[0].1);
    assert_eq!(delta(known), reserves(3));
}

#[test]
fn a_field_that_a_posting_can_do_without_does_not_cost_it() {
    for rest in [
        r#","customer":{"customer_id":[],"phone":77011234567,"name":{},"address":"Almaty"}"#,
        r#","customer":"somebody","addressee":7"#,
        r#","addressee":{"phone":7,"name":[]}"#,
        r#","parent_posting_number":null,"cancellation":null"#,
    ] {
        let text = format!(
            r#"{{"posting_number":"1-0001-1","status":"awaiting_packaging","in_process_at":7,"delivering_date":{{}},
                "tpl_integration_type":3,"delivery_method":null,"products":[{{"sku":"147451939","offer_id":null,
                "quantity":"3","price":[],"currency_code":9}}]{rest}}}"#
        );
        let told = posting(&read(text.as_bytes()).unwrap(), now()).unwrap();
        assert_eq!(delta(told.orders[0].1.clone()), reserves(3), "{rest}");
    }
}

#[test]
fn a_duplicate_changes_nothing() {
    let once = pushed(NEW);
    assert_eq!(once.merged(&pushed(NEW)), once);
}

#[test]
fn a_good_on_two_lines_of_a_posting_counts_twice() {
    let two = NEW.replace(r#""quantity":3}"#, r#""quantity":3},{"sku":"147451939","quantity":2}"#);
    assert_eq!(delta(pushed(&two)), reserves(5));
}

#[test]
fn a_cancel_frees_what_was_reserved() {
    assert_eq!(delta(pushed(NEW).merged(&pushed(CANCELLED))), reserves(0));
}

#[test]
fn a_cancel_that_arrives_before_its_order_reserves_nothing() {
    let cancelled = pushed(CANCELLED);
    assert_eq!(cancelled.lines["147451939"].ordered, 3);
    assert_eq!(delta(cancelled.merged(&pushed(NEW))), reserves(0));
}

#[test]
fn goods_cancelled_after_they_were_packed_are_gone_until_they_are_back() {
    for old in [
        "posting_transferring_to_delivery",
        "posting_in_courier_service",
        "posting_delivered",
        "posting_driver_pick_up",
        "posting_in_client_arbitration",
    ] {
        let cancelled = pushed(&CANCELLED.replace("posting_created", old));
        assert_eq!(delta(pushed(NEW).merged(&cancelled)), took(3), "{old}");
    }
}

#[test]
fn every_state_that_is_pushed_has_its_effect() {
    let gone = [
        "posting_acceptance_in_progress",
        "posting_on_way_to_city",
        "posting_transferred_to_courier_service",
        "posting_in_courier_service",
        "posting_on_way_to_pickup_point",
        "posting_in_pickup_point",
        "posting_conditionally_delivered",
        "posting_driver_pick_up",
        "posting_delivered",
        "posting_received",
    ];
    let here = [
        "posting_created",
        "posting_awaiting_registration",
        "posting_transferring_to_delivery",
        "posting_in_carriage",
        "posting_not_in_carriage",
        "posting_not_in_sort_center",
        "posting_in_arbitration",
        "posting_in_client_arbitration",
        "posting_of_tomorrow",
        "",
    ];
    let table = gone.map(|state| (state, took(3))).into_iter();
    let table = table.chain(here.map(|state| (state, reserves(3)))).chain([("posting_canceled", reserves(0))]);
    for (state, expected) in table {
        assert_eq!(delta(pushed(NEW).merged(&pushed(&state_changed(state)))), expected, "{state}");
    }
}

#[test]
fn every_status_that_is_listed_has_its_effect() {
    for (status, expected) in [
        ("awaiting_verification", reserves(3)),
        ("awaiting_approve", reserves(3)),
        ("awaiting_packaging", reserves(3)),
        ("awaiting_registration", reserves(3)),
        ("awaiting_deliver", reserves(3)),
        ("not_accepted", reserves(3)),
        ("arbitration", reserves(3)),
        ("client_arbitration", reserves(3)),
        ("status_of_tomorrow", reserves(3)),
        ("acceptance_in_progress", took(3)),
        ("delivering", took(3)),
        ("driver_pickup", took(3)),
        ("delivered", took(3)),
        ("cancelled", reserves(0)),
        ("cancelled_from_split_pending", reserves(3)),
    ] {
        let told = posting(&listed("1-0001-1", status, 3, ""), now()).unwrap();
        assert_eq!(delta(known("1-0001-1", &[told])), expected, "{status}");
    }
}

#[test]
fn a_state_may_come_before_its_order() {
    let state = pushed(&state_changed("posting_delivered"));
    assert_eq!((state.lines.len(), state.warehouse.clone()), (0, None));
    assert_eq!(state.milestones[&Milestone::Delivered], at("2026-11-22T02:00:00Z"));
    assert_eq!(delta(state.merged(&pushed(NEW))), took(3));
}

#[test]
fn goods_listed_as_cancelled_after_they_were_packed_are_gone_until_they_are_back() {
    let rest = r#","cancellation":{"cancel_reason_id":0,"cancelled_after_ship":true}"#;
    let told = |units| known("1-0001-1", &[posting(&listed("1-0001-1", "cancelled", units, rest), now()).unwrap()]);
    assert_eq!(delta(told(3)), took(3));
    assert_eq!(delta(pushed(NEW).merged(&told(1))), took(1), "two of three never left, and nobody had told");
}

#[test]
fn a_partial_cancel_frees_what_the_list_no_longer_has() {
    let told = posting(&listed("1-0001-1", "awaiting_packaging", 1, ""), now()).unwrap();
    assert_eq!(delta(pushed(NEW).merged(&known("1-0001-1", &[told]))), reserves(1));
}

#[test]
fn a_split_moves_the_reservation() {
    let before = posting(&listed("1-0001-1", "awaiting_packaging", 3, ""), now()).unwrap();
    let after = posting(&listed("1-0001-1", "cancelled_from_split_pending", 3, ""), now()).unwrap();
    let child = |number: &str, quantity| {
        let rest = r#","parent_posting_number":"1-0001-1""#;
        posting(&listed(number, "awaiting_packaging", quantity, rest), now()).unwrap()
    };
    let mut tellings = vec![before, after];
    assert_eq!(delta(known("1-0001-1", &tellings)), reserves(3), "nothing is freed until a child is told");
    tellings.push(child("1-0001-2", 2));
    assert_eq!(delta(known("1-0001-1", &tellings)), reserves(1));
    tellings.push(child("1-0001-3", 1));
    assert_eq!(delta(known("1-0001-1", &tellings)), reserves(0));
    assert_eq!(delta(known("1-0001-2", &tellings)), reserves(2));
    assert_eq!(known("1-0001-2", &tellings).parent, OrderId::new("1-0001-1").ok());
}

#[test]
fn a_parent_that_lives_on_keeps_what_was_not_split_off() {
    let before = posting(&listed("1-0001-1", "awaiting_packaging", 3, ""), now()).unwrap();
    let after = posting(&listed("1-0001-1", "awaiting_deliver", 1, ""), now()).unwrap();
    let rest = r#","parent_posting_number":"1-0001-1""#;
    let child = posting(&listed("1-0001-2", "awaiting_packaging", 2, rest), now()).unwrap();
    assert_eq!(delta(known("1-0001-1", &[before, after, child])), reserves(1));
}

#[test]
fn a_posting_that_names_itself_as_its_parent_was_not_split_off() {
    let told = posting(&listed("1-0001-1", "awaiting_packaging", 3, r#","parent_posting_number":"1-0001-1""#), now());
    assert_eq!(told.unwrap().orders.len(), 1);
}

#[test]
fn the_sum_is_exact_in_either_spelling_of_a_price() {
    let total = |posting_: &wire::Posting| posting(posting_, now()).unwrap().orders.remove(0).1.total;
    let listed = listed("1-0001-1", "awaiting_packaging", 3, "");
    assert_eq!(total(&listed), Some(Money::new(459_150, Currency::RUB)));
    let one = r#"{"posting_number":"1","status":"awaiting_packaging","products":[
        {"sku":1,"quantity":2,"price":"1530.0000","currency_code":"KZT"},
        {"sku":2,"quantity":1,"price":0.1,"currency_code":"KZT"}]}"#;
    assert_eq!(total(&read(one.as_bytes()).unwrap()), Some(Money::new(306_010, Currency::KZT)));
}

#[test]
fn an_rfbs_posting_tells_who_bought() {
    let listed = listed("1-0001-1", "awaiting_packaging", 3, r#","parent_posting_number":"""#);
    assert!(!lacks_phone(&listed), "Ozon delivers: there is no number to read");
    let customer = |phone: &str, email: &str| {
        let mut answer: Value = serde_json::from_str(RFBS).unwrap();
        let mut customer = answer["result"]["customer"].take();
        (customer["phone"], customer["customer_email"]) = (phone.into(), email.into());
        read::<wire::Customer>(customer.to_string().as_bytes()).ok()
    };
    let listed = wire::Posting { customer: customer("", "a@example.kz"), ..listed };
    assert!(lacks_phone(&listed));
    let full = wire::Posting { customer: customer("+77011234567", ""), products: Records::default(), ..listed.clone() };
    let contact = posting(&completed(listed, full), now()).unwrap().contact.unwrap();
    let told = |field: Option<Personal<String>>| field.unwrap().reveal().clone();
    assert_eq!(told(contact.substitute_phone), "+77011234567");
    assert_eq!(told(contact.email), "a@example.kz");
    assert_eq!(told(contact.buyer_id), "17");
    assert_eq!(told(contact.address), "050000, Almaty, Abaya 1");
}

#[test]
fn what_edin_has_no_use_for_is_nothing() {
    for kind in [
        "CUTOFF_DATE_CHANGED",
        "DELIVERY_DATE_CHANGED",
        "STOCKS_CHANGED",
        "CREATE_OR_UPDATE_ITEM",
        "DESCRIPTION_CATEGORY_TREE_CHANGED",
        "PRICE_INDEX_CHANGED",
        "NEW_MESSAGE",
        "UPDATE_MESSAGE",
        "MESSAGE_READ",
        "CHAT_CLOSED",
        "FBO_POSTING_NEW",
        "FBO_POSTING_CANCELLED",
        "FBO_POSTING_STATE_CHANGED",
        "FBO_POSTING_DELIVERY_DATE_CHANGED",
        "FBO_STOCKS_CHANGED",
        "ORDER_NEW",
        "ORDER_CANCELLED",
        "ORDER_STATE_CHANGED",
        "PING",
    ] {
        let reading = push(&format!(r#"{{"message_type":"TYPE_{kind}","seller_id":"1","new_cutoff_date":""}}"#), now());
        assert!(matches!(reading, Ok(Reading::Nothing(_))), "{kind}");
    }
}

#[test]
fn a_type_that_is_not_documented_is_named() {
    let reading = push(r#"{"message_type":"TYPE_POSTING_SHIPPED","posting_number":"1"}"#, now());
    assert_eq!(reading, Ok(Reading::Unknown("TYPE_POSTING_SHIPPED".to_owned())));
}

#[test]
fn garbage_says_where_it_is_wrong() {
    for (body, place) in [
        ("", "EOF"),
        (r#"{"seller_id":1}"#, "message_type"),
        (r#"{"message_type":"TYPE_NEW_POSTING","posting_number":""}"#, "posting_number"),
        (r#"{"message_type":"TYPE_NEW_POSTING","posting_number":"1","products":{}}"#, "products"),
    ] {
        let error = push(body, now()).unwrap_err().to_string();
        assert!(error.contains(place), "{body}: {error}");
    }
}

#[test]
fn what_the_key_may_not_do_is_named() {
    let roles = |text: &str| read::<wire::Roles>(text.as_bytes()).unwrap();
    let needed = ["/v4/posting/fbs/list", "/v2/products/stocks"];
    let few = roles(ROLES);
    assert_eq!(missing(few.clone(), needed).len(), 1);
    assert!(missing(few.clone(), needed)[0].contains("/v2/products/stocks"));
    let admin = roles(r#"{"expires_at":"","roles":[{"name":"Admin","methods":["/v1/actions"]}]}"#);
    assert!(missing(admin, needed).is_empty());
    assert!(missing(roles(r#"{"roles":[{"name":"Product","methods":[]}]}"#), needed).is_empty());
}

#[test]
fn an_address_that_ozon_has_stopped_pushing_to_is_a_problem_of_its_own_connection_alone() {
    let problems = |fields: &str| {
        let list = format!(
            r#"{{"urls":[{{"id":1,"url":"https://api.example/hooks/ozon-main/token","types":[],{fields}}},
                {{"id":2,"url":"https://api.example/hooks/another/token","enable":false}},{{"id":3,"enable":7}}]}}"#
        );
        push_problems(read(list.as_bytes()).unwrap(), &ConnectionId::new("ozon-main").unwrap())
    };
    assert_eq!(problems(r#""enable":true"#), Vec::<String>::new());
    assert_eq!(
        problems(r#""enable":true,"availability_status":"AVAILABLE","disable_reason":"""#),
        Vec::<String>::new()
    );
    for (fields, word) in [
        (r#""enable":false"#, "has stopped pushing;"),
        (r#""enable":false,"disable_reason":"UNAVAILABLE_THREE_DAYS""#, "(UNAVAILABLE_THREE_DAYS)"),
        (r#""enable":true,"availability_status":"UNSTABLE""#, "unstable"),
    ] {
        let problems = problems(fields);
        assert!(
            matches!(&problems[..], [one] if one.contains(word) && !one.contains("token")),
            "{fields}: {problems:?}"
        );
    }
}
