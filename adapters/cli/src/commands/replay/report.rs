//! How it went.

use std::{collections::BTreeMap, fmt, sync::atomic::Ordering, time::Duration};

use serde_json::{Value, json};

use super::sending::Sending;
use crate::{
    api::Webhook,
    stop::Stop,
    terminal::{Halt, counted, number},
};

/// What became of the messages.
pub struct Report {
    to: String,
    accepted: u64,
    /// Answered otherwise than by 2xx, and not to be tried again.
    refused: u64,
    retries: u64,
    by_status: BTreeMap<u16, u64>,
    elapsed: Duration,
}

impl Report {
    pub fn new(Webhook(to): &Webhook) -> Self {
        Self {
            to: to.to_string(),
            accepted: 0,
            refused: 0,
            retries: 0,
            by_status: BTreeMap::new(),
            elapsed: Duration::ZERO,
        }
    }

    pub fn add(&mut self, sending: &Sending, elapsed: Duration) {
        self.accepted = sending.accepted.load(Ordering::Relaxed);
        self.retries = sending.retries.load(Ordering::Relaxed);
        self.by_status = sending.by_status();
        let refused = self.by_status.iter();
        let refused = refused.filter(|(status, _)| sending.is_refusal(**status));
        self.refused = refused.map(|(_, count)| count).sum();
        self.elapsed = elapsed;
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let by_status = self.by_status.iter();
        json!({
            "dry_run": false,
            "to": self.to,
            "accepted": self.accepted,
            "refused": self.refused,
            "retries": self.retries,
            "by_status": by_status
                .map(|(status, count)| (status.to_string(), json!(count)))
                .collect::<serde_json::Map<_, _>>(),
            "elapsed_s": self.elapsed.as_secs_f64(),
        })
    }

    /// # Errors
    /// If a message was not taken.
    pub fn settle(&self) -> Result<(), Halt> {
        if self.refused == 0 {
            return Ok(());
        }
        Err(Stop::unavailable(
            format!("{} refused", was(self.refused)),
            "each is said above, with its id and the answer",
        )
        .into())
    }
}

fn was(count: u64) -> String {
    let messages = counted(count, "message");
    format!("{messages} {}", if count == 1 { "was" } else { "were" })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} taken by {} in {:.1} s",
            was(self.accepted),
            self.to,
            self.elapsed.as_secs_f64()
        )?;
        if self.retries > 0 {
            write!(f, "; tried again {} times", number(self.retries))?;
        }
        writeln!(f)
    }
}
