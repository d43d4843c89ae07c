//! The price list as a file that fits into an answer.

use std::io::{self, Write as _};

use edin_channels::feed::{Feed, List, ListError, WrittenList};
use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_http::Request;

/// The file, as it travels.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum File {
    /// As it is.
    Plain(String),
    /// With gzip.
    Packed(Vec<u8>),
}

/// How the file travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
}

/// What Lambda hands out of one answer, in bytes, less what stands around the file.
/// Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, 2026-11.
const MOST: usize = 6_291_556 - 4_096;

impl Packing {
    /// Packed for those who say that they take it. Whether Kaspi does is documented nowhere.
    pub(crate) fn accepted_by(request: &Request) -> Self {
        let accepted = request.headers().get_all("accept-encoding").iter().filter_map(|value| value.to_str().ok());
        let is_taken = |coding: &str| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            let quality = quality.trim().strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok());
            name.trim() == "gzip" && quality != Some(0.0)
        };
        match accepted.flat_map(|value| value.split(',')).any(is_taken) {
            true => Self::Gzip,
            false => Self::None,
        }
    }
}

/// Writes the file.
///
/// # Errors
/// [`ListError`], also if it is longer than an answer may be.
pub(crate) fn render(feed: &dyn Feed, list: &List, packing: Packing) -> Result<(File, WrittenList), ListError> {
    match packing {
        Packing::None => plain(feed, list),
        Packing::Gzip => packed(feed, list),
    }
}

/// In JSON, which an answer travels in, a quotation mark takes two bytes.
fn plain(feed: &dyn Feed, list: &List) -> Result<(File, WrittenList), ListError> {
    let mut bounded =
        Bounded::new(|bytes| bytes.len() + bytes.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count());
    let written = bounded.written(list, Packing::None, |out| feed.write(list, out))?;
    let text = String::from_utf8(bounded.bytes).map_err(|error| ListError::Unwritable(error.to_string()))?;
    Ok((File::Plain(text), written))
}

/// Base64 makes four bytes of three.
fn packed(feed: &dyn Feed, list: &List) -> Result<(File, WrittenList), ListError> {
    let mut bounded = Bounded::new(|bytes| (bytes.len() * 4).div_ceil(3));
    let written = bounded.written(list, Packing::Gzip, |out| {
        let mut packer = GzEncoder::new(out, Compression::fast());
        let written = feed.write(list, &mut packer)?;
        packer.finish().and_then(|out| out.flush()).map_err(|error| ListError::Unwritable(error.to_string()))?;
        Ok(written)
    })?;
    Ok((File::Packed(bounded.bytes), written))
}

/// Takes no more than an answer may carry, so that what is too long doesn't fill the memory first.
struct Bounded {
    bytes: Vec<u8>,
    carried: usize,
    cost: fn(&[u8]) -> usize,
}

impl Bounded {
    const fn new(cost: fn(&[u8]) -> usize) -> Self {
        Self { bytes: Vec::new(), carried: 0, cost }
    }

    fn written(
        &mut self,
        list: &List,
        packing: Packing,
        write: impl FnOnce(&mut Self) -> Result<WrittenList, ListError>,
    ) -> Result<WrittenList, ListError> {
        let written = write(self);
        if self.carried > MOST {
            let (offers, packed) = (list.offers.len(), packing == Packing::Gzip);
            return Err(ListError::TooLong { offers, most: MOST, packed });
        }
        written
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.carried += (self.cost)(bytes);
        if self.carried > MOST {
            return Err(io::Error::other("longer than an answer may be"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use edin_channels::feed::{Offer, StoreStock};
    use edin_channels::kaspi;
    use edin_domain::{Account, Article, Currency, Money, Timestamp, WarehouseId};
    use flate2::read::GzDecoder;

    use super::*;

    fn list(offers: usize) -> List {
        let offer = |number: usize| Offer {
            id: Article::new(format!("SKU-{number}")).unwrap(),
            title: "Чай чёрный".to_owned(),
            brand: None,
            price: Money::new(100_000, Currency::KZT),
            stores: vec![StoreStock { store: WarehouseId::new("PP1").unwrap(), quantity: 3 }],
        };
        let account = Account::of(kaspi::NAME).with("company", "Shop").with("merchant_id", "1");
        List { account, at: Timestamp::from_millis(0), offers: (0..offers).map(offer).collect() }
    }

    fn render(list: &List, packing: Packing) -> Result<(File, WrittenList), ListError> {
        super::render(&kaspi::PriceList, list, packing)
    }

    fn accepting(codings: &str) -> Packing {
        let request = lambda_http::http::Request::builder().header("accept-encoding", codings);
        Packing::accepted_by(&request.body(lambda_http::Body::Empty).unwrap())
    }

    #[test]
    fn it_is_packed_for_those_who_take_it() {
        assert_eq!(["gzip", "br, gzip;q=0.5"].map(accepting), [Packing::Gzip; 2]);
        assert_eq!(["", "identity", "gzip;q=0", "gzipped"].map(accepting), [Packing::None; 4]);
    }

    #[test]
    fn packed_it_says_the_same() {
        let (File::Plain(plain), written) = render(&list(3), Packing::None).unwrap() else { panic!("it is packed") };
        let (File::Packed(packed), again) = render(&list(3), Packing::Gzip).unwrap() else { panic!("it is plain") };
        let mut unpacked = String::new();
        GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked).unwrap();
        assert_eq!((unpacked, again), (plain, written));
    }

    #[test]
    fn what_no_answer_can_carry_is_refused_and_passes_packed() {
        let long = list(30_000);
        let refused = render(&long, Packing::None).unwrap_err();
        assert_eq!(refused, ListError::TooLong { offers: 30_000, most: MOST, packed: false });
        assert!(render(&long, Packing::Gzip).is_ok());
    }
}
