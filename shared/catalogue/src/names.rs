//! What spreadsheets and keyboards do to names: shortened numbers, letters that nobody sees, letters that look like others,
//! barcodes that were mistyped.

use std::collections::BTreeSet;

use edin_domain::barcode;

/// Refuses what can't be meant as a name.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if is_shortened(text) {
        return Err(format!(
            "{text:?} is what a spreadsheet makes of a long number; format the column as text, and write the number out"
        ));
    }
    match text.chars().find(|letter| is_invisible(*letter)) {
        None => Ok(()),
        Some(letter) => {
            Err(format!("it holds {letter:?} (U+{:04X}), which nobody sees; type it anew", u32::from(letter)))
        }
    }
}

/// `4,87E+12`.
fn is_shortened(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = mantissa.split_once([',', '.']).unwrap_or((mantissa, "0"));
    exponent.strip_prefix(['+', '-']).is_some_and(digits) && digits(whole.trim_start_matches('-')) && digits(part)
}

/// Blanks other than the usual one, marks of direction, fillers, joiners.
fn is_invisible(letter: char) -> bool {
    let is_blank = letter.is_whitespace() && letter != ' ';
    is_blank
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Cyrillic letters and the Latin ones that they look like.
const LOOK_ALIKES: [(char, char); 23] = [
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
    ('І', 'I'),
    ('Һ', 'h'),
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('һ', 'h'),
];

/// The name with every look-alike in one alphabet: two names that nobody can tell apart have the same.
pub(crate) fn looks(name: &str) -> String {
    name.chars().map(latin).collect()
}

fn latin(letter: char) -> char {
    LOOK_ALIKES.iter().find(|(cyrillic, _)| *cyrillic == letter).map_or(letter, |(_, latin)| *latin)
}

fn cyrillic(letter: char) -> char {
    LOOK_ALIKES.iter().find(|(_, latin)| *latin == letter).map_or(letter, |(cyrillic, _)| *cyrillic)
}

/// Other names that look the same: all in the one alphabet, or all in the other.
pub(crate) fn twins(name: &str) -> BTreeSet<String> {
    let written: [String; 2] = [looks(name), name.chars().map(cyrillic).collect()];
    written.into_iter().filter(|twin| twin != name).collect()
}

/// What is odd about a barcode: a last digit that is wrong, or zeros at its beginning that a spreadsheet has dropped.
pub(crate) fn doubt_barcode(code: &str) -> Option<String> {
    let full = [8, 13, 14].into_iter().find(|length| *length > code.len()).filter(|_| matches!(code.len(), 7 | 9..=11));
    let zeros = full.map(|length| format!("{code:0>length$}")).filter(|full| full.chars().all(|c| c.is_ascii_digit()));
    if let Some(full) = zeros.filter(|full| barcode::right_check_digit(full).is_none()) {
        return Some(format!("{code} would be a barcode as {full}; has a spreadsheet dropped its zeros?"));
    }
    let right = barcode::right_check_digit(code)?;
    Some(format!("the last digit of {code} should be {right} by the others; is it typed right?"))
}

/// What is odd about the letters of a name: some are of another alphabet than the others and look like theirs.
pub(crate) fn doubt_letters(name: &str) -> Option<String> {
    let is_cyrillic = |letter: &char| matches!(letter, '\u{400}'..='\u{52f}');
    let letters = || name.chars().filter(|letter| letter.is_alphabetic());
    let (cyrillics, latins) = (letters().filter(is_cyrillic).count(), letters().filter(char::is_ascii).count());
    let strays_cyrillic = letters().filter(is_cyrillic).all(|letter| latin(letter) != letter);
    let strays_latin = letters().filter(char::is_ascii).all(|letter| cyrillic(letter) != letter);
    let (of, among, stray) = match () {
        () if cyrillics == 0 || latins == 0 => return None,
        // Where either may be the stray ones, the fewer are.
        () if strays_cyrillic && (!strays_latin || cyrillics <= latins) => {
            ("Cyrillic", "Latin", letters().find(is_cyrillic)?)
        }
        () if strays_latin => ("Latin", "Cyrillic", letters().find(char::is_ascii)?),
        () => return None,
    };
    let code = u32::from(stray);
    Some(format!(
        "{name} has a {of} {stray} (U+{code:04X}) among {among} letters, which looks the same; is it typed right?"
    ))
}

/// Those of the names in digits that are shorter than others, which begin with zeros: a spreadsheet may have dropped theirs. Each with
/// how it would be as long.
pub(crate) fn without_zeros<'n, T>(names: impl Iterator<Item = (T, &'n str)> + Clone) -> Vec<(T, String)> {
    let numbers = names.filter(|(_, name)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()));
    let length =
        numbers.clone().filter(|(_, name)| name.starts_with('0')).map(|(_, name)| name.len()).max().unwrap_or(0);
    let short = numbers.filter(|(_, name)| name.len() < length && !name.starts_with('0'));
    short.map(|(what, name)| (what, format!("{name:0>length$}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_has_shortened_is_no_name() {
        for shortened in ["1,00E+05", "4,87E+12", "4.87E+12", "1E+05", "1e-3", "-4,87E+12"] {
            assert!(check(shortened).unwrap_err().contains("format the column as text"), "{shortened}");
        }
        for name in ["12E4", "E+5", "TEE+1", "1E+", "A1E+5", "1,2,3E+5", "4870000000012"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_nobody_sees_is_in_no_name() {
        for invisible in ["TEA\u{200b}", "T\u{a0}EA", "\u{202e}TEA", "TE\u{ad}A", "TEA\u{feff}", "TEA\u{fe0f}", "ㅤ"] {
            assert!(check(invisible).unwrap_err().contains("which nobody sees"), "{invisible:?}");
        }
        assert_eq!(check("ЧАЙ 500 г"), Ok(()));
    }

    #[test]
    fn names_that_look_the_same_are_twins() {
        assert_eq!(looks("ТЕА"), looks("TEA"));
        assert!(twins("TEA").contains("ТЕА") && twins("ТЕА").contains("TEA") && twins("ТEА").contains("TEA"));
        assert!(twins("ЧЖ-50").is_empty());
        assert_ne!(looks("TEA"), looks("TEE"));
    }

    #[test]
    fn a_wrong_check_digit_is_found_in_every_length_that_has_one() {
        for right in ["4870000000012", "96385074", "036000291452", "10012345000017"] {
            assert_eq!(barcode::right_check_digit(right), None, "{right}");
        }
        assert_eq!(barcode::right_check_digit("4870000000017"), Some(2));
        for unknown in ["TEA", "123", "", "４８７００００００００１２"] {
            assert_eq!(barcode::right_check_digit(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_barcode_that_lost_its_zeros_is_doubted() {
        for (code, full) in [("4012345", None), ("7000003", Some("07000003")), ("36000291452", Some("0036000291452"))] {
            assert_eq!(
                doubt_barcode(code).map(|said| said.contains(full.unwrap_or("?!"))),
                full.map(|_| true),
                "{code}"
            );
        }
        assert_eq!(doubt_barcode("4870000000012"), None);
        assert!(doubt_barcode("4870000000017").unwrap().contains("should be 2"));
        assert_eq!(doubt_barcode("4870001"), None, "a code of seven digits that no zero makes a barcode");
    }

    #[test]
    fn a_letter_of_the_other_alphabet_is_doubted_where_it_looks_the_same() {
        for (name, stray) in
            [("TЕA-1", "Cyrillic Е (U+0415)"), ("ЧAЙ", "Latin A (U+0041)"), ("ABС", "Cyrillic С"), ("АВC", "Latin C")]
        {
            let said = doubt_letters(name).unwrap();
            assert!(said.contains(stray), "{said}");
        }
        for name in ["TEA", "ЧАЙ", "ТЕА", "ЧАЙ-XL", "500", "Қант-5", "ÄÖ-1"] {
            assert_eq!(doubt_letters(name), None, "{name}");
        }
    }

    #[test]
    fn a_number_that_lost_its_zeros_is_found_by_the_others() {
        let names = ["00123", "124", "TEA", "00007", "12345"];
        let found = without_zeros(names.iter().enumerate().map(|(at, name)| (at, *name)));
        assert_eq!(found, [(1, "00124".to_owned())]);
        assert_eq!(without_zeros([((), "1"), ((), "22")].into_iter()), []);
    }
}
