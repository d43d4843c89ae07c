//! What headers say in Russian and Kazakh, and in English otherwise than here.

/// A header as it is looked up: in small letters, each run of blanks one space, without marks at its end.
pub(crate) fn plain(header: &str) -> String {
    let small = header.to_lowercase().replace('ё', "е");
    let words: Vec<&str> = small.split_whitespace().collect();
    words.join(" ").trim_end_matches([':', '*', '.', ' ']).to_owned()
}

/// What a header means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A column; of two headers with the same one, that of the lower rank is it.
    Column(&'static str, u8),
    /// A price for buyers, which is one of a connection; which one, a header doesn't say.
    Price,
}

/// Headers that mean one column beyond doubt.
const FIRST: [(&str, &[&str]); 8] = [
    (
        "sku",
        &[
            "артикул",
            "артикулы",
            "артикул товара",
            "артикул продавца",
            "артикул поставщика",
            "номенклатура.артикул",
            "ваш sku",
            "sku товара",
            "тауар артикулы",
            "сатушы артикулы",
        ],
    ),
    (
        "title",
        &[
            "наименование",
            "наименование товара",
            "название",
            "название товара",
            "атауы",
            "тауар атауы",
            "тауардың атауы",
        ],
    ),
    ("brand", &["бренд", "торговая марка", "сауда белгісі", "сауда маркасы"]),
    (
        "barcode",
        &["штрихкод", "штрихкоды", "штрих-код", "штрих код", "баркод", "баркоды", "ean", "ean13", "ean-13", "gtin"],
    ),
    ("location", &["склад", "место хранения", "қойма", "қоймасы"]),
    (
        "on_hand",
        &["остаток", "остатки", "остаток на складе", "количество на складе", "конечный остаток", "қалдық", "қалдығы"],
    ),
    ("cost", &["закупочная цена", "цена закупки", "цена закупа", "закупка", "сатып алу бағасы", "сатып алу құны"]),
    ("currency", &["валюта", "валюта (закупочная цена)"]),
];

/// Headers that mean it where none of the others does.
const SECOND: [(&str, &[&str]); 6] = [
    ("sku", &["код", "код товара", "код номенклатуры", "тауар коды"]),
    ("title", &["номенклатура", "товар", "тауар"]),
    ("brand", &["марка"]),
    ("barcode", &["штрихкод ean13", "штрихкод ean-13", "штрихкод ean8", "штрихкод gtin", "штрихкод code128"]),
    ("on_hand", &["количество", "кол-во", "в наличии", "саны", "қалдық саны"]),
    ("cost", &["себестоимость", "өзіндік құны"]),
];

/// Prices for buyers.
const PRICES: [&str; 10] = [
    "цена",
    "цена продажи",
    "цена: цена продажи",
    "розничная цена",
    "цена розничная",
    "баға",
    "бағасы",
    "сату бағасы",
    "бөлшек бағасы",
    "price",
];

/// What a header means, if that is known.
pub(crate) fn meaning(header: &str) -> Option<Meaning> {
    let header = plain(header);
    let among = |of: &[(&'static str, &[&str])]| {
        of.iter().find(|(_, words)| words.contains(&header.as_str())).map(|(column, _)| *column)
    };
    let first = among(&FIRST).map(|column| Meaning::Column(column, 1));
    first
        .or_else(|| Some(Meaning::Column(among(&SECOND)?, 2)))
        .or_else(|| PRICES.contains(&header.as_str()).then_some(Meaning::Price))
}

/// Words for a sum, at the beginning of a line that is none of a good.
const TOTALS: [&str; 8] = ["итого", "итог", "всего", "барлығы", "жиыны", "жалпы", "total", "grand total"];

/// Whether a cell calls its line a sum: `Итого:`, `Итого по складу`.
pub(crate) fn is_total(cell: &str) -> bool {
    let cell = plain(cell);
    TOTALS
        .iter()
        .any(|total| cell.strip_prefix(total).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', ','])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_mean_columns_in_russian_and_in_kazakh() {
        for (header, column) in [
            ("Артикул", "sku"),
            ("АРТИКУЛ ТОВАРА:", "sku"),
            ("Наименование", "title"),
            ("Атауы", "title"),
            ("Бренд", "brand"),
            ("Штрих-код", "barcode"),
            ("Склад ", "location"),
            ("Қойма", "location"),
            ("Остаток", "on_hand"),
            ("Қалдық", "on_hand"),
            ("Закупочная\u{a0}цена", "cost"),
            ("Сатып алу бағасы", "cost"),
            ("Валюта", "currency"),
        ] {
            assert_eq!(meaning(header), Some(Meaning::Column(column, 1)), "{header}");
        }
        assert_eq!(meaning("Код"), Some(Meaning::Column("sku", 2)));
        assert_eq!((meaning("Цена"), meaning("Бағасы")), (Some(Meaning::Price), Some(Meaning::Price)));
        assert_eq!((meaning("Цвет"), meaning("sku")), (None, None));
    }

    #[test]
    fn every_word_is_there_once_and_as_it_is_looked_up() {
        let words = || FIRST.iter().chain(&SECOND).flat_map(|(_, words)| words.iter()).chain(&PRICES);
        for word in words() {
            assert_eq!(plain(word), **word);
            assert_eq!(words().filter(|other| *other == word).count(), 1, "{word}");
        }
    }

    #[test]
    fn a_sum_is_called_one() {
        for cell in ["Итого", "ИТОГО:", "Итого по складу", "Всего", "Барлығы", "Total"]
        {
            assert!(is_total(cell), "{cell}");
        }
        for cell in ["Totally", "Итоговый", "TEA", ""] {
            assert!(!is_total(cell), "{cell}");
        }
    }
}
