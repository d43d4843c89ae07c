//! Bundles: goods sold as one and made of others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::barcode::Barcode;
use crate::{Money, Sku};

/// What a SKU is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Has levels of its own.
    Simple,
    /// Has none: it is its components.
    Bundle {
        /// Units of each component in one bundle.
        components: BTreeMap<Sku, u32>,
    },
}

/// A good that the seller deals in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The seller's name for it, by which all items of the table know it.
    pub sku: Sku,
    /// What people read, in price lists too.
    pub title: String,
    /// What it is made of.
    #[serde(flatten)]
    pub kind: Kind,
    /// Barcodes that are printed on it, on cases of it, or on what a scale weighed of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barcodes: Vec<Barcode>,
    /// Its maker, by which an assortment lets it in or leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// What one unit cost the seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
}

impl Product {
    /// The SKUs with levels that one unit takes from, and how many units of each: itself, if it is no bundle.
    #[must_use]
    pub fn components(&self) -> BTreeMap<Sku, u32> {
        match &self.kind {
            Kind::Simple => BTreeMap::from([(self.sku.clone(), 1)]),
            Kind::Bundle { components } => components.clone(),
        }
    }
}

/// How many bundles can be made: the least over the components. `stock` gives the sellable units of a component.
#[must_use]
pub fn sellable(components: &BTreeMap<Sku, u32>, stock: impl Fn(&Sku) -> i64) -> i64 {
    components
        .iter()
        .map(|(sku, units)| stock(sku).max(0).checked_div(i64::from(*units)).unwrap_or(0))
        .min()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_as_many_as_its_scarcest_component_allows() {
        let (tea, cup) = (Sku::new("TEA").unwrap(), Sku::new("CUP").unwrap());
        let set = BTreeMap::from([(tea.clone(), 1), (cup, 2)]);
        assert_eq!(sellable(&set, |sku| if *sku == tea { 9 } else { 5 }), 2);
        assert_eq!(sellable(&set, |sku| if *sku == tea { 9 } else { -3 }), 0);
    }

    #[test]
    fn a_bundle_of_nothing_can_not_be_sold() {
        assert_eq!(sellable(&BTreeMap::new(), |_| 5), 0);
    }
}
