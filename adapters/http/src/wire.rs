//! The body of `POST /webhook`: what it looks like, and how it becomes a [`NewMessage`].
//!
//! Every fault is gathered before anything is answered: first what is not a text where a text
//! belongs, then what breaks a rule. The rules are the domain types' own; `validator` asks them.

use std::{borrow::Cow, collections::HashSet, fmt, sync::Arc};

use countersign_core::{MessageId, NewMessage, SourceName, Text, Timestamp};
use poem_openapi::Object;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use validator::Validate;

use crate::{
    problem::{FieldError, Problem},
    rejections::Refused,
};

/// A message, as a provider sends it. Unknown members are ignored.
#[derive(Debug, Default, Object, Validate)]
pub struct WebhookMessage {
    /// The provider's id of the message: 1 to 255 characters, no control characters. Sending the
    /// same id again stores nothing.
    #[oai(validator(
        min_length = 1,
        max_length = 255,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
    ))]
    #[validate(custom(function = "rules::message_id"))]
    message_id: String,
    /// The sender's number in E.164 format.
    #[oai(validator(pattern = "^\\+[1-9][0-9]{1,14}$"))]
    #[validate(custom(function = "rules::msisdn"))]
    from: String,
    /// The receiver's number in E.164 format.
    #[oai(validator(pattern = "^\\+[1-9][0-9]{1,14}$"))]
    #[validate(custom(function = "rules::msisdn"))]
    to: String,
    /// When the message was sent: RFC 3339 with an offset, kept to the microsecond.
    #[validate(custom(function = "rules::timestamp"))]
    ts: String,
    /// What the message says: at most 4096 characters, no NUL.
    #[oai(validator(max_length = 4096, pattern = "^[^\\u0000]*$"))]
    #[validate(custom(function = "rules::text"))]
    text: Option<String>,
}

/// The domain's rules, as `validator` asks them.
mod rules {
    use std::fmt;

    use countersign_core::{MessageId, Msisdn, Text, Timestamp};
    use validator::ValidationError;

    pub fn message_id(value: &str) -> Result<(), ValidationError> {
        verdict("message_id", MessageId::check(value))
    }

    pub fn msisdn(value: &str) -> Result<(), ValidationError> {
        verdict("msisdn", Msisdn::check(value))
    }

    pub fn timestamp(value: &str) -> Result<(), ValidationError> {
        verdict("timestamp", Timestamp::parse_rfc3339(value))
    }

    pub fn text(value: &str) -> Result<(), ValidationError> {
        verdict("text", Text::check(value))
    }

    fn verdict<T, E: fmt::Display>(
        code: &'static str,
        checked: Result<T, E>,
    ) -> Result<(), ValidationError> {
        match checked {
            Ok(_) => Ok(()),
            Err(broken) => Err(ValidationError::new(code).with_message(broken.to_string().into())),
        }
    }
}

/// The order in which faults are reported.
const FIELDS: [&str; 5] = ["message_id", "from", "to", "ts", "text"];

/// Parses and validates the verified bytes of a body.
///
/// # Errors
/// 422, naming every fault: of the document as a whole (`#`), or of its fields.
pub fn parse(body: &[u8]) -> Result<NewMessage, Problem> {
    let document = str::from_utf8(body).map_err(|error| {
        whole(format!(
            "must be UTF-8, but is not from byte {} of {} on",
            error.valid_up_to() + 1,
            body.len()
        ))
    })?;
    // Said here, because serde's own words for it quote the value.
    if !document.trim_ascii_start().starts_with('{') {
        return Err(whole(format!(
            "must be a JSON object (the body is {} bytes long)",
            body.len()
        )));
    }
    let draft: Draft =
        serde_json::from_str(document).map_err(|error| whole(format!("is not valid: {error}")))?;
    draft.validated()?.try_into()
}

fn whole(detail: String) -> Problem {
    Problem::invalid(vec![FieldError {
        pointer: "#".to_owned(),
        detail,
    }])
}

impl TryFrom<WebhookMessage> for NewMessage {
    type Error = Problem;

