//! The port, for any scheme and any number of keys.

use std::{collections::BTreeSet, sync::Arc};

use countersign_core::{
    Clock, Headers, KeyLabel, NearMiss, Refusal, SignatureVerifier, Signing, SourceName, Sources,
    Timestamp,
};
use ring::{hmac, signature};
use subtle::{Choice, ConstantTimeEq as _};

use crate::{
    diagnosis,
    key::{InvalidKey, Key, KeyFault, Material, SigningKey},
    scheme::{Claim, Scheme},
    window::{self, Tolerance},
};

/// A source as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceConfig {
    /// Its name.
    pub name: SourceName,
    /// How it signs.
    pub scheme: Scheme,
    /// How far its timestamps may be off, if the scheme has such.
    pub tolerance: Tolerance,
    /// What may vouch for it: at least one, with different labels.
    pub keys: Vec<SigningKey>,
}

/// A source, ready for use.
pub struct Source {
    pub name: SourceName,
    pub scheme: Scheme,
    pub tolerance: Tolerance,
    pub keys: Vec<Key>,
}

/// Verifiers for all sources. They are made together, because a wrong signature may turn out to be
/// made with the secret of another source.
///
/// # Errors
/// The first source or key that is unfit.
pub fn sources(
    configured: Vec<SourceConfig>,
    clock: &Arc<dyn Clock>,
) -> Result<Sources, InvalidKey> {
    let all = configured
        .into_iter()
        .map(Source::new)
        .collect::<Result<Vec<_>, _>>()?;
    let all = Arc::new(all);
    let mut sources = Sources::new();
    for (index, source) in all.iter().enumerate() {
        let verifier = Arc::new(Verifier {
            all: Arc::clone(&all),
            index,
            clock: Arc::clone(clock),
        });
        if sources.insert(source.name.clone(), verifier).is_some() {
            return Err(InvalidKey {
                source_name: source.name.clone(),
                label: None,
                fault: KeyFault::DuplicateSource,
            });
        }
    }
    Ok(sources)
}

impl Source {
    fn new(configured: SourceConfig) -> Result<Self, InvalidKey> {
        let SourceConfig {
            name,
            scheme,
            tolerance,
            keys,
        } = configured;
        let invalid = |label, fault| InvalidKey {
            source_name: name.clone(),
            label,
            fault,
        };
        if keys.is_empty() {
            return Err(invalid(None, KeyFault::NoKeys));
        }
        let mut labels = BTreeSet::new();
        let mut ready = Vec::new();
        for key in keys {
            if !labels.insert(key.label.clone()) {
                return Err(invalid(Some(key.label), KeyFault::DuplicateLabel));
            }
            let material = Material::read(scheme, key.secret.expose())
                .map_err(|fault| invalid(Some(key.label.clone()), fault))?;
            ready.push(Key {
                configured: key,
                material,
            });
        }
        Ok(Self {
            name,
            scheme,
            tolerance,
            keys: ready,
        })
    }

    /// The key that vouches for the body, as the request claims. All of them are tried, so that how
    /// long it takes tells nothing about which.
    pub fn verify(
        &self,
        headers: &dyn Headers,
        body: &[u8],
        now: Timestamp,
    ) -> Result<KeyLabel, Refusal> {
        let claim = self.scheme.read(headers)?;
        let mut vouching = None;
        for key in &self.keys {
            let fits = key.is_live(now) && fits(&key.material, &claim, body);
            vouching = vouching.or(fits.then_some(&key.configured.label));
        }
        let vouching = vouching.ok_or(Refusal::Mismatch)?;
        if let Some(signed_at) = claim.signed_at {
            window::check(signed_at, now, self.tolerance)?;
        }
        Ok(vouching.clone())
    }
}

/// Whether the key made one of the signatures.
fn fits(material: &Material, claim: &Claim, body: &[u8]) -> bool {
    match material {
        Material::Mac { key, .. } => {
            let mut context = hmac::Context::with_key(key);
            context.update(&claim.preamble);
            context.update(body);
            let right = context.sign();
            let one = claim.macs.iter().fold(Choice::from(0), |one, mac| {
                one | right.as_ref().ct_eq(mac.as_slice())
            });
            one.into()
        }
        Material::Public(key) => {
            if claim.signatures.is_empty() {
                return false;
            }
            let key = signature::UnparsedPublicKey::new(&signature::ED25519, key);
            let content = [&claim.preamble, body].concat();
            let signatures = claim.signatures.iter();
            signatures.fold(false, |one, signature| {
                key.verify(&content, signature).is_ok() | one
            })
        }
    }
}

/// One source's verifier.
pub struct Verifier {
    /// Every source, this one among them.
    all: Arc<Vec<Source>>,
    index: usize,
    clock: Arc<dyn Clock>,
}

impl SignatureVerifier for Verifier {
    fn verify(&self, headers: &dyn Headers, body: &[u8]) -> Result<KeyLabel, Refusal> {
        self.all[self.index].verify(headers, body, self.clock.now())
    }

    fn diagnose(&self, headers: &dyn Headers, body: &[u8]) -> Option<NearMiss> {
        diagnosis::diagnose(&self.all, self.index, headers, body, self.clock.now())
    }

    fn scheme(&self) -> &'static str {
        self.all[self.index].scheme.name()
    }

    fn describe(&self) -> Signing {
        let source = &self.all[self.index];
        Signing {
            scheme: source.scheme.name(),
            header: source.scheme.signature_header(),
            tolerance_seconds: source
                .scheme
                .is_timestamped()
                .then(|| source.tolerance.seconds()),
            keys: source.keys.iter().map(Key::term).collect(),
        }
    }
}
