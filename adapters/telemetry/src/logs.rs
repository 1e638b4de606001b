//! Log lines: `ts`, `level`, `target`, `message`, and the event's own fields beside them; or the same to be
//! read.

use std::{
    io::{self, Write},
    panic::PanicHookInfo,
    str::FromStr,
};

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::{Layer as _, SubscriberExt as _},
    registry::Registry,
    util::SubscriberInitExt as _,
};

use crate::{buffer, line::FlatJson, panics, text::Text};

/// From which severity on lines are written. The names are those of Python's `logging`, as the
/// original service took them; case does not matter, and `WARN` is `WARNING`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything of countersign's own.
    Debug,
    /// One line a request.
    #[default]
    Info,
    /// Refused webhooks, conflicts, and what is worse.
    Warning,
    /// What the server could not do.
    Error,
    /// As `Error`: there is nothing above it.
    Critical,
}

/// A text that names no [`LogLevel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL")]
pub struct InvalidLogLevel;

impl FromStr for LogLevel {
    type Err = InvalidLogLevel;

    fn from_str(text: &str) -> Result<Self, InvalidLogLevel> {
        match text.to_ascii_uppercase().as_str() {
            "DEBUG" => Ok(Self::Debug),
            "INFO" => Ok(Self::Info),
            "WARNING" | "WARN" => Ok(Self::Warning),
            "ERROR" => Ok(Self::Error),
            "CRITICAL" => Ok(Self::Critical),
            _ => Err(InvalidLogLevel),
        }
    }
}

impl LogLevel {
    const fn filter(self) -> LevelFilter {
        match self {
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warning => LevelFilter::WARN,
            Self::Error | Self::Critical => LevelFilter::ERROR,
        }
    }
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One flat JSON object a line, for programs.
    Json,
    /// A line to read, for people.
    Text {
        /// It is read on a terminal that is to have colours.
        colours: bool,
    },
}

/// Keeps the log going. When it is dropped, what is still buffered is written.
#[must_use = "the log ends when this is dropped"]
pub struct LogGuard {
    _writer: buffer::Writer,
}

/// Sends all of this process's log lines and panics to `output`, through a buffer that does not
/// lose lines: where the reader is slow, the writer waits.
///
/// Other crates' lines are written from WARNING on; at INFO they are about their inner life, and
/// some would log request targets.
///
/// # Errors
/// If this process has a log already, or can have no thread for it.
pub fn init(
    level: LogLevel,
    format: LogFormat,
    output: impl Write + Send + 'static,
) -> io::Result<LogGuard> {
    let (lines, writer) = buffer::start(output)?;
    let targets = Targets::new()
        .with_default(level.filter().min(LevelFilter::WARN))
        // A prefix: every crate of this workspace.
        .with_target("countersign", level.filter());
    // Errors of its own would be neither JSON nor a line like the others.
    let layer = fmt::layer().with_writer(lines).log_internal_errors(false);
    let layer = match format {
        LogFormat::Json => layer.event_format(FlatJson).boxed(),
        LogFormat::Text { colours } => layer.event_format(Text { colours }).boxed(),
    };
    Registry::default()
        .with(layer.with_filter(targets))
        .try_init()
        .map_err(io::Error::other)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(LogGuard { _writer: writer })
}

/// Counts it, and logs where it was, and the message if it is a literal: a formatted one may quote a
/// message's text (as those of slicing do), and that must not be logged.
fn log_panic(info: &PanicHookInfo<'_>) {
    panics::count_one();
    let location = info.location().map(ToString::to_string);
    let literal = info.payload().downcast_ref::<&'static str>();
    tracing::error!(location, literal, "panic");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_named_as_in_python() {
        for (text, level) in [
            ("DEBUG", LogLevel::Debug),
            ("info", LogLevel::Info),
            ("Warning", LogLevel::Warning),
            ("WARN", LogLevel::Warning),
            ("ERROR", LogLevel::Error),
            ("CRITICAL", LogLevel::Critical),
        ] {
            assert_eq!(text.parse(), Ok(level));
        }
        assert_eq!("TRACE2".parse::<LogLevel>(), Err(InvalidLogLevel));
    }
}
