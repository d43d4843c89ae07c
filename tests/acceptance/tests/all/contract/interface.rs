//! A published interface, and exchanges held against it.

use serde_json::{Value, json};

use super::recorder::Exchange;
use super::schema::{Reading, json_schema};
use super::{Problem, published};

/// Where an interface is published, and how to read it.
pub(super) struct Publication {
    /// OpenAPI 3.0, as JSON or YAML.
    pub(super) files: &'static [&'static str],
    pub(super) requests: Reading,
    pub(super) answers: Reading,
    /// Statuses that any method may answer with and that not every one lists, with the reference to what they carry.
    pub(super) everywhere: &'static [(&'static str, &'static str)],
    pub(super) amendments: &'static [Amendment],
}

/// A point at which a file is wrong, or older than the channel.
pub(super) struct Amendment {
    /// The JSON pointer of what is put in its place.
    pub(super) at: &'static str,
    /// As JSON.
    pub(super) instead: &'static str,
    pub(super) reason: &'static str,
}

/// A published interface.
pub(super) struct Interface {
    documents: Vec<Value>,
    publication: &'static Publication,
}

/// What a document says about a call.
struct Operation<'a> {
    document: &'a Value,
    node: &'a Value,
    /// The path's variables, and what stands in their places.
    variables: Vec<(&'a str, &'a str)>,
}

impl Interface {
    /// Reads the files; none if there are none here.
    pub(super) fn read(publication: &'static Publication) -> Option<Self> {
        let read = |file: &&str| published(file).map(|text| parse(file, &text));
        let mut documents: Vec<_> = publication.files.iter().map(read).collect::<Option<_>>()?;
        for amendment in publication.amendments {
            let amended =
                documents.iter_mut().map(|document| amendment.apply(document)).filter(|applied| *applied).count();
            assert!(amended > 0, "nothing to amend at {}: {}", amendment.at, amendment.reason);
        }
        Some(Self { documents, publication })
    }

    /// All that is wrong with the exchanges.
    pub(super) fn problems(&self, exchanges: &[Exchange]) -> Vec<Problem> {
        exchanges
            .iter()
            .flat_map(|exchange| self.requested(exchange).into_iter().chain(self.answered(exchange)))
            .collect()
    }

    /// All that is wrong with the answers, where the requests are wrong on purpose.
    pub(super) fn problems_of_answers(&self, exchanges: &[Exchange]) -> Vec<Problem> {
        exchanges.iter().flat_map(|exchange| self.answered(exchange)).collect()
    }

    fn operation<'a>(&'a self, exchange: &'a Exchange) -> Option<Operation<'a>> {
        self.documents.iter().find_map(|document| Operation::of(document, exchange))
    }

    fn answered(&self, exchange: &Exchange) -> Vec<Problem> {
        self.operation(exchange).map(|operation| operation.answer(exchange, self.publication)).unwrap_or_default()
    }

    fn requested(&self, exchange: &Exchange) -> Vec<Problem> {
        let Some(operation) = self.operation(exchange) else {
            return vec![exchange.problem("the call", "there is no such method")];
        };
        let deprecated = operation.node.get("deprecated") == Some(&json!(true));
        let mut problems: Vec<_> =
            deprecated.then(|| exchange.problem("the call", "the method is deprecated")).into_iter().collect();
        problems.extend(operation.parameters(exchange));
        problems.extend(operation.request(exchange, self.publication.requests));
        problems
    }
}

fn parse(file: &str, text: &str) -> Value {
    let parsed = match file.ends_with(".json") {
        true => serde_json::from_str(text).map_err(|error| error.to_string()),
        false => serde_yaml_ng::from_str(text).map_err(|error| error.to_string()),
    };
    parsed.unwrap_or_else(|error| panic!("{file}: {error}"))
}

impl Amendment {
    /// False if the document has no such place.
    fn apply(&self, document: &mut Value) -> bool {
        let (parent, key) = self.at.rsplit_once('/').unwrap();
        let Some(Value::Object(parent)) = document.pointer_mut(parent) else { return false };
        parent.insert(key.to_owned(), serde_json::from_str(self.instead).unwrap());
        true
    }
}

impl Exchange {
    pub(super) fn problem(&self, place: &str, what: impl Into<String>) -> Problem {
        Problem { exchange: self.name(), place: place.to_owned(), what: what.into() }
    }
}

impl<'a> Operation<'a> {
    /// A path without variables goes before one with.
    fn of(document: &'a Value, exchange: &'a Exchange) -> Option<Self> {
        let method = exchange.method.as_str().to_ascii_lowercase();
        let paths = document.get("paths")?.as_object()?;
        let fitting = paths.iter().filter_map(|(template, item)| {
            Some(Self { document, node: item.get(&method)?, variables: variables(template, &exchange.path)? })
        });
        fitting.min_by_key(|operation| operation.variables.len())
    }

