//! Breaks made on purpose, to prove that the simulator notices them.
//!
//! Each one makes Edin behave as if a line of its code were missing or wrong: at the place where that line shows, between a
//! function and the engine, the queue or the channel that it talks to.

use serde_json::Value;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sabotage {
    /// Nothing.
    #[default]
    None,
    /// Intake forgets that a new order must not be there yet, and that a known one must be as it was read.
    OrdersWithoutCondition,
    /// Intake forgets that a known order must be as it was read.
    OrdersWithoutVersion,
    /// Intake changes a level without raising its version.
    LevelsWithoutVersion,
    /// Messages are done when they are handed out, not when they are applied.
    AcknowledgedBeforeCommit,
    /// Push tells what the table said when it first looked, as if it trusted its message.
    MessageTrusted,
    /// Per-item errors in a 200 are taken for success.
    TwoHundredBelieved,
    /// Orders aren't read around a write.
    OrdersUnreadAroundWrites,
    /// The limiter lets everything pass.
    LimiterOpen,
    /// Of a batch of the stream that failed, nothing comes again.
    StreamNotRepeated,
    /// Orders are never polled.
    NeverPolled,
    /// Nothing is reconciled.
    NeverReconciled,
    /// The stream's fanout is not wired.
    NeverFannedOut,
}

impl Sabotage {
    /// All breaks.
    pub const ALL: [Self; 12] = [
        Self::OrdersWithoutCondition,
        Self::OrdersWithoutVersion,
        Self::LevelsWithoutVersion,
        Self::AcknowledgedBeforeCommit,
        Self::MessageTrusted,
        Self::TwoHundredBelieved,
        Self::OrdersUnreadAroundWrites,
        Self::LimiterOpen,
        Self::StreamNotRepeated,
        Self::NeverPolled,
        Self::NeverReconciled,
        Self::NeverFannedOut,
    ];

    /// What becomes of a request to AWS; none if it stays as it is.
    #[must_use]
    pub fn request(self, function: &str, operation: &str, body: &[u8]) -> Option<Vec<u8>> {
        match (self, function, operation) {
            (Self::OrdersWithoutCondition, "intake", "TransactWriteItems") => of_transaction(body, |item| {
                forget(item.get_mut("Put")?, |_| true);
                Some(())
            }),
            (Self::OrdersWithoutVersion, "intake", "TransactWriteItems") => of_transaction(body, |item| {
                forget(item.get_mut("Put")?, |condition| condition.contains("version"));
                Some(())
            }),
            (Self::LevelsWithoutVersion, "intake", "TransactWriteItems") => {
                of_transaction(body, |item| without_version(item.get_mut("Update")?))
            }
            (Self::LimiterOpen, _, "GetItem") => elsewhere(body),
            (Self::LimiterOpen, _, "PutItem") => unconditional(body),
            _ => None,
        }
    }
}

fn of_transaction(body: &[u8], change: impl Fn(&mut Value) -> Option<()>) -> Option<Vec<u8>> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    for item in request.get_mut("TransactItems")?.as_array_mut()? {
        let _ = change(item);
    }
    serde_json::to_vec(&request).ok()
}

/// Drops a condition, and the values that it named.
fn forget(write: &mut Value, wanted: impl Fn(&str) -> bool) {
    let is_wanted = write.get("ConditionExpression").and_then(Value::as_str).is_some_and(wanted);
    if let Some(write) = write.as_object_mut().filter(|_| is_wanted) {
        write.remove("ConditionExpression");
        write.remove("ExpressionAttributeValues");
    }
}

fn without_version(update: &mut Value) -> Option<()> {
    let update = update.as_object_mut()?;
    let expression = update.get("UpdateExpression")?.as_str()?.replace(", version :one", "");
    update.insert("UpdateExpression".to_owned(), expression.into());
    update.get_mut("ExpressionAttributeValues")?.as_object_mut()?.remove(":one");
    Some(())
}

/// Reads lanes from where none are.
fn elsewhere(body: &[u8]) -> Option<Vec<u8>> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    let sk = request.pointer_mut("/Key/sk/S").filter(|sk| are_lanes(sk))?;
    *sk = "NO LANES".into();
    serde_json::to_vec(&request).ok()
}

/// Writes lanes whatever is there.
fn unconditional(body: &[u8]) -> Option<Vec<u8>> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    request.pointer("/Item/sk/S").filter(|sk| are_lanes(sk))?;
    forget(&mut request, |_| true);
    serde_json::to_vec(&request).ok()
}

fn are_lanes(sk: &Value) -> bool {
    sk.as_str().is_some_and(|sk| sk == "LANES")
}
