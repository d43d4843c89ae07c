//! Every reader of what channels send.

use std::fmt::Debug;

use edin_channels::kaspi::map::Basket;
use edin_channels::read::Reading;
use edin_channels::told::{Content, Inbound, LeftOut, Orders, Told};
use edin_channels::tolerant::{Records, Unreadable, read};
use edin_channels::{kaspi, ozon, wildberries, woocommerce, yandex_market};
use edin_domain::{Account, ChannelName, Timestamp};
use serde::de::DeserializeOwned;

use crate::samples::PERSON;

/// When everything comes.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

/// An error is no longer, whatever it is about.
pub const LONGEST_ERROR: usize = 1_200;

type Wire = fn(&[u8]) -> Result<Vec<Told>, Unreadable>;

/// The readers, each with its name.
pub const READERS: [(&str, Wire); 32] = [
    ("ozon push", |body| push(&ozon::NAME, body)),
    ("wildberries push", |body| push(&wildberries::NAME, body)),
    ("kaspi push", |body| push(&kaspi::NAME, body)),
    ("ozon postings", |body| Ok(postings(good(read::<ozon::wire::Postings>(body)?.postings)))),
    ("ozon posting", |body| Ok(postings(vec![read(body)?]))),
    ("ozon returns", |body| Ok(told(ozon::returns::returns(&good(read::<ozon::wire::Returns>(body)?.returns))))),
    ("ozon stock written", wire::<Records<ozon::wire::StockResult>>),
    ("ozon stock", wire::<ozon::wire::WarehouseStocks>),
    ("ozon roles", |body| {
        let roles = read(body)?;
        assert!(ozon::map::missing(roles, ["/v4/posting/fbs/list"]).len() <= 1);
        Ok(Vec::new())
    }),
    ("ozon problem", wire::<ozon::wire::Problem>),
    ("wildberries orders", wildberries_orders),
    ("wildberries order", |body| wildberries::map::order(&read(body)?).map(|(id, state)| vec![Told::of(id, state)])),
    ("wildberries statuses", |body| {
        let statuses = good(read::<wildberries::wire::Statuses>(body)?.orders);
        statuses.iter().for_each(|status| _ = wildberries::status::standing(status));
        Ok(Vec::new())
    }),
    ("wildberries stock", wire::<wildberries::wire::Stocks>),
    ("wildberries conflicts", wire::<Records<wildberries::wire::Conflict>>),
    ("wildberries cards", wire::<wildberries::wire::Cards>),
    ("kaspi orders", kaspi_orders),
    ("kaspi entries", wire::<kaspi::wire::Entries>),
    ("kaspi errors", wire::<kaspi::wire::Errors>),
    ("yandex market push", |body| push(&yandex_market::NAME, body)),
    ("yandex market orders", yandex_market_orders),
    ("yandex market returns", |body| {
        let answer: yandex_market::wire::Answer<yandex_market::wire::Returns> = read(body)?;
        Ok(told(yandex_market::returns::returns(&good(answer.result.returns))))
    }),
    ("yandex market stock", wire::<yandex_market::wire::Answer<yandex_market::wire::Shelves>>),
    ("yandex market verdict", wire::<yandex_market::wire::Verdict>),
    ("yandex market token", wire::<yandex_market::wire::Answer<yandex_market::wire::Token>>),
    ("woocommerce call", |body| push(&woocommerce::NAME, body)),
    ("woocommerce orders", woocommerce_orders),
    ("woocommerce products", wire::<woocommerce::wire::Products>),
    ("woocommerce stock written", wire::<woocommerce::wire::Written>),
    ("woocommerce webhooks", wire::<woocommerce::wire::Webhooks>),
    ("woocommerce problem", wire::<woocommerce::wire::Problem>),
    ("inbox message", |body| {
        let Inbound { content, .. } = read(body)?;
        Ok(match content {
            Content::Told(told) => vec![told],
            Content::Push(_) | Content::Remap(_) => Vec::new(),
        })
    }),
];

/// Hands `body` to every reader. None may panic, and whatever is read or refused must be bounded by what came.
///
/// # Panics
/// If something of that doesn't hold.
pub fn check(body: &[u8]) {
    for (name, reader) in READERS {
        match reader(body) {
            Ok(told) => bounded(name, body, &told),
            Err(error) => short(name, &error),
        }
    }
    let account = Account::of(ozon::NAME).with("client_id", "30000001");
    if let Err(error) = edin_channels::check_account(&account, &String::from_utf8_lossy(body)) {
        assert!(error.to_string().len() <= LONGEST_ERROR, "{error}");
    }
}

