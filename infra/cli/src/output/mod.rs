//! What is said to the person who asked.

pub(crate) mod connection;
pub(crate) mod goods;
pub(crate) mod preview;
pub(crate) mod status;
pub mod why;
pub(crate) mod words;

use std::io::Write as _;

/// Prints for the person who asked.
///
/// # Errors
/// If nobody listens.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{}", harmless(text))?)
}

/// With a sign for every control character: in what a channel says they could make a terminal do things.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_moves_a_cursor() {
        assert_eq!(
            harmless("Чай\t1\n\u{1b}[2J\u{9b}2J\r\0\u{7f}"),
            "Чай\t1\n\u{fffd}[2J\u{fffd}2J\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
