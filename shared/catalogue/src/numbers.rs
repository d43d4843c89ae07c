//! Numbers as people and programs write them: `1 490,50 ₸`, `1,490.50`, `12,000` of 1C. What may be two numbers is one only if
//! the other cells of its column say which.

use edin_domain::{Currency, Money};

/// No cell counts more units.
pub(crate) const MOST: u32 = 1_000_000_000;

/// How the numbers of one column are written, as far as their cells say so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Form {
    comma: Use,
    point: Use,
    /// Whether the comma is known from nothing but three zeros behind it everywhere, as 1C writes whole numbers.
    pub(crate) is_of_1c: bool,
}

/// What a column uses a sign for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Use {
    #[default]
    Unknown,
    Decimals,
    Groups,
    /// For both, by different cells.
    Both,
}

impl Use {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, only) | (only, Self::Unknown) => only,
            (one, other) if one == other => one,
            _ => Self::Both,
        }
    }
}

/// What the numbers of a column are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Units,
    Money,
}

impl Form {
    /// How these cells are written. Those that are no numbers say nothing.
    pub(crate) fn of<'c>(cells: impl Iterator<Item = &'c str>, of: Of) -> Self {
        let (mut form, mut zeros, mut others) = (Self::default(), 0_usize, 0_usize);
        for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
            if is_digits(cell) {
                others += 1;
                continue;
            }
            match parse(bare(cell).trim_start_matches('-')) {
                Some(Number::Sure { comma, point, part, .. }) => {
                    form.comma = form.comma.and(comma);
                    form.point = form.point.and(point);
                    let is_zeros = comma == Use::Decimals && part == "000";
                    *(if is_zeros { &mut zeros } else { &mut others }) += 1;
                }
                Some(Number::Unsure { sign: ',', tail: "000", .. }) => zeros += 1,
                Some(Number::Unsure { .. }) => others += 1,
                None => {}
            }
        }
        if of == Of::Units && form.comma == Use::Unknown && zeros > 0 && others == 0 {
            form.comma = Use::Decimals;
            form.is_of_1c = true;
        }
        form
    }

    /// A number of units.
    ///
    /// # Errors
    /// If it is none, or may be two.
    pub(crate) fn units(self, text: &str) -> Result<u32, String> {
        let refused = || format!("{text:?} is not a whole number from 0 to {MOST} in digits alone, such as 12");
        let (whole, part) = self.read(text, bare(text), &refused)?;
        let no_part = part.bytes().all(|digit| digit == b'0');
        whole.parse().ok().filter(|number| no_part && *number <= MOST).ok_or_else(refused)
    }

    /// An amount that isn't below zero, with or without the sign of its currency.
    ///
    /// # Errors
    /// If it is none, may be two, or is of another currency.
    pub(crate) fn amount(self, text: &str, currency: Currency) -> Result<Money, String> {
        let (bare, said) = without_currency(text);
        if let Some(said) = said.filter(|said| *said != currency) {
            return Err(format!("{text:?} is of {said}, and {currency} is meant here; write it in {currency}"));
        }
        let refused = || {
            let takes = "digits and at most two decimals after a point, such as 1490.50";
            format!("{text:?} is not an amount of {currency}: it takes {takes}")
        };
        let (whole, part) = self.read(text, bare, &refused)?;
        let plain = if part.is_empty() { whole } else { format!("{whole}.{part}") };
        Money::parse(&plain, currency).map_err(|_| refused())
    }

    /// A number as it is written where nothing else says how: `1490.50`. None if it is no number, or may be two.
    pub(crate) fn plain(self, text: &str) -> Option<String> {
        let (bare, _) = without_currency(bare(text));
        let (whole, part) = self.read(text, bare, &String::new).ok()?;
        Some(match part.bytes().all(|digit| digit == b'0') {
            true => whole,
            false => format!("{whole}.{part}"),
        })
    }

    /// The digits before and behind the sign of decimals.
    fn read(self, text: &str, bare: &str, refused: &impl Fn() -> String) -> Result<(String, String), String> {
        if is_digits(bare) {
            return Ok((bare.to_owned(), String::new()));
        }
        match parse(bare).ok_or_else(refused)? {
            Number::Sure { whole, part, .. } => Ok((whole, part.to_owned())),
            Number::Unsure { head, sign, tail } => match self.of_sign(sign) {
                Use::Decimals => Ok((head.to_owned(), tail.to_owned())),
                Use::Groups => Ok((format!("{head}{tail}"), String::new())),
                Use::Unknown | Use::Both => Err(ambiguous(text, head, tail)),
            },
        }
    }

    const fn of_sign(self, sign: char) -> Use {
        if sign == ',' { self.comma } else { self.point }
    }
}

