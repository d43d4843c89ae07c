//! One line of a catalogue: cells in, a checked [`Row`] out.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use edin_domain::barcode::{Barcode, Holds};
use edin_domain::{Currency, LocationId, Money, Sku};

use crate::cells::{Cells, name, one_line, whole};
use crate::error::{At, Problem};
use crate::header::Header;
use crate::names;
use crate::numbers::currency;
use crate::offered::{Offered, offered};

/// What a line says. What it leaves empty is none: an earlier line of the SKU may have said it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) at: At,
    pub(crate) sku: Sku,
    pub(crate) facts: Facts,
    /// The columns about the good that the file doesn't have.
    pub(crate) silent: BTreeSet<&'static str>,
    pub(crate) count: Option<(LocationId, i64)>,
    pub(crate) offered: Vec<Offered>,
}

/// What is the same wherever a good lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) title: Option<String>,
    pub(crate) brand: Option<String>,
    pub(crate) barcodes: Option<Vec<Barcode>>,
    pub(crate) cost: Option<Money>,
    pub(crate) components: Option<BTreeMap<Sku, u32>>,
}

impl Row {
    /// What may be meant otherwise, each with its column.
    pub(crate) fn doubts(&self) -> Vec<(String, String)> {
        let own = self.facts.barcodes.iter().flatten().filter(|barcode| barcode.holds != Holds::Grams);
        let own = own.map(|barcode| ("barcode".to_owned(), barcode.code.as_str()));
        let listed = self.offered.iter().flat_map(Offered::barcodes);
        let codes = own.chain(listed).filter_map(|(column, code)| Some((column, names::doubt_barcode(code)?)));
        let called = self.offered.iter().flat_map(|offered| &offered.articles);
        // Where a channel calls it as we do, once is enough.
        let called = called.filter(|(article, _)| article.as_str() != self.sku.as_str());
        let called = called.map(|(article, column)| (column.clone(), article.as_str()));
        let named = [("sku".to_owned(), self.sku.as_str())].into_iter().chain(called);
        let mixed = named.filter_map(|(column, name)| Some((column, names::doubt_letters(name)?)));
        let mut doubts: Vec<_> = codes.chain(mixed).collect();
        doubts.dedup();
        doubts
    }

    /// What a line is about, and whether it makes that a bundle.
    ///
    /// # Errors
    /// If that can't be read.
    pub(crate) fn name(header: &Header<'_>, record: &StringRecord) -> Result<(Sku, bool), Problem> {
        check_width(header, record)?;
        let cells = Cells { header, record };
        let sku =
            cells.read("sku", name::<Sku>)?.ok_or_else(|| Problem::cell("sku", "it is empty; each line has one"))?;
        Ok((sku, cells.text("components").is_some()))
    }

    /// # Errors
    /// All that is wrong with the line: of what it says about a connection, the first thing.
    pub(crate) fn read(header: &Header<'_>, at: At, record: &StringRecord) -> Result<Self, Vec<Problem>> {
        let (sku, _) = Self::name(header, record).map_err(|problem| vec![problem])?;
        let cells = Cells { header, record };
        let mut wrong = Wrong::default();
        let facts = facts(&cells, &mut wrong);
        let is_bundle = cells.text("components").is_some();
        let count = wrong.or_note(count(&cells, is_bundle)).flatten();
        let mut listed = Vec::new();
        for connection in &header.connections {
            listed.extend(wrong.or_note(offered(&cells, connection, &sku)).unwrap_or_default());
        }
        match wrong.0.is_empty() {
            true => Ok(Self { at, sku, facts, silent: header.silent(), count, offered: listed }),
            false => Err(wrong.0),
        }
    }
}

/// What is wrong with a line.
#[derive(Default)]
struct Wrong(Vec<Problem>);

impl Wrong {
    fn or_note<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.0.push(problem)).ok()
    }
}

