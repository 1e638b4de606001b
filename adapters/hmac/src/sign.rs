//! The other side: signing as a provider does, and making secrets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_core::Timestamp;
use ring::{
    hmac,
    rand::{SecureRandom as _, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair as _},
};

use crate::{
    encoding,
    key::{KeyFault, Material, PRIVATE_PREFIX, PUBLIC_PREFIX, SECRET_PREFIX},
    scheme::{Scheme, generic, github, shopify, slack, standard_webhooks, stripe},
    window,
};

/// Signs as a provider of this scheme does.
pub struct Signer {
    scheme: Scheme,
    key: SignerKey,
}

enum SignerKey {
    Mac(hmac::Key),
    Ed25519(Box<Ed25519KeyPair>),
}

impl Signer {
    /// A signer with this secret; for Standard Webhooks it may be a private key `whsk_…`.
    ///
    /// # Errors
    /// If the secret cannot sign.
    pub fn new(scheme: Scheme, secret: &str) -> Result<Self, KeyFault> {
        if scheme == Scheme::StandardWebhooks
            && let Some(private) = secret.strip_prefix(PRIVATE_PREFIX)
        {
            let pair =
                encoding::copied_base64(private.as_bytes()).and_then(|bytes| key_pair(&bytes));
            let pair = Box::new(pair.ok_or(KeyFault::InvalidPrivateKey)?);
            return Ok(Self {
                scheme,
                key: SignerKey::Ed25519(pair),
            });
        }
        match Material::read(scheme, secret)? {
            Material::Mac { key, .. } => Ok(Self {
                scheme,
                key: SignerKey::Mac(key),
            }),
            Material::Public(_) => Err(KeyFault::PublicKey),
        }
    }

    /// The headers that a provider would send with this body: names in lower case, and values. `id`
    /// is the message's, for the schemes that sign one, and must have no dot.
    #[must_use]
    pub fn headers(
        &self,
        id: &str,
        signed_at: Timestamp,
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        let seconds = window::present(signed_at).to_string();
        let at = seconds.as_bytes();
        match self.scheme {
            Scheme::Generic => vec![(generic::HEADER, self.hex(&[], body))],
            Scheme::GitHub => vec![(
                github::HEADER,
                format!("{}{}", github::PREFIX, self.hex(&[], body)),
            )],
            Scheme::Shopify => vec![(shopify::HEADER, encoding::to_base64(&self.sign(&[], body)))],
            Scheme::Stripe => {
                let digest = self.hex(&stripe::preamble(at), body);
                vec![(stripe::HEADER, format!("t={seconds},v1={digest}"))]
            }
            Scheme::Slack => {
                let digest = self.hex(&slack::preamble(at), body);
                let [signature, timestamp] = slack::HEADERS;
                vec![
                    (signature, format!("{}{digest}", slack::PREFIX)),
                    (timestamp, seconds),
                ]
            }
            Scheme::StandardWebhooks => {
                let version = match self.key {
                    SignerKey::Mac(_) => "v1",
                    SignerKey::Ed25519(_) => "v1a",
                };
                let digest = self.sign(&standard_webhooks::preamble(id.as_bytes(), at), body);
                let [signature, timestamp, name] = standard_webhooks::HEADERS;
                vec![
                    (
                        signature,
                        format!("{version},{}", encoding::to_base64(&digest)),
                    ),
                    (timestamp, seconds),
                    (name, id.to_owned()),
                ]
            }
        }
    }

    fn hex(&self, preamble: &[u8], body: &[u8]) -> String {
        encoding::to_hex(&self.sign(preamble, body))
    }

    fn sign(&self, preamble: &[u8], body: &[u8]) -> Vec<u8> {
        match &self.key {
            SignerKey::Mac(key) => {
                let mut context = hmac::Context::with_key(key);
                context.update(preamble);
                context.update(body);
                context.sign().as_ref().to_vec()
            }
            SignerKey::Ed25519(pair) => pair.sign(&[preamble, body].concat()).as_ref().to_vec(),
        }
    }
}

/// A seed of 32 bytes, alone or with the public key behind it, as libsodium and Svix write it.
fn key_pair(bytes: &[u8]) -> Option<Ed25519KeyPair> {
    match bytes.split_at_checked(32)? {
        (seed, []) => Ed25519KeyPair::from_seed_unchecked(seed).ok(),
        (seed, public) => Ed25519KeyPair::from_seed_and_public_key(seed, public).ok(),
    }
}

/// The operating system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random numbers")]
pub struct NoRandomness;

/// A fresh secret of 32 random bytes, written as this scheme's providers do: `whsec_` and base64 for
/// Standard Webhooks, 64 hexadecimal digits for all others.
///
/// # Errors
/// If there is no randomness.
pub fn fresh_secret(scheme: Scheme) -> Result<String, NoRandomness> {
    let bytes = random()?;
    Ok(match scheme {
        Scheme::StandardWebhooks => format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)),
        Scheme::Generic | Scheme::GitHub | Scheme::Stripe | Scheme::Slack | Scheme::Shopify => {
            encoding::to_hex(&bytes)
        }
    })
}

/// An Ed25519 key, as Standard Webhooks writes it.
pub struct KeyPair {
    /// `whsk_` and base64, for the provider.
    pub private: String,
    /// `whpk_` and base64, for whoever receives.
    pub public: String,
}

/// A fresh Ed25519 key.
///
/// # Errors
/// If there is no randomness.
pub fn fresh_key_pair() -> Result<KeyPair, NoRandomness> {
    let seed = random()?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NoRandomness)?;
    let public = pair.public_key().as_ref();
    Ok(KeyPair {
        private: format!(
            "{PRIVATE_PREFIX}{}",
            STANDARD.encode([&seed, public].concat())
        ),
        public: format!("{PUBLIC_PREFIX}{}", STANDARD.encode(public)),
    })
}

fn random() -> Result<[u8; 32], NoRandomness> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}
