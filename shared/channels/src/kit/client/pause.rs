//! How long a channel shuts us out.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// A channel's way to say that there were too many calls.
#[derive(Debug, Clone, Copy)]
pub struct Throttle {
    /// The status.
    pub status: u16,
    /// The header in which a quota says how much of it is left, where there is one. With some left, it isn't the quota that
    /// refuses, but how many calls are made at the same time: the end of the quota's time says nothing then.
    pub left: Option<&'static str>,
}

impl Throttle {
    /// As RFC 6585 says it.
    pub const USUAL: Self = Self { status: 429, left: None };
}

/// A channel's way to say how long it shuts us out: the header, with seconds or a date.
#[derive(Debug, Clone, Copy)]
pub struct RetryHeader(pub &'static str);

const WITHOUT_A_TIME: Duration = Duration::from_secs(5);
/// However long a channel says: a slip of its own must not shut a connection for years.
const LONGEST_TIME: Duration = Duration::from_hours(1);

/// How long nothing passes after an answer that there were too many calls.
pub(super) fn after(headers: &HeaderMap, throttle: Throttle, header: RetryHeader) -> Duration {
    if left(headers, throttle.left).is_some_and(|left| left > 0) {
        return WITHOUT_A_TIME;
    }
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    let told = text(header.0).and_then(|pause| seconds(pause).or_else(|| until(pause, text("date")?)));
    told.unwrap_or(WITHOUT_A_TIME).min(LONGEST_TIME)
}

/// The number in a header that says how much is left; none if it isn't there, or no number.
pub(super) fn left(headers: &HeaderMap, header: Option<&'static str>) -> Option<i64> {
    headers.get(header?)?.to_str().ok()?.trim().parse().ok()
}

/// Whole seconds, or with a point: `2`, `2.0`, `0.5`. A part of a second is a whole one.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = Some(whole).filter(|whole| digits(whole) && digits(part))?;
    let more = u64::from(part.bytes().any(|digit| digit != b'0'));
    // So many that they are no number are too many, too.
    Some(Duration::from_secs(whole.parse().unwrap_or(u64::MAX).saturating_add(more)))
}

/// From the time of the answer to a date, both by the channel's clock.
fn until(end: &str, answered: &str) -> Option<Duration> {
    Some(date(end)?.duration_since(date(answered)?).unwrap_or_default())
}

/// A date as HTTP has it (RFC 9110, 5.6.7), or as mail does (RFC 822, 5): the day of the week may be missing, the year have two
/// digits and the zone be a number.
fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok().or_else(|| date_of_mail(text))
}

/// The day of the week says nothing more, and may be a wrong one, even in what a channel publishes.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn date_of_mail(text: &str) -> Option<SystemTime> {
    let parts: Vec<_> = text.rsplit(", ").next()?.split_whitespace().collect();
    let [day, month, year, time, zone] = parts[..] else { return None };
    let century = if year.len() == 2 { "20" } else { "" };
    let at = DAYS.iter().find_map(|of_the_week| {
        httpdate::parse_http_date(&format!("{of_the_week}, {day:0>2} {month} {century}{year} {time} GMT")).ok()
    })?;
    let (sign, offset) = match zone {
        "GMT" | "UT" | "UTC" | "Z" => ("+", Duration::ZERO),
        zone => (zone.get(..1)?, hours_and_minutes(zone.get(1..)?)?),
    };
    match sign {
        "+" => at.checked_sub(offset),
        "-" => at.checked_add(offset),
        _ => None,
    }
}

fn hours_and_minutes(text: &str) -> Option<Duration> {
    let digits: u64 = Some(text).filter(|text| text.len() == 4)?.parse().ok()?;
    Some(Duration::from_secs((digits / 100 * 60 + digits % 100) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn a_pause_is_read_in_every_form_and_is_an_hour_at_most() {
        let now = "Sat, 28 Nov 2026 10:00:00 GMT";
        for (pause, date, expected) in [
            ("2", None, 2),
            ("2.0", None, 2),
            ("2.5", None, 3),
            ("0.2", None, 1),
            ("0", None, 0),
            (" 7 ", None, 7),
            ("99999999999999999999999", None, 3_600),
            ("Sat, 28 Nov 2026 10:00:42 GMT", Some(now), 42),
            ("Saturday, 28-Nov-26 10:00:42 GMT", Some(now), 42),
            ("Sat, 28 Nov 26 10:00:42 UT", Some(now), 42),
            ("28 Nov 2026 13:00:42 +0300", Some(now), 42),
            ("Sat, 28 Nov 2026 09:30:42 -0030", Some(now), 42),
            ("Sat, 28 Nov 2026 10:00:42 of Moscow", Some(now), 5),
            ("Sat, 28 Nov 2026 09:59:00 GMT", Some(now), 0),
            ("Sun, 28 Nov 2027 10:00:00 GMT", Some(now), 3_600),
            ("Sat, 28 Nov 2026 10:00:42 GMT", None, 5),
            ("-7", None, 5),
            ("2.", None, 5),
            (".5", None, 5),
            ("1e3", None, 5),
            ("soon", Some(now), 5),
        ] {
            let header = |name, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
            let headers = [Some(header("retry-after", pause)), date.map(|date| header("date", date))];
            let headers = HeaderMap::from_iter(headers.into_iter().flatten());
            let told = after(&headers, Throttle::USUAL, RetryHeader("Retry-After"));
            assert_eq!(told, Duration::from_secs(expected), "{pause} {date:?}");
        }
    }

    #[test]
    fn a_refusal_while_a_quota_has_some_left_is_for_calls_at_the_same_time() {
        let throttle = Throttle { status: 420, left: Some("x-left") };
        for (left, expected) in [(Some("0"), 42), (Some("-3"), 42), (None, 42), (Some("17"), 5)] {
            let now = ("date", "Tue, 10 Jul 2018 00:42:00 GMT");
            let until = ("x-until", "Thu, 10 Jul 2018 00:42:42 GMT");
            let told = [now, until].into_iter().chain(left.map(|left| ("x-left", left)));
            let headers = told.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            let pause = after(&HeaderMap::from_iter(headers), throttle, RetryHeader("X-Until"));
            assert_eq!(pause, Duration::from_secs(expected), "{left:?}");
        }
    }
}
