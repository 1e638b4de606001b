//! Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp` and `webhook-signature`, or all three
//! as Svix calls them.
//!
//! The signature is a list, separated by blanks, of `version,base64`. `v1` is HMAC-SHA256 and `v1a`
//! is Ed25519, both over `id.timestamp.body`; other versions are ignored, so that a provider can
//! introduce one. An id with a dot is refused, because then the same bytes could be read as another
//! id, timestamp and body.

use countersign_core::{Headers, Refusal};

use super::{Claim, is_there, once};
use crate::{encoding, window};

pub const HEADERS: [&str; 3] = ["webhook-signature", "webhook-timestamp", "webhook-id"];
pub const SVIX_HEADERS: [&str; 3] = ["svix-signature", "svix-timestamp", "svix-id"];

/// The names under which this request has them. If it has both sets, it is the standard's.
pub fn names(headers: &dyn Headers) -> [&'static str; 3] {
    if !is_there(headers, HEADERS[0]) && is_there(headers, SVIX_HEADERS[0]) {
        SVIX_HEADERS
    } else {
        HEADERS
    }
}

pub fn read(headers: &dyn Headers) -> Result<Claim, Refusal> {
    let [signature, timestamp, id] = names(headers);
    let (signature, timestamp, id) = (
        once(headers, signature)?,
        once(headers, timestamp)?,
        once(headers, id)?,
    );
    if id.is_empty() || id.contains(&b'.') {
        return Err(Refusal::Malformed);
    }
    let mut claim = Claim {
        preamble: preamble(id, timestamp),
        signed_at: Some(window::seconds(timestamp).ok_or(Refusal::Malformed)?),
        ..Claim::default()
    };
    for entry in entries(signature) {
        if let Some(mac) = entry.strip_prefix(b"v1,") {
            claim.macs.extend(encoding::base64::<32>(mac));
        } else if let Some(signature) = entry.strip_prefix(b"v1a,") {
            claim.signatures.extend(encoding::base64::<64>(signature));
        }
    }
    claim.bounded()
}

/// The entries of the signature's list.
pub fn entries(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(u8::is_ascii_whitespace)
        .filter(|entry| !entry.is_empty())
}

/// What is signed before the body.
pub fn preamble(id: &[u8], timestamp: &[u8]) -> Vec<u8> {
    [id, b".", timestamp, b"."].concat()
}
