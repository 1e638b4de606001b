//! How many webhooks had which outcome, minute by minute and hour by hour, in so much memory and no
//! more.

use countersign_core::Timestamp;

/// What becomes of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Duplicate,
    /// Also one that was answered 409.
    Conflict,
    /// Any other answer than 200.
    Refused,
}

impl Outcome {
    /// Of a result as metrics and the log have it.
    pub fn of(result: &str) -> Self {
        match result {
            "created" => Self::Created,
            "duplicate" => Self::Duplicate,
            "conflict" => Self::Conflict,
            _ => Self::Refused,
        }
    }
}

/// How long a bucket is, and so how far back they go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Width {
    /// The last sixty minutes.
    #[default]
    Minute,
    /// The last two days.
    Hour,
}

impl Width {
    pub const ALL: [Self; 2] = [Self::Minute, Self::Hour];

    pub const fn seconds(self) -> u32 {
        match self {
            Self::Minute => 60,
            Self::Hour => 60 * 60,
        }
    }

    /// How many buckets there are of it.
    pub const fn buckets(self) -> usize {
        match self {
            Self::Minute => 60,
            Self::Hour => 48,
        }
    }

    fn micros(self) -> i64 {
        i64::from(self.seconds()) * 1_000_000
    }
}

/// The webhooks of one bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub created: u64,
    pub duplicate: u64,
    pub conflict: u64,
    pub refused: u64,
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Duplicate => &mut self.duplicate,
            Outcome::Conflict => &mut self.conflict,
            Outcome::Refused => &mut self.refused,
        };
        *count += 1;
    }
}

/// Both widths.
pub struct Outcomes {
    minutes: Ring,
    hours: Ring,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self {
            minutes: Ring::of(Width::Minute),
            hours: Ring::of(Width::Hour),
        }
    }
}

impl Outcomes {
    pub fn add(&mut self, outcome: Outcome, at: Timestamp) {
        self.minutes.add(outcome, at);
        self.hours.add(outcome, at);
    }

    /// Every bucket up to the one of now, the oldest first, with where it begins.
    pub fn up_to(&self, now: Timestamp, width: Width) -> Vec<(Timestamp, Counts)> {
        match width {
            Width::Minute => self.minutes.up_to(now),
            Width::Hour => self.hours.up_to(now),
        }
    }
}

/// Each bucket has one place, which it shares with those that are a whole ring earlier and later. The
/// place knows whose counts it has, so a clock that jumps leaves nothing behind that would be taken
/// for another bucket's.
struct Ring {
    width: Width,
    places: Box<[(i64, Counts)]>,
}

impl Ring {
    fn of(width: Width) -> Self {
        Self {
            width,
            places: vec![(i64::MIN, Counts::default()); width.buckets()].into(),
        }
    }

    fn place(&self, bucket: i64) -> usize {
        // Positive, and less than the ring's length.
        usize::try_from(bucket.rem_euclid(self.len())).unwrap_or_default()
    }

    fn len(&self) -> i64 {
        i64::try_from(self.places.len()).unwrap_or(1)
    }

    fn bucket(&self, at: Timestamp) -> i64 {
        at.micros().div_euclid(self.width.micros())
    }

    fn add(&mut self, outcome: Outcome, at: Timestamp) {
        let bucket = self.bucket(at);
        let place = self.place(bucket);
        let (whose, counts) = &mut self.places[place];
        if *whose != bucket {
            (*whose, *counts) = (bucket, Counts::default());
        }
        counts.add(outcome);
    }

