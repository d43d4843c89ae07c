//! Ozon's pushes through the HTTP API.

use acceptance::{OZON, PEN, WB};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edin_channels::address::{self, Purpose};
use edin_channels::ozon;
use edin_domain::ConnectionId;
use serde_json::{Value, json};
use webhook::Receiver;

use super::calls::{answered, call, post, request};
use super::orders::posting;
use super::stage::{Stage, queue_out_of_reach};

const TAKEN: &str = r#"{"result":true}"#;
/// The largest body that is taken.
const LARGEST: usize = 100 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_is_kept_as_it_came_with_cookies_and_without() -> anyhow::Result<()> {
    let (stage, receiver, path) = open().await?;
    let push = posting("1-1", PEN, 2);
    let plain = post(&path, &push);
    let mut with_cookies = plain.clone();
    with_cookies["cookies"] = json!(["a=1", "b=2"]);
    let mut without_headers = plain.clone();
    without_headers["headers"] = json!({});
    for call in [plain, with_cookies, without_headers] {
        assert_eq!(received(&receiver, &call).await?, (200, TAKEN.to_owned()));
        assert_eq!(kept(&stage).await?, [push.as_str()]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_in_base64_is_kept_as_the_text_that_it_is() -> anyhow::Result<()> {
    let (stage, receiver, path) = open().await?;
    let push = posting("1-1 «чай»", PEN, 2);
    let mut call = post(&path, &STANDARD.encode(&push));
    call["isBase64Encoded"] = json!(true);
    assert_eq!(received(&receiver, &call).await?, (200, TAKEN.to_owned()));
    assert_eq!(kept(&stage).await?, [push]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_from_elsewhere_or_from_nowhere_is_not_ozon_whatever_the_headers_say() -> anyhow::Result<()> {
    let (stage, receiver, path) = open().await?;
    let push = post(&path, &posting("1-1", PEN, 2));
    let mut from_nowhere = push.clone();
    from_nowhere["requestContext"]["http"].as_object_mut().unwrap().remove("sourceIp");
    let mut from_elsewhere = push.clone();
    from_elsewhere["requestContext"]["http"]["sourceIp"] = json!("203.0.113.7");
    let mut from_no_address = push;
    from_no_address["requestContext"]["http"]["sourceIp"] = json!("unknown");
    for call in [from_nowhere, from_elsewhere, from_no_address] {
        assert_eq!(call["headers"]["x-forwarded-for"], "195.34.21.7", "which is Ozon's");
        assert_eq!(received(&receiver, &call).await?, (403, String::new()));
    }
    assert_eq!(kept(&stage).await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_taken_up_to_its_limit_and_no_further() -> anyhow::Result<()> {
    let (stage, receiver, path) = open().await?;
    let push = |length: usize| {
        let head = r#"{"message_type":"TYPE_OF_TOMORROW","note":""#;
        format!("{head}{}\"}}", "x".repeat(length - head.len() - 2))
    };
    assert_eq!(received(&receiver, &post(&path, &push(LARGEST))).await?.0, 200);
    assert_eq!(kept(&stage).await?, [push(LARGEST)]);
    assert_eq!(received(&receiver, &post(&path, &push(LARGEST + 1))).await?, (413, String::new()));
    assert_eq!(kept(&stage).await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_hook_is_not_there() -> anyhow::Result<()> {
    let (stage, receiver, path) = open().await?;
    let elsewhere = ["/", "/hooks", "/hooks/ozon-main", "/feeds/ozon-main.xml"];
    let beside =
        [path.replace("/hooks/", "/hook/"), format!("{path}/more"), path.replace(OZON, WB), format!("{path}0")];
    for path in elsewhere.into_iter().chain(beside.iter().map(String::as_str)) {
        assert_eq!(received(&receiver, &post(path, &posting("1-1", PEN, 2))).await?, (404, String::new()), "{path}");
    }
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(received(&receiver, &call(method, &path)).await?.0, 404, "{method}");
    }
    assert_eq!(kept(&stage).await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_push_is_refused_in_ozons_words() -> anyhow::Result<()> {
    let (stage, receiver, path) = open().await?;
    let mut no_text = post(&path, "/wD+");
    no_text["isBase64Encoded"] = json!(true);
    for call in [call("POST", &path), post(&path, "not JSON"), no_text] {
        let (status, body) = received(&receiver, &call).await?;
        let body: Value = serde_json::from_str(&body)?;
        assert_eq!((status, &body["error"]["code"]), (400, &json!("ERROR_PARAMETER_VALUE_MISSED")));
    }
    assert_eq!(kept(&stage).await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_can_not_be_kept_is_answered_so_that_ozon_sends_it_again() -> anyhow::Result<()> {
    let (_stage, receiver, path) = open().await?;
    let receiver = Receiver { inbox: queue_out_of_reach("inbox"), ..receiver };
    let (status, body) = received(&receiver, &post(&path, &posting("1-1", PEN, 2))).await?;
    let body: Value = serde_json::from_str(&body)?;
    assert_eq!((status, &body["error"]["code"]), (500, &json!("ERROR_UNKNOWN")));
    Ok(())
}

/// The function, and the path of Ozon's hook.
async fn open() -> anyhow::Result<(Stage, Receiver, String)> {
    let stage = Stage::open().await?;
    let token =
        address::token(&stage.functions().key().await?, Purpose::Hook(&ozon::FACTS.name), &ConnectionId::new(OZON)?);
    let receiver = stage.functions().webhook().await?;
    Ok((stage, receiver, format!("/hooks/{OZON}/{token}")))
}

async fn received(receiver: &Receiver, call: &Value) -> anyhow::Result<(u16, String)> {
    Ok(answered(&receiver.handle(request(call)?).await))
}

/// The pushes in the inbox queue; takes them off.
async fn kept(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let messages = stage.drain("inbox").await?;
    let push = |body: &str| Ok(serde_json::from_str::<Value>(body)?["content"]["push"].as_str().map(str::to_owned));
    let pushes: Vec<Option<String>> = messages
        .iter()
        .map(|message| push(message.body.as_deref().unwrap_or_default()))
        .collect::<anyhow::Result<_>>()?;
    Ok(pushes.into_iter().flatten().collect())
}
