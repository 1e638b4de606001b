//! How far a signature's timestamp may lie from the present.

use countersign_core::{Refusal, Timestamp};

/// How many seconds a signature's timestamp may lie before or behind the present: 1 to 86,400, and
/// 300 by default, as the libraries of Standard Webhooks, Stripe and Slack have it.
///
/// It holds in both directions, so that one signature can be good for almost twice as long: whoever
/// guards against replays by remembering what came must remember it that long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance(u32);

/// A number of seconds that is no [`Tolerance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {max} seconds", max = Tolerance::MAX_SECONDS)]
pub struct InvalidTolerance;

impl Tolerance {
    /// A day.
    pub const MAX_SECONDS: u32 = 86_400;

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self(300)
    }
}

impl TryFrom<u64> for Tolerance {
    type Error = InvalidTolerance;

    fn try_from(seconds: u64) -> Result<Self, InvalidTolerance> {
        let seconds = u32::try_from(seconds).map_err(|_| InvalidTolerance)?;
        if !(1..=Self::MAX_SECONDS).contains(&seconds) {
            return Err(InvalidTolerance);
        }
        Ok(Self(seconds))
    }
}

/// Reads seconds since 1970 as the schemes write them: decimal digits and nothing else, neither sign
/// nor blank nor fraction.
pub fn seconds(text: &[u8]) -> Option<i64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The present, in whole seconds since 1970.
pub fn present(now: Timestamp) -> i64 {
    now.micros().div_euclid(1_000_000)
}

/// Fails if `signed_at` is not within the tolerance. To be asked only once the signature is known to
/// be right, because it answers by how much it is off.
pub fn check(signed_at: i64, now: Timestamp, tolerance: Tolerance) -> Result<(), Refusal> {
    let skew_seconds = signed_at.saturating_sub(present(now));
    if skew_seconds.unsigned_abs() <= u64::from(tolerance.0) {
        return Ok(());
    }
    Err(Refusal::Stale { skew_seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_a_timestamp() {
        assert_eq!(seconds(b"1531420618"), Some(1_531_420_618));
        assert_eq!(seconds(b"0"), Some(0));
        assert_eq!(seconds(b"9223372036854775807"), Some(i64::MAX));
        for wrong in [
            "",
            "hello",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "1_0",
            "١",
            "9223372036854775808",
            "99999999999999999999",
        ] {
            assert_eq!(seconds(wrong.as_bytes()), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_window_has_two_sides() {
        let now = Timestamp::from_micros(1_000_000_999_999).expect("an instant");
        let verdict = |signed_at| check(signed_at, now, Tolerance::default());
        for skew in [-300, -299, 0, 299, 300] {
            assert_eq!(verdict(1_000_000 + skew), Ok(()), "{skew}");
        }
        for skew_seconds in [-301, 301, 1_000_000] {
            let refusal = Err(Refusal::Stale { skew_seconds });
            assert_eq!(verdict(1_000_000 + skew_seconds), refusal);
        }
        assert!(verdict(i64::MAX).is_err() && verdict(0).is_err());
    }

    #[test]
    fn tolerances() {
        for good in [1, 300, 86_400] {
            assert!(Tolerance::try_from(good).is_ok_and(|t| u64::from(t.seconds()) == good));
        }
        for bad in [0, 86_401, u64::MAX] {
            assert_eq!(Tolerance::try_from(bad), Err(InvalidTolerance));
        }
    }
}
