//! One SKU into the tables: product, levels and mappings first; listings when the orders that waited for it are counted.

use std::collections::BTreeMap;
use std::path::Path;

use edin_domain::bundle::Product;
use edin_domain::listing::{Listing, ListingKey, Standing};
use edin_domain::order::Place;
use edin_domain::{Cause, LocationId, Timestamp};
use edin_platform::digest_of;
use edin_store::Store;
use edin_store::commit::Stamp;

use super::catalogue::{Count, Good};
use super::error::{ImportError, Problem};
use super::offered::Offered;
use super::remap::Mapped;
use super::report::Counts;

/// What writing a SKU came to. With an error, what comes after it in the order was not written.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) counts: Counts,
    /// The articles that are mapped now.
    pub(super) mapped: Vec<Mapped>,
    pub(super) error: Option<ImportError>,
}

/// Writes what a SKU is and how much there is of it.
pub(super) async fn stock(store: &Store, now: Timestamp, good: &Good) -> Done {
    let mut writing = Writing { store, now, counts: Counts::default(), mapped: Vec::new() };
    let error = writing.stock(good).await.err();
    Done { counts: writing.counts, mapped: writing.mapped, error }
}

/// Writes where a SKU is offered: from then on its channels are told.
pub(super) async fn listings(store: &Store, now: Timestamp, good: &Good) -> Done {
    let mut writing = Writing { store, now, counts: Counts::default(), mapped: Vec::new() };
    let error = writing.listings(good).await.err();
    Done { counts: writing.counts, mapped: writing.mapped, error }
}

struct Writing<'a> {
    store: &'a Store,
    now: Timestamp,
    counts: Counts,
    mapped: Vec<Mapped>,
}

impl Writing<'_> {
    async fn stock(&mut self, good: &Good) -> Result<(), ImportError> {
        self.product(good).await.map_err(|problem| good.at.error(problem))?;
        for (location, count) in &good.counts {
            self.level(good, location, count).await.map_err(|problem| count.at.error(problem))?;
        }
        self.mappings(good).await.map_err(|problem| good.at.error(problem))
    }

    async fn listings(&mut self, good: &Good) -> Result<(), ImportError> {
        let standings = self.standings(good).await.map_err(|problem| good.at.error(problem))?;
        for (offered, at) in good.offered.values() {
            self.listing(offered, &standings).await.map_err(|problem| at.error(problem))?;
        }
        Ok(())
    }

    async fn product(&mut self, good: &Good) -> Result<(), Problem> {
        let product = good.over(self.known(good).await?)?;
        let written = self.store.put_product(&product).await;
        self.counts.products.note(written.map_err(Problem::table(product.sku.as_str()))?);
        Ok(())
    }

    /// The product as it is: read only if the files leave something of it out.
    async fn known(&self, good: &Good) -> Result<Option<Product>, Problem> {
        if !good.is_partial() {
            return Ok(None);
        }
        let sku = &good.product.sku;
        let known = self.store.products([sku.clone()]).await.map_err(Problem::table(sku.as_str()));
        known.map(|mut known| known.remove(sku))
    }

    async fn level(&mut self, good: &Good, location: &LocationId, count: &Count) -> Result<(), Problem> {
        let place = Place { sku: good.product.sku.clone(), location: location.clone() };
        let what = format!("what lies of {} at {location}", place.sku);
        let stamp = Stamp { cause: cause(&count.at.file)?, at: self.now };
        let opened = self.store.open_level(&place, count.units, &stamp).await;
        self.counts.levels.note_level(opened.map_err(Problem::table(what))?);
        Ok(())
    }

    async fn mappings(&mut self, good: &Good) -> Result<(), Problem> {
        for (connection, article) in good.mappings() {
            let what = format!("the mapping of {article} at {connection}");
            let written = self.store.put_mapping(&connection, &article, &good.product.sku).await;
            self.counts.mappings.note(written.map_err(Problem::table(what))?);
            self.mapped.push((good.at.clone(), connection, article));
        }
        Ok(())
    }

    /// The standings of the listings that are there: read only if a line leaves one as it is.
    async fn standings(&self, good: &Good) -> Result<BTreeMap<ListingKey, Standing>, Problem> {
        if good.offered.values().all(|(offered, _)| offered.standing.is_some()) {
            return Ok(BTreeMap::new());
        }
        let sku = &good.product.sku;
        let partition = self.store.partition(sku).await.map_err(Problem::table(format!("the listings of {sku}")))?;
        Ok(partition.listings.into_iter().map(|listing| (listing.key, listing.standing)).collect())
    }

    async fn listing(&mut self, offered: &Offered, known: &BTreeMap<ListingKey, Standing>) -> Result<(), Problem> {
        let key = &offered.listing.key;
        let standing = offered.standing.or_else(|| known.get(key).copied()).unwrap_or_default();
        let listing = Listing { standing, ..offered.listing.clone() };
        let what = format!("the listing of {} at {}, {}", key.sku, key.connection, key.warehouse);
        let written = self.store.put_listing(&listing).await;
        self.counts.listings.note(written.map_err(Problem::table(what))?);
        Ok(())
    }
}

/// `import:` and a digest of the file's name, which may hold anything.
fn cause(file: &Path) -> Result<Cause, Problem> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let digest = digest_of(&name);
    Cause::new(format!("import:{}", digest.get(..8).unwrap_or_default()))
        .map_err(|error| Problem::Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_a_level_is_its_file_by_name() {
        let of = |file: &str| cause(Path::new(file)).unwrap();
        assert_eq!(of("a/остатки #1.csv"), of("b/остатки #1.csv"));
        assert_ne!(of("a.csv"), of("b.csv"));
        assert_eq!(of("a.csv").as_str().len(), "import:".len() + 8);
    }
}
