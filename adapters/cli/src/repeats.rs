//! The task that writes how often messages came again. Nobody waits for it: not who sends, and at the
//! stop not for long.

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use countersign_core::{CauseChain, Inbox, RepositoryError};
use opentelemetry::metrics::Meter;
use tokio::{sync::oneshot, task::JoinHandle, time};

/// Of how many messages it is written in one transaction, at the most: as many as group commit puts
/// into one.
const BATCH: NonZeroUsize = const { NonZeroUsize::new(1024).unwrap() };

/// How often it is written.
const EVERY: Duration = Duration::from_secs(1);

/// For how long it rests between two transactions, in the time that the last one took: ingest comes
/// first.
const REST: u32 = 4;

/// At the stop, how long until it is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// How long it may take at the stop.
const LAST: Duration = Duration::from_secs(1);

/// The task, from outside.
pub struct Counting {
    inbox: Inbox,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Begins to write, and shows what waits.
pub fn start(inbox: Inbox, meter: &Meter) -> Counting {
    // Not the inbox: the store is to be closed, and metrics live longer.
    let waiting = inbox.watch_repeats();
    let not_counted = waiting.clone();
    meter
        .u64_observable_gauge("webhook_duplicates_waiting")
        .with_callback(move |gauge| gauge.observe(waiting().messages as u64, &[]))
        .build();
    // Prometheus' exporter adds `_total` to the name.
    meter
        .u64_observable_counter("webhook_duplicates_not_counted")
        .with_callback(move |counter| counter.observe(not_counted().not_counted, &[]))
        .build();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(run(inbox.clone(), stopped));
    Counting { inbox, stop, task }
}

impl Counting {
    /// Writes what is left, as far as there is time, and ends.
    pub async fn end(self) {
        // If the task has ended, there is nothing to tell it.
        let _ = self.stop.send(());
        let mut task = self.task;
        if time::timeout(LAST, &mut task).await.is_err() {
            // It uses the store, which is to be closed.
            task.abort();
            let _ = task.await;
        }
        let left = self.inbox.repeats_waiting().messages;
        if left > 0 {
            tracing::warn!(
                messages = left,
                "there was no time to write how often messages came again; it may be lost"
            );
        }
    }
}

async fn run(inbox: Inbox, mut stopped: oneshot::Receiver<()>) {
    let mut failing = false;
    let mut batch = Batch::default();
    'serving: while rest(&mut stopped, EVERY).await {
        // What comes meanwhile is left to the next time.
        let batches = inbox.repeats_waiting().messages.div_ceil(batch.0.get());
        for _ in 0..batches {
            let began = Instant::now();
            // Never given up on: what was written nevertheless would be counted twice.
            let outcome = inbox.write_repeats(batch.0).await;
            say(&outcome, &mut failing);
            batch.after(&outcome);
            if !matches!(outcome, Ok(true)) {
                break;
            }
            if !rest(&mut stopped, began.elapsed() * REST).await {
                break 'serving;
            }
        }
    }
    loop {
        let outcome = inbox.write_repeats(batch.0).await;
        say(&outcome, &mut failing);
        batch.after(&outcome);
        match outcome {
            Ok(true) => {}
            Ok(false) => return,
            // A disk is slow only for a moment; whoever stops does not wait for ever.
            Err(_) => time::sleep(AGAIN).await,
        }
    }
}

/// Of how many messages it is written at once: of fewer where that fails, because there may be not
/// enough time for so many.
struct Batch(NonZeroUsize);

impl Default for Batch {
    fn default() -> Self {
        Self(BATCH)
    }
}

impl Batch {
    fn after(&mut self, outcome: &Result<bool, RepositoryError>) {
        let size = self.0.get();
        let next = match outcome {
            Ok(true) => size.saturating_mul(2).min(BATCH.get()),
            Ok(false) => size,
            Err(_) => size / 2,
        };
        self.0 = NonZeroUsize::new(next).unwrap_or(NonZeroUsize::MIN);
    }
}

/// Waits, but not longer than until the stop; says whether it goes on.
async fn rest(stopped: &mut oneshot::Receiver<()>, duration: Duration) -> bool {
    time::timeout(duration, stopped).await.is_err()
}

/// Logs that it fails, and that it does not any more.
fn say(outcome: &Result<bool, RepositoryError>, failing: &mut bool) {
    match outcome {
        Err(error) if !*failing => {
            *failing = true;
            tracing::warn!(
                cause = %CauseChain(error),
                "how often messages came again cannot be written; it is kept, and tried again"
            );
        }
        Ok(true) if *failing => {
            *failing = false;
            tracing::info!("how often messages came again is written again");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_fewer_where_it_fails_and_of_as_many_as_before_where_it_succeeds() {
        let mut batch = Batch::default();
        let failure = || Err(RepositoryError::Unavailable("it takes too long".into()));
        for expected in [512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 1] {
            batch.after(&failure());
            assert_eq!(batch.0.get(), expected);
        }
        for (outcome, expected) in [(Ok(true), 2), (Ok(false), 2), (Ok(true), 4), (failure(), 2)] {
            batch.after(&outcome);
            assert_eq!(batch.0.get(), expected);
        }
        for _ in 0..16 {
            batch.after(&Ok(true));
        }
        assert_eq!(batch.0, BATCH);
    }
}
