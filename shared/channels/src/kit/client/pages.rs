//! Lists that come in pages.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::ChannelError;
use crate::kit::tolerant::{Records, Spoilt};

/// A page of a list, as its channel answers it.
pub(crate) trait Page: DeserializeOwned + Send {
    /// What is listed.
    type Row: Send;

    /// What is on it, and where the next one begins if there is one.
    fn turn(self) -> (Records<Self::Row>, Option<String>);
}

/// What of a list can be read, and what can't.
pub(crate) type Rows<P> = (Vec<<P as Page>::Row>, Vec<Spoilt>);

/// What is on the page that begins `at` a place, and where the next one begins if there is one.
///
/// # Errors
/// [`ChannelError::Unreadable`] if it says that the next one begins there too.
pub(crate) fn turned<P: Page>(
    call: &'static str,
    page: P,
    at: &str,
) -> Result<(Rows<P>, Option<String>), ChannelError> {
    let (rows, next) = page.turn();
    match next {
        Some(next) if next == at => Err(again(call, &next)),
        next => Ok((rows.sorted(), next)),
    }
}

/// All pages of a list, as they come in one after another.
pub(crate) struct Pages<P: Page> {
    call: &'static str,
    most: usize,
    rows: Rows<P>,
    at: String,
    places: BTreeSet<String>,
}

impl<P: Page> Pages<P> {
    /// Before the first one: no list has more than `most`.
    pub(crate) fn of(call: &'static str, most: usize) -> Self {
        let at = String::new();
        Self { call, most, rows: (Vec::new(), Vec::new()), places: BTreeSet::from([at.clone()]), at }
    }

    /// Where the one begins that is asked for next; the first at the empty place.
    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    /// Adds the one that was asked for. All of the list, if it was the last.
    ///
    /// # Errors
    /// [`ChannelError::Unreadable`] if the next one begins where one began before, or if there is no end: better no list than a
    /// part of it.
    pub(crate) fn add(
        &mut self,
        ((rows, spoilt), next): (Rows<P>, Option<String>),
    ) -> Result<Option<Rows<P>>, ChannelError> {
        self.rows.0.extend(rows);
        self.rows.1.extend(spoilt);
        let Some(next) = next else { return Ok(Some(std::mem::take(&mut self.rows))) };
        if !self.places.insert(next.clone()) {
            return Err(again(self.call, &next));
        }
        if self.places.len() > self.most {
            let reason = format!("there are more than {} pages", self.most);
            return Err(ChannelError::Unreadable { call: self.call, reason });
        }
        self.at = next;
        Ok(None)
    }
}

fn again(call: &'static str, next: &str) -> ChannelError {
    let reason = format!("there are more pages, but the next one begins at {next:?} again");
    ChannelError::Unreadable { call, reason }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::kit::tolerant::Record;

    #[derive(Debug, Deserialize)]
    struct Good(#[expect(dead_code, reason = "only that there is one counts")] u32);

    impl Record for Good {
        const NAME: &'static [&'static str] = &[];
    }

    #[derive(Deserialize)]
    struct Goods;

    impl Page for Goods {
        type Row = Good;

        fn turn(self) -> (Records<Good>, Option<String>) {
            (Records::default(), None)
        }
    }

    fn page(next: Option<&str>) -> (Rows<Goods>, Option<String>) {
        ((vec![Good(1)], Vec::new()), next.map(str::to_owned))
    }

    #[test]
    fn a_list_is_whole_with_its_last_page() {
        let mut pages = Pages::<Goods>::of("GET /goods", 3);
        for next in ["a", "b"] {
            assert!(pages.add(page(Some(next))).unwrap().is_none());
            assert_eq!(pages.at(), next);
        }
        assert_eq!(pages.add(page(None)).unwrap().unwrap().0.len(), 3);
    }

    #[test]
    fn a_list_that_goes_round_or_has_no_end_is_none() {
        let mut round = Pages::<Goods>::of("GET /goods", 9);
        round.add(page(Some("a"))).unwrap();
        round.add(page(Some("b"))).unwrap();
        assert!(round.add(page(Some("a"))).unwrap_err().to_string().contains("begins at \"a\" again"));
        let mut endless = Pages::<Goods>::of("GET /goods", 2);
        endless.add(page(Some("1"))).unwrap();
        assert!(endless.add(page(Some("2"))).unwrap_err().to_string().contains("more than 2 pages"));
    }
}
