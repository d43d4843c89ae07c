//! What WooCommerce's calls tell: of which order something is new. Pure.

use edin_domain::{Account, Timestamp};

use super::map::order_id;
use super::status::{Completed, Stage};
use super::wire;
use crate::kit::read::{Reader, Reading};
use crate::kit::tolerant::{Unreadable, read_object};

/// How WooCommerce's calls are read.
pub struct Webhooks;

impl Reader for Webhooks {
    fn read(&self, told: &str, _received_at: Timestamp) -> Result<Reading, Unreadable> {
        call(told)
    }

    /// What isn't signed with this connection's own secret isn't kept.
    fn check_account(&self, _account: &Account, _told: &str) -> Result<(), Unreadable> {
        Ok(())
    }
}

/// Reads what was kept of a call. The order is asked for: a call tells of one as it was when it was made, or of a deleted one its
/// number alone, and some are never made.
///
/// # Errors
/// [`Unreadable`] if it names no order.
pub fn call(told: &str) -> Result<Reading, Unreadable> {
    let wire::Call { topic, id, status } = read_object(told.as_bytes())?;
    match topic.as_str() {
        "order.created" | "order.updated" | "order.restored" if Stage::of(&status, Completed::No) == Stage::Draft => {
            Ok(Reading::Nothing("a checkout that isn't an order yet"))
        }
        "order.created" | "order.updated" | "order.restored" | "order.deleted" => {
            Ok(Reading::Changed(vec![order_id(&id)?]))
        }
        _ => Ok(Reading::Unknown(topic)),
    }
}

#[cfg(test)]
mod tests {
    use edin_domain::OrderId;

    use super::*;

    fn told(topic: &str, rest: &str) -> Result<Reading, Unreadable> {
        call(&format!(r#"{{"topic":"{topic}"{rest}}}"#))
    }

    #[test]
    fn every_topic_of_orders_is_a_hint_at_one_of_them() {
        let hint = Reading::Changed(vec![OrderId::new("31").unwrap()]);
        for topic in ["order.created", "order.updated", "order.restored"] {
            assert_eq!(told(topic, r#","id":31,"status":"processing""#), Ok(hint.clone()), "{topic}");
            let draft = told(topic, r#","id":31,"status":"checkout-draft""#);
            assert!(matches!(draft, Ok(Reading::Nothing(_))), "{topic}");
        }
        assert_eq!(told("order.deleted", r#","id":"31","status":"""#), Ok(hint));
    }

    #[test]
    fn a_topic_that_nobody_knows_is_named_and_an_order_without_a_number_is_an_error() {
        assert_eq!(told("order.of_tomorrow", ""), Ok(Reading::Unknown("order.of_tomorrow".to_owned())));
        for id in ["", r#","id":null"#, r#","id":"1#2""#] {
            assert!(told("order.updated", id).is_err(), "{id}");
        }
    }
}
