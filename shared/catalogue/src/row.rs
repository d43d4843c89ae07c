//! One line of a catalogue: cells in, a checked [`Row`] out.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use edin_domain::{Currency, LocationId, Money, Sku};

use crate::cells::{Cells, money, name, one_line, whole};
use crate::error::{At, Problem};
use crate::header::Header;
use crate::names;
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
    pub(crate) barcodes: Option<Vec<String>>,
    pub(crate) cost: Option<Money>,
    pub(crate) components: Option<BTreeMap<Sku, u32>>,
}

impl Row {
    /// What may be meant otherwise, each with its column.
    pub(crate) fn doubts(&self) -> Vec<(String, String)> {
        let own = self.facts.barcodes.iter().flatten().map(|code| ("barcode".to_owned(), code.as_str()));
        let listed = self.offered.iter().flat_map(Offered::barcodes);
        let doubt = |(column, code): (String, &str)| {
            let right = names::right_check_digit(code)?;
            Some((column, format!("the last digit of {code} should be {right} by the others; is it typed right?")))
        };
        let mut doubts: Vec<_> = own.chain(listed).filter_map(doubt).collect();
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
    /// The first thing that is wrong with the line.
    pub(crate) fn read(header: &Header<'_>, at: At, record: &StringRecord) -> Result<Self, Problem> {
        let (sku, _) = Self::name(header, record)?;
        let cells = Cells { header, record };
        let facts = facts(&cells)?;
        let count = count(&cells, facts.components.is_some())?;
        let mut listed = Vec::new();
        for connection in &header.connections {
            listed.extend(offered(&cells, connection, &sku)?);
        }
        Ok(Self { at, sku, facts, silent: header.silent(), count, offered: listed })
    }
}

/// Empty cells after the last column are no harm.
fn check_width(header: &Header<'_>, record: &StringRecord) -> Result<(), Problem> {
    let expected = header.width();
    let more = record.iter().skip(expected).any(|cell| !cell.trim().is_empty());
    match record.len() < expected || more {
        true => Err(Problem::Cells { found: record.len(), expected }),
        false => Ok(()),
    }
}

fn facts(cells: &Cells<'_>) -> Result<Facts, Problem> {
    let currency = cells.read("currency", str::parse::<Currency>)?.unwrap_or(Currency::KZT);
    Ok(Facts {
        title: cells.read("title", one_line)?,
        brand: cells.read("brand", one_line)?,
        barcodes: cells.read("barcode", barcodes)?,
        cost: cells.read("cost", |text| money(text, currency))?,
        components: cells.read("components", components)?,
    })
}

fn count(cells: &Cells<'_>, is_bundle: bool) -> Result<Option<(LocationId, i64)>, Problem> {
    let location = cells.read("location", str::parse::<LocationId>)?;
    let on_hand = cells.read("on_hand", whole)?;
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

fn barcodes(text: &str) -> Result<Vec<String>, String> {
    let codes = text.split(';').map(str::trim).filter(|code| !code.is_empty());
    codes.map(|code| names::check(code).and_then(|()| one_line(code))).collect()
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
