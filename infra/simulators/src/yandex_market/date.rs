//! Dates as the Market writes and reads them.

use std::time::Duration;

use edin_domain::Timestamp;

/// The Market's own time is Moscow's.
const MOSCOW: Duration = Duration::from_secs(3 * 60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// From the weekday of 1970-01-01 on.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// With Moscow's offset, such as `2026-11-22T13:00:00.213+03:00`.
pub(super) fn moment(at: Timestamp) -> String {
    let local = at.plus(MOSCOW).to_string();
    format!("{}+03:00", local.trim_end_matches('Z'))
}

/// The day in Moscow, such as `2026-11-22`.
pub(super) fn day(at: Timestamp) -> String {
    at.plus(MOSCOW).to_string().chars().take("2026-11-22".len()).collect()
}

/// When a day that is given as `2026-11-22` begins in Moscow.
pub(super) fn beginning(day: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{day}T00:00:00+03:00"))
}

/// When the day after one that begins then begins.
pub(super) fn next_day(day: Timestamp) -> Timestamp {
    day.plus(DAY)
}

/// As RFC 822 has it, such as `Sun, 22 Nov 2026 10:00:01 GMT`; parts of a second make it the next one.
pub(super) fn rfc_822(at: Timestamp) -> String {
    let at = at.plus(Duration::from_millis(999));
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let days = usize::try_from(at.millis() / 86_400_000).unwrap_or_default();
    let weekday = WEEKDAYS.get(days % WEEKDAYS.len());
    let (weekday, month) = (weekday.copied().unwrap_or_default(), month.copied().unwrap_or_default());
    format!("{weekday}, {} {month} {} {} GMT", part(8, 10), part(0, 4), part(11, 19))
}

#[test]
fn dates_are_those_of_moscow_and_of_mail() {
    let at = Timestamp::parse("2026-11-22T21:30:00.5Z").unwrap();
    assert_eq!((moment(at).as_str(), day(at).as_str()), ("2026-11-23T00:30:00.5+03:00", "2026-11-23"));
    assert_eq!(Timestamp::parse(&moment(at)), Some(at));
    assert_eq!(rfc_822(at), "Sun, 22 Nov 2026 21:30:01 GMT");
    assert_eq!(beginning("2026-11-23").unwrap().to_string(), "2026-11-22T21:00:00Z");
}
