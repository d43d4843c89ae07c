//! WooCommerce: what a running shop says of its own routes, and what it answered.

use edin_channels::client::Outcome;
use edin_channels::woocommerce;
use edin_domain::{Account, OrderId, WarehouseId};
use serde_json::{Map, Value, json};
use simulators::now;
use simulators::woocommerce::{Item, Restock, Settings, WooCommerce};

use super::recorder::{Exchange, Recorder};
use super::sample::{Gaps, departures};
use super::{Problem, WAREHOUSE, assert_met, assert_none, changed, client, published, row};

/// WordPress' own parameter of all routes: developer.wordpress.org/rest-api/using-the-rest-api/global-parameters, 2026-11.
const EVERYWHERE: &str = "_fields";
const BASE: &str = "/wp-json/wc/v3";
const KEY: &str = "ck_contract";
const CUP: u64 = 28;
const SHIRT: u64 = 29;
const SIZE_S: u64 = 30;

#[tokio::test]
async fn every_request_to_woocommerce_is_one_that_a_shop_describes_and_every_answer_is_built_like_a_shops()
-> anyhow::Result<()> {
    let Some(shop) = Shop::read() else { return Ok(()) };
    let exchanges = trade().await?;
    assert_met(
        &exchanges,
        &[
            ("GET /wp-json/wc/v3/orders", 200),
            ("GET /wp-json/wc/v3/orders/", 200),
            ("GET /wp-json/wc/v3/orders/", 404),
            ("GET /wp-json/wc/v3/products", 200),
            ("POST /wp-json/wc/v3/products/batch", 200),
            ("POST /wp-json/wc/v3/products/29/variations/batch", 200),
            ("GET /wp-json/wc/v3/webhooks", 200),
            ("GET /wp-json/wc/v3/webhooks", 401),
        ],
    );
    assert_none(exchanges.iter().flat_map(|exchange| shop.problems(exchange)));
    Ok(())
}

/// What was recorded.
struct Shop {
    routes: Map<String, Value>,
    order: Value,
    product: Value,
    variation: Value,
    written: Value,
    webhook: Value,
    refusal: Value,
}

impl Shop {
    fn read() -> Option<Self> {
        let body = |name: &str| {
            let text = published(&format!("woocommerce/{name}.json"))?;
            Some(serde_json::from_str::<Value>(&text).unwrap()["body"].take())
        };
        let Value::Object(routes) = body("routes")?["routes"].take() else { panic!("there are no routes") };
        let variation = body("variations-batch")?["update"][0].take();
        let batch = body("batch-one-bad")?;
        let mut written = batch["update"][0].clone();
        written["error"] = batch["update"][1]["error"].clone();
        Some(Self {
            routes,
            order: body("order-create")?,
            product: body("product-get")?,
            variation,
            written,
            webhook: body("webhook-create")?,
            refusal: body("error-404")?,
        })
    }

    fn problems(&self, exchange: &Exchange) -> Vec<Problem> {
        let mut problems = self.asked_for(exchange);
        let answer: Value = serde_json::from_slice(&exchange.answer).unwrap_or_default();
        let path: Vec<&str> = exchange.path.trim_start_matches(BASE).split('/').skip(1).collect();
        let (sample, answers) = match (exchange.status, path.as_slice()) {
            (400.., _) => (&self.refusal, vec![answer]),
            (_, ["orders"]) => (&self.order, records(answer)),
            (_, ["orders", _]) => (&self.order, vec![answer]),
            (_, ["products"]) => (&self.product, records(answer)),
            (_, ["products", _, "variations"]) => (&self.variation, records(answer)),
            (_, [.., "batch"]) => (&self.written, records(answer["update"].clone())),
            (_, ["webhooks"]) => (&self.webhook, records(answer)),
            _ => return problems,
        };
        for answer in answers {
            // Whether all is there, whoever reads it finds out.
            let sample = pruned(sample, &answer);
            let found = departures(&sample, &answer, &Gaps { beyond: &[], may_lack: &[] }).into_iter();
            problems.extend(found.map(|(at, what)| exchange.problem(&format!("the answer at {at}"), what)));
        }
        problems
    }

