//! A good, as its seller knows it.

/// A good of a seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// The seller's SKU, by which a channel knows it too where it takes the seller's own name.
    pub sku: String,
    /// Its number, from which the channels' own ids are made.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its maker.
    pub brand: &'static str,
    /// Price in whole tenge.
    pub price: u64,
    /// Opening stock in Almaty and in Astana; none for a bundle.
    pub stock: Option<(u32, u32)>,
    /// What a bundle is made of: SKUs and units.
    pub components: Vec<(String, u32)>,
}

impl Good {
    /// The barcode that is on it: twelve digits, and the one that checks them.
    #[must_use]
    pub fn barcode(&self) -> String {
        let code = 204_000_000_000 + self.number;
        let digits = (0..12).map(|place| code / 10_u64.pow(place) % 10);
        let weighted = digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit * 3 } else { digit });
        format!("{code}{}", (10 - weighted.sum::<u64>() % 10) % 10)
    }
}
