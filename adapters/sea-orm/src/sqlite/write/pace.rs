//! Whether appends are so slow that nothing else may come between them.

use std::time::{Duration, Instant};

/// How long an append takes where the disk is slow: a webhook has 2.5 seconds.
const SLOW: Duration = Duration::from_millis(250);

/// For how long the next append may be expected after a slow one.
const EXPECTED: Duration = Duration::from_millis(500);

/// What the last append says of the disk.
#[derive(Debug, Default)]
pub struct Pace {
    /// When the last append ended, if it was slow.
    slow: Option<Instant>,
}

impl Pace {
    /// An append was tried.
    pub fn append(&mut self, began: Instant, ended: Instant) {
        let took = ended.duration_since(began);
        self.slow = (took > SLOW).then_some(ended);
    }

    /// Whether appends are slow, and more of them are to be expected.
    pub fn is_slow(&self, now: Instant) -> bool {
        self.slow
            .is_some_and(|ended| now.duration_since(ended) < EXPECTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_slow_append_others_come_first_for_a_while() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        assert!(!pace.is_slow(began));
        pace.append(began, began + SLOW);
        assert!(!pace.is_slow(began + SLOW));
        let ended = began + SLOW + Duration::from_millis(1);
        pace.append(began, ended);
        assert!(pace.is_slow(ended));
        assert!(pace.is_slow(ended + EXPECTED / 2));
        assert!(!pace.is_slow(ended + EXPECTED));
        pace.append(ended, ended + Duration::from_millis(1));
        assert!(!pace.is_slow(ended + Duration::from_millis(1)));
    }
}
