//! The tables of channels in README.md and docs/channels.md are what channels say of themselves, and what their clients can do.
//!
//! `just table` writes them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of it is tests, what helps them too; clippy knows only the functions marked as tests"
)]

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edin_channels::client::line::Lines;
use edin_channels::client::{Client, Gate, Held, Opening};
use edin_channels::facts::{ANY_LENGTH, Facts, HookFact, IdKind, Places, PriceFact, StockFact};
use edin_domain::connection::{Assortment, Mode};
use edin_domain::limiter::Limit;
use edin_domain::listing::Policy;
use edin_domain::{Account, Connection, ConnectionId, Currency, Secret, Timestamp};

const BEGIN: &str = "<!-- From here on written by `just table`, from the channels' facts. -->";
const END: &str = "<!-- As far as here. -->";

#[test]
fn the_tables_of_channels_are_what_channels_say_of_themselves() {
    let mut differing = Vec::new();
    for (file, tables) in [("README.md", short("")), ("docs/channels.md", whole("../"))] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        let text = fs::read_to_string(&path).unwrap();
        let written = with(&text, &tables).unwrap_or_else(|| panic!("{file} has no place for the tables"));
        if std::env::var_os("EDIN_WRITE").is_some() {
            fs::write(&path, written).unwrap();
        } else if written != text {
            differing.push(file);
        }
    }
    assert!(differing.is_empty(), "{differing:?} say something else than the channels' facts: run `just table`");
}

/// A text with `tables` in the place for them.
fn with(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

/// What a channel can do, for who looks whether it is among them.
fn short(root: &str) -> String {
    let head =
        ["channel", "orders", "stock", "what it shows", "prices", "returns", "accepts orders", "keys, (optional)"];
    table(&head, edin_channels::all().map(|facts| abilities(root, facts)))
}

fn abilities(root: &str, facts: &Facts) -> Vec<String> {
    let client = Probe::of(facts).client();
    let asked = client.orders().map(|_| "asked");
    let pushes = (facts.hook != HookFact::Silent).then_some("pushed");
    let secrets = facts.secrets.iter().map(|secret| match secret.is_needed {
        true => format!("`{}`", secret.name),
        false => format!("(`{}`)", secret.name),
    });
    vec![
        format!("[{}]({root}shared/channels/src/{}/README.md)", facts.title, facts.name),
        match facts.stock {
            StockFact::Asked => format!("made by [the API]({root}docs/api.md)"),
            _ => listed(pushes.into_iter().chain(asked), " and "),
        },
        stock(facts, &*client),
        match facts.stock {
            StockFact::Asked => "nothing",
            _ => client.shelf().map_or("can't be asked", |_| "is compared"),
        }
        .to_owned(),
        match facts.prices {
            PriceFact::Untold => "not told".to_owned(),
            PriceFact::WithStock(least) => format!("in the list, {least} or more"),
        },
        client.orders().and_then(|orders| orders.returns()).map_or("not listed apart", |_| "listed apart").to_owned(),
        client.acceptance().map_or("–", |_| "if you want").to_owned(),
        match facts.secrets {
            [] => "–".to_owned(),
            _ => listed(secrets, ", "),
        },
    ]
}

fn stock(facts: &Facts, client: &dyn Client) -> String {
    match (facts.stock, client.stock()) {
        (StockFact::Told { interval, .. }, Some(shelves)) if interval.is_zero() => {
            format!("told, {} goods a call", shelves.rows())
        }
        (StockFact::Told { interval, .. }, Some(shelves)) => {
            format!("told, {} goods a call, each good every {}", shelves.rows(), span(interval))
        }
        (StockFact::Pulled, None) => "pulls a list".to_owned(),
        (StockFact::Asked, None) => "asks before it sells".to_owned(),
        _ => panic!("{}: its facts say another thing of stock than its client", facts.name),
    }
}

/// All that channels say of themselves.
fn whole(root: &str) -> String {
    let pace = table(
        &[
            "channel",
            "names of a good",
            "its warehouses have",
            "calls us from",
            "takes a number within",
            "buyers see it within",
        ],
        edin_channels::all().map(pace),
    );
    let secrets = table(
        &["channel", "key", "needed", "where a person finds it"],
        edin_channels::all().flat_map(|facts| {
            facts.secrets.iter().map(|secret| {
                let needed = if secret.is_needed { "yes" } else { "no" };
                [facts.title, &format!("`{}`", secret.name), needed, secret.found].map(str::to_owned).to_vec()
            })
        }),
    );
    let limits = table(
        &["channel", "calls", "one every", "at once", "a 4XX counts as", "source"],
        edin_channels::all().flat_map(|facts| facts.limits.iter().map(|limit| limits(facts, limit))),
    );
    format!(
        "## What each can\n\n{}\n## What each is\n\n{pace}\n## Keys\n\n{secrets}\n## Limits\n\n{limits}",
        short(root)
    )
}

fn pace(facts: &'static Facts) -> Vec<String> {
    let ids = facts.ids.iter().map(|id| match id.kind {
        IdKind::Number => format!("`{}`, a number", id.name),
        IdKind::Text(ANY_LENGTH) => format!("`{}`, a text", id.name),
        IdKind::Text(longest) => format!("`{}`, a text of {longest} characters at most", id.name),
    });
    let places = match facts.places {
        Places::Numbers => "numbers",
        Places::Names => "names",
    };
    let networks = match facts.hook {
        HookFact::Silent => "–".to_owned(),
        HookFact::Pushes { networks } => listed(networks.iter(), ", "),
        HookFact::Signs => "anywhere, signed".to_owned(),
    };
    let told = [facts.reach, facts.storefront].map(span);
    [facts.title.to_owned(), listed(ids, "; "), places.to_owned(), networks].into_iter().chain(told).collect()
}

fn limits(facts: &Facts, limit: &Limit) -> Vec<String> {
    let penalty = match limit.penalty {
        0 => "nothing".to_owned(),
        calls => calls.to_string(),
    };
    let (every, burst) = (span(limit.interval), limit.burst.to_string());
    vec![facts.title.to_owned(), limit.group.to_owned(), every, burst, penalty, limit.source.to_owned()]
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rows = rows.inspect(|row| assert_eq!(row.len(), head.len(), "{row:?}")).map(|row| line(&row.join(" | ")));
    line(&head.join(" | ")) + &line(&vec!["---"; head.len()].join("|")).replace(' ', "") + &rows.collect::<String>()
}

fn line(cells: &str) -> String {
    format!("| {cells} |\n")
}

fn listed(parts: impl Iterator<Item: Display>, between: &str) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(between)
}

