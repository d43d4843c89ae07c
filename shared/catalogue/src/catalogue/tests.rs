use std::path::Path;
use std::sync::Arc;

use edin_domain::listing::{Adaptive, Buffer, Costs, Standing};
use edin_domain::{Currency, Money};

use super::*;
use crate::connections;

fn known() -> BTreeMap<ConnectionId, Connection> {
    let text = r#"
        [[connection]]
        id = "ozon-main"
        account = { ozon = { client_id = "1234" } }
        currency = "RUB"
        warehouses = { 11 = ["almaty"], 12 = ["astana", "almaty"] }
        policy = { buffer = 1, max = 50 }
        [[connection]]
        id = "careful"
        account = { ozon = { client_id = "1235" } }
        currency = "RUB"
        warehouses = { 21 = ["almaty"] }
        policy = { buffer = { risk = 1, most = 80 } }
        [[connection]]
        id = "wb"
        account = { wildberries = {} }
        currency = "RUB"
        warehouses = { 31 = ["almaty"] }
        [[connection]]
        id = "kaspi"
        account = { kaspi = { merchant_id = "1", company = "Shop" } }
        currency = "KZT"
        warehouses = { PP1 = ["almaty"] }
    "#;
    let (configured, errors) = connections::read(Path::new("c.toml"), text, &mut BTreeSet::new());
    assert_eq!(errors, []);
    configured.into_iter().map(|configured| (configured.connection.id.clone(), configured.connection)).collect()
}

fn import_with(text: &str, table: &BTreeMap<Sku, Product>) -> (Vec<Good>, Vec<String>) {
    import_sheets(&[Sheet::read(Path::new("goods.csv"), text).unwrap()], table)
}

/// The goods by SKU, and what is wrong by line.
fn import_sheets(sheets: &[Sheet], table: &BTreeMap<Sku, Product>) -> (Vec<Good>, Vec<String>) {
    let connections = known();
    let mut catalogue = Catalogue::of(sheets, &connections);
    let goods = catalogue.next(usize::MAX);
    let mut goods = catalogue.whole(goods, table);
    goods.sort_by(|one, other| one.product.sku.cmp(&other.product.sku));
    (goods, catalogue.into_errors().0.iter().map(ToString::to_string).collect())
}

fn import(text: &str) -> (Vec<Good>, Vec<String>) {
    import_with(text, &BTreeMap::new())
}

/// The goods of a text without an error.
fn goods(text: &str) -> Vec<Good> {
    let (goods, errors) = import(text);
    assert_eq!(errors, [""; 0]);
    goods
}

/// The only error of a text.
fn error(text: &str) -> String {
    let (_, errors) = import(text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].clone()
}

fn prices(good: &Good) -> Vec<Option<Money>> {
    good.prices().into_values().map(|(price, _)| price).collect()
}

fn listings(good: &Good) -> Vec<&edin_domain::listing::Listing> {
    good.offered.values().map(|(offered, _)| &offered.listing).collect()
}

fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

#[test]
fn a_line_is_a_good_with_its_stock() {
    let goods =
        goods("sku,title,brand,barcode,location,on_hand,cost\nTEA,Green tea,Acme,2040000000011,almaty,12,1490.50\n");
    let product = &goods[0].product;
    assert_eq!((product.title.as_str(), product.brand.as_deref()), ("Green tea", Some("Acme")));
    assert_eq!(product.cost, Some(Money::new(149_050, Currency::KZT)));
    assert_eq!(product.barcodes, ["2040000000011".to_owned().into()]);
    let counts: Vec<_> = goods[0].counts.iter().map(|(at, count)| (at.as_str(), count.units)).collect();
    assert_eq!(counts, [("almaty", 12)]);
}

#[test]
fn semicolons_and_the_mark_of_excel_and_its_line_breaks_are_fine() {
    let content = "\u{feff}SKU;Title;Currency;Cost\r\nЧАЙ;\"Чай; зелёный\";RUB;10\r\n";
    let rows =
        crate::sheet::separated::read(&Arc::from(Path::new("goods.csv")), content.into(), &Default::default()).unwrap();
    let sheet = Sheet::of(&Arc::from(Path::new("goods.csv")), rows, &Arc::default()).unwrap();
    let (goods, errors) = import_sheets(&[sheet], &BTreeMap::new());
    assert_eq!(errors, [""; 0]);
    assert_eq!(goods[0].product.title, "Чай; зелёный");
    assert_eq!(goods[0].product.cost, Some(Money::new(1_000, Currency::RUB)));
}

