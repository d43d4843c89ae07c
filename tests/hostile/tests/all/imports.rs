//! Files that a person imports.

use edin_catalogue::{Problem, Report};
use edin_domain::Sku;
use edin_domain::stock::Place;
use hostile::input;
use proptest::prelude::*;
use proptest::sample::select;

use crate::house::House;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() }
}

const CONNECTION: &str = r#"{"connection":[{"id":"new","account":{"kaspi":{"merchant_id":"1","company":"Shop","cities":["750000000"],
    "max_shrink":10,"feed_user":"a"}},"currency":"KZT","base_url":"https://example.com","proxy":"http://example.com",
    "warehouses":{"PP1":["almaty"]},"policy":{"share":100,"buffer":1,"end_when":0},"assortment":{"brands":["Acme"]},
    "secrets":{"token":"secret-77011234567","feed_password":"secret-77011234567"}}]}"#;

/// A cell that means something somewhere: to a spreadsheet, to CSV, to a key of the table.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "",
            "=1+1",
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@SUM(A1)",
            "\"",
            "\"\"",
            "a\"b",
            "a,b",
            "a;b",
            "a\nb",
            "a\r\nb",
            "\t",
            "\0",
            "\u{feff}",
            "\u{ffff}",
            "#",
            "A#1",
            " ",
            "1e9",
            "٣",
            "１２",
            "0x10",
            "1_000",
            "NULL",
            "TEA",
            "../..",
            "ТЕА",
            "1,00E+05",
            "4,87E+12",
            "T\u{a0}A",
            "TEA\u{200b}",
            "4870000000017",
            "\u{202e}x"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,20}",
        (400_usize..700).prop_map(|length| "я".repeat(length)),
    ]
}

#[test]
fn a_line_is_imported_as_it_is_or_refused_by_its_number() {
    let house = House::open();
    let lines = prop::collection::vec((cell(), cell(), cell(), cell()), 1..6);
    proptest!(config(120), |(lines in lines, crlf in any::<bool>(), bom in any::<bool>())| {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(["sku", "title", "brand", "on_hand"]).unwrap();
        lines.iter().for_each(|(sku, title, brand, units)| writer.write_record([sku, title, brand, units]).unwrap());
        let text = writer.into_inner().unwrap();
        let report = house.import("goods.csv", &[if bom { "\u{feff}".as_bytes() } else { b"" }, &text].concat());
        explained(&report, "goods.csv")?;
        let wrong: std::collections::BTreeSet<_> = report.errors.iter().map(|error| error.line).collect();
        prop_assert!(wrong.len() <= lines.len());
        for (sku, title, brand, units) in &lines {
            let only = lines.iter().filter(|other| other.0.trim() == sku.trim()).count() == 1;
            let Ok(sku) = Sku::new(sku.trim()) else { continue };
            let product = house.runtime.block_on(house.store().products([sku.clone()])).unwrap().remove(&sku);
            let plain = |text: &str| text.chars().count() <= 500 && !text.chars().any(char::is_control);
            let is_seen = |letter: char| letter == ' ' || letter.is_alphanumeric() || letter.is_ascii_punctuation();
            let is_name = sku.as_str().chars().all(is_seen) && !sku.as_str().contains("E+");
            let is_good = is_name && !title.trim().is_empty() && plain(title.trim()) && plain(brand.trim()) && units.trim().is_empty();
            if only && is_good {
                let product = product.expect("a good line is imported");
                prop_assert_eq!((product.title.as_str(), product.brand.as_deref().unwrap_or_default()), (title.trim(), brand.trim()));
            }
        }
    });
}

#[test]
fn a_stock_document_is_taken_whole_or_not_at_all() {
    let house = House::open();
    let number = std::cell::Cell::new(0);
    let units = prop_oneof![3 => (0_u32..1_000).prop_map(|units| units.to_string()), 1 => cell()];
    let tea = Place { sku: Sku::new("TEA").unwrap(), location: "almaty".parse().unwrap() };
    let on_hand = || house.runtime.block_on(house.store().levels([tea.clone()])).unwrap().level(&tea).unwrap().on_hand;
    proptest!(config(60), |(lines in prop::collection::vec(units, 1..4))| {
        number.set(number.get() + 1);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["sku", "location", "document", "received"]).unwrap();
        lines.iter().for_each(|units| writer.write_record(["TEA", "almaty", &number.get().to_string(), units]).unwrap());
        let text = writer.into_inner().unwrap();
        let before = on_hand();
        let report = house.import("stock.csv", &text);
        explained(&report, "stock.csv")?;
        let units = |cell: &String| cell.trim().parse::<i64>().ok().filter(|units| *units <= 1_000_000_000 && cell.trim().bytes().all(|byte| byte.is_ascii_digit()));
        let expected = lines.iter().map(units).sum::<Option<i64>>();
        prop_assert_eq!(expected.is_none(), !report.errors.is_empty(), "{:?}", report.errors);
        for _ in 0..2 {
            prop_assert_eq!(on_hand() - before, expected.unwrap_or(0));
            house.import("stock.csv", &text);
        }
    });
}

#[test]
fn a_file_that_is_no_catalogue_says_what_is_wrong() {
    let house = House::open();
    let good = "sku,title,brand\nTEA,\"Tea, green\",Acme\nCUP,Cup,\n";
    let broken = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5).prop_map(move |changes| {
            let mut bytes = good.as_bytes().to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        }),
        "(sku|title|brand|SKU|,|;|\n|\r|\"|a){0,40}".prop_map(String::into_bytes),
    ];
    proptest!(config(200), |(bytes in broken)| {
        explained(&house.import("goods.csv", &bytes), "goods.csv")?;
    });
}