fn span(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (0, 0) => "at once".to_owned(),
        (0, millis) => format!("{millis} ms"),
        (seconds, 0) if seconds >= 60 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        (seconds, millis) => format!("{} s", f64::from(u32::try_from(seconds * 1_000).unwrap() + millis) / 1_000.0),
    }
}

/// A made-up account, to see what the channel's client can do. Nothing is called.
struct Probe(Connection);

impl Probe {
    fn of(facts: &Facts) -> Self {
        let mut account = Account::of(facts.name.clone());
        // What an account can't do without it names itself, one after the other.
        while let Err(error) = (facts.account)(&account) {
            let lacking = error.to_string();
            let setting = lacking.split_once("missing field `").and_then(|(_, rest)| rest.split('`').next());
            account = account.with(setting.unwrap_or_else(|| panic!("{lacking}")), "1");
        }
        let accepting = account.clone().with("accept_orders", true);
        Self(Connection {
            id: ConnectionId::new("probe").unwrap(),
            account: if (facts.account)(&accepting).is_ok() { accepting } else { account },
            currency: Currency::KZT,
            base_url: facts.needs_address().then(|| "https://shop.example".to_owned()),
            proxy: None,
            warehouses: BTreeMap::new(),
            policy: Policy::default(),
            assortment: Assortment::Everything,
            storefront_seconds: None,
            mode: Mode::Live,
            mode_since: None,
            ended_at: None,
            max_line_units: None,
        })
    }

    fn client(&self) -> Box<dyn Client> {
        let facts = edin_channels::facts(self.0.channel()).unwrap();
        let secrets = facts.secrets.iter().map(|secret| (secret.name.to_owned(), Secret::new("made up".to_owned())));
        let (credentials, lines) = (secrets.collect(), Lines::default());
        let opening = Opening { connection: &self.0, credentials: &credentials, gate: Arc::new(Shut), lines: &lines };
        edin_channels::open(&opening).unwrap()
    }
}

/// Lets nothing pass.
struct Shut;

#[async_trait]
impl Gate for Shut {
    async fn pass(&self, _limit: &Limit) -> Result<(), Held> {
        panic!("a probe calls nobody")
    }

    async fn charge(&self, _limit: &Limit, _calls: u32, _shut_for: Option<Duration>) -> Timestamp {
        panic!("a probe calls nobody")
    }
}

#[test]
fn the_files_of_a_channel_are_where_the_tables_say() {
    for facts in edin_channels::all() {
        let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "src", facts.name.as_str()].iter().collect();
        assert!(folder.join("README.md").is_file() && folder.join("samples/README.md").is_file(), "{}", facts.name);
    }
}
