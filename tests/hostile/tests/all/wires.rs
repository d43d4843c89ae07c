//! The readers of what channels send.

use edin_channels::kaspi::map::Basket;
use edin_channels::read::Reading;
use edin_channels::tolerant::read;
use edin_channels::{kaspi, ozon, wildberries};
use edin_domain::order::{Milestone, OrderState};
use hostile::wires::{NOW, READERS, check};
use hostile::{input, samples};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_comes_makes_a_reader_panic_or_say_more_than_it_should(body in input::broken(samples::all())) {
        check(&body);
    }

    #[test]
    fn a_status_that_nobody_documents_reaches_its_reader_as_it_is_and_moves_nothing(status in "\\PC{0,40}_of_tomorrow|") {
        let json = serde_json::to_string(&status).unwrap();
        unknown_at_ozon(&status, &json)?;
        unknown_at_wildberries(&status, &json)?;
        unknown_at_kaspi(&status, &json)?;
    }

    #[test]
    fn a_push_of_a_type_that_nobody_documents_is_kept_under_its_name(kind in "\\PC{1,60}") {
        prop_assume!(!kind.starts_with("TYPE_"));
        let body = serde_json::json!({ "message_type": kind, "seller_id": 1, "what": { "ever": [kind] } }).to_string();
        prop_assert_eq!(edin_channels::read(&ozon::NAME, &body, NOW), Ok(Reading::Unknown(kind)));
    }

    #[test]
    fn fields_that_nobody_documents_change_nothing(extra in input::json(), name in "[a-z]{3,9}_of_tomorrow") {
        for sample in samples::OZON_PUSHES {
            let with = sample.replacen('{', &format!("{{\"{name}\":{extra},"), 1);
            prop_assert_eq!(edin_channels::read(&ozon::NAME, &with, NOW), edin_channels::read(&ozon::NAME, sample, NOW));
        }
    }
}

fn unknown_at_ozon(status: &str, json: &str) -> Result<(), TestCaseError> {
    let body = samples::OZON_ANSWERS[0].replace("\"awaiting_deliver\"", json);
    let page: ozon::wire::Postings = read(body.as_bytes()).unwrap();
    let (postings, _) = page.postings.sorted();
    prop_assert_eq!(&postings[0].status, status);
    let (told, _) = ozon::map::posting(&postings[0], NOW).unwrap();
    waits(&told.orders[0].1, 3)
}

fn unknown_at_wildberries(status: &str, json: &str) -> Result<(), TestCaseError> {
    let body = samples::WILDBERRIES_ANSWERS[2].replace("\"complete\"", json).replace("\"sorted\"", json);
    let statuses: wildberries::wire::Statuses = read(body.as_bytes()).unwrap();
    let told = &statuses.orders.sorted().0[0];
    prop_assert_eq!((told.supplier_status.as_str(), told.wb_status.as_str()), (status, status));
    let standing = wildberries::status::standing(told);
    prop_assert!(standing.reached.is_empty() && standing.doubt.is_some());
    Ok(())
}

fn unknown_at_kaspi(status: &str, json: &str) -> Result<(), TestCaseError> {
    let body = samples::KASPI_ANSWERS[0].replace("\"APPROVED_BY_BANK\"", json);
    let page: kaspi::wire::Orders = read(body.as_bytes()).unwrap();
    let (orders, _) = page.data.sorted();
    prop_assert_eq!(&orders[0].attributes.status, status);
    let basket = Basket { entries: page.included.sorted().0, left_out: Vec::new() };
    let (told, _) = kaspi::map::order(&orders[0], basket, NOW).unwrap();
    waits(&told.orders[0].1, 2)
}

/// Its units are promised: nothing is called off, nothing left.
fn waits(state: &OrderState, units: u32) -> Result<(), TestCaseError> {
    let counted: Vec<_> = state.lines.values().map(|line| state.counted(line)).collect();
    prop_assert_eq!(counted.iter().map(|line| line.reserved()).sum::<u32>(), units);
    prop_assert!(![Milestone::Cancelled, Milestone::Shipped, Milestone::Returned].iter().any(|end| state.has(*end)));
    Ok(())
}

#[test]
fn every_sample_is_read_by_somebody_and_breaks_nothing() {
    for sample in samples::all() {
        check(sample.as_bytes());
        let readers = READERS.iter().filter(|(_, reader)| reader(sample.as_bytes()).is_ok());
        assert!(readers.count() > 0, "{sample}");
    }
}

/// What fuzzing found.
#[test]
fn neither_what_stands_first_nor_a_key_is_repeated_at_length() {
    for body in [samples::PERSON.to_owned(), format!("[\"{}\"]", samples::PERSON), "{\"\":}".to_owned()] {
        check(body.as_bytes());
    }
    check(format!("{{\"{}\":}}", "a".repeat(100_000)).as_bytes());
}

#[test]
fn depth_is_no_matter() {
    for depth in [100, 127, 128, 1_000, 200_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let nested = open.repeat(depth) + "1" + &close.repeat(depth);
            check(nested.as_bytes());
            check(open.repeat(depth).as_bytes());
            for field in ["price", "products", "sku", "quantity", "seller_id", "orders", "data", "attributes"] {
                check(
                    format!(r#"{{"message_type":"TYPE_NEW_POSTING","posting_number":"1","{field}":{nested}}}"#)
                        .as_bytes(),
                );
            }
        }
    }
}

#[test]
fn texts_of_other_encodings_are_refused_where_they_end() {
    let text = samples::OZON_PUSHES[0].replace("TEA", "Чай");
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let windows_1251: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(0xD7)).collect();
    let overlong =
        [&b"{\"message_type\":\"\xC0\xAE\xC0\xAE\"}"[..], b"{\"message_type\":\"\xED\xA0\x80\"}"].map(<[u8]>::to_vec);
    for bytes in [utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes), windows_1251].into_iter().chain(overlong) {
        check(&bytes);
        for (name, reader) in READERS {
            assert!(reader(&bytes).is_err(), "{name}");
        }
    }
}

#[test]
fn what_is_told_twice_in_one_object_is_refused_rather_than_chosen() {
    let push = samples::OZON_PUSHES[0];
    for (key, value) in [("message_type", "\"TYPE_PING\""), ("posting_number", "\"2-2\""), ("products", "[]")] {
        let twice = push.replacen('{', &format!("{{\"{key}\":{value},"), 1);
        let error = edin_channels::read(&ozon::NAME, &twice, NOW).unwrap_err().to_string();
        assert!(error.contains("duplicate field"), "{error}");
    }
}
