//! The price list: the one way to tell Kaspi stock and prices (`goods/price_list/q3251`). Kaspi pulls it; nothing answers.
//!
//! Whatever is listed stays in the file: what is sold out says `available="no"`. The guide doesn't say what becomes of an
//! offer that is left out; sellers saw it stay on sale.

use std::io;
use std::time::Duration;

use edin_domain::{Account, Money, Timestamp};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::facts::{LONGEST_SKU, LOWEST_PRICE, Settings};
use crate::kit::facts::{BadAccount, bad_setting, settings};
use crate::kit::feed::{Feed, List, ListError, ListTerms, Offer, StoreStock, Tee, WrittenList, check};

#[cfg(test)]
mod tests;

/// How Kaspi's price lists are written.
pub struct PriceList;

impl Feed for PriceList {
    fn media(&self) -> &'static str {
        "application/xml; charset=utf-8"
    }

    fn terms(&self, account: &Account) -> Result<ListTerms, BadAccount> {
        let Settings { max_shrink, feed_user: user, .. } = settings(account)?;
        Ok(ListTerms { max_shrink, user })
    }

    fn write(&self, list: &List, out: &mut dyn io::Write) -> Result<WrittenList, ListError> {
        let shop: Settings = settings(&list.account)?;
        if shop.merchant_id.trim().is_empty() {
            return Err(bad_setting(
                &list.account,
                "merchant_id",
                &"it is empty; set it to the partner's id in the cabinet",
            )
            .into());
        }
        check(list)?;
        list.offers.iter().try_for_each(check_offer)?;
        write_file(&shop, list, out).map_err(|error| ListError::Unwritable(error.to_string()))
    }
}

fn check_offer(offer: &Offer) -> Result<(), ListError> {
    let wrong = match offer.price {
        _ if offer.id.as_str().chars().count() > LONGEST_SKU => {
            format!("is longer than {LONGEST_SKU} characters; map the good to the SKU that it has in the cabinet")
        }
        _ if offer.stores.is_empty() => {
            "has no store; give the connection a warehouse that its SKU is sold from".to_owned()
        }
        price if price.currency == LOWEST_PRICE.currency && price >= LOWEST_PRICE && price.whole().is_some() => {
            return Ok(());
        }
        price => format!("can't cost {price}; set a price of whole tenge, 10 KZT at least"),
    };
    Err(ListError::Offer { id: offer.id.clone(), wrong })
}

type Xml<'a> = Writer<Tee<'a>>;

fn write_file(shop: &Settings, list: &List, out: &mut dyn io::Write) -> io::Result<WrittenList> {
    let mut xml = Writer::new(Tee::new(out));
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.create_element("kaspi_catalog")
        .with_attribute(("date", almaty_minute(list.at).as_str()))
        .with_attribute(("xmlns", "kaspiShopping"))
        .with_attribute(("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"))
        .with_attribute(("xsi:schemaLocation", "kaspiShopping http://kaspi.kz/kaspishopping.xsd"))
        .write_inner_content(|xml| {
            xml.get_mut().content_begins();
            text(xml, "company", &shop.company)?;
            text(xml, "merchantid", shop.merchant_id.trim())?;
            group(xml, "offers", |xml| list.offers.iter().try_for_each(|offer| write_offer(xml, shop, offer)))
        })?;
    Ok(xml.into_inner().written())
}

/// What sellers' published lists say of goods without a brand (2026-11). The schema isn't public, and each offer in those lists
/// has this element: one without it may cost the whole list.
const NO_BRAND: &str = "Без бренда";

/// The schema wants model, brand, availabilities and price in this order.
fn write_offer(xml: &mut Xml<'_>, shop: &Settings, offer: &Offer) -> io::Result<()> {
    xml.create_element("offer").with_attribute(("sku", offer.id.as_str())).write_inner_content(|xml| {
        text(xml, "model", &offer.title)?;
        text(xml, "brand", offer.brand.as_deref().unwrap_or(NO_BRAND))?;
        group(xml, "availabilities", |xml| offer.stores.iter().try_for_each(|stock| write_stock(xml, stock)))?;
        write_price(xml, &shop.cities, offer.price)
    })?;
    Ok(())
}

fn write_stock(xml: &mut Xml<'_>, stock: &StoreStock) -> io::Result<()> {
    let available = if stock.quantity > 0 { "yes" } else { "no" };
    xml.create_element("availability")
        .with_attribute(("available", available))
        .with_attribute(("storeId", stock.store.as_str()))
        .with_attribute(("stockCount", stock.quantity.to_string().as_str()))
        .write_empty()?;
    Ok(())
}

/// One price everywhere, or the same by code of the city.
fn write_price(xml: &mut Xml<'_>, cities: &[String], price: Money) -> io::Result<()> {
    match cities {
        [] => text(xml, "price", &tenge(price)),
        cities => group(xml, "cityprices", |xml| {
            cities.iter().try_for_each(|city| {
                let element = xml.create_element("cityprice").with_attribute(("cityId", lawful(city).as_str()));
                element.write_text_content(BytesText::new(&tenge(price))).map(|_| ())
            })
        }),
    }
}

fn tenge(price: Money) -> String {
    price.whole().unwrap_or_default().to_string()
}

fn group<'a>(xml: &mut Xml<'a>, name: &str, content: impl FnOnce(&mut Xml<'a>) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content).map(|_| ())
}

fn text(xml: &mut Xml<'_>, name: &str, content: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(&lawful(content))).map(|_| ())
}

/// Without the characters that XML can't hold: one of them, in one name, would make Kaspi refuse the whole file. SKUs and
/// stores are names that hold none.
fn lawful(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

/// `2026-11-22 10:00` in Almaty, five hours ahead of UTC, the zone of all of Kaspi's times (`api/general/q3194`).
fn almaty_minute(at: Timestamp) -> String {
    let local = at.plus(Duration::from_hours(5)).to_string();
    local.get(..16).unwrap_or(&local).replace('T', " ")
}
