//! Tables that well-known programs write, known by their headers.

use crate::vocabulary::plain;

/// A table that a program writes.
#[derive(Debug)]
pub(crate) struct Export {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Headers that it has; any of each.
    signs: &'static [&'static [&'static str]],
    /// Headers that mean something else there than elsewhere: their column, or none.
    own: &'static [(&'static str, Option<&'static str>)],
}

/// Kaspi's price list in XML.
pub(crate) const KASPI_XML: &str = "Kaspi's price list";
/// The list of goods that Yandex Market and others read.
pub(crate) const YML: &str = "a YML catalogue";

/// Those that are known, the more certain ones first.
static EXPORTS: [Export; 7] = [
    Export { name: KASPI_XML, signs: &[&["kaspi_catalog"]], own: &[("model", Some("title"))] },
    Export {
        name: YML,
        signs: &[&["yml_catalog"]],
        own: &[("id", Some("sku")), ("name", Some("title")), ("vendor", Some("brand"))],
    },
    Export {
        name: "Ozon's list of goods",
        signs: &[&["артикул"], &["ozon product id", "ozon sku id", "fbo ozon sku id"]],
        own: &[("sku", None), ("barcode", Some("barcode"))],
    },
    Export {
        name: "Wildberries' list of goods", signs: &[&["артикул продавца"], &["артикул wb"]], own: &[]
    },
    Export {
        name: "Kaspi's price list as a workbook",
        signs: &[&["sku"], &["model"], &["price"]],
        own: &[("model", Some("title"))],
    },
    Export {
        name: "MoySklad's list of goods",
        signs: &[&["наименование"], &["внешний код"], &["артикул", "код"]],
        own: &[],
    },
    Export {
        name: "1C's stock report",
        signs: &[
            &["номенклатура"],
            &["артикул", "номенклатура.артикул", "код"],
            &["количество", "конечный остаток", "остаток", "в наличии", "свободный остаток"],
        ],
        own: &[],
    },
];

impl Export {
    /// Which one has this header.
    pub(crate) fn of<'t>(titles: impl IntoIterator<Item = &'t str>) -> Option<&'static Self> {
        let titles: Vec<String> = titles.into_iter().map(plain).collect();
        let has = |sign: &&[&str]| sign.iter().any(|title| titles.iter().any(|other| other == title));
        EXPORTS.iter().find(|export| export.signs.iter().all(has))
    }

    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        EXPORTS.iter().find(|export| export.name == name)
    }

    /// What a header means there, if that is something else than elsewhere: a column, or nothing.
    pub(crate) fn own(&self, title: &str) -> Option<Option<&'static str>> {
        let title = plain(title);
        self.own.iter().find(|(header, _)| *header == title).map(|(_, column)| *column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_known_by_its_header() {
        for (titles, expected) in [
            (
                "Группы;UUID;Тип;Код;Наименование;Внешний код;Артикул;Единица измерения",
                Some("MoySklad's list of goods"),
            ),
            ("Номенклатура;Артикул;Склад;Количество", Some("1C's stock report")),
            ("Артикул;Ozon Product ID;SKU;Barcode;Название товара", Some("Ozon's list of goods")),
            ("Группа;Артикул продавца;Артикул WB;Наименование", Some("Wildberries' list of goods")),
            ("SKU;model;brand;price;PP1;preorder", Some("Kaspi's price list as a workbook")),
            ("Артикул;Наименование;Остаток", None),
            ("sku;title;brand", None),
        ] {
            assert_eq!(Export::of(titles.split(';')).map(|export| export.name), expected, "{titles}");
        }
    }
}
