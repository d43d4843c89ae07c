//! Price lists in XML: an `offer` is a line, its attributes and what stands in it are cells.

mod kaspi;
mod yml;

use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::rows::Rows;
use super::text::decode;
use crate::error::{ImportError, MAX_COLUMNS, MAX_LINES, Problem};
use crate::exports::Export;
use crate::lines::line_breaks;

/// A list of one kind.
struct Kind {
    /// Its outermost element.
    root: &'static str,
    export: &'static str,
    /// The cell of an element within an offer: its title and text, if it is one.
    cell: fn(&Element) -> Option<(String, String)>,
}

/// An element within an offer, or the offer itself.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    /// How deep it stands: 0 is the offer.
    depth: usize,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

const KINDS: [Kind; 2] = [kaspi::KIND, yml::KIND];

/// The offers of a list as rows below a header.
pub(crate) fn read(file: &Arc<Path>, bytes: Vec<u8>) -> Result<Rows, ImportError> {
    let decoded = decode(bytes).map_err(|(line, problem)| ImportError { file: file.to_path_buf(), line, problem })?;
    let mut offers = Offers::default();
    let read = offers.read(&decoded.text);
    let line = line_breaks(decoded.text.as_bytes().get(..offers.at).unwrap_or_default()) + 1;
    read.map_err(|problem| ImportError { file: file.to_path_buf(), line: Some(line), problem })?;
    let export = offers.kind.and_then(|kind| Export::named(kind.export));
    let rows = Rows::of(file, offers.rows());
    Ok(Rows { export, ..rows })
}

/// What is read so far.
#[derive(Default)]
struct Offers {
    kind: Option<&'static Kind>,
    titles: Vec<String>,
    done: Vec<(u64, Vec<String>)>,
    /// The elements that are open, from the offer on.
    open: Vec<Element>,
    /// Where in the text the reader is, and the line there.
    at: usize,
    line: u64,
}

