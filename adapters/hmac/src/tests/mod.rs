//! The schemes as a request meets them.

mod near_misses;
mod refusals;
mod vectors;

use std::sync::Arc;

use countersign_core::{
    Clock, HeaderLookup, Headers, KeyLabel, NearMissCause, Refusal, SignatureVerifier, SourceName,
    Timestamp,
};

use crate::{Scheme, Signer, SigningKey, SourceConfig, Tolerance, sources};

/// Noon somewhere.
pub const NOW: i64 = 1_760_000_000;

pub const BODY: &[u8] = br#"{"message_id":"m1","text":"Hello"}"#;

/// A secret that every scheme takes.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A clock that stands still.
pub struct Stopped(pub i64);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        at(self.0)
    }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).expect("an instant")
}

/// A request's headers.
#[derive(Debug, Clone, Default)]
pub struct Sent(pub Vec<(String, Vec<u8>)>);

impl Sent {
    pub fn new(headers: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        Self(headers.iter().map(owned).collect())
    }

    /// As a provider of this scheme sends them now.
    pub fn signed(scheme: Scheme, secret: &str, body: &[u8]) -> Self {
        Self::signed_at(scheme, secret, body, NOW)
    }

    pub fn signed_at(scheme: Scheme, secret: &str, body: &[u8], seconds: i64) -> Self {
        let signer = Signer::new(scheme, secret).expect("a secret");
        let headers = signer.headers("msg_1", at(seconds), body);
        let owned = |(name, value): (&str, String)| (name.to_owned(), value.into_bytes());
        Self(headers.into_iter().map(owned).collect())
    }

    pub fn get(&self, name: &str) -> &str {
        let header = self.0.iter().find(|(other, _)| other == name);
        std::str::from_utf8(&header.expect("the header").1).expect("UTF-8")
    }

    pub fn set(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With the signature's header rewritten.
    pub fn map(self, scheme: Scheme, change: impl FnOnce(&str) -> String) -> Self {
        let name = scheme.headers()[0];
        let value = change(self.get(name));
        self.set(name, value)
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    pub fn renamed(mut self, from: &str, to: &str) -> Self {
        for (name, _) in &mut self.0 {
            if name == from {
                to.clone_into(name);
            }
        }
        self
    }
}

impl Headers for Sent {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        assert_eq!(name, name.to_ascii_lowercase());
        let mut values = self.0.iter().filter(|(other, _)| other == name);
        match (values.next(), values.next()) {
            (None, _) => HeaderLookup::Absent,
            (Some((_, value)), None) => HeaderLookup::Once(value),
            (Some(_), Some(_)) => HeaderLookup::Repeated,
        }
    }
}

pub fn label(text: &str) -> KeyLabel {
    KeyLabel::try_from(text).expect("a label")
}

pub fn key(name: &str, secret: &str, expires_at: Option<i64>) -> SigningKey {
    SigningKey {
        label: label(name),
        secret: secret.into(),
        expires_at: expires_at.map(at),
    }
}

pub fn source(name: &str, scheme: Scheme, keys: Vec<SigningKey>) -> SourceConfig {
    SourceConfig {
        name: SourceName::try_from(name).expect("a name"),
        scheme,
        tolerance: Tolerance::default(),
        keys,
    }
}

/// The default source's verifier, among these.
pub fn verifier(configured: Vec<SourceConfig>, now: i64) -> Arc<dyn SignatureVerifier> {
    let clock: Arc<dyn Clock> = Arc::new(Stopped(now));
    let sources = sources(configured, &clock).expect("sources");
    Arc::clone(&sources[&SourceName::default()])
}

/// A verifier of one source with one secret, called `current`.
pub fn only(scheme: Scheme, secret: &str, now: i64) -> Arc<dyn SignatureVerifier> {
    verifier(
        vec![source(
            "default",
            scheme,
            vec![key("current", secret, None)],
        )],
        now,
    )
}

/// What it says to a request now.
pub fn verdict(scheme: Scheme, secret: &str, sent: &Sent, body: &[u8]) -> Result<(), Refusal> {
    only(scheme, secret, NOW).verify(sent, body).map(|_| ())
}

/// Which mistake it recognises; the request must be refused.
pub fn cause(verifier: &dyn SignatureVerifier, sent: &Sent, body: &[u8]) -> Option<NearMissCause> {
    assert!(verifier.verify(sent, body).is_err(), "{sent:?} is right");
    verifier.diagnose(sent, body).map(|near_miss| {
        let mend = near_miss.mend.as_ref();
        assert!(mend.ends_with('.'), "{mend}");
        assert!(!mend.contains(SECRET), "{mend}");
        near_miss.cause
    })
}
