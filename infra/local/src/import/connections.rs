//! Files of connections.
//!
//! ```toml
//! [[connection]]
//! id = "ozon-main"
//! account = { ozon = { client_id = "1234" } }
//! currency = "RUB"
//! warehouses = { 22142605386000 = ["almaty"] }
//! secrets = { api_key = "…" }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;

use edin_channels::facts::{BadAccount, Facts, Places, SecretFact};
use edin_channels::facts_of;
use edin_domain::listing::{Adaptive, Buffer, Costs, Policy};
use edin_domain::{Connection, ConnectionId, Currency, Secret, Timestamp};
use toml::{Table, Value};

use super::error::{ImportError, Problem};
use super::file::line_breaks;
use crate::address::{check_base, check_proxy};

/// Risks that can be accepted, in parts of 10 000: none at all would hold back whatever may be.
pub(super) const RISKS: RangeInclusive<u16> = 1..=10_000;
/// What a buyer may cost; more would only stand for never.
pub(super) const DEAREST: u16 = 10_000;
/// In seconds. What a number takes longer than that isn't a lag.
const A_DAY: u32 = 86_400;

/// A connection as a file has it.
#[derive(Debug, PartialEq)]
pub(super) struct Configured {
    pub(super) connection: Connection,
    /// Whether it has ended, if the file says so. If it doesn't, it stays as it is.
    ended: Option<bool>,
    /// By name, such as `api_key`.
    pub(super) secrets: BTreeMap<String, Secret<String>>,
}

impl Configured {
    /// The connection, with what the file says nothing of as it is known.
    pub(super) fn over(&self, known: Option<Connection>, now: Timestamp) -> Connection {
        let before = known.and_then(|known| known.ended_at);
        let ended_at = match self.ended {
            Some(true) => before.or(Some(now)),
            Some(false) => None,
            None => before,
        };
        Connection { ended_at, ..self.connection.clone() }
    }
}

/// The connections of a file, and what is wrong with the others. `ids` are those of the files before.
pub(super) fn read(file: &Path, text: &str, ids: &mut BTreeSet<ConnectionId>) -> (Vec<Configured>, Vec<ImportError>) {
    let tables = match tables(file, text) {
        Ok(tables) => tables,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let (mut connections, mut errors) = (Vec::new(), Vec::new());
    for (index, value) in tables.into_iter().enumerate() {
        let which = named(index, &value);
        match configured(value).and_then(|configured| unless_known(ids, configured)) {
            Ok(configured) => connections.push(configured),
            Err(wrong) => errors.push(ImportError::whole(file, Problem::Connection { which, wrong })),
        }
    }
    (connections, errors)
}

fn tables(file: &Path, text: &str) -> Result<Vec<Value>, ImportError> {
    let mut root: Table = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.as_bytes().get(..span.start));
        let line = before.map(|before| 1 + line_breaks(before));
        ImportError { file: file.to_owned(), line, problem: Problem::Toml(error.message().to_owned()) }
    })?;
    let connections = root.remove("connection");
    match (connections, root.keys().next()) {
        (_, Some(unknown)) => Err(ImportError::whole(file, Problem::UnknownTable(unknown.clone()))),
        (Some(Value::Array(tables)), None) => Ok(tables),
        (Some(_), None) => {
            let wrong = "it is one [connection] table; write [[connection]]".to_owned();
            Err(ImportError::whole(file, Problem::Connection { which: "1".to_owned(), wrong }))
        }
        (None, None) => Ok(Vec::new()),
    }
}

/// By its id, or by its number in the file.
fn named(index: usize, value: &Value) -> String {
    value.get("id").and_then(Value::as_str).map_or_else(|| format!("{}", index + 1), |id| format!("{id:?}"))
}

fn unless_known(ids: &mut BTreeSet<ConnectionId>, configured: Configured) -> Result<Configured, String> {
    match ids.insert(configured.connection.id.clone()) {
        true => Ok(configured),
        false => Err("its id is that of an earlier one; give each its own".to_owned()),
    }
}