    /// The method and the parameters.
    fn asked_for(&self, exchange: &Exchange) -> Vec<Problem> {
        let Some(arguments) = self.arguments(exchange) else {
            return vec![exchange.problem("the call", "the shop describes no such route")];
        };
        let sent: Value = serde_json::from_slice(&exchange.sent).unwrap_or_default();
        let rows = sent["update"].as_array().cloned().unwrap_or_default();
        let fields = rows.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str);
        let told = exchange.query.iter().map(|(name, _)| name.as_str()).chain(fields);
        let unknown = told.filter(|name| !matches!(*name, EVERYWHERE | "id") && !arguments.contains_key(*name));
        let mut problems: Vec<_> =
            unknown.map(|name| exchange.problem("the request", format!("there is no parameter {name}"))).collect();
        for (name, value) in &exchange.query {
            let allowed = arguments.get(name).map(|argument| match &argument["items"]["enum"] {
                Value::Null => &argument["enum"],
                values => values,
            });
            if let Some(Value::Array(values)) = allowed
                && !values.contains(&json!(value))
            {
                problems.push(exchange.problem("the query", format!("{name} is {value}, one of {values:?}")));
            }
        }
        problems
    }

    /// What the shop says that a call may say.
    fn arguments(&self, exchange: &Exchange) -> Option<&Map<String, Value>> {
        let called = exchange.path.strip_prefix("/wp-json")?;
        let mut routes = self.routes.iter().filter(|(route, _)| is_of(route, called));
        let endpoints = routes.next()?.1["endpoints"].as_array()?;
        let method = json!(exchange.method.as_str());
        let has = |endpoint: &&Value| endpoint["methods"].as_array().is_some_and(|all| all.contains(&method));
        endpoints.iter().find(has)?["args"].as_object()
    }
}

/// Whether a path is one of a route, in which a number is written as `(?P<id>[\d]+)`.
fn is_of(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    let is_one = |(part, told): (&&str, &&str)| match part.starts_with("(?P<") {
        true => part.ends_with("[\\d]+)") && told.bytes().all(|byte| byte.is_ascii_digit()),
        false => part == told,
    };
    route.len() == path.len() && route.iter().zip(&path).all(is_one)
}

fn records(answer: Value) -> Vec<Value> {
    let Value::Array(records) = answer else { panic!("{answer} is no list") };
    records
}

/// A sample without what isn't in `actual`.
fn pruned(sample: &Value, actual: &Value) -> Value {
    match (sample, actual) {
        (Value::Object(sample), Value::Object(actual)) => {
            let kept = sample.iter().filter_map(|(key, sample)| Some((key.clone(), pruned(sample, actual.get(key)?))));
            Value::Object(kept.collect())
        }
        (Value::Array(sample), Value::Array(actual)) => {
            let all = actual.iter().filter_map(Value::as_object).flatten();
            let all: Map<_, _> = all.map(|(name, value)| (name.clone(), value.clone())).collect();
            Value::Array(sample.iter().take(1).map(|sample| pruned(sample, &Value::Object(all.clone()))).collect())
        }
        (sample, _) => sample.clone(),
    }
}

/// Orders of every kind, read in every way, and numbers told.
async fn trade() -> anyhow::Result<Vec<Exchange>> {
    let settings = Settings { key: KEY.to_owned(), secret: KEY.to_owned(), ..Settings::default() };
    let shop = WooCommerce::start(settings).await?;
    for (id, parent) in [(CUP, None), (SIZE_S, Some(SHIRT))] {
        shop.add(Item { id, parent, sku: format!("SKU-{id}"), name: "A thing".to_owned(), price: 900 });
    }
    shop.enter(Some(("http://127.0.0.1:9/hooks/other/00".to_owned(), "secret".to_owned())));
    let recorder = Recorder::before(shop.url()).await;
    let account = || Account::of(woocommerce::NAME);
    let trusted = client(account(), KEY, &recorder);
    let size = {
        let mut size = row("id", &SIZE_S.to_string(), 5);
        size.ids.extend(row("parent_id", &SHIRT.to_string(), 5).ids);
        size
    };
    let rows = [row("id", &CUP.to_string(), 9), size, row("id", "999999", 1)];
    let warehouse = WarehouseId::new(WAREHOUSE)?;
    let outcomes = trusted.stock().unwrap().write(&warehouse, &rows).await?;
    assert_eq!(outcomes[..2], [Outcome::Taken, Outcome::Taken]);
    assert!(matches!(&outcomes[2], Outcome::Refused { code, .. } if code == "woocommerce_rest_product_invalid_id"));
    let seen = trusted.shelf().unwrap().seen(&warehouse, &rows).await?;
    assert_eq!(seen.iter().map(|row| row.quantity).collect::<Vec<_>>(), [9, 5]);

    let buy = || shop.buy(&[(CUP, 1), (SIZE_S, 1)]).unwrap().order;
    let (kept, trashed, deleted) = (buy(), buy(), buy());
    assert!(shop.refund(kept.parse()?, CUP, 1, Restock::Yes) && shop.advance(kept.parse()?, "completed"));
    assert!(shop.trash(trashed.parse()?) && shop.delete(deleted.parse()?));
    let orders = trusted.orders().unwrap();
    assert_eq!(orders.newest(now()).await?.told.len(), 1);
    assert_eq!(changed(&*trusted, now().minus(std::time::Duration::from_secs(60)), now()).await.len(), 2);
    let wanted = [kept, trashed, deleted].map(|order| OrderId::new(order).unwrap());
    assert_eq!(orders.hinted().unwrap().hinted(&wanted, now()).await?.told.len(), 3);
    assert_eq!(trusted.credential(now()).await?.problems, Vec::<String>::new());
    assert!(client(account(), "another", &recorder).credential(now()).await.is_err());
    Ok(recorder.exchanges())
}
