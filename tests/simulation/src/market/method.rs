//! How the channels are kept in step.

use std::fmt;
use std::time::Duration;

use edin_domain::listing::{Adaptive, Buffer, Costs};

use crate::goods::{KASPI, OZON, WILDBERRIES};

/// How the channels are kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every so often, orders of all channels are read, then all numbers are told: what a connector on a timer does.
    Timer(Duration),
    /// As Edin does it, without a buffer.
    Events,
    /// With so many units held back everywhere.
    Fixed(u32),
    /// With so many units held back at the channel that asks once an hour.
    FixedAtKaspi(u32),
    /// With an adaptive buffer: a risk of one in a thousand, and the last unit at Wildberries.
    Adaptive,
    /// With a weighed buffer: an oversell costs so much, a buyer turned away costs 1.
    Weighed(u16),
    /// The same, by what the goods are really sold at: a bound that nobody reaches who must find that out.
    Knowing(u16),
}

impl Method {
    /// Those that are compared.
    pub const ALL: [Self; 18] = [
        Self::Timer(Duration::from_secs(900)),
        Self::Timer(Duration::from_secs(60)),
        Self::Events,
        Self::Fixed(1),
        Self::Fixed(2),
        Self::Fixed(5),
        Self::FixedAtKaspi(1),
        Self::FixedAtKaspi(2),
        Self::FixedAtKaspi(5),
        Self::Adaptive,
        Self::Weighed(1),
        Self::Weighed(5),
        Self::Weighed(20),
        Self::Weighed(100),
        Self::Knowing(1),
        Self::Knowing(5),
        Self::Knowing(20),
        Self::Knowing(100),
    ];

    /// What is held back at a connection.
    pub(super) fn buffer(self, connection: &str) -> Buffer {
        match self {
            Self::Fixed(units) => Buffer::Fixed(units),
            Self::FixedAtKaspi(units) if connection == KASPI => Buffer::Fixed(units),
            Self::Timer(_) | Self::Events | Self::FixedAtKaspi(_) => Buffer::Fixed(0),
            Self::Adaptive => Buffer::Adaptive(Adaptive { risk: 10, most: 100, last_unit: connection == WILDBERRIES }),
            Self::Weighed(oversell) | Self::Knowing(oversell) => Buffer::Weighed(Costs { oversell, turned_away: 1 }),
        }
    }

    /// Lines of each connection's table. Wildberries knows at once, Ozon takes a number every thirty seconds, Kaspi asks once an
    /// hour. None of the simulated storefronts lags behind its channel.
    pub(super) fn settings(self) -> Vec<(&'static str, String)> {
        let connections = [(OZON, 1), (WILDBERRIES, 1), (KASPI, 3_600)];
        let lines = connections.into_iter().map(|(connection, storefront)| {
            let buffer = written(self.buffer(connection));
            (connection, format!("storefront_seconds = {storefront}\npolicy = {{ buffer = {buffer} }}"))
        });
        lines.collect()
    }
}

fn written(buffer: Buffer) -> String {
    match buffer {
        Buffer::Fixed(units) => units.to_string(),
        Buffer::Adaptive(Adaptive { risk, most, last_unit }) => {
            format!("{{ risk = {risk}, most = {most}, last_unit = {last_unit} }}")
        }
        Buffer::Weighed(Costs { oversell, turned_away }) => {
            format!("{{ oversell = {oversell}, turned_away = {turned_away} }}")
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timer(every) if every.as_secs() == 60 => formatter.write_str("a timer, every minute"),
            Self::Timer(every) => write!(formatter, "a timer, every {} minutes", every.as_secs() / 60),
            Self::Events => formatter.write_str("events"),
            Self::Fixed(units) => write!(formatter, "events, a buffer of {units}"),
            Self::FixedAtKaspi(units) => write!(formatter, "events, a buffer of {units} at Kaspi alone"),
            Self::Adaptive => formatter.write_str("events, an adaptive buffer"),
            Self::Weighed(oversell) => write!(formatter, "events, a weighed buffer, {oversell} : 1"),
            Self::Knowing(oversell) => write!(formatter, "bound: weighed {oversell} : 1, true rates known"),
        }
    }
}
