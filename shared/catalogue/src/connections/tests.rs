use edin_domain::listing::{Adaptive, Buffer, Costs};

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

/// What of a connection a file with this line makes over what is known, at a time.
fn imported(line: &str, known: Option<Connection>, second: i64) -> Connection {
    let text = OZON.replace("policy", &format!("{line}\n    policy"));
    let (connections, errors) = read(Path::new("c.toml"), &text, &mut BTreeSet::new());
    assert_eq!(errors, []);
    connections[0].over(known, Timestamp::from_millis(second * 1_000))
}

#[test]
fn a_new_connection_observes_and_an_import_without_a_mode_keeps_the_one_it_has() {
    let mode = |connection: &Connection| (connection.mode, connection.mode_since.map(Timestamp::millis));
    let new = imported("", None, 1);
    assert_eq!(mode(&new), (Mode::Observe, None));
    let live = imported("mode = \"live\"", Some(new), 2);
    assert_eq!(mode(&live), (Mode::Live, Some(2_000)));
    for line in ["", "mode = \"live\""] {
        assert_eq!(imported(line, Some(live.clone()), 3), live, "{line:?}");
    }
    let of_an_earlier_release = Connection { mode_since: None, ..live };
    assert_eq!(mode(&imported("", Some(of_an_earlier_release), 4)), (Mode::Live, None));
    assert_eq!(mode(&imported("mode = \"live\"", None, 1)), (Mode::Live, None));
}

#[test]
fn the_sellers_own_doors_can_only_be_live() {
    let door = "[[connection]]\nid = \"till\"\naccount = { direct = {} }\ncurrency = \"KZT\"\nwarehouses = { almaty = [\"almaty\"] }\n";
    let (connections, errors) = read(Path::new("c.toml"), door, &mut BTreeSet::new());
    assert_eq!((connections[0].over(None, Timestamp::from_millis(1)).mode, errors), (Mode::Live, Vec::new()));
    assert!(error(&format!("{door}mode = \"observe\"\n")).contains("mode: direct sales ask before they sell"));
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
    assert!(error.starts_with("c.toml: connection \"ozon-main\": polizy: unknown field `polizy`, expected"), "{error}");
    assert!(error.contains("`mode`, `ended`, `secrets`"), "{error}");
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
    let (good, errors) = read(Path::new("c.toml"), &format!("{OZON}\n[[connection]]\nid = 7\n"), &mut BTreeSet::new());
    assert_eq!((good.len(), errors.len()), (1, 1));
}

#[test]
fn two_connections_of_one_id_are_one_too_many() {
    let expected = "c.toml: connection \"ozon-main\": its id is that of an earlier one; give each its own";
    assert_eq!(error(&format!("{OZON}{OZON}")), expected);
}

#[test]
fn a_table_of_another_name_is_refused() {
    assert_eq!(error("[[connections]]"), "c.toml: \"connections\" is unknown; connections are [[connection]] tables");
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
        ("policy", "mode = \"on\"\npolicy", "mode: \"on\" is no mode; it takes observe"),
        ("policy", "mode = true\npolicy", "mode: it takes a text in quotes"),
        ("policy", "mode_since = 1\npolicy", "mode_since: that is noted here; write mode = \"live\""),
    ] {
        let error = error(&OZON.replace(from, to));
        assert!(error.contains(wrong), "{error}");
    }
}

#[test]
fn a_shop_that_does_not_say_where_it_is_is_refused() {
    let shop = "[[connection]]\nid = \"my-shop\"\naccount = { woocommerce = {} }\ncurrency = \"KZT\"\n\
                warehouses = { shop = [\"almaty\"] }\n";
    let wrong = error(shop);
    assert!(wrong.contains("base_url: WooCommerce has no address of its own; say where it is"), "{wrong}");
}
