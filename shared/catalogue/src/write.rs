//! One SKU into the tables: product, levels and mappings first; listings when the orders that waited for it are counted.

use std::collections::BTreeMap;
use std::path::Path;

use edin_domain::listing::{Listing, ListingKey};
use edin_domain::stock::Place;
use edin_domain::{Article, Cause, Connection, ConnectionId, LocationId, Money, Sku};
use edin_platform::digest_of;
use edin_store::catalogue::{Batch, Claimed, Written};
use edin_store::commit::Stamp;
use edin_store::levels::Opened;
use edin_store::{Store, StoreError};

use crate::ending::{self, StillListed};
use crate::error::{ImportError, Problem};
use crate::good::{Count, Good};
use crate::importer::{Importer, Taken};
use crate::offered::{Ended, Offered};
use crate::report::{Counts, Report};

/// A SKU on its way into the tables. With an error, what comes after it in the order is not written.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    importer: &'a Importer<'a>,
    connections: &'a BTreeMap<ConnectionId, Connection>,
    batch: &'a Batch,
    pub(crate) good: &'a Good,
    counts: Counts,
    /// What of its names is another SKU's and shall be this one's.
    taken: BTreeMap<ConnectionId, BTreeMap<Article, Sku>>,
    notes: Vec<String>,
    error: Option<ImportError>,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(
        importer: &'a Importer<'a>,
        connections: &'a BTreeMap<ConnectionId, Connection>,
        batch: &'a Batch,
        good: &'a Good,
    ) -> Self {
        let (counts, taken) = (Counts::default(), BTreeMap::new());
        Self { importer, connections, batch, good, counts, taken, notes: Vec::new(), error: None }
    }

    /// Writes what the SKU is, how much there is of it, and what it is called.
    pub(crate) async fn stock(mut self) -> Self {
        self.error = self.write_stock().await.err();
        self
    }

    /// Writes where the SKU is offered: from then on its channels are told.
    pub(crate) async fn listings(mut self) -> Self {
        self.error = self.write_listings().await.err();
        self
    }

    /// Tells what was done, and is none if something went wrong.
    pub(crate) fn told(mut self, report: &mut Report) -> Option<Self> {
        report.counts.add(std::mem::take(&mut self.counts));
        report.notes.append(&mut self.notes);
        match self.error.take() {
            None => Some(self),
            Some(error) => {
                report.errors.push(error);
                None
            }
        }
    }

    const fn store(&self) -> &'a Store {
        self.importer.store
    }

    async fn write_stock(&mut self) -> Result<(), ImportError> {
        let good = self.good;
        self.product().await.map_err(|problem| good.at.error(problem))?;
        for (location, count) in &good.counts {
            self.level(location, count).await.map_err(|problem| count.at.error(problem))?;
        }
        for ((connection, article), at) in good.names() {
            self.mapping(connection, article).await.map_err(|problem| at.error(problem))?;
        }
        Ok(())
    }

    async fn product(&mut self) -> Result<(), Problem> {
        let (good, sku) = (self.good, &self.good.product.sku);
        let written = self.store().edit_product(self.batch, sku, |known| good.over(known).map_err(Refused::Ours)).await;
        self.counts.products.note(written.map_err(|refused| refused.problem(sku.as_str()))?);
        Ok(())
    }

    async fn level(&mut self, location: &LocationId, count: &Count) -> Result<(), Problem> {
        let place = Place { sku: self.good.product.sku.clone(), location: location.clone() };
        let what = format!("what lies of {} at {location}", place.sku);
        let stamp = Stamp { cause: cause(&count.at.file)?, at: self.importer.now };
        let opened = self.store().open_level(self.batch, &place, count.units, &stamp).await;
        match opened.map_err(Problem::table(what))? {
            Opened::New => self.counts.levels.note(Written::New),
            Opened::Same => self.counts.levels.note(Written::Same),
            Opened::Otherwise { on_hand } => {
                let wrong = format!(
                    "{} began at {location} with another number, and {on_hand} lie there by now; what was counted goes into a file of \
                     its own with the columns sku, location, on_hand, counted_at",
                    place.sku
                );
                return Err(Problem::cell("on_hand", wrong));
            }
        }
        Ok(())
    }

    /// Claims what a channel calls it. What is another's is taken over with the listing, so that both happen or neither.
    async fn mapping(&mut self, connection: &ConnectionId, article: &Article) -> Result<(), Problem> {
        let what = format!("the mapping of {article} at {connection}");
        let claimed = self.store().claim(self.batch, connection, article, &self.good.product.sku).await;
        match (claimed.map_err(Problem::table(what))?, self.importer.taken) {
            (Claimed::New, _) => self.counts.mappings.note(Written::New),
            (Claimed::Same, _) => self.counts.mappings.note(Written::Same),
            (Claimed::Taken(owner), Taken::Moves) => {
                self.taken.entry(connection.clone()).or_default().insert(article.clone(), owner);
            }
            (Claimed::Taken(owner), Taken::Stays) => {
                let (article, connection) = (article.clone(), connection.clone());
                return Err(Problem::Taken { article, connection, owner });
            }
        }
        Ok(())
    }

    async fn write_listings(&mut self) -> Result<(), ImportError> {
        let good = self.good;
        for (connection, (price, at)) in good.prices() {
            self.price(connection, price).await.map_err(|problem| at.error(problem))?;
        }
        for (connection, articles) in std::mem::take(&mut self.taken) {
            self.take_over(&connection, &articles).await.map_err(|problem| good.at.error(problem))?;
        }
        for (offered, at) in good.offered.values() {
            self.listing(offered).await.map_err(|problem| at.error(problem))?;
        }
        let given_up = |offered: &Offered| offered.ended == Some(Ended::Names);
        for (offered, at) in good.offered.values().filter(|(offered, _)| given_up(offered)) {
            self.give_up(offered).await.map_err(|problem| at.error(problem))?;
        }
        Ok(())
    }

    async fn take_over(&mut self, connection: &ConnectionId, articles: &BTreeMap<Article, Sku>) -> Result<(), Problem> {
        let sku = &self.good.product.sku;
        let here = || {
            self.good
                .offered
                .values()
                .map(|(offered, _)| offered)
                .filter(|offered| offered.listing.key.connection == *connection)
        };
        let listings: Vec<Listing> = here().map(|offered| offered.listing.clone()).collect();
        let Some((name, id)) = here().next().map(|offered| &offered.card) else { return Ok(()) };
        let moved = self.store().take_over(&listings, (name, id), articles).await;
        let moved = moved.map_err(Problem::table(format!("what {connection} calls {sku}")))?;
        for (article, from) in moved.articles {
            self.counts.mappings.note(Written::Changed);
            self.notes.push(format!("{article} at {connection} was {from} and is {sku} now"));
        }
        let gone = |key: ListingKey| format!("{} is not listed at {connection}, {} any more", key.sku, key.warehouse);
        self.notes.extend(moved.ended.into_iter().map(gone));
        Ok(())
    }

    async fn give_up(&mut self, offered: &Offered) -> Result<(), Problem> {
        let connection = &offered.listing.key.connection;
        let Some(connection) = self.connections.get(connection) else { return Ok(()) };
        for (article, column) in &offered.articles {
            match ending::give_up(self.store(), connection, article).await {
                Ok(Some(sku)) => {
                    self.notes.push(format!("{article} at {} is nothing any more; it was {sku}", connection.id))
                }
                Ok(None) => {}
                Err(StillListed::Listed(said)) => return Err(Problem::cell(column, said)),
                Err(StillListed::Table(error)) => return Err(Problem::table(article.as_str())(error)),
            }
        }
        Ok(())
    }

    async fn price(&mut self, connection: &ConnectionId, price: Option<Money>) -> Result<(), Problem> {
        let sku = &self.good.product.sku;
        let written = self.store().put_price(self.batch, sku, connection, price).await;
        let written = written.map_err(Problem::table(format!("what {sku} costs at {connection}")))?;
        written.into_iter().for_each(|written| self.counts.prices.note(written));
        Ok(())
    }

    /// What a line leaves out stays as it is.
    async fn listing(&mut self, offered: &Offered) -> Result<(), Problem> {
        let (key, now) = (&offered.listing.key, self.importer.now);
        let what = format!("the listing of {} at {}, {}", key.sku, key.connection, key.warehouse);
        if matches!(offered.ended, Some(Ended::Yes | Ended::Names)) {
            let listings = self.store().partition(&key.sku).await.map_err(Problem::table(&*what))?.listings;
            if listings.iter().all(|listing| listing.key != *key) {
                return Ok(());
            }
        }
        let over = |known: Option<Listing>| {
            let (before, ended) = known.map(|known| (known.standing, known.ended_at)).unwrap_or_default();
            let standing = offered.standing.unwrap_or(before);
            let ended_at = match offered.ended {
                Some(Ended::Yes | Ended::Names) => ended.or(Some(now)),
                Some(Ended::No) => None,
                None => ended,
            };
            Ok::<_, StoreError>(Listing { standing, ended_at, ..offered.listing.clone() })
        };
        let written = self.store().edit_listing(self.batch, key, over).await;
        self.counts.listings.note(written.map_err(Problem::table(what))?);
        Ok(())
    }
}

/// Why what the table has could not be changed as a line wants it.
enum Refused {
    Ours(Problem),
    Table(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

impl Refused {
    fn problem(self, what: &str) -> Problem {
        match self {
            Self::Ours(problem) => problem,
            Self::Table(error) => Problem::table(what)(error),
        }
    }
}

/// `import:` and a digest of the file's name, which may hold anything.
pub(crate) fn cause(file: &Path) -> Result<Cause, Problem> {
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