#[test]
fn a_good_may_lie_at_two_locations() {
    let goods = goods("sku,title,location,on_hand\nTEA,Tea,almaty,12\nTEA,,astana,3\n");
    assert_eq!((goods.len(), goods[0].counts.len()), (1, 2));
}

#[test]
fn the_lines_of_a_good_must_agree() {
    let text = "sku,title,location,on_hand\nTEA,Tea,almaty,12\nTEA,Black tea,astana,3\n";
    let expected = "goods.csv:3: column title: TEA has it otherwise on line 2; say the same, or leave it empty here";
    assert_eq!(error(text), expected);
    assert_eq!(import(text).0[0].counts.len(), 1);
}

#[test]
fn a_place_is_counted_once() {
    let error = error("sku,title,location,on_hand\nTEA,Tea,almaty,12\nTEA,Tea,almaty,12\n");
    assert_eq!(error, "goods.csv:3: column location: TEA at almaty was counted on line 2 already; keep one of the two");
}

#[test]
fn good_lines_are_taken_when_others_are_bad() {
    let (goods, errors) = import("sku,title,location,on_hand\nTEA,Tea,almaty,x\nCUP,Cup,almaty,4\n,Nothing,,\n");
    assert_eq!(goods.len(), 1);
    assert_eq!(errors.len(), 2);
    assert!(errors[0].starts_with("goods.csv:2: column on_hand: \"x\" is not a whole number"), "{errors:?}");
    assert_eq!(errors[1], "goods.csv:4: column sku: it is empty; each line has one");
}

#[test]
fn what_is_no_number_is_refused() {
    for number in ["-1", "1.5", "10 00", "+5", "=1+1", "99999999999", "\"12,500\"", "\"4,6E+12\""] {
        let error = error(&format!("sku,title,location,on_hand\nTEA,Tea,almaty,{number}\n"));
        assert!(error.starts_with("goods.csv:2: column on_hand: "), "{error}");
    }
}

#[test]
fn a_count_needs_its_location_and_a_location_its_count() {
    assert!(error("sku,title,on_hand\nTEA,Tea,1\n").contains("column location: it is empty"));
    assert!(error("sku,title,location\nTEA,Tea,almaty\n").contains("column on_hand: it is empty"));
    assert!(
        error("sku,title,location,on_hand\nTEA,Tea,Алматы,1\n")
            .contains("column location: \"Алматы\" is not a location id")
    );
}

#[test]
fn money_is_exact_or_refused() {
    for cost in ["1490.505", "\"1490,505\"", "-1", "1E3", "1_000"] {
        let error = error(&format!("sku,title,cost\nTEA,Tea,{cost}\n"));
        assert!(error.contains("is not an amount of KZT: it takes digits and at most two decimals"), "{error}");
    }
    let error = error("sku,title,kaspi.sku,kaspi.price\nTEA,Tea,TEA,1490.005\n");
    assert!(error.starts_with("goods.csv:2: column kaspi.price: \"1490.005\" is not an amount of KZT"), "{error}");
}

#[test]
fn what_looks_like_a_formula_stays_a_text() {
    let goods = goods("sku,title,brand\n+7-TEA,=SUM(A1),@home\n");
    assert_eq!(goods[0].product.sku, sku("+7-TEA"));
    assert_eq!((goods[0].product.title.as_str(), goods[0].product.brand.as_deref()), ("=SUM(A1)", Some("@home")));
}

#[test]
fn a_text_is_on_one_line() {
    assert!(error("sku,title\nTEA,two\twords\n").contains("column title: it holds a line break or a tab"));
}

#[test]
fn a_line_of_another_width_is_refused() {
    let short = error("sku,title,brand\nTEA,Tea\n");
    assert!(short.starts_with("goods.csv:2: the line has 2 cells, the header 3;"), "{short}");
    assert!(error("sku,title\nTEA,Tea, green\n").starts_with("goods.csv:2: the line has 3 cells, the header 2;"));
    assert_eq!(goods("sku,title\nTEA,Tea,,\n").len(), 1);
}

