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
                self.warn_if_shared(source, key);
            }
        }
    }

    /// A request of one source could be sent to another that has its secret; and of two labels in
    /// one source, only the first would ever vouch.
    fn warn_if_shared(&self, source: &SourceConfig, key: &SigningKey) {
        let earlier = source.keys.iter().take_while(|other| *other != key);
        for other in earlier.filter(|other| other.secret == key.secret) {
            tracing::warn!(
                source = %source.name,
                key = %key.label,
                other_key = %other.label,
                help = "if a secret is being rotated, the new one is not in place yet",
                "two keys of a source have the same secret"
            );
        }
        let others = self
            .configured
            .iter()
            .filter(|other| other.name < source.name);
        for other in others {
            if other.keys.iter().any(|theirs| theirs.secret == key.secret) {
                tracing::warn!(
                    source = %source.name,
                    key = %key.label,
                    other_source = %other.name,
                    help = "give each source a secret of its own: what is signed for the one can \
                            be sent to the other",
                    "two sources have the same secret"
                );
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
