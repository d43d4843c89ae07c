//! The price list: the one way to tell Kaspi stock and prices (`goods/price_list/q3251`). Kaspi pulls it; nothing answers.
//!
//! Whatever is listed stays in the file: what is sold out says `available="no"`. The guide doesn't say what becomes of an
//! offer that is left out; sellers saw it stay on sale.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use edin_domain::{Article, Currency, Money, Timestamp, WarehouseId};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use sha2::{Digest, Sha256};

#[cfg(test)]
mod tests;

/// All that a shop sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    /// The shop's name.
    pub company: String,
    /// The partner's id.
    pub merchant_id: String,
    /// When it was made.
    pub at: Timestamp,
    /// The goods, sold out or not.
    pub offers: Vec<Offer>,
}

/// A good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The seller's SKU at Kaspi, to the byte as it was imported; at most 64 characters (`api/goods/q3223`). The page on price
    /// lists says 20, and live ones carry longer.
    pub sku: Article,
    /// The name of the good.
    pub model: String,
    /// Its brand.
    pub brand: Option<String>,
    /// What it costs.
    pub price: Price,
    /// What each of the seller's warehouses has.
    pub stores: Vec<StoreStock>,
}

/// What a good costs: whole tenge, tax included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Price {
    /// The same everywhere.
    One(Money),
    /// By code of the city, such as `750000000` for Almaty.
    PerCity(Vec<(String, Money)>),
}

/// What a warehouse has of a good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStock {
    /// The warehouse as the cabinet names it, such as `30000001_PP1`.
    pub store: WarehouseId,
    /// Pieces for sale.
    pub quantity: u32,
}

/// A price list that must not be handed out. The one before it stays in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceListError {
    /// It would say that nothing is listed.
    #[error(
        "the price list is empty, and Kaspi may take everything off sale; list at least one good on this connection"
    )]
    Empty,
    /// Nobody's.
    #[error("the price list has no merchant id; set the connection's merchant_id to the partner's id in the cabinet")]
    NoMerchant,
    /// Kaspi would take either.
    #[error("{0} is in the price list twice; unlist one of the two listings that map to it")]
    Twice(Article),
    /// Longer than any SKU that Kaspi imports (`api/goods/q3223`).
    #[error("{0} is longer than 64 characters; map the good to the SKU that it has in the cabinet")]
    LongSku(Article),
    /// Kaspi would take it off sale.
    #[error("{0} has no store; give the connection a warehouse that its SKU is sold from")]
    NoStore(Article),
    /// It must cost something.
    #[error("{0} has no price; set one on its listing")]
    NoPrice(Article),
    /// Not whole tenge, or too few of them.
    #[error("{sku} can't cost {price}; set a price of whole tenge, 10 KZT at least")]
    Price {
        /// Which good.
        sku: Article,
        /// What it would cost.
        price: Money,
    },
    /// So many goods don't vanish in an hour.
    #[error(
        "the price list falls from {before} offers to {now}, by more than {max_shrink} %; \
         put the goods back, or raise the connection's max_shrink for once if they are really gone"
    )]
    Shrunk {
        /// Offers in the last price list that was handed out.
        before: u64,
        /// Offers in this one.
        now: u64,
        /// Percent.
        max_shrink: u8,
    },
    /// Longer than an answer may be.
    #[error(
        "the price list of {offers} offers is too long: AWS Lambda hands out {most} bytes at most{}; sell fewer goods on this \
         connection, or split them over two", if *packed { ", packed" } else { " to a caller that doesn't take gzip" }
    )]
    TooLong {
        /// Offers in it.
        offers: usize,
        /// Bytes that an answer may have.
        most: usize,
        /// Whether it was packed.
        packed: bool,
    },
    /// The XML could not be written.
    #[error("the price list can't be written: {0}; this is a defect of Edin, report it")]
    Unwritable(String),
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its length, in bytes.
    pub bytes: u64,
    /// Digest of what it says, the date that it was made left out.
    content: [u8; 32],
}

/// The file as a text.
///
/// # Errors
/// As of [`write()`].
pub fn render(list: &PriceList) -> Result<String, PriceListError> {
    let mut file = Vec::new();
    write(list, &mut file)?;
    String::from_utf8(file).map_err(|error| PriceListError::Unwritable(error.to_string()))
}

/// Writes the file, offer by offer: a large one is longer than the memory of a function.
///
/// # Errors
/// [`PriceListError`] names the offer that would spoil it, and what to do.
pub fn write(list: &PriceList, out: &mut impl io::Write) -> Result<Written, PriceListError> {
    check(list)?;
    write_file(list, out).map_err(|error| PriceListError::Unwritable(error.to_string()))
}

/// Refuses a list that lost more than `max_shrink` percent of the offers of the one before. Offers are counted as they stand
/// in the file, sold out or not: selling out is trade, a good that vanishes from the file is most often a fault upstream.
/// Any list may follow none.
///
/// # Errors
/// [`PriceListError::Shrunk`].
pub fn guard(before: u64, now: u64, max_shrink: u8) -> Result<(), PriceListError> {
    let lost = u128::from(before.saturating_sub(now));
    match lost * 100 > u128::from(before) * u128::from(max_shrink) {
        true => Err(PriceListError::Shrunk { before, now, max_shrink }),
        false => Ok(()),
    }
}

