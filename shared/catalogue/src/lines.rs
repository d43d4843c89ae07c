//! Lines, as an editor counts them.

/// How many lines end in these bytes.
pub(crate) fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}