/// Empty cells after the last column are no harm.
fn check_width(header: &Header<'_>, record: &StringRecord) -> Result<(), Problem> {
    let (least, most) = header.widths();
    let more = record.iter().skip(most).any(|cell| !cell.trim().is_empty());
    match record.len() < least || more {
        true => Err(Problem::Cells { found: record.len(), expected: most }),
        false => Ok(()),
    }
}

fn facts(cells: &Cells<'_>, wrong: &mut Wrong) -> Facts {
    let form = cells.header.form("cost");
    // Without its currency, nothing can be said of an amount.
    let currency = wrong.or_note(cells.read("currency", currency)).map(|said| said.unwrap_or(Currency::KZT));
    Facts {
        title: wrong.or_note(cells.read("title", one_line)).flatten(),
        brand: wrong.or_note(cells.read("brand", one_line)).flatten(),
        barcodes: wrong.or_note(cells.read("barcode", barcodes)).flatten(),
        cost: currency
            .and_then(|currency| wrong.or_note(cells.read("cost", |text| form.amount(text, currency))).flatten()),
        components: wrong.or_note(cells.read("components", components)).flatten(),
    }
}

fn count(cells: &Cells<'_>, is_bundle: bool) -> Result<Option<(LocationId, i64)>, Problem> {
    let (words, form) = (cells.header.words(), cells.header.form("on_hand"));
    let location = cells.read("location", |text| words.location(text))?;
    let on_hand = cells.read("on_hand", |text| form.units(text))?;
    let location = location.or_else(|| on_hand.filter(|_| !is_bundle).and_then(|_| words.usual_location().cloned()));
    match (location, on_hand) {
        (None, None) => Ok(None),
        (Some(_), _) if is_bundle => Err(Problem::cell("location", OF_COMPONENTS)),
        (None, Some(_)) if is_bundle => Err(Problem::cell("on_hand", OF_COMPONENTS)),
        (Some(location), Some(units)) => Ok(Some((location, i64::from(units)))),
        (None, Some(_)) => Err(Problem::cell("location", "it is empty, but on_hand isn't; say where the units are")),
        (Some(_), None) => {
            Err(Problem::cell("on_hand", "it is empty, but location isn't; say how many units are there, or 0"))
        }
    }
}

pub(crate) const OF_COMPONENTS: &str = "a bundle has no stock of its own; leave location and on_hand empty";

fn barcodes(text: &str) -> Result<Vec<Barcode>, String> {
    let codes = text.split(';').map(str::trim).filter(|code| !code.is_empty());
    codes.map(barcode).collect()
}

fn barcode(text: &str) -> Result<Barcode, String> {
    names::check(text)?;
    let barcode = Barcode::from(one_line(text)?);
    match barcode.code.contains('*') {
        false => Ok(barcode),
        true => Err(format!(
            "{text:?} is no barcode; after * stands how many are in the case, as 14870000000019*12, or g after the seven digits by \
             which a scale's codes of it begin, as 2112345*g"
        )),
    }
}

fn components(text: &str) -> Result<BTreeMap<Sku, u32>, String> {
    let mut components = BTreeMap::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (sku, units) = component(part)?;
        if components.insert(sku.clone(), units).is_some() {
            return Err(format!("{sku} stands there twice; add the units up"));
        }
    }
    match components.is_empty() {
        true => Err(format!("{text:?} names no component; it takes SKU:units, such as TEA:1;CUP:2")),
        false => Ok(components),
    }
}

fn component(part: &str) -> Result<(Sku, u32), String> {
    let parsed = part.rsplit_once(':').and_then(|(sku, units)| {
        let units = whole(units.trim()).ok().filter(|units| *units > 0)?;
        Some((name::<Sku>(sku.trim()).ok()?, units))
    });
    parsed.ok_or_else(|| format!("{part:?} is no component; it takes SKU:units, such as TEA:1;CUP:2"))
}