#[test]
fn an_unknown_column_is_named_with_the_known_ones() {
    let expected = "goods.csv:1: column titel: unknown; the columns are sku, title, brand, barcode, location, on_hand, \
                    cost, currency, components and <connection id>.<name>; what another name means is said so: --map \"titel=title\"; \
                    nothing of this file was imported";
    assert_eq!(error("sku,titel\nTEA,Tea\n"), expected);
    let expected = "goods.csv:1: column ozon-main.chrt_id: unknown; after ozon-main. (ozon) come offer_id, product_id, \
                    sku, price, warehouse, share, buffer, oversell, turned_away, risk, most, last_unit, max, end_when, paused, ended; \
                    nothing of this file was imported";
    assert_eq!(error("sku,title,ozon-main.chrt_id\nTEA,Tea,1\n"), expected);
    let expected = "goods.csv:1: column ozon.offer_id: there is no connection \"ozon\"; the connections are careful, kaspi, \
                    ozon-main, wb; nothing of this file was imported";
    assert_eq!(error("sku,title,ozon.offer_id\nTEA,Tea,1\n"), expected);
}

#[test]
fn a_header_needs_sku_and_title_and_each_column_once() {
    assert!(error("sku,brand\nTEA,Acme\n").starts_with("goods.csv:1: column title: it is missing"));
    assert!(error("sku,title,title\nTEA,Tea,Tea\n").starts_with("goods.csv:1: column title: it stands there twice"));
    assert!(error("sku,title\nTEA,\n").starts_with("goods.csv:2: column title: it is empty"));
}

#[test]
fn components_make_a_bundle() {
    let goods = goods("sku,title,components\nSET,Set,TEA:1;CUP:2\nTEA,Tea,\nCUP,Cup,\n");
    let set = goods.iter().find(|good| good.product.sku == sku("SET")).unwrap();
    assert_eq!(set.product.kind, Kind::Bundle { components: BTreeMap::from([(sku("TEA"), 1), (sku("CUP"), 2)]) });
}

#[test]
fn a_component_may_be_in_the_table_already() {
    let text = "sku,title,components\nSET,Set,TEA:1\n";
    let mut tea = goods("sku,title\nTEA,Tea\n").remove(0).product;
    assert_eq!(import_with(text, &BTreeMap::from([(sku("TEA"), tea.clone())])).1, [""; 0]);
    tea.kind = Kind::Bundle { components: BTreeMap::new() };
    let errors = import_with(text, &BTreeMap::from([(sku("TEA"), tea)])).1;
    assert_eq!(errors, ["goods.csv:2: column components: TEA is a bundle itself; name what it is made of"]);
}

#[test]
fn a_component_that_is_nowhere_is_refused() {
    let expected = "goods.csv:2: column components: there is no TEA; add a line for it, or correct it";
    assert_eq!(error("sku,title,components\nSET,Set,TEA:1\n"), expected);
}

#[test]
fn components_are_skus_with_units() {
    for (components, wrong) in [
        ("TEA", "is no component"),
        ("TEA:0", "is no component"),
        (";", "names no component"),
        ("A:1;A:2", "A stands there twice"),
    ] {
        let error = error(&format!("sku,title,components\nSET,Set,{components}\n"));
        assert!(error.starts_with("goods.csv:2: column components: ") && error.contains(wrong), "{error}");
    }
}

#[test]
fn a_bundle_has_no_stock_of_its_own() {
    let expected = "column location: a bundle has no stock of its own; leave location and on_hand empty";
    let head = "sku,title,location,on_hand,components\nTEA,Tea,,,\n";
    assert_eq!(error(&format!("{head}SET,Set,almaty,1,TEA:1\n")), format!("goods.csv:3: {expected}"));
    assert_eq!(error(&format!("{head}SET,Set,,,TEA:1\nSET,Set,almaty,1,\n")), format!("goods.csv:4: {expected}"));
}

