//! Secrets on this machine: a file that only its owner can read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use edin_domain::Secret;
use edin_platform::secrets::DIGEST_KEY;

/// The file's name in the state folder.
pub const FILE: &str = "secrets.json";
/// Held by who reads the file to write it anew. The file itself can't be: it is replaced.
const LOCK: &str = "secrets.lock";

/// Makes the file with a key of its own, unless it is there.
///
/// # Errors
/// If it can't be written.
pub fn prepare(state: &Path) -> anyhow::Result<()> {
    if state.join(FILE).exists() {
        return Ok(());
    }
    add(state, BTreeMap::from([(DIGEST_KEY.to_owned(), new_key()?)]))
}

/// A new key for digests: 256 random bits, in hexadecimal digits.
///
/// # Errors
/// If this machine gives no random numbers.
pub fn new_key() -> anyhow::Result<Secret<String>> {
    let mut key = [0_u8; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("this machine gives no random numbers: {error}"))?;
    Ok(Secret::new(key.iter().map(|byte| format!("{byte:02x}")).collect()))
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
}
