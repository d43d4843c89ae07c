//! The one place where the simulators read the clock.

use std::cell::RefCell;
use std::rc::Rc;

use edin_domain::Timestamp;

type Time = Rc<dyn Fn() -> Timestamp>;

thread_local! {
    static SIMULATED: RefCell<Option<Time>> = const { RefCell::new(None) };
}

/// Makes the simulated channels of this thread go by another time than the machine's.
pub fn go_by(time: impl Fn() -> Timestamp + 'static) {
    SIMULATED.set(Some(Rc::new(time)));
}

/// The time by which the simulated channels go.
#[must_use]
pub fn now() -> Timestamp {
    match SIMULATED.with_borrow(Clone::clone) {
        Some(time) => time(),
        None => machine(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a channel has a clock of its own")]
fn machine() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
