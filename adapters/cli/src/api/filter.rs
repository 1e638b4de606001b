//! Which messages: the filters of the API as flags.

use clap::Args as ClapArgs;
use countersign_core::{Clock as _, Timestamp};

use super::instant;
use crate::{clock::SystemClock, stop::Stop};

/// Which messages; all of it must hold together.
#[derive(Debug, Default, Clone, ClapArgs)]
pub struct FilterArgs {
    /// Only messages from this number.
    #[arg(long, value_name = "NUMBER", help_heading = "Filters")]
    pub from: Option<String>,
    /// Only messages sent at this instant or later: 2h (ago), 2026-11-29 (UTC), or RFC 3339.
    #[arg(long, value_name = "INSTANT", help_heading = "Filters")]
    pub since: Option<String>,
    /// Only messages sent before this instant, written as `--since` is.
    #[arg(long, value_name = "INSTANT", help_heading = "Filters")]
    pub until: Option<String>,
    /// Only messages whose text contains this, in upper or lower case.
    #[arg(short, long, value_name = "TEXT", help_heading = "Filters")]
    pub q: Option<String>,
    /// Only messages of this source.
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub source: Option<String>,
    /// Only messages that the key of this label vouched for.
    #[arg(long, value_name = "LABEL", help_heading = "Filters")]
    pub verified_by: Option<String>,
    /// Only messages received at this instant or later, whatever their own time says.
    #[arg(long, value_name = "INSTANT", help_heading = "Filters")]
    pub received_since: Option<String>,
    /// Only messages received before this instant.
    #[arg(long, value_name = "INSTANT", help_heading = "Filters")]
    pub received_before: Option<String>,
}

/// The filters as the API's parameters.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Filter(pub Vec<(&'static str, String)>);

impl Filter {
    /// # Errors
    /// If an instant is none, or a filter is blank, which the API would take for none.
    pub fn new(args: &FilterArgs, to: (&str, Option<&String>)) -> Result<Self, Stop> {
        Self::at(args, to, SystemClock.now())
    }

    fn at(
        args: &FilterArgs,
        (to_flag, to): (&str, Option<&String>),
        now: Timestamp,
    ) -> Result<Self, Stop> {
        let mut parameters = Vec::new();
        for (flag, parameter, value) in [
            ("--from", "from", args.from.as_ref()),
            (to_flag, "to", to),
            ("--q", "q", args.q.as_ref()),
            ("--source", "source", args.source.as_ref()),
            ("--verified-by", "verified_by", args.verified_by.as_ref()),
        ] {
            let Some(value) = value else { continue };
            if value.is_empty() {
                return Err(Stop::configuration(
                    format!("{flag} is empty"),
                    "give it a value, or leave it out for all",
                ));
            }
            parameters.push((parameter, value.clone()));
        }
        for (flag, parameter, value) in [
            ("--since", "since", &args.since),
            ("--until", "until", &args.until),
            ("--received-since", "received_since", &args.received_since),
            (
                "--received-before",
                "received_before",
                &args.received_before,
            ),
        ] {
            if let Some(value) = value {
                parameters.push((parameter, instant::parse(flag, value, now)?.to_string()));
            }
        }
        Ok(Self(parameters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_become_parameters() {
        let args = FilterArgs {
            from: Some("+1 555".to_owned()),
            q: Some("Grüße & co".to_owned()),
            since: Some("2h".to_owned()),
            received_before: Some("2026-11-29".to_owned()),
            ..FilterArgs::default()
        };
        let now = Timestamp::parse_rfc3339("2026-11-29T19:00:00Z").expect("an instant");
        let filter = Filter::at(&args, ("--to", Some(&"+49".to_owned())), now);
        assert_eq!(
            filter.map(|filter| filter.0),
            Ok(vec![
                ("from", "+1 555".to_owned()),
                ("to", "+49".to_owned()),
                ("q", "Grüße & co".to_owned()),
                ("since", "2026-11-29T17:00:00Z".to_owned()),
                ("received_before", "2026-11-29T00:00:00Z".to_owned()),
            ])
        );
        let empty = FilterArgs {
            source: Some(String::new()),
            ..FilterArgs::default()
        };
        assert!(Filter::at(&empty, ("--to", None), now).is_err());
    }
}