impl Offers {
    fn read(&mut self, text: &str) -> Result<(), Problem> {
        let broken = |error: &dyn ToString| Problem::BrokenXml(error.to_string());
        let mut reader = Reader::from_str(text);
        self.line = 1;
        loop {
            let event = reader.read_event().map_err(|error| broken(&error))?;
            let to = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            match event {
                Event::Start(tag) => self.start(&tag).map_err(|error| broken(&error)).and_then(|()| self.check())?,
                Event::Empty(tag) => {
                    self.start(&tag).map_err(|error| broken(&error)).and_then(|()| self.check())?;
                    self.end()?;
                }
                Event::End(_) => self.end()?,
                Event::Text(text) => self.add(&text.xml10_content()),
                Event::CData(text) => self.add(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let letter = name.resolve_char_ref().map_err(|error| broken(&error))?.map(String::from);
                    let known =
                        letter.or_else(|| quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned));
                    self.add(&known.ok_or_else(|| Problem::BrokenXml("it refers to what it doesn't hold".to_owned()))?);
                }
                Event::Eof if self.kind.is_none() => return Err(Problem::UnknownXml),
                Event::Eof if !self.open.is_empty() => {
                    return Err(Problem::BrokenXml("it ends within an offer".to_owned()));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
            self.line += line_breaks(text.as_bytes().get(self.at..to).unwrap_or_default());
            self.at = to;
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), quick_xml::Error> {
        let name = tag.local_name().as_ref().to_owned();
        if self.kind.is_none() {
            self.kind = KINDS.iter().find(|kind| kind.root == name);
        }
        if self.open.is_empty() && (name != "offer" || self.kind.is_none()) {
            return Ok(());
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0)?.into_owned();
            attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        if self.open.is_empty() {
            self.done.push((self.line, Vec::new()));
        }
        let depth = self.open.len();
        self.open.push(Element { name, attributes, text: String::new(), depth });
        Ok(())
    }

    fn check(&self) -> Result<(), Problem> {
        match () {
            () if self.kind.is_none() => Err(Problem::UnknownXml),
            () if self.done.len() > MAX_LINES => Err(Problem::TooLong),
            () if self.open.len() > MOST_DEEP => {
                Err(Problem::BrokenXml("its elements stand in each other too deep".to_owned()))
            }
            () => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        let (Some(element), Some(kind)) = (self.open.pop(), self.kind) else { return Ok(()) };
        let Some((title, text)) = (kind.cell)(&element) else { return Ok(()) };
        let known = self.titles.iter().position(|other| *other == title);
        let place = known.unwrap_or(self.titles.len());
        if place >= MAX_COLUMNS {
            return Err(Problem::TooWide);
        }
        if known.is_none() {
            self.titles.push(title);
        }
        let Some((_, cells)) = self.done.last_mut() else { return Ok(()) };
        if cells.len() <= place {
            cells.resize(place + 1, String::new());
        }
        if let Some(cell) = cells.get_mut(place) {
            let separator = if cell.is_empty() { "" } else { ";" };
            cell.push_str(separator);
            cell.push_str(text.trim());
        }
        Ok(())
    }

    fn add(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn rows(self) -> impl Iterator<Item = (u64, StringRecord)> {
        let header = (1, StringRecord::from(self.titles));
        [header].into_iter().chain(self.done.into_iter().map(|(line, cells)| (line, StringRecord::from(cells))))
    }
}

/// No element stands in so many others.
const MOST_DEEP: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<(u64, Vec<String>)>, String> {
        let rows = read(&Arc::from(Path::new("list.xml")), text.into()).map_err(|error| error.to_string())?;
        let cells = |record: &StringRecord| record.iter().map(str::to_owned).collect();
        Ok(rows.rows.iter().map(|(at, record)| (at.line, cells(record))).collect())
    }

    #[test]
    fn kaspis_list_is_a_table_with_a_column_a_store() {
        let text = r#"<?xml version="1.0" encoding="utf-8"?>
<kaspi_catalog date="string" xmlns="kaspiShopping"><company>Shop</company><merchantid>1</merchantid><offers>
 <offer sku="TEA"><model>Чай &amp; мёд &#171;Лето&#187;</model><brand>Acme</brand>
  <availabilities><availability available="yes" storeId="PP1" stockCount="7"/><availability available="no" storeId="PP2"/></availabilities>
  <price>1890</price></offer>
 <offer sku="CUP"><model><![CDATA[Cup]]></model><availabilities><availability storeId="PP2" stockCount="3"/></availabilities></offer>
</offers></kaspi_catalog>"#;
        let rows = rows(text).unwrap();
        assert_eq!(rows[0].1, ["model", "brand", "PP1", "price", "sku", "PP2"]);
        assert_eq!(rows[1], (3, ["Чай & мёд «Лето»", "Acme", "7", "1890", "TEA"].map(str::to_owned).to_vec()));
        assert_eq!(rows[2], (6, ["Cup", "", "", "", "CUP", "3"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_yml_catalogue_is_a_table_of_its_offers() {
        let text = r#"<yml_catalog date="2026-11-28"><shop><name>Shop</name><offers>
<offer id="TEA" available="true"><name>Tea</name><vendor>Acme</vendor><price>1890</price><barcode>4870000000012</barcode>
<barcode>96385074</barcode><param name="Color">green</param></offer></offers></shop></yml_catalog>"#;
        let rows = rows(text).unwrap();
        assert_eq!(rows[0].1, ["name", "vendor", "price", "barcode", "id"]);
        assert_eq!(rows[1].1, ["Tea", "Acme", "1890", "4870000000012;96385074", "TEA"]);
    }

    #[test]
    fn other_xml_and_broken_xml_are_refused_where_they_are_so() {
        assert!(rows("<html><body/></html>").unwrap_err().starts_with("list.xml:1: it is neither Kaspi's price list"));
        assert!(rows("").unwrap_err().contains("it is neither"));
        let broken = "<yml_catalog>\n<offer id=\"1\">\n<name>Tea</title></offer></yml_catalog>";
        assert!(
            rows(broken).unwrap_err().starts_with("list.xml:3: it is no XML that can be read"),
            "{:?}",
            rows(broken)
        );
        assert!(rows("<kaspi_catalog><offer sku=\"1\"><model>&bomb;</model>").unwrap_err().contains("refers to what"));
        assert!(rows("<kaspi_catalog><offer sku=\"1\"><model>").unwrap_err().contains("it ends within an offer"));
        let deep = format!("<kaspi_catalog><offer>{}", "<a>".repeat(1_000_000));
        assert!(rows(&deep).unwrap_err().contains("too deep"));
    }
}
