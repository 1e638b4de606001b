//! How providers sign. One file a scheme says which headers it has, what stands before the body in
//! what is signed, and how a signature is written.
//!
//! A scheme that signs more than headers and body, as Twilio does (the public URL and the form's
//! fields, with SHA-1), would need the URL from the configuration beside its name here. Meta's
//! (`WhatsApp`) signs as GitHub does; its handshake by GET is not a signature and would stand in the
//! HTTP adapter.

pub mod generic;
pub mod github;
pub mod shopify;
pub mod slack;
pub mod standard_webhooks;
pub mod stripe;

use std::{fmt, str::FromStr};

use countersign_core::{HeaderLookup, Headers, Refusal};

/// How the messages of a source are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// `X-Signature: hex(HMAC-SHA256(secret, body))`.
    #[default]
    Generic,
    /// Standard Webhooks 1.0.0, as Svix and many others send it.
    StandardWebhooks,
    /// GitHub, and whoever signs as it does.
    GitHub,
    /// Stripe.
    Stripe,
    /// Slack.
    Slack,
    /// Shopify.
    Shopify,
}

/// A name that no [`Scheme`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of generic, standard-webhooks, github, stripe, slack and shopify")]
pub struct UnknownScheme;

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Generic,
        Self::StandardWebhooks,
        Self::GitHub,
        Self::Stripe,
        Self::Slack,
        Self::Shopify,
    ];

    /// The name by which it is configured.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::StandardWebhooks => "standard-webhooks",
            Self::GitHub => "github",
            Self::Stripe => "stripe",
            Self::Slack => "slack",
            Self::Shopify => "shopify",
        }
    }

    /// The headers that it reads, in lower case; the one with the signature first. Of those that
    /// another name stands for ([`Self::other_headers`]), the request has one set.
    #[must_use]
    pub const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Generic => &[generic::HEADER],
            Self::StandardWebhooks => &standard_webhooks::HEADERS,
            Self::GitHub => &[github::HEADER],
            Self::Stripe => &[stripe::HEADER],
            Self::Slack => &slack::HEADERS,
            Self::Shopify => &[shopify::HEADER],
        }
    }

    /// The header with the signature, as the provider's documentation writes it.
    #[must_use]
    pub const fn signature_header(self) -> &'static str {
        match self {
            Self::Generic => "X-Signature",
            Self::StandardWebhooks => "webhook-signature",
            Self::GitHub => "X-Hub-Signature-256",
            Self::Stripe => "Stripe-Signature",
            Self::Slack => "X-Slack-Signature",
            Self::Shopify => "X-Shopify-Hmac-SHA256",
        }
    }

    /// The same headers under their other names, if they have such.
    #[must_use]
    pub const fn other_headers(self) -> &'static [&'static str] {
        match self {
            Self::StandardWebhooks => &standard_webhooks::SVIX_HEADERS,
            Self::Shopify => &[shopify::NEWER_HEADER],
            Self::Generic | Self::GitHub | Self::Stripe | Self::Slack => &[],
        }
    }

    /// Whether it signs when it was signed, so that a replay is refused by its age.
    #[must_use]
    pub const fn is_timestamped(self) -> bool {
        matches!(self, Self::StandardWebhooks | Self::Stripe | Self::Slack)
    }

    /// Whether a digest in upper case is none, as the provider's own libraries have it.
    pub(crate) const fn is_lower_case(self) -> bool {
        matches!(self, Self::GitHub | Self::Stripe | Self::Slack)
    }

    /// How a signature is written, in words.
    pub(crate) const fn form(self) -> &'static str {
        match self {
            Self::Generic => "64 hexadecimal digits, with or without sha256= before them",
            Self::StandardWebhooks => "v1, and the digest in base64",
            Self::GitHub => "sha256= and 64 lower-case hexadecimal digits",
            Self::Stripe => "t=, the time, ,v1= and 64 lower-case hexadecimal digits",
            Self::Slack => "v0= and 64 lower-case hexadecimal digits",
            Self::Shopify => "the digest in base64, with nothing before it",
        }
    }

    /// What a request says about its signature.
    pub(crate) fn read(self, headers: &dyn Headers) -> Result<Claim, Refusal> {
        match self {
            Self::Generic => generic::read(headers),
            Self::StandardWebhooks => standard_webhooks::read(headers),
            Self::GitHub => github::read(headers),
            Self::Stripe => stripe::read(headers),
            Self::Slack => slack::read(headers),
            Self::Shopify => shopify::read(headers),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        let named = Self::ALL.into_iter().find(|scheme| scheme.name() == text);
        named.ok_or(UnknownScheme)
    }
}

/// A SHA-256 HMAC.
pub type Mac = [u8; 32];

/// More signatures than any rotation has. A longer list is refused, because each costs time.
const MAX_SIGNATURES: usize = 8;

/// What a request says: these bytes and the body were signed thus.
#[derive(Debug, Default)]
pub struct Claim {
    /// What is signed before the body.
    pub preamble: Vec<u8>,
    /// Any of them will do.
    pub macs: Vec<Mac>,
    /// Ed25519 signatures; any of them will do.
    pub signatures: Vec<[u8; 64]>,
    /// In seconds since 1970, if the scheme signs it.
    pub signed_at: Option<i64>,
}

impl Claim {
    /// A claim about the body alone.
    pub fn of_body(mac: Mac) -> Self {
        Self {
            macs: vec![mac],
            ..Self::default()
        }
    }

    /// Fails if there are no signatures, or too many.
    fn bounded(self) -> Result<Self, Refusal> {
        match self.macs.len() + self.signatures.len() {
            1..=MAX_SIGNATURES => Ok(self),
            _ => Err(Refusal::Malformed),
        }
    }
}

/// The value of a header that must be there once.
pub fn once<'a>(headers: &'a dyn Headers, name: &str) -> Result<&'a [u8], Refusal> {
    match headers.lookup(name) {
        HeaderLookup::Once(value) => Ok(value),
        HeaderLookup::Absent => Err(Refusal::Missing),
        HeaderLookup::Repeated => Err(Refusal::Repeated),
    }
}

/// Whether there is such a header, however often.
pub fn is_there(headers: &dyn Headers, name: &str) -> bool {
    !matches!(headers.lookup(name), HeaderLookup::Absent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_has_a_name_and_headers_in_lower_case() {
        for scheme in Scheme::ALL {
            assert_eq!(scheme.name().parse(), Ok(scheme));
            let names = scheme.headers().iter().chain(scheme.other_headers());
            for name in names {
                assert_eq!(*name, name.to_ascii_lowercase());
            }
            let shown = scheme.signature_header();
            assert!(shown.eq_ignore_ascii_case(scheme.headers()[0]), "{shown}");
            assert!(UnknownScheme.to_string().contains(scheme.name()));
        }
        assert_eq!("Generic".parse::<Scheme>(), Err(UnknownScheme));
        assert_eq!("".parse::<Scheme>(), Err(UnknownScheme));
    }

    /// Both are for the diagnosis, which says them to people.
    #[test]
    fn every_scheme_says_how_its_signature_is_written() {
        let lower_case = Scheme::ALL.map(Scheme::is_lower_case);
        assert_eq!(lower_case, [false, false, true, true, true, false]);
        for (scheme, part) in [
            (Scheme::Generic, "with or without sha256="),
            (Scheme::StandardWebhooks, "v1,"),
            (Scheme::GitHub, "sha256="),
            (Scheme::Stripe, "v1="),
            (Scheme::Slack, "v0="),
            (Scheme::Shopify, "base64"),
        ] {
            assert!(scheme.form().contains(part), "{scheme}");
        }
    }
}
