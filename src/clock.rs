use crate::Timestamp;

/// Port: where the time comes from.
///
/// The core never asks the operating system for the time, so that a test can put the clock where
/// it wants it. `clippy.toml` forbids the usual functions everywhere but in the system clock.
pub trait Clock: Send + Sync {
    /// The present instant, to the microsecond, in UTC.
    fn now(&self) -> Timestamp;
}
