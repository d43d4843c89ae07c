//! Barcodes: what is printed on a good, on a case of it, or on what was weighed; and what one scan of it means.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A barcode that the seller says is a good's, with what one scan of it stands for.
///
/// As a text it is the code alone; `14870000000019*12` on a case of twelve; `2112345*g` on what a scale weighs: the code begins so,
/// and goes on with five digits of grams.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Barcode {
    /// What a scanner reads; of what is weighed, how it begins.
    pub code: String,
    /// What one scan stands for.
    pub holds: Holds,
}

/// What one scan of a barcode stands for, in units of its good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holds {
    /// So many units: one, unless it is on a case.
    Units(u32),
    /// As many units as the code says grams: the good is counted in grams.
    Grams,
}

/// A scale's code: two digits that say so, five of the good, five of grams, one that checks the others.
const WEIGHED: usize = 13;
/// How much of it tells which good it is.
const OF_THE_GOOD: usize = 7;
/// Digits of a GTIN, to which shorter ones are filled up with zeros: <https://www.gs1.org/standards/id-keys/gtin>.
const GTIN: usize = 14;

impl Barcode {
    /// What it is found by: the same for every way to write the same number.
    #[must_use]
    pub fn key(&self) -> String {
        match self.holds {
            Holds::Units(_) => normal(&self.code),
            Holds::Grams => weighed_key(&self.code),
        }
    }

    /// How many units of its good a scan of `code`, found by this barcode's key, stands for.
    #[must_use]
    pub fn units(&self, code: &str) -> Option<u32> {
        match self.holds {
            Holds::Units(units) => Some(units),
            Holds::Grams => code.get(OF_THE_GOOD..WEIGHED - 1)?.parse().ok(),
        }
    }
}

/// The keys by which what a scanner has read may be found: as it is, and as what a scale weighed.
#[must_use]
pub fn keys(scanned: &str) -> Vec<String> {
    let is_weighed = scanned.len() == WEIGHED && scanned.starts_with('2') && is_number(scanned);
    let weighed = scanned.get(..OF_THE_GOOD).filter(|_| is_weighed).map(weighed_key);
    std::iter::once(normal(scanned)).chain(weighed).collect()
}

/// What the last digit of a barcode should be by its others, if it is another one. EAN-8, UPC-A, EAN-13 and GTIN-14 have one
/// (<https://www.gs1.org/services/how-calculate-check-digit-manually>); of other texts nothing is known.
#[must_use]
pub fn right_check_digit(code: &str) -> Option<u32> {
    let digits: Vec<u32> = code.chars().map(|digit| digit.to_digit(10)).collect::<Option<_>>()?;
    let (last, others) = digits.split_last().filter(|_| matches!(digits.len(), 8 | 12 | 13 | 14))?;
    let weighted =
        others.iter().rev().enumerate().map(|(index, digit)| if index % 2 == 0 { digit * 3 } else { *digit });
    let right = (10 - weighted.sum::<u32>() % 10) % 10;
    (right != *last).then_some(right)
}

/// A scanner may read an EAN-13 that begins with 0 as a UPC-A of twelve digits; a till pads to fourteen.
fn normal(code: &str) -> String {
    match code.len() {
        8 | 12 | 13 | GTIN if is_number(code) => format!("{code:0>GTIN$}"),
        _ => code.to_owned(),
    }
}

fn weighed_key(begins: &str) -> String {
    format!("{begins}*g")
}

fn is_number(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<String> for Barcode {
    fn from(text: String) -> Self {
        let is_weighed = |code: &str| code.len() == OF_THE_GOOD && code.starts_with('2') && is_number(code);
        let read = text.rsplit_once('*').and_then(|(code, holds)| {
            let holds = match holds {
                "g" if is_weighed(code) => Holds::Grams,
                units => Holds::Units(units.parse().ok().filter(|units| *units > 0)?),
            };
            Some(Self { code: code.to_owned(), holds })
        });
        read.unwrap_or(Self { code: text, holds: Holds::Units(1) })
    }
}

impl From<Barcode> for String {
    fn from(barcode: Barcode) -> Self {
        barcode.to_string()
    }
}

impl fmt::Display for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holds {
            Holds::Units(1) => f.write_str(&self.code),
            Holds::Units(units) => write!(f, "{}*{units}", self.code),
            Holds::Grams => write!(f, "{}*g", self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn barcode(text: &str) -> Barcode {
        Barcode::from(text.to_owned())
    }

    /// Units of a good with this barcode that a scan stands for; none if the scan doesn't find it.
    fn scanned(text: &str, code: &str) -> Option<u32> {
        let barcode = barcode(text);
        keys(code).contains(&barcode.key()).then(|| barcode.units(code)).flatten()
    }

    #[test]
    fn a_scan_stands_for_one_for_a_case_or_for_what_was_weighed() {
        assert_eq!(scanned("4870000000012", "4870000000012"), Some(1));
        assert_eq!(scanned("14870000000019*12", "14870000000019"), Some(12));
        assert_eq!(scanned("2112345*g", "2112345004509"), Some(450));
        assert_eq!(scanned("2112345*g", "2112346004506"), None, "another good of the scale's");
        assert_eq!(scanned("4870000000012", "4870000000029"), None);
    }

    #[test]
    fn a_number_is_found_however_many_zeros_it_is_written_with() {
        assert_eq!(scanned("036000291452", "0036000291452"), Some(1), "UPC-A, read as EAN-13");
        assert_eq!(scanned("04870000000012", "4870000000012"), Some(1), "EAN-13, written as GTIN-14");
        assert_eq!(scanned("SHELF-7", "SHELF-7"), Some(1));
    }

    #[test]
    fn a_barcode_is_written_as_it_was_read() {
        for text in ["4870000000012", "14870000000019*12", "2112345*g", "A*B", "A*0", "*", "211*g", "4870000000012*"] {
            assert_eq!(barcode(text).to_string(), text);
        }
        assert_eq!(barcode("A*0").holds, Holds::Units(1), "a star may be part of a code");
    }
}
