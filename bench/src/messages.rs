//! The messages of a generated database: the same number is the same message, always, so that a
//! reader knows what it can ask for.

use countersign_core::{Message, MessageId, Msisdn, NewMessage, SourceName, Text, Timestamp};
use countersign_load::Texts;
use uuid::Uuid;

use crate::send::Ids;

/// 2024-01-01T00:00:00Z.
const BEGIN: i64 = 1_704_067_200_000_000;

/// A year of 8760 hours.
pub const SPAN: i64 = 365 * 86_400 * 1_000_000;

const SENDERS: u64 = 20_000;

/// The sender of every tenth message.
pub const BIG_SENDER: &str = "+15550000000";

/// Messages from 0 to `rows`, spread over a year.
pub struct Messages {
    texts: Texts,
    rows: u64,
    ids: Ids,
}

impl Messages {
    pub fn new(rows: u64, ids: Ids) -> Self {
        Self {
            texts: Texts::new(0),
            rows: rows.max(1),
            ids,
        }
    }

    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// When the message of this number was sent. Half of them to the second, as some providers
    /// write it, so that several share an instant.
    pub fn ts(&self, number: u64) -> i64 {
        let micros = i128::from(SPAN) * i128::from(number) / i128::from(self.rows);
        // Less than a year.
        let micros = BEGIN + i64::try_from(micros).unwrap_or(SPAN);
        if number.is_multiple_of(2) {
            micros - micros % 1_000_000
        } else {
            micros
        }
    }

    /// As the API writes an id.
    pub fn id(&self, number: u64) -> String {
        let low = mix(number ^ 0xC0DE);
        let id = match self.ids {
            Ids::Ordered => {
                let millis = u64::try_from(self.ts(number) / 1000).unwrap_or_default();
                // The number behind the instant keeps those of one millisecond in order.
                let high = millis << 16 | 0x7000 | (number & 0xFFF);
                Uuid::from_u64_pair(high, low >> 2 | 1 << 63)
            }
            Ids::Random => {
                uuid::Builder::from_random_bytes(Uuid::from_u64_pair(mix(number), low).into_bytes())
                    .into_uuid()
            }
        };
        id.to_string()
    }

    /// One of 20,000, a tenth of all messages from one of them, and of the others the first ones
    /// busier than the last.
    pub fn sender(number: u64) -> String {
        if number.is_multiple_of(10) {
            return BIG_SENDER.to_owned();
        }
        // The product of two even distributions: a long tail.
        let hash = mix(number);
        let (a, b) = (hash % SENDERS, (hash >> 32) % SENDERS);
        small_sender(a * b / SENDERS)
    }

    /// # Errors
    /// None: it is made by the rules.
    pub fn message(
        &self,
        number: u64,
    ) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let mut text = String::new();
        self.texts.push(number, &mut text);
        let ts = Timestamp::from_micros(self.ts(number)).ok_or("out of range")?;
        let content = NewMessage {
            source: SourceName::default(),
            id: MessageId::try_from(self.id(number))?,
            from: Msisdn::try_from(Self::sender(number))?,
            to: Msisdn::try_from(format!("+1555010000{}", mix(number ^ 5) % 5))?,
            ts,
            text: Some(Text::try_from(text)?),
        };
        Ok(content.received_at(ts))
    }
}

/// The number of a sender with few messages; the higher, the fewer.
pub fn small_sender(index: u64) -> String {
    format!("+1555{:07}", index % SENDERS + 1)
}

/// `SplitMix64`'s last steps.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn messages_are_valid_and_different_and_in_order_if_asked_for() {
        for ids in [Ids::Ordered, Ids::Random] {
            let messages = Messages::new(100_000, ids);
            let all: Vec<String> = (0..100_000).map(|number| messages.id(number)).collect();
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
            assert!(messages.message(99_999).is_ok());
        }
        // Many in a millisecond of the half that is not cut to the second.
        let messages = Messages::new(100_000_000, Ids::Ordered);
        let odd: Vec<String> = (0..5_000)
            .map(|number| messages.id(2 * number + 1))
            .collect();
        assert!(odd.is_sorted());
    }

    #[test]
    fn few_senders_are_busy_and_many_are_not() {
        let from: Vec<String> = (0..100_000).map(Messages::sender).collect();
        let of = |sender: &str| from.iter().filter(|from| *from == sender).count();
        assert_eq!(of(BIG_SENDER), 10_000);
        assert!(of(&small_sender(19_000)) < of(&small_sender(0)));
    }
}
