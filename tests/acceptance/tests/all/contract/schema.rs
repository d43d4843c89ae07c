//! OpenAPI 3.0 schemas as JSON Schema, closed: a property that a schema doesn't name is a mistake.

use serde_json::{Map, Value, json};

/// How literally a file is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it is written.
    Literal,
    /// 64-bit numbers may be texts: JSON of protocol buffers has them as texts, Ozon's samples as numbers, its types as either.
    WideNumbers,
    /// And what is absent may be null, as it is all over Ozon's samples, though no schema of Ozon's is nullable.
    WideNumbersAndNulls,
}

/// The JSON Schema of what `node` of an OpenAPI `document` describes.
pub(super) fn json_schema(document: &Value, node: &Value, reading: Reading) -> Value {
    Converter { document, reading }.convert(node, &[])
}

struct Converter<'a> {
    document: &'a Value,
    reading: Reading,
}

type Node = Map<String, Value>;

impl Converter<'_> {
    /// `within` are the references on the way here: what refers to itself is let pass there.
    fn convert(&self, node: &Value, within: &[&str]) -> Value {
        let Some(node) = node.as_object() else { return json!(true) };
        match node.get("$ref").and_then(Value::as_str) {
            None => self.described(&self.flattened(node), within),
            Some(reference) => match self.target(reference) {
                Some(target) if !within.contains(&reference) => self.convert(target, &[within, &[reference]].concat()),
                _ => json!(true),
            },
        }
    }

    fn target(&self, reference: &str) -> Option<&Value> {
        self.document.pointer(reference.strip_prefix('#')?)
    }

    /// With the parts of `allOf` in one: each of them alone would shut out what the others name.
    fn flattened(&self, node: &Node) -> Node {
        let mut whole = node.clone();
        let Some(Value::Array(parts)) = whole.remove("allOf") else { return whole };
        for part in &parts {
            let part = part.get("$ref").and_then(Value::as_str).map_or(Some(part), |reference| self.target(reference));
            for (key, value) in part.and_then(Value::as_object).map(|part| self.flattened(part)).unwrap_or_default() {
                merge(whole.entry(key).or_insert(Value::Null), value);
            }
        }
        whole
    }

    fn described(&self, node: &Node, within: &[&str]) -> Value {
        let mut schema = Map::new();
        let types = self.types(node);
        if !types.is_empty() {
            schema.insert("type".to_owned(), json!(types));
        }
        if types.contains(&"string") && types.contains(&"integer") {
            schema.insert("pattern".to_owned(), json!("^-?[0-9]+$"));
        }
        if let Some(Value::Array(values)) = node.get("enum") {
            let null = types.contains(&"null").then_some(Value::Null);
            schema.insert("enum".to_owned(), values.iter().cloned().chain(null).collect());
        }
        if node.get("format").is_some_and(|format| format == "date-time") {
            schema.insert("format".to_owned(), json!("date-time"));
        }
        for bound in ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"] {
            schema.extend(
                node.get(bound).filter(|bound| bound.is_number()).map(|value| (bound.to_owned(), value.clone())),
            );
        }
        if let Some(items) = node.get("items") {
            schema.insert("items".to_owned(), self.convert(items, within));
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(Value::Array(choices)) = node.get(choice) {
                schema.insert("anyOf".to_owned(), choices.iter().map(|choice| self.convert(choice, within)).collect());
            }
        }
        self.close(&mut schema, node, within);
        Value::Object(schema)
    }

    /// `required` may name what there is no property for: then nobody can send it.
    fn close(&self, schema: &mut Node, node: &Node, within: &[&str]) {
        let Some(Value::Object(properties)) = node.get("properties") else { return };
        let open = node.get("additionalProperties").map_or(json!(false), |more| match more {
            Value::Bool(open) => json!(open),
            more => self.convert(more, within),
        });
        let required = node.get("required").and_then(Value::as_array).into_iter().flatten();
        let required = required.filter(|name| name.as_str().is_some_and(|name| properties.contains_key(name)));
        schema.insert("required".to_owned(), required.cloned().collect());
        schema.insert("additionalProperties".to_owned(), open);
        let converted = properties.iter().map(|(name, node)| (name.clone(), self.convert(node, within)));
        schema.insert("properties".to_owned(), Value::Object(converted.collect()));
    }

    /// Ozon has types of its own making; one that says nothing is none. None at all lets everything pass.
    fn types(&self, node: &Node) -> Vec<&'static str> {
        let mut types = match node.get("type").and_then(Value::as_str) {
            Some("string" | "timestamp" | "enum") => vec!["string"],
            Some("integer" | "int" | "int32" | "int64") => vec!["integer"],
            Some("number" | "float" | "double") => vec!["number"],
            Some("boolean" | "bool") => vec!["boolean"],
            Some("array" | "array of strings") => vec!["array"],
            Some("object") => vec!["object"],
            _ if node.contains_key("properties") => vec!["object"],
            _ if node.contains_key("items") => vec!["array"],
            _ => return Vec::new(),
        };
        let is_wide = node.get("format").is_some_and(|format| ["int64", "uint64"].iter().any(|wide| format == wide));
        if is_wide && self.reading != Reading::Literal {
            types = vec!["integer", "string"];
        }
        if node.get("nullable") == Some(&json!(true)) || self.reading == Reading::WideNumbersAndNulls {
            types.push("null");
        }
        types
    }
}

