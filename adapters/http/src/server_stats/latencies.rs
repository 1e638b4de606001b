//! How long acknowledgements took in the last quarter of an hour, in so much memory and no more.
//!
//! Durations are counted in buckets whose width grows with them: 32 to each power of two of
//! microseconds, so that what is read from a bucket's middle is off by 1.6 % at the most. A window has
//! a minute's counts; whoever counts in a new minute takes the oldest window for it.

use std::time::{Duration, Instant};

/// How far back they go.
pub const WINDOW: Duration = Duration::from_mins(MINUTES as u64);

const MINUTES: usize = 15;

/// Into how many buckets each power of two is divided, as a power of two.
const FINENESS: u32 = 5;

/// Microseconds below this have a bucket each.
const EXACT: u64 = 1 << FINENESS;

/// From this power of two of microseconds on (67 s) it is all the same: a request has ended by then.
const LONGEST: u32 = 26;

const BUCKETS: usize = ((LONGEST - FINENESS + 1) as usize) << FINENESS;

/// The counts.
pub struct Latencies {
    started: Instant,
    windows: Box<[Window]>,
}

#[derive(Clone)]
struct Window {
    /// Which minute it has, since the start.
    minute: u64,
    counts: [u32; BUCKETS],
}

/// What the last quarter of an hour comes to, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub count: u64,
    /// Half of them took no longer; of 95 in a hundred, of 99.
    pub quantiles: Option<[u64; 3]>,
}

/// In hundredths.
const QUANTILES: [u64; 3] = [50, 95, 99];

impl Latencies {
    pub fn since(started: Instant) -> Self {
        let empty = Window {
            minute: 0,
            counts: [0; BUCKETS],
        };
        Self {
            started,
            windows: vec![empty; MINUTES].into(),
        }
    }

    fn minute(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.started).as_secs() / 60
    }

    /// One that has taken so long by now.
    pub fn add(&mut self, took: Duration, now: Instant) {
        let minute = self.minute(now);
        let place = usize::try_from(minute % MINUTES as u64).unwrap_or_default();
        let window = &mut self.windows[place];
        if window.minute != minute {
            window.minute = minute;
            window.counts.fill(0);
        }
        let count = &mut window.counts[bucket(micros(took))];
        *count = count.saturating_add(1);
    }

    pub fn summary(&self, now: Instant) -> Summary {
        let oldest = (self.minute(now) + 1).saturating_sub(MINUTES as u64);
        let mut sums = [0_u64; BUCKETS];
        for window in self.windows.iter().filter(|window| window.minute >= oldest) {
            for (sum, count) in sums.iter_mut().zip(window.counts) {
                *sum += u64::from(count);
            }
        }
        let count: u64 = sums.iter().sum();
        Summary {
            count,
            quantiles: (count > 0).then(|| QUANTILES.map(|part| quantile(&sums, count, part))),
        }
    }
}

/// The smallest bucket's middle up to which there are so many hundredths.
fn quantile(sums: &[u64; BUCKETS], count: u64, part: u64) -> u64 {
    let wanted = count.saturating_mul(part).div_ceil(100);
    let mut seen = 0;
    let found = sums.iter().position(|sum| {
        seen += sum;
        seen >= wanted
    });
    middle(found.unwrap_or(BUCKETS - 1))
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// The bucket of so many microseconds.
fn bucket(micros: u64) -> usize {
    let micros = micros.min((1 << LONGEST) - 1);
    let Some(power) = micros.checked_ilog2().filter(|power| *power >= FINENESS) else {
        return usize::try_from(micros).unwrap_or_default();
    };
    let shift = power - FINENESS;
    // The digits behind the first are the place within the power of two.
    let within = (micros >> shift) - EXACT;
    let octave = u64::from(shift + 1) << FINENESS;
    usize::try_from(octave + within).unwrap_or_default()
}

/// The microseconds in the middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let octave = bucket >> FINENESS;
    let Some(shift) = octave.checked_sub(1) else {
        return bucket;
    };
    let first = (EXACT + (bucket & (EXACT - 1))) << shift;
    first + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(took: impl IntoIterator<Item = u64>) -> Summary {
        let now = Instant::now();
        let mut latencies = Latencies::since(now);
        for micros in took {
            latencies.add(Duration::from_micros(micros), now);
        }
        latencies.summary(now)
    }

    #[test]
    fn what_is_read_is_off_by_less_than_three_hundredths() {
        let mut micros = 1_u64;
        while micros < 60_000_000 {
            let read = middle(bucket(micros));
            let off = read.abs_diff(micros);
            assert!(off * 100 <= micros * 3, "{micros} is read as {read}");
            micros = (micros * 1001 / 1000).max(micros + 1);
        }
    }

    #[test]
    fn every_duration_has_a_bucket_and_longer_ones_no_earlier_one() {
        let all = (0..200_000).chain((1..=64).map(|power| u64::MAX >> (64 - power)));
        let buckets: Vec<usize> = {
            let mut all: Vec<u64> = all.collect();
            all.sort_unstable();
            all.into_iter().map(bucket).collect()
        };
        assert!(buckets.is_sorted());
        assert_eq!(buckets.first(), Some(&0));
        assert_eq!(buckets.last(), Some(&(BUCKETS - 1)));
        assert_eq!(bucket(micros(Duration::MAX)), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_the_nearest_ranks() {
        assert_eq!(
            of([]),
            Summary {
                count: 0,
                quantiles: None
            }
        );
        // Below 32 microseconds it is exact.
        assert_eq!(of([7]).quantiles, Some([7, 7, 7]));
        assert_eq!(of(1..=20).quantiles, Some([10, 19, 20]));
        let hundred = (0..94).map(|_| 1).chain((0..5).map(|_| 2)).chain([3]);
        assert_eq!(of(hundred).quantiles, Some([1, 2, 2]));
    }

    #[test]
    fn after_a_quarter_of_an_hour_they_are_forgotten_minute_by_minute() {
        let start = Instant::now();
        let minute = |number: u64| start + Duration::from_mins(number);
        let mut latencies = Latencies::since(start);
        for number in 0..100 {
            latencies.add(Duration::from_micros(number % 10), minute(number));
            let kept = latencies.summary(minute(number)).count;
            assert_eq!(kept, (number + 1).min(15), "in minute {number}");
        }
        assert_eq!(latencies.summary(minute(99 + 14)).count, 1);
        assert_eq!(latencies.summary(minute(99 + 15)).count, 0);
        // It has slept for hours.
        latencies.add(Duration::from_micros(1), minute(1000));
        assert_eq!(latencies.summary(minute(1000)).count, 1);
    }
}
