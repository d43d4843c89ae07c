//! What the goods of an article were the last time: read along with what says what it is, they save a call where that is still so.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use edin_domain::{Article, ConnectionId};
use edin_store::together::Wanted;

/// So many articles are remembered; then all of them are forgotten.
const MOST: usize = 10_000;

/// Remembers goods by article, for as long as an instance lives. A guess is never believed: what is read by it counts where the
/// mapping that was read beside it asks for the same.
#[derive(Debug, Default)]
pub(super) struct Guesses(Mutex<BTreeMap<(ConnectionId, Article), Wanted>>);

impl Guesses {
    /// What these articles wanted the last time.
    pub(super) fn of<'a>(&self, articles: impl IntoIterator<Item = &'a (ConnectionId, Article)>) -> Wanted {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wanted = Wanted::default();
        articles.into_iter().filter_map(|article| remembered.get(article)).for_each(|one| wanted.extend(one));
        wanted
    }

    /// Remembers what articles wanted.
    pub(super) fn note(&self, wanted: impl IntoIterator<Item = ((ConnectionId, Article), Wanted)>) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.extend(wanted);
        if remembered.len() > MOST {
            remembered.clear();
        }
    }
}
