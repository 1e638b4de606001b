//! Where messages are kept, looked at without changing anything.

use std::path::Path;

use countersign_sea_orm::{
    OpenError,
    inspect::{self, Inspection},
};

use super::{Check, disk};
use crate::{database_url::Database, store};

const NAME: &str = "database";

/// By how much two clocks may be off, in microseconds.
const CLOCK: i64 = 1_000_000;

pub async fn look(database: &Database) -> Vec<Check> {
    match database {
        Database::Memory => vec![Check::warn(
            NAME,
            "in memory",
            "messages are forgotten at the end: set DATABASE_URL to a file or a server",
        )],
        Database::SqliteFile(path) => sqlite(path).await,
        Database::Postgres(url) => match inspect::postgres(url).await {
            Ok(found) => of_server(&url.to_string(), &found),
            Err(error) => vec![cannot_open(&url.to_string(), &error)],
        },
    }
}

async fn sqlite(path: &Path) -> Vec<Check> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = path.display().to_string();
    let mut checks = Vec::new();
    if path.exists() {
        match inspect::sqlite(&path).await {
            Ok(found) => {
                checks.push(Check::ok(NAME, format!("{name}: {}", described(&found))));
                checks.push(migrations(&found));
            }
            Err(error) => checks.push(cannot_open(&name, &error)),
        }
    } else {
        checks.push(Check::ok(
            NAME,
            format!("{name} is not there yet, and will be made"),
        ));
    }
    // The nearest that is there: the first start makes the others.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir());
    checks.extend(folder.map(disk::look).into_iter().flatten());
    checks
}

fn of_server(name: &str, found: &Inspection) -> Vec<Check> {
    let off = |setting: &str| {
        let is = |(name, value): &(String, String)| name == setting && value == "off";
        found.settings.iter().any(is)
    };
    let text = format!("{name}: {}", described(found));
    let mut checks = vec![if off("fsync") || off("full_page_writes") {
        let fix = "turn both on in postgresql.conf: without them, a power cut loses messages";
        Check::fail(NAME, text, fix)
    } else {
        Check::ok(NAME, text)
    }];
    checks.push(migrations(found));
    if let Some(ahead) = found.clock_ahead {
        let text = format!("the database's is {:+.3} s off", ahead as f64 / 1e6);
        checks.push(if ahead.abs() > CLOCK {
            Check::warn("clock", text, "keep both machines by NTP")
        } else {
            Check::ok("clock", text)
        });
    }
    checks
}

fn described(found: &Inspection) -> String {
    let settings = found.settings.iter();
    let settings = settings.map(|(name, value)| format!("{name}={value}"));
    let settings = settings.collect::<Vec<_>>().join(", ");
    format!("{}, {settings}", found.engine)
}

fn migrations(found: &Inspection) -> Check {
    const NAME: &str = "migrations";
    match found.pending.as_slice() {
        [] => Check::ok(NAME, "every one is applied"),
        [first, ..] => Check::warn(
            NAME,
            format!("{} are pending, {first} first", found.pending.len()),
            "run countersign migrate, or have the next start do it",
        ),
    }
}

fn cannot_open(name: &str, error: &OpenError) -> Check {
    let stop = store::cannot_open(name, error);
    Check::fail(NAME, stop.message(), stop.help())
}
