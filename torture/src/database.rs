//! The database file, read with SQLite itself and not through the program.

use std::{collections::HashMap, path::Path, time::Duration};

use anyhow::Context as _;
use rusqlite::{Connection, OpenFlags};

use crate::message::Content;

/// How long another's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is in a database.
#[derive(Debug, Default)]
pub struct Stored {
    pub messages: HashMap<String, Content>,
    /// `COUNT(*)`, which is more than there are messages if an id is there twice.
    pub count: u64,
}

/// A database that was opened to look at it.
pub struct Database(Connection);

impl Database {
    /// Opens it beside a server that has it open.
    pub fn beside_server(path: &Path) -> anyhow::Result<Self> {
        Self::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens it alone, as a program does that starts after a crash: this recovers what there is to
    /// recover.
    pub fn alone(path: &Path) -> anyhow::Result<Self> {
        Self::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn open(path: &Path, flags: OpenFlags) -> anyhow::Result<Self> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // What is looked at is thrown away, and need not survive anything.
        connection.execute_batch("PRAGMA synchronous = OFF")?;
        Ok(Self(connection))
    }

    /// What SQLite has to say of the file; `Ok` is that it is whole.
    pub fn integrity(&self) -> anyhow::Result<()> {
        let verdict: String = self
            .0
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        anyhow::ensure!(verdict == "ok", "integrity_check: {verdict}");
        Ok(())
    }

    /// All messages; none if there is no table yet.
    pub fn stored(&self) -> anyhow::Result<Stored> {
        let known = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'messages'";
        if self.0.query_row(known, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(Stored::default());
        }
        let count: i64 = self
            .0
            .query_row("SELECT count(*) FROM messages", [], |row| row.get(0))?;
        let mut select = self
            .0
            .prepare("SELECT message_id, from_msisdn, to_msisdn, ts, text FROM messages")?;
        let rows = select.query_map([], |row| {
            let content = Content {
                from: row.get(1)?,
                to: row.get(2)?,
                ts: row.get(3)?,
                text: row.get(4)?,
            };
            // Behind the id is the source, where it is another than the default one.
            let stored: String = row.get(0)?;
            let id = stored.split('\u{1}').next().unwrap_or_default();
            Ok((id.to_owned(), content))
        })?;
        Ok(Stored {
            messages: rows
                .collect::<Result<_, _>>()
                .context("the rows cannot be read")?,
            count: count.try_into()?,
        })
    }
}
