//! What a listing's buffer has of its own, over its connection's.

use serde::{Deserialize, Serialize};

use super::{Adaptive, Buffer, Costs};

/// A listing's own buffer, over its connection's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OwnBuffer {
    /// As many units as these, whatever kind of buffer the connection has.
    Fixed(u32),
    /// An adaptive one, in parts of its own.
    Adaptive(OwnAdaptive),
    /// A weighed one, in parts of its own.
    Weighed(OwnCosts),
}

/// The parts of an adaptive buffer that are a listing's own. The others are its connection's, or the usual ones if that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnAdaptive {
    /// Parts of 10 000, as [`Adaptive::risk`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<u16>,
    /// Percent, as [`Adaptive::most`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u8>,
    /// As [`Adaptive::last_unit`]; none if it is the connection's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_unit: Option<bool>,
}

/// The costs of a weighed buffer that are a listing's own; the others as with [`OwnAdaptive`]. They are written even where
/// they say nothing: without a name, nobody could tell it from an adaptive one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnCosts {
    /// As [`Costs::oversell`]; none if it is the connection's.
    pub oversell: Option<u16>,
    /// As [`Costs::turned_away`]; none if it is the connection's.
    pub turned_away: Option<u16>,
}

impl OwnBuffer {
    pub(crate) fn over(self, connections: Buffer) -> Buffer {
        match (self, connections) {
            (Self::Fixed(units), _) => Buffer::Fixed(units),
            (Self::Adaptive(own), Buffer::Adaptive(usual)) => Buffer::Adaptive(own.over(usual)),
            (Self::Adaptive(own), _) => Buffer::Adaptive(own.over(Adaptive::default())),
            (Self::Weighed(own), Buffer::Weighed(usual)) => Buffer::Weighed(own.over(usual)),
            (Self::Weighed(own), _) => Buffer::Weighed(own.over(Costs::default())),
        }
    }
}

impl OwnAdaptive {
    fn over(self, usual: Adaptive) -> Adaptive {
        Adaptive {
            risk: self.risk.unwrap_or(usual.risk),
            most: self.most.unwrap_or(usual.most),
            last_unit: self.last_unit.unwrap_or(usual.last_unit),
        }
    }
}

impl OwnCosts {
    fn over(self, usual: Costs) -> Costs {
        Costs {
            oversell: self.oversell.unwrap_or(usual.oversell),
            turned_away: self.turned_away.unwrap_or(usual.turned_away),
        }
    }
}

impl From<Buffer> for OwnBuffer {
    fn from(buffer: Buffer) -> Self {
        match buffer {
            Buffer::Fixed(units) => Self::Fixed(units),
            Buffer::Adaptive(Adaptive { risk, most, last_unit }) => {
                Self::Adaptive(OwnAdaptive { risk: Some(risk), most: Some(most), last_unit: Some(last_unit) })
            }
            Buffer::Weighed(Costs { oversell, turned_away }) => {
                Self::Weighed(OwnCosts { oversell: Some(oversell), turned_away: Some(turned_away) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_adaptive_buffer_may_be_a_listings_own() {
        let own = OwnBuffer::Adaptive(OwnAdaptive { risk: Some(100), ..OwnAdaptive::default() });
        let careful = Adaptive { risk: 1, most: 80, last_unit: true };
        assert_eq!(own.over(Buffer::Adaptive(careful)), Buffer::Adaptive(Adaptive { risk: 100, ..careful }));
        let usual = Buffer::Adaptive(Adaptive { risk: 100, ..Adaptive::default() });
        assert_eq!(own.over(Buffer::Fixed(1)), usual);
        assert_eq!(own.over(Buffer::Weighed(Costs::default())), usual);
    }

    #[test]
    fn so_may_be_one_of_two_costs() {
        let own = OwnBuffer::Weighed(OwnCosts { turned_away: Some(3), oversell: None });
        let weighed = |oversell| Buffer::Weighed(Costs { oversell, turned_away: 3 });
        assert_eq!(own.over(Buffer::Weighed(Costs { oversell: 20, turned_away: 1 })), weighed(20));
        assert_eq!(own.over(Buffer::Fixed(1)), weighed(5));
    }

    #[test]
    fn what_is_stored_of_a_listings_own_is_read_as_what_it_is() {
        for (text, own) in [
            ("3", OwnBuffer::Fixed(3)),
            ("{}", OwnBuffer::Adaptive(OwnAdaptive::default())),
            (r#"{"most":80}"#, OwnBuffer::Adaptive(OwnAdaptive { most: Some(80), ..OwnAdaptive::default() })),
            (r#"{"oversell":null,"turned_away":null}"#, OwnBuffer::Weighed(OwnCosts::default())),
            (r#"{"oversell":20}"#, OwnBuffer::Weighed(OwnCosts { oversell: Some(20), turned_away: None })),
        ] {
            assert_eq!(serde_json::from_str::<OwnBuffer>(text).unwrap(), own, "{text}");
            let written = serde_json::to_string(&own).unwrap();
            assert_eq!(serde_json::from_str::<OwnBuffer>(&written).unwrap(), own, "{written}");
        }
    }
}
