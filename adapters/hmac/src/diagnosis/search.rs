//! Trying keys and bytes against the digests that came, within bounds.

use std::cell::Cell;

use ring::{hmac, signature};
use subtle::ConstantTimeEq as _;

use super::seen::{Digest, Seen};
use crate::{key::Material, scheme::Claim};

pub const SHA1: hmac::Algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
pub const SHA256: hmac::Algorithm = hmac::HMAC_SHA256;
pub const SHA512: hmac::Algorithm = hmac::HMAC_SHA512;

/// How many bytes are hashed at the most: 96 times the default limit of a body.
const MAX_BYTES: usize = 6 * 1024 * 1024;

/// What a try costs beside its bytes, as if it were so many more.
const COST: usize = 4 * 1024;

/// What a try with a public key costs.
const PUBLIC_COST: usize = 64 * 1024;

/// A search for what made one of the digests of a request.
pub struct Search<'a> {
    pub seen: Seen<'a>,
    pub body: &'a [u8],
    /// How many bytes may still be hashed.
    left: Cell<usize>,
}

impl<'a> Search<'a> {
    pub fn new(seen: Seen<'a>, body: &'a [u8]) -> Self {
        Self {
            seen,
            body,
            left: Cell::new(MAX_BYTES),
        }
    }

    /// The digest that the key makes of these bytes, if it is one of those that came.
    pub fn made_by(&self, material: &Material, preamble: &[u8], body: &[u8]) -> Option<&Digest> {
        self.among(&self.seen.digests, material, preamble, body)
    }

    /// Whether the key made one of the claim's signatures over the body that came.
    pub fn claimed_by(&self, material: &Material, claim: &Claim) -> bool {
        let macs = claim.macs.iter().map(<[u8; 32]>::as_slice);
        let signatures = claim.signatures.iter().map(<[u8; 64]>::as_slice);
        let digests: Vec<_> = macs.chain(signatures).map(Digest::plain).collect();
        self.among(&digests, material, &claim.preamble, self.body)
            .is_some()
    }

    /// Whether one of the digests is the HMAC of these bytes.
    pub fn made_with(
        &self,
        algorithm: hmac::Algorithm,
        key: &[u8],
        preamble: &[u8],
        body: &[u8],
    ) -> bool {
        self.hmac(
            &self.seen.digests,
            &hmac::Key::new(algorithm, key),
            preamble,
            body,
        )
        .is_some()
    }

    fn among<'d>(
        &self,
        digests: &'d [Digest],
        material: &Material,
        preamble: &[u8],
        body: &[u8],
    ) -> Option<&'d Digest> {
        match material {
            Material::Mac { key, .. } => self.hmac(digests, key, preamble, body),
            Material::Public(key) => {
                let key = signature::UnparsedPublicKey::new(&signature::ED25519, key);
                let content = [preamble, body].concat();
                let mut signatures = digests.iter().filter(|digest| digest.bytes.len() == 64);
                signatures.find(|digest| {
                    self.afford(PUBLIC_COST + content.len())
                        && key.verify(&content, &digest.bytes).is_ok()
                })
            }
        }
    }

    fn hmac<'d>(
        &self,
        digests: &'d [Digest],
        key: &hmac::Key,
        preamble: &[u8],
        body: &[u8],
    ) -> Option<&'d Digest> {
        let length = key.algorithm().digest_algorithm().output_len();
        let comparable = |digest: &&Digest| digest.bytes.len() == length;
        if !digests.iter().any(|digest| comparable(&digest))
            || !self.afford(COST + preamble.len() + body.len())
        {
            return None;
        }
        let mut context = hmac::Context::with_key(key);
        context.update(preamble);
        context.update(body);
        let right = context.sign();
        digests
            .iter()
            .filter(comparable)
            .find(|digest| right.as_ref().ct_eq(&digest.bytes).into())
    }

    /// Whether nothing more will be found, because enough was hashed.
    pub fn is_over(&self) -> bool {
        self.left.get() < COST + self.body.len()
    }

    /// Whether so many bytes may still be hashed; then they are taken as hashed.
    fn afford(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        left.inspect(|left| self.left.set(*left)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_when_enough_is_hashed() {
        let right = hmac::sign(&hmac::Key::new(SHA256, b"right"), b"body");
        let seen = Seen {
            digests: vec![Digest::plain(right.as_ref())],
            ..Seen::none()
        };
        let body = vec![0; 64 * 1024];
        let search = Search::new(seen, &body);
        let fits = || search.made_with(SHA256, b"right", b"", b"body");
        assert!(fits());
        let tries = (0..1000).take_while(|_| {
            search.made_with(SHA256, b"wrong", b"", &body);
            search.left.get() > COST + body.len()
        });
        assert!((80..100).contains(&tries.count()));
        while search.afford(COST) {}
        assert!(!fits());
    }
}
