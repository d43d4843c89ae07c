//! What goods are called at each channel: the ids that a listing has, and the articles by which orders name it.

use std::collections::BTreeMap;

use edin_domain::{Article, Channel};

/// The ids that a listing of this channel may have; [`required`] is the first.
#[must_use]
pub const fn known(channel: Channel) -> &'static [&'static str] {
    match channel {
        Channel::Ozon => &["offer_id", "product_id", "sku"],
        Channel::Wildberries => &["chrt_id", "vendor_code", "barcode"],
        Channel::Kaspi => &["sku"],
    }
}

/// The id that a listing can't do without: its stock is told, or its line in the price list written, under it.
#[must_use]
pub const fn required(channel: Channel) -> &'static str {
    match channel {
        Channel::Ozon => "offer_id",
        Channel::Wildberries => "chrt_id",
        Channel::Kaspi => "sku",
    }
}

/// Whether the id is the channel's own number, rather than a text of the seller's.
#[must_use]
pub fn is_number(channel: Channel, name: &str) -> bool {
    matches!((channel, name), (Channel::Ozon, "product_id" | "sku") | (Channel::Wildberries, "chrt_id"))
}

/// The articles under which orders of this channel may name a listing with these ids.
///
/// Ozon: `sku:147451939` and the offer id. Wildberries: `chrt:7001`, the vendor code, the barcode. Kaspi: the SKU.
/// An id of another name is none.
#[must_use]
pub fn articles(channel: Channel, ids: &BTreeMap<String, Article>) -> Vec<Article> {
    ids.iter().filter_map(|(name, id)| article(channel, name, id)).collect()
}

fn article(channel: Channel, name: &str, id: &Article) -> Option<Article> {
    match (channel, name) {
        (Channel::Ozon, "sku") => Article::new(format!("sku:{id}")).ok(),
        (Channel::Wildberries, "chrt_id") => Article::new(format!("chrt:{id}")).ok(),
        (Channel::Ozon, "offer_id") | (Channel::Wildberries, "vendor_code" | "barcode") | (Channel::Kaspi, "sku") => {
            Some(id.clone())
        }
        _ => None,
    }
}

/// How far a name is to be trusted when an order names a good by several, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The channel's own number: it means one thing there, and nobody can edit it.
    Number,
    /// Digits as of a barcode: it is printed on the goods.
    Barcode,
    /// The seller's own name, which may be any text, and the same for several sizes.
    SellersName,
}

/// How far a name by which an order named a good is to be trusted.
#[must_use]
pub fn trust(article: &Article) -> Trust {
    let name = article.as_str();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match ["sku:", "chrt:"].iter().find_map(|kind| name.strip_prefix(kind)) {
        Some(number) if digits(number) => Trust::Number,
        _ if digits(name) && (8..=14).contains(&name.len()) => Trust::Barcode,
        _ => Trust::SellersName,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(channel: Channel, ids: &[(&str, &str)]) -> Vec<String> {
        let ids = ids.iter().map(|(name, id)| ((*name).to_owned(), Article::new(*id).unwrap())).collect();
        articles(channel, &ids).into_iter().map(String::from).collect()
    }

    #[test]
    fn ozon_names_a_good_by_its_sku_and_by_the_offer_id() {
        let ids = [("offer_id", "TEA-1"), ("product_id", "118597312"), ("sku", "147451939")];
        assert_eq!(named(Channel::Ozon, &ids), ["TEA-1", "sku:147451939"]);
    }

    #[test]
    fn wildberries_names_a_good_by_its_size_its_vendor_code_and_its_barcode() {
        let ids = [("chrt_id", "7001"), ("vendor_code", "TEE-BLK"), ("barcode", "2040000000011")];
        assert_eq!(named(Channel::Wildberries, &ids), ["2040000000011", "chrt:7001", "TEE-BLK"]);
    }

    #[test]
    fn kaspi_names_a_good_by_the_sellers_sku() {
        assert_eq!(named(Channel::Kaspi, &[("sku", "TEA")]), ["TEA"]);
    }

    #[test]
    fn the_channels_own_number_is_surest_then_a_barcode_then_the_sellers_name() {
        let of = |name: &str| trust(&Article::new(name).unwrap());
        assert!(Trust::Number < Trust::Barcode && Trust::Barcode < Trust::SellersName);
        assert_eq!(["chrt:7001", "sku:147451939"].map(of), [Trust::Number; 2]);
        assert_eq!(["2040000000017", "96385074"].map(of), [Trust::Barcode; 2]);
        assert_eq!(["TEE-BLK", "1234567", "chrt:", "sku:A-1"].map(of), [Trust::SellersName; 4]);
    }

    #[test]
    fn an_id_of_another_channel_names_nothing() {
        assert!(named(Channel::Kaspi, &[("chrt_id", "7001")]).is_empty());
    }

    #[test]
    fn the_required_id_is_the_first_of_the_known_ones() {
        for channel in Channel::ALL {
            assert_eq!(known(channel).first(), Some(&required(channel)));
        }
    }
}
