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

use std::{io::IsTerminal as _, time::Duration};

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

    /// As it is shown on a terminal, or elsewhere.
    fn line(&self, colours: bool) -> String {
        let (word, colour) = match self.level {
            Level::Ok => ("OK  ", "32"),
            Level::Warn => ("WARN", "33"),
            Level::Fail => ("FAIL", "31"),
        };
        let word = if colours {
            format!("\u{1b}[{colour}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        };
        let fix = self.fix.as_ref().map(|fix| format!("; fix: {fix}"));
        let fix = fix.unwrap_or_default();
        format!("{word}  {:<13} {}{fix}\n", self.name, self.found)
    }

    /// A setting that keeps the server from starting.
    pub fn setting(stop: &Stop) -> Self {
        Self {
            is_setting: true,
            ..Self::fail("settings", stop.message(), stop.help())
        }
    }
}

/// How long a look may take at what may fall silent: a server, a file system of another machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found so far. As text, each line is there as soon as it is known: a later look may take
/// its time.
struct Report {
    checks: Vec<Check>,
    json: bool,
    colours: bool,
}

impl Report {
    fn new(json: bool) -> Self {
        let colours = std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            checks: Vec::new(),
            json,
            colours,
        }
    }

    fn add(&mut self, checks: impl IntoIterator<Item = Check>) -> Result<(), Stop> {
        for check in checks {
            if !self.json {
                stop::print(&check.line(self.colours))?;
            }
            self.checks.push(check);
        }
        Ok(())
    }

    fn end(self) -> Result<(), Stop> {
        if self.json {
            let worst = self.checks.iter().map(|check| check.level).max();
            let report = serde_json::json!({ "verdict": worst, "checks": self.checks });
            stop::print(&format!("{report}\n"))?;
        }
        verdict(&self.checks)
    }
}

/// Looks at everything, and says what it found.
pub fn run(args: &DoctorArgs, values: Result<Vec<Value>, Vec<Stop>>) -> Result<(), Stop> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Stop::internal(format!("the runtime cannot start: {error}")))?;
    let mut report = Report::new(args.json);
    let looked = runtime.block_on(look(args, values, &mut report));
    // What has not answered in time may never do.
    runtime.shutdown_background();
    looked?;
    report.end()
}

async fn look(
    args: &DoctorArgs,
    values: Result<Vec<Value>, Vec<Stop>>,
    report: &mut Report,
) -> Result<(), Stop> {
    let values = match values {
        Ok(values) => values,
        // What the flags and the environment say is not what would hold: nothing can be said of it.
        Err(faults) => return report.add(faults.iter().map(Check::setting)),
    };
    report.add(settings::look(&args.serve))?;
    report.add(machine::look(&values))?;
    // What is not right has been said; what is, is looked at.
    let Ok(settings) = Settings::new(&args.serve) else {
        return Ok(());
    };
    report.add(machine::limits(&settings))?;
    let fix = "another program may hold it and not answer: stop it, or set BIND to another address";
    let server = server::look(settings.bind);
    report.add(within(PATIENCE, server::NAME, fix, server).await)?;
    database::look(&settings.database, report).await
}

/// What comes of a look; if it takes too long, that.
async fn within(
    patience: Duration,
    name: &'static str,
    fix: &str,
    look: impl Future<Output = Vec<Check>>,
) -> Vec<Check> {
    let looked = tokio::time::timeout(patience, look).await;
    looked.unwrap_or_else(|_| {
        let found = format!("no answer within {} s", patience.as_secs());
        vec![Check::fail(name, found, fix)]
    })
}

/// A look that may block, at a file system that may not answer.
async fn blocking(
    name: &'static str,
    look: impl FnOnce() -> Vec<Check> + Send + 'static,
) -> Vec<Check> {
    let looking = async {
        let looked = tokio::task::spawn_blocking(look).await;
        looked.unwrap_or_else(|error| vec![Check::fail(name, error.to_string(), "report it")])
    };
    let fix = "see that its disk is there and answers (a network file system may hang)";
    within(PATIENCE, name, fix, looking).await
}

fn verdict(checks: &[Check]) -> Result<(), Stop> {
    let failed = checks.iter().filter(|check| check.level == Level::Fail);
    let failed = failed.collect::<Vec<_>>();
    if failed.is_empty() {
        return Ok(());
    }
    let said = match failed.len() {
        1 => "1 check fails".to_owned(),
        many => format!("{many} checks fail"),
    };
    let help = "see to what each of them says, and run it again";
    Err(if failed.iter().all(|check| check.is_setting) {
        Stop::configuration(said, help)
    } else {
        Stop::unavailable(said, help)
    })
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
        let ok = Check::ok("clock", "right").line(false);
        assert_eq!(ok, "OK    clock         right\n");
        let fail = Check::fail("disk", "full", "make room").line(false);
        assert_eq!(fail, "FAIL  disk          full; fix: make room\n");
    }

    #[tokio::test]
    async fn what_does_not_answer_is_not_waited_for() {
        let silent = std::future::pending();
        let found = within(Duration::from_millis(10), "database", "wake it", silent).await;
        assert_eq!(found[0].level, Level::Fail);
        assert!(found[0].found.starts_with("no answer within"), "{found:?}");
    }
}
