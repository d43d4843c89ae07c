//! The condition of a state folder: its disk, its form, and who may read it. Nothing is changed.

use std::path::Path;

use edin_look::doctor::Check;

use super::{database, secrets};

/// Looks at the folder.
#[must_use]
pub fn examine(state: &Path) -> Vec<Check> {
    let mut checks = vec![disk(state), format(state)];
    checks.extend(rights(state));
    checks
}

/// So much must be free in any case: the log of the tables' writes grows while they are copied.
const SPARE: u64 = 1 << 30;

#[cfg(unix)]
fn disk(state: &Path) -> Check {
    let tables = std::fs::metadata(state.join(database::FILE)).map_or(0, |file| file.len());
    match rustix::fs::statvfs(state) {
        Ok(disk) => of_disk(disk.f_bavail.saturating_mul(disk.f_frsize), tables),
        Err(error) => Check::skipped("disk", format!("it can not be asked: {error}")),
    }
}

#[cfg(not(unix))]
fn disk(_: &Path) -> Check {
    Check::skipped("disk", "this machine can not be asked")
}

/// A backup beside the tables must fit.
#[cfg(unix)]
fn of_disk(free: u64, tables: u64) -> Check {
    let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
    let needed = SPARE.max(tables.saturating_mul(2));
    let found = format!("{} are free; the tables have {}", mib(free), mib(tables));
    if free >= needed {
        return Check::well("disk", found);
    }
    Check::wrong(
        "disk",
        found,
        format!("make room: {} should be free. Without any, nothing that is sold is written down", mib(needed)),
    )
}

fn format(state: &Path) -> Check {
    let known = database::FORMAT;
    match database::format_of(&state.join(database::FILE)) {
        Ok(found) if found > known => {
            let found = format!("a later release wrote it, in form {found}; this one knows forms up to {known}");
            Check::wrong("form of the state", found, "install the later release again")
        }
        Ok(found) if found < known => Check::noted("form of the state", format!("{found}; edin up makes it {known}")),
        Ok(found) => Check::well("form of the state", format!("{found}, as this release writes it")),
        Err(error) => {
            let todo = "put it back from a backup (in the runbook: the state folder is lost)";
            Check::wrong("form of the state", format!("it can not be read: {error}"), todo)
        }
    }
}

#[cfg(unix)]
fn rights(state: &Path) -> Vec<Check> {
    let file = state.join(secrets::FILE);
    vec![of_rights("rights of the folder", state, 0o700), of_rights("rights of the secrets", &file, 0o600)]
}

#[cfg(not(unix))]
fn rights(_: &Path) -> Vec<Check> {
    vec![Check::skipped("rights", "this machine can not be asked")]
}

/// Keys lie there, and buyers' contacts: nobody but the owner has any rights.
#[cfg(unix)]
fn of_rights(what: &str, path: &Path, wanted: u32) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = match std::fs::metadata(path) {
        Ok(found) => found.permissions().mode() & 0o777,
        Err(error) => return Check::wrong(what, format!("{}: {error}", path.display()), "put it back from a backup"),
    };
    if mode & 0o077 == 0 {
        return Check::well(what, format!("{mode:04o}"));
    }
    let found = format!("{mode:04o}: others of this machine get at it");
    Check::wrong(what, found, format!("chmod {wanted:04o} {}", path.display()))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::aws::engine::Engine;

    fn wrong(state: &Path) -> Vec<String> {
        examine(state)
            .into_iter()
            .filter(|check| check.is_wrong() && check.what != "disk")
            .map(|check| check.what)
            .collect()
    }

    #[tokio::test]
    async fn secrets_that_others_can_read_and_a_later_release_s_state_want_a_person() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        crate::state::make(&state).unwrap();
        secrets::prepare(&state).unwrap();
        drop(Engine::start(&state).await.unwrap());
        assert_eq!(wrong(&state), [""; 0]);
        std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(wrong(&state), ["rights of the folder"]);
        std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).unwrap();
        let file = state.join(secrets::FILE);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(wrong(&state), ["rights of the secrets"]);
        std::fs::remove_file(&file).unwrap();
        let tables = database::connect(&state.join(database::FILE)).unwrap();
        tables.pragma_update(None, "user_version", database::FORMAT + 1).unwrap();
        assert_eq!(wrong(&state), ["form of the state", "rights of the secrets"]);
    }

    #[test]
    fn a_disk_without_room_for_a_backup_wants_a_person() {
        assert!(!of_disk(SPARE, 0).is_wrong());
        assert!(of_disk(SPARE - 1, 0).is_wrong());
        assert!(of_disk(3 * SPARE, 2 * SPARE).is_wrong());
        assert!(!of_disk(4 * SPARE, 2 * SPARE).is_wrong());
    }
}
