//! countersign's signature schemes, on [`ring`].
//!
//! Every scheme works on the raw bytes and compares in constant time. Which one is used, and with
//! which secrets, comes from the configuration, never from the request: [`sources`] makes all
//! verifiers at once. [`Signer`] signs as a provider does, for tests.
//!
//! - `scheme`: one file for each way of signing
//! - `key`: secrets, and which of them are unfit
//! - `window`: timestamps and their tolerance
//! - `verifier`: the port
//! - `diagnosis`: which mistake a wrong signature comes from
//! - `sign`: signing, and making secrets

mod diagnosis;
mod encoding;
mod key;
mod read_token;
mod scheme;
mod sign;
mod verifier;
mod window;

pub use diagnosis::typical_mend;
pub use key::{InvalidKey, KeyFault, Secret, SigningKey};
pub use read_token::{BlankToken, SharedReadToken};
pub use scheme::{
    Scheme, UnknownScheme,
    generic::{BlankSecret, HexHmacSha256},
};
pub use sign::{KeyPair, NoRandomness, Signer, fresh_key_pair, fresh_secret};
pub use verifier::{SourceConfig, sources};
pub use window::{InvalidTolerance, Tolerance};

#[cfg(test)]
mod tests;
