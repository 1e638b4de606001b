//! What the log says of the keys.

use countersign_core::Timestamp;
use countersign_hmac::{SigningKey, SourceConfig};

use super::Keys;

/// So long before a key expires, one is warned, in microseconds.
const SOON: i64 = 7 * 24 * 60 * 60 * 1_000_000;

impl Keys {
    /// Says which sources there are and by which keys they are known, and warns of keys that are
    /// weak or do not last.
    pub fn report(&self, now: Timestamp) {
        for source in &self.configured {
            tracing::info!(
                source = %source.name,
                scheme = %source.scheme,
                keys = %listed(&source.keys),
                "a source is live"
            );
            for key in &source.keys {
                warn(source, key, now);
            }
        }
    }
}

fn listed(keys: &[SigningKey]) -> String {
    let keys = keys.iter().map(|key| match key.expires_at {
        Some(end) => format!("{} (until {end})", key.label),
        None => key.label.to_string(),
    });
    keys.collect::<Vec<_>>().join(", ")
}

fn warn(source: &SourceConfig, key: &SigningKey, now: Timestamp) {
    if key.is_short(source.scheme) {
        tracing::warn!(
            source = %source.name,
            key = %key.label,
            help = "a secret can be guessed if it is short; to make a good one: countersign gen-secret",
            "a secret has fewer than 16 bytes"
        );
    }
    let Some(end) = key.expires_at else { return };
    if end <= now {
        tracing::warn!(
            source = %source.name,
            key = %key.label,
            expired_at = %end,
            help = "remove it, or give it a later expiry if the provider still signs with it",
            "a key has expired, and vouches for nothing"
        );
    } else if end.micros().saturating_sub(now.micros()) <= SOON {
        tracing::warn!(
            source = %source.name,
            key = %key.label,
            expires_at = %end,
            help = "see to it that the provider signs with another key before then",
            "a key expires within seven days"
        );
    }
}