    fn resolved(&self, node: &'a Value) -> &'a Value {
        let target = |reference: &str| self.document.pointer(reference.strip_prefix('#')?);
        node.get("$ref").and_then(Value::as_str).and_then(target).unwrap_or(node)
    }

    /// Those that are sent must be known, those that are required must be sent.
    fn parameters(&self, exchange: &Exchange) -> Vec<Problem> {
        let listed = self.node.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let known: Vec<&Value> = listed.map(|parameter| self.resolved(parameter)).collect();
        let of = |place: &str, name: &str| {
            known.iter().copied().find(|parameter| parameter["in"] == place && parameter["name"] == name)
        };
        let mut problems = Vec::new();
        for (name, text) in &exchange.query {
            match of("query", name) {
                None => problems.push(exchange.problem("the query", format!("there is no parameter {name}"))),
                Some(parameter) => problems.extend(self.value(exchange, &format!("{name}={text}"), parameter, text)),
            }
        }
        for (name, text) in &self.variables {
            let parameter = of("path", name).unwrap_or(&Value::Null);
            problems.extend(self.value(exchange, &format!("{name} in the path"), parameter, text));
        }
        for required in known.iter().filter(|parameter| parameter["required"] == json!(true)) {
            let name = required["name"].as_str().unwrap_or_default();
            let is_sent = match required["in"].as_str() {
                Some("query") => exchange.query.iter().any(|(sent, _)| sent == name),
                Some("header") => exchange.headers.contains_key(name),
                _ => true,
            };
            if !is_sent {
                problems.push(exchange.problem("the parameters", format!("{name} is required and not sent")));
            }
        }
        problems
    }

    /// A parameter is a text; whether it is the text of a number or of a list with commas, its schema says.
    fn value(&self, exchange: &Exchange, place: &str, parameter: &Value, text: &str) -> Vec<Problem> {
        let schema = json_schema(self.document, &parameter["schema"], Reading::Literal);
        let value = match schema["type"] == json!(["array"]) {
            true => text.split(',').map(|text| typed(&schema["items"], text)).collect(),
            false => typed(&schema, text),
        };
        departures(exchange, place, &schema, &value)
    }

    fn request(&self, exchange: &Exchange, reading: Reading) -> Vec<Problem> {
        let Some(body) = self.node.get("requestBody").map(|body| self.resolved(body)) else {
            let is_nothing = exchange.sent.is_empty() || exchange.sent == b"{}";
            let unwanted = || exchange.problem("the request", "the method takes no body");
            return (!is_nothing).then(unwanted).into_iter().collect();
        };
        let Some(content) = body["content"].get(exchange.sent_as()) else {
            return vec![exchange.problem("the request", format!("{:?} is no media type of it", exchange.sent_as()))];
        };
        let schema = json_schema(self.document, &content["schema"], reading);
        against(exchange, "the request", &schema, &exchange.sent)
    }

    /// What a gateway says when its service is down is in no file.
    fn answer(&self, exchange: &Exchange, publication: &Publication) -> Vec<Problem> {
        let status = exchange.status.to_string();
        let responses = &self.node["responses"];
        let listed =
            responses.get(&status).or_else(|| responses.get("default")).map(|response| self.resolved(response));
        let everywhere = publication.everywhere.iter().find(|(everywhere, _)| *everywhere == status);
        let schema = match (listed, everywhere) {
            _ if exchange.status >= 500 => return Vec::new(),
            (None, None) => return vec![exchange.problem("the answer", "the status isn't documented")],
            (None, Some((_, reference))) => json!({ "$ref": reference }),
            (Some(response), _) => match response["content"].as_object().and_then(|content| content.values().next()) {
                Some(content) => content["schema"].clone(),
                None if exchange.answer.is_empty() => return Vec::new(),
                None => return vec![exchange.problem("the answer", "it has a body, and is documented to have none")],
            },
        };
        let schema = json_schema(self.document, &schema, publication.answers);
        against(exchange, "the answer", &schema, &exchange.answer)
    }
}

/// The variables of a template such as `/api/v3/stocks/{warehouseId}`, if `path` fits it.
fn variables<'a>(template: &'a str, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (expected, actual): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let variable = |part: &'a str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let fits = |(expected, actual): (&&'a str, &&'a str)| expected == actual || variable(expected).is_some();
    let is_it = expected.len() == actual.len() && expected.iter().zip(&actual).all(fits);
    let found = || expected.iter().zip(&actual).filter_map(|(expected, actual)| Some((variable(expected)?, *actual)));
    is_it.then(|| found().collect())
}

/// What a text of a parameter stands for.
fn typed(schema: &Value, text: &str) -> Value {
    let is_text = schema["type"] == json!(["string"]);
    if is_text { json!(text) } else { serde_json::from_str(text).unwrap_or_else(|_| json!(text)) }
}

fn against(exchange: &Exchange, place: &str, schema: &Value, body: &[u8]) -> Vec<Problem> {
    match serde_json::from_slice(body) {
        Ok(body) => departures(exchange, place, schema, &body),
        Err(error) => vec![exchange.problem(place, format!("it isn't JSON: {error}"))],
    }
}

fn departures(exchange: &Exchange, place: &str, schema: &Value, value: &Value) -> Vec<Problem> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema);
    let validator = validator.unwrap_or_else(|error| panic!("{}, {place}: no schema: {error}", exchange.name()));
    let problem = |error: jsonschema::ValidationError<'_>| {
        exchange.problem(&format!("{place} at {}", error.instance_path()), error.to_string())
    };
    validator.iter_errors(value).map(problem).collect()
}