#[test]
fn an_id_makes_a_listing_at_every_warehouse_with_the_connections_policy() {
    let goods = goods(
        "sku,title,ozon-main.offer_id,ozon-main.sku,ozon-main.buffer,ozon-main.paused\nTEA,Tea,T-1,147451939,3,yes\n",
    );
    let listings = listings(&goods[0]);
    let warehouses: Vec<_> = listings.iter().map(|listing| listing.key.warehouse.as_str()).collect();
    assert_eq!(warehouses, ["11", "12"]);
    let connection = &known()["ozon-main"];
    let policy = connection.policy(listings[0]);
    assert_eq!((policy.buffer, policy.max, listings[0].standing), (Buffer::Fixed(3), Some(50), Standing::Paused));
    assert_eq!(listings[0].policy.max, None, "what the connection says is not copied");
    let articles: Vec<_> = goods[0].names().into_keys().map(|(_, article)| article.as_str()).collect();
    assert_eq!(articles, ["T-1", "sku:147451939"]);
}

#[test]
fn an_adaptive_buffer_is_the_connections_unless_the_line_says_otherwise() {
    let buffer = |connection: &str, cells: &str| {
        let columns = ["offer_id", "buffer", "risk", "most", "last_unit"].map(|name| format!("{connection}.{name}"));
        let goods = goods(&format!("sku,title,{}\nTEA,Tea,T-1,{cells}\n", columns.join(",")));
        known()[connection].policy(listings(&goods[0])[0]).buffer
    };
    let (usual, careful) = (Adaptive::default(), Adaptive { risk: 1, most: 80, last_unit: false });
    assert_eq!(buffer("ozon-main", ",,,"), Buffer::Fixed(1));
    assert_eq!(buffer("ozon-main", "adaptive,,,"), Buffer::Adaptive(usual));
    assert_eq!(buffer("ozon-main", "adaptive,,,yes"), Buffer::Adaptive(Adaptive { last_unit: true, ..usual }));
    assert_eq!(buffer("careful", ",,,"), Buffer::Adaptive(careful));
    assert_eq!(buffer("careful", "adaptive,100,,"), Buffer::Adaptive(Adaptive { risk: 100, ..careful }));
    assert_eq!(buffer("careful", ",,0,"), Buffer::Adaptive(Adaptive { most: 0, ..careful }));
    assert_eq!(buffer("careful", "0,,,"), Buffer::Fixed(0));
}

#[test]
fn a_weighed_buffer_may_have_costs_of_its_own() {
    let buffer = |connection: &str, cells: &str| {
        let columns = ["offer_id", "buffer", "oversell", "turned_away"].map(|name| format!("{connection}.{name}"));
        let goods = goods(&format!("sku,title,{}\nTEA,Tea,T-1,{cells}\n", columns.join(",")));
        known()[connection].policy(listings(&goods[0])[0]).buffer
    };
    let weighed = |oversell, turned_away| Buffer::Weighed(Costs { oversell, turned_away });
    assert_eq!(buffer("ozon-main", "weighed,,"), weighed(5, 1));
    assert_eq!(buffer("ozon-main", "weighed,20,"), weighed(20, 1));
    assert_eq!(buffer("careful", "weighed,,3"), weighed(5, 3));
}

#[test]
fn what_is_no_buffer_is_refused() {
    let error = |cells: &str| {
        error(&format!(
            "sku,title,ozon-main.offer_id,ozon-main.buffer,ozon-main.risk,ozon-main.last_unit\nTEA,Tea,T-1,{cells}\n"
        ))
    };
    let fixed = "goods.csv:2: column ozon-main.risk: it says something of a buffer that is adaptive; write adaptive in ozon-main.buffer";
    assert_eq!(error(",10,"), fixed);
    for (cells, wrong) in [
        (
            "few,,",
            "column ozon-main.buffer: \"few\" is not a whole number from 0 to 1000000000 in digits alone, such as 12, nor weighed or adaptive",
        ),
        (
            "adaptive,0,",
            "column ozon-main.risk: \"0\" is no risk; it takes parts of 10 000, a whole number from 1 to 10000",
        ),
        ("adaptive,,1", "column ozon-main.last_unit: \"1\" is neither yes nor no"),
    ] {
        assert_eq!(error(cells), format!("goods.csv:2: {wrong}"));
    }
}

#[test]
fn a_warehouse_column_makes_a_listing_there_alone() {
    let text = |warehouse| format!("sku,title,ozon-main.offer_id,ozon-main.warehouse\nTEA,Tea,T-1,{warehouse}\n");
    assert_eq!(listings(&goods(&text("12"))[0]).len(), 1);
    let expected = "goods.csv:2: column ozon-main.warehouse: \"13\" is no warehouse of this connection; it has 11, 12";
    assert_eq!(error(&text("13")), expected);
}

