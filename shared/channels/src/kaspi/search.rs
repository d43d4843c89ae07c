//! Which orders to ask for (`api/orders/q3201`): by creation date, in spans that Kaspi takes, page by page.

use std::time::Duration;

use edin_domain::Timestamp;

use super::wire;

/// Orders on one page, at most.
pub(super) const PAGE_SIZE: usize = 100;

/// The widest span of creation dates in one search (the refusal says `max [14]`).
const WINDOW: Duration = Duration::from_hours(14 * 24);

/// How old an order may be that still changes: a pre-order takes up to 30 days, its return 14 more.
const LOOK_BACK: Duration = Duration::from_hours(45 * 24);

/// The tabs of the cabinet, in the order in which an order passes through them: one that moves on while they are read is met
/// again further on. A search that names no tab leaves the archive out (observed).
const STATES: [&str; 6] = ["SIGN_REQUIRED", "NEW", "PICKUP", "DELIVERY", "KASPI_DELIVERY", "ARCHIVE"];

/// A span of creation dates, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// The spans that cover `from` to `to`, none wider than Kaspi takes, none overlapping.
pub(super) fn windows(from: Timestamp, to: Timestamp) -> Vec<Window> {
    let starts = std::iter::successors(Some(from), |start| Some(start.plus(WINDOW)));
    let ends_before_next = |start: Timestamp| start.plus(WINDOW.saturating_sub(Duration::from_millis(1)));
    starts
        .take_while(|start| *start <= to)
        .map(|start| Window { from: start, to: ends_before_next(start).min(to) })
        .collect()
}

/// The searches that find every order that may still change at a time, in the order in which they are made: tab by tab, and of each
/// span by span.
pub(super) fn all(until: Timestamp) -> impl Iterator<Item = (&'static str, Window)> {
    let windows = windows(until.minus(LOOK_BACK), until);
    STATES.into_iter().flat_map(move |state| windows.clone().into_iter().map(move |window| (state, window)))
}

/// A search for orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search<'a> {
    /// In any tab but the archive, created since then.
    Since(Timestamp),
    /// In one tab, created in a span.
    In(&'static str, Window),
    /// By number; takes no date.
    Code(&'a str),
}

/// Whether a page of orders brings along what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entries {
    /// It does.
    Included,
    /// They are asked for order by order.
    Apart,
}

/// Parameters of a request.
pub(super) type Parameters = Vec<(&'static str, String)>;

const CREATED_FROM: &str = "filter[orders][creationDate][$ge]";
const CREATED_TO: &str = "filter[orders][creationDate][$le]";

impl Search<'_> {
    /// The parameters that ask for a page of it, with or without the orders' entries.
    pub(super) fn page(&self, number: usize, size: usize, entries: Entries) -> Parameters {
        let mut parameters = page(number, size);
        if entries == Entries::Included {
            parameters.push(("include[orders]", "entries".to_owned()));
        }
        match self {
            Self::Since(from) => parameters.push((CREATED_FROM, from.millis().to_string())),
            Self::In(state, window) => parameters.extend([
                ("filter[orders][state]", (*state).to_owned()),
                (CREATED_FROM, window.from.millis().to_string()),
                (CREATED_TO, window.to.millis().to_string()),
            ]),
            Self::Code(code) => parameters.push(("filter[orders][code]", (*code).to_owned())),
        }
        parameters
    }
}

/// The parameters that ask for a page; the first is 0.
pub(super) fn page(number: usize, size: usize) -> Parameters {
    vec![("page[number]", number.to_string()), ("page[size]", size.to_string())]
}

/// Whether page `number`, with so many resources on it, is the last.
pub(super) fn is_last(meta: &wire::Meta, number: usize, resources: usize) -> bool {
    let told = meta.page_count.map(|pages| number.saturating_add(1) >= pages);
    resources == 0 || told.unwrap_or(resources < PAGE_SIZE)
}

/// An opaque id as a part of a path: Base64 may hold `/`, `+` and `=`. None for what would lead elsewhere, however it is
/// written.
pub(super) fn segment(id: &str) -> Option<String> {
    let escaped = id.bytes().fold(String::new(), |path, byte| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'~' => path + &char::from(byte).to_string(),
        _ => path + &format!("%{byte:02X}"),
    });
    (!matches!(id, "" | "." | "..")).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn windows_cover_everything_once_and_none_is_wider_than_14_days() {
        let to = at(1_795_341_600_000);
        for days in [0, 1, 13, 14, 15, 28, 45, 60] {
            let from = to.minus(DAY * days);
            let windows = windows(from, to);
            assert_eq!((windows.first().unwrap().from, windows.last().unwrap().to), (from, to), "{days} days");
            assert!(windows.iter().all(|window| window.to.since(window.from) < DAY * 14), "{days} days");
            assert!(windows.windows(2).all(|pair| pair[1].from == pair[0].to.plus(Duration::from_millis(1))));
        }
        assert_eq!(windows(to.minus(LOOK_BACK), to).len(), 4);
    }

    #[test]
    fn nothing_lies_between_a_time_and_an_earlier_one() {
        assert_eq!(windows(at(2), at(1)), []);
    }

    #[test]
    fn a_search_names_its_page_its_tab_and_its_span() {
        let search = Search::In("ARCHIVE", Window { from: at(1), to: at(2) });
        let parameters = search.page(3, 100, Entries::Included);
        let text: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text,
            [
                "page[number]=3",
                "page[size]=100",
                "include[orders]=entries",
                "filter[orders][state]=ARCHIVE",
                "filter[orders][creationDate][$ge]=1",
                "filter[orders][creationDate][$le]=2",
            ]
        );
    }

    #[test]
    fn the_page_count_says_which_page_is_the_last() {
        let meta = |pages| wire::Meta { page_count: pages };
        for (pages, number, resources, last) in [
            (Some(3), 0, 100, false),
            (Some(3), 1, 100, false),
            (Some(3), 2, 7, true),
            (Some(0), 0, 0, true),
            (Some(9), 4, 0, true),
            (None, 0, 100, false),
            (None, 1, 99, true),
        ] {
            assert_eq!(is_last(&meta(pages), number, resources), last, "page {number} of {pages:?}");
        }
    }

    #[test]
    fn an_opaque_id_stays_one_part_of_a_path() {
        assert_eq!(segment("MTAw/+A==").as_deref(), Some("MTAw%2F%2BA%3D%3D"));
        assert_eq!(segment("../%2e").as_deref(), Some("..%2F%252e"));
        for elsewhere in ["", ".", ".."] {
            assert_eq!(segment(elsewhere), None);
        }
    }
}
