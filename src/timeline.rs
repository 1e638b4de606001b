//! How many messages were sent in each of a row of buckets of time, all of the same width.

use crate::{MessageFilter, Timestamp};

/// How wide a bucket is: a number of whole minutes, from one to 31 days; an hour by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketWidth(i64);

/// A number that is not a [`BucketWidth`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a multiple of {step} between {min} and {max}",
    step = BucketWidth::STEP,
    min = BucketWidth::MIN,
    max = BucketWidth::MAX
)]
pub struct InvalidBucketWidth;

impl BucketWidth {
    /// Every width is a multiple of it, in seconds.
    pub const STEP: i64 = 60;
    /// The narrowest bucket, in seconds.
    pub const MIN: i64 = Self::STEP;
    /// The widest bucket, in seconds: 31 days.
    pub const MAX: i64 = 31 * 24 * 60 * 60;
    /// The width that one gets without asking, in seconds.
    pub const DEFAULT: i64 = 60 * 60;

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// In microseconds, as instants are.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0 * MICROS
    }
}

impl Default for BucketWidth {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

/// Of so many seconds.
impl TryFrom<i64> for BucketWidth {
    type Error = InvalidBucketWidth;

    fn try_from(seconds: i64) -> Result<Self, InvalidBucketWidth> {
        if (Self::MIN..=Self::MAX).contains(&seconds) && seconds % Self::STEP == 0 {
            Ok(Self(seconds))
        } else {
            Err(InvalidBucketWidth)
        }
    }
}

/// Microseconds in a second.
const MICROS: i64 = 1_000_000;

/// Microseconds in a minute.
const MINUTE: i64 = 60 * MICROS;

/// A row of buckets without gaps: 1 to [`Buckets::MAX`], each of which begins with a whole minute and
/// has its beginning in it and its end not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets {
    since: Timestamp,
    until: Timestamp,
    width: BucketWidth,
}

/// Why there is no such row of [`Buckets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBuckets {
    /// It would end where it begins, or before.
    #[error("must be later than since")]
    Backwards,
    /// It would end now, and begin later.
    #[error("must not be later than now, where there is no until")]
    BeginsLater,
    /// There would be more than [`Buckets::MAX`].
    #[error("must be so large that since and until are at most {max} buckets apart", max = Buckets::MAX)]
    TooMany,
    /// The first one would begin before [`Timestamp::MIN`].
    #[error("must be given here: {default} buckets would begin before the year 0000", default = Buckets::DEFAULT)]
    TooEarly,
    /// The last one would end behind [`Timestamp::MAX`].
    #[error("must lie in a bucket that ends within the year 9999")]
    TooLate,
}

impl Buckets {
    /// How many there are at the most.
    pub const MAX: i64 = 1000;
    /// How many there are where nobody has said when the first one begins.
    pub const DEFAULT: i64 = 48;

    /// Those that hold the span from `since` on, rounded down to the minute, until `until`.
    ///
    /// Without `until`, the last one is that which holds `now`. Without `since`, there are
    /// [`Self::DEFAULT`], and they begin at multiples of their width since 1970.
    ///
    /// # Errors
    /// [`InvalidBuckets`] says which rule they break.
    pub fn new(
        width: BucketWidth,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, InvalidBuckets> {
        // Behind the instant, the next end of a bucket; of one that begins here.
        let end_behind = |ts: i64, here: i64| {
            here + ((ts - here).div_euclid(width.micros()) + 1) * width.micros()
        };
        let here = since.map_or(0, |since| since.micros().div_euclid(MINUTE) * MINUTE);
        let end = match until {
            // An end is not in its bucket.
            Some(until) => end_behind(until.micros() - 1, here),
            None => end_behind(now.micros(), here),
        };
        let begin = match (since, until) {
            (Some(since), Some(until)) if since >= until => return Err(InvalidBuckets::Backwards),
            (Some(since), None) if since > now => return Err(InvalidBuckets::BeginsLater),
            (Some(_), _) => here,
            (None, _) => end - Self::DEFAULT * width.micros(),
        };
        if (end - begin) / width.micros() > Self::MAX {
            return Err(InvalidBuckets::TooMany);
        }
        Ok(Self {
            since: Timestamp::from_micros(begin).ok_or(InvalidBuckets::TooEarly)?,
            until: Timestamp::from_micros(end).ok_or(InvalidBuckets::TooLate)?,
            width,
        })
    }

    /// Where the first one begins.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// Where the last one ends, exclusive.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// How wide each is.
    #[must_use]
    pub const fn width(&self) -> BucketWidth {
        self.width
    }

    /// Where each begins, and then where the last one ends.
    pub fn edges(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let (since, width) = (self.since.micros(), self.width.micros());
        let edges = (0..=self.count()).map(move |n| since + n * width);
        edges.filter_map(Timestamp::from_micros)
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        usize::try_from(self.count()).unwrap_or_default()
    }

    const fn count(&self) -> i64 {
        (self.until.micros() - self.since.micros()) / self.width.micros()
    }

    /// Which of them holds the instant, counted from 0.
    #[must_use]
    pub fn of(&self, ts: Timestamp) -> Option<usize> {
        if ts < self.since || ts >= self.until {
            return None;
        }
        usize::try_from((ts.micros() - self.since.micros()) / self.width.micros()).ok()
    }
}

/// Whose messages a timeline counts. Not both numbers of a message: no store keeps counts of pairs, so
/// that it would have to look at every message of one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Correspondent {
    /// All messages.
    #[default]
    Anybody,
    /// Those from this number; as [`MessageFilter::from`].
    From(String),
    /// Those to this number; as [`MessageFilter::to`].
    To(String),
}