#[test]
fn a_line_without_the_id_makes_no_listing_and_may_say_nothing_of_one() {
    assert!(goods("sku,title,kaspi.sku,kaspi.price\nTEA,Tea,,\n")[0].offered.is_empty());
    let error = error("sku,title,kaspi.sku,kaspi.price\nTEA,Tea,,100\n");
    assert!(error.starts_with("goods.csv:2: column kaspi.sku: it is empty, but kaspi.price isn't;"), "{error}");
}

#[test]
fn kaspi_needs_a_price_of_whole_tenge() {
    let with = |price| format!("sku,title,kaspi.sku,kaspi.price\nTEA,Tea,TEA,{price}\n");
    assert_eq!(prices(&goods(&with("15990.00"))[0]), [Some(Money::new(1_599_000, Currency::KZT))]);
    assert!(
        error(&with("")).contains("column kaspi.price: it is empty; Kaspi takes no good without a price, of whole KZT")
    );
    assert!(
        error(&with("15990.50")).contains("column kaspi.price: Kaspi does not take 15990.50 KZT; it takes whole KZT")
    );
    assert!(error(&with("9")).contains("10.00 KZT at least"));
}

#[test]
fn a_good_has_one_price_at_a_connection_whatever_its_warehouse() {
    let with = |warehouse, price| {
        let first = "sku,title,ozon-main.offer_id,ozon-main.price,ozon-main.warehouse\nTEA,Tea,T-1,100,11\n";
        format!("{first}TEA,,T-1,{price},{warehouse}\n")
    };
    assert_eq!(prices(&goods(&with("12", 100))[0]), [Some(Money::new(10_000, Currency::RUB))]);
    let error = error(&with("12", 200));
    assert!(error.contains("column ozon-main.price: TEA costs something else on line 2"), "{error}");
}

#[test]
fn a_listings_cells_are_checked() {
    for (column, cell, wrong) in [
        ("share", "101", "is not a percentage"),
        ("max", "many", "is not a whole number"),
        ("paused", "maybe", "is neither yes nor no"),
        ("product_id", "A-7", "is not Ozon's number"),
        ("price", "0", "nothing is sold for 0"),
    ] {
        let error = error(&format!("sku,title,ozon-main.offer_id,ozon-main.{column}\nTEA,Tea,T,{cell}\n"));
        assert!(error.starts_with(&format!("goods.csv:2: column ozon-main.{column}: ")), "{error}");
        assert!(error.contains(wrong), "{error}");
    }
}

#[test]
fn an_article_means_one_sku_within_a_connection() {
    let text = "sku,title,wb.chrt_id,wb.vendor_code\nM,Tee M,7001,TEE\nL,Tee L,7002,TEE\nXL,Tee XL,7003,\n";
    let expected = "goods.csv:3: column wb.vendor_code: \"TEE\" is M on line 2 already; an article means one SKU";
    assert_eq!(error(text), expected);
    assert_eq!(import(text).0.len(), 2);
    assert_eq!(goods("sku,title,wb.chrt_id,kaspi.sku,kaspi.price\nA,A,7001,,\nB,B,,7001,100\n").len(), 2);
}

#[test]
fn a_later_line_may_list_the_good_at_another_warehouse_but_not_otherwise() {
    let head =
        "sku,title,location,on_hand,ozon-main.offer_id,ozon-main.warehouse,ozon-main.max\nTEA,Tea,almaty,1,T,11,5\n";
    assert_eq!(listings(&goods(&format!("{head}TEA,,astana,1,T,12,6\n"))[0]).len(), 2);
    assert_eq!(listings(&goods(&format!("{head}TEA,,astana,1,,,\n"))[0]).len(), 1);
    let expected = "goods.csv:3: column ozon-main.*: TEA is listed at 11 otherwise on line 2; \
                    say the same, or leave these columns empty here";
    assert_eq!(error(&format!("{head}TEA,,astana,1,T,11,6\n")), expected);
}

#[test]
fn another_file_is_named_when_it_disagrees() {
    let sheet = |file: &str, text: &str| Sheet::read(Path::new(file), text).unwrap();
    let sheets = [sheet("a.csv", "sku,title\nTEA,Tea\n"), sheet("b.csv", "sku,title\nTEA,Cup\n")];
    let (_, errors) = import_sheets(&sheets, &BTreeMap::new());
    assert!(errors[0].starts_with("b.csv:2: column title: TEA has it otherwise on a.csv:2;"), "{errors:?}");
}

