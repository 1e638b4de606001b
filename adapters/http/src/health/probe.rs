//! Looking whether the service is ready: one look for everybody who asks at the same time, a line in
//! the log when it is another one than before, and a metric that says what was found last.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_core::{CauseChain, Finding, Inbox, Readiness};
use opentelemetry::metrics::Meter;
use tokio::{sync::Mutex, time};

use super::checks::{CheckResult, Checks, name};
use crate::server::Lifecycle;

/// How long a look may take; the repository has ended it by then.
const LOOK: Duration = Duration::from_millis(2500);

/// How long who asks waits, for a look that another one has begun, too.
const PATIENCE: Duration = Duration::from_millis(2900);

/// For how long what was found is good for whoever asks next. Whoever asks, asks every few seconds; it
/// is short because what changes is to be seen, and long enough for any number of them.
const GOOD_FOR: Duration = Duration::from_millis(200);

/// How often it looks by itself, where nobody asks.
const ROUND: Duration = Duration::from_secs(15);

/// See the module's documentation.
pub struct Probe {
    inbox: Arc<Inbox>,
    lifecycle: Arc<Lifecycle>,
    /// What was found last, for the metric: it outlives the store, and must not keep it open.
    ready: Arc<AtomicBool>,
    /// One looks, and the others wait for what it sees.
    last: Mutex<Option<Look>>,
}

struct Look {
    at: Instant,
    checks: Checks,
}

impl Probe {
    pub fn new(inbox: Arc<Inbox>, lifecycle: Arc<Lifecycle>, meter: &Meter) -> Self {
        let ready = Arc::<AtomicBool>::default();
        let (found, stopping) = (Arc::clone(&ready), Arc::clone(&lifecycle));
        meter
            .u64_observable_gauge("countersign_ready")
            .with_callback(move |gauge| {
                let ready = found.load(Ordering::Relaxed) && !stopping.is_stopping();
                gauge.observe(ready.into(), &[]);
            })
            .build();
        Self {
            inbox,
            lifecycle,
            ready,
            last: Mutex::new(None),
        }
    }

    /// What there is to say now.
    pub async fn checks(&self) -> Checks {
        let looked = time::timeout(PATIENCE, self.look(GOOD_FOR)).await;
        let mut checks = looked.unwrap_or_else(|_| Checks::from(&silent(PATIENCE)));
        if self.lifecycle.is_stopping() {
            checks.server = CheckResult::failed("the server is stopping");
        }
        checks
    }

    /// Looks, at once and then whenever nobody has for a while; without an end.
    pub async fn watch(&self) {
        loop {
            self.look(ROUND).await;
            let last = self
                .last
                .lock()
                .await
                .as_ref()
                .map(|look| look.at.elapsed());
            time::sleep(ROUND.saturating_sub(last.unwrap_or_default())).await;
        }
    }

    /// What was found within the time for which it is good, or what there is to find now.
    async fn look(&self, good_for: Duration) -> Checks {
        let mut last = self.last.lock().await;
        if let Some(look) = last.as_ref()
            && look.at.elapsed() < good_for
        {
            return look.checks.clone();
        }
        let looked = time::timeout(LOOK, self.inbox.readiness()).await;
        let readiness = looked.unwrap_or_else(|_| silent(LOOK));
        let checks = Checks::from(&readiness);
        self.ready.store(checks.are_ok(), Ordering::Relaxed);
        let before = last.as_ref().map(|look| &look.checks);
        if before.map_or(!checks.are_ok(), |before| *before != checks) {
            tell(&readiness);
        }
        *last = Some(Look {
            // Now that it is over.
            at: Instant::now(),
            checks: checks.clone(),
        });
        checks
    }
}

/// Nothing has come of looking.
fn silent(patience: Duration) -> Readiness {
    let cause = format!("nothing has come of it within {patience:?}");
    Readiness {
        database: Finding::failed("it does not answer in time", cause),
        ..Readiness::UNKNOWN
    }
}

/// Once for each change: probes come every few seconds.
fn tell(readiness: &Readiness) {
    if readiness.is_ready() {
        tracing::info!("ready again");
        return;
    }
    let (mut checks, mut cause) = (String::new(), String::new());
    for (check, failure) in readiness.failures() {
        let separator = if checks.is_empty() { "" } else { "; " };
        let name = name(check);
        // Writing to a string cannot fail.
        let _ = write!(checks, "{separator}{name}");
        let _ = write!(cause, "{separator}{name}: {}", CauseChain(failure));
    }
    tracing::error!(checks, cause, "not ready");
}
