//! `countersign gen-secret`

use clap::Args as ClapArgs;
use countersign_hmac::{NoRandomness, fresh_key_pair, fresh_secret};

use crate::{
    keys,
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign gen-secret\n  \
    (umask 077; countersign gen-secret --scheme standard-webhooks > partner.secret)\n  \
    countersign gen-secret --ed25519")]
pub struct GenSecretArgs {
    /// The scheme to make it for: whsec_ and base64 for standard-webhooks, hexadecimal for all
    /// others. Slack, Stripe and Shopify make secrets themselves: copy theirs.
    #[arg(long, value_name = "SCHEME", default_value = "generic")]
    pub scheme: String,
    /// Make an Ed25519 key for standard-webhooks: in the first line the private half (whsk_), for
    /// the provider, and in the second the public half (whpk_), to configure here.
    #[arg(long, conflicts_with = "scheme")]
    pub ed25519: bool,
}

/// Prints a fresh secret and nothing else.
pub fn run(args: &GenSecretArgs) -> Result<(), Stop> {
    let failed = |error: NoRandomness| {
        Stop::unavailable(error.to_string(), "run it where /dev/urandom can be read")
    };
    if args.ed25519 {
        let pair = fresh_key_pair().map_err(failed)?;
        return stop::print(&format!("{}\n{}\n", pair.private, pair.public));
    }
    let scheme = keys::scheme("--scheme", &args.scheme)?;
    stop::print(&format!("{}\n", fresh_secret(scheme).map_err(failed)?))
}
