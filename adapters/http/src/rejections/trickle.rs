//! So many at once, and then so many in a time.

use std::time::{Duration, Instant};

/// A bucket of tokens that fills up steadily.
pub struct Trickle {
    most: u32,
    every: Duration,
    tokens: u32,
    /// Until when tokens have been filled in.
    filled: Instant,
}

impl Trickle {
    /// `most` at once, and `most` in each `time`.
    pub fn new(most: u32, time: Duration) -> Self {
        Self {
            most,
            every: time / most.max(1),
            tokens: most,
            filled: Instant::now(),
        }
    }

    /// Takes one, if there is one.
    pub fn take(&mut self) -> bool {
        self.take_at(Instant::now())
    }

    fn take_at(&mut self, now: Instant) -> bool {
        while self.tokens < self.most && now.duration_since(self.filled) >= self.every {
            self.tokens += 1;
            self.filled += self.every;
        }
        if self.tokens == self.most {
            self.filled = now;
        }
        let taken = self.tokens > 0;
        self.tokens -= u32::from(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_at_once_and_ten_a_second() {
        let mut trickle = Trickle::new(10, Duration::from_secs(1));
        let begun = trickle.filled;
        let taken_at = |trickle: &mut Trickle, millis| {
            let now = begun + Duration::from_millis(millis);
            (0..100).filter(|_| trickle.take_at(now)).count()
        };
        assert_eq!(taken_at(&mut trickle, 0), 10);
        assert_eq!(taken_at(&mut trickle, 99), 0);
        assert_eq!(taken_at(&mut trickle, 250), 2);
        assert_eq!(taken_at(&mut trickle, 300), 1);
        assert_eq!(taken_at(&mut trickle, 3_600_000), 10);
    }
}
