//! The functions, and what they may cost.

/// A function's binary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// The most bytes that its binary may have.
    pub(crate) most_bytes: Option<f64>,
    /// The most that its start may take, in starts of the empty function.
    pub(crate) most_times_empty: Option<f64>,
}

const fn function(name: &'static str, most_bytes: Option<f64>, most_times_empty: Option<f64>) -> Function {
    Function { name, most_bytes, most_times_empty }
}

/// All of them. A channel waits for webhook; buyers wait for what is on the way from there to the other channels.
pub(crate) const FUNCTIONS: [Function; 9] = [
    function("webhook", Some(7_000_000.0), Some(4.0)),
    function("intake", None, Some(6.0)),
    function("fanout", None, Some(6.0)),
    function("push", None, Some(6.0)),
    function("poll", None, Some(6.0)),
    function("project", None, Some(6.0)),
    function("reconcile", None, Some(6.0)),
    function("api", None, Some(6.0)),
    function("feed", None, Some(6.0)),
];
