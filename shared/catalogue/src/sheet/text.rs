//! Bytes as text, by the encoding that programs write tables in: UTF-8, UTF-16 with its mark, windows-1251.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1251};

use crate::error::Problem;
use crate::lines::line_breaks;

/// A text, and its encoding if that had to be found out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) taken_for: Option<&'static str>,
}

/// # Errors
/// The problem, with the line where it begins if there is one.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Text, (Option<u64>, Problem)> {
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => return wide(UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => return wide(UTF_16BE, rest),
        [b'P', b'K', 3, 4, ..] => return Err((None, Problem::Workbook)),
        _ => {}
    }
    match utf8(bytes) {
        Ok(text) => Ok(Text { text, taken_for: None }),
        Err((line, bytes)) => cyrillic(&bytes).ok_or((Some(line), Problem::NotUtf8)),
    }
}

/// The text of UTF-8, without the mark that Excel begins it with; the line from which on it is none, and the bytes.
pub(crate) fn utf8(bytes: Vec<u8>) -> Result<String, (u64, Vec<u8>)> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        (1 + line_breaks(good), error.into_bytes())
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn wide(encoding: &'static Encoding, bytes: &[u8]) -> Result<Text, (Option<u64>, Problem)> {
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(Text { text: text.into_owned(), taken_for: Some(encoding.name()) }),
        None => Err((None, Problem::NotUtf16)),
    }
}

/// The text if it is windows-1251 and Cyrillic: any bytes could be windows-1251, but other encodings come out as something that
/// nobody writes.
fn cyrillic(bytes: &[u8]) -> Option<Text> {
    let (text, _) = WINDOWS_1251.decode_without_bom_handling(bytes);
    let is_likely = !is_broken_utf8(bytes) && Looks::of(&text).are_cyrillic();
    is_likely.then(|| Text { text: text.into_owned(), taken_for: Some("windows-1251") })
}

/// UTF-8 with a hole: what isn't ASCII is mostly whole letters of it.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (letters, holes) = bytes.utf8_chunks().fold((0, 0), |(letters, holes), chunk| {
        let beyond = chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        (letters + beyond, holes + usize::from(!chunk.invalid().is_empty()))
    });
    letters > holes
}

/// What the letters of a text look like, as windows-1251.
#[derive(Debug, Default)]
struct Looks {
    letters: usize,
    /// What a Russian or Kazakh text doesn't hold.
    strange: usize,
    /// `Ча`, as words are written.
    falling: usize,
    /// `чА`, as KOI8-R looks.
    rising: usize,
    /// `fй`, as `fé` looks.
    mixed: usize,
}

impl Looks {
    fn of(text: &str) -> Self {
        let (mut looks, mut before) = (Self::default(), ' ');
        for letter in text.chars() {
            match letter {
                '\t' | '\n' | '\r' | ' '..='\u{7f}' => {}
                'А'..='я' | 'Ё' | 'ё' | 'І' | 'і' => looks.letters += 1,
                '\u{a0}' | '«' | '»' | '№' | '–' | '—' | '°' | '…' | '“' | '”' | '„' | '‘' | '’' | '•' | '·' | '±'
                | '®' | '™' | '©' | '§' | '€' => {}
                _ => looks.strange += 1,
            }
            looks.falling += usize::from(before.is_uppercase() && is_small(letter));
            looks.rising += usize::from(is_small(before) && !before.is_ascii() && letter.is_uppercase());
            let is_mixed =
                |one: char, other: char| one.is_ascii_alphabetic() && !other.is_ascii() && other.is_alphabetic();
            looks.mixed += usize::from(is_mixed(before, letter) || is_mixed(letter, before));
            before = letter;
        }
        looks
    }

    fn are_cyrillic(&self) -> bool {
        self.letters > self.strange * 9 && self.rising <= self.falling && self.letters > self.mixed
    }
}

fn is_small(letter: char) -> bool {
    letter.is_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Артикул;Наименование;Цена\nЧАЙ-1;Чай «Зелёный», 100 г;1\u{a0}490\nTEA;Шай №5;10\n";

    fn wide(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    }

    #[test]
    fn every_encoding_of_a_table_comes_to_the_same_text() {
        for (bytes, taken_for) in [
            (TEXT.as_bytes().to_vec(), None),
            ([b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(), None),
            (wide(TEXT, [0xFF, 0xFE], u16::to_le_bytes), Some("UTF-16LE")),
            (wide(TEXT, [0xFE, 0xFF], u16::to_be_bytes), Some("UTF-16BE")),
            (WINDOWS_1251.encode(TEXT).0.into_owned(), Some("windows-1251")),
        ] {
            assert_eq!(decode(bytes), Ok(Text { text: TEXT.to_owned(), taken_for }));
        }
    }

    #[test]
    fn one_cyrillic_letter_is_enough_for_windows_1251() {
        for text in ["sku,title\nTEA,Чай\n", "sku,title\nTEA,ЧАЙ\n", "a,ь", "sku\n5 кВт\n"] {
            assert_eq!(decode(WINDOWS_1251.encode(text).0.into_owned()).unwrap().text, text);
        }
    }

    #[test]
    fn what_is_neither_is_refused_at_its_line() {
        let koi8 = encoding_rs::KOI8_R.encode(TEXT).0.into_owned();
        let dos = encoding_rs::IBM866.encode(TEXT).0.into_owned();
        let latin = encoding_rs::WINDOWS_1252.encode("a\nCaf\u{e9} \u{bd} \u{fc}ber\n").0.into_owned();
        let cafe = encoding_rs::WINDOWS_1252.encode("a\nCaf\u{e9}\n").0.into_owned();
        let truncated = TEXT.as_bytes()[..TEXT.find("Чай").unwrap() + 3].to_vec();
        for (bytes, line) in
            [(koi8, 1), (dos, 1), (truncated, 2), (latin, 2), (cafe, 2), (b"a\nb\n\xFF\x00".to_vec(), 3)]
        {
            assert_eq!(decode(bytes), Err((Some(line), Problem::NotUtf8)));
        }
    }

    #[test]
    fn half_a_letter_is_no_utf_16() {
        assert_eq!(decode(vec![0xFF, 0xFE, b'a']), Err((None, Problem::NotUtf16)));
        assert_eq!(decode(vec![0xFF, 0xFE, 0x00, 0xD8]), Err((None, Problem::NotUtf16)));
    }

    #[test]
    fn a_workbook_under_a_wrong_name_is_told() {
        assert_eq!(decode(b"PK\x03\x04...".to_vec()), Err((None, Problem::Workbook)));
    }
}