/// The `ETag` of a file: changes with the shop and its offers, not with the date that it was made. And with `own`, the units
/// that Kaspi has sold and called off by itself so far: when an order is called off before the next list, the list is the one
/// that Kaspi has, and its number isn't.
#[must_use]
pub fn etag(written: &Written, own: i64) -> String {
    let digest = Sha256::new().chain_update(written.content).chain_update(own.to_be_bytes()).finalize();
    let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

fn check(list: &PriceList) -> Result<(), PriceListError> {
    let mut seen = BTreeSet::new();
    match list {
        _ if list.merchant_id.trim().is_empty() => return Err(PriceListError::NoMerchant),
        _ if list.offers.is_empty() => return Err(PriceListError::Empty),
        _ => {}
    }
    list.offers.iter().try_for_each(|offer| match seen.insert(&offer.sku) {
        true => check_offer(offer),
        false => Err(PriceListError::Twice(offer.sku.clone())),
    })
}

fn check_offer(offer: &Offer) -> Result<(), PriceListError> {
    match &offer.price {
        _ if offer.sku.as_str().chars().count() > 64 => Err(PriceListError::LongSku(offer.sku.clone())),
        _ if offer.stores.is_empty() => Err(PriceListError::NoStore(offer.sku.clone())),
        Price::PerCity(prices) if prices.is_empty() => Err(PriceListError::NoPrice(offer.sku.clone())),
        Price::PerCity(prices) => prices.iter().try_for_each(|(_, price)| check_price(offer, *price)),
        Price::One(price) => check_price(offer, *price),
    }
}

/// Observed in a live service; the guide names no lowest price.
const LOWEST: Money = Money::new(10_00, Currency::KZT);

fn check_price(offer: &Offer, price: Money) -> Result<(), PriceListError> {
    match price.currency == LOWEST.currency && price >= LOWEST && price.whole().is_some() {
        true => Ok(()),
        false => Err(PriceListError::Price { sku: offer.sku.clone(), price }),
    }
}

/// Passes on what is written, counts it, and digests it from the shop's name on: the date before it is not content.
struct Tee<'a, W> {
    out: &'a mut W,
    bytes: u64,
    content: Option<Sha256>,
}

impl<W: io::Write> io::Write for Tee<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += u64::try_from(written).unwrap_or_default();
        if let (Some(content), Some(bytes)) = (&mut self.content, bytes.get(..written)) {
            content.update(bytes);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

type Xml<'a, W> = Writer<Tee<'a, W>>;

fn write_file<W: io::Write>(list: &PriceList, out: &mut W) -> io::Result<Written> {
    let mut xml = Writer::new(Tee { out, bytes: 0, content: None });
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.create_element("kaspi_catalog")
        .with_attribute(("date", almaty_minute(list.at).as_str()))
        .with_attribute(("xmlns", "kaspiShopping"))
        .with_attribute(("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"))
        .with_attribute(("xsi:schemaLocation", "kaspiShopping http://kaspi.kz/kaspishopping.xsd"))
        .write_inner_content(|xml| {
            xml.get_mut().content = Some(Sha256::new());
            text(xml, "company", &list.company)?;
            text(xml, "merchantid", list.merchant_id.trim())?;
            group(xml, "offers", |xml| list.offers.iter().try_for_each(|offer| write_offer(xml, offer)))
        })?;
    let Tee { bytes, content, .. } = xml.into_inner();
    Ok(Written { bytes, content: content.unwrap_or_default().finalize().into() })
}

/// What sellers' published lists say of goods without a brand (2026-11). The schema isn't public, and each offer in those lists
/// has this element: one without it may cost the whole list.
const NO_BRAND: &str = "Без бренда";

/// The schema wants model, brand, availabilities and price in this order.
fn write_offer<W: io::Write>(xml: &mut Xml<'_, W>, offer: &Offer) -> io::Result<()> {
    xml.create_element("offer").with_attribute(("sku", offer.sku.as_str())).write_inner_content(|xml| {
        text(xml, "model", &offer.model)?;
        text(xml, "brand", offer.brand.as_deref().unwrap_or(NO_BRAND))?;
        group(xml, "availabilities", |xml| offer.stores.iter().try_for_each(|stock| write_stock(xml, stock)))?;
        write_price(xml, &offer.price)
    })?;
    Ok(())
}

fn write_stock<W: io::Write>(xml: &mut Xml<'_, W>, stock: &StoreStock) -> io::Result<()> {
    let available = if stock.quantity > 0 { "yes" } else { "no" };
    xml.create_element("availability")
        .with_attribute(("available", available))
        .with_attribute(("storeId", stock.store.as_str()))
        .with_attribute(("stockCount", stock.quantity.to_string().as_str()))
        .write_empty()?;
    Ok(())
}

fn write_price<W: io::Write>(xml: &mut Xml<'_, W>, price: &Price) -> io::Result<()> {
    match price {
        Price::One(price) => text(xml, "price", &tenge(*price)),
        Price::PerCity(prices) => group(xml, "cityprices", |xml| {
            prices.iter().try_for_each(|(city, price)| {
                let element = xml.create_element("cityprice").with_attribute(("cityId", lawful(city).as_str()));
                element.write_text_content(BytesText::new(&tenge(*price))).map(|_| ())
            })
        }),
    }
}

fn tenge(price: Money) -> String {
    price.whole().unwrap_or_default().to_string()
}

fn group<'a, W: io::Write>(
    xml: &mut Xml<'a, W>,
    name: &str,
    content: impl FnOnce(&mut Xml<'a, W>) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content).map(|_| ())
}

fn text<W: io::Write>(xml: &mut Xml<'_, W>, name: &str, content: &str) -> io::Result<()> {
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
