//! Locations: whether anybody sells from them, and what was meant if not.

use std::collections::BTreeSet;

use edin_domain::{Connection, LocationId, WarehouseId};

/// The locations that connections sell from.
#[derive(Debug, Default)]
pub(crate) struct Places {
    sold_from: BTreeSet<LocationId>,
    doubted: BTreeSet<LocationId>,
}

impl<'a> FromIterator<&'a Connection> for Places {
    fn from_iter<T: IntoIterator<Item = &'a Connection>>(connections: T) -> Self {
        let sold_from = connections.into_iter().flat_map(locations).cloned().collect();
        Self { sold_from, doubted: BTreeSet::new() }
    }
}

impl Places {
    /// What is odd about a location where units lie; none if nothing is, or if it was said before.
    pub(crate) fn doubt(&mut self, location: &LocationId) -> Option<String> {
        let is_known = self.sold_from.is_empty() || self.sold_from.contains(location);
        if is_known || !self.doubted.insert(location.clone()) {
            return None;
        }
        let all = || self.sold_from.iter().map(LocationId::as_str).collect::<Vec<_>>().join(", ");
        Some(match self.like(location) {
            Some(meant) => format!("no connection sells from {location}; is {meant} meant?"),
            None => format!("no connection sells from {location}; they sell from {}", all()),
        })
    }

    /// Another location that is written almost so.
    pub(crate) fn like(&self, location: &LocationId) -> Option<&LocationId> {
        let others =
            self.sold_from.iter().filter(|other| *other != location && is_like(location.as_str(), other.as_str()));
        others.min_by_key(|other| strsim::osa_distance(location.as_str(), other.as_str()))
    }
}

fn locations(connection: &Connection) -> impl Iterator<Item = &LocationId> {
    connection.warehouses.values().flatten()
}

/// Up to two letters apart; `shop-1` and `shop-2` are two names.
fn is_like(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>();
    strsim::osa_distance(one, other) <= 2 && letters(one) != letters(other)
}

/// What is odd about a connection: locations that two of its warehouses sell from, and one that is written almost like another's.
pub(crate) fn doubts(connection: &Connection, others: &Places) -> Vec<String> {
    let all: BTreeSet<&LocationId> = locations(connection).collect();
    let doubt = |location: &LocationId| {
        let sharing = connection.warehouses.iter().filter(|(_, from)| from.contains(location));
        let sharing: Vec<&str> = sharing.map(|(warehouse, _)| WarehouseId::as_str(warehouse)).collect();
        let shared = (sharing.len() > 1).then(|| {
            let warehouses = sharing.join(" and ");
            format!("{warehouses} both sell from {location}, and each is told all that lies there: what both sell is sold twice")
        });
        let is_new = !others.sold_from.contains(location);
        let meant = others.like(location).filter(|_| is_new);
        shared.or_else(|| Some(format!("no other connection sells from {location}; is {} meant?", meant?)))
    };
    all.into_iter().filter_map(doubt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(warehouses: &str) -> Connection {
        let text =
            format!(r#"{{"id":"wb","account":{{"wildberries":{{}}}},"currency":"KZT","warehouses":{warehouses}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn location(name: &str) -> LocationId {
        LocationId::new(name).unwrap()
    }

    #[test]
    fn a_mistyped_location_is_named_once_with_what_was_meant() {
        let mut places: Places = [&connection(r#"{"1":["almaty","astana"]}"#)].into_iter().collect();
        assert_eq!(places.doubt(&location("almaty")), None);
        assert_eq!(
            places.doubt(&location("almati")).as_deref(),
            Some("no connection sells from almati; is almaty meant?")
        );
        assert_eq!(places.doubt(&location("almati")), None);
        let expected = "no connection sells from depot; they sell from almaty, astana";
        assert_eq!(places.doubt(&location("depot")).as_deref(), Some(expected));
        assert_eq!(Places::default().doubt(&location("depot")), None);
    }

    #[test]
    fn warehouses_that_share_a_location_are_named() {
        let expected =
            ["1 and 2 both sell from almaty, and each is told all that lies there: what both sell is sold twice"];
        let shared = connection(r#"{"1":["almaty"],"2":["almaty","astana"]}"#);
        assert_eq!(doubts(&shared, &Places::default()), expected);
        assert!(doubts(&connection(r#"{"1":["almaty"],"2":["astana"]}"#), &Places::default()).is_empty());
    }

    #[test]
    fn a_location_almost_like_another_connections_is_named() {
        let others: Places = [&connection(r#"{"1":["almaty","shop-1"]}"#)].into_iter().collect();
        let expected = ["no other connection sells from almati; is almaty meant?"];
        assert_eq!(doubts(&connection(r#"{"1":["almati","shop-2"]}"#), &others), expected);
    }
}