    fn try_from(wire: WebhookMessage) -> Result<Self, Problem> {
        Ok(Self {
            // Whoever vouches for the message says which one it is.
            source: SourceName::default(),
            id: wire
                .message_id
                .try_into()
                .map_err(|e| fault("message_id", e))?,
            from: wire.from.try_into().map_err(|e| fault("from", e))?,
            to: wire.to.try_into().map_err(|e| fault("to", e))?,
            ts: Timestamp::parse_rfc3339(&wire.ts).map_err(|e| fault("ts", e))?,
            text: wire
                .text
                .map(Text::try_from)
                .transpose()
                .map_err(|e| fault("text", e))?,
        })
    }
}

fn fault(field: &str, broken: impl fmt::Display) -> Problem {
    Problem::invalid(vec![field_error(field, broken)])
}

fn field_error(field: &str, broken: impl fmt::Display) -> FieldError {
    FieldError {
        pointer: format!("#/{field}"),
        detail: broken.to_string(),
    }
}

/// A message whose fields are not validated yet, some of which may be no texts at all.
#[derive(Default)]
struct Draft {
    message: WebhookMessage,
    /// By position in [`FIELDS`]: why a field has no value.
    missing: [Option<String>; FIELDS.len()],
}

impl Draft {
    fn validated(self) -> Result<WebhookMessage, Problem> {
        let broken = self.message.validate().err();
        let broken = broken
            .as_ref()
            .map(validator::ValidationErrors::field_errors);
        let mut errors = Vec::new();
        for (field, missing) in FIELDS.into_iter().zip(self.missing) {
            if let Some(detail) = missing {
                errors.push(field_error(field, detail));
            } else if let Some(rules) = broken.as_ref().and_then(|by_field| by_field.get(field)) {
                errors.extend(rules.iter().map(|rule| {
                    field_error(field, rule.message.as_deref().unwrap_or(rule.code.as_ref()))
                }));
            }
        }
        if errors.is_empty() {
            return Ok(self.message);
        }
        let id = self.message.message_id;
        Err(Problem {
            refused: Some(Arc::new(Refused {
                message_id: MessageId::check(&id).is_ok().then_some(id),
                ..Refused::default()
            })),
            ..Problem::invalid(errors)
        })
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DraftVisitor)
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut values: [Option<Value>; FIELDS.len()] = Default::default();
        let mut unknown = Members::default();
        while let Some(Name(name)) = map.next_key()? {
            if let Some(index) = FIELDS.iter().position(|field| *field == name) {
                if values[index].replace(map.next_value()?).is_some() {
                    return Err(A::Error::duplicate_field(FIELDS[index]));
                }
            } else {
                unknown.add(name.into_owned())?;
                map.next_value::<Ignored>()?;
            }
        }

        let mut missing: [Option<String>; FIELDS.len()] = Default::default();
        let mut required = |index: usize, value: Option<Value>| match value {
            Some(Value::Text(text)) => text,
            other => {
                let but = other.as_ref().map_or("is missing", Value::kind);
                missing[index] = Some(format!("must be a text, but {but}"));
                String::new()
            }
        };
        let [id, from, to, ts, text] = values;
        let message = WebhookMessage {
            message_id: required(0, id),
            from: required(1, from),
            to: required(2, to),
            ts: required(3, ts),
            text: match text {
                None | Some(Value::Null) => None,
                some => Some(required(4, some)),
            },
        };
        Ok(Draft { message, missing })
    }
}

/// A member's name, borrowed from the document where nothing in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Any JSON value; only texts are kept.
enum Value {
    Null,
    Bool,
    Number,
    Text(String),
    Array,
    Object,
}

impl Value {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "is null",
            Self::Bool => "is a boolean",
            Self::Number => "is a number",
            Self::Text(_) => "is a text",
            Self::Array => "is an array",
            Self::Object => "is an object",
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Bool)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Value, A::Error> {
        IgnoredVisitor.visit_seq(seq).map(|Ignored| Value::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        IgnoredVisitor.visit_map(map).map(|Ignored| Value::Object)
    }
}

