//! How fast transactions go, and so how long a newcomer would wait.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The pace of a writer.
#[derive(Debug, Default)]
pub struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How long the last transactions took: half of it is the last one's, a quarter the one's before
    /// it, and so on. One that stalls is no pace yet.
    usual: Duration,
    /// When the present one began.
    begun: Option<Instant>,
}

impl Pace {
    /// A transaction begins.
    pub fn begins(&self) {
        self.state().begun = Some(Instant::now());
    }

    /// It has ended.
    pub fn ends(&self) {
        let mut state = self.state();
        if let Some(begun) = state.begun.take() {
            state.usual = (state.usual + begun.elapsed()) / 2;
        }
    }

    /// How long it will take until something is durable that goes into the transaction behind
    /// `ahead` others that have not begun: the rest of the present one, those, and its own; each as
    /// long as is usual, or as the present one has already been going on.
    ///
    /// Zero where nothing is being written: how long a disk that was slow takes now, only a
    /// transaction can tell.
    pub fn until_durable(&self, ahead: usize) -> Duration {
        let state = self.state();
        let Some(begun) = state.begun else {
            return Duration::ZERO;
        };
        let so_far = begun.elapsed();
        let each = state.usual.max(so_far);
        let own_and_ahead = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1);
        each.saturating_sub(so_far)
            .saturating_add(each.saturating_mul(own_and_ahead))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A transaction that takes so long.
    async fn transaction(pace: &Pace, takes: Duration) {
        pace.begins();
        advance(takes).await;
        pace.ends();
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_the_pace_of_the_last_transactions() {
        let pace = Pace::default();
        assert_eq!(pace.until_durable(7), Duration::ZERO, "nobody knows yet");
        transaction(&pace, 2 * SECOND).await;
        assert_eq!(pace.until_durable(7), Duration::ZERO, "nothing is written");
        pace.begins();
        assert_eq!(pace.until_durable(0), 2 * SECOND);
        assert_eq!(pace.until_durable(2), 4 * SECOND);
        advance(SECOND / 4).await;
        assert_eq!(pace.until_durable(0), 7 * SECOND / 4);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_end_counts_for_what_it_takes() {
        let pace = Pace::default();
        pace.begins();
        assert_eq!(pace.until_durable(3), Duration::ZERO, "it has only begun");
        advance(3 * SECOND).await;
        assert_eq!(pace.until_durable(0), 3 * SECOND);
        assert_eq!(pace.until_durable(1), 6 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_was_slow_is_soon_trusted_again() {
        let pace = Pace::default();
        for _ in 0..10 {
            transaction(&pace, 4 * SECOND).await;
        }
        for _ in 0..3 {
            transaction(&pace, SECOND / 1000).await;
        }
        pace.begins();
        assert!(pace.until_durable(0) < SECOND + SECOND / 10);
    }
}
