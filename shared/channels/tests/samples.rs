//! Every channel's samples through that channel's own reader: what each comes to, and that nothing of it is dropped in silence.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use edin_channels::facts::Facts;
use edin_channels::read::Reading;
use edin_channels::told::{LeftOut, Told};
use edin_channels::tolerant::{Record, Records, Unreadable, read};
use edin_channels::{kaspi, ozon, wildberries, woocommerce, yandex_market};
use edin_domain::order::{LineState, OrderState};
use edin_domain::{Article, ChannelName, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// When all of them are read.
fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T10:00:00Z").unwrap()
}

/// How a sample is read: a line for each kind, and none is left to chance.
fn comes_to(channel: &str, file: &str, text: &str) -> String {
    match (channel, file) {
        ("ozon", push) if push.starts_with("push-") => pushed(&ozon::NAME, text),
        ("ozon", "postings.json") => all::<_, ozon::wire::Postings>(
            text,
            |page| page.postings,
            |posting| told(ozon::map::posting(&posting, now())),
        ),
        ("ozon", "posting-rfbs.json") => {
            let answer: Value = serde_json::from_str(text).unwrap();
            let posting = read(answer["result"].to_string().as_bytes()).unwrap();
            told(ozon::map::posting(&posting, now()))
        }
        ("ozon", "returns.json") => {
            let page: ozon::wire::Returns = whole(text);
            let read = ozon::returns::returns(&good(page.returns));
            assert_eq!(read.left_out, []);
            read.told.iter().map(orders).collect::<Vec<_>>().join("\n")
        }
        ("ozon", "stocks-written.json") => {
            let answer: Value = serde_json::from_str(text).unwrap();
            let results: Records<ozon::wire::StockResult> = whole(&answer["result"].to_string());
            let each = good(results).into_iter().map(|row| {
                let errors: Vec<_> = good(row.errors).into_iter().map(|error| error.code.0).collect();
                format!("{}: {} {}", row.offer_id.0, if row.updated { "taken" } else { "not taken" }, errors.join(", "))
            });
            each.collect::<Vec<_>>().join("\n")
        }
        ("ozon", "warehouse-stocks.json") => all::<_, ozon::wire::WarehouseStocks>(
            text,
            |page| page.stocks,
            |row| format!("{}: {}", row.offer_id.0, row.free_stock),
        ),
        ("ozon", "roles.json") => {
            let roles: ozon::wire::Roles = whole(text);
            let missing = ozon::map::missing(roles.clone(), ["/v4/posting/fbs/list", "/v2/products/stocks"]);
            format!("until {}; {}", roles.expires_at.0.unwrap(), missing.join("; "))
        }
        ("wildberries", "orders-new.json" | "orders.json") => all::<_, wildberries::wire::Orders>(
            text,
            |page| page.orders,
            |order| told(wildberries::map::order(&order).map(|(id, state)| (Told::of(id, state), Vec::new()))),
        ),
        ("wildberries", "orders-status.json") => all::<_, wildberries::wire::Statuses>(
            text,
            |page| page.orders,
            |status| {
                let standing = wildberries::status::standing(&status);
                assert_eq!(standing.doubt, None);
                format!("{}: {:?}", status.id.0, standing.reached)
            },
        ),
        ("wildberries", "stocks.json") => all::<_, wildberries::wire::Stocks>(
            text,
            |page| page.stocks,
            |row| format!("{}: {}", row.chrt_id.0, row.amount),
        ),
        ("wildberries", "stocks-conflict.json") => {
            let conflicts: Records<wildberries::wire::Conflict> = whole(text);
            let each = good(conflicts).into_iter().map(|conflict| {
                let rows: Vec<_> = conflict.data.into_iter().flatten().map(|row| row.chrt_id.0).collect();
                format!("{}: {}", conflict.code, rows.join(", "))
            });
            each.collect::<Vec<_>>().join("\n")
        }
        ("wildberries", "cards.json") => all::<_, wildberries::wire::Cards>(
            text,
            |page| page.cards,
            |card| {
                let sizes =
                    good(card.sizes).into_iter().map(|size| format!("{} ({})", size.chrt_id.0, size.skus.join(", ")));
                format!("{}: {}", card.vendor_code, sizes.collect::<Vec<_>>().join(", "))
            },
        ),
        ("wildberries", "too-many-requests.json") => {
            let problem: wildberries::wire::Problem = whole(text);
            format!("{}: {}", problem.title, problem.detail)
        }
        ("kaspi", "orders.json") => {
            let page: kaspi::wire::Orders = whole(text);
            let basket = kaspi::map::Basket { entries: good(page.included), left_out: Vec::new() };
            let [order] = &good(page.data)[..] else { panic!("the entries are of one order") };
            told(kaspi::map::order(order, basket, now()))
        }
        ("kaspi", "order-entries.json") => all::<_, kaspi::wire::Entries>(
            text,
            |page| page.data,
            |entry| format!("{} × {}", entry.attributes.offer.code, entry.attributes.quantity.0),
        ),
        ("kaspi", "refusal.json") => all::<_, kaspi::wire::Errors>(text, |page| page.errors, |problem| problem.title),
        ("yandex_market", hint) if hint.starts_with("notification-") => pushed(&yandex_market::NAME, text),
        ("yandex_market", "orders.json") => all::<_, yandex_market::wire::Orders>(
            text,
            |page| page.orders,
            |order| told(yandex_market::map::order(&order, None, now())),
        ),
        ("yandex_market", "returns.json") => {
            let page: yandex_market::wire::Answer<yandex_market::wire::Returns> = whole(text);
            let read = yandex_market::returns::returns(&good(page.result.returns));
            assert_eq!(read.left_out, []);
            read.told.iter().map(orders).collect::<Vec<_>>().join("\n")
        }
        ("yandex_market", "stocks.json") => all::<_, yandex_market::wire::Answer<yandex_market::wire::Shelves>>(
            text,
            |answer| answer.result.warehouses,
            |warehouse| {
                let offers: Vec<_> = good(warehouse.offers)
                    .into_iter()
                    .map(|offer| {
                        let stocks = good(offer.stocks).into_iter();
                        let stocks: Vec<_> = stocks.map(|stock| format!("{} {}", stock.kind, stock.count)).collect();
                        format!("{} ({})", offer.offer_id.0, stocks.join(", "))
                    })
                    .collect();
                format!("{}: {}", warehouse.warehouse_id.0, offers.join(", "))
            },
        ),
        ("yandex_market", "stocks-refused.json") => all::<_, yandex_market::wire::Verdict>(
            text,
            |verdict| verdict.errors,
            |problem| format!("{}: {}", problem.code, problem.message),
        ),
        ("yandex_market", "token.json") => {
            let answer: yandex_market::wire::Answer<yandex_market::wire::Token> = whole(text);
            answer.result.api_key.auth_scopes.join(", ")
        }
        // How a webhook is proved genuine, and what is kept of it, is tested beside the code that does so.
        ("woocommerce", webhook) if webhook.starts_with("webhook-") => {
            let call: Value = serde_json::from_str(text).unwrap();
            call["headers"]["X-WC-Webhook-Topic"].as_str().unwrap_or("a trial of the address").to_owned()
        }
        ("woocommerce", orders) if orders.starts_with("order") => all::<_, woocommerce::wire::Orders>(
            text,
            |page| page.orders,
            |order| told(woocommerce::map::order(&order, None, now())),
        ),
        ("woocommerce", "products.json") => all::<_, woocommerce::wire::Products>(
            text,
            |page| page.products,
            |product| format!("{}: {} {}", product.id.0, product.stock_quantity.0, product.stock_status),
        ),
        ("woocommerce", "batch-one-bad.json" | "variations-batch.json") => all::<_, woocommerce::wire::Written>(
            text,
            |written| written.update,
            |row| {
                let wrong = row.error.map(|problem| format!(" {}", problem.code)).unwrap_or_default();
                format!("{}: {}{wrong}", row.id.0, row.stock_quantity.0)
            },
        ),
        ("woocommerce", "webhooks.json") => all::<_, woocommerce::wire::Webhooks>(
            text,
            |page| page.webhooks,
            |webhook| format!("{}: {} {} at {}", webhook.id.0, webhook.topic, webhook.status, webhook.delivery_url),
        ),
        ("woocommerce", "refusal.json") => {
            let problem: woocommerce::wire::Problem = whole(text);
            format!("{}: {}", problem.code, problem.message)
        }
        _ => panic!("nothing says how {channel}/samples/{file} is read: add a line to this test"),
    }
}

