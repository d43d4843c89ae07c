//! An order as it really is, whatever anybody has heard of it.

use std::collections::BTreeMap;

use edin_domain::Timestamp;
pub use judge::order::Units;

/// An order as it really is.
#[derive(Debug, Clone)]
pub struct Sold {
    /// Where it was bought.
    pub connection: &'static str,
    /// The channel's id of it.
    pub id: String,
    /// When it was bought.
    pub at: Timestamp,
    /// What was bought, by SKU.
    pub lines: BTreeMap<String, Units>,
    pub(crate) step: u8,
    pub(crate) is_off: bool,
}

impl Sold {
    /// What tables and reports call it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.connection, self.id)
    }

    /// Whether its channel lists it among the newest orders: it isn't called off, and hasn't left.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        !self.is_off && self.step < 2
    }

    pub(crate) fn ship(&mut self) {
        self.lines.values_mut().for_each(|line| line.shipped = line.ordered - line.cancelled);
    }

    pub(crate) fn cancel(&mut self) {
        self.is_off = true;
        self.lines.values_mut().for_each(|line| line.cancelled = line.ordered - line.shipped);
    }

    pub(crate) fn come_home(&mut self) {
        self.lines.values_mut().for_each(|line| line.returned = line.shipped);
    }

    /// A good of which a unit was called off, and another is still wanted.
    pub(crate) fn lacking(&mut self) -> Option<(String, &mut Units)> {
        let line = self.lines.iter_mut().find(|(_, line)| line.cancelled > 0 && line.ordered > line.cancelled)?;
        Some((line.0.clone(), line.1))
    }

    pub(crate) fn is_home(&self) -> bool {
        self.lines.values().all(|line| line.returned == line.shipped)
    }

    /// A good of which more than one unit is still wanted.
    pub(crate) fn spare(&mut self) -> Option<(String, &mut Units)> {
        let line = self.lines.iter_mut().find(|(_, line)| line.ordered - line.cancelled > 1)?;
        Some((line.0.clone(), line.1))
    }
}
