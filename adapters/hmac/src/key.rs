//! The keys that vouch for messages, and what makes a secret unfit.

use std::fmt;

use countersign_core::{KeyLabel, KeyTerm, SourceName, Timestamp};
use ring::hmac;

use crate::{encoding, scheme::Scheme};

/// The prefix of Standard Webhooks' secrets.
pub const SECRET_PREFIX: &str = "whsec_";
/// The prefix of Standard Webhooks' public keys.
pub const PUBLIC_PREFIX: &str = "whpk_";
/// The prefix of Standard Webhooks' private keys.
pub const PRIVATE_PREFIX: &str = "whsk_";

/// Below this many bytes, a secret can be guessed by someone with patience.
const SHORT: usize = 16;

/// A secret as it was configured. No debug output shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret (or, for Standard Webhooks, a public key `whpk_…`) that vouches for messages of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// What it is called where it must not be shown.
    pub label: KeyLabel,
    /// The secret, as the provider shows it: neither trimmed nor normalised.
    pub secret: Secret,
    /// From this instant on it vouches for nothing.
    pub expires_at: Option<Timestamp>,
}

impl SigningKey {
    /// Whether it is a secret of fewer than 16 bytes, as this scheme counts them. Such a secret is
    /// accepted, for some providers make them; Standard Webhooks asks for 24 to 64.
    #[must_use]
    pub fn is_short(&self, scheme: Scheme) -> bool {
        matches!(Material::read(scheme, self.secret.expose()), Ok(Material::Mac { bytes, .. }) if bytes.len() < SHORT)
    }
}

/// A configuration that cannot authenticate anyone, or not say who did. It names the source and the
/// key, and never a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}", self.place())]
pub struct InvalidKey {
    /// The source that is wrong.
    pub source_name: SourceName,
    /// Its key that is wrong, if it is one.
    pub label: Option<KeyLabel>,
    /// What is wrong with it.
    pub fault: KeyFault,
}

impl InvalidKey {
    fn place(&self) -> String {
        let source = &self.source_name;
        match &self.label {
            Some(label) => format!("source {source}, key {label}: "),
            None => format!("source {source}: "),
        }
    }
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// HMAC would take an empty key, and then anyone could sign.
    #[error("the secret is empty or blank")]
    Blank,
    /// Standard Webhooks' secrets are base64, with or without `whsec_` before it.
    #[error("the secret is not base64, which this scheme's secrets are")]
    NotBase64,
    /// A public key has 32 bytes.
    #[error("the public key does not have 32 bytes")]
    PublicKeyLength,
    /// Who receives needs the public half only.
    #[error("it is a private key (whsk_), which only signs; the public key begins with whpk_")]
    PrivateKey,
    /// The private key is damaged.
    #[error("the private key (whsk_) is not an Ed25519 key")]
    InvalidPrivateKey,
    /// The public half cannot sign.
    #[error("it is a public key (whpk_), which cannot sign; the private key begins with whsk_")]
    PublicKey,
    /// Anyone may know a public key.
    #[error(
        "it is a key pair's half (whpk_, whsk_), which only the scheme standard-webhooks knows"
    )]
    OfAnotherScheme,
    /// A source without a key would refuse everything.
    #[error("it has no secret")]
    NoKeys,
    /// A label must say which key it was.
    #[error("the label is there twice")]
    DuplicateLabel,
    /// A name must say which source it was.
    #[error("the source is there twice")]
    DuplicateSource,
}

/// What a secret is to a scheme.
#[derive(Clone)]
pub enum Material {
    /// The key of an HMAC.
    Mac {
        /// Ready for use with SHA-256.
        key: hmac::Key,
        /// The bytes themselves, for the diagnosis.
        bytes: Vec<u8>,
    },
    /// An Ed25519 public key.
    Public([u8; 32]),
}

