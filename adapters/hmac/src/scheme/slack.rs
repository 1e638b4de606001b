//! `X-Slack-Signature: v0=<lower hex HMAC-SHA256(secret, "v0:" + timestamp + ":" + raw body)>` with
//! `X-Slack-Request-Timestamp`, as Slack's "Verifying requests" has it.

use countersign_core::{Headers, Refusal};

use super::{Claim, once};
use crate::{
    encoding::{self, Digits},
    window,
};

pub const TIMESTAMP: &str = "x-slack-request-timestamp";
pub const HEADERS: [&str; 2] = ["x-slack-signature", TIMESTAMP];
pub const PREFIX: &str = "v0=";

pub fn read(headers: &dyn Headers) -> Result<Claim, Refusal> {
    let signature = once(headers, HEADERS[0])?;
    let timestamp = once(headers, TIMESTAMP)?;
    let digits = signature.strip_prefix(PREFIX.as_bytes());
    let mac = digits.and_then(|digits| encoding::hex(digits, Digits::Lower));
    Ok(Claim {
        preamble: preamble(timestamp),
        signed_at: Some(window::seconds(timestamp).ok_or(Refusal::Malformed)?),
        ..Claim::of_body(mac.ok_or(Refusal::Malformed)?)
    })
}

/// What is signed before the body.
pub fn preamble(timestamp: &[u8]) -> Vec<u8> {
    [b"v0:", timestamp, b":"].concat()
}
