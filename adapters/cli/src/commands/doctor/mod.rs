//! `countersign doctor`: is everything as it must be, here and now?
//!
//! - `settings`: what the settings say, by themselves
//! - `machine`: limits, the clock, files that others may read
//! - `database`: where messages are kept
//! - `disk`: the folder of an SQLite database
//! - `server`: who answers at the address
//!
//! It changes nothing, also where a server runs: the one file that it makes has a name of its own, and
//! is gone in the end.

mod database;
mod disk;
mod machine;
mod server;
mod settings;

use std::{fmt::Write as _, io::IsTerminal as _};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::serve::ServeArgs;
use crate::{
    settings::{Settings, layers::Value},
    stop::{self, Stop},
};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign doctor\n  \
    countersign doctor --json | jq '.checks[] | select(.level != \"ok\")'\n\n\
    Exit codes: 0 nothing FAILs, 69 something does, 78 only settings do.")]
pub struct DoctorArgs {
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    /// It works, but somebody should look at it.
    Warn,
    /// It does not work, or not for long.
    Fail,
}

/// What was looked at, and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub level: Level,
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Whether it is settings that are wrong.
    #[serde(skip)]
    pub is_setting: bool,
}

impl Check {
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Ok,
            found: found.into(),
            fix: None,
            is_setting: false,
        }
    }

    pub fn warn(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Warn,
            fix: Some(fix.into()),
            ..Self::ok(name, found)
        }
    }

    pub fn fail(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            level: Level::Fail,
            ..Self::warn(name, found, fix)
        }
    }

    /// A setting that keeps the server from starting.
    pub fn setting(stop: &Stop) -> Self {
        Self {
            is_setting: true,
            ..Self::fail("settings", stop.message(), stop.help())
        }
    }
}

/// Looks at everything, and says what it found.
pub fn run(args: &DoctorArgs, values: Result<Vec<Value>, Vec<Stop>>) -> Result<(), Stop> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    let mut checks = Vec::new();
    let values = match values {
        Ok(values) => values,
        Err(faults) => {
            checks.extend(faults.iter().map(Check::setting));
            Vec::new()
        }
    };
    checks.extend(settings::look(&args.serve));
    checks.extend(machine::look(&values));
    // What is not right has been said; what is, is looked at.
    if let Ok(settings) = Settings::new(&args.serve) {
        checks.extend(machine::limits(&settings));
        runtime.block_on(async {
            checks.extend(server::look(settings.bind).await);
            checks.extend(database::look(&settings.database).await);
        });
    }
    if args.json {
        let worst = checks.iter().map(|check| check.level).max();
        let report = serde_json::json!({ "verdict": worst, "checks": checks });
        stop::print(&format!("{report}\n"))?;
    } else {
        stop::print(&to_text(&checks))?;
    }
    verdict(&checks)
}

fn verdict(checks: &[Check]) -> Result<(), Stop> {
    let failed = checks.iter().filter(|check| check.level == Level::Fail);
    let failed = failed.collect::<Vec<_>>();
    if failed.is_empty() {
        return Ok(());
    }
    let said = format!("{} checks FAIL", failed.len());
    let help = "see to what each of them says, and run it again";
    Err(if failed.iter().all(|check| check.is_setting) {
        Stop::configuration(said, help)
    } else {
        Stop::unavailable(said, help)
    })
}

fn to_text(checks: &[Check]) -> String {
    let colours = std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut text = String::new();
    for check in checks {
        let (word, colour) = match check.level {
            Level::Ok => ("OK  ", "32"),
            Level::Warn => ("WARN", "33"),
            Level::Fail => ("FAIL", "31"),
        };
        let word = if colours {
            format!("\u{1b}[{colour}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        };
        let _ = write!(text, "{word}  {:<13} {}", check.name, check.found);
        if let Some(fix) = &check.fix {
            let _ = write!(text, "; fix: {fix}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_says_whether_it_is_settings_only() {
        let setting = Check::setting(&Stop::configuration("BIND is wrong", "mend it"));
        let disk = Check::fail("disk", "full", "make room");
        let code = |checks: &[Check]| verdict(checks).map_err(|stop| stop.exit_code());
        let as_text = |code: Result<(), std::process::ExitCode>| format!("{code:?}");
        let is = |checks: &[Check], expected: u8| {
            let expected = Err(std::process::ExitCode::from(expected));
            assert_eq!(as_text(code(checks)), as_text(expected));
        };
        is(std::slice::from_ref(&setting), 78);
        is(&[setting, disk.clone()], 69);
        is(&[disk], 69);
        assert!(verdict(&[Check::warn("x", "y", "z"), Check::ok("x", "y")]).is_ok());
    }

    #[test]
    fn a_check_is_one_line_with_its_fix() {
        let text = to_text(&[
            Check::ok("clock", "right"),
            Check::fail("disk", "full", "make room"),
        ]);
        assert_eq!(
            text,
            "OK    clock         right\nFAIL  disk          full; fix: make room\n"
        );
    }
}