impl Material {
    /// Reads a secret as this scheme's providers mean it.
    pub fn read(scheme: Scheme, text: &str) -> Result<Self, KeyFault> {
        if text.trim().is_empty() {
            return Err(KeyFault::Blank);
        }
        if scheme != Scheme::StandardWebhooks {
            // As the key of an HMAC, a public key would let everyone sign who knows it.
            if text.starts_with(PUBLIC_PREFIX) || text.starts_with(PRIVATE_PREFIX) {
                return Err(KeyFault::OfAnotherScheme);
            }
            if text == SECRET_PREFIX {
                return Err(KeyFault::Blank);
            }
            return Ok(Self::mac(text.as_bytes().to_vec()));
        }
        if text.starts_with(PRIVATE_PREFIX) {
            return Err(KeyFault::PrivateKey);
        }
        if let Some(public) = text.strip_prefix(PUBLIC_PREFIX) {
            return encoding::copied_base64(public.as_bytes())
                .and_then(|bytes| bytes.try_into().ok())
                .map(Self::Public)
                .ok_or(KeyFault::PublicKeyLength);
        }
        let secret = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
        let bytes = encoding::copied_base64(secret.as_bytes()).ok_or(KeyFault::NotBase64)?;
        if bytes.is_empty() {
            return Err(KeyFault::Blank);
        }
        Ok(Self::mac(bytes))
    }

    fn mac(bytes: Vec<u8>) -> Self {
        Self::Mac {
            key: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
            bytes,
        }
    }
}

/// A configured key, ready for use.
pub struct Key {
    /// The configuration.
    pub configured: SigningKey,
    /// What its secret is to its source's scheme.
    pub material: Material,
}

impl Key {
    /// Whether it vouches for anything at this instant.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.configured.expires_at.is_none_or(|end| now < end)
    }

    /// What may be shown of it.
    pub fn term(&self) -> KeyTerm {
        KeyTerm {
            label: self.configured.label.clone(),
            until: self.configured.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(scheme: Scheme, text: &str) -> Option<KeyFault> {
        Material::read(scheme, text).err()
    }

    #[test]
    fn what_is_no_secret() {
        for scheme in Scheme::ALL {
            for blank in ["", " ", "\t\n"] {
                assert_eq!(fault(scheme, blank), Some(KeyFault::Blank), "{scheme}");
            }
        }
        let standard = |text: &str| fault(Scheme::StandardWebhooks, text);
        assert_eq!(standard("whsec_"), Some(KeyFault::Blank));
        assert_eq!(standard("whsec_!"), Some(KeyFault::NotBase64));
        assert_eq!(
            standard("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n"),
            Some(KeyFault::NotBase64)
        );
        assert_eq!(standard("whpk_AAAA"), Some(KeyFault::PublicKeyLength));
        assert_eq!(standard("whsk_AAAA"), Some(KeyFault::PrivateKey));
        assert_eq!(standard("C2FVsBQIhrscChlQIMV+b5sSYspob7oD"), None);
        for scheme in Scheme::ALL {
            if scheme != Scheme::StandardWebhooks {
                for half in ["whpk_AAAA", "whsk_AAAA"] {
                    assert_eq!(fault(scheme, half), Some(KeyFault::OfAnotherScheme));
                }
                assert_eq!(fault(scheme, "whsec_"), Some(KeyFault::Blank));
            }
        }
        // Stripe's look alike, and are text.
        assert_eq!(fault(Scheme::Stripe, "whsec_!"), None);
    }

    #[test]
    fn short_secrets_are_noticed_and_none_is_shown() {
        let key = |secret: &str| SigningKey {
            label: KeyLabel::try_from("a").expect("a label"),
            secret: secret.into(),
            expires_at: None,
        };
        assert!(key("mysecret1234567").is_short(Scheme::Generic));
        assert!(!key("mysecret12345678").is_short(Scheme::Generic));
        // 16 characters of base64 are 12 bytes.
        assert!(key("whsec_AAAAAAAAAAAAAAAA").is_short(Scheme::StandardWebhooks));
        let public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
        assert!(!key(public).is_short(Scheme::StandardWebhooks));
        assert!(!format!("{:?}", key("hush-hush")).contains("hush"));
    }
}
