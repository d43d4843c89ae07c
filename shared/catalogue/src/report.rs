//! What an import came to.

use std::collections::BTreeMap;
use std::fmt;

use edin_domain::Secret;
use edin_store::catalogue::Written;

use crate::error::ImportError;
use crate::refused::Refused;

/// What an import came to. Prints as a short table; the errors are printed by who shows it.
#[derive(Debug, Default)]
pub struct Report {
    /// What was imported.
    pub counts: Counts,
    /// What was not, by file and line.
    pub errors: Vec<ImportError>,
    /// The secrets of the imported connections, by `<connection>/<name>`. They are kept nowhere yet.
    pub secrets: BTreeMap<String, Secret<String>>,
    /// Orders that had waited for a mapping of the files and are on their way again.
    pub remapped: usize,
    /// What was imported, and may be meant otherwise.
    pub warnings: Vec<ImportError>,
    /// The lines that were not taken, to be handed back: a file's, each as it stood there.
    pub refused: Vec<Refused>,
    /// How the files were read, and what was done besides, for a person to know.
    pub notes: Vec<String>,
}

/// What was imported, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accounts at channels.
    pub connections: Count,
    /// Goods, bundles too.
    pub products: Count,
    /// Goods at warehouses of connections.
    pub listings: Count,
    /// What goods cost at connections.
    pub prices: Count,
    /// Articles that mean a SKU.
    pub mappings: Count,
    /// Goods at locations.
    pub levels: Count,
}

/// How many of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Weren't there.
    pub new: usize,
    /// Were there, and are different now.
    pub changed: usize,
    /// Were there, just so.
    pub same: usize,
}

impl Count {
    pub(crate) fn note(&mut self, written: Written) {
        match written {
            Written::New => self.new += 1,
            Written::Changed => self.changed += 1,
            Written::Same => self.same += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
    }
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.connections.add(other.connections);
        self.products.add(other.products);
        self.listings.add(other.listings);
        self.prices.add(other.prices);
        self.mappings.add(other.mappings);
        self.levels.add(other.levels);
    }

    fn rows(&self) -> [(&'static str, Count); 6] {
        [
            ("connections", self.connections),
            ("products", self.products),
            ("listings", self.listings),
            ("prices", self.prices),
            ("mappings", self.mappings),
            ("levels", self.levels),
        ]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12}{:>9}{:>9}{:>9}", "", "new", "changed", "same")?;
        for (kind, Count { new, changed, same }) in self.counts.rows() {
            writeln!(f, "{kind:<12}{new:>9}{changed:>9}{same:>9}")?;
        }
        if self.remapped > 0 {
            writeln!(f, "orders that had waited for a mapping and are on their way again: {}", self.remapped)?;
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        match self.errors.len() {
            0 => Ok(()),
            count => writeln!(f, "errors: {count}; what they name was not imported"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_as_a_table() {
        let mut report = Report { remapped: 2, ..Report::default() };
        report.counts.products.note(Written::New);
        report.counts.levels.note(Written::Same);
        let expected = "                  new  changed     same
connections         0        0        0
products            1        0        0
listings            0        0        0
prices              0        0        0
mappings            0        0        0
levels              0        0        1
orders that had waited for a mapping and are on their way again: 2
";
        assert_eq!(report.to_string(), expected);
    }
}
