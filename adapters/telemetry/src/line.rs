//! One event as one line: a flat JSON object.

use std::fmt::{self, Write};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

/// `ts` first, then `level`, `target`, and the event's own fields in their order.
///
/// It is our own because it is written for every request: straight into the line's buffer it costs
/// a third of what it costs by way of a tree of values.
pub struct FlatJson;

impl<S, N> FormatEvent<S, N> for FlatJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        line.write_str("{\"ts\":\"")?;
        SystemTime.format_time(&mut line)?;
        line.write_str("\",\"level\":\"")?;
        line.write_str(event.metadata().level().as_str())?;
        line.write_str("\",\"target\":")?;
        string(&mut line, event.metadata().target())?;
        let mut members = Members {
            line,
            written: Ok(()),
        };
        event.record(&mut members);
        members.written?;
        members.line.write_str("}\n")
    }
}

/// Writes each field as one more member of the object. A field that has no value is not recorded.
struct Members<'a> {
    line: Writer<'a>,
    written: fmt::Result,
}

impl Members<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let name = field.name();
        let name = name.strip_prefix("r#").unwrap_or(name);
        // Another crate's field may have any name, but a member is there once.
        let prefix = if matches!(name, "ts" | "level" | "target") {
            "field."
        } else {
            ""
        };
        let line = &mut self.line;
        self.written = self.written.and_then(|()| {
            line.write_str(",\"")?;
            line.write_str(prefix)?;
            Escaped(line).write_str(name)?;
            line.write_str("\":")?;
            value(line)
        });
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |line| string(line, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field, |line| {
            if value.is_finite() {
                // `{}` would write out the zeros of 1e300.
                write!(line, "{value:?}")
            } else {
                line.write_str("null")
            }
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, |line| {
            line.write_char('"')?;
            // A value that cannot write itself is cut short; the line is whole all the same.
            let _ = write!(Escaped(line), "{value:?}");
            line.write_char('"')
        });
    }
}

fn string(line: &mut impl Write, text: &str) -> fmt::Result {
    line.write_char('"')?;
    Escaped(line).write_str(text)?;
    line.write_char('"')
}

/// Writes text as the inside of a JSON string (RFC 8259 §7).
///
/// Beyond what JSON asks for, it escapes what readers or terminals take for the end of a line or
/// for a command: DEL, the C1 controls, and the separators of lines and paragraphs.
struct Escaped<'a, W>(&'a mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Nearly everything, and five times as fast as looking for characters.
        if text.bytes().all(is_plain) {
            return self.0.write_str(text);
        }
        let mut rest = text;
        while let Some(at) = rest.find(is_escaped) {
            let (plain, from) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut chars = from.chars();
            if let Some(special) = chars.next() {
                match special {
                    '"' => self.0.write_str("\\\"")?,
                    '\\' => self.0.write_str("\\\\")?,
                    '\n' => self.0.write_str("\\n")?,
                    '\r' => self.0.write_str("\\r")?,
                    '\t' => self.0.write_str("\\t")?,
                    // All of them are below U+10000.
                    other => write!(self.0, "\\u{:04x}", u32::from(other))?,
                }
            }
            rest = chars.as_str();
        }
        self.0.write_str(rest)
    }
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

const fn is_escaped(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1f' | '"' | '\\' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}'
    )
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::{
        fmt::{MakeWriter, layer},
        layer::SubscriberExt as _,
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            buffer.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Buffer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// What `act` logs.
    fn logged(act: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let layer = layer().event_format(FlatJson).with_writer(buffer.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, act);
        let bytes = buffer.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The one line that `act` logs, without its time.
    fn line(act: impl FnOnce()) -> Value {
        let text = logged(act);
        assert_eq!(text.lines().count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap_or_default();
        let ts = line["ts"].take();
        assert!(ts.as_str().is_some_and(|ts| ts.ends_with('Z')), "{text}");
        line
    }

    #[test]
    fn a_line_is_flat_and_in_order() {
        let text = logged(|| {
            tracing::info!(
                target: "t", b = true, i = -1, u = u64::MAX, f = 0.25, whole = 3.0, s = "x",
                absent = None::<u64>, "hello {}", 1
            );
        });
        let (ts, rest) = text.split_at(text.find(',').unwrap_or_default());
        assert!(
            ts.starts_with("{\"ts\":\"20") && ts.ends_with("Z\""),
            "{ts}"
        );
        let expected = r#","level":"INFO","target":"t","message":"hello 1","b":true,"i":-1,"u":18446744073709551615,"f":0.25,"whole":3.0,"s":"x"}"#;
        assert_eq!(rest, format!("{expected}\n"));
    }

    #[test]
    fn every_character_comes_back_and_none_ends_the_line() {
        let all: String = ('\0'..='\u{2fff}').chain(['\u{ffff}', '😀']).collect();
        let line = line(|| {
            tracing::warn!(text = all, shown = %all, debug = ?"\u{2028}\n", "{all}");
        });
        assert_eq!(line["text"], json!(all));
        assert_eq!(line["shown"], json!(all));
        assert_eq!(line["message"], json!(all));
        assert_eq!(line["debug"], json!(format!("{:?}", "\u{2028}\n")));
        let text = logged(|| tracing::warn!(all));
        let inside = text.trim_end_matches('\n');
        assert!(!inside.contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}'));
    }

    #[test]
    fn numbers_that_json_does_not_know_are_null() {
        let line = line(|| {
            tracing::info!(
                nan = f64::NAN,
                infinite = f64::INFINITY,
                huge = 1e300,
                tiny = 5e-324
            );
        });
        assert_eq!(
            (&line["nan"], &line["infinite"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(
            (&line["huge"], &line["tiny"]),
            (&json!(1e300), &json!(5e-324))
        );
    }

    #[test]
    fn other_crates_fields_do_not_hide_ours() {
        let line = line(|| {
            tracing::error!(
                ts = "x",
                level = 1,
                target = true,
                r#type = "y",
                "a \"name\"" = 2
            );
        });
        assert_eq!(
            line,
            json!({
                "ts": null, "level": "ERROR", "target": "countersign_telemetry::line::tests",
                "field.ts": "x", "field.level": 1, "field.target": true, "type": "y",
                "a \"name\"": 2,
            })
        );
    }

    #[test]
    fn a_value_that_fails_to_write_itself_leaves_the_line_whole() {
        struct Failing;
        impl fmt::Debug for Failing {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("half")?;
                Err(fmt::Error)
            }
        }
        let line = line(|| tracing::info!(failing = ?Failing, after = 1));
        assert_eq!(
            (&line["failing"], &line["after"]),
            (&json!("half"), &json!(1))
        );
    }
}
