//! What must be right for Edin to do its work, looked at one by one: as far as the tables tell. What a machine tells of itself is
//! looked at where it is, and comes in the same form.

use std::collections::BTreeMap;
use std::time::Duration;

use edin_channels::facts::Facts;
use edin_domain::connection::Mode;
use edin_domain::{Connection, ConnectionId, Timestamp};
use edin_platform::Secrets;
use edin_store::status::Status;
use edin_store::{Store, StoreError};
use serde::Serialize;
use url::Url;

use crate::status::{Diagnosis, span};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What: `disk`, `ozon-main: key`.
    pub what: String,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What came of looking at something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is as it should be.
    Well {
        /// How it is.
        found: String,
    },
    /// It does no harm, and somebody may want to know.
    Noted {
        /// How it is.
        found: String,
    },
    /// It couldn't be looked at.
    Skipped {
        /// Why.
        reason: String,
    },
    /// A person is needed.
    Wrong {
        /// What is wrong.
        found: String,
        /// What to do.
        todo: String,
    },
}

impl Check {
    /// It is as it should be.
    pub fn well(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Well { found: found.into() } }
    }

    /// It does no harm.
    pub fn noted(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Noted { found: found.into() } }
    }

    /// It couldn't be looked at.
    pub fn skipped(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Skipped { reason: reason.into() } }
    }

    /// A person is needed.
    pub fn wrong(what: impl Into<String>, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Wrong { found: found.into(), todo: todo.into() } }
    }

    /// Whether a person is needed.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        matches!(self.verdict, Verdict::Wrong { .. })
    }
}

/// So long ago orders may have been read; the alarm of a stack says the same.
const READ_WITHIN: Duration = Duration::from_secs(15 * 60);
/// So long before it dies, a key wants to be replaced.
const KEY_LASTS: Duration = Duration::from_secs(14 * 24 * 3_600);
/// So many kinds of unknown events are named.
const NAMED: usize = 3;

/// Looks at each connection, whose diagnoses are given.
///
/// # Errors
/// If the tables can't be read.
pub async fn connections(
    store: &Store,
    secrets: &Secrets,
    diagnoses: &[Diagnosis],
    now: Timestamp,
) -> Result<Vec<Check>, StoreError> {
    let known = store.connections().await?;
    if known.is_empty() && diagnoses.is_empty() {
        return Ok(vec![Check::noted("connections", "there is none yet; edin import takes them in")]);
    }
    let mut checks = Vec::new();
    for diagnosis in diagnoses {
        let id = &diagnosis.health.connection;
        match known.get(id) {
            Some(connection) if connection.is_over(now) => checks.push(Check::skipped(id.as_str(), "it has ended")),
            Some(connection) => {
                checks.extend(of_account(connection, secrets).await);
                checks.extend(mode(connection));
                checks.extend(of_health(diagnosis, now));
                checks.push(unknown_events(store, id).await?);
            }
            None => checks.extend(problems(diagnosis)),
        }
    }
    Ok(checks)
}

/// Looks at how a connection is set up.
async fn of_account(connection: &Connection, secrets: &Secrets) -> Vec<Check> {
    let id = &connection.id;
    match edin_channels::facts_of(connection) {
        Ok(facts) => {
            let account = Check::well(of(id, "account"), format!("an account at {}", facts.title));
            vec![account, of_secrets(id, facts, secrets).await]
        }
        Err(error) => {
            let todo = "correct it in the connection's file, and import that";
            vec![Check::wrong(of(id, "account"), error.to_string(), todo)]
        }
    }
}

async fn of_secrets(id: &ConnectionId, facts: &Facts, secrets: &Secrets) -> Check {
    let kept = match secrets.of(id).await {
        Ok(kept) => kept,
        Err(error) => {
            return Check::wrong(of(id, "secrets"), error.to_string(), "make that what keeps them can be read");
        }
    };
    let is_there = |name: &str| kept.get(name).is_some_and(|secret| !secret.reveal().trim().is_empty());
    match facts.secrets.iter().find(|secret| secret.is_needed && !is_there(secret.name)) {
        None => Check::well(of(id, "secrets"), "all that it needs are there"),
        Some(secret) => {
            let todo = format!("set it: edin connection set {id} secrets.{}=-; found in {}", secret.name, secret.found);
            Check::wrong(of(id, "secrets"), format!("{} is missing", secret.name), todo)
        }
    }
}

/// What a person set so, and may have forgotten.
fn mode(connection: &Connection) -> Option<Check> {
    let id = &connection.id;
    let found = match connection.mode {
        Mode::Live => return None,
        Mode::Observe => format!("it observes: its channel is told nothing; edin preview {id} says what it would be"),
        Mode::Paused => format!("it is paused: its channel is told nothing; edin connection resume {id} ends that"),
        Mode::Zero => {
            format!("it is paused at 0: its channel is told no more than that; edin connection resume {id} ends that")
        }
    };
    Some(Check::noted(of(id, "mode"), found))
}

