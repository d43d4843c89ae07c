//! What the seller of a test deals in.

use edin_demo::shop::goods;
use simulators::{ozon, wildberries};

pub use edin_demo::shop::goods::Good;

use crate::{Login, Shelf};

/// Ten in Almaty, five in Astana; one of them in each [`SET`].
pub const TEA: &str = "TEA";
/// Nine in Almaty, three in Astana; two of them in each [`SET`].
pub const CUP: &str = "CUP";
/// Eight in Almaty, four in Astana.
pub const POT: &str = "POT";
/// The last one, in Almaty.
pub const RUG: &str = "RUG";
/// Twenty in Almaty, ten in Astana.
pub const PEN: &str = "PEN";
/// Six in Almaty, six in Astana.
pub const LAMP: &str = "LAMP";
/// A bundle: one [`TEA`] and two [`CUP`].
pub const SET: &str = "SET";

/// All of it.
#[must_use]
pub fn goods() -> Vec<Good> {
    let simple = [(TEA, (10, 5)), (CUP, (9, 3)), (POT, (8, 4)), (RUG, (1, 0)), (PEN, (20, 10)), (LAMP, (6, 6))];
    let mut goods: Vec<Good> = (1..).zip(simple).map(|(number, (sku, stock))| good(sku, number, Some(stock))).collect();
    let components = vec![(TEA.to_owned(), 1), (CUP.to_owned(), 2)];
    goods.push(Good { components, ..good(SET, 7, None) });
    goods
}

/// A good of its own, with its opening stock in Almaty and in Astana.
#[must_use]
pub fn good(sku: &str, number: u64, stock: Option<(u32, u32)>) -> Good {
    Good {
        sku: sku.to_owned(),
        number,
        title: format!("The {}", sku.to_lowercase()),
        brand: "Edin",
        price: 1_000 + number * 100,
        stock,
        components: Vec::new(),
    }
}

/// What each shelf shows in the beginning.
pub(crate) fn opening_stock() -> Vec<(&'static str, Shelf, u32)> {
    let numbers = [
        (TEA, [15, 10, 10, 5]),
        (CUP, [12, 9, 9, 3]),
        (POT, [12, 8, 8, 4]),
        (RUG, [1, 1, 1, 0]),
        (PEN, [30, 20, 20, 10]),
        (LAMP, [12, 6, 6, 6]),
        (SET, [6, 4, 4, 1]),
    ];
    let shelves = [Shelf::Ozon, Shelf::Wildberries, Shelf::KaspiAlmaty, Shelf::KaspiAstana];
    let of_one =
        |(sku, units): (_, [u32; 4])| shelves.into_iter().zip(units).map(move |(shelf, units)| (sku, shelf, units));
    numbers.into_iter().flat_map(of_one).collect()
}

/// The catalogue as the seller wrote it.
pub(crate) fn csv(of: &[Good]) -> String {
    goods::catalogue(of)
}

/// The connections as the seller wrote them.
pub(crate) fn connections(urls: &[String; 3], tokens: &[String; 3], price_list: Option<Login>) -> String {
    let text = goods::connections(urls, tokens);
    let Some((user, password)) = price_list else { return text };
    let token = tokens.last().map_or("", String::as_str);
    text.replace("accept_orders = true", &format!(r#"accept_orders = true, feed_user = "{user}""#))
        .replace(&format!(r#"token = "{token}" }}"#), &format!(r#"token = "{token}", feed_password = "{password}" }}"#))
}

/// The same connections, these of them with policies: each an id, and what stands behind `policy =`.
#[must_use]
pub fn with_policies(connections: &str, policies: &[(&str, &str)]) -> String {
    policies.iter().fold(connections.to_owned(), |text, (id, policy)| {
        text.replace(&format!("id = \"{id}\"\n"), &format!("id = \"{id}\"\npolicy = {policy}\n"))
    })
}

/// The card at Ozon.
pub(crate) fn product(good: &Good) -> ozon::Product {
    ozon::Product {
        offer_id: good.sku.clone(),
        product_id: ozon::product_id(good),
        sku: ozon::sku(good),
        name: good.title.clone(),
        price: format!("{}.00", good.price),
        currency: "KZT".to_owned(),
    }
}

/// The card at Wildberries.
pub(crate) fn card(good: &Good) -> wildberries::Card {
    wildberries::Card {
        chrt_id: wildberries::chrt_id(good),
        nm_id: good.number,
        vendor_code: good.sku.clone(),
        barcode: good.barcode(),
        price_minor: i64::try_from(good.price * 100).unwrap_or(0),
        currency_code: 398,
    }
}
