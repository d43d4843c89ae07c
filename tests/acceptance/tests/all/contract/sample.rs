//! JSON held against samples, where a channel publishes no more than those.

use serde_json::Value;

/// What samples leave open.
pub(super) struct Gaps {
    /// Keys that aren't in the sample: pointers with `*` for an index, and who documents them.
    pub(super) beyond: &'static [(&'static str, &'static str)],
    /// Keys of the sample that needn't be there, and why.
    pub(super) may_lack: &'static [(&'static str, &'static str)],
}

/// Where `actual` isn't built like `sample`: the place, and what is wrong there. A null tells no type; what is in an array is
/// built like the first thing in the sample's.
pub(super) fn departures(sample: &Value, actual: &Value, gaps: &Gaps) -> Vec<(String, String)> {
    let mut found = Vec::new();
    compare(sample, actual, "", gaps, &mut found);
    found
}

fn compare(sample: &Value, actual: &Value, place: &str, gaps: &Gaps, found: &mut Vec<(String, String)>) {
    match (sample, actual) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(sample), Value::Object(actual)) => {
            for (key, actual) in actual {
                let place = format!("{place}/{key}");
                match sample.get(key) {
                    Some(sample) => compare(sample, actual, &place, gaps, found),
                    None if covers(gaps.beyond, &place) => {}
                    None => found.push((place, "the sample has no such key".to_owned())),
                }
            }
            let lacking = sample.keys().filter(|key| !actual.contains_key(*key)).map(|key| format!("{place}/{key}"));
            let lacking = lacking.filter(|place| !covers(gaps.may_lack, place));
            found.extend(lacking.map(|place| (place, "the sample has this key".to_owned())));
        }
        (Value::Array(sample), Value::Array(actual)) => {
            for actual in actual {
                sample
                    .first()
                    .into_iter()
                    .for_each(|sample| compare(sample, actual, &format!("{place}/*"), gaps, found));
            }
        }
        (sample, actual) if kind(sample) == kind(actual) => {}
        (sample, actual) => {
            found.push((place.to_owned(), format!("{actual} is a {}, the sample has {sample}", kind(actual))));
        }
    }
}

fn covers(gaps: &[(&str, &str)], place: &str) -> bool {
    gaps.iter().any(|(gap, _)| *gap == place)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn a_key_too_many_a_key_too_few_and_another_type_are_each_found() {
    let sample = serde_json::json!({"data": [{"code": "1", "sum": 1.5, "name": null}]});
    let of = |text: &str| {
        let found = departures(&sample, &serde_json::from_str(text).unwrap(), &Gaps { beyond: &[], may_lack: &[] });
        found.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
    };
    assert!(
        of(r#"{"data": [{"code": "2", "sum": 3, "name": "A"}, {"code": "3", "sum": 0, "name": null}]}"#).is_empty()
    );
    assert_eq!(
        of(r#"{"data": [{"code": 2, "sum": 3, "naem": "A"}]}"#),
        ["/data/*/code", "/data/*/naem", "/data/*/name"]
    );
}
