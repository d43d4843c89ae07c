//! What Kaspi demands of a price list: <https://guide.kaspi.kz/partner/ru/shop/api/goods/price_list/q3251>, as of 2026-10.

use std::collections::BTreeMap;

use super::xml::Element;

const NAMESPACE: &str = "kaspiShopping";
const LONGEST_SKU: usize = 64;
const LOWEST_PRICE: u32 = 10;
const LONGEST_PRE_ORDER: u32 = 30;

/// A price list without a defect. Offers go by SKU.
#[derive(Debug)]
pub(super) struct PriceList {
    pub(super) offers: BTreeMap<String, Listed>,
}

/// An offer: units by store, whole tenge.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) price: u32,
    pub(super) stores: BTreeMap<String, u32>,
}

impl PriceList {
    /// Reads a list, or says what is wrong with it.
    pub(super) fn read(body: &[u8], merchant_id: &str) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|error| format!("not UTF-8: {error}"))?;
        let root = Element::parse(text)?;
        root.must_be("kaspi_catalog")?;
        if root.attribute("xmlns") != Some(NAMESPACE) {
            return Err(format!("the namespace isn't {NAMESPACE}"));
        }
        let [company, merchant, offers] = root.children_named(["company", "merchantid", "offers"])?;
        if company.text.trim().is_empty() {
            return Err("company is empty".to_owned());
        }
        if merchant.text.trim() != merchant_id {
            return Err(format!("merchantid is {}, not {merchant_id}", merchant.text));
        }
        Ok(Self { offers: all_offers(offers)? })
    }
}

fn all_offers(offers: &Element) -> Result<BTreeMap<String, Listed>, String> {
    let mut listed = BTreeMap::new();
    for offer in &offers.children {
        offer.must_be("offer")?;
        offer.only_attributes(&["sku"])?;
        let sku = offer.attribute("sku").unwrap_or_default();
        if sku.is_empty() || sku.chars().count() > LONGEST_SKU {
            return Err(format!("sku \"{sku}\" isn't 1 to {LONGEST_SKU} characters"));
        }
        let read = read_offer(offer).map_err(|defect| format!("offer {sku}: {defect}"))?;
        if listed.insert(sku.to_owned(), read).is_some() {
            return Err(format!("offer {sku} is there twice"));
        }
    }
    if listed.is_empty() {
        return Err("there are no offers".to_owned());
    }
    Ok(listed)
}

fn read_offer(offer: &Element) -> Result<Listed, String> {
    let by_city = offer.children.iter().any(|child| child.name == "cityprices");
    let price = if by_city { "cityprices" } else { "price" };
    let [model, _, availabilities, price] = offer.children_named(["model", "brand", "availabilities", price])?;
    let price = if by_city { city_prices(price)? } else { whole_tenge(&price.text)? };
    Ok(Listed { name: model.text.clone(), price, stores: stores(availabilities)? })
}

/// The first city's price; all are checked.
fn city_prices(prices: &Element) -> Result<u32, String> {
    let mut first = None;
    for city in &prices.children {
        city.must_be("cityprice")?;
        whole(city.attribute("cityId").unwrap_or_default()).map_err(|defect| format!("cityId {defect}"))?;
        let price = whole_tenge(&city.text)?;
        first.get_or_insert(price);
    }
    first.ok_or_else(|| "cityprices is empty".to_owned())
}

fn stores(availabilities: &Element) -> Result<BTreeMap<String, u32>, String> {
    let mut stores = BTreeMap::new();
    for availability in &availabilities.children {
        let (store, units) = read_availability(availability)?;
        if stores.insert(store.clone(), units).is_some() {
            return Err(format!("store {store} is there twice"));
        }
    }
    if stores.is_empty() {
        return Err("there is no availability".to_owned());
    }
    Ok(stores)
}

fn read_availability(availability: &Element) -> Result<(String, u32), String> {
    availability.must_be("availability")?;
    availability.only_attributes(&["available", "storeId", "preOrder", "stockCount"])?;
    let store = availability.attribute("storeId").filter(|store| !store.is_empty()).ok_or("storeId is empty")?;
    let stock = availability.attribute("stockCount").map(whole).transpose();
    let stock = stock.map_err(|defect| format!("stockCount {defect}"))?;
    let pre_order = availability.attribute("preOrder").map(whole).transpose();
    if pre_order.map_err(|defect| format!("preOrder {defect}"))?.is_some_and(|days| days > LONGEST_PRE_ORDER) {
        return Err(format!("preOrder is more than {LONGEST_PRE_ORDER} days"));
    }
    let units = match (availability.attribute("available"), stock) {
        (Some("yes"), Some(units)) => units,
        (Some("yes"), None) => return Err("stockCount is missing".to_owned()),
        (Some("no"), _) => 0,
        (other, _) => return Err(format!("available is {other:?}, neither yes nor no")),
    };
    Ok((store.to_owned(), units))
}

fn whole_tenge(text: &str) -> Result<u32, String> {
    let price = whole(text.trim()).map_err(|defect| format!("price {defect}"))?;
    if price < LOWEST_PRICE {
        return Err(format!("price {price} is below {LOWEST_PRICE}"));
    }
    Ok(price)
}

/// Digits alone: no sign, no separator, no fraction.
fn whole(text: &str) -> Result<u32, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or_else(|| format!("\"{text}\" is not a whole number"))
}
