use std::fmt;

use chrono::{DateTime, Datelike, Timelike, Utc};

/// An instant between the years 0000 and 9999 (UTC), kept to the microsecond.
///
/// It is held as a number, not as text, so that it sorts: as text, `…00.5Z` comes before `…00Z`.
/// Read from RFC 3339 with [`Timestamp::parse_rfc3339`], written by [`fmt::Display`] as RFC 3339
/// in UTC with `Z` and no padding zeros, so that `2025-12-07T10:30:00Z` comes back as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimestamp {
    /// Not RFC 3339, or without an offset.
    #[error(
        "must be an RFC 3339 date and time with an offset, such as 2025-12-07T10:30:00Z \
         (it is {0} bytes long)"
    )]
    Format(usize),
    /// The instant lies outside the years that RFC 3339 can write in UTC.
    #[error("must lie between the years 0000 and 9999 in UTC")]
    Range,
}

impl Timestamp {
    /// `0000-01-01T00:00:00Z`, the first instant that can be written.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// `9999-12-31T23:59:59.999999Z`, the last instant that can be written.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// Reads an RFC 3339 `date-time`: a full date, `T`, a time with optional fraction, and `Z` or
    /// an offset. `t` and `z` may be lower case (RFC 3339 §5.6). Digits beyond the microsecond are
    /// cut off. A leap second (`:60`) is the first instant of the following minute.
    ///
    /// # Errors
    /// [`InvalidTimestamp::Format`] if the text is something else, a blank in place of the `T`
    /// included; [`InvalidTimestamp::Range`] if the instant is not within the years 0000 to 9999.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InvalidTimestamp> {
        // chrono also takes a blank for the `T` and the Unicode minus sign, which RFC 3339 doesn't.
        let well_formed = text.is_ascii() && matches!(text.as_bytes().get(10), Some(b'T' | b't'));
        if !well_formed {
            return Err(InvalidTimestamp::Format(text.len()));
        }
        let instant =
            DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTimestamp::Format(text.len()))?;
        Self::from_micros(instant.timestamp_micros()).ok_or(InvalidTimestamp::Range)
    }

    /// The instant `micros` microseconds after `1970-01-01T00:00:00Z`; `None` outside
    /// [`Timestamp::MIN`]`..=`[`Timestamp::MAX`].
    #[must_use]
    pub const fn from_micros(micros: i64) -> Option<Self> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 {
            return None;
        }
        Some(Self(micros))
    }

    /// Microseconds since `1970-01-01T00:00:00Z`, negative before it.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
}

/// Microseconds are kept, finer digits are cut off. Instants out of range become the nearest end.
impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_micros().clamp(Self::MIN.0, Self::MAX.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = DateTime::from_timestamp_micros(self.0).unwrap_or_default();
        let (date, time) = (t.date_naive(), t.time());
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )?;
        let micros = self.0.rem_euclid(1_000_000);
        if micros != 0 {
            let digits = format!("{micros:06}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(text: &str) -> Result<String, InvalidTimestamp> {
        Timestamp::parse_rfc3339(text).map(|t| t.to_string())
    }

    #[test]
    fn comes_back_in_utc_without_padding() {
        for (given, back) in [
            ("2025-12-07T10:30:00Z", "2025-12-07T10:30:00Z"),
            ("2025-12-07T10:30:00.500Z", "2025-12-07T10:30:00.5Z"),
            ("2025-12-07t10:30:00z", "2025-12-07T10:30:00Z"),
            ("2025-12-07T16:00:00+05:30", "2025-12-07T10:30:00Z"),
            (
                "2025-12-07T10:30:00.1234567Z",
                "2025-12-07T10:30:00.123456Z",
            ),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(echo(given).as_deref(), Ok(back), "{given}");
        }
    }

    #[test]
    fn refuses_what_rfc_3339_does_not_write() {
        for text in [
            "",
            "2025-12-07",
            "2025-12-07T10:30:00",
            "2025-12-07 10:30:00Z",
            "2025-12-07T10:30:00+0530",
            "2025-12-07T10:30Z",
            "2025-13-07T10:30:00Z",
            "2025-02-30T10:30:00Z",
            "2025-12-07T24:00:00Z",
            "2025-12-07T10:30:00Z ",
            " 2025-12-07T10:30:00Z",
            "2025-12-07T10:30:00\u{2212}01:00",
            "２025-12-07T10:30:00Z",
            "20251207T103000Z",
            "+12025-12-07T10:30:00Z",
            "2025-12-07T10:30:00.Z",
        ] {
            assert!(
                matches!(echo(text), Err(InvalidTimestamp::Format(_))),
                "{text:?} gave {:?}",
                echo(text)
            );
        }
    }

    #[test]
    fn refuses_instants_that_utc_cannot_write() {
        assert_eq!(
            echo("0000-01-01T00:00:00+01:00"),
            Err(InvalidTimestamp::Range)
        );
        assert_eq!(
            echo("9999-12-31T23:59:59-00:01"),
            Err(InvalidTimestamp::Range)
        );
        assert_eq!(echo("9999-12-31T23:59:60Z"), Err(InvalidTimestamp::Range));
    }

    #[test]
    fn half_a_second_later_sorts_later() {
        let whole = Timestamp::parse_rfc3339("2025-01-01T00:00:00Z");
        let half = Timestamp::parse_rfc3339("2025-01-01T00:00:00.5Z");
        assert!(whole.is_ok() && whole.ok() < half.ok());
    }

    #[test]
    fn it_counts_microseconds_from_1970() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:01.000002Z", 1_000_002),
            ("1969-12-31T23:59:59.999998Z", -2),
        ] {
            let instant = Timestamp::parse_rfc3339(text).unwrap();
            assert_eq!(instant.micros(), micros);
            assert_eq!(Timestamp::from_micros(micros), Some(instant));
        }
    }
}
