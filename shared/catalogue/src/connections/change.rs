//! What a person changes of a connection without a file.

use edin_domain::Connection;
use edin_domain::connection::NoMode;

use super::address::{check_base, check_proxy};
use super::modes::{Change, wanted};
use super::secret_names;

/// Checks a change as an import would: `base_url` and `proxy`, of which none takes the present one away, `mode`, and
/// `secrets.NAME`. Of other names nothing is said.
///
/// # Errors
/// What is wrong, and what is expected. The value isn't repeated: it may be a secret.
pub fn check_change(connection: &Connection, name: &str, value: Option<&str>) -> Result<(), String> {
    let names = edin_channels::facts(connection.channel()).map(secret_names).unwrap_or_default();
    match (name, name.strip_prefix("secrets."), value) {
        ("base_url", _, Some(address)) => check_base(address),
        ("proxy", _, Some(address)) => check_proxy(address),
        ("mode", _, text) => {
            let mode = text.unwrap_or_default().parse().map_err(|error: NoMode| error.to_string())?;
            wanted(connection, Change::To(mode)).map(drop)
        }
        (_, Some(secret), _) if !names.contains(&secret) => {
            Err(format!("unknown; {} takes {}", connection.channel(), names.join(", ")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_checked_as_an_import_is() {
        let connection =
            serde_json::json!({"id": "wb-main", "account": {"wildberries": {}}, "currency": "RUB", "warehouses": {}});
        let connection: Connection = serde_json::from_value(connection).unwrap();
        let refused = |name, value| check_change(&connection, name, Some(value)).err().unwrap_or_default();
        assert_eq!(refused("base_url", "https://marketplace-api.wildberries.ru"), "");
        assert_eq!(refused("secrets.token", "anything"), "");
        assert_eq!(check_change(&connection, "base_url", None), Ok(()));
        assert_eq!(refused("mode", "zero"), "");
        assert!(refused("mode", "on").starts_with("\"on\" is no mode; it takes observe, live, paused"));
        assert!(refused("base_url", "http://example.com").contains("use https://"));
        assert!(refused("proxy", "example.com").contains("must begin with"));
        assert_eq!(refused("secrets.api_key", "hidden"), "unknown; wildberries takes token");
        assert_eq!(refused("secrets.../../digest_key", "hidden"), "unknown; wildberries takes token");
    }
}
