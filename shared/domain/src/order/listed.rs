//! Which of two lists of an order's lines is the later one, and which lists are believed.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A list of what an order still has, by when it was made. Of two lists the later one counts: by the channel's own word where
/// it has one, else by when they were read. Serialises as the time alone where there is no edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Listed {
    /// The channel's own version of the order, or the time of its last edit, in whatever unit it counts; none if it tells none.
    pub edition: Option<u64>,
    /// When it was read.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Read(Timestamp),
    Edited { edition: u64, at: Timestamp },
}

impl From<Stored> for Listed {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Read(at) => Self::from(at),
            Stored::Edited { edition, at } => Self { edition: Some(edition), at },
        }
    }
}

impl From<Listed> for Stored {
    fn from(Listed { edition, at }: Listed) -> Self {
        edition.map_or(Self::Read(at), |edition| Self::Edited { edition, at })
    }
}

/// Of a channel that tells no edition.
impl From<Timestamp> for Listed {
    fn from(at: Timestamp) -> Self {
        Self { edition: None, at }
    }
}

/// What one list says of a line. A line that was told to be still wanted, and not by which list, is of the earliest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Units that are still wanted; none if the list doesn't say how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u32>,
    /// The list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Listed>,
}

impl Word {
    /// Whether anything is said at all.
    pub(super) const fn is_told(self) -> bool {
        self.kept.is_some() || self.listed_at.is_some()
    }
}

/// The last two of the words, the later first. What the same list says twice is the more of both.
pub(super) fn last_two(words: impl IntoIterator<Item = Word>) -> (Option<Word>, Option<Word>) {
    let mut last: Vec<Word> = words.into_iter().filter(|word| word.is_told()).collect();
    last.sort_by_key(|word| std::cmp::Reverse(word.listed_at));
    last.dedup_by(|later, first| {
        let same = later.listed_at == first.listed_at;
        if same {
            first.kept = first.kept.zip(later.kept).map(|(one, other)| one.max(other));
        }
        same
    });
    let mut last = last.into_iter();
    (last.next(), last.next())
}

/// Units that a list says are still wanted of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) edition: Option<u64>,
    pub(super) units: u32,
}

/// Units that are still wanted by what the last lists say, the latest first: what an edition of the channel's own says; where it
/// has none, the more of the two. So a list that lacks something by mistake frees nothing, unless it is told twice.
pub(super) fn believed(said: &[Said]) -> Option<u32> {
    let latest = said.first()?;
    said.iter().filter(|said| said.edition == latest.edition).map(|said| said.units).max()
}
