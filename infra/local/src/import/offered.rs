//! What a line says about one connection: the listings, and the articles that mean the SKU.

use std::collections::BTreeMap;

use edin_channels::names;
use edin_domain::listing::{Adaptive, Buffer, Listing, ListingKey, Policy, Standing};
use edin_domain::{Article, Channel, Connection, Money, Sku, WarehouseId};

use super::connections::RISKS;
use super::error::Problem;
use super::row::{Cells, money, whole};

/// A listing, as a line has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offered {
    pub(super) listing: Listing,
    /// Whether it is paused, if the line says so. If it doesn't, it stays as it is.
    pub(super) standing: Option<Standing>,
    /// The articles that mean the SKU, each with the column that it stands in.
    pub(super) articles: Vec<(Article, String)>,
}

/// The listings of one line at one connection: none if the id that they need is empty.
pub(super) fn offered(cells: &Cells<'_>, connection: &Connection, sku: &Sku) -> Result<Vec<Offered>, Problem> {
    let about = About { cells, connection };
    let ids = about.ids()?;
    let required = names::required(connection.channel());
    if !ids.contains_key(required) {
        return about.says_nothing().map(|()| Vec::new());
    }
    let (policy, price, standing) = (about.policy()?, about.price()?, about.standing()?);
    let articles = about.articles(&ids);
    let listing = |warehouse: WarehouseId| {
        let locations = connection.warehouses.get(&warehouse).cloned().unwrap_or_default();
        let key = ListingKey { connection: connection.id.clone(), warehouse, sku: sku.clone() };
        let standing = standing.unwrap_or_default();
        Listing { key, ids: ids.clone(), locations, policy: policy.clone(), standing, price }
    };
    let offered = |warehouse| Offered { listing: listing(warehouse), standing, articles: articles.clone() };
    Ok(about.warehouses()?.into_iter().map(offered).collect())
}

/// The cells of a line that are about one connection.
struct About<'a> {
    cells: &'a Cells<'a>,
    connection: &'a Connection,
}

impl About<'_> {
    fn column(&self, name: &str) -> String {
        format!("{}.{name}", self.connection.id)
    }

    fn read<T, E: ToString>(&self, name: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, Problem> {
        self.cells.read(&self.column(name), read)
    }

    fn ids(&self) -> Result<BTreeMap<String, Article>, Problem> {
        let channel = self.connection.channel();
        let mut ids = BTreeMap::new();
        for name in names::known(channel) {
            if let Some(id) = self.read(name, |text| id(channel, name, text))? {
                ids.insert((*name).to_owned(), id);
            }
        }
        Ok(ids)
    }

    /// Without the id that a listing needs, nothing else may be said of it.
    fn says_nothing(&self) -> Result<(), Problem> {
        let required = names::required(self.connection.channel());
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
            names::articles(self.connection.channel(), &alone).into_iter().map(move |article| (article, column.clone()))
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

    fn policy(&self) -> Result<Policy, Problem> {
        let default = &self.connection.policy;
        Ok(Policy {
            share: self.read("share", percent)?.unwrap_or(default.share),
            buffer: self.buffer(default.buffer)?,
            max: self.read("max", whole)?.or(default.max),
            end_when: self.read("end_when", whole)?.unwrap_or(default.end_when),
        })
    }

    fn buffer(&self, default: Buffer) -> Result<Buffer, Problem> {
        let buffer = match (self.read("buffer", buffer)?, default) {
            (Some(Buffer::Adaptive(_)), Buffer::Adaptive(_)) | (None, _) => default,
            (Some(buffer), _) => buffer,
        };
        let (risk, most, last_unit) =
            (self.read("risk", risk)?, self.read("most", percent)?, self.read("last_unit", yes_or_no)?);
        let said = [("risk", risk.is_some()), ("most", most.is_some()), ("last_unit", last_unit.is_some())];
        match (buffer, said.iter().find(|(_, is_said)| *is_said)) {
            (Buffer::Adaptive(usual), _) => Ok(Buffer::Adaptive(Adaptive {
                risk: risk.unwrap_or(usual.risk),
                most: most.unwrap_or(usual.most),
                last_unit: last_unit.unwrap_or(usual.last_unit),
            })),
            (fixed, None) => Ok(fixed),
            (_, Some((name, _))) => {
                let wrong = format!("it is for an adaptive buffer; write {ADAPTIVE} in {}", self.column("buffer"));
                Err(Problem::cell(self.column(name), wrong))
            }
        }
    }

    fn price(&self) -> Result<Option<Money>, Problem> {
        let price = self.read("price", |text| money(text, self.connection.currency))?;
        let refused = |wrong: &str| Err(Problem::cell(self.column("price"), wrong));
        match (self.connection.channel(), price) {
            (Channel::Kaspi, None) => refused("it is empty; at Kaspi it takes a price of whole tenge"),
            (Channel::Kaspi, Some(price)) if price.whole().is_none_or(|tenge| tenge < LOWEST) => {
                refused(&format!("Kaspi does not take {price}; it takes whole tenge, {LOWEST} KZT at least"))
            }
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
}

/// What stands for an adaptive buffer.
const ADAPTIVE: &str = "adaptive";
/// Tenge; Kaspi's price list refuses less.
const LOWEST: i64 = 10;
/// Characters; Kaspi imports no longer SKU (<https://guide.kaspi.kz/partner/ru/shop/api/goods/q3223>).
const LONGEST_KASPI_SKU: usize = 64;

fn id(channel: Channel, name: &str, text: &str) -> Result<Article, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|number| number > 0);
    if names::is_number(channel, name) && !digits {
        return Err(format!("{text:?} is not {channel}'s number; it takes digits alone"));
    }
    if channel == Channel::Kaspi && text.chars().count() > LONGEST_KASPI_SKU {
        return Err(format!("it is longer than {LONGEST_KASPI_SKU} characters; Kaspi has no such SKU"));
    }
    Article::new(text).map_err(|error| error.to_string())
}

fn buffer(text: &str) -> Result<Buffer, String> {
    match text {
        ADAPTIVE => Ok(Buffer::Adaptive(Adaptive::default())),
        units => whole(units).map(Buffer::Fixed).map_err(|wrong| format!("{wrong}, nor {ADAPTIVE}")),
    }
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
