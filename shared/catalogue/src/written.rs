//! The catalogue as a person would write it: what an import reads of it changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::facts;
use edin_domain::bundle::{Kind, Product};
use edin_domain::listing::{Listing, OwnAdaptive, OwnBuffer, OwnCosts, OwnPolicy, Standing};
use edin_domain::{Connection, Money};

use crate::columns::PLAIN;

/// What a line of a catalogue says, by column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(BTreeMap<String, String>);

impl Line {
    /// What a good is. Where it lies isn't said: the beginning of a level is said once, and what is counted later in a document.
    #[must_use]
    pub fn of_good(product: &Product) -> Self {
        let mut line = Self::named(product);
        line.say("brand", product.brand.clone());
        let barcodes: Vec<String> = product.barcodes.iter().map(ToString::to_string).collect();
        line.say("barcode", (!barcodes.is_empty()).then(|| barcodes.join(";")));
        line.say("cost", product.cost.map(amount));
        line.say("currency", product.cost.map(|cost| cost.currency.to_string()));
        if let Kind::Bundle { components } = &product.kind {
            let parts: Vec<String> = components.iter().map(|(sku, units)| format!("{sku}:{units}")).collect();
            line.say("components", Some(parts.join(";")));
        }
        line
    }

    /// What a listing is. None if no line could say it: at a warehouse that its connection hasn't any more, or of a channel that
    /// this release doesn't know.
    #[must_use]
    pub fn of_listing(
        product: &Product,
        connection: &Connection,
        listing: &Listing,
        price: Option<Money>,
    ) -> Option<Self> {
        let facts = facts(connection.channel())?;
        connection.warehouses.get(&listing.key.warehouse)?;
        let mut line = Self::named(product);
        let mut say = |name: &str, value: Option<String>| line.say(&format!("{}.{name}", connection.id), value);
        for id in facts.ids {
            say(id.name, listing.ids.get(id.name).map(ToString::to_string));
        }
        say("warehouse", Some(listing.key.warehouse.to_string()));
        say("price", price.map(amount));
        say("paused", Some(yes_or_no(listing.standing == Standing::Paused)));
        say("ended", listing.ended_at.map(|_| yes_or_no(true)));
        for (name, value) in policy(&listing.policy) {
            say(name, value);
        }
        Some(line)
    }

    fn named(product: &Product) -> Self {
        let mut line = Self::default();
        line.say("sku", Some(product.sku.to_string()));
        line.say("title", Some(product.title.clone()));
        line
    }

    /// Says something in a column, or nothing.
    pub(crate) fn say(&mut self, column: &str, value: Option<String>) {
        match value {
            Some(value) => _ = self.0.insert(column.to_owned(), value),
            None => _ = self.0.remove(column),
        }
    }

    fn cell(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }
}

/// What a policy has of its own, by column.
fn policy(OwnPolicy { share, buffer, max, end_when }: &OwnPolicy) -> Vec<(&'static str, Option<String>)> {
    let mut said = vec![("share", text(*share)), ("max", text(*max)), ("end_when", text(*end_when))];
    match *buffer {
        None => {}
        Some(OwnBuffer::Fixed(units)) => said.push(("buffer", text(Some(units)))),
        Some(OwnBuffer::Adaptive(OwnAdaptive { risk, most, last_unit })) => {
            said.extend([("buffer", text(Some("adaptive"))), ("risk", text(risk)), ("most", text(most))]);
            said.push(("last_unit", last_unit.map(yes_or_no)));
        }
        Some(OwnBuffer::Weighed(OwnCosts { oversell, turned_away })) => {
            said.extend([("buffer", text(Some("weighed"))), ("oversell", text(oversell))]);
            said.push(("turned_away", text(turned_away)));
        }
    }
    said
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn yes_or_no(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

/// `1490` or `1490.50`.
fn amount(money: Money) -> String {
    match (money.minor / 100, money.minor % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

/// Lines as rows of a table with all columns that any of them has: those of the good first. The head is the first row.
pub(crate) fn rows(lines: &[Line]) -> Vec<Vec<&str>> {
    let all: BTreeSet<&str> = lines.iter().flat_map(|line| line.0.keys().map(String::as_str)).collect();
    let plain = PLAIN.into_iter().filter(|column| all.contains(column));
    let columns: Vec<&str> = plain.chain(all.iter().copied().filter(|column| !PLAIN.contains(column))).collect();
    let row = |line| columns.iter().map(|column| Line::cell(line, column)).collect();
    let mut rows = vec![columns.clone()];
    rows.extend(lines.iter().map(row));
    rows
}

/// Lines as CSV.
#[must_use]
pub fn csv(lines: &[Line]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory doesn't fail.
    rows(lines).into_iter().for_each(|row| _ = writer.write_record(row));
    writer.into_inner().unwrap_or_default()
}
