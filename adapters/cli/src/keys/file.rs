//! The configuration file: `[[source]]` tables, in TOML.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use countersign_core::{KeyLabel, SourceName};
use countersign_hmac::{Scheme, SigningKey, SourceConfig, Tolerance};
use serde::Deserialize;

use super::{
    secret,
    variables::{instant, scheme},
};
use crate::{
    settings::file::{self, ConfigFile},
    stop::Stop,
};

/// What it looks like, for those who wrote something else.
const EXAMPLE: &str = "a source looks like this: [[source]] name = \"shop\" scheme = \"shopify\" \
     secrets = [{ label = \"2026-11\", file = \"/run/secrets/shop\" }]";

/// What else stands at the top, are settings.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    source: Vec<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: String,
    scheme: Option<String>,
    tolerance_seconds: Option<u64>,
    secrets: Vec<SecretTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretTable {
    label: String,
    secret: Option<String>,
    env: Option<String>,
    file: Option<PathBuf>,
    expires_at: Option<toml::Value>,
}

/// Reads the sources of the file.
///
/// # Errors
/// The first thing that is wrong, by its place.
pub fn read(
    config: &ConfigFile,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<SourceConfig>, Stop> {
    let tables = tables(config)?.into_iter();
    tables
        .map(|table| source(table, config.folder(), environment))
        .collect()
}

/// What the sources of the file are called.
///
/// # Errors
/// If the file cannot be understood.
pub fn names(config: &ConfigFile) -> Result<Vec<String>, Stop> {
    let tables = tables(config)?.into_iter();
    Ok(tables.map(|table| table.name).collect())
}

/// How this source of the file is signed; `None` if the file has no such source.
///
/// # Errors
/// If the file cannot be understood, or there is no such scheme.
pub fn scheme_of(config: &ConfigFile, name: &SourceName) -> Result<Option<Scheme>, Stop> {
    let place = format!("source {name}: scheme");
    let table = table_of(config, name)?;
    let scheme = table.map(|table| scheme(&place, table.scheme.as_deref().unwrap_or_default()));
    scheme.transpose()
}

/// The keys of this source of the file; `None` if the file has no such source.
///
/// # Errors
/// If the file cannot be understood, or a secret is not where it says.
pub fn keys_of(
    config: &ConfigFile,
    name: &SourceName,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Vec<SigningKey>>, Stop> {
    let table = table_of(config, name)?;
    let source = table.map(|table| source(table, config.folder(), environment));
    Ok(source.transpose()?.map(|source| source.keys))
}

fn table_of(config: &ConfigFile, name: &SourceName) -> Result<Option<SourceTable>, Stop> {
    let mut tables = tables(config)?.into_iter();
    Ok(tables.find(|table| table.name == name.as_str()))
}

fn tables(config: &ConfigFile) -> Result<Vec<SourceTable>, Stop> {
    let (path, text) = (config.path.as_path(), config.text());
    let file: File =
        toml::from_str(text).map_err(|error| file::not_understood(path, text, &error, EXAMPLE))?;
    Ok(file.source)
}

/// The files that have secrets of the sources in this file, and that one itself where it has some.
/// What is wrong with it, is another's to say.
pub fn secret_files(config: &ConfigFile) -> Vec<PathBuf> {
    let file = toml::from_str::<File>(config.text()).ok();
    let sources = file.into_iter().flat_map(|file| file.source);
    let secrets = sources.flat_map(|source| source.secrets);
    secrets
        .filter_map(|secret| match (secret.secret, secret.file) {
            (Some(_), _) => Some(config.path.clone()),
            (None, Some(file)) => Some(config.folder().join(file)),
            (None, None) => None,
        })
        .collect()
}

fn source(
    table: SourceTable,
    folder: &Path,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<SourceConfig, Stop> {
    let name = SourceName::try_from(table.name.as_str()).map_err(|rule| {
        Stop::configuration(
            format!("the name of a source {rule}"),
            "it is a part of the URL: /webhook/{name}",
        )
    })?;
    let place = format!("source {name}: scheme");
    let scheme = scheme(&place, table.scheme.as_deref().unwrap_or_default())?;
    let tolerance = match table.tolerance_seconds {
        None => Tolerance::default(),
        Some(seconds) => Tolerance::try_from(seconds).map_err(|rule| {
            Stop::configuration(
                format!("source {name}: tolerance_seconds {rule} (it is {seconds})"),
                "leave it out for 300, as the providers' libraries have it",
            )
        })?,
    };
    let secrets = table.secrets.into_iter();
    Ok(SourceConfig {
        scheme,
        tolerance,
        keys: secrets
            .map(|table| key(&name, table, folder, environment))
            .collect::<Result<_, _>>()?,
        name,
    })
}

fn key(
    source: &SourceName,
    table: SecretTable,
    folder: &Path,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<SigningKey, Stop> {
    let label = KeyLabel::try_from(table.label.as_str()).map_err(|rule| {
        Stop::configuration(
            format!("source {source}: a label {rule}"),
            "call the key by something that may be shown, such as the month it was made in: 2026-11",
        )
    })?;
    let place = format!("source {source}, key {label}");
    let secret = match (table.secret, table.env, table.file) {
        (Some(secret), None, None) => secret,
        (None, Some(name), None) => secret::variable(&name, environment(&name))?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| {
                // What is no name of a variable may be the secret, in the wrong place.
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let is_name = name.chars().all(plain) && !name.starts_with("wh");
                let named = if is_name { name.as_str() } else { "of env" };
                Stop::configuration(
                    format!("{place}: the variable {named} is not set or blank"),
                    "set it to the secret that the provider signs with, in the environment or in .env",
                )
            })?,
        (None, None, Some(path)) => secret::in_file(&format!("{place}: file"), &folder.join(path))?,
        _ => {
            return Err(Stop::configuration(
                format!("{place}: there must be one of secret, env and file"),
                "name the file with the secret, or the variable, or write the secret itself",
            ));
        }
    };
    let expires_at = table.expires_at.map(|value| match value {
        toml::Value::String(text) => text,
        toml::Value::Datetime(instant) => instant.to_string(),
        // No instant, and then it says so.
        _ => String::new(),
    });
    let place = format!("{place}: expires_at");
    let expires_at = expires_at.map(|text| instant(&place, &text)).transpose()?;
    Ok(SigningKey {
        label,
        secret: secret.into(),
        expires_at,
    })
}
