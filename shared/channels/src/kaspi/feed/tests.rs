use quick_xml::escape::resolve_predefined_entity;
use quick_xml::name::QName;
use quick_xml::{Reader, XmlVersion};

use super::*;

use edin_domain::{Article, ChannelName, Currency, WarehouseId};

use crate::kit::feed::{etag, guard, render};

fn article(text: &str) -> Article {
    Article::new(text).unwrap()
}

fn kzt(tenge: i64) -> Money {
    Money::new(tenge * 100, Currency::KZT)
}

fn offer(sku: &str) -> Offer {
    let store = |id, quantity| StoreStock { store: WarehouseId::new(id).unwrap(), quantity };
    Offer {
        id: article(sku),
        title: "Чай".to_owned(),
        brand: None,
        price: kzt(15_990),
        stores: vec![store("30000001_PP1", 7), store("30000001_PP2", 0)],
    }
}

fn shop(merchant_id: &str) -> Account {
    Account::of(ChannelName::of("kaspi")).with("company", "Shop").with("merchant_id", merchant_id)
}

fn list(offers: Vec<Offer>) -> List {
    List { account: shop("30000001"), at: Timestamp::parse("2026-11-22T05:00:59Z").unwrap(), offers }
}

fn render_one(offer: Offer) -> Result<String, ListError> {
    render(&PriceList, &list(vec![offer]))
}

fn refusal(offers: Vec<Offer>) -> ListError {
    render(&PriceList, &list(offers)).unwrap_err()
}

