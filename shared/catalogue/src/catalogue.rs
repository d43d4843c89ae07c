//! Lines of all files, put together by SKU.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use edin_domain::bundle::{Kind, Product};
use edin_domain::{Article, Connection, ConnectionId, Sku};
use edin_store::{Store, StoreError};

use crate::error::{At, ImportError, Problem};
use crate::good::Good;
use crate::header::Header;
use crate::names;
use crate::places::Places;
use crate::row::Row;
use crate::sheet::Sheet;

/// Which SKU an article means, and the line that says so first.
type Claims = BTreeMap<(ConnectionId, Article), (Sku, At)>;

/// The goods of all files. What is remembered of them is which lines they have: they are read one after another, since all of
/// them at once would take too much memory.
#[derive(Debug)]
pub(crate) struct Catalogue<'a> {
    sheets: Vec<(Header<'a>, &'a Sheet)>,
    /// What is still to be read: first what is no bundle, since bundles are made of it.
    skus: VecDeque<Sku>,
    lines: BTreeMap<Sku, Vec<Line>>,
    claims: Claims,
    /// Bundles of the files, whatever became of them.
    bundles: BTreeSet<Sku>,
    /// Other goods of the files that were good.
    simple: BTreeSet<Sku>,
    /// A SKU of each look, and its first line.
    looks: BTreeMap<String, (Sku, At)>,
    errors: Vec<ImportError>,
    /// What may be meant otherwise.
    warnings: Vec<ImportError>,
}

/// A line, by its sheet and its number there.
type Line = (usize, usize);

