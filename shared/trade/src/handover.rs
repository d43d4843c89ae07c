//! News of a channel, on its way to intake.

use edin_domain::order::OrderKey;
use edin_domain::{Connection, Timestamp};
use edin_platform::Queue;

use crate::channels::ConnectionError;
use crate::news::{Compared, Heard, message};

/// Hands news to intake. An order that the table doesn't know yet, and that was handed over as it is a moment ago, is on its way:
/// to say so again with every reading would make the queue longer, and with it the way, until nothing else is in it.
///
/// # Errors
/// If the inbox doesn't take them. Then they are news the next time, too.
pub async fn hand_over(
    inbox: &Queue,
    heard: &Heard,
    connection: &Connection,
    Compared { news, known }: Compared,
    now: Timestamp,
) -> Result<(), ConnectionError> {
    let mut messages = Vec::new();
    let mut sent = Vec::new();
    for told in news {
        let is_known =
            told.orders.iter().any(|(id, _)| known.contains_key(&OrderKey::new(connection.id.clone(), id.clone())));
        let report = if is_known { None } else { Heard::report(&connection.id, &told) };
        if report.is_some_and(|report| heard.is_on_its_way(report, now)) {
            continue;
        }
        messages.push(message(connection, told, now)?);
        sent.extend(report);
    }
    inbox.send(messages).await?;
    heard.note_sent(sent, now);
    Ok(())
}
