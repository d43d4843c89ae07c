//! Lines of all files, put together by SKU.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::bundle::{Kind, Product};
use edin_domain::listing::ListingKey;
use edin_domain::{Article, Connection, ConnectionId, LocationId, Sku};

use super::error::{At, ImportError, Problem};
use super::header::Header;
use super::offered::Offered;
use super::row::{Facts, OF_COMPONENTS, Row};
use super::sheet::Sheet;

/// A SKU with all that the files say of it.
#[derive(Debug)]
pub(super) struct Good {
    /// Its first line.
    pub(super) at: At,
    pub(super) product: Product,
    facts: Facts,
    /// What no file says anything of.
    silent: BTreeSet<&'static str>,
    pub(super) counts: BTreeMap<LocationId, Count>,
    pub(super) offered: BTreeMap<ListingKey, (Offered, At)>,
}

/// What was counted at one location.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) units: i64,
    pub(super) at: At,
}

impl Good {
    /// What the channels call it.
    pub(super) fn mappings(&self) -> BTreeSet<(ConnectionId, Article)> {
        let of = |(offered, _): &(Offered, At)| -> Vec<_> {
            let connection = &offered.listing.key.connection;
            offered.articles.iter().map(|(article, _)| (connection.clone(), article.clone())).collect()
        };
        self.offered.values().flat_map(of).collect()
    }

    /// Whether the files leave something out that the product may have.
    pub(super) fn is_partial(&self) -> bool {
        !self.silent.is_empty()
    }

    /// The product, with what no file says anything of as it is known.
    ///
    /// # Errors
    /// If units were counted of what is known to be a bundle.
    pub(super) fn over(&self, known: Option<Product>) -> Result<Product, Problem> {
        let mut product = self.product.clone();
        let Some(known) = known else { return Ok(product) };
        for column in &self.silent {
            match *column {
                "brand" => product.brand.clone_from(&known.brand),
                "barcode" => product.barcodes.clone_from(&known.barcodes),
                "cost" => product.cost = known.cost,
                "components" => product.kind = known.kind.clone(),
                _ => {}
            }
        }
        match product.kind {
            Kind::Bundle { .. } if !self.counts.is_empty() => Err(Problem::cell("location", OF_COMPONENTS)),
            _ => Ok(product),
        }
    }

    fn of(row: Row) -> Result<Self, Problem> {
        let title =
            row.facts.title.clone().ok_or_else(|| Problem::cell("title", "it is empty; say what people read"))?;
        let components = row.facts.components.clone();
        let product = Product {
            sku: row.sku,
            title,
            kind: components.map_or(Kind::Simple, |components| Kind::Bundle { components }),
            barcodes: row.facts.barcodes.clone().unwrap_or_default(),
            brand: row.facts.brand.clone(),
            cost: row.facts.cost,
        };
        let counts = row.count.map(|(location, units)| (location, Count { units, at: row.at.clone() }));
        let offered = row.offered.into_iter().map(|offered| (offered.listing.key.clone(), (offered, row.at.clone())));
        Ok(Self {
            at: row.at.clone(),
            product,
            facts: row.facts,
            silent: row.silent,
            counts: counts.into_iter().collect(),
            offered: offered.collect(),
        })
    }

    /// Adds another line of the same SKU, all of it or nothing.
    fn join(&mut self, row: Row) -> Result<(), Problem> {
        self.check_facts(&row)?;
        self.check_count(&row)?;
        self.check_offered(&row)?;
        let Row { at, silent, count, offered, .. } = row;
        self.silent.retain(|column| silent.contains(column));
        self.counts.extend(count.map(|(location, units)| (location, Count { units, at: at.clone() })));
        for offered in offered {
            self.offered.entry(offered.listing.key.clone()).or_insert((offered, at.clone()));
        }
        Ok(())
    }

    fn check_facts(&self, row: &Row) -> Result<(), Problem> {
        let (first, later) = (&self.facts, &row.facts);
        let columns = [
            ("title", agree(&first.title, &later.title)),
            ("brand", agree(&first.brand, &later.brand)),
            ("barcode", agree(&first.barcodes, &later.barcodes)),
            ("cost", agree(&first.cost, &later.cost)),
            ("components", agree(&first.components, &later.components)),
        ];
        match columns.into_iter().find(|(_, agrees)| !agrees) {
            None => Ok(()),
            Some((column, _)) => {
                let first = row.at.refer_to(&self.at);
                let wrong = format!("{} has it otherwise on {first}; say the same, or leave it empty here", row.sku);
                Err(Problem::cell(column, wrong))
            }
        }
    }

