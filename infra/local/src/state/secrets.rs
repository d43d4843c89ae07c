//! Secrets on this machine: a file that only its owner can read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use edin_domain::Secret;
use edin_platform::secrets::DIGEST_KEY;

use super::database::FILE as TABLES;

/// The file's name in the state folder.
pub const FILE: &str = "secrets.json";
/// Held by who reads the file to write it anew. The file itself can't be: it is replaced.
const LOCK: &str = "secrets.lock";

/// Makes the file with a key of its own, unless it has one. Not beside tables that were made with another key: every address
/// that a channel was told would change without a word.
///
/// # Errors
/// If it is lost, or can't be written.
pub fn prepare(state: &Path) -> anyhow::Result<()> {
    let file = state.join(FILE);
    if !file.exists() && state.join(TABLES).exists() {
        bail!(
            "{} is lost; it held the key of the addresses that the channels were told, and the channels' own keys. Put it back \
             from where you keep a copy. If there is none: write {{}} into it, start again, set the channels' keys \
             (edin connection set), and tell the channels their new addresses (edin connection list)",
            file.display()
        );
    }
    if read(state)?.contains_key(DIGEST_KEY) {
        return Ok(());
    }
    add(state, BTreeMap::from([(DIGEST_KEY.to_owned(), new_key()?)]))
}

/// A new key for digests: 256 random bits, in hexadecimal digits.
///
/// # Errors
/// If this machine gives no random numbers.
pub fn new_key() -> anyhow::Result<Secret<String>> {
    let key: [u8; 32] = random()?;
    Ok(Secret::new(key.iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Bytes that nobody can guess.
///
/// # Errors
/// If this machine gives no random numbers.
pub fn random<const BYTES: usize>() -> anyhow::Result<[u8; BYTES]> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("this machine gives no random numbers: {error}"))?;
    Ok(random)
}

/// Adds secrets to the file, over those of the same name. Two who do so at once both find theirs in it.
///
/// # Errors
/// If it can't be read or written.
pub fn add(state: &Path, secrets: BTreeMap<String, Secret<String>>) -> anyhow::Result<()> {
    let lock = File::options().create(true).append(true).open(state.join(LOCK))?;
    lock.lock().with_context(|| format!("{} can not be locked", state.join(LOCK).display()))?;
    let mut all = read(state)?;
    all.extend(secrets);
    let shown: BTreeMap<&String, &String> = all.iter().map(|(name, secret)| (name, secret.reveal())).collect();
    write(&state.join(FILE), &serde_json::to_vec_pretty(&shown)?)
}

/// All secrets, by name.
///
/// # Errors
/// If the file is there and can't be read.
pub fn read(state: &Path) -> anyhow::Result<BTreeMap<String, Secret<String>>> {
    let file = state.join(FILE);
    match std::fs::read(&file) {
        Ok(json) => serde_json::from_slice(&json).with_context(|| format!("{} can not be read", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error).with_context(|| format!("{} can not be read", file.display())),
    }
}

/// Writes beside the file and renames, so that a crash leaves the old one or the new one.
fn write(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    let beside = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&beside)?;
    out.write_all(content)?;
    out.sync_all()?;
    Ok(std::fs::rename(&beside, file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_adds_secrets_at_the_same_time_loses_none() {
        let state = tempfile::tempdir().unwrap();
        let one = |name: String| BTreeMap::from([(name, Secret::new("hidden".to_owned()))]);
        std::thread::scope(|threads| {
            for writer in 0..8 {
                let state = state.path();
                threads.spawn(move || (0..10).for_each(|n| add(state, one(format!("{writer}/{n}"))).unwrap()));
            }
        });
        assert_eq!(read(state.path()).unwrap().len(), 80);
    }

    #[test]
    fn a_key_is_made_once_and_never_in_place_of_a_lost_one() {
        let state = tempfile::tempdir().unwrap();
        let key = || read(state.path()).unwrap().get(DIGEST_KEY).map(|key| key.reveal().clone());
        prepare(state.path()).unwrap();
        let first = key();
        std::fs::write(state.path().join(TABLES), "").unwrap();
        prepare(state.path()).unwrap();
        assert_eq!((first.is_some(), key()), (true, first));
        std::fs::remove_file(state.path().join(FILE)).unwrap();
        let lost = prepare(state.path()).unwrap_err().to_string();
        assert!(lost.contains("secrets.json is lost") && !state.path().join(FILE).exists(), "{lost}");
        std::fs::write(state.path().join(FILE), "{}").unwrap();
        prepare(state.path()).unwrap();
        assert!(key().is_some(), "whoever says so begins anew");
    }
}
