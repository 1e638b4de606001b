//! Why the program ends without having done what it was asked to.

use std::{fmt, process::ExitCode};

/// What is wrong, how to mend it, and by which code (`sysexits.h`) the caller learns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    code: u8,
    message: String,
    help: String,
}

impl Stop {
    /// The settings are wrong: `EX_CONFIG`, 78.
    pub fn configuration(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(78, message, help)
    }

    /// Something that is needed is not there: `EX_UNAVAILABLE`, 69.
    pub fn unavailable(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(69, message, help)
    }

    /// The program is wrong: `EX_SOFTWARE`, 70.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(
            70,
            message,
            "this is a fault of countersign; please report it",
        )
    }

    fn new(code: u8, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: help.into(),
        }
    }

    /// Writes it to the log.
    pub fn log(&self) {
        tracing::error!(help = %self.help, exit_code = self.code, "{}", self.message);
    }

    /// Writes it to standard error, for commands that have no log.
    pub fn show(&self) {
        eprintln!("countersign: {self}");
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
