//! Who may ask how the house is.

use std::net::IpAddr;

use axum::http::header::{FORWARDED, HOST, HeaderName, VIA};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request};
use ipnet::IpNet;

/// Programs of this machine, and what else the deployment names.
#[derive(Debug, Clone, Default)]
pub struct Askers(Vec<IpNet>);

/// By these a proxy says that it passes on what another asks.
const PASSED_ON: [HeaderName; 6] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

impl Askers {
    /// Programs of this machine, and of these networks.
    #[must_use]
    pub fn and(networks: &[IpNet]) -> Self {
        Self(networks.iter().map(IpNet::trunc).collect())
    }

    /// Whether an answer goes to who makes this call, and to nobody behind them.
    pub(super) fn may_ask<B>(&self, source: IpAddr, request: &Request<B>) -> bool {
        let (source, headers) = (source.to_canonical(), request.headers());
        let is_named = self.0.iter().any(|network| network.contains(&source));
        let is_of_here = source.is_loopback() && names_this_machine(headers);
        (is_named || is_of_here) && !PASSED_ON.iter().any(|header| headers.contains_key(header))
    }
}

/// What a page in a browser of this machine asks for under a name of its own, by which it was led here, is not asked by a person.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_ask(networks: &[&str], source: &str, headers: &[(&str, &str)]) -> bool {
        let networks: Vec<IpNet> = networks.iter().map(|network| network.parse().unwrap()).collect();
        let mut request = Request::builder().uri("/metrics");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Askers::and(&networks).may_ask(source.parse().unwrap(), &request.body(()).unwrap())
    }

    #[test]
    fn programs_of_this_machine_may_ask_and_nobody_else() {
        for source in ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(may_ask(&[], source, &[]), "{source}");
        }
        for host in ["127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080", "0.0.0.0:8080"] {
            assert!(may_ask(&[], "127.0.0.1", &[("host", host)]), "{host}");
        }
        for source in ["10.0.0.7", "192.168.1.1", "2001:db8::1", "0.0.0.0"] {
            assert!(!may_ask(&[], source, &[("host", "localhost")]), "{source}");
        }
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_asked_by_this_machine() {
        let passed_on = ["X-Forwarded-For", "x-real-ip", "Forwarded", "Via", "X-Forwarded-Proto", "x-forwarded-host"];
        for header in passed_on {
            assert!(!may_ask(&[], "127.0.0.1", &[("host", "localhost"), (header, "127.0.0.1")]), "{header}");
            assert!(!may_ask(&["127.0.0.0/8"], "127.0.0.1", &[(header, "127.0.0.1")]), "{header}");
        }
        for host in
            ["shop.example", "shop.example:443", "localhost.example", "127.0.0.1.example", "10.0.0.7", "", "a b"]
        {
            assert!(!may_ask(&[], "127.0.0.1", &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn a_network_that_the_deployment_names_may_ask_under_any_name() {
        assert!(may_ask(&["10.0.0.0/8"], "10.0.0.7", &[("host", "edin.lan:8080")]));
        assert!(!may_ask(&["10.0.0.0/8"], "11.0.0.7", &[]));
        assert!(may_ask(&["10.0.0.0/8"], "127.0.0.1", &[]));
        assert!(may_ask(&["fd00::/8"], "fd00::7", &[]));
    }
}
