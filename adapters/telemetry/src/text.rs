//! One event as one line for people: when, how grave, what, and the fields behind it.
//!
//! ```text
//! 2025-12-07T10:30:01.702Z  INFO request                  method=POST path=/webhook status=200 latency_ms=3.26
//! ```

use std::fmt::{self, Write};

use tracing::{
    Event, Level, Subscriber,
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

use crate::{line::Escaped, trace_ids};

/// How wide the messages are that are shorter, so that fields begin below each other.
const MESSAGE: usize = 24;

/// Whose lines need not say where they are from.
const OWN: &str = "countersign";

const RESET: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";

/// See the module's documentation.
pub struct Text {
    /// The output is a terminal that may be coloured.
    pub colours: bool,
}

impl<S, N> FormatEvent<S, N> for Text
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
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        self.styled(&mut line, DIM, |line| milliseconds(line, &time))?;
        line.write_char(' ')?;
        self.styled(&mut line, colour(*metadata.level()), |line| {
            write!(line, "{:>5}", metadata.level().as_str())
        })?;
        line.write_char(' ')?;
        let width = fields.message.chars().count();
        let own = metadata.target().starts_with(OWN);
        let last = own && fields.all.is_empty() && trace_ids::none();
        self.styled(&mut line, BOLD, |line| line.write_str(&fields.message))?;
        for _ in width..if last { width } else { MESSAGE } {
            line.write_char(' ')?;
        }
        if !own {
            self.pair(&mut line, "target", metadata.target())?;
        }
        for (name, value) in &fields.all {
            self.pair(&mut line, name, value)?;
        }
        trace_ids::current(|name, value| self.pair(&mut line, name, &value.to_string()))?;
        line.write_char('\n')
    }
}

impl Text {
    fn pair(&self, line: &mut Writer<'_>, name: &str, value: &str) -> fmt::Result {
        line.write_char(' ')?;
        self.styled(line, DIM, |line| {
            Escaped(line).write_str(name)?;
            line.write_char('=')
        })?;
        line.write_str(value)
    }

    fn styled(
        &self,
        line: &mut Writer<'_>,
        style: &str,
        write: impl FnOnce(&mut Writer<'_>) -> fmt::Result,
    ) -> fmt::Result {
        if !self.colours {
            return write(line);
        }
        line.write_str(style)?;
        write(line)?;
        line.write_str(RESET)
    }
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[34m",
    }
}

/// Microseconds are for programs.
fn milliseconds(line: &mut Writer<'_>, time: &str) -> fmt::Result {
    match time.split_once('.') {
        Some((seconds, fraction)) if fraction.len() > 3 => {
            write!(line, "{seconds}.{}Z", &fraction[..3])
        }
        _ => line.write_str(time),
    }
}

/// What an event says, each value as it is written.
#[derive(Default)]
struct Fields {
    message: String,
    all: Vec<(&'static str, String)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            // It is one line, whatever it quotes.
            escape(&mut self.message, value);
        } else {
            let name = field.name();
            let name = name.strip_prefix("r#").unwrap_or(name);
            self.all.push((name, written(value)));
        }
    }
}

/// The value as it is, or in quotation marks where it would be taken for more than one, or for a
/// command to the terminal.
fn written(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\\' | '=');
    if !value.is_empty() && value.chars().all(|c| plain(c) && !turns(c)) {
        return value.to_owned();
    }
    let mut quoted = String::from('"');
    escape(&mut quoted, value);
    quoted.push('"');
    quoted
}

/// Whether it turns around the order of what is shown behind it.
const fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(into: &mut String, value: &str) {
    for part in value.split_inclusive(turns) {
        let text = part.trim_end_matches(turns);
        // Writing to a string cannot fail.
        let _ = Escaped(into).write_str(text);
        for c in part[text.len()..].chars() {
            let _ = write!(into, "\\u{:04x}", u32::from(c));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, &value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // A value that cannot write itself is cut short.
        let _ = write!(text, "{value:?}");
        self.add(field, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::tests::logged;

    fn lines(colours: bool, act: impl FnOnce()) -> String {
        logged(Text { colours }, act)
    }

    /// Without when.
    fn line(act: impl FnOnce()) -> String {
        let text = lines(false, act);
        let (time, rest) = text.split_once(' ').unwrap_or_default();
        assert!(time.len() == 24 && time.ends_with('Z'), "{text}");
        rest.to_owned()
    }

    #[test]
    fn a_line_is_read_from_the_left() {
        let text = line(|| {
            tracing::info!(target: "countersign_http::observe",
                method = "POST", status = 200, latency_ms = 3.26, dup = false, absent = None::<u64>,
                "request");
        });
        assert_eq!(
            text,
            " INFO request                  method=POST status=200 latency_ms=3.26 dup=false\n"
        );
        assert_eq!(line(|| tracing::error!("it is over")), "ERROR it is over\n");
    }

    #[test]
    fn a_line_says_where_it_is_from_if_it_is_from_elsewhere() {
        let text = line(|| tracing::warn!(target: "sqlx::query", "slow"));
        assert_eq!(text, " WARN slow                     target=sqlx::query\n");
    }

    #[test]
    fn nothing_ends_the_line_or_commands_the_terminal() {
        let all: String = ('\0'..='\u{2fff}').chain(['😀']).collect();
        let text = lines(true, || tracing::warn!(value = all, shown = %all, "{all}"));
        let inside = text.trim_end_matches('\n');
        let own = [DIM, BOLD, RESET, colour(Level::WARN)];
        let inside = own
            .iter()
            .fold(inside.to_owned(), |inside, own| inside.replace(own, ""));
        assert!(!inside.chars().any(char::is_control));
        assert!(!inside.contains(['\u{2028}', '\u{2029}']));
    }

    #[test]
    fn values_that_could_be_misread_are_quoted() {
        for (value, expected) in [
            ("plain", "plain"),
            ("/messages/é", "/messages/é"),
            ("", "\"\""),
            ("two words", "\"two words\""),
            ("a=b", "\"a=b\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("\x1b[2J", "\"\\u001b[2J\""),
            ("a\u{202e}b", "\"a\\u202eb\""),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    #[test]
    fn colours_are_for_terminals() {
        let plain = lines(false, || tracing::error!(a = 1, "x"));
        assert!(!plain.contains('\x1b'), "{plain:?}");
        let coloured = lines(true, || tracing::error!(a = 1, "x"));
        assert!(coloured.contains("\x1b[31mERROR\x1b[0m"), "{coloured:?}");
    }
}
