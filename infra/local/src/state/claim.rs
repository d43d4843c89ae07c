//! Who runs over a state folder: one process at a time, and no longer than it lives, however it ends. Commands that open the state
//! themselves do so beside each other and never beside a process, which would not see what they send.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};

const FILE: &str = "edin.lock";
/// So long a process that starts waits for commands to end.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// The right to run over a state folder. The machine takes it back when it is dropped, and when the process is killed.
pub struct Claim {
    _lock: File,
}

impl Claim {
    /// Takes it.
    ///
    /// # Errors
    /// If another has it, or the folder can't be written to.
    pub fn take(state: &Path) -> anyhow::Result<Self> {
        match Self::of(state, File::try_lock).with_context(|| format!("{} can not be written to", state.display()))? {
            Some(claim) => Ok(claim),
            None => bail!("an edin runs over {} already; end it first, or use another --state", state.display()),
        }
    }

    /// Takes it as soon as the commands have ended that work on the folder.
    ///
    /// # Errors
    /// If a process has it, a command works for long, or the folder can't be written to.
    pub(crate) async fn take_soon(state: &Path) -> anyhow::Result<Self> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match Self::take(state) {
                Ok(claim) => return Ok(claim),
                Err(_) if !Self::is_taken(state) && tokio::time::Instant::now() < until => {}
                Err(_) if !Self::is_taken(state) => bail!("a command works on {}; wait until it ends", state.display()),
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Takes a share of it for a command: others may have one too, and no process begins meanwhile.
    ///
    /// # Errors
    /// If a process has it, which answers soon if it doesn't yet; or the folder can't be written to.
    pub fn share(state: &Path) -> anyhow::Result<Self> {
        let shared = Self::of(state, File::try_lock_shared);
        match shared.with_context(|| format!("{} can not be written to", state.display()))? {
            Some(claim) => Ok(claim),
            None => bail!("an edin starts over {} just now; try again in a moment", state.display()),
        }
    }

    /// Whether a process has it. Two may ask at the same time.
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
        assert!(Claim::share(state.path()).is_err());
        drop(first);
        assert!(!Claim::is_taken(state.path()));
        Claim::take(state.path()).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_waits_for_commands_and_not_for_another_process() {
        let state = tempfile::tempdir().unwrap();
        let commands = [Claim::share(state.path()).unwrap(), Claim::share(state.path()).unwrap()];
        assert!(!Claim::is_taken(state.path()));
        let refused = Claim::take_soon(state.path()).await.err().unwrap().to_string();
        assert!(refused.contains("a command works on"), "{refused}");
        let waiting = async {
            tokio::time::sleep(PAUSE).await;
            drop(commands);
        };
        let (taken, ()) = tokio::join!(Claim::take_soon(state.path()), waiting);
        let _process = taken.unwrap();
        let began = tokio::time::Instant::now();
        assert!(Claim::take_soon(state.path()).await.err().unwrap().to_string().contains("runs over"));
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