fn pushed(channel: &ChannelName, text: &str) -> String {
    match edin_channels::read(channel, text, now()).unwrap() {
        Reading::Orders(read, left_out) => told(Ok((read, left_out))),
        Reading::Changed(orders) | Reading::Returned(orders) => format!("to be asked for: {orders:?}"),
        Reading::Nothing(what) => format!("nothing to act on: {what}"),
        Reading::Unknown(kind) => panic!("{kind} is not documented"),
    }
}

/// A page whose records are read one by one; a sample has some.
fn all<T: Record + Debug, P: DeserializeOwned>(
    text: &str,
    records: impl FnOnce(P) -> Records<T>,
    each: impl Fn(T) -> String,
) -> String {
    let records = good(records(whole(text)));
    assert!(!records.is_empty(), "there is nothing in it");
    records.into_iter().map(each).collect::<Vec<_>>().join("\n")
}

fn whole<T: DeserializeOwned>(text: &str) -> T {
    read(text.as_bytes()).unwrap()
}

/// Its records, every one.
fn good<T: Debug>(records: Records<T>) -> Vec<T> {
    let (good, spoilt) = records.sorted();
    assert_eq!(spoilt, []);
    good
}

fn told(read: Result<(Told, Vec<LeftOut>), Unreadable>) -> String {
    let (told, left_out) = read.unwrap();
    assert_eq!(left_out, []);
    let buyer = told.contact.as_ref().map_or("", |_| "; of a buyer");
    orders(&told) + buyer
}

