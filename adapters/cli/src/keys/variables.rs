//! The default source, as the environment has it: `WEBHOOK_SECRET` and what goes with it.

use std::{ffi::OsString, path::Path};

use countersign_core::{KeyLabel, SourceName, Timestamp};
use countersign_hmac::{Scheme, SigningKey, SourceConfig, Tolerance};

use super::{
    KeyArgs,
    secret::{self, HELP},
};
use crate::stop::Stop;

/// The variables of one of the two keys.
struct Names {
    secret: &'static str,
    file: &'static str,
    label: &'static str,
    /// What the key is called if nobody says so.
    default_label: &'static str,
    expires_at: Option<&'static str>,
    /// Whether a blank file means that there is no such key: so it is taken away without a restart.
    may_be_blank: bool,
}

const CURRENT: Names = Names {
    secret: "WEBHOOK_SECRET",
    file: "WEBHOOK_SECRET_FILE",
    label: "WEBHOOK_SECRET_LABEL",
    default_label: "current",
    expires_at: None,
    may_be_blank: false,
};

const PREVIOUS: Names = Names {
    secret: "WEBHOOK_SECRET_PREVIOUS",
    file: "WEBHOOK_SECRET_PREVIOUS_FILE",
    label: "WEBHOOK_SECRET_PREVIOUS_LABEL",
    default_label: "previous",
    expires_at: Some("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT"),
    may_be_blank: true,
};

#[cfg(test)]
pub const DEFAULT_LABELS: (&str, &str) = (CURRENT.default_label, PREVIOUS.default_label);

/// The secret of the default source, to sign with.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn to_sign_with(environment: impl Fn(&str) -> Option<OsString>) -> Result<String, Stop> {
    match key(&CURRENT, &environment)? {
        Some(key) => Ok(key.secret.expose().to_owned()),
        None => Err(missing(&environment).advising(
            "set WEBHOOK_SECRET to the server's secret, or name a file with --secret-file",
        )),
    }
}

/// The default source; `None` if it is not configured, which is an error if it is `needed`.
///
/// # Errors
/// The first variable that is wrong.
pub fn read(
    args: &KeyArgs,
    environment: &impl Fn(&str) -> Option<OsString>,
    needed: bool,
) -> Result<Option<SourceConfig>, Stop> {
    let current = key(&CURRENT, environment)?;
    let previous = key(&PREVIOUS, environment)?;
    let Some(current) = current else {
        if needed || previous.is_some() {
            return Err(missing(environment));
        }
        return Ok(None);
    };
    if previous
        .as_ref()
        .is_some_and(|previous| previous.label == current.label)
    {
        return Err(Stop::configuration(
            format!(
                "the keys of WEBHOOK_SECRET and WEBHOOK_SECRET_PREVIOUS are both called {}",
                current.label
            ),
            "set WEBHOOK_SECRET_LABEL and WEBHOOK_SECRET_PREVIOUS_LABEL to two different labels",
        ));
    }
    Ok(Some(SourceConfig {
        name: SourceName::default(),
        scheme: scheme("SIGNATURE_SCHEME", &args.signature_scheme)?,
        tolerance: tolerance(&args.signature_tolerance_seconds)?,
        keys: [Some(current), previous].into_iter().flatten().collect(),
    }))
}

/// Fails if something is set that would have no effect, because the file has the default source.
///
/// # Errors
/// Names the setting.
pub fn refuse(args: &KeyArgs, environment: &impl Fn(&str) -> Option<OsString>) -> Result<(), Stop> {
    let of_args = [
        ("SIGNATURE_SCHEME", args.signature_scheme.as_str()),
        (
            "SIGNATURE_TOLERANCE_SECONDS",
            &args.signature_tolerance_seconds,
        ),
    ];
    let of_args = of_args
        .into_iter()
        .find(|(_, value)| !value.trim().is_empty())
        .map(|(name, _)| name);
    let variables = [CURRENT.secret, CURRENT.file, PREVIOUS.secret, PREVIOUS.file];
    let set = variables
        .into_iter()
        .find(|name| !is_blank(environment(name).as_ref()))
        .or(of_args);
    set.map_or(Ok(()), |name| {
        Err(Stop::configuration(
            format!("{name} is set, and the configuration file has the source default, too"),
            format!("configure the default source in one place: unset {name}, or remove it from the file"),
        ))
    })
}

