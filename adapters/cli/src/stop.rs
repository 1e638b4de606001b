//! Why the program ends without having done what it was asked to.

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

/// What is wrong, how to mend it, and by which code (`sysexits.h`) the caller learns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    code: u8,
    message: String,
    help: String,
}

impl Stop {
    /// What was read is not what it should be: `EX_DATAERR`, 65.
    pub fn data(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(65, message, help)
    }

    /// What was to be read is not there: `EX_NOINPUT`, 66.
    pub fn no_input(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(66, message, help)
    }

    /// What was to be written cannot be made: `EX_CANTCREAT`, 73.
    pub fn cannot_create(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(73, message, help)
    }

    /// The settings are wrong: `EX_CONFIG`, 78.
    pub fn configuration(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(78, message, help)
    }

    /// Something that is needed is not there: `EX_UNAVAILABLE`, 69.
    pub fn unavailable(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(69, message, help)
    }

    /// Whoever asks is not let in: `EX_NOPERM`, 77.
    pub fn not_permitted(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(77, message, help)
    }

    /// The program is wrong: `EX_SOFTWARE`, 70.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(
            70,
            message,
            "this is a fault of countersign; please report it",
        )
    }

    /// What the program works with has failed under it, and only a restart may help: `EX_SOFTWARE`,
    /// 70, by which a supervisor starts it again.
    pub fn failed(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(70, message, help)
    }

    /// The same, said of another setting than `DATABASE_URL`, which it was read as.
    pub fn of_setting(self, setting: &str) -> Self {
        let said = |text: &str| {
            text.replace("DATABASE_URL or --database-url", setting)
                .replace("DATABASE_URL", setting)
        };
        if setting == "DATABASE_URL" {
            return self;
        }
        Self {
            message: said(&self.message),
            help: said(&self.help),
            ..self
        }
    }

    /// The same, with another remedy.
    pub fn advising(self, help: impl Into<String>) -> Self {
        Self {
            help: help.into(),
            ..self
        }
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How to mend it.
    pub fn help(&self) -> &str {
        &self.help
    }

    fn new(code: u8, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The first of several.
    pub fn first_of(all: Vec<Self>) -> Self {
        let first = all.into_iter().next();
        first.unwrap_or_else(|| Self::internal("something is wrong, and nobody knows what"))
    }

    /// The last of several, when all before it are shown.
    pub fn last_of(mut all: Vec<Self>) -> Self {
        let last = all.pop();
        all.iter().for_each(Self::show);
        last.unwrap_or_else(|| Self::internal("something is wrong, and nobody knows what"))
    }

    /// The last of several, when all before it are in the log.
    pub fn last_logged(mut all: Vec<Self>) -> Self {
        let last = all.pop();
        all.iter().for_each(Self::log);
        last.unwrap_or_else(|| Self::internal("something is wrong, and nobody knows what"))
    }

    /// Writes it to the log.
    pub fn log(&self) {
        tracing::error!(help = %self.help, exit_code = self.code, "{}", self.message);
    }

    /// Writes it to the log where it does not end the program, because it is new settings that are
    /// wrong, and the old ones stay.
    pub fn log_refused_reload(&self) {
        tracing::error!(
            help = %self.help,
            cause = %self.message,
            "the keys were not read again, and those from before stay"
        );
    }

    /// Writes it to standard error, for commands that have no log.
    pub fn show(&self) {
        // Whoever has closed it, does not want to read it.
        let _ = writeln!(io::stderr(), "countersign: {self}");
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nhelp: {}", self.message, self.help)
    }
}

/// Writes to standard output. Whoever reads it and has read enough is no fault.
///
/// # Errors
/// If it cannot be written.
pub fn print(text: &str) -> Result<(), Stop> {
    let mut output = io::stdout().lock();
    let written = output.write_all(text.as_bytes());
    match written.and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Stop::unavailable(
            format!("standard output cannot be written: {error}"),
            "is there room on the disk?",
        )),
        _ => Ok(()),
    }
}