/// Which messages, and into which buckets they go by their `ts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Which messages.
    pub of: Correspondent,
    /// Into which buckets.
    pub buckets: Buckets,
}

impl TimelineQuery {
    /// All messages that are in any of the buckets.
    #[must_use]
    pub fn filter(&self) -> MessageFilter {
        let (from, to) = match &self.of {
            Correspondent::Anybody => (None, None),
            Correspondent::From(number) => (Some(number.clone()), None),
            Correspondent::To(number) => (None, Some(number.clone())),
        };
        MessageFilter {
            from,
            to,
            since: Some(self.buckets.since),
            until: Some(self.buckets.until),
            ..MessageFilter::default()
        }
    }
}

/// How many messages each bucket holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// One count for each of the buckets that were asked for, the oldest first. Each is the total of
    /// the list of its messages.
    pub counts: Vec<u64>,
}

impl Timeline {
    /// How many messages all buckets hold.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{at, message};

    const NOW: &str = "2025-06-01T12:34:56.789Z";

    fn width(seconds: i64) -> BucketWidth {
        BucketWidth::try_from(seconds).expect("a width")
    }

    /// Of "width since until", where `-` is none: "since until count".
    fn row(asked: &str) -> Result<String, InvalidBuckets> {
        let mut asked = asked.split_whitespace();
        let seconds = asked.next().and_then(|seconds| seconds.parse().ok());
        let mut instant = || asked.next().filter(|text| *text != "-").map(at);
        let (since, until) = (instant(), instant());
        let width = width(seconds.expect("a width"));
        let buckets = Buckets::new(width, since, until, at(NOW))?;
        let (since, until) = (buckets.since(), buckets.until());
        assert_eq!(buckets.edges().count(), buckets.len() + 1);
        assert_eq!(buckets.edges().next(), Some(since));
        assert_eq!(buckets.edges().last(), Some(until));
        Ok(format!("{since} {until} {}", buckets.len()))
    }

    #[test]
    fn widths_are_whole_minutes_up_to_31_days() {
        for seconds in [60, 120, 3600, 2_678_400] {
            let width = width(seconds);
            assert_eq!(
                (width.seconds(), width.micros()),
                (seconds, seconds * 1_000_000)
            );
        }
        for seconds in [
            i64::MIN,
            -60,
            0,
            1,
            59,
            61,
            90,
            2_678_401,
            2_678_460,
            i64::MAX,
        ] {
            assert_eq!(
                BucketWidth::try_from(seconds),
                Err(InvalidBucketWidth),
                "{seconds}"
            );
        }
        assert_eq!(BucketWidth::default().seconds(), 3600);
        assert_eq!(
            InvalidBucketWidth.to_string(),
            "must be a multiple of 60 between 60 and 2678400"
        );
    }

