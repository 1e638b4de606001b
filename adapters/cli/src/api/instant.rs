//! Instants as people write them.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};
use countersign_core::Timestamp;

use crate::stop::Stop;

/// Reads an instant: RFC 3339; a date, or a date and a time without an offset, which are in UTC;
/// `now`, `today` or `yesterday`, the last two where the day begins in UTC; or how long ago it was,
/// such as `90s`, `15m`, `2h`, `1h 30m`, `7d` or `2w`.
///
/// # Errors
/// If it is none of these; `flag` is what it was given as.
pub fn parse(flag: &str, text: &str, now: Timestamp) -> Result<Timestamp, Stop> {
    read(text.trim(), now).ok_or_else(|| {
        Stop::configuration(
            format!("{flag} is no instant: {text:?}"),
            "write it as 2h (so long ago: s, m, h, d or w), 2026-11-29, 2026-11-29T10:30:00Z, today \
             or yesterday; without an offset it is UTC",
        )
    })
}

fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(instant) = Timestamp::parse_rfc3339(text) {
        return Some(instant);
    }
    let today = DateTime::from_timestamp_micros(now.micros())?.date_naive();
    match text {
        "now" => return Some(now),
        "today" => return Some(midnight(today)),
        "yesterday" => return Some(midnight(today.checked_sub_days(Days::new(1))?)),
        _ => {}
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        // chrono is content with fewer digits.
        return (text.len() == 10).then(|| midnight(date));
    }
    let with_time = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ];
    if let Some(instant) = with_time
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    {
        return Some(instant.and_utc().into());
    }
    let ago = humantime::parse_duration(text).ok()?;
    let ago = i64::try_from(ago.as_micros()).ok()?;
    Timestamp::from_micros(now.micros().checked_sub(ago)?)
}

fn midnight(date: NaiveDate) -> Timestamp {
    date.and_time(NaiveTime::MIN).and_utc().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String, Stop> {
        let now = Timestamp::parse_rfc3339("2026-11-29T19:10:51.5Z").expect("an instant");
        parse("--since", text, now).map(|instant| instant.to_string())
    }

    #[test]
    fn as_people_write_them() {
        for (text, instant) in [
            ("2026-11-29T10:30:00+02:00", "2026-11-29T08:30:00Z"),
            ("2026-11-29t08:30:00z", "2026-11-29T08:30:00Z"),
            ("2026-11-29", "2026-11-29T00:00:00Z"),
            ("2026-11-29T10:30", "2026-11-29T10:30:00Z"),
            ("2026-11-29 10:30:05.25", "2026-11-29T10:30:05.25Z"),
            ("now", "2026-11-29T19:10:51.5Z"),
            ("today", "2026-11-29T00:00:00Z"),
            ("yesterday", "2026-11-28T00:00:00Z"),
            ("90s", "2026-11-29T19:09:21.5Z"),
            ("15m", "2026-11-29T18:55:51.5Z"),
            (" 2h ", "2026-11-29T17:10:51.5Z"),
            ("1h 30m", "2026-11-29T17:40:51.5Z"),
            ("7d", "2026-11-22T19:10:51.5Z"),
            ("2w", "2026-11-15T19:10:51.5Z"),
        ] {
            assert_eq!(at(text), Ok(instant.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_said_with_how_to_write_it() {
        for text in [
            "",
            "2",
            "h",
            "-2h",
            "2026-13-01",
            "26-11-29",
            "2026-11-29T25:00",
            "tomorrow",
            "9999999999w",
            "99999999999999999999h",
        ] {
            let stop = at(text).expect_err(text).to_string();
            assert!(
                stop.contains("--since is no instant") && stop.contains("2026-11-29"),
                "{text}: {stop}"
            );
        }
    }
}
