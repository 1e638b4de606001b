//! What has happened in a run, in the order in which it did.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::plan::Sent;

/// See the module's documentation.
pub struct History {
    begun: Instant,
    happened: Mutex<Vec<Happened>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Since the beginning of the run, by its own time.
    pub at: Duration,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A client sends this. Its number is the place in the history.
    Invoked(Sent),
    /// What became of the request with this number.
    Completed(usize, Outcome),
    /// The store was asked to append these.
    Append(Vec<Sent>),
    /// They are committed.
    Committed(Vec<Sent>),
    /// Something that is only of interest to whoever reads it.
    Note(String),
}

/// What a client knows of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Answered {
        status: u16,
        /// Whether the answer says that the message was there before.
        replayed: bool,
    },
    /// It did not wait for the answer.
    Left,
    /// The process died.
    Died,
}

impl History {
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            happened: Mutex::default(),
        }
    }

    /// How long the run has taken, by its own time.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Notes it, and says which number it has.
    pub fn add(&self, what: What) -> usize {
        let at = self.elapsed();
        let mut happened = self.lock();
        happened.push(Happened { at, what });
        happened.len() - 1
    }

    pub fn note(&self, note: impl Into<String>) {
        self.add(What::Note(note.into()));
    }

    /// All of it.
    pub fn so_far(&self) -> Vec<Happened> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Happened>> {
        self.happened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request with a message, and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub sent: Sent,
    /// When it was made, by the run's time.
    pub at: Duration,
    /// Its place in the history.
    pub invoked: usize,
    /// Where it ended, when, and how; `None` if it has not.
    pub completed: Option<(usize, Duration, Outcome)>,
}

impl Attempt {
    pub fn outcome(&self) -> Option<Outcome> {
        self.completed.map(|(_, _, outcome)| outcome)
    }
}

/// All requests with messages.
pub fn attempts(history: &[Happened]) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for (place, Happened { at, what }) in history.iter().enumerate() {
        match what {
            What::Invoked(sent) => attempts.push(Attempt {
                sent: *sent,
                at: *at,
                invoked: place,
                completed: None,
            }),
            What::Completed(request, outcome) => {
                let found = attempts.iter_mut().find(|a| a.invoked == *request);
                if let Some(attempt) = found {
                    attempt.completed = Some((place, *at, *outcome));
                }
            }
            _ => {}
        }
    }
    attempts
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.3} s  ", self.at.as_secs_f64())?;
        match &self.what {
            What::Invoked(sent) => write!(f, "a client sends {sent}"),
            What::Completed(request, outcome) => write!(f, "request {request}: {outcome:?}"),
            What::Append(batch) => write!(f, "the store is to append {}", listed(batch)),
            What::Committed(batch) => write!(f, "the store has committed {}", listed(batch)),
            What::Note(note) => f.write_str(note),
        }
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            id,
            variant,
        } = self;
        write!(f, "{source}/m{id}.{variant}")
    }
}

fn listed(batch: &[Sent]) -> String {
    let names: Vec<_> = batch.iter().map(Sent::to_string).collect();
    names.join(" ")
}