    #[test]
    fn rows_hold_the_whole_span() {
        for (asked, row_of_buckets) in [
            // Both are edges.
            (
                "3600 2025-06-01T10:00:00Z 2025-06-01T12:00:00Z",
                "2025-06-01T10:00:00Z 2025-06-01T12:00:00Z 2",
            ),
            // Down to the minute, up to the bucket's end.
            (
                "3600 2025-06-01T10:07:59.999999Z 2025-06-01T11:07:00.000001Z",
                "2025-06-01T10:07:00Z 2025-06-01T12:07:00Z 2",
            ),
            (
                "60 2025-06-01T10:07:30Z 2025-06-01T10:07:30.000001Z",
                "2025-06-01T10:07:00Z 2025-06-01T10:08:00Z 1",
            ),
            // Before 1970, down is away from it.
            (
                "60 1969-12-31T23:58:30Z 1969-12-31T23:59:30Z",
                "1969-12-31T23:58:00Z 1970-01-01T00:00:00Z 2",
            ),
            // As early and as late as can be.
            (
                "60 0000-01-01T00:00:00Z 0000-01-01T00:00:00.000001Z",
                "0000-01-01T00:00:00Z 0000-01-01T00:01:00Z 1",
            ),
            (
                "60 9999-12-31T23:57:00Z 9999-12-31T23:59:00Z",
                "9999-12-31T23:57:00Z 9999-12-31T23:59:00Z 2",
            ),
            // Until now.
            (
                "3600 2025-06-01T10:30:00Z -",
                "2025-06-01T10:30:00Z 2025-06-01T13:30:00Z 3",
            ),
            (
                "60 2025-06-01T12:34:56.789Z -",
                "2025-06-01T12:34:00Z 2025-06-01T12:35:00Z 1",
            ),
            // As many as there are without asking.
            ("3600 - -", "2025-05-30T13:00:00Z 2025-06-01T13:00:00Z 48"),
            (
                "86400 - 1970-01-01T00:00:00Z",
                "1969-11-14T00:00:00Z 1970-01-01T00:00:00Z 48",
            ),
            (
                "86400 - 1970-01-01T00:00:00.000001Z",
                "1969-11-15T00:00:00Z 1970-01-02T00:00:00Z 48",
            ),
            (
                "3600 - 0000-01-03T00:00:00Z",
                "0000-01-01T00:00:00Z 0000-01-03T00:00:00Z 48",
            ),
            // As many as there may be.
            (
                "60 2025-06-01T00:00:00Z 2025-06-01T16:40:00Z",
                "2025-06-01T00:00:00Z 2025-06-01T16:40:00Z 1000",
            ),
        ] {
            assert_eq!(row(asked).as_deref(), Ok(row_of_buckets), "{asked}");
        }
    }

    #[test]
    fn a_row_has_a_beginning_an_end_and_not_too_much_between() {
        use InvalidBuckets::{Backwards, BeginsLater, TooEarly, TooLate, TooMany};
        for (asked, why) in [
            ("60 2025-06-01T10:00:00Z 2025-06-01T10:00:00Z", Backwards),
            ("60 2025-06-01T10:00:30Z 2025-06-01T10:00:20Z", Backwards),
            ("60 2025-06-01T12:34:56.789001Z -", BeginsLater),
            (
                "60 2025-06-01T00:00:00Z 2025-06-01T16:40:00.000001Z",
                TooMany,
            ),
            (
                "60 0000-01-01T00:00:00Z 9999-12-31T23:59:59.999999Z",
                TooMany,
            ),
            ("3600 - 0000-01-02T23:00:00Z", TooEarly),
            (
                "60 9999-12-31T23:50:00Z 9999-12-31T23:59:00.000001Z",
                TooLate,
            ),
            ("60 - 9999-12-31T23:59:59Z", TooLate),
        ] {
            assert_eq!(row(asked), Err(why), "{asked}");
        }
    }

    #[test]
    fn an_edge_is_in_the_later_of_two_buckets() {
        let (since, until) = (at("1969-12-31T23:59:00Z"), at("1970-01-01T00:01:00Z"));
        let buckets = Buckets::new(width(60), Some(since), Some(until), at(NOW));
        let of = |text| buckets.map(|buckets| buckets.of(at(text)));
        for (text, bucket) in [
            ("1969-12-31T23:58:59.999999Z", None),
            ("1969-12-31T23:59:00Z", Some(0)),
            ("1969-12-31T23:59:59.999999Z", Some(0)),
            ("1970-01-01T00:00:00Z", Some(1)),
            ("1970-01-01T00:00:59.999999Z", Some(1)),
            ("1970-01-01T00:01:00Z", None),
        ] {
            assert_eq!(of(text), Ok(bucket), "{text}");
        }
    }

    #[test]
    fn the_filter_admits_what_is_in_a_bucket() {
        let message = message("m");
        let (since, until) = (
            Some(at("2025-06-01T09:30:00Z")),
            Some(at("2025-06-01T10:30:00Z")),
        );
        let buckets = Buckets::new(width(3600), since, until, at(NOW)).expect("buckets");
        let admits = |of| TimelineQuery { of, buckets }.filter().admits(&message);
        let (sender, receiver) = ("+14155550100".to_owned(), "+14155550199".to_owned());
        assert!(admits(Correspondent::Anybody));
        assert!(admits(Correspondent::From(sender.clone())));
        assert!(admits(Correspondent::To(receiver.clone())));
        assert!(!admits(Correspondent::From(receiver)));
        assert!(!admits(Correspondent::To(sender)));
        let buckets = Buckets::new(width(3600), until, None, at(NOW)).expect("buckets");
        let query = TimelineQuery {
            of: Correspondent::Anybody,
            buckets,
        };
        assert!(!query.filter().admits(&message));
    }

    #[test]
    fn the_total_is_the_sum() {
        let timeline = Timeline {
            counts: vec![1, 0, 2],
        };
        assert_eq!(timeline.total(), 3);
    }
}
