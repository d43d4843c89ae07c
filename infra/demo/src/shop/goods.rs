//! What the demo seller deals in: made up, the same every time.

use std::fmt::Write as _;

/// A good of the demo seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// The seller's SKU; also Ozon's `offer_id`, Wildberries' vendor code and Kaspi's SKU.
    pub sku: String,
    /// Its number, from which the channels' own ids are made.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its maker.
    pub brand: &'static str,
    /// Price in whole tenge.
    pub price: u64,
    /// Opening stock in Almaty and in Astana; none for a bundle.
    pub stock: Option<(u32, u32)>,
    /// What a bundle is made of: SKUs and units.
    pub components: Vec<(String, u32)>,
}

/// Ozon's warehouse, which sells from both locations.
pub const OZON_WAREHOUSE: u64 = 22_142_605_386_000;
/// Wildberries' warehouse, which sells from Almaty.
pub const WB_WAREHOUSE: u64 = 501_001;
/// Kaspi's points of sale: Almaty and Astana.
pub const KASPI_STORES: [&str; 2] = ["30000001_PP1", "30000001_PP2"];
/// Kaspi's id of the seller.
pub const MERCHANT: &str = "30000001";

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

impl Good {
    /// Ozon's card id.
    #[must_use]
    pub const fn ozon_product(&self) -> u64 {
        100_000 + self.number
    }

    /// Ozon's storefront id.
    #[must_use]
    pub const fn ozon_sku(&self) -> u64 {
        500_000_000 + self.number
    }

    /// Wildberries' stock id.
    #[must_use]
    pub const fn chrt_id(&self) -> u64 {
        70_000_000 + self.number
    }

    /// The barcode that is on it: twelve digits, and the one that checks them.
    #[must_use]
    pub fn barcode(&self) -> String {
        let code = 204_000_000_000 + self.number;
        let digits = (0..12).map(|place| code / 10_u64.pow(place) % 10);
        let weighted = digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit * 3 } else { digit });
        format!("{code}{}", (10 - weighted.sum::<u64>() % 10) % 10)
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
            product = good.ozon_product(),
            storefront = good.ozon_sku(),
            chrt = good.chrt_id(),
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
