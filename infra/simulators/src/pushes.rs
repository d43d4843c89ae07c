//! In which order a channel makes its calls: as things happen, or by a fault twice, and the later one first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::Faults;

/// How long a call waits for a later one to overtake it.
const OVERTAKING: Duration = Duration::from_millis(500);

/// Calls that wait for a later one to overtake them, by what they are about.
#[derive(Debug, Default)]
pub(crate) struct Held(Mutex<HashMap<String, Value>>);

impl Held {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A channel that calls the seller's side.
#[async_trait]
pub(crate) trait Pushes: Send + Sync + 'static {
    /// Its calls that wait.
    fn held(&self) -> &Held;

    /// Makes a call as stubbornly as the channel does.
    async fn insist(&self, body: &Value);
}

/// Makes a call about something in the background, so that no buyer waits for the receiver.
pub(crate) fn send<P: Pushes>(channel: &Arc<P>, about: String, body: Value, faults: &Faults) {
    if faults.lose_pushes {
        return;
    }
    if !faults.push_twice {
        tokio::spawn(deliver(Arc::clone(channel), vec![body]));
        return;
    }
    let mut held = channel.held().lock();
    match held.remove(&about) {
        Some(earlier) => {
            tokio::spawn(deliver(Arc::clone(channel), vec![body.clone(), body, earlier.clone(), earlier]));
        }
        None => {
            held.insert(about.clone(), body);
            tokio::spawn(release(Arc::clone(channel), about));
        }
    }
}

/// Makes a call that nothing overtook in time.
async fn release<P: Pushes>(channel: Arc<P>, about: String) {
    tokio::time::sleep(OVERTAKING).await;
    let held = channel.held().lock().remove(&about);
    if let Some(body) = held {
        deliver(channel, vec![body.clone(), body]).await;
    }
}

async fn deliver<P: Pushes>(channel: Arc<P>, bodies: Vec<Value>) {
    for body in bodies {
        channel.insist(&body).await;
    }
}
