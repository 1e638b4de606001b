//! One JSON object a line: exactly what the API says of a message.

use std::io::{BufRead, Read as _};

use countersign_core::{Message, Text};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ALWAYS, FIELDS, Invalid, MAX_BYTES, Numbered, ReadError, Record, more_fields};

/// Writes messages, one a line.
pub fn write(messages: &[Message], out: &mut Vec<u8>) {
    for message in messages {
        let content = &message.content;
        let values = [
            json!(content.id.as_str()),
            json!(content.from.as_str()),
            json!(content.to.as_str()),
            json!(content.ts.to_string()),
            json!(content.text.as_ref().map(Text::as_str)),
            json!(message.created_at.to_string()),
        ];
        for (index, (field, value)) in FIELDS.iter().zip(values).enumerate() {
            let before = if index == 0 { "{" } else { "," };
            out.extend_from_slice(format!("{before}\"{field}\":{value}").as_bytes());
        }
        for (field, value) in FIELDS.iter().skip(ALWAYS).zip(more_fields(message)) {
            if let Some(value) = value {
                out.extend_from_slice(format!(",\"{field}\":{}", json!(value)).as_bytes());
            }
        }
        out.extend_from_slice(b"}\n");
    }
}

/// Reads records, one a line. Blank lines are none.
pub struct Reader {
    input: Box<dyn BufRead>,
    line: Vec<u8>,
    number: u64,
}

impl Reader {
    pub fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            input,
            line: Vec::new(),
            number: 0,
        }
    }

    /// The next record.
    pub fn next(&mut self) -> Result<Option<Numbered>, ReadError> {
        loop {
            self.line.clear();
            self.number += 1;
            // One byte more tells a line that is too long.
            let mut limited = self.input.by_ref().take(MAX_BYTES as u64 + 1);
            if limited.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            if self.line.len() > MAX_BYTES {
                return Err(ReadError::TooLong(self.number));
            }
            let line = self.line.trim_ascii();
            if !line.is_empty() {
                return Ok(Some(Numbered {
                    line: self.number,
                    record: parse(line),
                }));
            }
        }
    }
}

/// A line's members, whatever they are. Others are ignored, as a webhook's are.
#[derive(Deserialize)]
struct Members {
    message_id: Option<Value>,
    from_msisdn: Option<Value>,
    to_msisdn: Option<Value>,
    ts: Option<Value>,
    text: Option<Value>,
    created_at: Option<Value>,
    source: Option<Value>,
    verified_by: Option<Value>,
}

fn parse(line: &[u8]) -> Result<Record, Invalid> {
    // Said here, because serde's own words for it quote the value.
    if line.first() != Some(&b'{') {
        let rule = format!("must be a JSON object (the line has {} bytes)", line.len());
        return Err(Invalid::record(rule));
    }
    let members: Members = serde_json::from_slice(line).map_err(|error| {
        // Members may be anything, so that serde has no value to complain of.
        let column = error.column();
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        Invalid::record(format!("is no valid JSON at byte {column}: {what}"))
    })?;
    Ok(Record {
        message_id: text("message_id", members.message_id)?,
        from_msisdn: text("from_msisdn", members.from_msisdn)?,
        to_msisdn: text("to_msisdn", members.to_msisdn)?,
        ts: text("ts", members.ts)?,
        text: text("text", members.text)?,
        created_at: text("created_at", members.created_at)?,
        source: text("source", members.source)?,
        verified_by: text("verified_by", members.verified_by)?,
    })
}

fn text(field: &'static str, value: Option<Value>) -> Result<Option<String>, Invalid> {
    let kind = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => return Ok(Some(text)),
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::Array(_)) => "an array",
        Some(Value::Object(_)) => "an object",
    };
    Err(Invalid::field(
        field,
        &format!("must be a text, but is {kind}"),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{Format, fixture};

    proptest! {
        #[test]
        fn what_is_written_comes_back(messages in fixture::messages()) {
            let mut written = Vec::new();
            write(&messages, &mut written);
            let input = std::io::Cursor::new(written);
            let mut reader = crate::record::Reader::new(input, Format::Ndjson).unwrap();
            prop_assert_eq!(fixture::read(&mut reader), messages);
        }
    }

    #[test]
    fn a_line_is_the_apis_message() {
        let mut written = Vec::new();
        write(&[fixture::message("m".to_owned(), None)], &mut written);
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "{\"message_id\":\"m\",\"from_msisdn\":\"+14155550100\",\"to_msisdn\":\"+14155550199\",\
             \"ts\":\"0000-01-01T00:00:00Z\",\"text\":null,\
             \"created_at\":\"9999-12-31T23:59:59.999999Z\"}\n"
        );
    }

    #[test]
    fn a_source_and_a_key_are_members_where_there_are_any() {
        let mut message = fixture::message("m".to_owned(), None);
        message.content.source = "github".try_into().unwrap();
        message.verified_by = Some("2026-11".try_into().unwrap());
        let mut written = Vec::new();
        write(&[message], &mut written);
        let written = String::from_utf8(written).unwrap();
        let members = ",\"source\":\"github\",\"verified_by\":\"2026-11\"}\n";
        assert!(written.ends_with(members), "{written}");
        for (line, word) in [
            (written.replace("github", "CANARY"), "source must be of a-z"),
            (
                written.replace("2026-11", "CANARY 1"),
                "verified_by must be of A-Z",
            ),
        ] {
            let record = parse(line.trim_ascii_end().as_bytes()).unwrap();
            let said = record.message(|| unreachable!()).unwrap_err().to_string();
            assert!(said.starts_with(word) && !said.contains("CANARY"), "{said}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_value() {
        for (line, word) in [
            ("\"CANARY\"", "must be a JSON object (the line has 8 bytes)"),
            ("{\"text\":\"CANARY", "is no valid JSON at byte 15"),
            ("{\"text\":\"CANARY\"}x", "is no valid JSON at byte 18"),
            ("{\"text\":CANARY}", "is no valid JSON"),
            ("{\"ts\":\"CANARY\",\"ts\":1}", "duplicate field `ts`"),
            ("{\"text\":\"CANARY\\ud800\"}", "is no valid JSON"),
            (
                "{\"ts\":[\"CANARY\"]}",
                "ts must be a text, but is an array",
            ),
            ("{\"ts\":4711}", "ts must be a text, but is a number"),
        ] {
            let said = parse(line.as_bytes()).unwrap_err().to_string();
            assert!(
                said.starts_with(word) || said.ends_with(word),
                "{line}: {said}"
            );
            assert!(!said.contains("CANARY") && !said.contains("4711"), "{said}");
        }
    }
}
