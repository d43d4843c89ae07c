//! What channels answer to our calls.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edin_channels::client::line::{Carrier, Lines};
use edin_channels::client::{ChannelError, Client, Outcome, Period, StockRow};
use edin_channels::facts::Facts;
use edin_channels::told::{Cursor, Page};
use edin_channels::{kaspi, ozon, wildberries, woocommerce, yandex_market};
use edin_domain::{Article, OrderId, Timestamp, WarehouseId};
use hostile::input;
use hostile::samples::{self, PERSON};
use hostile::wires::{LONGEST_ERROR, NOW};
use proptest::prelude::*;
use proptest::sample::select;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::channel::{BASE, KEY, OpenGate, Scripted, client, open};

/// One reading may take so many calls at most, whatever is answered.
const MOST_CALLS: usize = 20_000;

fn answers_of(channel: &'static Facts) -> Vec<&'static str> {
    match channel.name.as_str() {
        "ozon" => samples::OZON_ANSWERS.to_vec(),
        "wildberries" => samples::WILDBERRIES_ANSWERS.to_vec(),
        "kaspi" => samples::KASPI_ANSWERS.to_vec(),
        "yandex_market" => samples::YANDEX_MARKET_ANSWERS.to_vec(),
        "woocommerce" => samples::WOOCOMMERCE_ANSWERS.to_vec(),
        other => panic!("there are no answers of {other}"),
    }
}

fn answer(channel: &'static Facts) -> impl Strategy<Value = (u16, HeaderMap, Vec<u8>)> {
    let status = prop_oneof![6 => Just(200_u16), 4 => select(vec![204, 400, 401, 404, 406, 409, 420, 423, 429, 500]), 1 => 100_u16..1_000];
    let seconds = select(vec!["1", "0", "-1", "", "soon", "18446744073709551615", "99999999999999999999999", "1e9"]);
    (status, prop::option::of(seconds), input::broken(answers_of(channel))).prop_map(|(status, seconds, body)| {
        let pause = seconds.map(HeaderValue::from_static);
        let names = ["retry-after", "x-ratelimit-retry", "x-ratelimit-resource-until"].map(HeaderName::from_static);
        let headers = names.into_iter().filter_map(|name| Some((name, pause.clone()?))).collect();
        (status, headers, body)
    })
}

fn rows() -> Vec<StockRow> {
    let row =
        |name: &str, id: &str| StockRow { ids: [(name.to_owned(), Article::new(id).unwrap())].into(), quantity: 5 };
    vec![
        row("offer_id", "TEA"),
        row("product_id", "2"),
        row("chrt_id", "7001"),
        row("chrt_id", "7002"),
        row("sku", "TEA"),
        row("id", "28"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_ozon_answers_is_read_or_refused(answers in prop::collection::vec(answer(&ozon::FACTS), 1..5)) {
        block_on(use_all(&ozon::FACTS, answers));
    }

    #[test]
    fn whatever_wildberries_answers_is_read_or_refused(answers in prop::collection::vec(answer(&wildberries::FACTS), 1..5)) {
        block_on(use_all(&wildberries::FACTS, answers));
    }

    #[test]
    fn whatever_kaspi_answers_is_read_or_refused(answers in prop::collection::vec(answer(&kaspi::FACTS), 1..5)) {
        block_on(use_all(&kaspi::FACTS, answers));
    }

    #[test]
    fn whatever_yandex_market_answers_is_read_or_refused(answers in prop::collection::vec(answer(&yandex_market::FACTS), 1..5)) {
        block_on(use_all(&yandex_market::FACTS, answers));
    }

    #[test]
    fn whatever_woocommerce_answers_is_read_or_refused(answers in prop::collection::vec(answer(&woocommerce::FACTS), 1..5)) {
        block_on(use_all(&woocommerce::FACTS, answers));
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(future)
}

/// Reads some pages, as far as there are any.
async fn to_the_end(read: impl AsyncFn(Option<&Cursor>) -> Result<Page, ChannelError>) {
    let mut next = None;
    for _ in 0..50 {
        next = checked(read(next.as_ref()).await).and_then(|page| page.next);
        if next.is_none() {
            return;
        }
    }
}

/// Makes every call once.
async fn use_all(channel: &'static Facts, answers: Vec<(u16, HeaderMap, Vec<u8>)>) {
    let (script, gate) = (Scripted::answering(answers), Arc::new(OpenGate::default()));
    let carrier: Arc<dyn Carrier> = script.clone();
    let client = client(channel, BASE, KEY, gate.clone(), &Lines::over(carrier));
    let warehouse = WarehouseId::new("31").unwrap();
    let last_hour = Period { since: NOW.minus(Duration::from_hours(1)), until: NOW };
    if let Some(orders) = client.orders() {
        checked(orders.newest(NOW).await);
        to_the_end(async |from| orders.changed(last_hour, NOW, from).await).await;
        if let Some(hinted) = orders.hinted() {
            checked(hinted.hinted(&[OrderId::new("501").unwrap()], NOW).await);
        }
        if let Some(returns) = orders.returns() {
            to_the_end(async |from| returns.returned(last_hour, NOW, from).await).await;
        }
    }
    if let Some(stock) = client.stock()
        && let Some(outcomes) = checked(stock.write(&warehouse, &rows()).await)
    {
        assert_eq!(outcomes.len(), rows().len());
    }
    if let Some(shelf) = client.shelf() {
        checked(shelf.seen(&warehouse, &rows()).await);
    }
    if let Some(acceptance) = client.acceptance() {
        checked(acceptance.accept(&OrderId::new("123").unwrap()).await);
    }
    checked(client.credential(NOW).await);
    assert!(script.calls() <= 7 * MOST_CALLS, "{} calls", script.calls());
    for request in script.requests.lock().unwrap().iter() {
        stays_at_home(channel, request);
    }
    let longest = gate.shut.lock().unwrap().iter().max().copied();
    assert!(longest.unwrap_or_default() <= Duration::from_hours(1), "it is shut for {longest:?}");
}

/// An error is short, and shows neither the key nor a person.
fn checked<T>(done: Result<T, ChannelError>) -> Option<T> {
    let error = match done {
        Ok(value) => return Some(value),
        Err(error) => error.to_string(),
    };
    // An answer's own words are cut at 300 characters, of up to four bytes.
    assert!(error.len() <= LONGEST_ERROR + 1_200, "{} bytes: {error}", error.len());
    assert!(!error.contains(KEY), "{error}");
    None
}

/// No answer leads a call to another host or another path, and the key is in its header alone.
fn stays_at_home(channel: &'static Facts, request: &reqwest::Request) {
    let url = request.url();
    let path = url.path().strip_prefix("/base").unwrap_or_else(|| panic!("{url} is elsewhere"));
    assert_eq!(url.host_str(), Some("channel.example"));
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let is_known = match channel.name.as_str() {
        "ozon" => matches!(parts[0], "v1" | "v2" | "v3" | "v4"),
        "wildberries" => parts.starts_with(&["api", "v3"]),
        "kaspi" => matches!(
            parts.as_slice(),
            ["v2", "orders"]
                | ["v2", "orders", _, "entries"]
                | ["v2", "orderentries", _, "product"]
                | ["v2", "masterproducts", _, "merchantProduct"]
        ),
        "yandex_market" => {
            path == "/v1/businesses/30000001/orders"
                || path == "/v2/auth/token"
                || parts.starts_with(&["v2", "campaigns", "40000001"])
        }
        "woocommerce" => {
            let parts = parts.strip_prefix(&["wp-json", "wc", "v3"]).unwrap_or_default();
            matches!(
                parts,
                ["orders" | "products" | "webhooks"]
                    | ["orders", "501"]
                    | ["products", "batch"]
                    | ["products", _, "variations"]
                    | ["products", _, "variations", "batch"]
            ) || matches!(parts, ["webhooks", id] if id.parse::<u64>().is_ok())
        }
        _ => false,
    };
    assert!(is_known, "{url}");
    assert!(!url.as_str().contains(KEY), "{url}");
    let with_key = request.headers().iter().filter(|(_, value)| value.to_str().is_ok_and(shows_the_key));
    let names: Vec<&str> = with_key.map(|(name, _)| name.as_str()).collect();
    let expected = match channel.name.as_str() {
        "ozon" => "api-key",
        "wildberries" => "authorization",
        "kaspi" => "x-auth-token",
        "yandex_market" => "api-key",
        "woocommerce" => "authorization",
        other => panic!("where {other} has its key is not known"),
    };
    assert_eq!(names, [expected]);
}

/// As it is, or as the password of a Basic authorization.
fn shows_the_key(text: &str) -> bool {
    let basic = text.strip_prefix("Basic ").and_then(|encoded| STANDARD.decode(encoded).ok());
    text.contains(KEY) || basic.is_some_and(|decoded| String::from_utf8_lossy(&decoded).contains(KEY))
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let kaspi = r#"{"data":[{"id":"a","attributes":{"code":"1","status":"NEW"}}],"meta":{"pageCount":1000000000}}"#;
    let script = Scripted::answering(vec![(200, HeaderMap::new(), kaspi.into())]);
    let error = open(&kaspi::FACTS, KEY, &script).orders().unwrap().newest(NOW).await.unwrap_err().to_string();
    assert!(error.contains("more than 1000 pages"), "{error}");
    assert!(script.calls() <= MOST_CALLS, "{}", script.calls());
}

#[tokio::test]
async fn an_order_that_would_lead_a_call_elsewhere_is_told_without_its_lines() {
    for id in ["..", ".", "", "../../../admin", "a/b", "%2e%2e", "a?b#c", "\u{202e}"] {
        let order = format!(r#"{{"data":[{{"id":{id:?},"attributes":{{"code":"1","status":"NEW"}}}}]}}"#);
        let order = order.replace("\\u{202e}", "\\u202e");
        let script = Scripted::answering(vec![(200, HeaderMap::new(), order.into_bytes())]);
        let told = open(&kaspi::FACTS, KEY, &script).orders().unwrap().newest(NOW).await;
        if ["..", ".", ""].contains(&id) {
            let told = told.unwrap();
            let orders: Vec<_> = told.told.iter().flat_map(|told| &told.orders).collect();
            assert_eq!(told.left_out.len(), 1, "{id:?}");
            assert!(matches!(orders[..], [(_, state)] if state.lines.is_empty()), "{id:?}: {orders:?}");
        }
        script.requests.lock().unwrap().iter().for_each(|request| stays_at_home(&kaspi::FACTS, request));
    }
}

#[tokio::test]
async fn what_stands_where_a_buyer_should_is_not_quoted() {
    let whole = |channel: &'static Facts| answers_of(channel)[0].to_owned();
    let cut = |text: &str, field: &str| {
        let from = text.find(&format!("\"{field}\":{{")).unwrap() + field.len() + 3;
        let (mut depth, mut to) = (0, from);
        for (at, c) in text[from..].char_indices() {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if depth == 0 {
                to = from + at + 1;
                break;
            }
        }
        format!("{}\"{PERSON}\"{}", &text[..from], &text[to..])
    };
    for (channel, field) in [
        (&ozon::FACTS, "customer"),
        (&ozon::FACTS, "addressee"),
        (&ozon::FACTS, "address"),
        (&kaspi::FACTS, "customer"),
        (&kaspi::FACTS, "deliveryAddress"),
    ] {
        let body = cut(&whole(channel), field);
        let script = Scripted::answering(vec![(200, HeaderMap::new(), body.into_bytes())]);
        let read = open(channel, KEY, &script).orders().unwrap().newest(NOW).await.unwrap();
        assert_eq!(read.told.len(), 1, "an order without its buyer is an order: {field}");
        assert!(!format!("{read:?}").contains(PERSON), "{read:?}");
    }
}

#[tokio::test]
async fn a_key_with_a_line_break_reaches_no_wire() {
    for channel in edin_channels::served() {
        for key in ["key\r\nX-Evil: 1", "key\nX-Evil: 1", "key\0", "ключ"] {
            let script = Scripted::answering(vec![(200, HeaderMap::new(), b"{}".to_vec())]);
            let _ = open(channel, key, &script).orders().unwrap().newest(NOW).await;
            let evil = |request: &reqwest::Request| request.headers().contains_key("x-evil");
            assert!(!script.requests.lock().unwrap().iter().any(evil), "{channel} {key:?}");
        }
    }
}

/// A server that does `work` with whoever calls, and how many called.
async fn serve<F: Future<Output = ()> + Send>(work: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 8_192]).await;
            work(stream).await;
        }
    });
    url
}

