//! An XML document as a tree.

use std::collections::BTreeMap;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    /// Reads a well-formed document and returns its root.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().map_err(not_well_formed)? {
                Event::Start(start) => open.push(Self::start(&start)?),
                Event::Empty(start) => add(&mut open, Self::start(&start)?),
                Event::End(_) => {
                    let closed = open.pop().unwrap_or_default();
                    add(&mut open, closed);
                }
                Event::Text(text) => write(&mut open, &text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => write(&mut open, &text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => write(&mut open, &resolve(&reference)?),
                Event::Eof => return root(open),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// None if the element has no such attribute; an empty one is a text.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Fails if the element is another one.
    pub(super) fn must_be(&self, name: &str) -> Result<(), String> {
        if self.name == name {
            return Ok(());
        }
        Err(format!("there is {} where {name} belongs", self.name))
    }

    /// Fails if there are attributes beyond these.
    pub(super) fn only_attributes(&self, known: &[&str]) -> Result<(), String> {
        match self.attributes.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(format!("{} has an attribute {name}", self.name)),
            None => Ok(()),
        }
    }

    /// The children, if they are exactly these in this order.
    pub(super) fn children_named<const N: usize>(&self, names: [&str; N]) -> Result<[&Self; N], String> {
        let found: Vec<&str> = self.children.iter().map(|child| child.name.as_str()).collect();
        if found != names {
            return Err(format!("{} has {}, not {}", self.name, found.join(", "), names.join(", ")));
        }
        let children: Vec<&Self> = self.children.iter().collect();
        children.try_into().map_err(|_| format!("{} is odd", self.name))
    }

    fn start(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(not_well_formed)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(not_well_formed)?;
            attributes.insert(attribute.key.as_ref().to_owned(), value.into_owned());
        }
        Ok(Self { name: start.name().as_ref().to_owned(), attributes, ..Self::default() })
    }
}

fn add(open: &mut [Element], closed: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(closed);
    }
}

fn write(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    let name = reference.xml_content(XmlVersion::Implicit1_0);
    let character = reference.resolve_char_ref().map_err(not_well_formed)?.map(String::from);
    character
        .or_else(|| escape::resolve_predefined_entity(&name).map(str::to_owned))
        .ok_or_else(|| format!("&{name}; is unknown"))
}

/// The document holds one element and no text beside it.
fn root(mut open: Vec<Element>) -> Result<Element, String> {
    let document = open.pop().filter(|_| open.is_empty()).ok_or("an element isn't closed")?;
    let is_blank = document.text.trim().is_empty();
    let [root] = <[Element; 1]>::try_from(document.children).map_err(|roots| format!("{} roots", roots.len()))?;
    if is_blank { Ok(root) } else { Err("there is text outside the root".to_owned()) }
}

fn not_well_formed(error: impl std::fmt::Display) -> String {
    format!("not well-formed: {error}")
}
