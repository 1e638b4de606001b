//! Which mistake a wrong signature comes from.
//!
//! A signature that does not fit is tried against what the signer may have done instead: one mistake
//! at a time, the cheap ones first. What fits, fits for certain, because nobody makes a digest by
//! chance. The number of digests is bounded, and with it the time: a few milliseconds for a body of
//! 64 KiB. For much longer bodies little is tried, or nothing.
//!
//! - `seen`: the headers, read with good will
//! - `bodies`, `json`: what else may have been signed
//! - `secrets`: what else a secret may have been read as
//! - `missing`: where there is no signature
//! - `mend`: what to do about it

mod bodies;
mod json;
mod mend;
mod missing;
mod search;
mod secrets;
mod seen;

use std::borrow::Cow;

use countersign_core::{Headers, NearMiss, NearMissCause, Refusal, Timestamp};

pub use self::mend::typical as typical_mend;
use self::{
    mend::{changed_body, misread_secret, timestamp_unit},
    search::Search,
    seen::Seen,
};
use crate::{
    key::{Key, Material},
    scheme::Scheme,
    verifier::Source,
    window,
};

/// So many other sources' keys are tried at the most.
const MAX_OTHER_KEYS: usize = 64;

/// Looks for the mistake in a request to the source at `index`; `None` if it is right, or if it is
/// none of those that are known.
pub fn diagnose(
    all: &[Source],
    index: usize,
    headers: &dyn Headers,
    body: &[u8],
    now: Timestamp,
) -> Option<NearMiss> {
    let request = Request {
        all,
        own: all.get(index)?,
        headers,
        body,
        now,
    };
    match request.own.verify(headers, body, now) {
        Ok(_) | Err(Refusal::Repeated | Refusal::UnknownSource) => None,
        Err(Refusal::Stale { .. }) => request.in_another_unit(),
        Err(Refusal::Missing) => request.missing(),
        Err(Refusal::Malformed | Refusal::Mismatch) => request.wrong(),
    }
}

/// A refused request, and the sources that it may have been meant for.
struct Request<'a> {
    all: &'a [Source],
    own: &'a Source,
    headers: &'a dyn Headers,
    body: &'a [u8],
    now: Timestamp,
}

