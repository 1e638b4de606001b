//! `X-Signature: hex(HMAC-SHA256(secret, raw body))`.
//!
//! The digest may be written in lower or upper case, with GitHub's prefix `sha256=`, and with
//! blanks around it; anything else is refused.

use countersign_core::{Headers, KeyLabel, KeyTerm, Refusal, SignatureVerifier, Signing};
use ring::hmac;

use super::{Claim, Mac, Scheme, once};
use crate::encoding::{self, Digits};

pub const HEADER: &str = "x-signature";

pub fn read(headers: &dyn Headers) -> Result<Claim, Refusal> {
    let value = once(headers, HEADER)?;
    Ok(Claim::of_body(decode(value).ok_or(Refusal::Malformed)?))
}

/// The digest that a header's value spells, if it spells one.
fn decode(value: &[u8]) -> Option<Mac> {
    let value = value.trim_ascii();
    let digits = match value.strip_prefix(b"sha256=") {
        Some(rest) => rest.trim_ascii_start(),
        None => value,
    };
    encoding::hex(digits, Digits::Any)
}

/// The generic scheme with one secret, called `current`: it verifies, and signs as a provider does.
pub struct HexHmacSha256 {
    label: KeyLabel,
    key: hmac::Key,
}

/// A secret that cannot authenticate anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty or blank")]
pub struct BlankSecret;

impl HexHmacSha256 {
    /// The header that carries the signature (names of headers ignore case).
    pub const HEADER: &str = HEADER;

    /// A verifier for the secret's UTF-8 bytes as given: neither trimmed nor normalised.
    ///
    /// # Errors
    /// [`BlankSecret`]: HMAC would take an empty key, and then anyone could sign.
    pub fn new(secret: &str) -> Result<Self, BlankSecret> {
        if secret.trim().is_empty() {
            return Err(BlankSecret);
        }
        Ok(Self {
            label: KeyLabel::try_from("current").map_err(|_| BlankSecret)?,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        })
    }

    /// The header's value for `body`: what a provider would send.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        encoding::to_hex(hmac::sign(&self.key, body).as_ref())
    }
}

impl SignatureVerifier for HexHmacSha256 {
    fn verify(&self, headers: &dyn Headers, body: &[u8]) -> Result<KeyLabel, Refusal> {
        let mac = decode(once(headers, HEADER)?).ok_or(Refusal::Malformed)?;
        hmac::verify(&self.key, body, &mac).map_err(|_| Refusal::Mismatch)?;
        Ok(self.label.clone())
    }

    fn describe(&self) -> Signing {
        Signing {
            scheme: Scheme::Generic.name(),
            header: Scheme::Generic.signature_header(),
            tolerance_seconds: None,
            keys: vec![KeyTerm {
                label: self.label.clone(),
                until: None,
            }],
        }
    }
}
