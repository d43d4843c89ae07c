//! The goods that a request names, by SKU or as a scanner reads them.

use std::collections::BTreeSet;

use edin_domain::{Article, LineId, Sku, barcode};
use edin_store::Store;

use crate::problem::Problem;
use crate::wire::{DocumentLine, Units, WantedLine};

/// An order has no more lines.
const MOST_LINES: usize = 50;
/// A stock document has no more lines.
const MOST_COUNTED: usize = 200;
/// No barcode is longer.
const LONGEST: usize = 64;

/// Units of each good that the lines name: of what is scanned several times altogether.
pub(crate) async fn named(store: &Store, lines: &[WantedLine]) -> Result<Units, Problem> {
    check_count(lines.len(), MOST_LINES)?;
    let (mut units, mut by_name) = (Units::new(), BTreeSet::new());
    for (index, WantedLine { sku, barcode, quantity }) in lines.iter().enumerate() {
        if *quantity == 0 {
            return Err(Problem::in_line(index, "quantity", "it is 0"));
        }
        if let Some(sku) = sku.as_deref().filter(|sku| !by_name.insert(*sku)) {
            return Err(Problem::in_line(index, "sku", format!("{sku} stands there twice; add its units up")));
        }
        let (name, each) = good(store, index, sku.as_deref(), barcode.as_deref()).await?;
        let article = Article::new(name.as_str()).map_err(|error| Problem::in_line(index, "sku", error))?;
        let id = LineId::new(name).map_err(|error| Problem::in_line(index, "sku", error))?;
        let (_, sum) = units.entry(id).or_insert((article, 0));
        let more = each.checked_mul(*quantity).and_then(|more| sum.checked_add(more));
        *sum = more.ok_or_else(|| Problem::in_line(index, "quantity", TOO_MANY))?;
    }
    Ok(units)
}

/// Has each line of a document name its good by SKU, and count units rather than scans.
pub(crate) async fn count(store: &Store, lines: &mut [DocumentLine]) -> Result<(), Problem> {
    check_count(lines.len(), MOST_COUNTED)?;
    for (index, line) in lines.iter_mut().enumerate() {
        let (name, each) = good(store, index, line.sku.as_deref(), line.barcode.as_deref()).await?;
        let units = line.units.checked_mul(each.into());
        line.units = units.ok_or_else(|| Problem::in_line(index, "units", TOO_MANY))?;
        line.sku = Some(name);
    }
    Ok(())
}

const TOO_MANY: &str = "that is more than there can be";

/// The SKU that a line names, and the units of the good that one of it is.
async fn good(store: &Store, index: usize, sku: Option<&str>, barcode: Option<&str>) -> Result<(String, u32), Problem> {
    match (sku, barcode) {
        (Some(sku), None) => Ok((sku.to_owned(), 1)),
        (None, Some(code)) => scanned(store, code).await.map(|(sku, each)| (sku.to_string(), each)),
        _ => Err(Problem::in_line(index, "sku", "it takes a SKU or a barcode, one of the two")),
    }
}

fn check_count(lines: usize, most: usize) -> Result<(), Problem> {
    match (1..=most).contains(&lines) {
        true => Ok(()),
        false => Err(Problem::invalid("body.lines", format!("it takes 1 to {most} lines"))),
    }
}

/// The good that a scan is of, and the units of it that the scan stands for.
pub(crate) async fn scanned(store: &Store, code: &str) -> Result<(Sku, u32), Problem> {
    if code.is_empty() || code.chars().count() > LONGEST {
        return Err(Problem::Unknown("barcode"));
    }
    let found = store.scanned(code).await?;
    let mut goods = found.iter();
    match (goods.next(), goods.next()) {
        (Some((sku, (_, units))), None) => Ok((sku.clone(), *units)),
        (Some(_), Some(_)) => Err(Problem::Ambiguous(found.into_keys().collect())),
        (None, _) if barcode::right_check_digit(code).is_some() => Err(Problem::Misread),
        (None, _) => Err(Problem::Unknown("barcode")),
    }
}
