//! Broken input, made of good samples.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

/// Bytes that may be anything: one of `samples`, broken, or nothing of the kind.
pub fn broken(samples: Vec<&'static str>) -> impl Strategy<Value = Vec<u8>> {
    let sample = || select(samples.clone());
    prop_oneof![
        8 => (sample(), prop::collection::vec((any::<Index>(), replacement()), 1..4)).prop_map(replaced),
        2 => (sample(), any::<Index>()).prop_map(|(text, at)| text.as_bytes()[..at.index(text.len())].to_vec()),
        2 => (sample(), prop::collection::vec((any::<Index>(), any::<u8>()), 1..6)).prop_map(smudged),
        1 => (sample(), any::<Index>(), any::<Index>()).prop_map(spliced),
        1 => sample().prop_map(|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        1 => sample().prop_map(|text| [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        1 => sample().prop_map(|text| [text, text].concat().into_bytes()),
        2 => json().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

/// Any JSON, some levels deep, in words that the channels use too.
pub fn json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        select(vec![
            "data",
            "id",
            "attributes",
            "orders",
            "postings",
            "result",
            "products",
            "sku",
            "message_type",
            "code"
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What may stand where something else should: JSON as text, since not all of it is a value.
fn replacement() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            "null", "true", "{}", "[]", "\"\"", "0", "-1", "1e999", "-1E-999", "0.5", "18446744073709551615",
            "18446744073709551616", "9007199254740993", "-9223372036854775808", "9223372036854775807", "4294967295",
            "4294967296", "99999999999999999999999999999999999999", "\"NaN\"", "\"\\u0000\"", "\"\\uffff\"",
            "\"\\ud800\"", "\"\\ud83e\\uded6\"", "\" \"", "\"a#b\"", "\"../..\"", "\"..\"", "\"=1+1\"",
            "\"2026-13-40T99:99:99Z\"", "\"9999-12-31T23:59:59Z\"", "\"-9999-01-01T00:00:00Z\"", "NaN", "'a'", ",", "}",
        ]).prop_map(str::to_owned),
        1 => select(vec![1_usize, 100, 130, 20_000]).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
        1 => select(vec![130_usize, 20_000]).prop_map(|depth| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth)),
        1 => (65_usize..3_000).prop_map(|length| format!("\"{}\"", "я".repeat(length))),
        1 => (1_usize..3_000).prop_map(|length| "9".repeat(length)),
        2 => json().prop_map(|value| value.to_string()),
    ]
}

/// A mark that no sample holds.
const MARK: &str = "\u{e000}";

fn replaced((text, changes): (&'static str, Vec<(Index, String)>)) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(text).expect("samples are JSON");
    for (number, (at, _)) in changes.iter().enumerate() {
        let count = count(&value);
        *node(&mut value, &mut at.index(count)).expect("it was counted") = Value::from(format!("{MARK}{number}"));
    }
    let mut json = value.to_string();
    for (number, (_, with)) in changes.iter().enumerate() {
        json = json.replace(&format!("\"{MARK}{number}\""), with);
    }
    json.into_bytes()
}

fn count(value: &Value) -> usize {
    1 + children(value).map(count).sum::<usize>()
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(all) => Box::new(all.iter()),
        Value::Object(all) => Box::new(all.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The node that is so many steps further on, counted in the order in which they are written.
fn node<'a>(value: &'a mut Value, steps: &mut usize) -> Option<&'a mut Value> {
    if *steps == 0 {
        return Some(value);
    }
    *steps -= 1;
    match value {
        Value::Array(all) => all.iter_mut().find_map(|child| node(child, steps)),
        Value::Object(all) => all.values_mut().find_map(|child| node(child, steps)),
        _ => None,
    }
}

fn smudged((text, changes): (&'static str, Vec<(Index, u8)>)) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, byte) in changes {
        let at = at.index(bytes.len());
        bytes[at] = byte;
    }
    bytes
}

/// A sample with a piece of itself in the middle: keys that stand there twice, halves of texts.
fn spliced((text, from, to): (&'static str, Index, Index)) -> Vec<u8> {
    let (from, to) = (from.index(text.len()), to.index(text.len()));
    let (from, to) = (from.min(to), from.max(to));
    let bytes = text.as_bytes();
    [&bytes[..to], &bytes[from..]].concat()
}
