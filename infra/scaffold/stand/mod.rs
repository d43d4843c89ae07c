//! New Channel as a server. It answers no call yet.
// fill in: what its texts leave open and is a choice here. What it keeps, its calls and its limits become files of their own
// (account.rs, api.rs, limits.rs); what its seller does in the cabinet and what buyers do become methods of `NewChannel`.

mod stand;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::{StatusCode, Uri};

pub(crate) use stand::open;

use crate::stand::Opening;
use crate::{Faults, Journal, Server};

/// New Channel: a handle to its server.
#[derive(Debug, Clone)]
pub struct NewChannel(Arc<Running>);

#[derive(Debug)]
struct Running {
    account: Arc<Mutex<Account>>,
    server: Server,
}

/// What it keeps about the seller, and what goes wrong there.
// fill in: goods, numbers, orders; which of it outlasts a restart.
#[derive(Debug, Default)]
struct Account {
    journal: Journal,
    faults: Faults,
}

impl NewChannel {
    async fn start(opening: Opening) -> std::io::Result<Self> {
        let journal = opening.state.map(serde_json::from_value).transpose()?.unwrap_or_default();
        let account = Arc::new(Mutex::new(Account { journal, ..Account::default() }));
        let router = router(Arc::clone(&account));
        let server = Server::on(&opening.network, router, opening.port, "new_channel").await?;
        Ok(Self(Arc::new(Running { account, server })))
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        locked(&self.0.account)
    }
}

fn locked(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

// fill in: its calls. Each is refused and counted as the channel does it, and suffers what `Faults` says.
fn router(account: Arc<Mutex<Account>>) -> Router {
    Router::new().fallback(async move |call: Uri| {
        locked(&account).journal.calls += 1;
        (StatusCode::NOT_IMPLEMENTED, format!("infra/simulators/src/new_channel answers no {} yet", call.path()))
    })
}
