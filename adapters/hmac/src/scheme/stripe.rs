//! `Stripe-Signature: t=<seconds>,v1=<lower hex HMAC-SHA256(secret, t + "." + raw body)>`.
//!
//! The key is the whole text `whsec_…`, unlike Standard Webhooks'. While a secret is rotated there
//! are several `v1`; other items (`v0`, which Stripe sends for tests) are ignored. Stripe's libraries
//! refuse what is too old; here, what is too far ahead is refused, too.

use countersign_core::{Headers, Refusal};

use super::{Claim, once};
use crate::{
    encoding::{self, Digits},
    window,
};

pub const HEADER: &str = "stripe-signature";

pub fn read(headers: &dyn Headers) -> Result<Claim, Refusal> {
    let mut timestamp = None;
    let mut claim = Claim::default();
    for item in items(once(headers, HEADER)?) {
        if let Some(seconds) = item.strip_prefix(b"t=") {
            // With two of them, somebody else might have read the other one.
            if timestamp.replace(seconds).is_some() {
                return Err(Refusal::Malformed);
            }
        } else if let Some(digits) = item.strip_prefix(b"v1=") {
            claim.macs.extend(encoding::hex(digits, Digits::Lower));
        }
    }
    let timestamp = timestamp.ok_or(Refusal::Malformed)?;
    claim.preamble = preamble(timestamp);
    claim.signed_at = Some(window::seconds(timestamp).ok_or(Refusal::Malformed)?);
    claim.bounded()
}

/// The items of the header's value.
pub fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// What is signed before the body.
pub fn preamble(timestamp: &[u8]) -> Vec<u8> {
    [timestamp, b"."].concat()
}
