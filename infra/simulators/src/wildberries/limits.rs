//! How many calls pass: a token bucket for each group of methods, in some of which any 4XX counts as ten.
//!
//! <https://dev.wildberries.ru/openapi/api-information#tag/introduction/Limity-zaprosov>, as of 2026-08-18.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::refusal::problem;

/// Methods that share a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Group {
    Orders,
    Stocks,
    Warehouses,
    Content,
    Ping,
}

impl Group {
    pub(super) fn of(path: &str) -> Self {
        match path {
            "/ping" => Self::Ping,
            _ if path.starts_with("/content/") => Self::Content,
            _ if path.starts_with("/api/v3/stocks") => Self::Stocks,
            _ if path.starts_with("/api/v3/warehouses") => Self::Warehouses,
            _ => Self::Orders,
        }
    }

    pub(super) const fn interval(self) -> Duration {
        Duration::from_millis(match self {
            Self::Orders | Self::Stocks | Self::Warehouses => 200,
            Self::Content => 600,
            Self::Ping => 10_000,
        })
    }

    pub(super) const fn burst(self) -> u32 {
        match self {
            Self::Orders | Self::Stocks | Self::Warehouses => 20,
            Self::Content => 5,
            Self::Ping => 3,
        }
    }

    /// Calls that an answer of 4XX counts as beyond the one that it is: ten in all at the marketplace's host.
    pub(super) const fn penalty(self) -> u32 {
        match self {
            Self::Orders | Self::Stocks | Self::Warehouses => 9,
            Self::Content | Self::Ping => 0,
        }
    }

    /// 429, `wait` before the next call can pass.
    pub(super) fn too_many(self, wait: Duration) -> Response {
        let until_full = wait + self.interval() * self.burst().saturating_sub(1);
        let mut response = problem(StatusCode::TOO_MANY_REQUESTS, "too many requests", "limited by the simulator");
        let headers = response.headers_mut();
        headers.insert("x-ratelimit-retry", HeaderValue::from(whole_seconds(wait)));
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.burst()));
        headers.insert("x-ratelimit-reset", HeaderValue::from(whole_seconds(until_full)));
        response
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
