//! What the messages of a plan say, and which one an answer is about.

use countersign_core::{Message, Text};
use serde_json::{Value, json};

use super::plan::{SOURCES, Sent, VARIANTS};
use crate::fixture;

const TO: &str = "+14155550199";

fn from(sent: Sent) -> String {
    // So that some have the same sender.
    format!("+1415555010{}", sent.id % 3)
}

fn ts(sent: Sent) -> String {
    // In another order than the ids, and some at the same time.
    format!("2025-06-01T11:00:0{}Z", sent.id.wrapping_mul(7) % 4)
}

fn text(sent: Sent) -> Option<String> {
    match sent.variant {
        0 => Some(format!("{sent}")),
        1 => Some(format!("{sent}, \u{201c}changed\u{201d}")),
        _ => None,
    }
}

pub fn id(sent: Sent) -> String {
    format!("m{}", sent.id)
}

/// What a provider posts.
pub fn body(sent: Sent) -> Vec<u8> {
    let body = json!({
        "message_id": id(sent),
        "from": from(sent),
        "to": TO,
        "ts": ts(sent),
        "text": text(sent),
    });
    body.to_string().into_bytes()
}

/// Which one a store was given. One that nobody has sent comes out as what it is most like: what is
/// stored is judged by what is answered ([`Row`]).
pub fn of_message(message: &Message) -> Sent {
    let source = message.content.source.as_str();
    let digits = message.content.id.as_str().trim_start_matches('m');
    let number = |variant| Sent {
        source: SOURCES.into_iter().find(|s| *s == source).unwrap_or(""),
        id: digits.parse().unwrap_or(u8::MAX),
        variant,
    };
    let says = message.content.text.as_ref().map(Text::as_str);
    let variants = (0..VARIANTS).map(number);
    let found = variants.into_iter().find(|s| text(*s).as_deref() == says);
    found.unwrap_or_else(|| number(u8::MAX))
}

/// A stored message, as an answer shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The message that it is.
    pub sent: Sent,
    /// When it says that it was received.
    pub created_at: String,
}

impl Row {
    pub fn key(&self) -> (&'static str, u8) {
        key(self.sent)
    }

    pub fn sender(&self) -> String {
        from(self.sent)
    }

    /// The message that it shows, if there is such a one.
    pub fn read(shown: &Value) -> Option<Self> {
        let member = |name: &str| shown[name].as_str();
        let source = member("source").unwrap_or(SOURCES[0]);
        let source = SOURCES.into_iter().find(|s| *s == source)?;
        let number = member("message_id")?.strip_prefix('m')?.parse().ok()?;
        let mut variants = (0..VARIANTS).map(|variant| Sent {
            source,
            id: number,
            variant,
        });
        let sent = variants.find(|sent| {
            member("message_id") == Some(&id(*sent))
                && member("from_msisdn") == Some(&from(*sent))
                && member("to_msisdn") == Some(TO)
                && member("ts").is_some_and(|at| fixture::at(at) == fixture::at(&ts(*sent)))
                && member("text") == text(*sent).as_deref()
        })?;
        let created_at = member("created_at").unwrap_or_default().to_owned();
        Some(Self { sent, created_at })
    }
}

/// What makes a message one.
pub fn key(sent: Sent) -> (&'static str, u8) {
    (sent.source, sent.id)
}