/// What is told can't be much longer than what came: no few bytes stand for many.
fn bounded(name: &str, body: &[u8], told: &[Told]) {
    let length = serde_json::to_string(told).unwrap().len();
    assert!(length <= 100 * body.len() + 1_000, "{name}: {length} bytes of {}", body.len());
    for (id, state) in told.iter().flat_map(|told| &told.orders) {
        assert!(!id.as_str().is_empty() && !id.as_str().contains('#'), "{name}: {id:?}");
        let again = state.merged(state);
        assert_eq!(&again, state, "{name}: told twice it is another order");
    }
    assert!(!format!("{told:?}").contains(PERSON), "{name}: a person stands in {told:?}");
}

fn short(name: &str, error: &Unreadable) {
    let text = error.to_string();
    assert!(text.len() <= LONGEST_ERROR, "{name}: {} bytes: {text}", text.len());
    assert!(!text.contains(PERSON), "{name}: a person stands in {text:?}");
    match error {
        Unreadable::NotJson { problem, .. } | Unreadable::Json { problem, .. } => {
            assert!(!problem.is_empty(), "{name}: {text}")
        }
        Unreadable::Value { field, problem, .. } => assert!(!field.is_empty() && !problem.is_empty(), "{name}: {text}"),
    }
}

fn wire<T: DeserializeOwned + Debug>(body: &[u8]) -> Result<Vec<Told>, Unreadable> {
    read::<T>(body).map(|_| Vec::new())
}

fn text(body: &[u8]) -> Result<String, Unreadable> {
    String::from_utf8(body.to_vec()).map_err(|error| Unreadable::value("body", body.len(), error.utf8_error()))
}

/// The records that can be read. What is said of the others is short, too.
fn good<T>(records: Records<T>) -> Vec<T> {
    let (good, spoilt) = records.sorted();
    spoilt.into_iter().map(LeftOut::from).for_each(|left_out| said(&left_out));
    good
}

fn said(LeftOut { order, reason }: &LeftOut) {
    assert!(order.len() + reason.len() <= 2 * LONGEST_ERROR, "{order} {reason}");
    assert!(!reason.contains(PERSON), "a person stands in {reason:?}");
}

/// What a reading of orders tells.
fn told(orders: Orders) -> Vec<Told> {
    orders.left_out.iter().for_each(said);
    orders.told
}

fn push(channel: &ChannelName, body: &[u8]) -> Result<Vec<Told>, Unreadable> {
    Ok(match edin_channels::read(channel, &text(body)?, NOW)? {
        Reading::Orders(told, left_out) => {
            left_out.iter().for_each(said);
            vec![told]
        }
        Reading::Changed(_) | Reading::Returned(_) | Reading::Nothing(_) | Reading::Unknown(_) => Vec::new(),
    })
}

fn yandex_market_orders(body: &[u8]) -> Result<Vec<Told>, Unreadable> {
    let mut orders = Orders::default();
    for order in good(read::<yandex_market::wire::Orders>(body)?.orders) {
        let _ = (yandex_market::map::is_ours(&order), yandex_market::map::may_come_back(&order));
        orders.add(&order.order_id.0, yandex_market::map::order(&order, None, NOW));
    }
    Ok(told(orders))
}

fn woocommerce_orders(body: &[u8]) -> Result<Vec<Told>, Unreadable> {
    let mut orders = Orders::default();
    for order in good(read::<woocommerce::wire::Orders>(body)?.orders) {
        let _ = woocommerce::map::is_order(&order);
        orders.add(&order.id.0, woocommerce::map::order(&order, None, NOW));
    }
    Ok(told(orders))
}

fn postings(postings: Vec<ozon::wire::Posting>) -> Vec<Told> {
    let mut orders = Orders::default();
    for posting in postings {
        let _ = (ozon::map::lacks_products(&posting), ozon::map::lacks_phone(&posting));
        let _ = ozon::map::completed(posting.clone(), posting.clone());
        orders.add(&posting.posting_number, ozon::map::posting(&posting, NOW));
    }
    told(orders)
}

fn wildberries_orders(body: &[u8]) -> Result<Vec<Told>, Unreadable> {
    let orders = good(read::<wildberries::wire::Orders>(body)?.orders);
    let (read, refused): (Vec<_>, Vec<_>) = orders.iter().map(wildberries::map::order).partition(Result::is_ok);
    refused.into_iter().filter_map(Result::err).for_each(|error| short("wildberries orders", &error));
    Ok(read.into_iter().flatten().map(|(id, state)| Told::of(id, state)).collect())
}

fn kaspi_orders(body: &[u8]) -> Result<Vec<Told>, Unreadable> {
    let page: kaspi::wire::Orders = read(body)?;
    let entries = good(page.included);
    let mut orders = Orders::default();
    for order in &good(page.data) {
        let _ = kaspi::map::acceptance(order);
        let basket = Basket { entries: entries.clone(), left_out: Vec::new() };
        orders.add(&order.attributes.code.0, kaspi::map::order(order, basket, NOW));
    }
    Ok(told(orders))
}
