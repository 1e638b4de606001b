//! A message, and all messages, in 32 bytes.

use std::fmt;

use countersign_core::{KeyLabel, Message, NewMessage, Text};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of one row: of all its fields, each text with its length before it, so that no two
/// rows are written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowDigest([u8; 32]);

impl RowDigest {
    /// Of a message, with when it was received, and what vouched for it.
    pub fn of(message: &Message) -> Self {
        let mut hash = Sha256::new();
        update(&mut hash, &message.content);
        hash.update(message.created_at.micros().to_be_bytes());
        update_optional(
            &mut hash,
            message.verified_by.as_ref().map(KeyLabel::as_str),
        );
        Self(hash.finalize().into())
    }

    /// Of what was sent.
    pub fn of_content(content: &NewMessage) -> Self {
        let mut hash = Sha256::new();
        update(&mut hash, content);
        Self(hash.finalize().into())
    }
}

fn update(hash: &mut Sha256, content: &NewMessage) {
    update_text(hash, content.source.as_str());
    update_text(hash, content.id.as_str());
    update_text(hash, content.from.as_str());
    update_text(hash, content.to.as_str());
    hash.update(content.ts.micros().to_be_bytes());
    update_optional(hash, content.text.as_ref().map(Text::as_str));
}

fn update_optional(hash: &mut Sha256, text: Option<&str>) {
    match text {
        None => hash.update([0]),
        Some(text) => {
            hash.update([1]);
            update_text(hash, text);
        }
    }
}

fn update_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

/// The SHA-256 of rows in their order, and how many they are.
#[derive(Default)]
pub struct Rows {
    hash: Sha256,
    pub count: u64,
}

impl Rows {
    /// Adds the next row.
    pub fn add(&mut self, row: RowDigest) {
        self.hash.update(row.0);
        self.count += 1;
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages, SHA-256 ", self.count)?;
        let digest = self.hash.clone().finalize();
        digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use countersign_core::{MessageId, Msisdn, NewMessage, SourceName, Text, Timestamp};

    use super::*;

    fn message(id: &str, from: &str, text: Option<&str>) -> Message {
        NewMessage {
            source: SourceName::default(),
            id: MessageId::from_store(id.to_owned()),
            from: Msisdn::from_store(from.to_owned()),
            to: Msisdn::from_store(String::new()),
            ts: Timestamp::MIN,
            text: text.map(|text| Text::from_store(text.to_owned())),
        }
        .received_at(Timestamp::MIN)
    }

    #[test]
    fn every_difference_shows() {
        let mut later = message("a", "b", None);
        later.created_at = Timestamp::MAX;
        let mut sent_later = message("a", "b", None);
        sent_later.content.ts = Timestamp::MAX;
        let mut elsewhere = message("a", "b", None);
        elsewhere.content.source = SourceName::try_from("b").unwrap();
        let mut vouched_for = message("a", "b", None);
        vouched_for.verified_by = Some(KeyLabel::try_from("k").unwrap());
        let all = [
            message("a", "b", None),
            message("a", "b", Some("")),
            message("a", "b", Some("\0")),
            message("ab", "", None),
            message("", "ab", None),
            later,
            sent_later,
            elsewhere,
            vouched_for,
        ];
        let digests: std::collections::HashSet<_> = all.iter().map(RowDigest::of).collect();
        assert_eq!(digests.len(), all.len());
    }

    #[test]
    fn the_order_of_rows_shows() {
        let rows = |ids: [&str; 2]| {
            let mut rows = Rows::default();
            for id in ids {
                rows.add(RowDigest::of(&message(id, "", None)));
            }
            rows.to_string()
        };
        assert!(rows(["a", "b"]).starts_with("2 messages, SHA-256 "));
        assert_ne!(rows(["a", "b"]), rows(["b", "a"]));
    }
}
