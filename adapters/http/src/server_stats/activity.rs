//! What this process has done since it started.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use countersign_core::{Inbox, Timestamp};

use super::{
    latencies::{Latencies, Summary},
    outcomes::{Counts, Outcome, Outcomes, Width},
};

/// Told of every webhook when it is answered, by the edge.
pub struct Activity {
    inbox: Arc<Inbox>,
    started: Instant,
    started_at: Timestamp,
    /// Held for some additions, or to read.
    counted: Mutex<Counted>,
}

struct Counted {
    outcomes: Outcomes,
    latencies: Latencies,
}

impl Activity {
    /// It starts now.
    pub fn new(inbox: Arc<Inbox>) -> Self {
        let started = Instant::now();
        Self {
            started,
            started_at: inbox.now(),
            inbox,
            counted: Mutex::new(Counted {
                outcomes: Outcomes::default(),
                latencies: Latencies::since(started),
            }),
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        // Nothing panics while it is locked.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A webhook has had this result, as metrics have it, by `ended`; if it was acknowledged, it took
    /// so long.
    pub fn webhook(&self, result: &str, acknowledged: Option<Duration>, ended: Instant) {
        let (outcome, at) = (Outcome::of(result), self.inbox.now());
        let mut counted = self.counted();
        counted.outcomes.add(outcome, at);
        if let Some(took) = acknowledged {
            counted.latencies.add(took, ended);
        }
    }

    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Measured, whatever the clock has done meanwhile.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Every bucket up to now, the oldest first.
    pub fn outcomes(&self, width: Width) -> Vec<(Timestamp, Counts)> {
        let now = self.inbox.now();
        self.counted().outcomes.up_to(now, width)
    }

    pub fn latencies(&self) -> Summary {
        let now = Instant::now();
        self.counted().latencies.summary(now)
    }
}
