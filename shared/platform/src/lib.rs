//! What every function needs: configuration, secrets, queues, the limiter, telemetry.

pub mod batch;
pub mod clock;
pub mod cloud;
pub mod digest;
pub mod messages;
pub mod metrics;
pub mod queue;
pub mod secrets;
pub mod settings;
pub mod telemetry;

#[cfg(feature = "channels")]
pub mod channels;
#[cfg(feature = "store")]
pub mod news;
#[cfg(feature = "channels")]
pub mod readings;

pub use clock::{Clock, SystemClock};
pub use cloud::Cloud;
pub use digest::digest_of;
pub use metrics::{Metric, Metrics};
pub use queue::{Message, Queue, QueueError};
pub use secrets::{SecretError, Secrets};
pub use settings::{MissingSetting, optional_setting, setting};
