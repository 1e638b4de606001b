//! How long messages are kept, and the task that takes older ones away.

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use countersign_core::{
    CauseChain, Inbox, MessageFilter, Purge, RepositoryError, Sequence, Timestamp,
};
use opentelemetry::metrics::{Counter, Meter};
use tokio::time::sleep;

use crate::stop::Stop;

/// How many messages are purged in one transaction.
pub const STEP: NonZeroUsize = const { NonZeroUsize::new(500).unwrap() };

/// How often it is looked for messages that have become too old.
const EVERY: Duration = Duration::from_mins(10);

/// How often everything is looked through. In between it is only looked where messages have arrived
/// first; one that was received earlier than its neighbours (an import) is found by this.
const EVERYTHING: Duration = Duration::from_hours(24);

/// After how many steps in which nothing was too old a look at the first ones ends.
const YOUNG: u32 = 3;

/// For how long it rests after a step, in the time that the step took: ingest comes first. Less if
/// there is so much to do that it would never come to an end.
const REST: u32 = 3;
const SHORT_REST: u32 = 1;

/// From how many full steps in a row on there is much to do.
const MUCH: u32 = 20;

/// How long after a start it is not believed that everything is too old. What is taken away is gone
/// for good, and a machine's clock may be wrong until it has asked somebody.
const DOUBT: Duration = Duration::from_hours(1);

/// The longest that can be asked for, in days: a hundred years.
const MAX_DAYS: u32 = 36_500;

/// How long messages are kept after they were received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    days: u32,
}

impl Retention {
    /// Reads a setting such as `RETENTION_DAYS`; blank is none: messages are kept for ever.
    ///
    /// # Errors
    /// If it is no number of days.
    pub fn parse(setting: &str, text: &str) -> Result<Option<Self>, Stop> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let days = text.parse().ok();
        let days = days.filter(|days| (1..=MAX_DAYS).contains(days));
        let days = days.ok_or_else(|| {
            Stop::configuration(
                format!("{setting} must be a number from 1 to {MAX_DAYS} (it is {text:?})"),
                "leave it out to keep messages for ever",
            )
        })?;
        Ok(Some(Self { days }))
    }

    /// What was received before this is too old.
    pub fn cutoff(self, now: Timestamp) -> Timestamp {
        let micros = i64::from(self.days) * 24 * 60 * 60 * 1_000_000;
        Timestamp::from_micros(now.micros().saturating_sub(micros)).unwrap_or(Timestamp::MIN)
    }
}

/// Counts what was taken away; at zero, and for ever so where nothing is.
pub fn counter(meter: &Meter) -> Counter<u64> {
    // Prometheus' exporter adds `_total` to the name.
    let purged = meter.u64_counter("messages_purged").build();
    purged.add(0, &[]);
    purged
}

/// Takes away what is too old, for as long as it is not dropped.
pub async fn run(retention: Retention, inbox: Inbox, purged: Counter<u64>) {
    tracing::info!(
        days = retention.days,
        "messages are taken away when they are older than that"
    );
    let started = Instant::now();
    let mut front = Sequence::START;
    let mut everything: Option<Instant> = None;
    loop {
        let all = everything.is_none_or(|last| last.elapsed() >= EVERYTHING);
        let cutoff = retention.cutoff(inbox.now());
        if started.elapsed() < DOUBT && is_everything_too_old(&inbox, cutoff).await {
            tracing::warn!(
                received_before = %cutoff,
                help = "if the clock of this machine is wrong, set it within the hour",
                "every message is too old; it is waited before they are taken away"
            );
            sleep(EVERY).await;
            continue;
        }
        let pass = Pass {
            inbox: &inbox,
            cutoff,
            purged: &purged,
        };
        let from = if all { Sequence::START } else { front };
        match pass.run(from, all).await {
            Ok(reached) => {
                front = reached;
                if all {
                    everything = Some(Instant::now());
                }
            }
            Err(error) => tracing::warn!(
                cause = %CauseChain(&error),
                "messages that are too old could not be taken away; it is tried again"
            ),
        }
        sleep(EVERY).await;
    }
}

/// Whether everything is too old. Then either nothing has come for long, or the clock is wrong: a
/// machine that has just started may be years ahead until it has asked somebody.
async fn is_everything_too_old(inbox: &Inbox, cutoff: Timestamp) -> bool {
    let newest = inbox
        .stats()
        .await
        .ok()
        .and_then(|stats| stats.last_message_ts);
    newest.is_some_and(|newest| newest < cutoff)
}

struct Pass<'a> {
    inbox: &'a Inbox,
    cutoff: Timestamp,
    purged: &'a Counter<u64>,
}

impl Pass<'_> {
    /// Purges from a place on; says up to where everything it met was too old, more or less.
    async fn run(&self, from: Sequence, all: bool) -> Result<Sequence, RepositoryError> {
        let too_old = MessageFilter {
            received_before: Some(self.cutoff),
            ..MessageFilter::default()
        };
        // A filter that says something is never refused.
        let Ok(purge) = Purge::new(too_old) else {
            return Ok(from);
        };
        let mut purge = purge.behind(from);
        let (mut front, mut young, mut full, mut total) = (from, 0, 0, 0);
        let ended = loop {
            let began = Instant::now();
            let step = match self.inbox.purge(&mut purge, STEP).await {
                Ok(step) => step,
                Err(error) => break Err(error),
            };
            total += step.messages;
            self.purged.add(step.messages, &[]);
            let is_full = step.messages == STEP.get() as u64;
            if is_full {
                // What is behind that, it has not looked at.
                front = step.up_to;
            }
            full = if is_full { full + 1 } else { 0 };
            young = if step.messages + step.conflicts > 0 {
                0
            } else {
                young + 1
            };
            if step.done || (!all && young >= YOUNG) {
                break Ok(front);
            }
            sleep(began.elapsed() * if full > MUCH { SHORT_REST } else { REST }).await;
        };
        if total > 0 {
            tracing::info!(
                messages = total,
                received_before = %self.cutoff,
                "messages that were too old have been taken away"
            );
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_a_number_of_days_or_nothing() {
        let parse = |text| Retention::parse("RETENTION_DAYS", text);
        assert_eq!(parse(" "), Ok(None));
        assert_eq!(parse("30"), Ok(Some(Retention { days: 30 })));
        for wrong in ["0", "-1", "36501", "1.5", "forever", "30d"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_is_too_old_after_so_many_days() {
        let at = |text| Timestamp::parse_rfc3339(text).unwrap();
        let cutoff = |days| Retention { days }.cutoff(at("2026-03-01T12:00:00Z"));
        assert_eq!(cutoff(1), at("2026-02-28T12:00:00Z"));
        assert_eq!(cutoff(MAX_DAYS), at("1926-03-26T12:00:00Z"));
    }
}
