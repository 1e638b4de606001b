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

use crate::trace_ids;

/// `ts` first, then `level`, `target`, the event's own fields in their order, and to which trace it
/// belongs, if to one.
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
        let line = &mut members.line;
        trace_ids::current(|name, value| write!(line, ",\"{name}\":\"{value}\""))?;
        line.write_str("}\n")
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
        let prefix = if matches!(name, "ts" | "level" | "target" | "trace_id" | "span_id") {
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
pub struct Escaped<'a, W>(pub &'a mut W);

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
pub mod tests {
    use std::{
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use opentelemetry::{
        Context,
        trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
    };
    use serde_json::{Value, json};
    use tracing_subscriber::{
        Registry,
        fmt::{MakeWriter, format::DefaultFields, layer},
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
    fn json(act: impl FnOnce()) -> String {
        logged(FlatJson, act)
    }

    /// The same, in any format.
    pub fn logged<F>(format: F, act: impl FnOnce()) -> String
    where
        F: FormatEvent<Registry, DefaultFields> + Send + Sync + 'static,
    {
        let buffer = Buffer::default();
        let layer = layer().event_format(format).with_writer(buffer.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, act);
        let bytes = buffer.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The one line that `act` logs, without its time.
    fn line(act: impl FnOnce()) -> Value {
        let text = json(act);
        assert_eq!(text.lines().count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap_or_default();
        let ts = line["ts"].take();
        assert!(ts.as_str().is_some_and(|ts| ts.ends_with('Z')), "{text}");
        line
    }

    #[test]
    fn a_line_is_flat_and_in_order() {
        let text = json(|| {
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
        let text = json(|| tracing::warn!(all));
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

    #[test]
    fn a_line_says_to_which_trace_it_belongs() {
        let (trace, span) = (
            0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            0x00f0_67aa_0ba9_02b7,
        );
        let within = |remote| {
            let context = SpanContext::new(
                TraceId::from(trace),
                SpanId::from(span),
                TraceFlags::SAMPLED,
                remote,
                TraceState::default(),
            );
            let attached = Context::new().with_remote_span_context(context).attach();
            let line = line(|| tracing::info!(trace_id = "forged", "x"));
            drop(attached);
            line
        };
        let own = within(false);
        assert_eq!(own["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(own["span_id"], "00f067aa0ba902b7");
        assert_eq!(own["field.trace_id"], "forged");
        // A span of somebody else's says nothing of where in this process it was.
        let theirs = within(true);
        assert_eq!(theirs["trace_id"], own["trace_id"]);
        assert!(theirs.get("span_id").is_none());
        assert!(line(|| tracing::info!("x")).get("trace_id").is_none());
    }
}