/// Properties and names that are required add up; of anything else the first counts.
fn merge(whole: &mut Value, part: Value) {
    match (whole, part) {
        (whole @ Value::Null, part) => *whole = part,
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part {
                whole.entry(key).or_insert(value);
            }
        }
        (Value::Array(whole), Value::Array(part)) => whole.extend(part),
        _ => {}
    }
}

#[test]
fn a_misspelt_key_a_missing_one_and_a_wrong_type_are_each_found() {
    let document = json!({"components": {"schemas": {
        "Row": {"required": ["amount", "quant_size"], "properties": {"chrtId": {"type": "integer"}, "amount": {"type": "int"}}},
        "Named": {"allOf": [{"$ref": "#/components/schemas/Row"}, {"properties": {"name": {"type": "string", "nullable": true}}}]},
    }}});
    let schema = json_schema(&document, &json!({"$ref": "#/components/schemas/Named"}), Reading::Literal);
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (instance, problems) in [
        (json!({"chrtId": 1, "amount": 2, "name": null}), 0),
        (json!({"chrtID": 1, "amount": 2}), 1),
        (json!({"chrtId": 1}), 1),
        (json!({"chrtId": "1", "amount": null, "name": 1}), 3),
    ] {
        assert_eq!(validator.iter_errors(&instance).count(), problems, "{instance}");
    }
}

#[test]
fn what_ozon_types_in_its_own_way_is_understood() {
    let node = json!({"properties": {
        "id": {"type": "string", "format": "int64"}, "at": {"type": "timestamp", "format": "date-time"},
        "tags": {"type": "array of strings", "enum": null}, "is": {"type": "bool"}, "any": {"$ref": "../../x.yaml"},
    }});
    let validator = |reading| {
        let schema = json_schema(&Value::Null, &node, reading);
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    };
    let good = json!({"id": 7, "at": "2026-11-22T00:00:00Z", "tags": ["a"], "is": true, "any": {"thing": 1}});
    assert!(validator(Reading::WideNumbers).is_valid(&good));
    assert!(validator(Reading::WideNumbers).is_valid(&json!({"id": "7"})));
    assert!(!validator(Reading::WideNumbers).is_valid(&json!({"id": "seven"})));
    assert!(!validator(Reading::WideNumbers).is_valid(&json!({"at": "yesterday"})));
    assert!(!validator(Reading::WideNumbers).is_valid(&json!({"is": null})));
    assert!(validator(Reading::WideNumbersAndNulls).is_valid(&json!({"is": null})));
    assert!(!validator(Reading::Literal).is_valid(&json!({"id": 7})));
}
