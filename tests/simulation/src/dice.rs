//! Chance, by a seed: what goes wrong where, and how long things take.
//!
//! Every throw is a digest of the seed, of where it is thrown and of how often it was thrown there before. So to forbid one
//! fault changes no other throw directly, and a run can be cut down fault by fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::lock;

/// What can go wrong by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// AWS refuses a call before it acts: 500.
    AwsRefuses,
    /// AWS has had too many calls.
    AwsThrottles,
    /// A transaction meets another one.
    Conflict,
    /// AWS acts, and its answer is lost.
    AwsAnswerLost,
    /// AWS takes longer than any function lives, and acts all the same.
    AwsSlow,
    /// SQS takes a part of a batch.
    SqsPartly,
    /// A function dies before a call is made.
    DiesBefore,
    /// A function dies after a call was made.
    DiesAfter,
    /// A message is delivered although it was done.
    MessageTwice,
    /// Messages are delivered twice at the same time.
    MessageDoubled,
    /// A message comes hours later.
    MessageLate,
    /// What a function said of its batch is lost.
    VerdictLost,
    /// A record of the stream comes again.
    RecordAgain,
    /// A schedule skips a time.
    ScheduleMissed,
    /// A schedule fires twice.
    ScheduleTwice,
    /// A channel's call never reaches us.
    HookLost,
    /// Our answer never reaches the channel.
    HookAnswerLost,
    /// A channel's call comes once more, later.
    HookTwice,
    /// A channel can't be reached.
    ChannelUnreachable,
    /// A channel answers 503.
    ChannelBroken,
    /// A channel answers 429.
    ChannelThrottles,
    /// A channel acts, and its answer is lost.
    ChannelAnswerLost,
    /// A channel acts, and answers later than anybody waits.
    ChannelSlow,
    /// A channel refuses one row of a batch, in a 200.
    RowRefused,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::AwsRefuses,
        Self::AwsThrottles,
        Self::Conflict,
        Self::AwsAnswerLost,
        Self::AwsSlow,
        Self::SqsPartly,
        Self::DiesBefore,
        Self::DiesAfter,
        Self::MessageTwice,
        Self::MessageDoubled,
        Self::MessageLate,
        Self::VerdictLost,
        Self::RecordAgain,
        Self::ScheduleMissed,
        Self::ScheduleTwice,
        Self::HookLost,
        Self::HookAnswerLost,
        Self::HookTwice,
        Self::ChannelUnreachable,
        Self::ChannelBroken,
        Self::ChannelThrottles,
        Self::ChannelAnswerLost,
        Self::ChannelSlow,
        Self::RowRefused,
    ];
}

/// How often each kind of fault falls, in ten-thousandths.
pub type Weather = BTreeMap<Kind, u32>;

/// A fault that fell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// Where.
    pub site: String,
    /// The how manieth throw there.
    pub nth: u32,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} at {} ({})", self.kind, self.site, self.nth)
    }
}

/// The dice of one run.
#[derive(Clone)]
pub struct Dice(Arc<Cup>);

struct Cup {
    seed: u64,
    weather: Weather,
    forbidden: BTreeSet<Fault>,
    thrown: Mutex<Thrown>,
}

#[derive(Default)]
struct Thrown {
    is_calm: bool,
    counts: BTreeMap<(Option<Kind>, String), u32>,
    fallen: Vec<Fault>,
}

impl Dice {
    /// Dice that let faults fall as `weather` says, but never one of `forbidden`.
    #[must_use]
    pub fn new(seed: u64, weather: Weather, forbidden: BTreeSet<Fault>) -> Self {
        Self(Arc::new(Cup { seed, weather, forbidden, thrown: Mutex::default() }))
    }

    /// From now on no fault falls.
    pub fn calm(&self) {
        lock(&self.0.thrown).is_calm = true;
    }

    /// Faults fall again.
    pub fn go_on(&self) {
        lock(&self.0.thrown).is_calm = false;
    }

    /// Whether no faults fall any more.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        lock(&self.0.thrown).is_calm
    }

    /// Whether a fault falls here, now.
    #[must_use]
    pub fn falls(&self, kind: Kind, site: &str) -> bool {
        let often = self.0.weather.get(&kind).copied().unwrap_or(0);
        let mut thrown = lock(&self.0.thrown);
        if often == 0 || thrown.is_calm {
            return false;
        }
        let nth = count(&mut thrown, (Some(kind), site.to_owned()));
        let fault = Fault { kind, site: site.to_owned(), nth };
        let falls = self.throw(&format!("{kind:?}"), site, nth) % 10_000 < u64::from(often);
        let falls = falls && !self.0.forbidden.contains(&fault);
        if falls {
            thrown.fallen.push(fault);
        }
        falls
    }

    /// A number below `below`.
    #[must_use]
    pub fn below(&self, below: u64, site: &str) -> u64 {
        let nth = count(&mut lock(&self.0.thrown), (None, site.to_owned()));
        self.throw("", site, nth).checked_rem(below).unwrap_or(0)
    }

    /// The faults that fell so far.
    #[must_use]
    pub fn fallen(&self) -> Vec<Fault> {
        lock(&self.0.thrown).fallen.clone()
    }

    fn throw(&self, kind: &str, site: &str, nth: u32) -> u64 {
        let text = format!("{kind}/{site}/{nth}");
        let digest = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ self.0.seed, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        fastrand::Rng::with_seed(digest).u64(..)
    }
}

fn count(thrown: &mut Thrown, of: (Option<Kind>, String)) -> u32 {
    let count = thrown.counts.entry(of).or_default();
    *count += 1;
    *count
}