fn configured(value: Value) -> Result<Configured, String> {
    let Value::Table(mut table) = value else { return Err("it is not a table; write [[connection]]".to_owned()) };
    let secrets = table.remove("secrets");
    let ended = table.remove("ended").map(ended).transpose()?;
    if table.contains_key("ended_at") {
        return Err("ended_at: that is noted here; write ended = true".to_owned());
    }
    let connection = connection(table)?;
    let facts = facts_of(&connection).map_err(|error| bad_account(&error))?;
    check(&connection, facts)?;
    let secrets = secrets.map(|secrets| credentials(facts, secrets)).transpose()?.unwrap_or_default();
    Ok(Configured { connection, ended, secrets })
}

fn ended(value: Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "ended: it takes true or false".to_owned())
}

/// What is said of a value quotes it, and that may be a whole file.
const QUOTED: usize = 300;

fn connection(table: Table) -> Result<Connection, String> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let (path, wrong) = (error.path().to_string(), error.inner().message());
        // What stands in the file in place of what is noted.
        let wrong: String = wrong.replace("`ended_at`", "`ended`, `secrets`").chars().take(QUOTED).collect();
        if path == "." { wrong } else { format!("{path}: {wrong}") }
    })
}

/// What the types let pass.
fn check(connection: &Connection, facts: &Facts) -> Result<(), String> {
    check_policy(&connection.policy)?;
    check_currency(connection.currency, facts)?;
    check_addresses(connection)?;
    check_storefront(connection)?;
    check_warehouses(connection, facts)
}

fn bad_account(error: &BadAccount) -> String {
    match error {
        BadAccount::UnknownChannel(_) => {
            let known: Vec<_> = edin_channels::all().map(|facts| facts.name.as_str()).collect();
            format!("{error}; it knows {}", known.join(", "))
        }
        BadAccount::Setting { .. } => error.to_string(),
    }
}

fn check_currency(currency: Currency, facts: &Facts) -> Result<(), String> {
    match facts.currencies {
        [] => Ok(()),
        known if known.contains(&currency) => Ok(()),
        known => {
            let known: Vec<_> = known.iter().map(ToString::to_string).collect();
            Err(format!("currency: {currency} can't be {}'s; it sells in {}", facts.title, known.join(", ")))
        }
    }
}

fn check_policy(policy: &Policy) -> Result<(), String> {
    if policy.share > 100 {
        return Err(format!("policy.share: {} is more than 100 percent", policy.share));
    }
    match policy.buffer {
        Buffer::Adaptive(Adaptive { most, .. }) if most > 100 => {
            Err(format!("policy.buffer.most: {most} is more than 100 percent"))
        }
        Buffer::Adaptive(Adaptive { risk, .. }) if !RISKS.contains(&risk) => {
            Err(format!("policy.buffer.risk: {risk} is not from {} to {} parts of 10 000", RISKS.start(), RISKS.end()))
        }
        Buffer::Weighed(Costs { oversell, turned_away }) if oversell.max(turned_away) > DEAREST => {
            Err(format!("policy.buffer: a cost of {} is more than {DEAREST}", oversell.max(turned_away)))
        }
        Buffer::Adaptive(_) | Buffer::Weighed(_) | Buffer::Fixed(_) => Ok(()),
    }
}

fn check_storefront(connection: &Connection) -> Result<(), String> {
    match connection.storefront_seconds {
        Some(seconds) if seconds > A_DAY => Err(format!("storefront_seconds: {seconds} is more than a day ({A_DAY})")),
        _ => Ok(()),
    }
}

fn check_addresses(connection: &Connection) -> Result<(), String> {
    let base = connection.base_url.as_deref().map_or(Ok(()), check_base).map_err(|wrong| format!("base_url: {wrong}"));
    let proxy = connection.proxy.as_deref().map_or(Ok(()), check_proxy).map_err(|wrong| format!("proxy: {wrong}"));
    base.and(proxy)
}

fn check_warehouses(connection: &Connection, facts: &Facts) -> Result<(), String> {
    if connection.warehouses.is_empty() {
        return Err(
            "warehouses: there is none; name the channel's warehouse and the locations it sells from".to_owned()
        );
    }
    for (warehouse, locations) in &connection.warehouses {
        let distinct: BTreeSet<_> = locations.iter().collect();
        if facts.places == Places::Numbers && !warehouse.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("warehouses.{warehouse}: {} names its warehouses by numbers", facts.title));
        }
        if locations.is_empty() {
            return Err(format!("warehouses.{warehouse}: it sells from no location; name one at least"));
        }
        if distinct.len() < locations.len() {
            return Err(format!("warehouses.{warehouse}: a location stands there twice"));
        }
    }
    Ok(())
}

