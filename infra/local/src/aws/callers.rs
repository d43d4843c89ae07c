//! Who calls, where a proxy passes calls on.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies that are believed whose call they pass on. Nobody else is: anybody can write such a header.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Those of these networks.
    #[must_use]
    pub fn of(networks: &[IpNet]) -> Self {
        Self(networks.iter().map(IpNet::trunc).collect())
    }

    /// Where a call comes from: from who is connected; and if that is a proxy, from the last in its list who is none. None if
    /// the proxy doesn't say, or can't be understood: then it must not pass for the proxy's own call.
    pub(crate) fn caller(&self, connected: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut caller = connected.to_canonical();
        let mut list = headers.get_all(FORWARDED_FOR).iter().rev().peekable();
        if !self.has(caller) {
            return Some(caller);
        }
        list.peek()?;
        for part in list {
            for hop in part.to_str().ok()?.rsplit(',') {
                caller = address(hop.trim())?;
                if !self.has(caller) {
                    return Some(caller);
                }
            }
        }
        Some(caller)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Some proxies write the port, too.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(proxies: &[&str], connected: &str, lists: &[&str]) -> Option<String> {
        let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, list.parse().unwrap());
        }
        Proxies::of(&proxies).caller(connected.parse().unwrap(), &headers).map(|address| address.to_string())
    }

    fn is(address: &str) -> Option<String> {
        Some(address.to_owned())
    }

    #[test]
    fn a_header_of_somebody_who_is_no_proxy_of_ours_changes_nothing() {
        for lists in [vec![], vec!["195.34.21.7"], vec!["127.0.0.1"], vec!["nonsense"], vec!["195.34.21.7", ""]] {
            assert_eq!(caller(&[], "203.0.113.9", &lists), is("203.0.113.9"));
            assert_eq!(caller(&["10.0.0.0/8"], "203.0.113.9", &lists), is("203.0.113.9"));
            assert_eq!(caller(&[], "127.0.0.1", &lists), is("127.0.0.1"), "nobody is believed unless it is said");
        }
    }

    #[test]
    fn a_proxy_is_believed_as_far_as_it_saw_for_itself() {
        let proxies = ["127.0.0.1/32", "10.0.0.0/8", "::1/128"];
        let cases: [(&str, &[&str], &str); 9] = [
            ("127.0.0.1", &["195.34.21.7"], "195.34.21.7"),
            ("127.0.0.1", &["195.34.21.7, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["195.34.21.7", "203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["195.34.21.7, 10.0.0.5", "10.0.0.6"], "195.34.21.7"),
            ("127.0.0.1", &["10.0.0.5, 10.0.0.6"], "10.0.0.5"),
            ("::ffff:127.0.0.1", &["::ffff:195.34.21.7"], "195.34.21.7"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            ("127.0.0.1", &["195.34.21.7:4711"], "195.34.21.7"),
        ];
        for (connected, lists, expected) in cases {
            assert_eq!(caller(&proxies, connected, lists), is(expected), "{connected} {lists:?}");
        }
        assert_eq!(caller(&proxies, "127.0.0.1", &["[2001:db8::7]:4711, [::1]"]), is("2001:db8::7"));
    }

    #[test]
    fn a_proxy_that_names_nobody_speaks_for_nobody() {
        for lists in [vec![], vec![""], vec!["unknown"], vec!["195.34.21.7, "], vec!["195.34.21.7", "_hidden"]] {
            assert_eq!(caller(&["127.0.0.0/8"], "127.0.0.1", &lists), None, "{lists:?}");
        }
    }
}