#[test]
fn a_price_list_reads_like_this() {
    let branded = Offer { brand: Some("Brand & Co".to_owned()), price: kzt(4_120), ..offer("SKU2") };
    let xml = render(&PriceList, &list(vec![offer("SKU1"), branded])).unwrap();
    insta::assert_snapshot!(xml.replace("><", ">\n<"), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <kaspi_catalog date="2026-11-22 10:00" xmlns="kaspiShopping" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="kaspiShopping http://kaspi.kz/kaspishopping.xsd">
    <company>Shop</company>
    <merchantid>30000001</merchantid>
    <offers>
    <offer sku="SKU1">
    <model>Чай</model>
    <brand>Без бренда</brand>
    <availabilities>
    <availability available="yes" storeId="30000001_PP1" stockCount="7"/>
    <availability available="no" storeId="30000001_PP2" stockCount="0"/>
    </availabilities>
    <price>15990</price>
    </offer>
    <offer sku="SKU2">
    <model>Чай</model>
    <brand>Brand &amp; Co</brand>
    <availabilities>
    <availability available="yes" storeId="30000001_PP1" stockCount="7"/>
    <availability available="no" storeId="30000001_PP2" stockCount="0"/>
    </availabilities>
    <price>4120</price>
    </offer>
    </offers>
    </kaspi_catalog>
    "#);
}

#[test]
fn a_shop_with_cities_has_a_price_for_each() {
    let account = shop("1").with("cities", vec!["750000000", "710000000"]);
    let xml = render(&PriceList, &List { account, ..list(vec![offer("SKU1")]) }).unwrap();
    let prices = r#"<cityprices><cityprice cityId="750000000">15990</cityprice><cityprice cityId="710000000">15990</cityprice></cityprices>"#;
    assert!(xml.contains(prices) && !xml.contains("<price>"), "{xml}");
}

#[test]
fn what_is_sold_out_stays_in_the_file() {
    let mut sold_out = offer("SKU1");
    sold_out.stores.iter_mut().for_each(|stock| stock.quantity = 0);
    let xml = render_one(sold_out).unwrap();
    assert_eq!(xml.matches(r#"available="no""#).count(), 2);
    assert_eq!(xml.matches(r#"stockCount="0""#).count(), 2);
}

#[test]
fn a_refusal_says_what_to_do() {
    let bare = |change: fn(&mut Offer)| {
        let mut offer = offer("SKU1");
        change(&mut offer);
        refusal(vec![offer]).to_string()
    };
    let nobody = List { account: shop(" "), ..list(vec![offer("SKU1")]) };
    let refusals = [
        refusal(vec![]).to_string(),
        render(&PriceList, &nobody).unwrap_err().to_string(),
        refusal(vec![offer("SKU1"), offer("SKU1")]).to_string(),
        bare(|offer| offer.id = article(&"x".repeat(65))),
        bare(|offer| offer.stores.clear()),
        bare(|offer| offer.price = Money::new(1_599_050, Currency::KZT)),
        bare(|offer| offer.price = kzt(9)),
        bare(|offer| offer.price = kzt(-15_990)),
        bare(|offer| offer.price = Money::new(1_599_000, Currency::RUB)),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    the list is empty, and the channel may take everything off sale; list at least one good on this connection
    account.kaspi.merchant_id: it is empty; set it to the partner's id in the cabinet
    SKU1 is in the list twice; unlist one of the two listings that map to it
    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx is longer than 64 characters; map the good to the SKU that it has in the cabinet
    SKU1 has no store; give the connection a warehouse that its SKU is sold from
    SKU1 can't cost 15990.50 KZT; set a price of whole tenge, 10 KZT at least
    SKU1 can't cost 9.00 KZT; set a price of whole tenge, 10 KZT at least
    SKU1 can't cost -15990.00 KZT; set a price of whole tenge, 10 KZT at least
    SKU1 can't cost 15990.00 RUB; set a price of whole tenge, 10 KZT at least
    ");
}

#[test]
fn ten_tenge_and_64_characters_pass() {
    let bounds = Offer { price: kzt(10), ..offer(&"x".repeat(64)) };
    assert!(render_one(bounds).is_ok());
}

#[test]
fn a_list_may_lose_as_much_as_is_allowed_and_no_more() {
    for (before, now, max_shrink, passes) in [
        (0, 0, 10, true),
        (0, 500, 10, true),
        (100, 90, 10, true),
        (100, 89, 10, false),
        (9, 8, 10, false),
        (100, 99, 0, false),
        (100, 0, 100, true),
        (u64::MAX, 0, 99, false),
    ] {
        assert_eq!(guard(before, now, max_shrink).is_ok(), passes, "{before} to {now} at {max_shrink} %");
    }
}

#[test]
fn the_etag_follows_the_offers_and_not_the_clock() {
    let now = list(vec![offer("SKU1")]);
    let written = |list: &List| PriceList.write(list, &mut Vec::new()).unwrap();
    let tag = |list: &List| etag(&written(list), 3);
    let later = List { at: now.at.plus(Duration::from_hours(1)), ..now.clone() };
    assert_eq!(tag(&now), tag(&later));
    assert_eq!(tag(&now).len(), 34);
    let other_shop = List { account: shop("30000002"), ..now.clone() };
    let mut sold = now.clone();
    sold.offers[0].stores[0].quantity = 6;
    assert_ne!(tag(&now), tag(&other_shop));
    assert_ne!(tag(&now), tag(&sold));
    assert_ne!(tag(&now), etag(&written(&now), 4));
}

/// The SKUs and models of a file, as a parser reads them.
fn parse(xml: &str) -> Vec<(String, String)> {
    let (mut reader, mut read, mut model) = (Reader::from_str(xml), Vec::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name() == QName("offer") => {
                let sku = tag.try_get_attribute("sku").unwrap().unwrap();
                read.push((sku.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned(), String::new()));
            }
            Event::Start(tag) => model = tag.name() == QName("model"),
            Event::Text(text) if model => read.last_mut().unwrap().1.push_str(&text.xml10_content()),
            Event::GeneralRef(name) if model => {
                read.last_mut().unwrap().1.push_str(resolve_predefined_entity(&name).unwrap());
            }
            Event::End(_) => model = false,
            Event::Eof => return read,
            _ => {}
        }
    }
}

#[test]
fn every_name_comes_out_as_it_went_in() {
    for name in ["&", "<b>", "]]>", "\"'", "&amp;", "&#38;", "A < B && C > D", "Чай «Ұлы» 500 г", "茶 🫖", "<!-- -->"]
    {
        let offer = Offer { title: name.to_owned(), ..offer(name) };
        assert_eq!(parse(&render_one(offer).unwrap()), [(name.to_owned(), name.to_owned())]);
    }
}

#[test]
fn no_character_of_a_name_can_spoil_the_file() {
    for unlawful in ('\0'..' ').chain(['\u{7f}', '\u{9f}', '\u{fffe}', '\u{ffff}']) {
        let offer = Offer { title: format!("Чай{unlawful}500 г"), ..offer("SKU1") };
        assert_eq!(parse(&render_one(offer).unwrap()), [("SKU1".to_owned(), "Чай500 г".to_owned())]);
    }
}
