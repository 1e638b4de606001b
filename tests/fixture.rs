//! Messages to test with.

use countersign_core::{
    KeyLabel, Message, MessageId, MessageKey, Msisdn, NewMessage, SourceName, Text, Timestamp,
};

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("an RFC 3339 instant")
}

pub fn id(text: &str) -> MessageId {
    MessageId::try_from(text.to_owned()).expect("a message id")
}

/// The key of the default source's message of this id.
pub fn key(text: &str) -> MessageKey {
    MessageKey {
        id: id(text),
        source: SourceName::default(),
    }
}

/// A message from `+14155550100`, received at noon.
pub fn message(message_id: &str, ts: &str, text: &str) -> Message {
    NewMessage {
        source: SourceName::default(),
        id: id(message_id),
        from: number("+14155550100"),
        to: number("+14155550199"),
        ts: at(ts),
        text: Some(Text::try_from(text.to_owned()).expect("a text")),
    }
    .received_at(at("2025-06-01T12:00:00Z"))
}

pub fn number(text: &str) -> Msisdn {
    Msisdn::try_from(text.to_owned()).expect("an E.164 number")
}

/// The same message from another sender.
pub fn from(sender: &str, mut message: Message) -> Message {
    message.content.from = number(sender);
    message
}

pub fn source(name: &str) -> SourceName {
    SourceName::try_from(name).expect("a source's name")
}

pub fn label(text: &str) -> KeyLabel {
    KeyLabel::try_from(text).expect("a key's label")
}

/// The same message from another source.
pub fn of(name: &str, mut message: Message) -> Message {
    message.content.source = source(name);
    message
}

/// The same message, vouched for by a key.
pub fn by(key: &str, mut message: Message) -> Message {
    message.verified_by = Some(label(key));
    message
}
