//! What every function needs: configuration, secrets, queues, telemetry.

pub mod batch;
pub mod clock;
pub mod cloud;
pub mod digest;
pub mod metrics;
pub mod queue;
pub mod secrets;
pub mod settings;
pub mod telemetry;

pub use clock::{Clock, SystemClock};
pub use cloud::Cloud;
pub use digest::digest_of;
pub use metrics::{Metric, Metrics};
pub use queue::{Message, Queue, QueueError};
pub use secrets::{SecretError, Secrets};
pub use settings::{MissingSetting, optional_setting, setting};