/// A JSON value that is ignored, but not unread: its strings must be whole and without NUL, its
/// members different, its depth bounded. `serde::de::IgnoredAny` checks none of that.
struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IgnoredVisitor)
    }
}

struct IgnoredVisitor;

impl<'de> Visitor<'de> for IgnoredVisitor {
    type Value = Ignored;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Ignored, E> {
        Ok(Ignored)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Ignored, E> {
        without_nul(text).map(|()| Ignored)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Ignored, A::Error> {
        while seq.next_element::<Ignored>()?.is_some() {}
        Ok(Ignored)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ignored, A::Error> {
        let mut members = Members::default();
        while let Some((name, Ignored)) = map.next_entry()? {
            members.add(name)?;
        }
        Ok(Ignored)
    }
}

/// The names of an object's members, which must differ.
#[derive(Default)]
struct Members(HashSet<String>);

impl Members {
    fn add<E: serde::de::Error>(&mut self, name: String) -> Result<(), E> {
        without_nul(&name)?;
        if self.0.insert(name) {
            Ok(())
        } else {
            // Not its name, which is whatever the sender made it.
            Err(E::custom("an object has the same member twice"))
        }
    }
}

fn without_nul<E: serde::de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        Err(E::custom("U+0000 (NUL) is not accepted anywhere"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &[u8]) -> Vec<String> {
        match parse(body) {
            Ok(message) => panic!("{message:?} was accepted"),
            Err(problem) => problem.errors.into_iter().map(|e| e.pointer).collect(),
        }
    }

    #[test]
    fn every_fault_is_named_at_once() {
        assert_eq!(
            faults(br#"{"message_id":"","from":"1","to":5,"ts":"soon","text":["x"]}"#),
            ["#/message_id", "#/from", "#/to", "#/ts", "#/text"]
        );
        assert_eq!(faults(b"{}"), ["#/message_id", "#/from", "#/to", "#/ts"]);
    }

    #[test]
    fn faults_do_not_repeat_private_values() {
        let body = r#"{"message_id":"m","from":"SECRET","to":"SECRET","ts":"SECRET"}"#;
        let problem = parse(body.as_bytes()).err();
        assert!(!format!("{problem:?}").contains("SECRET"));
        for body in [
            r#""SECRET""#,
            r#"["SECRET"]"#,
            "SECRET",
            r#"{"text":SECRET}"#,
        ] {
            let problem = parse(body.as_bytes()).err();
            assert!(!format!("{problem:?}").contains("SECRET"), "{problem:?}");
        }
    }

    #[test]
    fn documents_that_are_no_message_are_refused_as_a_whole() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let wide_lie = br#"{"x":"\ud800"}"#;
        for body in [
            &b""[..],
            b" ",
            b"null",
            b"5",
            b"\"x\"",
            b"[]",
            b"{",
            b"{}x",
            b"{\"message_id\":\"a\",\"message_id\":\"a\"}",
            b"{\"text\":null,\"text\":null}",
            b"{\"x\":1,\"x\":1}",
            b"{\"x\":{\"y\":1,\"y\":1}}",
            b"{\"text\":{\"y\":1,\"y\":1}}",
            b"{\"x\":[\"a\\u0000\"]}",
            b"{\"x\\u0000\":1}",
            b"{\"x\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"{\"x\":1e400}",
            b"{\"x\":NaN}",
            b"{'x':1}",
            deep.as_bytes(),
            wide_lie,
        ] {
            assert_eq!(faults(body), ["#"], "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn unknown_members_are_ignored_and_a_text_may_be_absent_or_null() {
        for tail in [
            "",
            r#","text":null"#,
            r#","x":{"from":[1,true,null,"s",2.5]}"#,
        ] {
            let body = format!(
                r#"{{"message_id":"m","from":"+12","to":"+13","ts":"2025-01-01T00:00:00Z"{tail}}}"#
            );
            let message = parse(body.as_bytes());
            assert!(message.is_ok_and(|m| m.text.is_none()), "{body}");
        }
    }
}
