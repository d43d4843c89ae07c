//! How a connection's key stands.

use std::time::Duration;

use edin_channels::client::Client;
use edin_domain::Connection;
use edin_store::status::Status;

use crate::Reconcile;

/// A credential that stops working within this time wants a person.
const EXPIRES_SOON: Duration = Duration::from_secs(14 * 24 * 3_600);

impl Reconcile {
    /// Notes how the key stands. While the channel can't be asked, what was known of it stays: its limit lets nothing pass, say,
    /// because refused calls used it up.
    pub(crate) async fn check_credential(&self, connection: &Connection, channel: &dyn Client, status: &mut Status) {
        let now = self.clock.now();
        match channel.credential(now).await {
            Ok(credential) => {
                status.key_expires_at = credential.expires_at;
                status.key_problems = credential.problems;
            }
            Err(error) if error.is_passing() => {
                tracing::warn!(connection = %connection.id, %error, "a credential could not be checked");
                return;
            }
            Err(error) => status.key_problems = vec![error.to_string()],
        }
        match status.key_expires_at {
            Some(at) if at <= now => status.key_problems.push(format!("the key expired at {at}; make a new one")),
            Some(at) if at <= now.plus(EXPIRES_SOON) => {
                tracing::error!(connection = %connection.id, expires_at = %at, "a credential is about to expire; make a new one");
            }
            _ => {}
        }
        for problem in &status.key_problems {
            tracing::error!(connection = %connection.id, %problem, "something is wrong with a credential");
        }
    }
}
