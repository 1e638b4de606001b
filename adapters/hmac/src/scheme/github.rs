//! `X-Hub-Signature-256: sha256=<lower hex HMAC-SHA256(secret, raw body)>`, as GitHub's
//! "Validating webhook deliveries" has it. It signs no time.

use countersign_core::{Headers, Refusal};

use super::{Claim, once};
use crate::encoding::{self, Digits};

pub const HEADER: &str = "x-hub-signature-256";
pub const PREFIX: &str = "sha256=";

pub fn read(headers: &dyn Headers) -> Result<Claim, Refusal> {
    let digits = once(headers, HEADER)?.strip_prefix(PREFIX.as_bytes());
    let mac = digits.and_then(|digits| encoding::hex(digits, Digits::Lower));
    Ok(Claim::of_body(mac.ok_or(Refusal::Malformed)?))
}
