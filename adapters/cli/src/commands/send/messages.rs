//! The messages that are sent.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_core::Clock as _;
use countersign_hmac::HexHmacSha256;
use serde_json::json;
use uuid::Uuid;

use crate::{
    args::{IdOrder, SendArgs},
    clock::SystemClock,
};

/// Makes signed messages for all connections.
pub struct Messages {
    scheme: HexHmacSha256,
    order: IdOrder,
    text: String,
    senders: u64,
    /// Of a hundred.
    duplicates: u64,
    count: u64,
    taken: AtomicU64,
}

/// A body and its signature.
pub struct Signed {
    pub body: String,
    pub signature: String,
}

impl Messages {
    pub fn new(scheme: HexHmacSha256, args: &SendArgs) -> Self {
        Self {
            scheme,
            order: args.ids,
            text: args.text.clone(),
            senders: u64::from(args.senders),
            duplicates: u64::from(args.duplicates),
            count: args.count,
            taken: AtomicU64::new(0),
        }
    }

    /// The number of the next message to send, until all are sent.
    pub fn take(&self) -> Option<u64> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }

    /// The message of this number; `previous` is repeated if it is this one's turn to be a repeat.
    pub fn make(&self, number: u64, previous: Option<&Signed>) -> Signed {
        // Spread evenly over the hundred: 37 has no divisor in common with it.
        let repeat = number * 37 % 100 < self.duplicates;
        if let (true, Some(previous)) = (repeat, previous) {
            return Signed {
                body: previous.body.clone(),
                signature: previous.signature.clone(),
            };
        }
        let id = match self.order {
            IdOrder::Ordered => Uuid::now_v7(),
            IdOrder::Random => Uuid::new_v4(),
        };
        let body = json!({
            "message_id": id.to_string(),
            // A range of numbers that is reserved for fiction.
            "from": format!("+1555{:07}", number * 7919 % self.senders),
            "to": "+15550100000",
            "ts": SystemClock.now().to_string(),
            "text": self.text,
        })
        .to_string();
        let signature = self.scheme.sign(body.as_bytes());
        Signed { body, signature }
    }
}