fn ambiguous(text: &str, head: &str, tail: &str) -> String {
    let few = match tail.trim_end_matches('0') {
        "" => head.to_owned(),
        part => format!("{head}.{part}"),
    };
    format!("{text:?} may be {head}{tail} or {few}; write {head}{tail} for the one, {few} for the other")
}

/// A number in digits and signs.
enum Number<'t> {
    /// There is one way to read it; it shows what its signs are for.
    Sure { whole: String, part: &'t str, comma: Use, point: Use },
    /// `1,234`.
    Unsure { head: &'t str, sign: char, tail: &'t str },
}

fn parse(text: &str) -> Option<Number<'_>> {
    let signs: Vec<(usize, char)> = text.char_indices().filter(|(_, letter)| !letter.is_ascii_digit()).collect();
    let (at, last) = *signs.last()?;
    let (head, tail) = (text.get(..at)?, text.get(at + last.len_utf8()..)?);
    let before = signs.get(..signs.len() - 1)?;
    let is_part = matches!(last, ',' | '.') && before.iter().all(|(_, sign)| *sign != last);
    match before.first() {
        None if is_part && is_digits(head) && is_digits(tail) => {
            let may_group = tail.len() == 3 && head.len() <= 3 && !head.starts_with('0');
            Some(if may_group {
                Number::Unsure { head, sign: last, tail }
            } else {
                sure(head.to_owned(), tail, None, Some(last))
            })
        }
        Some((_, groups)) if is_part && is_digits(tail) => {
            Some(sure(grouped(head, *groups)?, tail, Some(*groups), Some(last)))
        }
        _ => Some(sure(grouped(text, last)?, "", Some(last), None)),
    }
}

fn sure(whole: String, part: &str, groups: Option<char>, decimals: Option<char>) -> Number<'_> {
    let used = |sign| match () {
        () if groups == Some(sign) => Use::Groups,
        () if decimals == Some(sign) => Use::Decimals,
        () => Use::Unknown,
    };
    Number::Sure { whole, part, comma: used(','), point: used('.') }
}