impl<'a> Catalogue<'a> {
    /// Looks through the lines of the files, the earlier ones first.
    pub(crate) fn of(sheets: &'a [Sheet], connections: &'a BTreeMap<ConnectionId, Connection>) -> Self {
        let mut catalogue = Self {
            sheets: Vec::new(),
            skus: VecDeque::new(),
            lines: BTreeMap::new(),
            claims: Claims::new(),
            bundles: BTreeSet::new(),
            simple: BTreeSet::new(),
            looks: BTreeMap::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        for sheet in sheets {
            match Header::read(sheet, connections) {
                Ok(header) => catalogue.index(header, sheet),
                Err(problem) => catalogue.errors.push(sheet.at.error(problem)),
            }
        }
        let (bundles, simple): (Vec<Sku>, Vec<Sku>) =
            catalogue.skus.drain(..).partition(|sku| catalogue.bundles.contains(sku));
        catalogue.skus = simple.into_iter().chain(bundles).collect();
        catalogue
    }

    fn index(&mut self, header: Header<'a>, sheet: &'a Sheet) {
        let number = self.sheets.len();
        let place = sheet.place("sku");
        let names = sheet.lines.iter().filter_map(|(at, line)| Some((at, line.get(place?)?.trim())));
        for (at, full) in names::without_zeros(names) {
            let said = format!("others of the file are as long as {full}; has a spreadsheet dropped its zeros?");
            self.warnings.push(at.error(header.as_called(Problem::cell("sku", said))));
        }
        for (line, (at, record)) in sheet.lines.iter().enumerate() {
            let named = sheet.odd_cell(at.line).map_or_else(|| Row::name(&header, record), Err);
            match named {
                Ok((sku, is_bundle)) => {
                    self.bundles.extend(is_bundle.then(|| sku.clone()));
                    self.look(&sku, at);
                    let lines = self.lines.entry(sku.clone()).or_default();
                    self.skus.extend(lines.is_empty().then_some(sku));
                    lines.push((number, line));
                }
                Err(problem) => self.errors.push(at.error(header.as_called(problem))),
            }
        }
        self.sheets.push((header, sheet));
    }

    /// Warns of a name that looks like another one.
    fn look(&mut self, sku: &Sku, at: &At) {
        let (first, first_at) =
            self.looks.entry(names::looks(sku.as_str())).or_insert_with(|| (sku.clone(), at.clone()));
        if first != sku && !self.lines.contains_key(sku) {
            let said = format!(
                "{sku} looks like {first} of {}, in another alphabet; is it another good?",
                at.refer_to(first_at)
            );
            self.warnings.push(at.error(Problem::cell("sku", said)));
        }
    }

    /// Warns of goods whose names look like those of goods that the table has.
    pub(crate) async fn look_at_known(&mut self, store: &Store, goods: &[Good]) -> Result<(), StoreError> {
        let is_first = |good: &&Good| {
            let first = self.looks.get(&names::looks(good.product.sku.as_str()));
            first.is_some_and(|(first, _)| *first == good.product.sku)
        };
        let mut twins = BTreeMap::<Sku, &Good>::new();
        for good in goods.iter().filter(is_first) {
            twins.extend(self::twins(good).into_iter().map(|twin| (twin, good)));
        }
        for known in store.products(twins.keys().cloned().collect::<Vec<_>>()).await?.into_keys() {
            if let Some(good) = twins.get(&known) {
                let sku = &good.product.sku;
                let said = format!(
                    "{sku} looks like {known}, which is there already, in another alphabet; is it another good?"
                );
                self.warnings.push(good.at.error(Problem::cell("sku", said)));
            }
        }
        Ok(())
    }

    /// Warns of locations that nobody sells from.
    pub(crate) fn look_at_places(&mut self, places: &mut Places, goods: &[Good]) {
        for (location, count) in goods.iter().flat_map(|good| &good.counts) {
            let said = places.doubt(location);
            self.warnings.extend(said.map(|said| count.at.error(Problem::cell("location", said))));
        }
    }

    /// How many goods are still to be read.
    pub(crate) fn len(&self) -> usize {
        self.skus.len()
    }

    /// The next goods, `count` at most, without lines that are wrong. None are left if none come.
    pub(crate) fn next(&mut self, count: usize) -> Vec<Good> {
        let mut goods = Vec::new();
        while let Some(sku) = self.skus.pop_front() {
            goods.extend(self.read(&sku));
            if goods.len() == count {
                break;
            }
        }
        goods
    }

    fn read(&mut self, sku: &Sku) -> Option<Good> {
        let mut good = None;
        for (sheet, line) in self.lines.remove(sku).unwrap_or_default() {
            let Some((header, sheet)) = self.sheets.get(sheet) else { continue };
            let sheet = *sheet;
            let Some((at, record)) = sheet.lines.get(line) else { continue };
            let row = Row::read(header, at.clone(), record);
            let doubts = row.as_ref().map(Row::doubts).unwrap_or_default();
            let added = row.and_then(|row| self.add(&mut good, row).map_err(|problem| vec![problem]));
            let said = |problem| at.error(sheet.as_called(problem));
            match added {
                Ok(()) => {
                    let doubts = doubts.into_iter().map(|(column, doubt)| said(Problem::cell(column, doubt)));
                    self.warnings.extend(doubts);
                }
                Err(problems) => self.errors.extend(problems.into_iter().map(said)),
            }
        }
        let simple = good.as_ref().filter(|good| good.product.kind == Kind::Simple);
        self.simple.extend(simple.map(|good| good.product.sku.clone()));
        good
    }

    fn add(&mut self, good: &mut Option<Good>, row: Row) -> Result<(), Problem> {
        let claims = self.claims_of(&row)?;
        match good {
            Some(good) => good.join(row)?,
            None => *good = Some(Good::of(row)?),
        }
        for (claim, by) in claims {
            self.claims.entry(claim).or_insert(by);
        }
        Ok(())
    }

    /// An article means one SKU.
    fn claims_of(&self, row: &Row) -> Result<Claims, Problem> {
        let mut claims = Claims::new();
        for offered in &row.offered {
            for (article, column) in &offered.articles {
                let claim = (offered.listing.key.connection.clone(), article.clone());
                if let Some((sku, at)) = self.claims.get(&claim).filter(|(sku, _)| *sku != row.sku) {
                    let first = row.at.refer_to(at);
                    let wrong = format!(
                        "{article:?} is {sku} on {first} already; an article means one SKU",
                        article = article.as_str()
                    );
                    return Err(Problem::cell(column, wrong));
                }
                claims.insert(claim, (row.sku.clone(), row.at.clone()));
            }
        }
        Ok(claims)
    }

    /// What is wrong, and what may be meant otherwise, by line.
    pub(crate) fn into_errors(mut self) -> (Vec<ImportError>, Vec<ImportError>) {
        for problems in [&mut self.errors, &mut self.warnings] {
            problems.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        }
        (self.errors, self.warnings)
    }

    /// The components of these goods that no line of the files is about.
    pub(crate) fn components_elsewhere(&self, goods: &[Good]) -> BTreeSet<Sku> {
        let components = goods.iter().flat_map(Good::components);
        components.filter(|sku| !self.simple.contains(*sku) && !self.bundles.contains(*sku)).cloned().collect()
    }

    /// Those of the goods that aren't made of what isn't there; `known` is what the table has.
    pub(crate) fn whole(&mut self, goods: Vec<Good>, known: &BTreeMap<Sku, Product>) -> Vec<Good> {
        let (mut whole, mut errors) = (Vec::new(), Vec::new());
        for good in goods {
            let unusable = good.components().find_map(|sku| self.unusable(sku, known));
            match unusable {
                Some(wrong) => errors.push(good.at.error(Problem::cell("components", wrong))),
                None => whole.push(good),
            }
        }
        self.errors.extend(errors);
        whole
    }

    fn unusable(&self, component: &Sku, known: &BTreeMap<Sku, Product>) -> Option<String> {
        let known = known.get(component).map(|product| &product.kind);
        match known {
            _ if self.simple.contains(component) => None,
            _ if self.bundles.contains(component) => Some(is_a_bundle(component)),
            Some(Kind::Simple) => None,
            Some(Kind::Bundle { .. }) => Some(is_a_bundle(component)),
            None => Some(format!("there is no {component}; add a line for it, or correct it")),
        }
    }
}

/// The SKUs of other goods that can't be told from this one's by looking at them.
fn twins(good: &Good) -> Vec<Sku> {
    names::twins(good.product.sku.as_str()).into_iter().filter_map(|twin| Sku::new(twin).ok()).collect()
}

fn is_a_bundle(component: &Sku) -> String {
    format!("{component} is a bundle itself; name what it is made of")
}

#[cfg(test)]
mod tests;
