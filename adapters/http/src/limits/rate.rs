//! How many requests one client may send: what the operator says.

use std::{error::Error, fmt, num::NonZeroU32, ops::RangeInclusive, str::FromStr, time::Duration};

/// More than this server can answer: a slip is told from a wish.
const REQUESTS: RangeInclusive<u32> = 1..=1_000_000;

/// At the most a day: the process forgets, if nothing else does.
const SECONDS: RangeInclusive<u32> = 1..=86_400;

/// How many requests one client may send at once, and within how many seconds it may send as many
/// again: they come back one by one, evenly. Written as `600/60`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    requests: NonZeroU32,
    seconds: NonZeroU32,
}

impl RateLimit {
    /// At once.
    pub(super) const fn requests(self) -> NonZeroU32 {
        self.requests
    }

    /// In which as many come back.
    pub(super) const fn seconds(self) -> NonZeroU32 {
        self.seconds
    }

    /// In which one comes back. Never zero: there are more nanoseconds in a second than requests.
    pub(super) fn period(self) -> Duration {
        Duration::from_secs(self.seconds.get().into()) / self.requests.get()
    }
}

/// No rate, or one beyond all reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidRateLimit;

impl fmt::Display for InvalidRateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "must be <requests>/<seconds>, such as 600/60: {} to {} requests in {} to {} seconds",
            REQUESTS.start(),
            REQUESTS.end(),
            SECONDS.start(),
            SECONDS.end()
        )
    }
}

impl Error for InvalidRateLimit {}

impl FromStr for RateLimit {
    type Err = InvalidRateLimit;

    fn from_str(text: &str) -> Result<Self, InvalidRateLimit> {
        let (requests, seconds) = text.split_once('/').ok_or(InvalidRateLimit)?;
        Ok(Self {
            requests: number(requests, &REQUESTS)?,
            seconds: number(seconds, &SECONDS)?,
        })
    }
}

/// Digits, and nothing else: the standard library takes a sign, too.
fn number(text: &str, range: &RangeInclusive<u32>) -> Result<NonZeroU32, InvalidRateLimit> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| range.contains(number));
    number
        .filter(|_| digits)
        .and_then(NonZeroU32::new)
        .ok_or(InvalidRateLimit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, requests, seconds, period) in [
            ("600/60", 600, 60, Duration::from_millis(100)),
            ("1/86400", 1, 86_400, Duration::from_hours(24)),
            ("1000000/1", 1_000_000, 1, Duration::from_micros(1)),
        ] {
            let rate = text.parse::<RateLimit>().unwrap();
            assert_eq!(rate.requests().get(), requests, "{text}");
            assert_eq!(rate.seconds().get(), seconds, "{text}");
            assert_eq!(rate.period(), period, "{text}");
        }
        for text in [
            "",
            "600",
            "600/",
            "/60",
            "/",
            "0/60",
            "600/0",
            "1000001/1",
            "1/86401",
            "-1/60",
            "+600/60",
            "600/+60",
            "600 / 60",
            "600/60s",
            "600/1m",
            "10/s",
            "1e3/60",
            "6.5/60",
            "600/60/1",
            "99999999999/1",
        ] {
            assert_eq!(text.parse::<RateLimit>(), Err(InvalidRateLimit), "{text:?}");
        }
    }
}
