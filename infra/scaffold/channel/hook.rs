//! The receiving side of New Channel's calls.
// fill in: the page that documents them, with its date; how it proves that a call is its own; what it does if it gets no answer.

use http::Method;
use ipnet::IpNet;
use serde_json::json;

use crate::kit::hook::{Answer, Forged, Handling, Hook, Incoming, Kept};

/// New Channel's calls.
pub(super) struct Pushes;

impl Hook for Pushes {
    fn calls_by(&self, method: &Method) -> bool {
        method == Method::POST
    }

    // fill in: the proof: a signature (crate::kit::sign), the networks (crate::kit::hook::from_networks), or the unguessable address alone.
    fn verify(&self, _call: &Incoming<'_>, _networks: &[IpNet]) -> Result<(), Forged> {
        Err(Forged("hook.rs of new_channel is not filled in: it knows no proof of a call yet".to_owned()))
    }

    // fill in: what is to be kept, by which id it knows events, and the answers that its documents ask for.
    fn handle(&self, call: &Incoming<'_>) -> Handling {
        match Kept::text(call) {
            Some(kept) => Handling::Keep(kept, Answer::json(200, &json!({}))),
            None => Handling::Answer(Answer::json(400, &json!({"error": "it is no UTF-8"}))),
        }
    }

    // fill in: the answer after which it makes the call again.
    fn unavailable(&self) -> Answer {
        Answer::json(503, &json!({"error": "it can not be kept just now; send it again"}))
    }
}
