//! Our price list beside two real ones that Kaspi takes.

use std::collections::{BTreeMap, BTreeSet};

use edin_channels::feed::{List, Offer, StoreStock, render};
use edin_channels::kaspi;
use edin_domain::{Account, Article, Currency, Money, WarehouseId};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use simulators::now;

use super::{Problem, assert_none, published};

const REAL: [&str; 2] = ["kaspi/feed-cityprices-preorder.xml", "kaspi/feed-price-stockcount.xml"];

/// In all of the real ones, and yet not needed: `guide.kaspi.kz/partner/ru/shop/goods/price_list/q3251` has it for goods on
/// pre-order alone.
const OPTIONAL: [(&str, &str); 1] = [("/kaspi_catalog/offers/offer/availabilities/availability", "preOrder")];

#[test]
fn our_price_list_is_built_like_those_that_kaspi_takes() {
    let Some(real) = REAL.iter().map(|file| published(file)).collect::<Option<Vec<_>>>() else { return };
    let real = Structure::of(real.iter().map(String::as_str));
    let ours =
        [vec![], vec!["750000000", "710000000"]].map(|cities| render(&kaspi::PriceList, &list(&cities)).unwrap());
    assert_none(Structure::of(ours.iter().map(String::as_str)).departures(&real));
}

fn list(cities: &[&str]) -> List {
    let offer = |sku: &str| Offer {
        id: Article::new(sku).unwrap(),
        title: "Чай & Co".to_owned(),
        brand: Some("Brand".to_owned()),
        price: Money::new(1_599_000, Currency::KZT),
        stores: [("30000001_PP1", 7), ("30000001_PP2", 0)]
            .map(|(store, quantity)| StoreStock { store: WarehouseId::new(store).unwrap(), quantity })
            .to_vec(),
    };
    let account = Account::of(kaspi::NAME).with("company", "Shop").with("merchant_id", "30000001");
    List { account: account.with("cities", cities), at: now(), offers: vec![offer("SKU1"), offer("SKU2")] }
}

/// How files are built, by path such as `/kaspi_catalog/offers/offer`.
#[derive(Default)]
struct Structure {
    /// The attributes of each element.
    attributes: BTreeMap<String, Vec<BTreeSet<String>>>,
    /// What is in each element, in its order.
    children: BTreeMap<String, Vec<Vec<String>>>,
    /// Name spaces, and where their schemas are.
    spaces: BTreeSet<(String, String)>,
}

impl Structure {
    fn of<'a>(files: impl IntoIterator<Item = &'a str>) -> Self {
        let mut structure = Self::default();
        files.into_iter().for_each(|file| structure.read(file));
        structure
    }

    fn read(&mut self, file: &str) {
        let mut reader = Reader::from_str(file);
        let mut open: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) => {
                    let path = self.enter(&element, &mut open);
                    open.push((path, Vec::new()));
                }
                Event::Empty(element) => {
                    let path = self.enter(&element, &mut open);
                    self.children.entry(path).or_default().push(Vec::new());
                }
                Event::End(_) => {
                    let (path, children) = open.pop().unwrap();
                    self.children.entry(path).or_default().push(children);
                }
                Event::Eof => return,
                _ => {}
            }
        }
    }

    /// Notes an element and its attributes. Its path.
    fn enter(&mut self, element: &BytesStart<'_>, open: &mut [(String, Vec<String>)]) -> String {
        let name = element.name().as_ref().to_owned();
        let (parent, siblings) = open.last_mut().unwrap();
        let path = format!("{parent}/{name}");
        siblings.push(name);
        let attributes = element.attributes().map(Result::unwrap);
        let attributes: Vec<_> =
            attributes.map(|attribute| (attribute.key.as_ref().to_owned(), attribute.value.to_string())).collect();
        let names = attributes.iter().map(|(name, _)| name.clone()).collect();
        self.attributes.entry(path.clone()).or_default().push(names);
        self.spaces.extend(attributes.into_iter().filter(|(name, _)| name.starts_with("xmlns") || name.contains(':')));
        path
    }

    fn departures(&self, real: &Self) -> Vec<Problem> {
        let problem = |place: &str, what: String| Problem {
            exchange: "the price list".to_owned(),
            place: place.to_owned(),
            what,
        };
        let mut problems = Vec::new();
        if self.spaces != real.spaces {
            problems.push(problem("the root", format!("{:?} instead of {:?}", self.spaces, real.spaces)));
        }
        for (path, ours) in &self.attributes {
            let Some(theirs) = real.attributes.get(path) else {
                problems.push(problem(path, "there is no such element".to_owned()));
                continue;
            };
            let known = union(theirs);
            let is_optional = |name: &str| OPTIONAL.contains(&(path.as_str(), name));
            let needed: BTreeSet<_> = common(theirs).into_iter().filter(|name| !is_optional(name)).collect();
            for ours in ours.iter().filter(|ours| !ours.is_subset(&known) || !ours.is_superset(&needed)) {
                problems.push(problem(path, format!("has {ours:?}; known are {known:?}, needed {needed:?}")));
            }
        }
        for (path, ours) in &self.children {
            let theirs = real.children.get(path).map(Vec::as_slice).unwrap_or_default();
            let needed = common(&theirs.iter().map(|children| children.iter().cloned().collect()).collect::<Vec<_>>());
            let order: BTreeSet<_> = theirs.iter().flat_map(|children| pairs(children)).collect();
            for children in ours {
                let lacking = needed.iter().filter(|name| !children.contains(name));
                problems.extend(lacking.map(|name| problem(path, format!("lacks {name}"))));
                let misplaced = pairs(children).into_iter().filter(|pair| !order.contains(pair));
                problems.extend(misplaced.map(|(first, then)| problem(path, format!("{first} stands before {then}"))));
            }
        }
        problems
    }
}

fn union(sets: &[BTreeSet<String>]) -> BTreeSet<String> {
    sets.iter().flatten().cloned().collect()
}

fn common(sets: &[BTreeSet<String>]) -> BTreeSet<String> {
    let mut sets = sets.iter().cloned();
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| common.intersection(&set).cloned().collect())
}

/// Which name stands right or further before which other. What stands beside its like says nothing.
fn pairs(children: &[String]) -> BTreeSet<(String, String)> {
    let after = |index: usize| children.iter().skip(index + 1);
    let pairs = children.iter().enumerate().flat_map(|(index, first)| after(index).map(move |then| (first, then)));
    pairs.filter(|(first, then)| first != then).map(|(first, then)| (first.clone(), then.clone())).collect()
}
