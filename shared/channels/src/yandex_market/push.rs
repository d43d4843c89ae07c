//! What the Market's notifications tell: of which order something is new. Pure.

use edin_domain::{Account, Timestamp};

use super::facts::shop;
use super::names::order_id;
use super::wire;
use crate::kit::read::{Reader, Reading};
use crate::kit::tolerant::{Id, Unreadable, read_object};

/// How the Market's notifications are read.
pub struct Notifications;

impl Reader for Notifications {
    fn read(&self, told: &str, _received_at: Timestamp) -> Result<Reading, Unreadable> {
        notification(told)
    }

    /// The Market signs nothing and notifies of all shops from the same networks, so this is all that tells one from another.
    fn check_account(&self, account: &Account, told: &str) -> Result<(), Unreadable> {
        let wire::Whose { campaign_id, business_id } = read_object(told.as_bytes())?;
        let Ok(ours) = shop(account) else { return Ok(()) };
        check("campaignId", &campaign_id, ours.campaign)?;
        check("businessId", &business_id, ours.business)
    }
}

fn check(field: &'static str, told: &Id, ours: u64) -> Result<(), Unreadable> {
    match told.0.is_empty() || told.0 == ours.to_string() {
        true => Ok(()),
        false => {
            Err(Unreadable::value(field, &told.0, "it is a notification of another seller's account or another shop"))
        }
    }
}

/// Reads a notification. Whatever it says of an order besides its number isn't read: several may tell of one event, late and in
/// any order, and by then the order may be another one.
///
/// # Errors
/// [`Unreadable`] if it isn't what the Market documents for its type.
pub fn notification(body: &str) -> Result<Reading, Unreadable> {
    let wire::Head { notification_type: kind } = read_object(body.as_bytes())?;
    let orders = || {
        let wire::OfOrder { order_id: order } = read_object(body.as_bytes())?;
        Ok(vec![order_id(&order)?])
    };
    match &*kind {
        kind if tells_of_an_order(kind) => orders().map(Reading::Changed),
        kind if tells_of_a_return(kind) => orders().map(Reading::Returned),
        _ => Ok(nothing(&kind).map_or(Reading::Unknown(kind), Reading::Nothing)),
    }
}

/// Source: github.com/yandex-market/yandex-market-notification-api, NotificationType, 2026-04-20.
fn tells_of_an_order(kind: &str) -> bool {
    matches!(
        kind,
        "ORDER_CREATED" | "ORDER_CANCELLED" | "ORDER_STATUS_UPDATED" | "ORDER_UPDATED" | "ORDER_CANCELLATION_REQUEST"
    )
}

/// Source: as above.
fn tells_of_a_return(kind: &str) -> bool {
    matches!(kind, "ORDER_RETURN_CREATED" | "ORDER_RETURN_STATUS_UPDATED")
}

/// What the Market documents and Edin has no use for. Source: as above.
fn nothing(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "PING" => "a connection check",
        "GOODS_FEEDBACK_CREATED" | "GOODS_FEEDBACK_COMMENT_CREATED" => "a review",
        "CHAT_CREATED" | "CHAT_MESSAGE_SENT" => "a chat",
        "CHAT_ARBITRAGE_STARTED" | "CHAT_ARBITRAGE_FINISHED" => "a dispute in a chat",
        "QUESTION_CREATED" | "QUESTION_ANSWER_CREATED" | "QUESTION_COMMENT_CREATED" => "a question about a good",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use edin_domain::OrderId;

    use super::super::FACTS;
    use super::*;

    fn orders(order: &str) -> Vec<OrderId> {
        vec![OrderId::new(order).unwrap()]
    }

    #[test]
    fn every_documented_type_reads_as_a_hint_or_as_nothing() {
        let read =
            |kind| notification(&format!(r#"{{"notificationType":"{kind}","orderId":501,"campaignId":40000001}}"#));
        for kind in
            ["ORDER_CREATED", "ORDER_CANCELLED", "ORDER_STATUS_UPDATED", "ORDER_CANCELLATION_REQUEST", "ORDER_UPDATED"]
        {
            assert_eq!(read(kind), Ok(Reading::Changed(orders("501"))), "{kind}");
        }
        for kind in ["ORDER_RETURN_CREATED", "ORDER_RETURN_STATUS_UPDATED"] {
            assert_eq!(read(kind), Ok(Reading::Returned(orders("501"))), "{kind}");
        }
        for kind in [
            "PING",
            "GOODS_FEEDBACK_CREATED",
            "GOODS_FEEDBACK_COMMENT_CREATED",
            "CHAT_CREATED",
            "CHAT_MESSAGE_SENT",
            "CHAT_ARBITRAGE_STARTED",
            "CHAT_ARBITRAGE_FINISHED",
            "QUESTION_CREATED",
            "QUESTION_ANSWER_CREATED",
            "QUESTION_COMMENT_CREATED",
        ] {
            assert!(matches!(read(kind), Ok(Reading::Nothing(_))), "{kind}");
        }
    }

    #[test]
    fn a_type_that_nobody_knows_is_named_and_survives() {
        let read = notification(r#"{"notificationType":"PRICE_OF_TOMORROW","orderId":[]}"#);
        assert_eq!(read, Ok(Reading::Unknown("PRICE_OF_TOMORROW".to_owned())));
    }

    #[test]
    fn nothing_but_the_number_of_an_order_can_spoil_a_hint() {
        let hint = r#"{"notificationType":"ORDER_CREATED","orderId":"9007199254740993","items":7,"createdAt":{}}"#;
        assert_eq!(notification(hint), Ok(Reading::Changed(orders("9007199254740993"))));
        for order in ["null", "[]", r#""""#, r#""1#2""#] {
            let hint = format!(r#"{{"notificationType":"ORDER_CREATED","orderId":{order}}}"#);
            assert!(notification(&hint).is_err(), "{order}");
        }
        assert!(notification(r#"{"notificationType":"ORDER_CREATED"}"#).is_err());
    }

    #[test]
    fn a_notification_of_another_shop_or_cabinet_is_none_of_this_account() {
        let account = Account::of(FACTS.name.clone()).with("business_id", 30_000_001).with("campaign_id", "40000001");
        let check = |told: &str| Notifications.check_account(&account, told);
        for own in [r#"{"campaignId":40000001}"#, r#"{"businessId":"30000001"}"#, r#"{"notificationType":"PING"}"#] {
            assert_eq!(check(own), Ok(()), "{own}");
        }
        for others in [r#"{"campaignId":40000002}"#, r#"{"campaignId":30000001}"#, r#"{"businessId":40000001}"#] {
            assert!(check(others).unwrap_err().to_string().ends_with("or another shop"), "{others}");
        }
    }
}
