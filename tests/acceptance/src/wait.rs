//! Waiting for a condition.

use std::fmt::Debug;
use std::time::Duration;

use anyhow::bail;

/// Whatever needs no channel's leave has come about by then, on a busy machine too.
pub const SOON: Duration = Duration::from_secs(25);
/// Ozon takes a number for the same good once in 30 seconds.
pub const OZON_AGAIN: Duration = Duration::from_secs(50);

const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `actual` comes to `wanted`.
///
/// # Errors
/// If it hasn't within `bound`: says what it is instead. Or if `actual` fails.
pub async fn until<T: PartialEq + Debug>(
    what: &str,
    bound: Duration,
    wanted: T,
    actual: impl AsyncFn() -> anyhow::Result<T>,
) -> anyhow::Result<()> {
    let end = tokio::time::Instant::now() + bound;
    loop {
        let found = actual().await?;
        if found == wanted {
            return Ok(());
        }
        if tokio::time::Instant::now() > end {
            bail!("{what}: {wanted:?} was waited for {bound:?} long, and it is {found:?}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether a channel wasn't asked because its limit lets nothing pass just now.
pub(crate) fn is_held(reason: &str) -> bool {
    reason.contains("nothing passes before")
}
