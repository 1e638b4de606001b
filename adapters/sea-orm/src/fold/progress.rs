//! How far the fold is.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How far the fold is behind the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FoldLag {
    /// How many messages are not folded yet.
    pub messages: u64,
    /// For how long at the most the oldest of them has been waiting.
    pub age: Duration,
}

/// What writer and fold tell each other.
#[derive(Debug)]
pub struct Progress(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The sequence of the log's last message, as far as it is known here.
    last: i64,
    /// The watermark.
    folded: i64,
    /// The oldest message that is not folded came then or later.
    waiting_since: Option<Instant>,
    /// A step is being done.
    in_step: bool,
}

impl Progress {
    pub fn new(folded: i64, last: i64) -> Self {
        Self(Mutex::new(State {
            last,
            folded,
            waiting_since: (last > folded).then(Instant::now),
            in_step: false,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages were appended; says whether the fold had nothing to do before.
    pub fn appended(&self, last: i64) -> bool {
        let mut state = self.state();
        state.last = last.max(state.last);
        let idle = state.waiting_since.is_none() && state.last > state.folded;
        if idle {
            state.waiting_since = Some(Instant::now());
        }
        idle
    }

    /// A step has brought the watermark to `folded`, while the log went to `last`. If it folded
    /// everything that was there, it says when it began.
    pub fn folded(&self, folded: i64, last: i64, everything_since: Option<Instant>) {
        let mut state = self.state();
        state.last = last.max(state.last);
        state.folded = folded;
        if folded >= state.last {
            state.waiting_since = None;
        } else if everything_since.is_some() {
            state.waiting_since = everything_since;
        }
    }

    /// A step begins, or has ended.
    pub fn set_in_step(&self, in_step: bool) {
        self.state().in_step = in_step;
    }

    /// Whether a step is being done.
    pub fn is_in_step(&self) -> bool {
        self.state().in_step
    }

    /// The sequence of the log's last message.
    pub fn last(&self) -> i64 {
        self.state().last
    }

    pub fn lag(&self) -> FoldLag {
        let state = self.state();
        FoldLag {
            messages: u64::try_from(state.last - state.folded).unwrap_or_default(),
            age: state
                .waiting_since
                .map_or(Duration::ZERO, |since| since.elapsed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fold_is_woken_once_and_lags_until_it_is_there() {
        let progress = Progress::new(5, 5);
        assert_eq!(progress.lag(), FoldLag::default());
        assert!(!progress.appended(5), "nothing new");
        assert!(progress.appended(7));
        assert!(!progress.appended(9), "it is awake");
        assert_eq!(progress.lag().messages, 4);
        progress.folded(8, 9, None);
        assert_eq!(progress.lag().messages, 1);
        progress.folded(9, 9, None);
        assert_eq!(progress.lag(), FoldLag::default());
        assert!(progress.appended(10));
    }

    #[test]
    fn the_age_is_that_of_the_oldest_that_may_wait() {
        let long_ago = Instant::now()
            .checked_sub(Duration::from_mins(1))
            .expect("the machine has run for a minute");
        let progress = Progress::new(0, 10);
        progress.folded(5, 10, Some(long_ago));
        assert!(progress.lag().age >= Duration::from_mins(1));
        progress.folded(8, 20, None);
        assert!(progress.lag().age >= Duration::from_mins(1));
        progress.folded(18, 20, Some(Instant::now()));
        assert!(progress.lag().age < Duration::from_mins(1));
    }
}