    fn up_to(&self, now: Timestamp) -> Vec<(Timestamp, Counts)> {
        let last = self.bucket(now);
        let buckets = (last - self.len() + 1)..=last;
        buckets
            .map(|bucket| {
                let (whose, counts) = self.places[self.place(bucket)];
                let counts = if whose == bucket {
                    counts
                } else {
                    Counts::default()
                };
                let start = Timestamp::from_micros(bucket * self.width.micros());
                // Only a clock that stands at the year 0 has buckets before it.
                (start.unwrap_or(Timestamp::MIN), counts)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("an instant")
    }

    /// The buckets that are not empty, by where they begin.
    fn filled(outcomes: &Outcomes, now: &str, width: Width) -> Vec<(String, u64)> {
        let all = outcomes.up_to(at(now), width);
        assert_eq!(all.len(), width.buckets());
        let step = width.micros();
        let starts: Vec<i64> = all.iter().map(|(start, _)| start.micros()).collect();
        assert!(starts.iter().all(|start| start % step == 0));
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == step));
        all.into_iter()
            .filter(|(_, counts)| *counts != Counts::default())
            .map(|(start, counts)| (start.to_string(), counts.created + counts.refused))
            .collect()
    }

    #[test]
    fn each_outcome_is_counted_where_it_happened_in_both_widths() {
        let mut outcomes = Outcomes::default();
        for result in [
            "created",
            "duplicate",
            "conflict",
            "invalid_signature",
            "error",
        ] {
            outcomes.add(Outcome::of(result), at("2025-06-01T12:00:59.999999Z"));
        }
        outcomes.add(Outcome::Created, at("2025-06-01T12:01:00Z"));
        let minutes = outcomes.up_to(at("2025-06-01T12:01:30Z"), Width::Minute);
        let expected = Counts {
            created: 1,
            duplicate: 1,
            conflict: 1,
            refused: 2,
        };
        assert_eq!(minutes[58], (at("2025-06-01T12:00:00Z"), expected));
        assert_eq!(minutes[59].0, at("2025-06-01T12:01:00Z"));
        assert_eq!(minutes[59].1.created, 1);
        let hours = outcomes.up_to(at("2025-06-01T12:01:30Z"), Width::Hour);
        assert_eq!(hours[47].0, at("2025-06-01T12:00:00Z"));
        assert_eq!(hours[47].1.created, 2);
        assert_eq!(hours[0].0, at("2025-05-30T13:00:00Z"));
    }

    #[test]
    fn what_is_too_old_is_not_shown_and_its_place_is_anothers() {
        let mut outcomes = Outcomes::default();
        outcomes.add(Outcome::Created, at("2025-06-01T12:00:00Z"));
        let first = ("2025-06-01T12:00:00Z".to_owned(), 1);
        let shown = filled(&outcomes, "2025-06-01T12:59:59Z", Width::Minute);
        assert_eq!(shown, [first]);
        assert_eq!(filled(&outcomes, "2025-06-01T13:00:00Z", Width::Minute), []);
        outcomes.add(Outcome::Refused, at("2025-06-01T13:00:00Z"));
        let shown = filled(&outcomes, "2025-06-01T13:00:00Z", Width::Minute);
        assert_eq!(shown, [("2025-06-01T13:00:00Z".to_owned(), 1)]);
    }

    #[test]
    fn a_clock_that_jumps_shows_nothing_in_another_bucket_than_its_own() {
        let mut outcomes = Outcomes::default();
        let noon = "2025-06-01T12:00:00Z";
        outcomes.add(Outcome::Created, at(noon));
        // Forward by years, and back again: the bucket shares its place with one of the future.
        for far in ["9999-12-31T23:59:59.999999Z", "2031-06-01T12:00:00Z"] {
            assert_eq!(filled(&outcomes, far, Width::Minute), []);
            outcomes.add(Outcome::Created, at(far));
            assert_eq!(filled(&outcomes, far, Width::Minute).len(), 1);
        }
        assert_eq!(filled(&outcomes, noon, Width::Minute), []);
        // Back by an hour: what the clock calls the future is not shown before its time.
        outcomes.add(Outcome::Created, at("2025-06-01T11:30:00Z"));
        let shown = filled(&outcomes, "2025-06-01T11:30:00Z", Width::Minute);
        assert_eq!(shown, [("2025-06-01T11:30:00Z".to_owned(), 1)]);
        // Before all time.
        outcomes.add(Outcome::Created, Timestamp::MIN);
        let first = outcomes.up_to(Timestamp::MIN, Width::Hour);
        assert_eq!(
            first[47],
            (
                Timestamp::MIN,
                Counts {
                    created: 1,
                    ..Counts::default()
                }
            )
        );
    }
}
