//! Who runs over a state folder: one process at a time, and no longer than it lives, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

const FILE: &str = "edin.lock";

/// The right to run over a state folder. The machine takes it back when it is dropped, and when the process is killed.
pub(crate) struct Claim {
    _lock: File,
}

impl Claim {
    /// Takes it.
    ///
    /// # Errors
    /// If another has it, or the folder can't be written to.
    pub(crate) fn take(state: &Path) -> anyhow::Result<Self> {
        match Self::of(state, File::try_lock).with_context(|| format!("{} can not be written to", state.display()))? {
            Some(claim) => Ok(claim),
            None => bail!("an edin runs over {} already; end it first, or use another --state", state.display()),
        }
    }

    /// Whether anybody has it. Two may ask at the same time.
    pub(crate) fn is_taken(state: &Path) -> bool {
        matches!(Self::of(state, File::try_lock_shared), Ok(None))
    }

    fn of(state: &Path, lock_it: fn(&File) -> Result<(), TryLockError>) -> std::io::Result<Option<Self>> {
        let lock = File::options().create(true).append(true).open(state.join(FILE))?;
        match lock_it(&lock) {
            Ok(()) => Ok(Some(Self { _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_runs_over_a_folder() {
        let state = tempfile::tempdir().unwrap();
        let first = Claim::take(state.path()).unwrap();
        assert!(Claim::is_taken(state.path()));
        let refused = Claim::take(state.path()).err().unwrap().to_string();
        assert!(refused.contains("runs over") && refused.contains("already"), "{refused}");
        drop(first);
        assert!(!Claim::is_taken(state.path()));
        Claim::take(state.path()).unwrap();
    }
}
