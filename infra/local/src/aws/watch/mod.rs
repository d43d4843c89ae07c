//! What tells whoever watches the house how it is: `GET /healthz` and, for Prometheus, `GET /metrics`.
//!
//! The HTTP side is what channels reach, mostly through a proxy on this machine, whose calls come from loopback like those of a
//! person here. So a call that was passed on, or that names another host, is not answered, unless the deployment says from where.

mod askers;
mod figures;
mod vitals;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::prometheus_text;
use serde_json::json;

pub use askers::Askers;
pub(crate) use figures::Figures;
pub(crate) use vitals::{Pulses, Vitals};

/// Answers those who watch.
pub struct Watch {
    pub(crate) askers: Askers,
    pub(crate) vitals: Vitals,
    pub(crate) figures: Arc<Figures>,
}

/// What a call asks for.
pub(crate) enum Asked {
    Health,
    Figures,
    /// To somebody whose business it isn't, there is nothing here.
    Nothing,
    WithAnotherMethod,
}

impl Watch {
    /// What a call asks for, if it is for those who watch.
    pub(crate) fn asked<B>(&self, source: SocketAddr, request: &Request<B>) -> Option<Asked> {
        let asked = match request.uri().path() {
            "/healthz" => Asked::Health,
            "/metrics" => Asked::Figures,
            _ => return None,
        };
        Some(match *request.method() {
            _ if !self.askers.may_ask(source.ip(), request) => Asked::Nothing,
            Method::GET | Method::HEAD => asked,
            _ => Asked::WithAnotherMethod,
        })
    }

    /// The answer.
    pub(crate) async fn answer(&self, asked: Asked) -> Response {
        match asked {
            Asked::Health => self.health().await,
            Asked::Figures => self.all_figures().await,
            Asked::Nothing => StatusCode::NOT_FOUND.into_response(),
            Asked::WithAnotherMethod => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    }

    async fn health(&self) -> Response {
        let wrong = self.vitals.wrong().await;
        let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, [(CACHE_CONTROL, "no-store")], axum::Json(json!({ "ok": wrong.is_empty(), "wrong": wrong })))
            .into_response()
    }

    async fn all_figures(&self) -> Response {
        let text = self.vitals.registry().await.and_then(|now| {
            let mut text = self.figures.text()?;
            prometheus_text::encode(&mut text, &now)?;
            Ok(text)
        });
        match text {
            Ok(text) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
            Err(error) => {
                tracing::warn!(%error, "the figures can not be told");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use axum::body::to_bytes;
    use edin_platform::Metrics;
    use tempfile::TempDir;

    use super::*;
    use crate::aws::engine::Engine;

    struct World {
        _state: TempDir,
        engine: Engine,
        pulses: Pulses,
        watch: Watch,
    }

    impl World {
        async fn new() -> Self {
            let state = tempfile::tempdir().unwrap();
            let engine = Engine::start(state.path()).await.unwrap();
            let pulses = Pulses::default();
            let vitals = Vitals {
                store: engine.store("watch"),
                sqs: engine.sqs_client("watch"),
                sqs_url: engine.sqs_url().to_owned(),
                pulses: pulses.clone(),
                pushes: Arc::new(AtomicU64::new(3)),
            };
            let watch = Watch { askers: Askers::default(), vitals, figures: Arc::new(Figures::new(Metrics::None)) };
            Self { _state: state, engine, pulses, watch }
        }

        /// What is answered to a program of this machine.
        async fn get(&self, path: &str) -> (StatusCode, String) {
            let request = Request::builder().uri(path).body(()).unwrap();
            let asked = self.watch.asked(([127, 0, 0, 1], 4_000).into(), &request).unwrap();
            let (head, body) = self.watch.answer(asked).await.into_parts();
            (head.status, String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap())
        }
    }

    #[tokio::test]
    async fn a_house_is_well_until_something_that_wakes_functions_ends_or_the_tables_are_silent() {
        let world = World::new().await;
        assert_eq!(world.get("/healthz").await, (StatusCode::OK, r#"{"ok":true,"wrong":[]}"#.to_owned()));
        let pulse = world.pulses.of("the queue inbox is not read", None);
        pulse.clone().of(async {}).await;
        let (status, told) = world.get("/healthz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(told.contains(r#""ok":false"#) && told.contains("the queue inbox is not read: it has ended"), "{told}");
        drop(world.engine);
        let request = Request::builder().uri("/healthz").body(()).unwrap();
        let asked = world.watch.asked(([127, 0, 0, 1], 4_000).into(), &request).unwrap();
        let answer = world.watch.answer(asked).await;
        let told = String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
        assert!(told.contains("the tables: "), "{told}");
    }

    #[tokio::test]
    async fn what_waits_and_what_was_given_up_is_told_by_queue() {
        let world = World::new().await;
        for (queue, messages) in [("inbox", 2), ("poll-dead", 1), ("stream-dead", 4)] {
            let queue = world.engine.queue("test", queue);
            queue.send((0..messages).map(|_| edin_platform::Message::text("x")).collect()).await.unwrap();
        }
        let (status, text) = world.get("/metrics").await;
        assert_eq!(status, StatusCode::OK);
        for line in [
            r#"edin_queue_messages{queue="inbox"} 2"#,
            r#"edin_queue_messages{queue="push"} 0"#,
            r#"edin_dead_letters{queue="inbox"} 0"#,
            r#"edin_dead_letters{queue="poll"} 1"#,
            r#"edin_dead_letters{queue="stream"} 4"#,
            "edin_pushes_in_hand 3",
            "edin_healthy 1",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is missing in {text}");
        }
        assert!(!text.contains(r#"edin_queue_messages{queue="stream"}"#), "{text}");
    }

    #[tokio::test]
    async fn to_others_there_is_nothing_here_and_nothing_is_written() {
        let world = World::new().await;
        let asked = |source: [u8; 4], method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).body(()).unwrap();
            world.watch.asked((source, 4_000).into(), &request)
        };
        for path in ["/healthz", "/metrics"] {
            assert!(matches!(asked([10, 0, 0, 1], "GET", path), Some(Asked::Nothing)));
            assert!(matches!(asked([127, 0, 0, 1], "POST", path), Some(Asked::WithAnotherMethod)));
        }
        for path in ["/", "/hooks/ozon/token", "/healthz/", "/metrics/x"] {
            assert!(asked([127, 0, 0, 1], "GET", path).is_none(), "{path}");
        }
    }
}
