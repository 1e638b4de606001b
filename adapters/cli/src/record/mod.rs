//! A message as a record of a file: the API's fields, as JSON or as CSV.

pub mod csv;
pub mod ndjson;
mod reader;

use std::{fmt, path::Path};

use clap::ValueEnum;
use countersign_core::{
    KeyLabel, Message, MessageId, Msisdn, NewMessage, SourceName, Text, Timestamp,
};

pub use self::reader::{ReadError, Reader};

/// The fields, in the order in which they are written; the last two only where they are needed: a
/// message of the default source, for which no key vouches, has none of them.
const FIELDS: [&str; 8] = [
    "message_id",
    "from_msisdn",
    "to_msisdn",
    "ts",
    "text",
    "created_at",
    "source",
    "verified_by",
];

/// How many of them every message has.
const ALWAYS: usize = 6;

/// The longest record, in bytes. The longest message, with every character escaped, is a tenth of
/// that; a longer record means another kind of file, and must not be held in memory.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How messages are written into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    // One JSON object a line, as the API answers with.
    Ndjson,
    // CSV with a header line, safe for spreadsheets.
    Csv,
}

impl Format {
    /// The one that is asked for, or that the file's name says.
    pub fn choose(asked: Option<Self>, file: Option<&Path>) -> Self {
        let by_name = || {
            let extension = file?.extension()?;
            extension.eq_ignore_ascii_case("csv").then_some(Self::Csv)
        };
        asked.or_else(by_name).unwrap_or(Self::Ndjson)
    }
}

/// A record's fields, none of which is looked at yet.
#[derive(Debug, Default)]
pub struct Record {
    message_id: Option<String>,
    from_msisdn: Option<String>,
    to_msisdn: Option<String>,
    ts: Option<String>,
    text: Option<String>,
    created_at: Option<String>,
    source: Option<String>,
    verified_by: Option<String>,
}

/// Whether the message has something of the fields that are not always written.
pub fn has_more_fields(message: &Message) -> bool {
    !message.content.source.is_default() || message.verified_by.is_some()
}

/// What is written of the source, and of the key.
fn more_fields(message: &Message) -> [Option<&str>; 2] {
    let source = &message.content.source;
    [
        (!source.is_default()).then(|| source.as_str()),
        message.verified_by.as_ref().map(KeyLabel::as_str),
    ]
}

/// A record, or what is wrong with it, and the number of the line in which it begins.
#[derive(Debug)]
pub struct Numbered {
    pub line: u64,
    pub record: Result<Record, Invalid>,
}

/// Why a record is no message: which field, and the rule with the length of the value, which is
/// private.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid {
    field: Option<&'static str>,
    rule: String,
}

impl Invalid {
    fn record(rule: impl Into<String>) -> Self {
        Self {
            field: None,
            rule: rule.into(),
        }
    }

    fn field(field: &'static str, rule: &impl ToString) -> Self {
        Self {
            field: Some(field),
            rule: rule.to_string(),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "{field} {}", self.rule),
            None => f.write_str(&self.rule),
        }
    }
}

impl Record {
    /// The message, by the rules of a webhook. One that does not say when it was received, is
    /// received `now`.
    pub fn message(self, now: impl FnOnce() -> Timestamp) -> Result<Message, Invalid> {
        let required = |field, value: Option<String>| {
            value.ok_or_else(|| Invalid::field(field, &"is missing"))
        };
        let content = NewMessage {
            source: self
                .source
                .map(|name| SourceName::try_from(name.as_str()))
                .transpose()
                .map_err(|rule| Invalid::field("source", &rule))?
                .unwrap_or_default(),
            id: MessageId::try_from(required("message_id", self.message_id)?)
                .map_err(|rule| Invalid::field("message_id", &rule))?,
            from: Msisdn::try_from(required("from_msisdn", self.from_msisdn)?)
                .map_err(|rule| Invalid::field("from_msisdn", &rule))?,
            to: Msisdn::try_from(required("to_msisdn", self.to_msisdn)?)
                .map_err(|rule| Invalid::field("to_msisdn", &rule))?,
            ts: instant("ts", &required("ts", self.ts)?)?,
            text: self
                .text
                .map(Text::try_from)
                .transpose()
                .map_err(|rule| Invalid::field("text", &rule))?,
        };
        let created_at = match self.created_at {
            Some(text) => instant("created_at", &text)?,
            None => now(),
        };
        let verified_by = self
            .verified_by
            .map(|label| KeyLabel::try_from(label.as_str()))
            .transpose()
            .map_err(|rule| Invalid::field("verified_by", &rule))?;
        Ok(Message {
            verified_by,
            ..content.received_at(created_at)
        })
    }
}

fn instant(field: &'static str, text: &str) -> Result<Timestamp, Invalid> {
    Timestamp::parse_rfc3339(text).map_err(|rule| Invalid::field(field, &rule))
}

/// Messages to test with.
#[cfg(test)]
mod fixture {
    use countersign_core::{
        KeyLabel, Message, MessageId, Msisdn, NewMessage, SourceName, Text, Timestamp,
    };
    use proptest::prelude::*;

    pub fn message(id: String, text: Option<String>) -> Message {
        NewMessage {
            source: SourceName::default(),
            id: MessageId::try_from(id).unwrap(),
            from: Msisdn::try_from("+14155550100".to_owned()).unwrap(),
            to: Msisdn::try_from("+14155550199".to_owned()).unwrap(),
            ts: Timestamp::MIN,
            text: text.map(|text| Text::try_from(text).unwrap()),
        }
        .received_at(Timestamp::MAX)
    }

    /// Messages whose ids and texts have all that means something in a file.
    pub fn messages() -> impl Strategy<Value = Vec<Message>> {
        let id = "['=+@,\"a-]{1,6}|\\PC{1,12}";
        let text = prop_oneof![
            Just(None),
            "['=+@,\"\t\r\n a-]{0,8}".prop_map(Some),
            "[^\u{0}]{0,24}".prop_map(Some),
        ];
        let source = prop_oneof![Just("default"), Just("github"), Just("x")];
        let label = prop_oneof![Just(None), Just(Some("2026-11")), Just(Some("-a"))];
        let message = (id, text, source, label).prop_map(|(id, text, source, label)| {
            let mut message = message(id, text);
            message.content.source = SourceName::try_from(source).unwrap();
            message.verified_by = label.map(|label| KeyLabel::try_from(label).unwrap());
            message
        });
        prop::collection::vec(message, 0..8)
    }

    /// What comes back of what was written.
    pub fn read(reader: &mut super::Reader) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(next) = reader.next().unwrap() {
            messages.push(next.record.unwrap().message(|| Timestamp::MIN).unwrap());
        }
        messages
    }
}