/// Looks at what reading and reconciliation left in the tables.
fn of_health(diagnosis: &Diagnosis, now: Timestamp) -> Vec<Check> {
    let health = &diagnosis.health;
    let checks = [key(&health.connection, health.found.as_ref(), now), read(&health.connection, health.read_at, now)];
    checks.into_iter().chain(problems(diagnosis)).collect()
}

fn key(id: &ConnectionId, found: Option<&Status>, now: Timestamp) -> Check {
    let what = of(id, "key");
    let Some(found) = found else { return Check::skipped(what, "nothing was reconciled yet") };
    let Some(dies) = found.key_expires_at else {
        return Check::skipped(what, "its channel does not tell when it dies");
    };
    let todo = format!("make a new one in the cabinet, and set it: edin connection set {id} secrets.NAME=-");
    let left = dies.since(now);
    if dies <= now {
        Check::wrong(what, format!("it died {} ago", span(now.since(dies))), todo)
    } else if left < KEY_LASTS {
        Check::wrong(what, format!("it dies in {}", span(left)), todo)
    } else {
        Check::well(what, format!("it lasts {} more", span(left)))
    }
}

fn read(id: &ConnectionId, read_at: Option<Timestamp>, now: Timestamp) -> Check {
    let todo = "see that edin up runs, and in the runbook: orders are not read";
    match read_at.map(|at| now.since(at)) {
        None => Check::wrong(of(id, "orders"), "they were never read to the end", todo),
        Some(ago) if ago > READ_WITHIN => {
            Check::wrong(of(id, "orders"), format!("they were read to the end {} ago", span(ago)), todo)
        }
        Some(ago) => Check::well(of(id, "orders"), format!("read to the end {} ago", span(ago))),
    }
}

fn problems(diagnosis: &Diagnosis) -> Vec<Check> {
    let id = &diagnosis.health.connection;
    if diagnosis.problems.is_empty() {
        return vec![Check::well(of(id, "status"), "no problems")];
    }
    let todo = "see the runbook, When something is wrong";
    diagnosis.problems.iter().map(|problem| Check::wrong(of(id, "status"), problem.as_str(), todo)).collect()
}

/// Nobody can say of such an event that they have read it, so it is no reason to call a person for as long as it is kept.
async fn unknown_events(store: &Store, id: &ConnectionId) -> Result<Check, StoreError> {
    let mut kinds = BTreeMap::<String, usize>::new();
    for event in store.unknown_events(id).await? {
        *kinds.entry(event.kind).or_default() += 1;
    }
    if kinds.is_empty() {
        return Ok(Check::well(of(id, "unknown events"), "none in the last 30 days"));
    }
    let named: Vec<String> = kinds.iter().take(NAMED).map(|(kind, count)| format!("{count} of {kind}")).collect();
    let more = if kinds.len() > NAMED { " and of other kinds" } else { "" };
    let found =
        format!("{}{more} in the last 30 days: its channel tells what this release does not know", named.join(", "));
    Ok(Check::noted(of(id, "unknown events"), found))
}

fn of(id: &ConnectionId, what: &str) -> String {
    format!("{id}: {what}")
}

/// Says of each queue whether it has dead letters; `letters` as [`dead_letters`](crate::status::dead_letters) counts them.
pub fn dead_letters(
    queues: impl IntoIterator<Item = &'static str>,
    letters: &BTreeMap<&'static str, u64>,
) -> Vec<Check> {
    let check = |queue| {
        let what = format!("dead letters: {queue}");
        match letters.get(queue) {
            None => Check::well(what, "none"),
            Some(count) => {
                let todo =
                    format!("see the runbook, a dead-letter queue fills; edin redrive {queue} --dry-run shows them");
                Check::wrong(what, format!("{count} messages were given up"), todo)
            }
        }
    };
    queues.into_iter().map(check).collect()
}

/// Where a connection's calls go first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whose.
    pub connection: ConnectionId,
    /// Its channel's API.
    pub api: Url,
    /// The proxy that calls go through, if there is one.
    pub proxy: Option<Url>,
}

impl Address {
    /// The host and port that are dialled; none if the address has no host.
    #[must_use]
    pub fn dialled(&self) -> Option<(String, u16)> {
        let url = self.proxy.as_ref().unwrap_or(&self.api);
        Some((url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port_or_known_default()?))
    }
}

/// Where the calls of each connection go that goes on; one whose channel isn't known, or isn't called, has no address.
///
/// # Errors
/// If the tables can't be read.
pub async fn addresses(store: &Store, now: Timestamp) -> Result<Vec<Result<Address, Check>>, StoreError> {
    let going_on = store.connections().await?.into_values().filter(|connection| !connection.is_over(now));
    Ok(going_on.filter_map(|connection| address(&connection)).collect())
}

