//! What the demo seller deals in: made up, the same every time.

use std::fmt::Write as _;

pub use simulators::Good;
pub use simulators::SELLER as MERCHANT;
pub use simulators::kaspi::STORES as KASPI_STORES;
pub use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;
pub use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;
use simulators::{ozon, wildberries};

const THINGS: [(&str, u64); 15] = [
    ("Чай чёрный", 1_890),
    ("Кофе в зёрнах", 6_490),
    ("Чашка", 2_300),
    ("Термос", 8_990),
    ("Плед", 12_500),
    ("Полотенце", 3_400),
    ("Фонарь", 5_200),
    ("Рюкзак", 18_900),
    ("Тетрадь", 690),
    ("Наушники", 14_990),
    ("Зарядка", 4_490),
    ("Кабель", 1_990),
    ("Лампа", 9_900),
    ("Кружка-термос", 7_400),
    ("Набор ножей", 21_500),
];
const BRANDS: [&str; 5] = ["Алатау", "Sary-Arka", "Бәйтерек", "Nomad", "Тянь-Шань"];
const SIMPLE: u64 = 210;
const BUNDLES: u64 = 8;

/// All goods: simple ones first.
#[must_use]
pub fn goods() -> Vec<Good> {
    (1..=SIMPLE).map(simple).chain((1..=BUNDLES).map(bundle)).collect()
}

fn pick<T: Copy>(from: &[T], number: u64) -> Option<T> {
    from.iter().cycle().nth(usize::try_from(number).unwrap_or(0) % from.len()).copied()
}

/// Every tenth is scarce: those are the ones that sell out.
fn simple(number: u64) -> Good {
    let (thing, price) = pick(&THINGS, number).unwrap_or(("Вещь", 1_000));
    let many = u32::try_from(15 + number * 7 % 40).unwrap_or(15);
    let stock =
        if number.is_multiple_of(10) { (2 + u32::from(number.is_multiple_of(20)), 1) } else { (many, many / 2) };
    Good {
        sku: format!("EDN-{number:04}"),
        number,
        title: format!("{thing} № {number}"),
        brand: pick(&BRANDS, number).unwrap_or("Edin"),
        price: price + number * 10,
        stock: Some(stock),
        components: Vec::new(),
    }
}

fn bundle(number: u64) -> Good {
    let part = |of: u64| format!("EDN-{of:04}");
    Good {
        sku: format!("SET-{number:02}"),
        number: SIMPLE + number,
        title: format!("Набор № {number}"),
        brand: pick(&BRANDS, number).unwrap_or("Edin"),
        price: 9_900 + number * 100,
        stock: None,
        components: vec![(part(number * 3 + 1), 1), (part(number * 3 + 2), 2)],
    }
}

/// The catalogue as the seller would have written it.
#[must_use]
pub fn catalogue(goods: &[Good]) -> String {
    let mut csv = String::from(
        "sku,title,brand,barcode,location,on_hand,cost,components,\
         ozon-main.offer_id,ozon-main.product_id,ozon-main.sku,\
         wb-main.chrt_id,wb-main.vendor_code,wb-main.barcode,kaspi-main.sku,kaspi-main.price\n",
    );
    for good in goods {
        let (almaty, astana) = good.stock.unzip();
        let location = if good.stock.is_some() { "almaty" } else { "" };
        let on_hand = almaty.map(|units| units.to_string()).unwrap_or_default();
        let components: Vec<String> = good.components.iter().map(|(sku, units)| format!("{sku}:{units}")).collect();
        let Good { sku, title, brand, price, .. } = good;
        let _ = writeln!(
            csv,
            "{sku},{title},{brand},{barcode},{location},{on_hand},{cost},{components},\
             {sku},{product},{storefront},{chrt},{sku},{barcode},{sku},{price}",
            barcode = good.barcode(),
            cost = price * 6 / 10,
            components = components.join(";"),
            product = ozon::product_id(good),
            storefront = ozon::sku(good),
            chrt = wildberries::chrt_id(good),
        );
        if let Some(units) = astana {
            let _ =
                writeln!(csv, "{sku},{title},{brand},{},astana,{units},{},,,,,,,,,", good.barcode(), price * 6 / 10);
        }
    }
    csv
}

/// The connections as the seller would have written them.
#[must_use]
pub fn connections(urls: &[String; 3], tokens: &[String; 3]) -> String {
    each_connection(urls, tokens).map(|(_, text)| text).join("\n")
}

/// The same, each by its id.
pub(super) fn each_connection(urls: &[String; 3], tokens: &[String; 3]) -> [(&'static str, String); 3] {
    let [ozon, wildberries, kaspi] = urls;
    let [api_key, wb_token, kaspi_token] = tokens;
    let [store, second_store] = KASPI_STORES;
    let ozon = format!(
        r#"[[connection]]
id = "ozon-main"
currency = "KZT"
base_url = "{ozon}"
account = {{ ozon = {{ client_id = "{MERCHANT}" }} }}
warehouses = {{ "{OZON_WAREHOUSE}" = ["almaty", "astana"] }}
secrets = {{ api_key = "{api_key}" }}
"#
    );
    let wildberries = format!(
        r#"[[connection]]
id = "wb-main"
currency = "KZT"
base_url = "{wildberries}"
account = {{ wildberries = {{}} }}
warehouses = {{ "{WB_WAREHOUSE}" = ["almaty"] }}
secrets = {{ token = "{wb_token}" }}
"#
    );
    let kaspi = format!(
        r#"[[connection]]
id = "kaspi-main"
currency = "KZT"
base_url = "{kaspi}"
account = {{ kaspi = {{ merchant_id = "{MERCHANT}", company = "Edin Demo", accept_orders = true }} }}
warehouses = {{ "{store}" = ["almaty"], "{second_store}" = ["astana"] }}
secrets = {{ token = "{kaspi_token}" }}
"#
    );
    [("ozon-main", ozon), ("wb-main", wildberries), ("kaspi-main", kaspi)]
}
