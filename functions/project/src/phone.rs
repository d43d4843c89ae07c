//! Telephone numbers, as people and channels write them, in one spelling.

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};

/// Kazakhstan and Russia have one plan of numbers: national numbers of both are read alike.
const HERE: Region = Region::KZ;
/// What stands between two numbers in one field. The first that is one is taken.
const BETWEEN: [char; 5] = [',', ';', '/', '|', '\n'];

/// A number's digits, country code first and no extension; none for what is no number, and for one that isn't a person's own:
/// a household's line or a company's.
pub(crate) fn normal(text: &str) -> Option<String> {
    text.split(BETWEEN).chain([text]).find_map(|text| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        // From abroad numbers are written without the plus, or with the prefix that most other countries dial.
        let abroad = format!("+{}", digits.strip_prefix("00").unwrap_or(&digits));
        [text, &abroad].into_iter().find_map(of_a_person)
    })
}

fn of_a_person(text: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, Some(HERE)).ok().filter(|number| number.is_valid())?;
    let is_own = matches!(
        number.get_type(),
        PhoneNumberType::Mobile
            | PhoneNumberType::FixedLineOrMobile
            | PhoneNumberType::PersonalNumber
            | PhoneNumberType::VoIP
    );
    is_own.then(|| number.format_as(PhoneNumberFormat::E164).trim_start_matches('+').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling_however_it_is_written() {
        for (text, digits) in [
            ("+7 (701) 123-45-67", "77011234567"),
            ("87011234567", "77011234567"),
            ("7011234567", "77011234567"),
            ("77011234567", "77011234567"),
            ("00 7 701 123 45 67", "77011234567"),
            ("+7 (8707) 123-45-67", "77071234567"),
            ("+7 771 000 00 00", "77710000000"),
            ("+7 916 765-43-21 доб. 7", "79167654321"),
            ("8 916 765 43 21", "79167654321"),
            ("+84 91 234 56 78", "84912345678"),
            ("8 10 996 700 123 456", "996700123456"),
            ("996700123456", "996700123456"),
            ("8 701 123 45 67, 8 702 765 43 21", "77011234567"),
            ("нет; 8 702 765 43 21", "77027654321"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(digits), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_no_person_s_own_names_nobody() {
        for text in ["", "12345", "+71111111111", "0700123456", "8 800 707 07 07", "8 (7172) 79-00-11", "позвоните"]
        {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