fn address(connection: &Connection) -> Option<Result<Address, Check>> {
    let facts = edin_channels::facts(connection.channel())?;
    let id = &connection.id;
    let base = connection.base_url.as_deref().unwrap_or(facts.address);
    if base.is_empty() {
        return None;
    }
    let read = |name: &str, url: &str| {
        Url::parse(url).map_err(|error| {
            let todo = format!("set it: edin connection set {id} {name}=…");
            Check::wrong(of(id, "address"), format!("its {name} can not be read: {error}"), todo)
        })
    };
    let api = read("base_url", base);
    let proxy = connection.proxy.as_deref().map(|proxy| read("proxy", proxy)).transpose();
    Some(api.and_then(|api| Ok(Address { connection: id.clone(), api, proxy: proxy? })))
}

#[cfg(test)]
mod tests {
    use edin_store::reading::ReadingState;

    use super::*;
    use crate::status::Health;

    const NOW: Timestamp = Timestamp::from_millis(1_796_000_000_000);
    const DAY: Duration = Duration::from_secs(24 * 3_600);

    fn id() -> ConnectionId {
        ConnectionId::new("ozon-main").unwrap()
    }

    fn connection(text: &str) -> Connection {
        serde_json::from_str(text).unwrap()
    }

    fn is_key_wrong(dies: Option<Timestamp>) -> Option<bool> {
        let check = key(&id(), Some(&Status { key_expires_at: dies, ..Status::default() }), NOW);
        (!matches!(check.verdict, Verdict::Skipped { .. })).then_some(check.is_wrong())
    }

    #[test]
    fn a_key_wants_a_person_from_two_weeks_before_it_dies() {
        assert_eq!(is_key_wrong(None), None);
        assert_eq!(is_key_wrong(Some(NOW.plus(15 * DAY))), Some(false));
        assert_eq!(is_key_wrong(Some(NOW.plus(13 * DAY))), Some(true));
        assert_eq!(is_key_wrong(Some(NOW.minus(DAY))), Some(true));
    }

    #[test]
    fn orders_that_were_not_read_for_a_quarter_of_an_hour_want_a_person() {
        let is_wrong = |ago: Option<u64>| read(&id(), ago.map(|s| NOW.minus(Duration::from_secs(s))), NOW).is_wrong();
        assert_eq!([Some(10), Some(899), Some(901), None].map(is_wrong), [false, false, true, true]);
    }

    #[test]
    fn what_is_wrong_by_the_status_is_said_one_by_one() {
        let health = Health {
            connection: id(),
            channel: None,
            mode: None,
            read_at: None,
            last_sale_at: None,
            unreadable: Some("made by a later release".to_owned()),
            reading: ReadingState::default(),
            shut_until: None,
            found: None,
        };
        let told = problems(&Diagnosis::of(health, NOW));
        assert_eq!(told.len(), 1);
        assert!(
            told.iter().all(Check::is_wrong)
                && serde_json::to_string(&told).unwrap().contains("made by a later release")
        );
    }

    #[test]
    fn a_connection_that_is_not_live_is_named_and_needs_nobody() {
        let connection = connection(r#"{"id":"wb","account":{"wildberries":{}},"currency":"KZT","warehouses":{}}"#);
        for (of, is_named) in [(Mode::Live, false), (Mode::Observe, true), (Mode::Paused, true), (Mode::Zero, true)] {
            let check = mode(&connection.clone().in_mode(of, NOW));
            assert_eq!(check.as_ref().map(Check::is_wrong), is_named.then_some(false), "{of}");
        }
    }

    #[test]
    fn queues_without_dead_letters_are_well() {
        let checks = dead_letters(["inbox", "push"], &BTreeMap::from([("push", 3)]));
        assert_eq!(checks.iter().map(Check::is_wrong).collect::<Vec<_>>(), [false, true]);
        let json = serde_json::to_value(&checks[1]).unwrap();
        assert_eq!((&json["what"], &json["verdict"]), (&"dead letters: push".into(), &"wrong".into()));
    }

    #[test]
    fn a_connection_is_dialled_at_its_channels_address_at_its_own_or_at_its_proxy() {
        let ozon = r#"{"id":"ozon-main","account":{"ozon":{"client_id":"1"}},"currency":"RUB","warehouses":{}"#;
        let dialled =
            |more: &str| address(&connection(&format!("{ozon}{more}}}"))).unwrap().map(|at| at.dialled().unwrap());
        assert_eq!(dialled(""), Ok(("api-seller.ozon.ru".to_owned(), 443)));
        assert_eq!(dialled(r#","base_url":"http://[::1]:9000/api""#), Ok(("::1".to_owned(), 9_000)));
        assert_eq!(dialled(r#","proxy":"http://proxy.kz:3128""#), Ok(("proxy.kz".to_owned(), 3_128)));
        assert!(dialled(r#","base_url":"nowhere""#).unwrap_err().is_wrong());
    }
}