fn over_the_network(channel: &'static Facts, base: &str) -> Box<dyn Client> {
    client(channel, base, KEY, Arc::new(OpenGate::default()), &Lines::default())
}

async fn credential(base: &str) -> ChannelError {
    over_the_network(&ozon::FACTS, base).credential(NOW).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_ends_is_broken_off() {
    const CHUNK: usize = 64 * 1024;
    for head in ["transfer-encoding: chunked", "content-length: 99999999999", "connection: close"] {
        let sent = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = sent.clone();
        let base = serve(move |mut stream| {
            let sent = counted.clone();
            async move {
                let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes()).await;
                let spaces = " ".repeat(CHUNK);
                let chunk = if head.contains("chunked") { format!("{CHUNK:x}\r\n{spaces}\r\n") } else { spaces };
                while stream.write_all(chunk.as_bytes()).await.is_ok() {
                    sent.fetch_add(CHUNK, std::sync::atomic::Ordering::Relaxed);
                }
            }
        })
        .await;
        let error = credential(&base).await;
        assert!(
            matches!(error, ChannelError::Unreadable { .. }) && error.to_string().contains("longer than 32 MiB"),
            "{error}"
        );
        // What lies between the two is the machine's: buffers of sockets.
        assert!(sent.load(std::sync::atomic::Ordering::Relaxed) < 64 << 20, "{head}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_whose_answer_never_ends_may_have_been_taken() {
    for channel in [&ozon::FACTS, &wildberries::FACTS] {
        let base = serve(|mut stream| async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
        })
        .await;
        let warehouse = WarehouseId::new("31").unwrap();
        let outcomes = over_the_network(channel, &base).stock().unwrap().write(&warehouse, &rows()).await.unwrap();
        assert!(outcomes.contains(&Outcome::Unknown) && !outcomes.contains(&Outcome::Taken), "{channel}: {outcomes:?}");
    }
}

/// `{"roles":[]}`, packed.
const PACKED: [u8; 32] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x2a, 0xca, 0xcf, 0x49, 0x2d, 0x56, 0xb2,
    0x8a, 0x8e, 0xad, 0x05, 0x00, 0xe2, 0xec, 0x38, 0x37, 0x0c, 0x00, 0x00, 0x00,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_packed_is_not_unpacked() {
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let base = serve(move |mut stream| async move {
            let length = PACKED.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), &PACKED].concat()).await;
        })
        .await;
        let error = credential(&base).await;
        assert!(matches!(error, ChannelError::NoAnswer { .. }), "{encoding}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_off_is_none() {
    for half in [
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"roles\":[]}",
        "\0\0\0\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let base = serve(move |mut stream| async move { _ = stream.write_all(half.as_bytes()).await }).await;
        let error = credential(&base).await;
        assert!(matches!(error, ChannelError::NoAnswer { .. }), "{half:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed() {
    let called = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = called.clone();
    let elsewhere = serve(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        std::future::ready(())
    })
    .await;
    for status in [301, 302, 303, 307, 308] {
        let location = elsewhere.clone();
        let base = serve(move |mut stream| {
            let head = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}/\r\ncontent-length: 0\r\n\r\n");
            async move { _ = stream.write_all(head.as_bytes()).await }
        })
        .await;
        assert!(matches!(credential(&base).await, ChannelError::Refused { .. }), "{status}");
    }
    assert_eq!(called.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[test]
fn a_pause_of_years_is_an_hour() {
    for (seconds, pause) in
        [("7", 7), ("3600", 3_600), ("3601", 3_600), ("18446744073709551615", 3_600), ("-7", 5), ("x", 5)]
    {
        let headers =
            HeaderMap::from_iter([(HeaderName::from_static("retry-after"), HeaderValue::from_static(seconds))]);
        let script = Scripted::answering(vec![(429, headers, Vec::new())]);
        let error = block_on(open(&kaspi::FACTS, KEY, &script).orders().unwrap().newest(NOW)).unwrap_err();
        let expected: Timestamp = NOW.plus(Duration::from_secs(pause));
        assert!(matches!(error, ChannelError::Held { until, .. } if until == expected), "{seconds}: {error}");
    }
}
