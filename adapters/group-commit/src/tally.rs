//! What became of appends that nobody waited for any more.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts appends whose caller had given up before it could be answered. Their senders heard that
/// the message may or may not be stored; these say which, for the operator.
#[derive(Debug, Default)]
pub struct Tally {
    withdrawn: AtomicU64,
    late: AtomicU64,
}

impl Tally {
    /// How many were given up while they waited, and not written.
    #[must_use]
    pub fn withdrawn(&self) -> u64 {
        self.withdrawn.load(Ordering::Relaxed)
    }

    /// How many were given up while they were being written, and are stored nevertheless.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late.load(Ordering::Relaxed)
    }

    pub(crate) fn one_withdrawn(&self) {
        self.withdrawn.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn one_late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }
}
