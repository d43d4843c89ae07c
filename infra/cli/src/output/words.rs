//! Words for what has several drawings.

use edin_domain::connection::Mode;
use edin_domain::listing::{Policy, Rule};

/// The rule that decided a number.
pub(crate) fn rule(rule: Rule, policy: &Policy) -> String {
    match rule {
        Rule::Plain => "within the maximum".to_owned(),
        Rule::Maximum => format!("at most {}", policy.max.unwrap_or_default()),
        Rule::NothingLeft => "nothing left".to_owned(),
        Rule::Ended => format!("ended at {} or fewer", policy.end_when),
        Rule::Paused => "paused".to_owned(),
        Rule::OutsideAssortment => "outside the assortment".to_owned(),
        Rule::Delisted => "ended".to_owned(),
    }
}

/// What a connection in a mode does.
pub(crate) const fn does(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "observes: orders are taken in, and nothing is told to its channel",
        Mode::Live => "is live: its channel is told whatever is due",
        Mode::Paused => "is paused: orders are taken in, and its channel goes on showing what it shows",
        Mode::Zero => "is paused at 0: orders are taken in, and its channel is told a last 0 of each listing",
    }
}