fn key(
    names: &Names,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<Option<SigningKey>, Stop> {
    let value = secret::variable(names.secret, environment(names.secret))?;
    let value = value.filter(|text| !text.trim().is_empty());
    let file = environment(names.file).filter(|path| !is_blank(Some(path)));
    let expires_at = names
        .expires_at
        .map(|name| expiry(name, environment))
        .transpose()?
        .flatten();
    let secret = match (value, file) {
        (Some(_), Some(_)) => {
            return Err(Stop::configuration(
                format!("{} and {} are both set", names.secret, names.file),
                "leave one of them out",
            ));
        }
        (Some(value), None) => value,
        (None, Some(path)) => match secret::in_file_or_blank(names.file, Path::new(&path))? {
            Some(secret) => secret,
            None if names.may_be_blank => return Ok(None),
            None => return Err(secret::blank_file(names.file, Path::new(&path))),
        },
        (None, None) => {
            return match (names.expires_at, expires_at) {
                (Some(name), Some(_)) => Err(Stop::configuration(
                    format!("{name} is set, but {} is not", names.secret),
                    format!("unset {name}, or set the secret that expires"),
                )),
                _ => Ok(None),
            };
        }
    };
    let label = secret::variable(names.label, environment(names.label))?;
    let label = label.filter(|text| !text.trim().is_empty());
    let label = label.as_deref().unwrap_or(names.default_label);
    let label = KeyLabel::try_from(label).map_err(|rule| {
        Stop::configuration(
            format!("{} {rule}", names.label),
            "call the key by something that may be shown, such as the month it was made in: 2026-11",
        )
    })?;
    Ok(Some(SigningKey {
        label,
        secret: secret.into(),
        expires_at,
    }))
}

fn expiry(
    name: &str,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Timestamp>, Stop> {
    let text = secret::variable(name, environment(name))?;
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| instant(name, text.trim())).transpose()
}

/// An instant that `place` names.
///
/// # Errors
/// If it is none.
pub fn instant(place: &str, text: &str) -> Result<Timestamp, Stop> {
    Timestamp::parse_rfc3339(text).map_err(|rule| {
        Stop::configuration(
            format!("{place} {rule}"),
            "write it as 2026-12-01T00:00:00Z; from then on, the secret vouches for nothing",
        )
    })
}

/// The scheme that `place` names; the generic one if it is blank.
///
/// # Errors
/// If there is no such scheme.
pub fn scheme(place: &str, text: &str) -> Result<Scheme, Stop> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Scheme::default());
    }
    text.parse().map_err(|unknown| {
        Stop::configuration(
            format!(
                "{place} {unknown} (it has {} characters)",
                text.chars().count()
            ),
            "set it to how the provider signs; generic is X-Signature with the HMAC-SHA256 in hex",
        )
    })
}

fn tolerance(text: &str) -> Result<Tolerance, Stop> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Tolerance::default());
    }
    let seconds = text.parse::<u64>().ok();
    let tolerance = seconds.and_then(|seconds| Tolerance::try_from(seconds).ok());
    tolerance.ok_or_else(|| {
        Stop::configuration(
            format!(
                "SIGNATURE_TOLERANCE_SECONDS must be a number from 1 to {} (it has {} characters)",
                Tolerance::MAX_SECONDS,
                text.chars().count()
            ),
            "leave it out for 300, as the providers' libraries have it",
        )
    })
}

fn is_blank(value: Option<&OsString>) -> bool {
    value.is_none_or(|value| value.to_str().is_some_and(|text| text.trim().is_empty()))
}

fn missing(environment: &impl Fn(&str) -> Option<OsString>) -> Stop {
    let what = match environment(CURRENT.secret) {
        Some(_) => "blank",
        None => "not set",
    };
    Stop::configuration(format!("{} is {what}", CURRENT.secret), HELP)
}
