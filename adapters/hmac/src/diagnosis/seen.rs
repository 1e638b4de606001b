//! What can be read from a request's headers with good will.

use countersign_core::{HeaderLookup, Headers};

use crate::{
    encoding,
    scheme::{Scheme, shopify, slack, standard_webhooks, stripe},
};

/// The most digests that are looked at.
const MAX_DIGESTS: usize = 8;

/// What people write before a digest, in lower case.
const PREFIXES: [&str; 14] = [
    "hmac-sha256=",
    "sha-256=",
    "sha256=",
    "sha256:",
    "sha512=",
    "sha1=",
    "v1a,",
    "v0,",
    "v1,",
    "v2,",
    "v0=",
    "v1=",
    "v2=",
    "signature=",
];

/// Headers that carry the time of a signature, of known schemes and of home-made ones.
const TIMESTAMPS: [&str; 8] = [
    standard_webhooks::HEADERS[1],
    standard_webhooks::SVIX_HEADERS[1],
    slack::TIMESTAMP,
    "x-timestamp",
    "x-webhook-timestamp",
    "x-signature-timestamp",
    "x-request-timestamp",
    "timestamp",
];

/// A digest in a header, whatever it is of.
pub struct Digest {
    pub bytes: Vec<u8>,
    /// Whether what stands before it is what the scheme has there.
    pub prefix_fits: bool,
    /// Whether it is hexadecimal where the scheme has that, or base64.
    pub encoding_fits: bool,
    /// Whether some of it is in upper case.
    pub upper_case: bool,
}

impl Digest {
    /// One that is written as it should be.
    pub fn plain(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            prefix_fits: true,
            encoding_fits: true,
            upper_case: false,
        }
    }
}

/// What a request says about its signature.
pub struct Seen<'a> {
    pub digests: Vec<Digest>,
    /// The time that the scheme signs, as it is written.
    pub timestamp: Option<&'a [u8]>,
    /// The id that the scheme signs.
    pub id: Option<&'a [u8]>,
    /// Whatever else may be a time.
    pub other_timestamps: Vec<&'a [u8]>,
}

impl<'a> Seen<'a> {
    /// Reads the headers of this scheme; `None` if the signature is not there once.
    pub fn new(scheme: Scheme, headers: &'a dyn Headers) -> Option<Self> {
        let names = match scheme {
            Scheme::StandardWebhooks => &standard_webhooks::names(headers)[..],
            Scheme::Shopify => &[shopify::header(headers)],
            _ => scheme.headers(),
        };
        let value = header(headers, names.first()?)?;
        let behind = |index: usize| names.get(index).and_then(|name| header(headers, name));
        let time_item = stripe::items(value).find_map(|item| item.strip_prefix(b"t="));
        let mut other_timestamps: Vec<_> = TIMESTAMPS
            .iter()
            .filter_map(|name| header(headers, name))
            .chain(time_item)
            .collect();
        let timestamp = match scheme {
            Scheme::Stripe => time_item,
            _ => behind(1),
        };
        other_timestamps.retain(|other| Some(*other) != timestamp);
        Some(Self {
            digests: digests(scheme, value),
            timestamp,
            id: behind(2).or_else(|| {
                header(headers, standard_webhooks::HEADERS[2])
                    .or_else(|| header(headers, standard_webhooks::SVIX_HEADERS[2]))
            }),
            other_timestamps,
        })
    }

    /// Of a request that has no signature.
    pub const fn none() -> Self {
        Self {
            digests: Vec::new(),
            timestamp: None,
            id: None,
            other_timestamps: Vec::new(),
        }
    }

    /// What this scheme signs before the body, if the request has all that it is made of.
    pub fn preamble(&self, scheme: Scheme) -> Option<Vec<u8>> {
        preamble(scheme, self.id, self.timestamp)
    }
}

/// What `scheme` signs before the body.
pub fn preamble(scheme: Scheme, id: Option<&[u8]>, timestamp: Option<&[u8]>) -> Option<Vec<u8>> {
    Some(match scheme {
        Scheme::Generic | Scheme::GitHub | Scheme::Shopify => Vec::new(),
        Scheme::Stripe => stripe::preamble(timestamp?),
        Scheme::Slack => slack::preamble(timestamp?),
        Scheme::StandardWebhooks => standard_webhooks::preamble(id?, timestamp?),
    })
}

/// The value of a header that is there once.
pub fn header<'a>(headers: &'a dyn Headers, name: &str) -> Option<&'a [u8]> {
    match headers.lookup(name) {
        HeaderLookup::Once(value) => Some(value),
        HeaderLookup::Absent | HeaderLookup::Repeated => None,
    }
}

/// Every digest that may be meant, with good will.
pub fn digests(scheme: Scheme, value: &[u8]) -> Vec<Digest> {
    let whole = [value.trim_ascii()];
    let candidates = standard_webhooks::entries(value)
        .chain(whole)
        .chain(stripe::items(value));
    let mut digests: Vec<Digest> = Vec::new();
    for digest in candidates.filter_map(|candidate| digest(scheme, candidate)) {
        let known = digests.iter().any(|known| known.bytes == digest.bytes);
        if !known && digests.len() < MAX_DIGESTS {
            digests.push(digest);
        }
    }
    digests
}

fn digest(scheme: Scheme, text: &[u8]) -> Option<Digest> {
    let prefix = PREFIXES.iter().find(|prefix| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    });
    let (prefix, rest) = text.split_at(prefix.map_or(0, |prefix| prefix.len()));
    let rest = rest.trim_ascii();
    let hex = of_hash(rest, encoding::hex_of_any_length);
    let in_base64 = matches!(scheme, Scheme::StandardWebhooks | Scheme::Shopify);
    let (bytes, encoding_fits) = if let Some(bytes) = hex {
        (bytes, !in_base64)
    } else {
        let bytes = of_hash(rest, encoding::lenient_base64)?;
        // The other alphabet is another encoding.
        let url_safe = rest.iter().any(|byte| matches!(byte, b'-' | b'_'));
        (bytes, in_base64 && !url_safe)
    };
    let prefix_fits = match scheme {
        Scheme::Generic => matches!(prefix, b"" | b"sha256="),
        Scheme::GitHub => prefix == b"sha256=",
        Scheme::Shopify => prefix.is_empty(),
        Scheme::Stripe => prefix == b"v1=",
        Scheme::Slack => prefix == b"v0=",
        Scheme::StandardWebhooks => matches!(prefix, b"v1," | b"v1a,"),
    };
    Some(Digest {
        bytes,
        prefix_fits,
        encoding_fits,
        upper_case: rest.iter().any(u8::is_ascii_uppercase),
    })
}

/// What `decode` reads, if it is as long as a digest of SHA-1, SHA-256 or SHA-512, or as a signature
/// of Ed25519 (which is as long as the last).
fn of_hash(text: &[u8], decode: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    if text.len() > 128 {
        return None;
    }
    decode(text).filter(|bytes| matches!(bytes.len(), 20 | 32 | 64))
}
