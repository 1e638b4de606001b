//! Requests with signatures.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_core::{Clock, HeaderLookup, Headers, KeyLabel, SourceName, Sources, Timestamp};
use countersign_hmac::{Scheme, SigningKey, SourceConfig, Tolerance};
use countersign_memory::ManualClock;
use ring::hmac;

/// The secret of each source; there is one for each scheme, which has its name.
pub const SECRETS: [&str; 6] = [
    "generic-secret-0123456789",
    // Of Standard Webhooks: 24 bytes in base64.
    "whsec_c3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0",
    "github-secret-0123456789",
    "stripe-secret-0123456789",
    "slack-secret-0123456789",
    "shopify-secret-0123456789",
];

/// When it is now: 2025-06-01T12:00:00Z.
const NOW: i64 = 1_748_779_200;

/// A source for each scheme. The time stands still.
pub fn sources() -> Sources {
    let now = Timestamp::from_micros(NOW * 1_000_000).expect("an instant");
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(now));
    let configured = Scheme::ALL
        .into_iter()
        .zip(SECRETS)
        .map(|(scheme, secret)| SourceConfig {
            name: SourceName::try_from(scheme.name()).expect("a name"),
            scheme,
            tolerance: Tolerance::default(),
            keys: vec![SigningKey {
                label: KeyLabel::try_from("current").expect("a label"),
                secret: secret.to_owned().into(),
                expires_at: None,
            }],
        });
    countersign_hmac::sources(configured.collect(), &clock).expect("secrets")
}

/// A request as far as signatures go.
#[derive(Debug, Clone)]
pub struct SignedRequest {
    headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Headers for SignedRequest {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (None, _) => HeaderLookup::Absent,
            (Some(only), None) => HeaderLookup::Once(only),
            (Some(_), Some(_)) => HeaderLookup::Repeated,
        }
    }
}

impl SignedRequest {
    /// Lines of `name: value`, an empty line, and the body. In values, `{hex}` and `{base64}` stand
    /// for the right digest under a scheme, which no fuzzer finds by itself ([`Self::signed_as`]).
    pub fn read(input: &[u8]) -> Self {
        let end = input.windows(2).position(|two| two == b"\n\n");
        let (head, body) = match end {
            Some(end) => (&input[..end], &input[end + 2..]),
            None => (input, &[][..]),
        };
        let headers = head.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = str::from_utf8(&line[..colon]).ok()?.to_ascii_lowercase();
            let value = line[colon + 1..].trim_ascii();
            // As the HTTP library has them.
            let fits = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
            value.iter().all(fits).then(|| (name, value.to_vec()))
        });
        Self {
            headers: headers.collect(),
            body: body.to_vec(),
        }
    }

    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let headers = self.headers.iter();
        headers.map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let named = self.headers.iter().filter(move |(n, _)| n == name);
        named.map(|(_, value)| value.as_slice())
    }

    /// The request with the digests of this scheme in it.
    pub fn signed_as(&self, scheme: Scheme) -> Self {
        let digest = self.digests(scheme).into_iter().next().unwrap_or_default();
        let mut signed = self.clone();
        for (_, value) in &mut signed.headers {
            for (placeholder, text) in [
                ("{hex}", hex(&digest)),
                ("{base64}", BASE64_STANDARD.encode(&digest)),
            ] {
                *value = replaced(value, placeholder.as_bytes(), text.as_bytes());
            }
        }
        signed
    }

    /// Whether one of the headers of this scheme has a right digest in it, however it is written.
    pub fn has_digest(&self, scheme: Scheme) -> bool {
        let names = scheme.headers().iter().chain(scheme.other_headers());
        let values: Vec<Vec<u8>> = names
            .flat_map(|name| self.values(name))
            .map(<[u8]>::to_vec)
            .collect();
        self.digests(scheme).iter().any(|digest| {
            let base64 = BASE64_STANDARD.encode(digest);
            let base64 = base64.trim_end_matches('=').as_bytes();
            let hex = hex(digest);
            values.iter().any(|value| {
                contains(value, base64) || contains(&value.to_ascii_lowercase(), hex.as_bytes())
            })
        })
    }

    /// The right digests: one for each time and id that the headers could be read to state.
    fn digests(&self, scheme: Scheme) -> Vec<Vec<u8>> {
        let key = SECRETS[scheme as usize];
        let key = match key.strip_prefix("whsec_") {
            Some(encoded) => BASE64_STANDARD.decode(encoded).expect("base64"),
            None => key.as_bytes().to_vec(),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let sign = |preamble: &[&[u8]]| {
            let content = [&preamble.concat(), self.body.as_slice()].concat();
            hmac::sign(&key, &content).as_ref().to_vec()
        };
        let all = |names: [&str; 2]| -> Vec<Vec<u8>> {
            let values = names.into_iter().flat_map(|name| self.values(name));
            values.map(<[u8]>::to_vec).collect()
        };
        match scheme {
            Scheme::Generic | Scheme::GitHub | Scheme::Shopify => vec![sign(&[])],
            Scheme::Stripe => {
                let items = self
                    .values("stripe-signature")
                    .flat_map(|value| value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii));
                let times = items.filter_map(|item| item.strip_prefix(b"t="));
                times.map(|time| sign(&[time, b"."])).collect()
            }
            Scheme::Slack => {
                let times = self.values("x-slack-request-timestamp");
                times.map(|time| sign(&[b"v0:", time, b":"])).collect()
            }
            Scheme::StandardWebhooks => {
                let times = all(["webhook-timestamp", "svix-timestamp"]);
                let ids = all(["webhook-id", "svix-id"]);
                let pairs = ids
                    .iter()
                    .flat_map(|id| times.iter().map(move |time| (id, time)));
                pairs
                    .map(|(id, time)| sign(&[id, b".", time, b"."]))
                    .collect()
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}
