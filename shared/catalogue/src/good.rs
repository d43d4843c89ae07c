//! A SKU with all that the files say of it: its lines, put together.

use std::collections::{BTreeMap, BTreeSet};

use edin_domain::bundle::{Kind, Product};
use edin_domain::listing::ListingKey;
use edin_domain::stock::Place;
use edin_domain::{Article, ConnectionId, LocationId, Money, Sku};
use edin_store::keys::{self, Key};

use crate::error::{At, Problem};
use crate::offered::{Ended, Offered};
use crate::row::{Facts, OF_COMPONENTS, Row};

/// A SKU with all that the files say of it.
#[derive(Debug)]
pub(crate) struct Good {
    /// Its first line.
    pub(crate) at: At,
    pub(crate) product: Product,
    facts: Facts,
    /// What no file says anything of.
    silent: BTreeSet<&'static str>,
    pub(crate) counts: BTreeMap<LocationId, Count>,
    pub(crate) offered: BTreeMap<ListingKey, (Offered, At)>,
}

/// What was counted at one location.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) units: i64,
    pub(crate) at: At,
}

impl Good {
    /// What the channels call it, each with a line that says so.
    pub(crate) fn names(&self) -> BTreeMap<(&ConnectionId, &Article), &At> {
        let going_on = self.offered.values().filter(|(offered, _)| offered.ended != Some(Ended::Names));
        going_on.flat_map(|(offered, at)| offered.names().map(move |name| (name, at))).collect()
    }

    /// What it costs at each connection, with a line that says so.
    pub(crate) fn prices(&self) -> BTreeMap<&ConnectionId, (Option<Money>, &At)> {
        let mut prices = BTreeMap::new();
        for (offered, at) in self.offered.values() {
            let price = prices.entry(&offered.listing.key.connection).or_insert((offered.price, at));
            if price.0.is_none() {
                *price = (offered.price, at);
            }
        }
        prices
    }

    /// The items that it is written into.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        let sku = &self.product.sku;
        let place = |location: &LocationId| Place { sku: sku.clone(), location: location.clone() };
        let levels = self.counts.keys().map(move |location| keys::level(&place(location)));
        let names = self.names().into_keys().map(|(connection, article)| keys::mapping(connection, article));
        let listings = self.offered.keys().map(keys::listing);
        let prices = self.prices().into_keys().map(|connection| keys::price(sku, connection));
        std::iter::once(keys::product(sku)).chain(levels).chain(names).chain(listings).chain(prices)
    }

    /// What it is made of, if a file says that it is a bundle.
    pub(crate) fn components(&self) -> impl Iterator<Item = &Sku> {
        self.facts.components.iter().flat_map(BTreeMap::keys)
    }

    /// The product, with what no file says anything of as it is known.
    ///
    /// # Errors
    /// If units were counted of what is known to be a bundle.
    pub(crate) fn over(&self, known: Option<Product>) -> Result<Product, Problem> {
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

    pub(crate) fn of(row: Row) -> Result<Self, Problem> {
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
    pub(crate) fn join(&mut self, row: Row) -> Result<(), Problem> {
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
        let Some(later) = row.offered.iter().find(differs) else { return self.check_prices(row) };
        let ListingKey { connection, warehouse, sku } = &later.listing.key;
        let first = self.offered.get(&later.listing.key).map(|(_, at)| row.at.refer_to(at)).unwrap_or_default();
        let wrong = format!(
            "{sku} is listed at {warehouse} otherwise on {first}; say the same, or leave these columns empty here"
        );
        Err(Problem::cell(format!("{connection}.*"), wrong))
    }

    fn check_prices(&self, row: &Row) -> Result<(), Problem> {
        let prices = self.prices();
        for later in row.offered.iter().filter(|later| later.price.is_some()) {
            let ListingKey { connection, sku, .. } = &later.listing.key;
            if let Some((price, at)) = prices.get(connection)
                && price.is_some()
                && *price != later.price
            {
                let first = row.at.refer_to(at);
                let wrong = format!("{sku} costs something else on {first}; it has one price at a connection");
                return Err(Problem::cell(format!("{connection}.price"), wrong));
            }
        }
        Ok(())
    }
}

fn agree<T: PartialEq>(first: &Option<T>, later: &Option<T>) -> bool {
    later.is_none() || first == later
}
