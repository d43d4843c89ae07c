//! The goods that a request names, by SKU or as a scanner reads them.

use std::collections::{BTreeMap, BTreeSet};

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
        let invalid = |field: &str, wrong: &str| Problem::invalid(format!("body.lines[{index}].{field}"), wrong);
        if *quantity == 0 {
            return Err(invalid("quantity", "it is 0"));
        }
        let (name, each) = match (sku, barcode) {
            (Some(sku), None) if !by_name.insert(sku) => {
                return Err(invalid("sku", &format!("{sku} stands there twice; add its units up")));
            }
            (Some(sku), None) => (sku.clone(), 1),
            (None, Some(code)) => scanned(store, code).await.map(|(sku, each)| (sku.to_string(), each))?,
            _ => return Err(invalid("sku", "it takes a SKU or a barcode, one of the two")),
        };
        let article = Article::new(name.as_str()).map_err(|error| invalid("sku", &error.to_string()))?;
        let id = LineId::new(name).map_err(|error| invalid("sku", &error.to_string()))?;
        let (_, sum) = units.entry(id).or_insert((article, 0));
        let more = each.checked_mul(*quantity).and_then(|more| sum.checked_add(more));
        *sum = more.ok_or_else(|| invalid("quantity", "that is more than there can be"))?;
    }
    Ok(units)
}

/// The lines of a document, each by SKU. What is scanned several times at one place is one line.
pub(crate) async fn counted(store: &Store, lines: Vec<DocumentLine>) -> Result<Vec<DocumentLine>, Problem> {
    check_count(lines.len(), MOST_COUNTED)?;
    let (mut by_name, mut by_scan) = (Vec::new(), BTreeMap::<_, i64>::new());
    for (index, line) in lines.into_iter().enumerate() {
        let invalid = |field: &str, wrong: &str| Problem::invalid(format!("body.lines[{index}].{field}"), wrong);
        match (&line.sku, &line.barcode) {
            (Some(_), None) => by_name.push(line),
            (None, Some(code)) => {
                let (sku, each) = scanned(store, code).await?;
                let sum = by_scan.entry((sku, line.location, line.to)).or_default();
                let more = line.units.checked_mul(each.into()).and_then(|more| sum.checked_add(more));
                *sum = more.ok_or_else(|| invalid("units", "that is more than there can be"))?;
            }
            _ => return Err(invalid("sku", "it takes a SKU or a barcode, one of the two")),
        }
    }
    let line = |((sku, location, to), units): ((Sku, String, Option<String>), i64)| DocumentLine {
        sku: Some(sku.to_string()),
        barcode: None,
        location,
        to,
        units,
    };
    by_name.extend(by_scan.into_iter().map(line));
    Ok(by_name)
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
