//! What a line says about one connection: the listings, and the articles that mean the SKU.

use std::collections::BTreeMap;

use edin_channels::facts::{Facts, IdFact, IdKind, PriceFact};
use edin_domain::listing::{Listing, ListingKey, OwnAdaptive, OwnBuffer, OwnCosts, OwnPolicy, Standing};
use edin_domain::{Article, Connection, ConnectionId, Money, Sku, WarehouseId};

use crate::cells::{Cells, name as cell_name, whole};
use crate::connections::{DEAREST, RISKS};
use crate::error::Problem;

/// A listing, as a line has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) listing: Listing,
    /// What it costs there, at all of the connection's warehouses.
    pub(crate) price: Option<Money>,
    /// Whether it is paused, if the line says so. If it doesn't, it stays as it is.
    pub(crate) standing: Option<Standing>,
    /// Whether it has ended, if the line says so. If it doesn't, it stays as it is.
    pub(crate) ended: Option<Ended>,
    /// The id that its stock is told under, by its name.
    pub(crate) card: (&'static str, Article),
    /// The articles that mean the SKU, each with the column that it stands in.
    pub(crate) articles: Vec<(Article, String)>,
}

impl Offered {
    /// What the channel calls it.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&ConnectionId, &Article)> {
        self.articles.iter().map(|(article, _)| (&self.listing.key.connection, article))
    }

    /// Those of its ids that are barcodes, each with its column.
    pub(crate) fn barcodes(&self) -> impl Iterator<Item = (String, &str)> {
        let column = || format!("{}.barcode", self.listing.key.connection);
        self.listing.ids.get("barcode").into_iter().map(move |code| (column(), code.as_str()))
    }
}

/// How far a listing has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It goes on.
    No,
    /// It is told a last 0. Orders that name it are understood as before.
    Yes,
    /// Its names mean nothing any more, too: they can be another good's.
    Names,
}

/// The listings of one line at one connection: none if the id that they need is empty.
pub(crate) fn offered(cells: &Cells<'_>, connection: &Connection, sku: &Sku) -> Result<Vec<Offered>, Problem> {
    // A column of a connection whose channel isn't known is none that the header may have.
    let Some(facts) = edin_channels::facts(connection.channel()) else { return Ok(Vec::new()) };
    let about = About { cells, connection, facts };
    let ids = about.ids()?;
    let required = facts.required_id();
    let Some(card) = ids.get(required).map(|id| (required, id.clone())) else {
        return about.says_nothing().map(|()| Vec::new());
    };
    let (policy, price, standing, ended) = (about.policy()?, about.price()?, about.standing()?, about.ended()?);
    let articles = about.articles(&ids);
    let listing = |warehouse: WarehouseId| {
        let key = ListingKey { connection: connection.id.clone(), warehouse, sku: sku.clone() };
        let standing = standing.unwrap_or_default();
        Listing { key, ids: ids.clone(), policy: policy.clone(), standing, ended_at: None }
    };
    let offered = |warehouse| {
        let (card, articles) = (card.clone(), articles.clone());
        Offered { listing: listing(warehouse), price, standing, ended, card, articles }
    };
    Ok(about.warehouses()?.into_iter().map(offered).collect())
}

/// The cells of a line that are about one connection.
struct About<'a> {
    cells: &'a Cells<'a>,
    connection: &'a Connection,
    facts: &'static Facts,
}