/// The secrets that a connection of this channel may have.
pub(crate) fn secret_names(facts: &Facts) -> Vec<&'static str> {
    facts.secrets.iter().map(|SecretFact { name, .. }| *name).collect()
}

/// No message of this one may repeat a value.
fn credentials(facts: &Facts, secrets: Value) -> Result<BTreeMap<String, Secret<String>>, String> {
    let Value::Table(table) = secrets else { return Err("secrets: it takes { name = \"…\" }".to_owned()) };
    let names = secret_names(facts);
    let read = |(name, value): (String, Value)| match value {
        _ if !names.contains(&name.as_str()) => {
            Err(format!("secrets.{name}: unknown; {} takes {}", facts.title, names.join(", ")))
        }
        Value::String(text) if !text.trim().is_empty() => Ok((name, Secret::new(text))),
        _ => Err(format!("secrets.{name}: it takes a text in quotes that is not empty")),
    };
    table.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OZON: &str = r#"
        [[connection]]
        id = "ozon-main"
        account = { ozon = { client_id = "1234" } }
        currency = "RUB"
        warehouses = { 22142605386000 = ["almaty", "astana"] }
        policy = { buffer = 1 }
        secrets = { api_key = "hidden" }
    "#;

    fn errors(text: &str) -> Vec<String> {
        read(Path::new("c.toml"), text, &mut BTreeSet::new()).1.iter().map(ToString::to_string).collect()
    }

    fn error(text: &str) -> String {
        let errors = errors(text);
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors[0].clone()
    }

    #[test]
    fn a_connection_is_read_with_its_secrets_apart() {
        let (connections, errors) = read(Path::new("c.toml"), OZON, &mut BTreeSet::new());
        assert_eq!(errors, []);
        assert_eq!(connections[0].connection.policy.buffer, Buffer::Fixed(1));
        assert_eq!(connections[0].connection.channel().as_str(), "ozon");
        assert_eq!(connections[0].secrets["api_key"].reveal(), "hidden");
        assert!(!format!("{connections:?}").contains("hidden"));
    }

    #[test]
    fn the_other_channels_are_read_too() {
        let text = r#"
            [[connection]]
            id = "wb"
            account = { wildberries = {} }
            currency = "RUB"
            warehouses = { 31 = ["almaty"] }
            [[connection]]
            id = "kaspi-main"
            currency = "KZT"
            account.kaspi = { merchant_id = "30000001", company = "Shop" }
            warehouses = { 30000001_PP1 = ["almaty"] }
            assortment = { brands = ["Acme"] }
            secrets = { token = "a", feed_password = "b" }
        "#;
        assert_eq!(errors(text), [""; 0]);
    }

    #[test]
    fn a_city_is_a_number_and_stands_there_once() {
        let with = |cities: &str| {
            errors(&format!(
                r#"
                [[connection]]
                id = "kaspi-main"
                currency = "KZT"
                account.kaspi = {{ merchant_id = "30000001", company = "Shop", cities = {cities} }}
                warehouses = {{ 30000001_PP1 = ["almaty"] }}
                "#
            ))
        };
        assert_eq!(with(r#"["750000000", "710000000"]"#), [""; 0]);
        for wrong in [r#"["Almaty"]"#, r#"[""]"#, r#"["750000000", "750000000"]"#, r#"["75\u0000"]"#] {
            assert!(with(wrong)[0].contains("it takes each city's number once"), "{wrong}");
        }
    }

    #[test]
    fn a_buffer_is_read_and_what_it_leaves_out_is_usual() {
        let buffer = |text: &str| {
            let text = OZON.replace("buffer = 1", text);
            let (connections, errors) = read(Path::new("c.toml"), &text, &mut BTreeSet::new());
            assert_eq!(errors, []);
            connections[0].connection.policy.buffer
        };
        assert_eq!(buffer("buffer = {}"), Buffer::Adaptive(Adaptive::default()));
        let all = Adaptive { risk: 100, most: 80, last_unit: true };
        assert_eq!(buffer("buffer = { risk = 100, most = 80, last_unit = true }"), Buffer::Adaptive(all));
        let weighed = |oversell, turned_away| Buffer::Weighed(Costs { oversell, turned_away });
        assert_eq!(buffer("buffer = { oversell = 20 }"), weighed(20, 1));
        assert_eq!(buffer("buffer = { oversell = 20, turned_away = 3 }"), weighed(20, 3));
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        let error = error(&OZON.replace("policy", "polizy"));
        assert!(
            error.starts_with("c.toml: connection \"ozon-main\": polizy: unknown field `polizy`, expected"),
            "{error}"
        );
        assert!(error.contains("`ended`, `secrets`"), "{error}");
        let deep = self::error(&OZON.replace("client_id", "client"));
        assert!(deep.contains("account.ozon"), "{deep}");
        assert!(deep.contains("unknown field `client`, expected `client_id`"), "{deep}");
    }

    #[test]
    fn a_connection_without_an_id_goes_by_its_number() {
        let error = error("[[connection]]\ncurrency = \"RUB\"");
        assert!(error.starts_with("c.toml: connection 1: missing field"), "{error}");
    }

    #[test]
    fn a_good_connection_stays_when_another_is_bad() {
        let (good, errors) =
            read(Path::new("c.toml"), &format!("{OZON}\n[[connection]]\nid = 7\n"), &mut BTreeSet::new());
        assert_eq!((good.len(), errors.len()), (1, 1));
    }

    #[test]
    fn two_connections_of_one_id_are_one_too_many() {
        let expected = "c.toml: connection \"ozon-main\": its id is that of an earlier one; give each its own";
        assert_eq!(error(&format!("{OZON}{OZON}")), expected);
    }

    #[test]
    fn a_table_of_another_name_is_refused() {
        assert_eq!(
            error("[[connections]]"),
            "c.toml: \"connections\" is unknown; connections are [[connection]] tables"
        );
        assert!(error("[connection]").contains("write [[connection]]"));
    }

    #[test]
    fn what_is_no_toml_is_refused_at_its_line_without_repeating_it() {
        let error = error("[[connection]]\nsecrets = { api_key = \"hidden }\n");
        assert!(error.starts_with("c.toml:2: it is not TOML: "), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    }

    #[test]
    fn a_secret_that_the_channel_does_not_take_is_refused() {
        let expected = "c.toml: connection \"ozon-main\": secrets.token: unknown; Ozon takes api_key";
        assert_eq!(error(&OZON.replace("api_key", "token")), expected);
    }

    #[test]
    fn a_secret_is_never_repeated_in_an_error() {
        let error = error(&OZON.replace("\"hidden\"", "77123"));
        assert!(error.ends_with("secrets.api_key: it takes a text in quotes that is not empty"), "{error}");
    }

    #[test]
    fn what_can_not_be_sold_from_is_refused() {
        for (from, to, wrong) in [
            ("[\"almaty\", \"astana\"]", "[]", "it sells from no location"),
            ("\"astana\"", "\"almaty\"", "a location stands there twice"),
            ("22142605386000", "PP1", "Ozon names its warehouses by numbers"),
            ("\"astana\"", "\"Astana\"", "only a-z, 0-9 and - are allowed"),
            ("buffer = 1", "share = 101", "more than 100 percent"),
            ("buffer = 1", "buffer = { most = 101 }", "policy.buffer.most: 101 is more than 100 percent"),
            ("buffer = 1", "buffer = { risk = 0 }", "policy.buffer.risk: 0 is not from 1 to 10000 parts of 10 000"),
            ("buffer = 1", "buffer = { oversell = 10001 }", "policy.buffer: a cost of 10001 is more than 10000"),
            ("buffer = 1", "buffer = { risks = 5 }", "policy.buffer: a number of units, { oversell"),
            ("policy", "storefront_seconds = 86401\npolicy", "storefront_seconds: 86401 is more than a day"),
            ("\"RUB\"", "\"rub\"", "three capital letters"),
            ("policy", "base_url = \"localhost\"\npolicy", "base_url: it must begin with https://"),
            ("policy", "base_url = \"http://api-seller.ozon.ru\"\npolicy", "base_url: http:// would show"),
            ("policy", "proxy = \"localhost\"\npolicy", "proxy: it must begin with https://"),
        ] {
            let error = error(&OZON.replace(from, to));
            assert!(error.contains(wrong), "{error}");
        }
    }
}
