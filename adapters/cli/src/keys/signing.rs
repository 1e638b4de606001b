//! What `send`, `sign` and `replay` sign with: what the provider of a source would.

use std::{cmp::Reverse, ffi::OsString, path::PathBuf};

use clap::Args as ClapArgs;
use countersign_core::SourceName;
use countersign_hmac::{Scheme, Signer, SigningKey};

use super::{ENVIRONMENT, file, secret, variables};
use crate::{
    settings::{file::ConfigFile, layers},
    stop::Stop,
};

/// How to sign.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct SigningArgs {
    /// How to sign: generic, standard-webhooks, github, stripe, slack or shopify. For
    /// standard-webhooks, the secret may be a private key (whsk_). Without it, as the configuration
    /// file says of the source; of the default source, also `SIGNATURE_SCHEME`.
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
        self.signer_of(source, layers::file_at_start(), &ENVIRONMENT)
    }

    pub(super) fn signer_of(
        &self,
        source: &SourceName,
        file: Option<&ConfigFile>,
        environment: &impl Fn(&str) -> Option<OsString>,
    ) -> Result<(Scheme, Signer), Stop> {
        let scheme = match self.scheme.trim() {
            "" => scheme_of(source, file, environment)?,
            text => variables::scheme("--scheme", text)?,
        };
        let secrets = self.secrets(source, file, environment)?;
        let mut signers = secrets.iter().map(|secret| Signer::new(scheme, secret));
        // Of some keys only what verifies is known here.
        let first = signers.next().unwrap_or_else(|| Signer::new(scheme, ""));
        let signer = first.or_else(|fault| signers.find_map(Result::ok).ok_or(fault));
        let signer = signer.map_err(|fault| {
            Stop::configuration(
                fault.to_string(),
                "give the server's secret, and with --scheme the server's scheme",
            )
        })?;
        Ok((scheme, signer))
    }

    /// The secrets to try, the one that vouches longest before the others.
    fn secrets(
        &self,
        source: &SourceName,
        file: Option<&ConfigFile>,
        environment: &impl Fn(&str) -> Option<OsString>,
    ) -> Result<Vec<String>, Stop> {
        if let Some(path) = &self.secret_file {
            return Ok(vec![secret::in_file("--secret-file", path)?]);
        }
        let configured = file.map(|file| file::keys_of(file, source, environment));
        let Some(mut keys) = configured.transpose()?.flatten() else {
            return Ok(vec![variables::to_sign_with(environment)?]);
        };
        keys.sort_by_key(|key| Reverse((key.expires_at.is_none(), key.expires_at)));
        let secret = |key: &SigningKey| key.secret.expose().to_owned();
        Ok(keys.iter().map(secret).collect())
    }
}

/// How messages to this source are signed, as the configuration file has it; for the default source,
/// or else as `SIGNATURE_SCHEME` says; or else the generic one.
fn scheme_of(
    source: &SourceName,
    file: Option<&ConfigFile>,
    environment: &impl Fn(&str) -> Option<OsString>,
) -> Result<Scheme, Stop> {
    if let Some(file) = file
        && let Some(scheme) = file::scheme_of(file, source)?
    {
        return Ok(scheme);
    }
    let said = environment("SIGNATURE_SCHEME").filter(|_| source.is_default());
    let said = secret::variable("SIGNATURE_SCHEME", said)?;
    variables::scheme("SIGNATURE_SCHEME", said.as_deref().unwrap_or_default())
}