fn orders(told: &Told) -> String {
    let each = told.orders.iter().map(|(id, state)| format!("{id}{}", order(state)));
    each.collect::<Vec<_>>().join("; ")
}

fn order(state: &OrderState) -> String {
    let at = state.warehouse.as_ref().map(|warehouse| format!(" at {warehouse}")).unwrap_or_default();
    let lines: String = state.lines.values().map(line).collect();
    let reached: Vec<_> = state.milestones.keys().map(|milestone| format!("{milestone:?}")).collect();
    let total = state.total.map(|total| format!(", {total}")).unwrap_or_default();
    format!("{at}:{lines} {}{total}", reached.join(" "))
}

fn line(line: &LineState) -> String {
    let names: Vec<_> = line.articles.iter().map(Article::as_str).collect();
    let counts = [
        ("ordered", line.ordered),
        ("cancelled", line.cancelled),
        ("shipped", line.shipped),
        ("returned", line.returned),
    ];
    let kept = line.kept.map(|kept| ("kept", kept));
    let counts = counts.into_iter().filter(|(_, units)| *units > 0).chain(kept);
    let counts: String = counts.map(|(name, units)| format!(" {name} {units}")).collect();
    format!(" {}{counts};", names.join(" | "))
}

fn folder(channel: &Facts) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "src", channel.name.as_str(), "samples"].iter().collect()
}

/// A channel's samples, by the names of their files.
fn samples(channel: &Facts) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder(channel)).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending != "md"));
    files
        .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&file).unwrap()))
        .collect()
}

