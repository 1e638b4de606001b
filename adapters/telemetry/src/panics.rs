//! How often this process has panicked.

use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// How many panics there were since the start, whoever caught them, on whatever thread.
#[must_use]
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Counts one. The panic hook that [`crate::logs::init`] sets does it; for those that set their own.
pub fn count_one() {
    COUNT.fetch_add(1, Ordering::Relaxed);
}
