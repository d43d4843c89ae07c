//! The price list, read back as any XML parser reads it.

use edin_channels::feed::{Feed as _, List, Offer, StoreStock, etag};
use edin_channels::kaspi::{self, PriceList};
use edin_domain::{Account, Article, Currency, Money, Timestamp, WarehouseId};
use proptest::prelude::*;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// An offer as it stands in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Read {
    sku: String,
    model: String,
    brand: String,
    stores: Vec<(String, String, String)>,
    prices: Vec<(String, String)>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_goods_are_called_the_file_says_the_same(shop in shop()) {
        let (list, mut file) = (shop.list(), Vec::new());
        let written = PriceList.write(&list, &mut file).unwrap();
        let xml = String::from_utf8(file).unwrap();
        let expected: Vec<Read> = list.offers.iter().map(|offer| expected(offer, &shop.cities)).collect();
        prop_assert_eq!(parse(&xml), (lawful(&shop.company), shop.merchant_id, expected));
        let tag = etag(&written, 0);
        prop_assert!(tag.len() == 34 && tag.is_ascii(), "{}", tag);
    }
}

/// A shop and what it sells.
#[derive(Debug)]
struct Shop {
    company: String,
    merchant_id: String,
    cities: Vec<String>,
    at: Timestamp,
    offers: Vec<Offer>,
}

impl Shop {
    fn list(&self) -> List {
        let Self { company, merchant_id, cities, at, offers } = self;
        let account =
            Account::of(kaspi::NAME).with("company", company.as_str()).with("merchant_id", merchant_id.as_str());
        List { account: account.with("cities", cities.clone()), at: *at, offers: offers.clone() }
    }
}

fn shop() -> impl Strategy<Value = Shop> {
    let offers = prop::collection::btree_map(name(64), offer(), 1..6);
    let cities = prop::collection::vec(any_text(), 0..4);
    (any_text(), "[0-9]{1,12}", cities, 0_i64..4_000_000_000_000, offers).prop_map(
        |(company, merchant_id, cities, at, offers)| {
            let named = |(id, offer): (String, Offer)| Offer { id: Article::new(id).unwrap(), ..offer };
            let offers = offers.into_iter().map(named).collect();
            Shop { company, merchant_id, cities, at: Timestamp::from_millis(at), offers }
        },
    )
}

fn offer() -> impl Strategy<Value = Offer> {
    let stores = prop::collection::vec((name(64), any::<u32>()), 1..4).prop_map(|stores| {
        let stock = |(id, quantity)| WarehouseId::new(id).ok().map(|store| StoreStock { store, quantity });
        stores.into_iter().filter_map(stock).collect::<Vec<_>>()
    });
    let stores = stores.prop_filter("one store at least", |stores| !stores.is_empty());
    (any_text(), prop::option::of(any_text()), tenge(), stores).prop_map(|(title, brand, price, stores)| Offer {
        id: Article::new("x").unwrap(),
        title,
        brand,
        price,
        stores,
    })
}

fn tenge() -> impl Strategy<Value = Money> {
    (10_i64..=i64::MAX / 100).prop_map(|tenge| Money::new(tenge * 100, Currency::KZT))
}

/// Any text, with a liking for what means something to XML.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![
        4 => prop::char::any().prop_map(String::from),
        2 => prop::sample::select(vec!["<", ">", "&", "\"", "'", "]]>", "<!--", "<![CDATA[", "&#0;", "&lol;", "<!DOCTYPE x [",
            "\0", "\t", "\n", "\r\n", " ", "\u{85}", "\u{2028}", "\u{fffe}", "\u{ffff}", "\u{feff}", "\u{202e}", "=1+1"])
            .prop_map(str::to_owned),
        2 => "[a-zа-я0-9 ]{1,6}",
    ], 0..12).prop_map(|parts| parts.concat())
}

/// What an article may be.
fn name(longest: usize) -> impl Strategy<Value = String> {
    any_text().prop_filter_map("a name", move |text| {
        let text: String = text.trim().chars().take(longest).collect();
        Article::new(text).ok().map(String::from)
    })
}

/// XML holds no control characters, and a parser of attributes makes spaces of line breaks.
fn lawful(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

fn expected(offer: &Offer, cities: &[String]) -> Read {
    let available = |quantity| if quantity > 0 { "yes" } else { "no" }.to_owned();
    let tenge = offer.price.whole().unwrap().to_string();
    Read {
        sku: offer.id.to_string(),
        model: lawful(&offer.title),
        brand: offer.brand.as_deref().map_or("Без бренда".to_owned(), lawful),
        stores: offer
            .stores
            .iter()
            .map(|stock| (stock.store.to_string(), available(stock.quantity), stock.quantity.to_string()))
            .collect(),
        prices: match cities {
            [] => vec![(String::new(), tenge)],
            cities => cities.iter().map(|city| (lawful(city), tenge.clone())).collect(),
        },
    }
}

/// The company, the merchant and the offers.
fn parse(xml: &str) -> (String, String, Vec<Read>) {
    let (mut reader, mut head, mut offers) =
        (Reader::from_str(xml), (String::new(), String::new()), Vec::<Read>::new());
    reader.config_mut().check_comments = true;
    let mut into = String::new();
    let mut text = String::new();
    loop {
        match reader.read_event().expect("it is well-formed") {
            Event::Start(tag) => {
                into = tag.name().0.to_owned();
                text.clear();
                match into.as_str() {
                    "offer" => offers.push(Read { sku: attribute(&tag, "sku"), ..Read::default() }),
                    "cityprice" => offers.last_mut().unwrap().prices.push((attribute(&tag, "cityId"), String::new())),
                    "price" => offers.last_mut().unwrap().prices.push((String::new(), String::new())),
                    _ => {}
                }
            }
            Event::Empty(tag) => {
                let of = |name| attribute(&tag, name);
                offers.last_mut().unwrap().stores.push((of("storeId"), of("available"), of("stockCount")));
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(entity) => {
                text.push_str(resolve_predefined_entity(&entity).expect("no entity of its own"))
            }
            Event::End(_) => {
                let text = std::mem::take(&mut text);
                match (std::mem::take(&mut into).as_str(), offers.last_mut()) {
                    ("company", _) => head.0 = text,
                    ("merchantid", _) => head.1 = text,
                    ("model", Some(offer)) => offer.model = text,
                    ("brand", Some(offer)) => offer.brand = text,
                    ("price" | "cityprice", Some(offer)) => offer.prices.last_mut().unwrap().1 = text,
                    _ => {}
                }
            }
            Event::Decl(_) => {}
            Event::Eof => return (head.0, head.1, offers),
            other => panic!("the file holds {other:?}"),
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let value = tag.try_get_attribute(name).unwrap().unwrap();
    value.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned()
}
