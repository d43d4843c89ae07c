//! Where a connection's calls may go. Its channel's key goes along with each of them.

use url::{Host, Url};

/// Checks where a channel's API is said to be: over TLS, unless it is on this machine, as simulators are.
///
/// # Errors
/// What is wrong, and what is expected.
pub(super) fn check_base(text: &str) -> Result<(), String> {
    let url = address(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name; a channel's key belongs to the secrets".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a ? or a #; leave it and what follows away, for paths are added to it".to_owned());
    }
    match url.scheme() == "https" || is_here(&url) {
        true => Ok(()),
        false => Err("http:// would show the channel's key on the way, and is for 127.0.0.1 and localhost alone; \
                      use https://"
            .to_owned()),
    }
}

/// Checks an HTTP proxy. What passes through it is under TLS, whatever the way to it is.
///
/// # Errors
/// What is wrong, and what is expected.
pub(super) fn check_proxy(text: &str) -> Result<(), String> {
    address(text).map(|_| ())
}

fn address(text: &str) -> Result<Url, String> {
    let expected = "it must begin with https:// or http://, and name a host";
    // The parser would leave them out, and what is called must be what is read.
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it holds a space or a line break".to_owned());
    }
    let begins = text.starts_with("https://") || text.starts_with("http://");
    let url = Url::parse(text).ok().filter(|url| begins && url.has_host());
    url.ok_or_else(|| expected.to_owned())
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_called_over_tls_or_on_this_machine() {
        for good in [
            "https://api-seller.ozon.ru",
            "https://api-seller.ozon.ru:8443/v9/",
            "http://127.0.0.1:4010",
            "http://127.8.9.1",
            "http://localhost:80/shop/api",
            "http://[::1]:4010",
        ] {
            assert_eq!(check_base(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn whatever_else_is_refused_in_words() {
        for (bad, words) in [
            ("", "must begin with https://"),
            ("api-seller.ozon.ru", "must begin with https://"),
            ("HTTPS://api-seller.ozon.ru", "must begin with https://"),
            ("ftp://127.0.0.1", "must begin with https://"),
            ("file:///etc/passwd", "must begin with https://"),
            ("https://", "must begin with https://"),
            ("https://:443", "must begin with https://"),
            ("http://api-seller.ozon.ru", "use https://"),
            ("http://169.254.169.254/latest/meta-data", "use https://"),
            ("http://0.0.0.0:80", "use https://"),
            ("http://127.0.0.1.example.com", "use https://"),
            ("http://localhost.example.com", "use https://"),
            ("http://[::ffff:127.0.0.1]", "use https://"),
            ("https://127.0.0.1@example.com", "user name"),
            ("https://a:b@example.com", "user name"),
            ("https://example.com/?to=", "leave it"),
            ("https://example.com/#", "leave it"),
            ("https://exa\tmple.com", "a space or a line break"),
            (" https://example.com", "a space or a line break"),
            ("https://example.com\r\nX-Evil: 1", "a space or a line break"),
        ] {
            let error = check_base(bad).unwrap_err();
            assert!(error.contains(words), "{bad:?}: {error}");
        }
    }

    #[test]
    fn a_proxy_may_have_a_user_and_be_anywhere() {
        assert_eq!(check_proxy("http://user:password@proxy.example.com:3128"), Ok(()));
        for bad in ["proxy.example.com:3128", "socks5://127.0.0.1", "http://", "http://a b"] {
            assert!(check_proxy(bad).is_err(), "{bad}");
        }
    }
}