    fn check_count(&self, row: &Row) -> Result<(), Problem> {
        let Some((location, _)) = &row.count else { return Ok(()) };
        if matches!(self.product.kind, Kind::Bundle { .. }) {
            return Err(Problem::cell("location", OF_COMPONENTS));
        }
        match self.counts.get(location) {
            None => Ok(()),
            Some(first) => {
                let first = row.at.refer_to(&first.at);
                let wrong = format!("{} at {location} was counted on {first} already; keep one of the two", row.sku);
                Err(Problem::cell("location", wrong))
            }
        }
    }

    fn check_offered(&self, row: &Row) -> Result<(), Problem> {
        let differs =
            |offered: &&Offered| self.offered.get(&offered.listing.key).is_some_and(|(first, _)| first != *offered);
        let Some(later) = row.offered.iter().find(differs) else { return Ok(()) };
        let ListingKey { connection, warehouse, sku } = &later.listing.key;
        let first = self.offered.get(&later.listing.key).map(|(_, at)| row.at.refer_to(at)).unwrap_or_default();
        let wrong = format!(
            "{sku} is listed at {warehouse} otherwise on {first}; say the same, or leave these columns empty here"
        );
        Err(Problem::cell(format!("{connection}.*"), wrong))
    }
}

fn agree<T: PartialEq>(first: &Option<T>, later: &Option<T>) -> bool {
    later.is_none() || first == later
}

/// Which SKU an article means, and the line that says so first.
type Claims = BTreeMap<(ConnectionId, Article), (Sku, At)>;

/// The goods of all files, and what is wrong with the other lines.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    goods: BTreeMap<Sku, Good>,
    claims: Claims,
    pub(super) errors: Vec<ImportError>,
}

impl Catalogue {
    /// Puts the lines of the files together, the earlier ones first.
    pub(super) fn of(sheets: &[Sheet], connections: &BTreeMap<ConnectionId, Connection>) -> Self {
        let mut catalogue = Self::default();
        for sheet in sheets {
            match Header::read(&sheet.columns, connections) {
                Ok(header) => catalogue.take(sheet, &header),
                Err(problem) => catalogue.errors.push(sheet.at.error(problem)),
            }
        }
        catalogue
    }

    fn take(&mut self, sheet: &Sheet, header: &Header<'_>) {
        for (at, record) in &sheet.lines {
            let taken = Row::read(header, at.clone(), record).and_then(|row| self.add(row));
            if let Err(problem) = taken {
                self.errors.push(at.error(problem));
            }
        }
    }

    fn add(&mut self, row: Row) -> Result<(), Problem> {
        let claims = self.claims_of(&row)?;
        match self.goods.get_mut(&row.sku) {
            Some(good) => good.join(row)?,
            None => {
                let sku = row.sku.clone();
                self.goods.insert(sku, Good::of(row)?);
            }
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

    /// The components that no line of the files is about.
    pub(super) fn components_elsewhere(&self) -> BTreeSet<Sku> {
        let components = self.goods.values().filter_map(|good| good.facts.components.as_ref());
        components.flat_map(BTreeMap::keys).filter(|sku| !self.goods.contains_key(*sku)).cloned().collect()
    }

    /// The goods, without the bundles that are made of what isn't there; `known` is what the table has.
    pub(super) fn goods(mut self, known: &BTreeMap<Sku, Product>) -> (Vec<Good>, Vec<ImportError>) {
        let kind = |sku: &Sku| {
            let here = self.goods.get(sku).map(|good| &good.product);
            here.or_else(|| known.get(sku)).map(|product| &product.kind)
        };
        let wrong = |good: &Good| good.facts.components.as_ref()?.keys().find_map(|sku| unusable(sku, kind(sku)));
        let bad: Vec<(Sku, ImportError)> = self
            .goods
            .iter()
            .filter_map(|(sku, good)| Some((sku.clone(), good.at.error(Problem::cell("components", wrong(good)?)))))
            .collect();
        for (sku, error) in bad {
            self.goods.remove(&sku);
            self.errors.push(error);
        }
        self.errors.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        (self.goods.into_values().collect(), self.errors)
    }
}

fn unusable(component: &Sku, kind: Option<&Kind>) -> Option<String> {
    match kind {
        Some(Kind::Simple) => None,
        Some(Kind::Bundle { .. }) => Some(format!("{component} is a bundle itself; name what it is made of")),
        None => Some(format!("there is no {component}; add a line for it, or correct it")),
    }
}

#[cfg(test)]
mod tests;