impl About<'_> {
    fn column(&self, name: &str) -> String {
        format!("{}.{name}", self.connection.id)
    }

    fn read<T, E: ToString>(&self, name: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, Problem> {
        self.cells.read(&self.column(name), read)
    }

    fn ids(&self) -> Result<BTreeMap<String, Article>, Problem> {
        let mut ids = BTreeMap::new();
        for fact in self.facts.ids {
            if let Some(id) = self.read(fact.name, |text| id(self.facts.title, fact, text))? {
                ids.insert(fact.name.to_owned(), id);
            }
        }
        Ok(ids)
    }

    /// Without the id that a listing needs, nothing else may be said of it.
    fn says_nothing(&self) -> Result<(), Problem> {
        let required = self.facts.required_id();
        let prefix = self.column("");
        let mut columns = self.cells.header.names().filter(|column| column.starts_with(&prefix));
        match columns.find(|column| self.cells.text(column).is_some()) {
            None => Ok(()),
            Some(column) => {
                let wrong =
                    format!("it is empty, but {column} isn't; a listing needs it, and without one leave both empty");
                Err(Problem::cell(self.column(required), wrong))
            }
        }
    }

    fn articles(&self, ids: &BTreeMap<String, Article>) -> Vec<(Article, String)> {
        let of = |(name, id): (&String, &Article)| {
            let alone = BTreeMap::from([(name.clone(), id.clone())]);
            let column = self.column(name);
            self.facts.articles(&alone).into_iter().map(move |article| (article, column.clone()))
        };
        ids.iter().flat_map(of).collect()
    }

    fn warehouses(&self) -> Result<Vec<WarehouseId>, Problem> {
        let known = &self.connection.warehouses;
        let one = self.read("warehouse", |text| {
            let found = known.keys().find(|warehouse| warehouse.as_str() == text);
            let names = || known.keys().map(WarehouseId::as_str).collect::<Vec<_>>().join(", ");
            found.cloned().ok_or_else(|| format!("{text:?} is no warehouse of this connection; it has {}", names()))
        })?;
        Ok(one.map_or_else(|| known.keys().cloned().collect(), |warehouse| vec![warehouse]))
    }

    fn policy(&self) -> Result<OwnPolicy, Problem> {
        Ok(OwnPolicy {
            share: self.read("share", percent)?,
            buffer: self.buffer()?,
            max: self.read("max", whole)?,
            end_when: self.read("end_when", whole)?,
        })
    }

    fn buffer(&self) -> Result<Option<OwnBuffer>, Problem> {
        let said = self.read("buffer", buffer)?;
        let (risk, most, last_unit) =
            (self.read("risk", risk)?, self.read("most", percent)?, self.read("last_unit", yes_or_no)?);
        let (oversell, turned_away) = (self.read("oversell", cost)?, self.read("turned_away", cost)?);
        let parts = [
            ("risk", ADAPTIVE, risk.is_some()),
            ("most", ADAPTIVE, most.is_some()),
            ("last_unit", ADAPTIVE, last_unit.is_some()),
            ("oversell", WEIGHED, oversell.is_some()),
            ("turned_away", WEIGHED, turned_away.is_some()),
        ];
        let mut parts = parts.into_iter().filter(|(.., is_said)| *is_said).peekable();
        if parts.peek().is_none() {
            return Ok(said);
        }
        let (word, own) = match said.unwrap_or_else(|| self.connection.policy.buffer.into()) {
            OwnBuffer::Fixed(units) => ("fixed", OwnBuffer::Fixed(units)),
            OwnBuffer::Adaptive(_) => (ADAPTIVE, OwnBuffer::Adaptive(OwnAdaptive { risk, most, last_unit })),
            OwnBuffer::Weighed(_) => (WEIGHED, OwnBuffer::Weighed(OwnCosts { oversell, turned_away })),
        };
        match parts.find(|(_, of, _)| *of != word) {
            None => Ok(Some(own)),
            Some((part, of, _)) => {
                let wrong =
                    format!("it says something of a buffer that is {of}; write {of} in {}", self.column("buffer"));
                Err(Problem::cell(self.column(part), wrong))
            }
        }
    }

    fn price(&self) -> Result<Option<Money>, Problem> {
        let form = self.cells.header.form(&self.column("price"));
        let price = self.read("price", |text| form.amount(text, self.connection.currency))?;
        let refused = |wrong: &str| Err(Problem::cell(self.column("price"), wrong));
        let title = self.facts.title;
        match (self.facts.prices, price) {
            (PriceFact::WithStock(lowest), None) => {
                refused(&format!("it is empty; {title} takes no good without a price, of whole {}", lowest.currency))
            }
            (PriceFact::WithStock(lowest), Some(price)) if price.whole().is_none() || price < lowest => refused(
                &format!("{title} does not take {price}; it takes whole {}, {lowest} at least", lowest.currency),
            ),
            (_, Some(price)) if price.minor == 0 => refused("nothing is sold for 0; leave it empty or say the price"),
            (_, price) => Ok(price),
        }
    }

    fn standing(&self) -> Result<Option<Standing>, Problem> {
        let paused = self.read("paused", |text| {
            yes_or_no(text).map_err(|wrong| format!("{wrong}; leave it empty to keep it as it is"))
        })?;
        Ok(paused.map(|paused| if paused { Standing::Paused } else { Standing::Selling }))
    }

    fn ended(&self) -> Result<Option<Ended>, Problem> {
        self.read("ended", |text| match text.to_lowercase().as_str() {
            "no" => Ok(Ended::No),
            "yes" => Ok(Ended::Yes),
            "names" => Ok(Ended::Names),
            _ => Err(format!("{text:?} is none of yes, no and names; leave it empty to keep it as it is")),
        })
    }
}

/// What stands for an adaptive buffer.
const ADAPTIVE: &str = "adaptive";
/// What stands for a weighed one.
const WEIGHED: &str = "weighed";

fn id(title: &str, fact: &IdFact, text: &str) -> Result<Article, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|number| number > 0);
    match fact.kind {
        IdKind::Number if !digits => Err(format!("{text:?} is not {title}'s number; it takes digits alone")),
        IdKind::Text(longest) if text.chars().count() > longest => {
            Err(format!("it is longer than {longest} characters; {title} has no such {}", fact.name))
        }
        IdKind::Number | IdKind::Text(_) => cell_name(text),
    }
}

fn buffer(text: &str) -> Result<OwnBuffer, String> {
    match text {
        ADAPTIVE => Ok(OwnBuffer::Adaptive(OwnAdaptive::default())),
        WEIGHED => Ok(OwnBuffer::Weighed(OwnCosts::default())),
        units => whole(units).map(OwnBuffer::Fixed).map_err(|wrong| format!("{wrong}, nor {WEIGHED} or {ADAPTIVE}")),
    }
}

fn cost(text: &str) -> Result<u16, String> {
    let cost = whole(text).ok().and_then(|cost| u16::try_from(cost).ok()).filter(|cost| *cost <= DEAREST);
    cost.ok_or_else(|| format!("{text:?} is no cost; it takes a whole number from 0 to {DEAREST}"))
}

fn risk(text: &str) -> Result<u16, String> {
    let parts = whole(text).ok().and_then(|parts| u16::try_from(parts).ok()).filter(|parts| RISKS.contains(parts));
    parts.ok_or_else(|| {
        format!(
            "{text:?} is no risk; it takes parts of 10 000, a whole number from {} to {}",
            RISKS.start(),
            RISKS.end()
        )
    })
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("{text:?} is neither yes nor no")),
    }
}

fn percent(text: &str) -> Result<u8, String> {
    let percent = whole(text).ok().and_then(|percent| u8::try_from(percent).ok()).filter(|percent| *percent <= 100);
    percent.ok_or_else(|| format!("{text:?} is not a percentage; it takes a whole number from 0 to 100"))
}