impl Request<'_> {
    /// A signature that is right, and stale: it may be in milliseconds.
    fn in_another_unit(&self) -> Option<NearMiss> {
        let signed_at = self.own.scheme.read(self.headers).ok()?.signed_at?;
        let near = |factor: i64| {
            let skew = (signed_at / factor).saturating_sub(window::present(self.now));
            skew.unsigned_abs() <= u64::from(window::Tolerance::MAX_SECONDS)
        };
        [1_000, 1_000_000, 1_000_000_000]
            .into_iter()
            .any(near)
            .then(timestamp_unit)
    }

    /// A signature that is not right.
    fn wrong(&self) -> Option<NearMiss> {
        let search = Search::new(Seen::new(self.own.scheme, self.headers)?, self.body);
        let preamble = search.seen.preamble(self.own.scheme);
        preamble
            .as_deref()
            .and_then(|preamble| self.as_it_should_be(&search, preamble))
            .or_else(|| self.other_preambles(&search))
            .or_else(|| self.as_another_scheme(&search))
            .or_else(|| self.other_secrets(&search, preamble.as_deref()?))
            .or_else(|| self.other_sources(&search, preamble.as_deref()))
            .or_else(|| self.other_bodies(&search, preamble.as_deref()?))
    }

    fn live(&self) -> impl Iterator<Item = &Key> {
        self.own.keys.iter().filter(|key| key.is_live(self.now))
    }

    /// Right bytes under a right key, and only written otherwise, or hashed otherwise; or under a key
    /// that has expired.
    fn as_it_should_be(&self, search: &Search<'_>, preamble: &[u8]) -> Option<NearMiss> {
        let scheme = self.own.scheme;
        let found = |key: &Key| search.made_by(&key.material, preamble, self.body);
        if let Some(digest) = self.live().find_map(found) {
            let form = scheme.form();
            if self.has_bad_timestamp(search) {
                return Some(timestamp_unit());
            }
            let (cause, what) = if !digest.encoding_fits {
                (NearMissCause::DigestEncoding, "in another encoding")
            } else if !digest.prefix_fits {
                (NearMissCause::WrongPrefix, "behind another prefix")
            } else if digest.upper_case && scheme.is_lower_case() {
                (NearMissCause::DigestCase, "in upper case")
            } else {
                return None;
            };
            return near_miss(cause, mend::digest(what, &form));
        }
        let mut expired = self.own.keys.iter().filter(|key| !key.is_live(self.now));
        if let Some(key) = expired.find(|key| found(key).is_some()) {
            let label = &key.configured.label;
            return near_miss(NearMissCause::ExpiredSecret, mend::expired(label));
        }
        let hashes = [
            (NearMissCause::Sha1, search::SHA1, "SHA-1"),
            (NearMissCause::Sha512, search::SHA512, "SHA-512"),
        ];
        for (cause, algorithm, name) in hashes {
            let mut keys = self.live().filter_map(|key| mac_bytes(&key.material));
            if keys.any(|key| search.made_with(algorithm, key, preamble, self.body)) {
                return near_miss(cause, mend::hash(name, &scheme.form()));
            }
        }
        None
    }

    fn has_bad_timestamp(&self, search: &Search<'_>) -> bool {
        let timestamp = search.seen.timestamp;
        self.own.scheme.is_timestamped()
            && timestamp.is_some_and(|text| window::seconds(text).is_none())
    }

    fn signed_by_live(&self, search: &Search<'_>, preamble: &[u8], body: &[u8]) -> bool {
        self.live()
            .any(|key| search.made_by(&key.material, preamble, body).is_some())
    }

    /// The scheme's timestamp left out, or signed in another unit than it is sent in.
    fn other_preambles(&self, search: &Search<'_>) -> Option<NearMiss> {
        let scheme = self.own.scheme;
        if !scheme.is_timestamped() {
            return None;
        }
        let id = search.seen.id;
        let without = [Some(Vec::new()), id.map(|id| [id, b"."].concat())];
        let without = without.into_iter().flatten();
        if without
            .into_iter()
            .any(|preamble| self.signed_by_live(search, &preamble, self.body))
        {
            let what = match scheme {
                Scheme::StandardWebhooks => "id, a dot, the timestamp, a dot and the body",
                Scheme::Slack => "v0:, the timestamp, a colon and the body",
                _ => "the timestamp, a dot and the body",
            };
            return near_miss(
                NearMissCause::TimestampNotSigned,
                mend::timestamp_not_signed(what),
            );
        }
        let timestamp = search.seen.timestamp?;
        let seconds = window::seconds(timestamp)?;
        let others = [
            format!("{seconds}000"),
            (seconds / 1_000).to_string(),
            format!("{seconds}.0"),
        ];
        let signed = others.iter().any(|other| {
            seen::preamble(scheme, id, Some(other.as_bytes()))
                .is_some_and(|preamble| self.signed_by_live(search, &preamble, self.body))
        });
        signed.then(timestamp_unit)
    }

    /// Right for another scheme: by that one's headers, or in this one's header.
    fn as_another_scheme(&self, search: &Search<'_>) -> Option<NearMiss> {
        if let Some(scheme) = self.scheme_of_headers(search) {
            return near_miss(NearMissCause::OtherScheme, self.set_scheme(scheme));
        }
        let times = search.seen.timestamp.into_iter();
        let times = times.chain(search.seen.other_timestamps.iter().copied());
        let others = Scheme::ALL
            .into_iter()
            .filter(|other| *other != self.own.scheme && other.is_timestamped());
        for scheme in others {
            let signed = |time| {
                seen::preamble(scheme, search.seen.id, Some(time))
                    .is_some_and(|preamble| self.signed_by_live(search, &preamble, self.body))
            };
            if times.clone().any(signed) {
                return near_miss(
                    NearMissCause::OtherScheme,
                    mend::other_scheme(&scheme, &self.own.scheme),
                );
            }
        }
        let mut undotted = times;
        undotted
            .any(|time| self.signed_by_live(search, time, self.body))
            .then(|| NearMiss {
                cause: NearMissCause::OtherScheme,
                mend: format!(
                    "A timestamp is signed before the body, and not as {} signs: see the scheme in the \
                     documentation for what it signs.",
                    self.own.scheme
                )
                .into(),
            })
    }

    /// The scheme by which the request's headers are right under this source's secrets.
    fn scheme_of_headers(&self, search: &Search<'_>) -> Option<Scheme> {
        let mut others = Scheme::ALL
            .into_iter()
            .filter(|scheme| *scheme != self.own.scheme);
        others.find(|scheme| {
            let Ok(claim) = scheme.read(self.headers) else {
                return false;
            };
            self.live().any(|key| {
                Material::read(*scheme, key.configured.secret.expose())
                    .is_ok_and(|material| search.claimed_by(&material, &claim))
            })
        })
    }

    fn set_scheme(&self, scheme: Scheme) -> String {
        format!(
            "It is signed as {scheme} signs, under this source's secret: set the scheme of source {} \
             to {scheme}.",
            self.own.name
        )
    }

    /// Right under another reading of one of its secrets.
    fn other_secrets(&self, search: &Search<'_>, preamble: &[u8]) -> Option<NearMiss> {
        for key in self.live() {
            if mac_bytes(&key.material).is_none() {
                continue;
            }
            for (cause, bytes) in secrets::misread(self.own.scheme, &key.configured) {
                if search.made_with(search::SHA256, &bytes, preamble, self.body) {
                    let label = &key.configured.label;
                    return near_miss(cause, misread_secret(cause, label.as_str()));
                }
            }
        }
        None
    }

    /// Right for another source, or under its secret.
    fn other_sources(&self, search: &Search<'_>, preamble: Option<&[u8]>) -> Option<NearMiss> {
        let others = self.all.iter().filter(|other| other.name != self.own.name);
        let mut tries = 0;
        for other in others {
            let claim = other.scheme.read(self.headers).ok();
            for key in other.keys.iter().filter(|key| key.is_live(self.now)) {
                tries += 1;
                if tries > MAX_OTHER_KEYS {
                    return None;
                }
                let (name, label) = (&other.name, &key.configured.label);
                if claim
                    .as_ref()
                    .is_some_and(|claim| search.claimed_by(&key.material, claim))
                {
                    return near_miss(NearMissCause::OtherSource, mend::other_source(name, label));
                }
                let read = Material::read(self.own.scheme, key.configured.secret.expose());
                let materials = [read.as_ref().ok(), Some(&key.material)];
                let mut materials = materials.into_iter().flatten();
                if preamble.is_some_and(|preamble| {
                    materials.any(|key| search.made_by(key, preamble, self.body).is_some())
                }) {
                    return near_miss(
                        NearMissCause::OtherSource,
                        format!(
                            "It is signed with the key {label} of source {name}: use a secret of source \
                             {}, or post it to the other one's URL.",
                            self.own.name
                        ),
                    );
                }
            }
        }
        None
    }

    /// Right for other bytes than those that came.
    fn other_bodies(&self, search: &Search<'_>, preamble: &[u8]) -> Option<NearMiss> {
        let found = bodies::others(self.body, |cause, body| {
            if search.is_over() {
                return Some(None);
            }
            let signed = self.signed_by_live(search, preamble, body);
            signed.then_some(Some(cause))
        });
        let cause = found.flatten()?;
        near_miss(cause, changed_body(cause))
    }
}

/// The bytes of a secret, if it is one.
fn mac_bytes(material: &Material) -> Option<&[u8]> {
    match material {
        Material::Mac { bytes, .. } => Some(bytes),
        Material::Public(_) => None,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is what every step answers with"
)]
fn near_miss(cause: NearMissCause, mend: impl Into<Cow<'static, str>>) -> Option<NearMiss> {
    Some(NearMiss {
        cause,
        mend: mend.into(),
    })
}
