//! What `send`, `sign` and `replay` sign with: what the provider of a source would.

use std::{cmp::Reverse, ffi::OsString, path::PathBuf};

use clap::Args as ClapArgs;
use countersign_core::{Clock as _, SourceName, Timestamp};
use countersign_hmac::{Scheme, Signer};

use super::{ENVIRONMENT, KeyArgs, file, secret, variables};
use crate::{
    clock::SystemClock,
    settings::{file::ConfigFile, layers},
    stop::Stop,
};

/// How to sign.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct SigningArgs {
    /// How to sign: generic, standard-webhooks, github, stripe, slack or shopify. For
    /// standard-webhooks, the secret may be a private key (whsk_). Without it, as the configuration
    /// file says of the source, or else `SIGNATURE_SCHEME`.
    #[arg(
        long,
        value_name = "SCHEME",
        default_value = "",
        hide_default_value = true
    )]
    pub scheme: String,
    /// A file with the secret to sign with; a newline at its end is left out. Without it, the secret
    /// that the configuration file has for the source, or else `WEBHOOK_SECRET`.
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
}

impl SigningArgs {
    /// Who signs messages to this source, and how.
    ///
    /// # Errors
    /// If there is no secret, no such scheme, or the scheme cannot sign with the secret.
    pub fn signer(&self, source: &SourceName) -> Result<(Scheme, Signer), Stop> {
        let file = layers::file_at_start();
        self.signer_of(source, file, &ENVIRONMENT, SystemClock.now())
    }

    pub(super) fn signer_of(
        &self,
        source: &SourceName,
        file: Option<&ConfigFile>,
        environment: &impl Fn(&str) -> Option<OsString>,
        now: Timestamp,
    ) -> Result<(Scheme, Signer), Stop> {
        let of_file = file.map(|file| file::scheme_of(file, source));
        let of_file = of_file.transpose()?.flatten();
        let scheme = match (self.scheme.trim(), of_file) {
            ("", Some(scheme)) => scheme,
            ("", None) => {
                let name = "SIGNATURE_SCHEME";
                let said = secret::variable(name, environment(name))?;
                variables::scheme(name, said.as_deref().unwrap_or_default())?
            }
            (text, _) => variables::scheme("--scheme", text)?,
        };
        let signer = if let Some(path) = &self.secret_file {
            with(scheme, &secret::in_file("--secret-file", path)?)?
        } else if let Some(file) = file.filter(|_| of_file.is_some()) {
            of_its_own(scheme, source, file, environment, now)?
        } else {
            refuse_unknown(source, file)?;
            with(scheme, &variables::to_sign_with(environment)?)?
        };
        Ok((scheme, signer))
    }
}

fn with(scheme: Scheme, secret: &str) -> Result<Signer, Stop> {
    Signer::new(scheme, secret).map_err(|fault| {
        Stop::configuration(
            fault.to_string(),
            "give the server's secret, and with --scheme the server's scheme",
        )
    })
}

/// With the key of the file that vouches longest; of some keys, only what verifies is known there.
fn of_its_own(
    scheme: Scheme,
    source: &SourceName,
    file: &ConfigFile,
    environment: &impl Fn(&str) -> Option<OsString>,
    now: Timestamp,
) -> Result<Signer, Stop> {
    if source.is_default() {
        // As at a start: which of the two is meant, is not to be guessed.
        let signature_scheme =
            secret::variable("SIGNATURE_SCHEME", environment("SIGNATURE_SCHEME"))?;
        let args = KeyArgs {
            signature_scheme: signature_scheme.unwrap_or_default(),
            ..KeyArgs::default()
        };
        variables::refuse(&args, environment)
            .map_err(|stop| stop.advising("unset it, or name the secret with --secret-file"))?;
    }
    let unusable = |what: String| {
        Stop::configuration(
            what,
            "name a file with the secret, or with the private key, with --secret-file",
        )
    };
    let mut keys = file::keys_of(file, source, environment)?.unwrap_or_default();
    if keys.is_empty() {
        return Err(unusable(format!("source {source} has no secrets")));
    }
    keys.retain(|key| key.expires_at.is_none_or(|end| end > now));
    keys.sort_by_key(|key| Reverse((key.expires_at.is_none(), key.expires_at)));
    let mut first_fault = None;
    for key in &keys {
        match Signer::new(scheme, key.secret.expose()) {
            Ok(signer) => return Ok(signer),
            Err(fault) => {
                first_fault
                    .get_or_insert_with(|| format!("source {source}, key {}: {fault}", key.label));
            }
        }
    }
    let expired = || format!("source {source}: every key has expired");
    Err(unusable(first_fault.unwrap_or_else(expired)))
}

/// A name that the file does not have is a mistake, if it has others.
fn refuse_unknown(source: &SourceName, file: Option<&ConfigFile>) -> Result<(), Stop> {
    let known = file.map(file::names).transpose()?.unwrap_or_default();
    if source.is_default() || known.is_empty() {
        return Ok(());
    }
    Err(Stop::configuration(
        format!("the configuration file has no source {source}"),
        format!(
            "it has: {}; or name the secret with --secret-file",
            known.join(", ")
        ),
    ))
}