#[test]
fn every_sample_is_read_whole_by_its_channel() {
    let read = edin_channels::all().flat_map(|channel| {
        let samples = samples(channel).into_iter();
        samples.map(move |(file, text)| {
            let lines = comes_to(channel.name.as_str(), &file, &text);
            let lines: Vec<_> = lines.lines().map(str::trim_end).collect();
            format!("{}/{file}\n{}", channel.name, lines.join("\n"))
        })
    });
    let read = read.collect::<Vec<_>>().join("\n\n");
    insta::assert_snapshot!(read, @r#"
    ozon/posting-rfbs.json
    1-0003-1 at 22142605386000: SKU-1 | sku:147451939 ordered 2 kept 2; Placed, 3060.00 KZT; of a buyer

    ozon/postings.json
    1-0001-1 at 22142605386000: SKU-1 | sku:147451939 ordered 3 kept 3; Placed, 4591.50 RUB
    1-0002-1 at 22142605386000: SKU-2 | sku:147451940 ordered 1 kept 1; Placed Shipped Cancelled, 1200.00 RUB

    ozon/push-new-message.json
    nothing to act on: a chat

    ozon/push-new-posting.json
    1-0001-1 at 22142605386000: SKU-1 | sku:147451939 ordered 3; Placed

    ozon/push-ping.json
    nothing to act on: a connection check

    ozon/push-posting-cancelled.json
    1-0001-1 at 22142605386000: sku:147451939 ordered 3; Cancelled

    ozon/push-state-changed.json
    1-0001-1: Shipped Delivered

    ozon/push-stocks-changed.json
    nothing to act on: the stock that Ozon shows, which follows what it was told

    ozon/returns.json
    1-0001-1: SKU-1 | sku:147451939 returned 2;

    ozon/roles.json
    until 2026-12-18T09:54:23.296Z; no role of the API key allows /v2/products/stocks: add one in Ozon's cabinet, API keys

    ozon/stocks-written.json
    SKU-1: taken
    SKU-2: not taken TOO_MANY_REQUESTS
    SKU-3: not taken NOT_FOUND_ERROR

    ozon/warehouse-stocks.json
    SKU-1: 3

    wildberries/cards.json
    TEE-BLK: 7001 (2040000000011), 7002 (2040000000028, 2040000000035)

    wildberries/orders-new.json
    501 at 31: 2040000000011 | TEE-BLK-M | chrt:7001 ordered 1; Placed, 6450.00 KZT

    wildberries/orders-status.json
    501: []
    502: [Shipped]
    503: [Cancelled]

    wildberries/orders.json
    502 at 31: 2040000000028 | 2040000000035 | TEE-BLK-L | chrt:7002 ordered 1; Placed SoldAtZero, 6450.00 KZT

    wildberries/stocks-conflict.json
    DeliveryTypeRestriction: 7001
    CargoWarehouseRestrictionMGT: 7002

    wildberries/stocks.json
    7001: 7
    7002: 0

    wildberries/too-many-requests.json
    too many requests: limited by a group

    kaspi/order-entries.json
    SKU1 × 3

    kaspi/orders.json
    100200300 at 30000001_PP1: SKU1 ordered 1 kept 1; Placed Paid Accepted, 15990.00 KZT; of a buyer

    kaspi/refusal.json
    Required filter [orders][creationDate][$ge] is empty.

    yandex_market/notification-chat-message-sent.json
    nothing to act on: a chat

    yandex_market/notification-order-created.json
    to be asked for: [OrderId("9007199254740993")]

    yandex_market/notification-order-return-status-updated.json
    to be asked for: [OrderId("503")]

    yandex_market/notification-order-status-updated.json
    to be asked for: [OrderId("502")]

    yandex_market/notification-ping.json
    nothing to act on: a connection check

    yandex_market/orders.json
    501: TEA-1 ordered 3 kept 2; TEA-2 ordered 1 kept 1; Placed, 1589.50 RUB
    502: TEA-1 ordered 2 shipped 2 kept 2; Placed Shipped Delivered, 1000.00 RUB
    503: TEA-2 ordered 1; Placed Cancelled

    yandex_market/returns.json
    502: TEA-1 returned 1;

    yandex_market/stocks-refused.json
    BAD_REQUEST: TEA: there is no such offer in the shop's catalogue

    yandex_market/stocks.json
    50001: TEA-1 (FIT 7, AVAILABLE 5, FREEZE 2), TEA-2 ()
    172: TEA-2 (AVAILABLE 1)

    yandex_market/token.json
    INVENTORY_AND_ORDER_PROCESSING, OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY

    woocommerce/batch-one-bad.json
    28: 7
    999999:  woocommerce_rest_product_invalid_id

    woocommerce/order-cancelled.json
    31: EDN-23944 | id:28 ordered 2 kept 0; V-23945 | id:30 ordered 1 kept 0; Placed Paid, 3481.00 RUB; of a buyer

    woocommerce/order-part-put-back.json
    31: EDN-23944 | id:28 ordered 2 kept 1; V-23945 | id:30 ordered 1 kept 1; Placed Paid, 3481.00 RUB; of a buyer

    woocommerce/order-trashed.json
    31: EDN-23944 | id:28 ordered 2 kept 0; V-23945 | id:30 ordered 1 kept 0; Placed Paid, 3481.00 RUB; of a buyer

    woocommerce/orders.json
    24: M1795823042 | id:23 ordered 2 kept 2; Placed, 1000.00 RUB; of a buyer
    26: T1795823044 | id:25 ordered 1 kept 1; Placed Paid, 100.00 RUB

    woocommerce/products.json
    28: 9 instock

    woocommerce/refusal.json
    woocommerce_rest_cannot_view: Sorry, you cannot list resources.

    woocommerce/variations-batch.json
    30: 9

    woocommerce/webhook-order-created.json
    order.created

    woocommerce/webhook-order-deleted.json
    order.deleted

    woocommerce/webhook-order-updated.json
    order.updated

    woocommerce/webhook-ping.json
    a trial of the address

    woocommerce/webhooks.json
    7: order.created active at http://127.0.0.1:8391/
    "#);
}

#[test]
fn every_sample_says_what_it_is_of_whom_it_is_and_of_what_date() {
    for channel in edin_channels::all() {
        let index = fs::read_to_string(folder(channel).join("README.md")).unwrap();
        let rows = index.lines().filter_map(|line| line.strip_prefix("| [")?.strip_suffix(" |"));
        let mut files = Vec::new();
        for row in rows {
            let [file, what, source, date] = row.split(" | ").collect::<Vec<_>>()[..] else { panic!("{row}") };
            let (file, link) = file.split_once("](").unwrap();
            assert_eq!(link, format!("{file})"));
            assert!(!what.is_empty() && source.contains('.') && source.contains('/'), "{row}");
            assert!(date.len() >= "2026-11".len() && date.chars().all(|c| c.is_ascii_digit() || c == '-'), "{row}");
            files.push(file.to_owned());
        }
        files.sort();
        assert_eq!(files, samples(channel).into_keys().collect::<Vec<_>>(), "{}", channel.name);
    }
}
