//! A clock that costs nothing to read.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// What connections note the time with, several times a request: milliseconds since the server's
/// start, brought up to date by the reaper. A time that is noted is at most a tick too early.
pub struct Ticks {
    start: Instant,
    now: AtomicU64,
}

impl Ticks {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            now: AtomicU64::new(0),
        }
    }

    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub fn update(&self) -> u64 {
        let now = millis(self.start.elapsed());
        // Who was held up in between does not turn it back.
        self.now.fetch_max(now, Ordering::Relaxed).max(now)
    }
}

pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