/// The digits of groups of three with one sign between all of them.
fn grouped(text: &str, sign: char) -> Option<String> {
    if !matches!(sign, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’' | ',' | '.') {
        return None;
    }
    let mut groups = text.split(sign);
    let first = groups.next().filter(|first| is_digits(first) && first.len() <= 3)?;
    let mut whole = first.to_owned();
    for group in groups {
        whole.push_str(Some(group).filter(|group| is_digits(group) && group.len() == 3)?);
    }
    Some(whole)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Pieces, as stock reports write behind their numbers.
const PIECES: [&str; 4] = ["шт.", "шт", "дана", "pcs"];

/// A number without the word for pieces, or the currency, behind it.
fn bare(text: &str) -> &str {
    let without = |word: &str| text.strip_suffix(word).map(str::trim_end);
    PIECES.into_iter().find_map(without).unwrap_or(text)
}

/// Signs and words of currencies.
const CURRENCIES: [(&str, &str); 23] = [
    ("₸", "KZT"),
    ("тг.", "KZT"),
    ("тг", "KZT"),
    ("тнг", "KZT"),
    ("тенге", "KZT"),
    ("теңге", "KZT"),
    ("kzt", "KZT"),
    ("₽", "RUB"),
    ("руб.", "RUB"),
    ("руб", "RUB"),
    ("рублей", "RUB"),
    ("рубль", "RUB"),
    ("р.", "RUB"),
    ("р", "RUB"),
    ("rub", "RUB"),
    ("$", "USD"),
    ("usd", "USD"),
    ("€", "EUR"),
    ("eur", "EUR"),
    ("сом", "KGS"),
    ("kgs", "KGS"),
    ("uzs", "UZS"),
    ("byn", "BYN"),
];

/// An amount without the sign or word of its currency, and which one that is.
fn without_currency(text: &str) -> (&str, Option<Currency>) {
    let small = text.to_lowercase();
    for (word, code) in CURRENCIES {
        // Only texts whose capitals are as long: the same bytes are cut off from what stands there.
        if small.len() == text.len() && small.ends_with(word) {
            let bare = text.get(..text.len() - word.len()).map(str::trim_end);
            return (bare.unwrap_or(text), code.parse().ok());
        }
        if let Some(bare) = text.strip_prefix(word).filter(|_| matches!(word, "₸" | "₽" | "$" | "€")) {
            return (bare.trim_start(), code.parse().ok());
        }
    }
    (text, None)
}

/// A currency by its code, its sign or its name.
///
/// # Errors
/// If it is none of them.
pub(crate) fn currency(text: &str) -> Result<Currency, String> {
    let small = text.to_lowercase();
    match CURRENCIES.iter().find(|(word, _)| *word == small) {
        Some((_, code)) => code.parse().map_err(|error: edin_domain::MoneyError| error.to_string()),
        None => text.parse().map_err(|error: edin_domain::MoneyError| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(cells: &[&str]) -> Vec<Result<u32, String>> {
        let form = Form::of(cells.iter().copied(), Of::Units);
        cells.iter().map(|cell| form.units(cell)).collect()
    }

    fn amounts(cells: &[&str]) -> Vec<Result<String, String>> {
        let form = Form::of(cells.iter().copied(), Of::Money);
        cells.iter().map(|cell| form.amount(cell, Currency::KZT).map(Money::decimal)).collect()
    }

    #[test]
    fn a_count_is_read_as_people_write_it() {
        for (text, expected) in [
            ("12", 12),
            ("0", 0),
            ("1 250", 1_250),
            ("1\u{a0}250", 1_250),
            ("1\u{202f}250", 1_250),
            ("1'250", 1_250),
            ("1’250", 1_250),
            ("1,250,000", 1_250_000),
            ("12.0", 12),
            ("12,00", 12),
            ("1 250,000", 1_250),
            ("12 шт.", 12),
        ] {
            assert_eq!(units(&[text]), [Ok(expected)], "{text}");
        }
        for text in [
            "-1",
            "+5",
            "12,5",
            "1 25",
            "12 50",
            "1,25,000",
            "1 250'000",
            ",5",
            "5,",
            "1E3",
            "99999999999",
            "много",
            "1,,0",
        ] {
            assert!(units(&[text])[0].clone().unwrap_err().contains("is not a whole number"), "{text}");
        }
    }

    #[test]
    fn three_zeros_behind_every_comma_are_1cs() {
        assert_eq!(units(&["12,000", "5,000", ""])[..2], [Ok(12), Ok(5)]);
        assert!(Form::of(["12,000", "5,000"].into_iter(), Of::Units).is_of_1c);
        assert_eq!(units(&["12,000", "1 250,000"]), [Ok(12), Ok(1_250)]);
        let expected = "\"12,000\" may be 12000 or 12; write 12000 for the one, 12 for the other";
        for others in ["5", "12,500", "12.000"] {
            assert_eq!(units(&["12,000", others])[0], Err(expected.to_owned()), "{others}");
        }
        let expected = "\"12,500\" may be 12500 or 12.5; write 12500 for the one, 12.5 for the other";
        assert_eq!(units(&["12,500"]), [Err(expected.to_owned())]);
        assert!(units(&["12.000"])[0].is_err() && amounts(&["12,000"])[0].is_err());
    }

    #[test]
    fn other_cells_settle_what_a_sign_is_for() {
        assert_eq!(units(&["12,000", "1,250,000"]), [Ok(12_000), Ok(1_250_000)]);
        assert_eq!(amounts(&["1,234", "1,234.50"]), [Ok("1234.00".to_owned()), Ok("1234.50".to_owned())]);
        assert_eq!(amounts(&["1.234", "1.234,50"]), [Ok("1234.00".to_owned()), Ok("1234.50".to_owned())]);
        assert!(amounts(&["1,234", "990,50"])[0].clone().unwrap_err().contains("is not an amount of KZT"));
        assert!(amounts(&["1,234", "990,50", "1,234.50"])[0].clone().unwrap_err().contains("may be 1234 or 1.234"));
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for (text, expected) in [
            ("1490", "1490.00"),
            ("1490.50", "1490.50"),
            ("1490,5", "1490.50"),
            ("1 490,50", "1490.50"),
            ("1\u{a0}490,50\u{a0}₸", "1490.50"),
            ("12 000 тг", "12000.00"),
            ("12000тг.", "12000.00"),
            ("12 000 ТЕНГЕ", "12000.00"),
            ("₸ 500", "500.00"),
            ("1490.500", "1490.50"),
            ("0,500", "0.50"),
        ] {
            assert_eq!(amounts(&[text]), [Ok(expected.to_owned())], "{text}");
        }
        let other = "\"500 ₽\" is of RUB, and KZT is meant here; write it in KZT";
        assert_eq!(amounts(&["500 ₽"]), [Err(other.to_owned())]);
        for text in ["1490.505", "1490,505", "-1", "1E3", "1_000", "тг", "", "1 4", "12 руб 50"] {
            assert!(amounts(&[text])[0].clone().unwrap_err().contains("is not an amount of KZT"), "{text:?}");
        }
        let ambiguous = "\"1,234\" may be 1234 or 1.234; write 1234 for the one, 1.234 for the other";
        assert_eq!(amounts(&["1,234"]), [Err(ambiguous.to_owned())]);
    }

    #[test]
    fn a_currency_has_a_code_a_sign_and_names() {
        for text in ["KZT", "тенге", "₸", "Тг."] {
            assert_eq!(currency(text), Ok(Currency::KZT));
        }
        assert_eq!(currency("руб."), Ok(Currency::RUB));
        assert!(currency("деньги").unwrap_err().contains("is not a currency"));
    }

    proptest! {
        #[test]
        fn a_number_is_the_same_whatever_groups_it(number in 0_u32..=MOST, sign in "[ \u{a0}\u{202f}']", part in 0_u32..100) {
            let digits = number.to_string();
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push_str(&sign);
                }
                grouped.push(digit);
            }
            prop_assert_eq!(Form::default().units(&grouped), Ok(number));
            let expected = Money::parse(&format!("{number}.{part:02}"), Currency::KZT).unwrap();
            prop_assert_eq!(Form::default().amount(&format!("{grouped},{part:02} ₸"), Currency::KZT), Ok(expected));
        }

        #[test]
        fn no_text_stops_the_reading(text in "\\PC{0,12}|[0-9,. '-]{0,12}") {
            let form = Form::of([text.as_str()].into_iter(), Of::Units);
            let _ = (form.units(text.trim()), form.amount(text.trim(), Currency::KZT), form.plain(text.trim()));
        }
    }
}
