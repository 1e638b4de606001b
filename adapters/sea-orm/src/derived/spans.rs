//! Counts by time, so that no count and no deep page looks at every message.
//!
//! Time is divided into spans of 2^24 µs (16.8 s), 64 of which are a span of the next level, and so
//! on: a number of messages in any range is the sum of at most 63 spans on each level, and the rest
//! of one of the smallest. An instant's slot on a level is its number of microseconds shifted right.

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

/// The last slot of `level` inside of `slot` of the level above.
pub const fn last_inside(slot: i64) -> i64 {
    first_inside(slot) | ((1 << FACTOR_BITS) - 1)
}
