//! How far the fold is.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::FoldLag;

/// How often it is noted what the log's last message was: as exact is the age.
const NOTE: Duration = Duration::from_millis(100);

/// How many notes there are at the most; then every other one is dropped.
const NOTES: usize = 4096;

/// What writer and fold tell each other.
#[derive(Debug)]
pub struct Progress {
    state: Mutex<State>,
    /// The sequence of the log's last message, for those who wait for the next.
    arrived: watch::Sender<i64>,
}

#[derive(Debug)]
struct State {
    /// The sequence of the log's last message, as far as it is known here.
    last: i64,
    /// The watermark.
    folded: i64,
    /// The oldest message that is not folded came then or later.
    waiting_since: Option<Instant>,
    /// What the log's last message was, and when.
    notes: VecDeque<(i64, Instant)>,
    /// A step is being done.
    in_step: bool,
}

impl State {
    fn note(&mut self, now: Instant) {
        if let Some((_, noted)) = self.notes.back()
            && now.duration_since(*noted) < NOTE
        {
            return;
        }
        if self.notes.len() >= NOTES {
            let mut keep = false;
            self.notes.retain(|_| {
                keep = !keep;
                keep
            });
        }
        self.notes.push_back((self.last, now));
    }
}

impl Progress {
    pub fn new(folded: i64, last: i64) -> Self {
        let state = State {
            last,
            folded,
            waiting_since: (last > folded).then(Instant::now),
            notes: VecDeque::new(),
            in_step: false,
        };
        Self {
            state: Mutex::new(state),
            arrived: watch::Sender::new(last),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages were appended; says whether the fold had nothing to do before.
    pub fn appended(&self, last: i64) -> bool {
        let mut state = self.state();
        state.last = last.max(state.last);
        self.arrived.send_if_modified(|arrived| {
            let later = *arrived < state.last;
            *arrived = state.last;
            later
        });
        let now = Instant::now();
        let idle = state.waiting_since.is_none() && state.last > state.folded;
        if idle {
            state.waiting_since = Some(now);
        }
        state.note(now);
        idle
    }

    /// A step has brought the watermark to `folded`, while the log went to `last`. If it folded
    /// everything that was there, it says when it began.
    pub fn folded(&self, folded: i64, last: i64, everything_since: Option<Instant>) {
        let mut state = self.state();
        state.last = last.max(state.last);
        state.folded = folded;
        while let Some((_, noted)) = state.notes.pop_front_if(|(seq, _)| *seq <= folded) {
            state.waiting_since = Some(noted);
        }
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

    /// The sequence of the log's last message, as often as there is a new one.
    pub fn arrived(&self) -> watch::Receiver<i64> {
        self.arrived.subscribe()
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

    #[test]
    fn while_the_fold_never_reaches_the_end_the_age_is_not_that_of_the_first() {
        let long_ago = Instant::now()
            .checked_sub(Duration::from_mins(1))
            .expect("the machine has run for a minute");
        let progress = Progress::new(0, 10);
        progress.state().waiting_since = Some(long_ago);
        progress.appended(20);
        progress.folded(15, 30, None);
        assert!(progress.lag().age >= Duration::from_mins(1));
        progress.folded(20, 30, None);
        assert!(progress.lag().age < Duration::from_mins(1));
        assert!(progress.state().notes.is_empty());
    }

    #[test]
    fn there_are_not_more_and_more_notes() {
        let progress = Progress::new(0, 0);
        let mut state = progress.state();
        let mut now = Instant::now();
        for _ in 0..3 * NOTES {
            state.note(now);
            now += NOTE;
        }
        assert!(state.notes.len() <= NOTES);
    }
}
