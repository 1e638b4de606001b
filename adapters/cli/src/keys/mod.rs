//! Sources and their keys: where they are configured, how they are read again, and what is said
//! about them.
//!
//! - `variables`: the default source, from the environment
//! - `file`: more sources, from the configuration file
//! - `secret`: one secret, from wherever it is
//! - `signing`: what test messages are signed with
//! - `report`: what the log says at start, and after reading again
//! - `reload`: SIGHUP
//!
//! No error and no log line shows a secret.

mod file;
mod reload;
mod report;
pub mod secret;
mod signing;
mod variables;

use std::{ffi::OsString, sync::Arc};

use clap::Args as ClapArgs;
use countersign_core::{Clock, Sources};
use countersign_hmac::{InvalidKey, KeyFault, SourceConfig};

pub use self::{
    file::secret_files, reload::reload_on_hangup, signing::SigningArgs, variables::scheme,
};
use crate::{
    settings::{file::ConfigFile, layers},
    stop::Stop,
};

/// Where the keys are configured, beside the variables that hold secrets.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct KeyArgs {
    #[arg(
        long,
        env = "SIGNATURE_SCHEME",
        value_name = "SCHEME",
        default_value = ""
    )]
    pub signature_scheme: String,
    #[arg(
        long,
        env = "SIGNATURE_TOLERANCE_SECONDS",
        value_name = "SECONDS",
        default_value = ""
    )]
    pub signature_tolerance_seconds: String,
    #[arg(
        long = "config",
        env = "CONFIG_FILE",
        value_name = "FILE",
        default_value = ""
    )]
    pub config: String,
}

/// What the environment says.
pub type Environment = fn(&str) -> Option<OsString>;

/// The environment of this process, and beneath it what the configuration file said at the start.
pub const ENVIRONMENT: Environment = layers::environment;

/// Every source with its keys, ready for use.
pub struct Keys {
    configured: Vec<SourceConfig>,
    verifiers: Sources,
}

impl Keys {
    /// Reads variables, what the configuration file said at the start, and the files that these name.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn at_start(args: &KeyArgs, clock: &Arc<dyn Clock>) -> Result<Self, Stop> {
        Self::read(args, layers::file_at_start(), ENVIRONMENT, clock)
    }

    /// Reads variables, what the configuration file says, and the files that these name.
    ///
    /// # Errors
    /// The first thing that is wrong.
    fn read(
        args: &KeyArgs,
        file: Option<&ConfigFile>,
        environment: impl Fn(&str) -> Option<OsString>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Stop> {
        let mut configured = match file {
            None => Vec::new(),
            Some(file) => file::read(file, &environment)?,
        };
        let default = configured.iter().find(|source| source.name.is_default());
        if default.is_some() {
            variables::refuse(args, &environment)?;
        } else if let Some(default) = variables::read(args, &environment, configured.is_empty())? {
            configured.insert(0, default);
        }
        let verifiers = countersign_hmac::sources(configured.clone(), clock)
            .map_err(|invalid| unfit(&invalid))?;
        Ok(Self {
            configured,
            verifiers,
        })
    }

    /// The sources as they are configured, the default one first.
    pub fn configured(&self) -> &[SourceConfig] {
        &self.configured
    }

    /// Who verifies what.
    pub fn verifiers(&self) -> Sources {
        self.verifiers.clone()
    }
}

/// What the two keys of the default source are called if nobody says so.
#[cfg(test)]
pub fn default_labels() -> (&'static str, &'static str) {
    variables::DEFAULT_LABELS
}

fn unfit(invalid: &InvalidKey) -> Stop {
    let help = match invalid.fault {
        KeyFault::Blank => "give it the secret that the provider signs with",
        KeyFault::NotBase64 | KeyFault::PublicKeyLength => {
            "copy it again from the provider: a secret begins with whsec_ and a public key with \
             whpk_, and what follows is base64"
        }
        KeyFault::PrivateKey | KeyFault::InvalidPrivateKey | KeyFault::PublicKey => {
            "keep the private key at the provider, and configure the public key whpk_ here"
        }
        KeyFault::OfAnotherScheme => {
            "set the scheme to standard-webhooks, if that is how the provider signs"
        }
        KeyFault::NoKeys => "add an entry to its secrets: { label = \"…\", file = \"…\" }",
        KeyFault::DuplicateLabel => {
            "give each key of a source a label of its own, such as the month it was made in: it says \
             in messages, metrics and the log which one vouched"
        }
        KeyFault::DuplicateSource => {
            "give each source a name of its own, or put its secrets into one"
        }
    };
    Stop::configuration(invalid.to_string(), help)
}

#[cfg(test)]
mod tests;
