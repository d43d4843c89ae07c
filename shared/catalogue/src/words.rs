//! What a person says that the words of a file mean: its columns, and its places.

use std::collections::BTreeMap;

use edin_domain::LocationId;

use crate::vocabulary::plain;

/// What the words of files mean, as the person says who hands them in. It beats what is known of such words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Columns by header.
    columns: BTreeMap<String, Vec<String>>,
    /// The headers as they were said.
    said: BTreeMap<String, String>,
    /// Locations by what a file calls them; the one of lines that say none is at an empty name.
    locations: BTreeMap<String, LocationId>,
}

/// What was said can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// No header and column.
    #[error("{0:?} names no header and column; write it as \"Артикул=sku\"")]
    Pair(String),
    /// No TOML.
    #[error("it is not TOML: {0}")]
    Toml(String),
    /// Another value.
    #[error("{0}: it takes a column, such as \"sku\", or several, such as [\"sku\", \"kaspi-shop.sku\"]")]
    Column(String),
    /// No location.
    #[error("[locations] {0:?}: it takes the id of a location, of a-z, 0-9 and -, such as \"almaty\"")]
    Location(String),
}

/// The table of a file of words that says which locations are meant.
const LOCATIONS: &str = "locations";

impl Words {
    /// Adds what one header means: `Артикул=sku`.
    ///
    /// # Errors
    /// If it names no header and column.
    pub fn add(&mut self, pair: &str) -> Result<(), WordsError> {
        let parts = pair.rsplit_once('=').map(|(header, column)| (header.trim(), column.trim()));
        match parts.filter(|(header, column)| !header.is_empty() && !column.is_empty()) {
            Some((header, column)) => {
                self.put(header, column);
                Ok(())
            }
            None => Err(WordsError::Pair(pair.to_owned())),
        }
    }

    /// Adds what a file says, in TOML: `"Артикул" = "sku"`, one header a line; and in a table `[locations]`,
    /// `"Основной склад" = "almaty"`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&mut self, text: &str) -> Result<(), WordsError> {
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| WordsError::Toml(error.to_string().trim_end().replace('\n', "; ")))?;
        for (header, value) in &table {
            match value {
                toml::Value::String(column) => self.put(header, column),
                toml::Value::Array(columns) => {
                    for column in columns {
                        let column = column.as_str().ok_or_else(|| WordsError::Column(header.clone()))?;
                        self.put(header, column);
                    }
                }
                toml::Value::Table(locations) if header == LOCATIONS => self.read_locations(locations)?,
                _ => return Err(WordsError::Column(header.clone())),
            }
        }
        Ok(())
    }

    fn read_locations(&mut self, locations: &toml::Table) -> Result<(), WordsError> {
        for (name, id) in locations {
            let id = id.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| WordsError::Location(name.clone()))?;
            self.locations.insert(plain(name), id);
        }
        Ok(())
    }

    fn put(&mut self, header: &str, column: &str) {
        let columns = self.columns.entry(plain(header)).or_default();
        let column = column.trim().to_ascii_lowercase();
        if !columns.contains(&column) {
            columns.push(column);
        }
        self.said.insert(plain(header), header.to_owned());
    }

    /// The columns that a header means, if that was said.
    pub(crate) fn columns(&self, header: &str) -> &[String] {
        self.columns.get(&plain(header)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The location that a cell means.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn location(&self, text: &str) -> Result<LocationId, String> {
        match self.locations.get(&plain(text)) {
            Some(location) => Ok(location.clone()),
            None => text.parse().map_err(|error| {
                format!(
                    "{error}; write the id, or say in a file for --map-file, below [locations], which one is meant: {text:?} = \"almaty\""
                )
            }),
        }
    }

    /// Where units lie of which a line says no location.
    pub(crate) fn usual_location(&self) -> Option<&LocationId> {
        self.locations.get("")
    }

    /// The headers that no file has, as they were said.
    pub(crate) fn unused<'w>(&'w self, headers: impl IntoIterator<Item = &'w str>) -> Vec<&'w str> {
        let used: Vec<String> = headers.into_iter().map(plain).collect();
        self.said.iter().filter(|(header, _)| !used.contains(header)).map(|(_, said)| said.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_means_the_columns_that_were_said() {
        let mut words = Words::default();
        words.add("Мой артикул = SKU").unwrap();
        words.add("Мой  АРТИКУЛ=ozon-shop.offer_id").unwrap();
        words.read("\"Имя\" = \"title\"\n\"Код = 1\" = [\"barcode\", \"wb.barcode\"]\n").unwrap();
        assert_eq!(words.columns("мой артикул"), ["sku", "ozon-shop.offer_id"]);
        assert_eq!(words.columns("ИМЯ"), ["title"]);
        assert_eq!(words.columns("код = 1"), ["barcode", "wb.barcode"]);
        assert_eq!(words.columns("Артикул"), [""; 0]);
        assert_eq!(words.unused(["имя", "Код = 1"]), ["Мой  АРТИКУЛ"]);
    }

    #[test]
    fn a_place_is_called_as_was_said_or_by_its_id() {
        let mut words = Words::default();
        words.read("[locations]\n\"Основной склад\" = \"almaty\"\n\"\" = \"astana\"\n").unwrap();
        assert_eq!(words.location("основной  склад").unwrap().as_str(), "almaty");
        assert_eq!(words.location("shymkent").unwrap().as_str(), "shymkent");
        assert_eq!(words.usual_location().map(LocationId::as_str), Some("astana"));
        let wrong = words.location("Өскемен").unwrap_err();
        assert!(wrong.contains("only a-z, 0-9 and - are allowed") && wrong.contains("[locations]"), "{wrong}");
    }

    #[test]
    fn what_is_said_otherwise_is_refused() {
        let mut words = Words::default();
        for pair in ["sku", "=sku", "Артикул=", ""] {
            assert_eq!(words.add(pair), Err(WordsError::Pair(pair.to_owned())));
        }
        for text in ["Артикул = sku", "\"Артикул\" = 1", "\"A\" = [1]", "[locations]\nA = \"Алматы\"", "[other]\nA = 1"]
        {
            assert!(words.read(text).is_err(), "{text}");
        }
        assert_eq!(words, Words::default());
    }
}