#[test]
fn a_file_of_connections_is_read_or_refused_without_a_secret() {
    let house = House::open();
    let broken =
        input::broken(vec![CONNECTION]).prop_map(|json| match serde_json::from_slice::<toml_of::Value>(&json) {
            Ok(value) => toml_of::write(&value),
            Err(_) => String::from_utf8_lossy(&json).replace("\":", "\" = "),
        });
    proptest!(config(250), |(text in broken)| {
        let report = house.import("connections.toml", text.as_bytes());
        explained(&report, "connections.toml")?;
        for error in &report.errors {
            prop_assert!(!error.to_string().contains("secret-77011234567"), "{}", error);
        }
    });
}

/// JSON as TOML, so far as it goes.
mod toml_of {
    pub(super) use serde_json::Value;

    pub(super) fn write(value: &Value) -> String {
        let Value::Object(root) = value else { return format!("connection = {}", inline(value)) };
        root.iter().map(|(name, value)| format!("{name:?} = {}\n", inline(value))).collect()
    }

    fn inline(value: &Value) -> String {
        match value {
            Value::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{} = {}", Value::from(name.as_str()), inline(value)))
                    .collect();
                format!("{{ {} }}", members.join(", "))
            }
            Value::Array(all) => format!("[{}]", all.iter().map(inline).collect::<Vec<_>>().join(", ")),
            other => other.to_string(),
        }
    }
}

/// Each error is of that file, says where if it is about a line, and is for reading.
fn explained(report: &Report, name: &str) -> Result<(), TestCaseError> {
    for error in &report.errors {
        let text = error.to_string();
        prop_assert!(text.contains(name) && text.chars().count() < 3_000, "{}", text);
        prop_assert!(!matches!(error.problem, Problem::Table { .. } | Problem::Inbox(_)), "{}", text);
        let of_a_line = matches!(error.problem, Problem::Cell { .. } | Problem::Cells { .. } | Problem::NotUtf8);
        prop_assert!(!of_a_line || error.line.is_some(), "{}", text);
    }
    Ok(())
}

/// What an import of this file says, line by line.
fn errors(house: &House, bytes: &[u8]) -> Vec<String> {
    let report = house.import("goods.csv", bytes);
    let words = |error: &edin_catalogue::ImportError| {
        let text = error.to_string();
        text[text.find("goods.csv").unwrap()..].to_owned()
    };
    report.errors.iter().map(words).collect()
}

#[test]
fn spreadsheets_ways_to_write_a_file_are_read_or_told() {
    let house = House::open();
    let text = "sku,title\nTEA,Чай\n";
    let utf_16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| {
        [mark].into_iter().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
    };
    for bytes in [utf_16(0xFEFF, u16::to_le_bytes), utf_16(0xFEFF, u16::to_be_bytes)] {
        let errors = errors(&house, &bytes);
        assert_eq!(errors, [""; 0]);
    }
    for (text, expected) in [
        ("sku,title\rTEA,Чай\r", ""),
        ("\u{feff}sku;title\r\nTEA;Чай\r\n", ""),
        ("sep=;\nsku;title\nTEA;Чай\n", ""),
        ("sku,title,title\nTEA,a,b\n", "column title: it stands there twice"),
        ("sku,title,SKU\nTEA,a,b\n", "column sku: it stands there twice"),
        ("sku,title\n\"TEA,Чай\n", "goods.csv:2: it opens a quote and doesn't close it"),
        ("sku\ttitle\nTEA\tЧай\n", ""),
        ("sku,title\nTEA,\"a\nb\"\n", "goods.csv:2: a text of it goes on to line 3"),
        ("sku,title,on_hand,location\nTEA,Чай,1e3,almaty\n", "goods.csv:2: column on_hand"),
        ("sku,title,on_hand,location\nTEA,Чай,-5,almaty\n", "goods.csv:2: column on_hand"),
        ("sku,title,on_hand,location\nTEA,Чай,99999999999999999999,almaty\n", "goods.csv:2: column on_hand"),
        ("sku,title,nobody.offer_id\nTEA,Чай,1\n", "there is no connection \"nobody\""),
        ("sku,title,../x.offer_id\nTEA,Чай,1\n", "there is no connection"),
    ] {
        let errors = errors(&house, text.as_bytes());
        assert_eq!(errors.is_empty(), expected.is_empty(), "{text:?}: {errors:?}");
        assert!(errors.iter().all(|error| error.contains(expected)), "{text:?}: {errors:?}");
    }
}

#[test]
fn a_huge_cell_is_refused_in_few_words() {
    let house = House::open();
    for cell in ["a".repeat(3 << 20), "\"".repeat(1 << 20), "9".repeat(1 << 20)] {
        for column in ["sku", "title", "on_hand", "cost", "components", "ozon-main.product_id", "ozon-main.price"] {
            let line = match column {
                "sku" => format!("sku,title\n{cell},Tea\n"),
                "title" => format!("sku,title\nTEA,{cell}\n"),
                column => format!("sku,title,{column}\nTEA,Tea,{cell}\n"),
            };
            let report = house.import("goods.csv", line.as_bytes());
            let longest = report.errors.iter().map(|error| error.to_string().len()).max().unwrap_or_default();
            assert!((1..3_000).contains(&longest), "{column}: {longest} bytes");
        }
    }
}

#[test]
fn a_formula_is_text_like_any_other() {
    let house = House::open();
    assert_eq!(errors(&house, b"sku,title\n=1+1,@SUM(A1)\n"), [""; 0]);
    let sku = Sku::new("=1+1").unwrap();
    let product = house.runtime.block_on(house.store().products([sku.clone()])).unwrap().remove(&sku);
    assert_eq!(product.map(|product| product.title).as_deref(), Some("@SUM(A1)"));
}
