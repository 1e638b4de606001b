//! Where messages are kept, looked at without changing anything.

use std::path::{Path, PathBuf};

use countersign_sea_orm::{
    OpenError,
    inspect::{self, Inspection},
};
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::{Check, PATIENCE, Report, blocking, disk, within};
use crate::{database_url::Database, stop::Stop, store};

const NAME: &str = "database";

/// By how much two clocks may be off, in microseconds.
const CLOCK: i64 = 1_000_000;

pub async fn look(database: &Database, report: &mut Report) -> Result<(), Stop> {
    match database {
        Database::Memory => report.add([Check::warn(
            NAME,
            "in memory",
            "messages are forgotten at the end: set DATABASE_URL to a file or a server",
        )]),
        Database::SqliteFile(path) => sqlite(path, report).await,
        Database::Postgres(url) => {
            let looking = async {
                match inspect::postgres(url).await {
                    Ok(found) => of_server(&url.to_string(), &found),
                    Err(error) => vec![cannot_open(&url.to_string(), &error)],
                }
            };
            let fix = "is the server up and reached from here, and does nobody hold a lock on \
                seaql_migrations (pg_locks)?";
            report.add(within(PATIENCE, NAME, fix, looking).await)
        }
    }
}

/// What is beside a database's file: its write-ahead log, and the index with its own.
const BESIDE: [&str; 6] = ["", "-wal", "-shm", "-index", "-index-wal", "-index-shm"];

async fn sqlite(path: &Path, report: &mut Report) -> Result<(), Stop> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let looked = path.clone();
    let files = blocking(NAME, move || of_files(&looked)).await;
    let found = if files.is_empty() {
        let fix = "does another program hold a lock on it, and does its disk answer?";
        within(PATIENCE, NAME, fix, of_file(&path)).await
    } else {
        files
    };
    report.add(found)?;
    // The nearest that is there: the first start makes the others.
    let disk = move || {
        let folder = path.ancestors().skip(1).find(|folder| folder.is_dir());
        folder.map(disk::look).unwrap_or_default()
    };
    report.add(blocking("disk", disk).await)
}

/// What can be said without opening it.
fn of_files(path: &Path) -> Vec<Check> {
    let name = path.display();
    if path.is_dir() {
        let fix = "set DATABASE_URL to a file, which may be in it";
        return vec![Check::fail(NAME, format!("{name} is a folder"), fix)];
    }
    if !path.exists() {
        let found = format!("{name} is not there yet, and will be made");
        return vec![Check::ok(NAME, found)];
    }
    // What is beside it, is beside the file that a link leads to.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let closed = BESIDE.iter().filter_map(|suffix| {
        let mut file = path.clone().into_os_string();
        file.push(suffix);
        let file = PathBuf::from(file);
        let may = accessat(CWD, &file, Access::WRITE_OK, AtFlags::EACCESS);
        let error = may.err().filter(|_| file.exists())?;
        Some(Check::fail(
            NAME,
            format!("{} cannot be written to: {error}", file.display()),
            "let the user that the server runs as write to it (chown, chmod), and run doctor as that \
             user",
        ))
    });
    closed.collect()
}

async fn of_file(path: &Path) -> Vec<Check> {
    let name = path.display().to_string();
    match inspect::sqlite(path).await {
        Ok(Some(found)) => vec![
            Check::ok(NAME, format!("{name}: {}", described(&found))),
            migrations(&found),
        ],
        Ok(None) => vec![Check::ok(
            NAME,
            format!(
                "{name} was not closed: the next start recovers it, and it was not looked into"
            ),
        )],
        Err(error) => vec![cannot_open(&name, &error)],
    }
}

fn of_server(name: &str, found: &Inspection) -> Vec<Check> {
    let off = |setting: &str| {
        let is = |(name, value): &(String, String)| name == setting && value == "off";
        found.settings.iter().any(is)
    };
    let text = format!("{name}: {}", described(found));
    let mut checks = vec![if found.read_only {
        let fix = "set DATABASE_URL to the primary, and default_transaction_read_only to off";
        Check::fail(NAME, format!("{text}; it may only be read"), fix)
    } else if !found.forbidden.is_empty() {
        let lacks = found.forbidden.join(", ");
        let fix = "have its owner GRANT them, or use the owner in DATABASE_URL";
        Check::fail(NAME, format!("{text}; its user lacks {lacks}"), fix)
    } else if off("fsync") || off("full_page_writes") {
        let fix = "turn both on in postgresql.conf: without them, a power cut loses messages";
        Check::fail(NAME, text, fix)
    } else {
        Check::ok(NAME, text)
    }];
    checks.push(migrations(found));
    if let Some(ahead) = found.clock_ahead {
        let text = format!("the database's is {:+} ms off", ahead / 1000);
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
    format!(
        "{}, {settings} (settings and migrations were looked at, not the messages)",
        found.engine
    )
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
