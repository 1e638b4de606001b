//! Whether what was promised was kept.

use std::{collections::HashSet, fs, path::Path};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::Outcome;

/// Acknowledged ids, and those of them that are not in the database.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub acknowledged: u64,
    pub missing: u64,
}

/// Looks for every id in the file (one a line) in the database, with another SQLite connection than
/// the server's.
pub fn kept(acknowledged: &Path, database: &Path) -> Outcome<Kept> {
    let ids = fs::read_to_string(acknowledged)?;
    let ids: HashSet<&str> = ids.lines().collect();
    let database = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut find = database.prepare("SELECT 1 FROM messages WHERE message_id = ?")?;
    let mut missing = 0;
    for id in &ids {
        let found: Option<i64> = find.query_row([id], |row| row.get(0)).optional()?;
        missing += u64::from(found.is_none());
    }
    Ok(Kept {
        acknowledged: ids.len() as u64,
        missing,
    })
}
