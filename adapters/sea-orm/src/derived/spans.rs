//! Counts by time, so that no count and no deep page looks at every message.
//!
//! Time is divided into spans of 2^24 µs (16.8 s), 64 of which are a span of the next level, and so
//! on: a number of messages in any range is the sum of at most 63 spans on each level, and the rest
//! of one of the smallest. An instant's slot on a level is its number of microseconds shifted right.
//! Where that rest begins or ends with a whole minute, it is counted, too ([`MINUTES`]).

use countersign_core::Timestamp;

/// How many levels there are. The widest spans are of 2^48 µs, nine years.
pub const LEVELS: u32 = 5;

const SMALLEST_BITS: u32 = 24;
const FACTOR_BITS: u32 = 6;

/// From how many messages on a party's are counted by time. With fewer, counting is as quick.
pub const FROM: i64 = 4096;

/// By how many bits an instant in microseconds is shifted to be a slot of this level.
pub const fn shift(level: u32) -> u32 {
    SMALLEST_BITS + level * FACTOR_BITS
}

/// The first slot of `level` inside of `slot` of the level above.
pub const fn first_inside(slot: i64) -> i64 {
    slot << FACTOR_BITS
}

/// As [`first_inside`], in SQL.
pub fn first_inside_in_sql(slot: &str) -> String {
    format!("({slot} << {FACTOR_BITS})")
}

/// The last slot of `level` inside of `slot` of the level above.
pub const fn last_inside(slot: i64) -> i64 {
    first_inside(slot) | ((1 << FACTOR_BITS) - 1)
}

/// The level of what is counted up to whole minutes, which are no ends of spans: its slots are
/// minutes, and a slot has how many messages of the smallest span in which the minute begins are older
/// than that. So no number of messages up to a whole minute needs a look at any of them, however many
/// there are in that span.
pub const MINUTES: u32 = LEVELS;

/// Microseconds in a minute.
pub const MINUTE: i64 = 60_000_000;

/// The minute that begins in the same smallest span as the instant, and behind it; there is one at the
/// most. Minutes are counted from 1970.
pub const fn minute_behind(ts: i64) -> Option<i64> {
    let minute = ts.div_euclid(MINUTE) + 1;
    if (minute * MINUTE) >> shift(0) == ts >> shift(0) {
        Some(minute)
    } else {
        None
    }
}

/// In SQL, as [`minute_behind`]: the minute that begins behind a column `ts`, and whether it is in the
/// same span. Both databases divide towards zero, so it is counted from the first instant that there
/// is.
pub fn minute_behind_in_sql() -> (String, String) {
    let first = Timestamp::MIN.micros();
    let minute = format!("((ts - ({first})) / {MINUTE} + ({}))", first / MINUTE + 1);
    let smallest = shift(0);
    let is_same = format!("({minute} * {MINUTE}) >> {smallest} = ts >> {smallest}");
    (minute, is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_counted_up_to_where_it_begins_within_a_span() {
        // 1970 begins with a span, and its first minute ends in the fourth.
        let span = 1 << shift(0);
        for (ts, minute) in [
            (0, None),
            (3 * span - 1, None),
            (3 * span, Some(1)),
            (MINUTE - 1, Some(1)),
            (MINUTE, None),
            (4 * span - 1, None),
            (-1, None),
            // The minute before begins in the fourth span before.
            (-MINUTE - 1, Some(-1)),
            (-4 * span, Some(-1)),
            (-4 * span - 1, None),
            (-MINUTE, None),
        ] {
            assert_eq!(minute_behind(ts), minute, "{ts}");
        }
        for ts in [Timestamp::MIN, Timestamp::MAX] {
            let minute = minute_behind(ts.micros());
            assert!(minute.is_none_or(|minute| minute * MINUTE > ts.micros()));
        }
    }
}