/// What is warned of in a text without an error.
fn warnings(text: &str) -> Vec<String> {
    let (sheets, connections) = ([Sheet::read(Path::new("goods.csv"), text).unwrap()], known());
    let mut catalogue = Catalogue::of(&sheets, &connections);
    catalogue.next(usize::MAX);
    let (errors, warnings) = catalogue.into_errors();
    assert_eq!(errors, []);
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_shortened_number_and_an_invisible_letter_are_no_names() {
    for (line, column) in [
        ("\"1,00E+05\",Tea,,", "sku"),
        ("TEA\u{200b},Tea,,", "sku"),
        ("TEA,Tea,\"4,87E+12\",", "barcode"),
        ("TEA,Tea,,\"4,87E+12\"", "ozon-main.offer_id"),
        ("TEA,Tea,,T\u{a0}1", "ozon-main.offer_id"),
    ] {
        let error = error(&format!("sku,title,barcode,ozon-main.offer_id\n{line}\n"));
        assert!(error.starts_with(&format!("goods.csv:2: column {column}: ")), "{error}");
    }
}

#[test]
fn a_wrong_check_digit_is_warned_of_and_taken() {
    let text = "sku,title,barcode,wb.chrt_id,wb.barcode\nTEA,Tea,4870000000017,7001,4870000000012\n";
    let expected =
        ["goods.csv:2: column barcode: the last digit of 4870000000017 should be 2 by the others; is it typed right?"];
    assert_eq!(warnings(text), expected);
    assert_eq!(goods(text)[0].product.barcodes, ["4870000000017".to_owned().into()]);
}

#[test]
fn a_name_that_looks_like_another_is_warned_of_once() {
    let text = "sku,title\nTEA,Tea\nТЕА,Чай\nТЕА,\n";
    let expected = ["goods.csv:3: column sku: ТЕА looks like TEA of line 2, in another alphabet; is it another good?"];
    assert_eq!(warnings(text), expected);
    assert_eq!(goods(text).len(), 2);
}

#[test]
fn all_that_is_wrong_with_a_line_is_said_at_once() {
    let text = "sku,title,brand,on_hand,cost,kaspi.sku,kaspi.price\nTEA,a\tb,,many,-1,TEA,\n";
    let (_, errors) = import(text);
    let columns: Vec<&str> = errors.iter().map(|error| error.split(": ").nth(1).unwrap()).collect();
    assert_eq!(columns, ["column title", "column cost", "column on_hand", "column kaspi.price"]);
}

#[test]
fn an_error_names_the_column_as_the_file_does() {
    let error = error("Артикул;Наименование;Склад;Остаток\nTEA;Чай;almaty;много\n");
    assert!(error.starts_with("goods.csv:2: column Остаток (on_hand): \"много\" is not a whole number"), "{error}");
}

#[test]
fn a_price_without_its_connection_is_told_how_to_be_said() {
    let error = error("Артикул;Наименование;Цена\nTEA;Чай;100\n");
    let expected = "goods.csv:1: column Цена: a price is one of a connection; call it <connection id>.price, or say \
                    --map \"Цена=<connection id>.price\"; nothing of this file was imported";
    assert_eq!(error, expected);
}

#[test]
fn letters_and_zeros_that_may_be_wrong_are_warned_of_and_taken() {
    let text = "sku,title,kaspi.sku,kaspi.price\nTЕA,Tea,TEА-1,100\n";
    let said = warnings(text);
    assert!(
        said[0].starts_with("goods.csv:2: column sku: TЕA has a Cyrillic Е (U+0415) among Latin letters"),
        "{said:?}"
    );
    assert!(said[1].starts_with("goods.csv:2: column kaspi.sku: TEА-1 has a Cyrillic А"), "{said:?}");
    assert_eq!((said.len(), goods(text).len()), (2, 1));
    let expected =
        ["goods.csv:3: column sku: others of the file are as long as 00124; has a spreadsheet dropped its zeros?"];
    assert_eq!(warnings("sku,title\n00123,Tea\n124,Cup\n"), expected);
}
