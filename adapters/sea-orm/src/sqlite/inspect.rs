//! Looking at a database's file without writing to it, or to anything beside it.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use percent_encoding::NON_ALPHANUMERIC;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::migration;
use crate::{inspect::Inspection, open::OpenError};

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the header of a file says by which journal it is read and written, and what it says for a
/// write-ahead log (<https://sqlite.org/fileformat2.html>).
const JOURNAL: std::ops::Range<usize> = 18..20;
const WRITE_AHEAD: [u8; 2] = [2, 2];

/// Looks at it; `None` where it was not closed, and only a connection that may write can bring it in
/// order.
pub fn look(path: &Path) -> Result<Option<Inspection>, OpenError> {
    let unreadable = |error: io::Error| OpenError::Unfit(format!("cannot be read: {error}"));
    // What is beside it, is beside the file that a link leads to.
    let path = path.canonicalize().map_err(unreadable)?;
    if path.is_dir() {
        return Err(OpenError::Unfit("is a folder".to_owned()));
    }
    let write_ahead = is_write_ahead(&path).map_err(unreadable)?;
    let beside = |suffix: &str| with_suffix(&path, suffix).exists();
    let (log, index) = (beside("-wal"), beside("-shm"));
    if beside("-journal") || (log && !index) {
        return Ok(None);
    }
    // SQLite would make a write-ahead log otherwise, which a connection that only reads cannot take
    // away again. Where there is none, nobody uses the file.
    let alone = write_ahead && !log;
    let connection = open(&path, alone).map_err(OpenError::Log)?;
    let (engine, settings) = read_settings(&connection, write_ahead).map_err(OpenError::Log)?;
    let applied = applied(&connection).map_err(OpenError::Log)?;
    Ok(Some(Inspection {
        engine,
        settings,
        pending: migration::pending_of(&applied)?,
        clock_ahead: None,
        read_only: false,
        forbidden: Vec::new(),
    }))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn is_write_ahead(path: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(header.get(JOURNAL) == Some(&WRITE_AHEAD))
}

/// It neither makes the shared memory of the write-ahead log nor writes to it: where a crash has left
/// some, SQLite reads the log into memory of its own.
fn open(path: &Path, alone: bool) -> rusqlite::Result<Connection> {
    use std::os::unix::ffi::OsStrExt as _;

    let path = percent_encoding::percent_encode(path.as_os_str().as_bytes(), NON_ALPHANUMERIC);
    let how = if alone {
        "immutable=1"
    } else {
        "readonly_shm=1"
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{path}?mode=ro&{how}"), flags)?;
    connection.busy_timeout(PATIENCE)?;
    // As the server sets it, which is of the connection only.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// The engine, and its settings.
fn read_settings(
    connection: &Connection,
    write_ahead: bool,
) -> rusqlite::Result<(String, Vec<(String, String)>)> {
    let mut settings = Vec::new();
    // Of a file that nobody else uses, the connection does not say it.
    let journal = if write_ahead {
        "wal".to_owned()
    } else {
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?
    };
    settings.push(("journal_mode".to_owned(), journal));
    for pragma in ["synchronous", "page_size", "auto_vacuum"] {
        let value: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
        settings.push((pragma.to_owned(), named(pragma, value)));
    }
    Ok((format!("SQLite {}", rusqlite::version()), settings))
}

/// SQLite says it as a number.
fn named(pragma: &str, value: i64) -> String {
    let name = match (pragma, value) {
        ("synchronous" | "auto_vacuum", 0) => "off",
        ("synchronous", 1) => "normal",
        ("synchronous", 2) => "full",
        ("synchronous", 3) => "extra",
        _ => return value.to_string(),
    };
    name.to_owned()
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let known = connection.query_row(migration::HAS_APPLIED, [], |_| Ok(()));
    if known.optional()?.is_none() {
        return Ok(Vec::new());
    }
    let mut applied = connection.prepare(migration::APPLIED)?;
    let applied = applied.query_map([], |row| row.get(0))?;
    applied.collect()
}
