//! The index: a second SQLite file, beside the log's, with everything that is derived from the log.
//!
//! It is a file of its own so that deriving never holds up a webhook: SQLite has one writer a file.
//! Nothing in it is worth a backup. It may be deleted while nobody uses it, and is made anew from
//! the log then; so it is if it is damaged, of another format, or of another log. A commit here need
//! not be on disk before it counts (`synchronous=NORMAL`): after a power cut the file is as it was
//! at some earlier moment, watermark included, and what is missing is derived again.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};

use crate::{error, open::OpenError, sqlite::write::switch_to_wal};

/// What the tables below look like and mean. Another number: another program's file.
const FORMAT: i64 = 4;

/// How long one that starts waits for another that derives.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long one that has no index waits for the lock of another's.
const PATIENCE_BESIDE: Duration = Duration::from_secs(2);

/// To how many bytes the index's write-ahead log is cut down when it has grown beyond.
const JOURNAL_SIZE_LIMIT: i64 = 64 * 1024 * 1024;

/// - `state`: one row. `folded` is the watermark: the sequence of the last message of the log that
///   everything else here accounts for; `folded_id` is its id, by which one sees whether this is
///   that log. `purged` is the number of the last purge that it accounts for
///   (`sqlite/write/purge.rs`).
/// - `parties`: who takes part in messages, as sender or as receiver, and in how many. Number 0 is
///   everybody.
/// - `entries`: every message once for each of its parties, in the order of lists.
/// - `spans`: how many messages of a party have a `ts` in a span of time, for spans of several
///   lengths, and up to whole minutes ([`crate::derived::spans`]); only for parties with many
///   messages.
/// - `top_senders`: the senders with the most messages.
/// - `blocks`: the range of `ts` of a block of the log ([`crate::derived::bits`]).
/// - `pieces`: every piece of the texts of a block ([`crate::derived::pieces`]), and which of the block's
///   messages have it. Block by block, and not for the whole log at once: most pieces that are not
///   in many blocks are in one (a number, a code), and in an index of all of them each would have
///   its place on a page of its own, to be written for it alone.
/// - `piece_trigrams`: an index for what is inside of pieces.
/// - `grams`: as `pieces`, for each character and each pair of neighbouring characters, of the blocks
///   up to `gram_blocks` of `state`, which are complete.
const SCHEMA: &str = "
    CREATE TABLE state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        format INTEGER NOT NULL,
        folded INTEGER NOT NULL,
        folded_id TEXT,
        senders INTEGER NOT NULL,
        gram_blocks INTEGER NOT NULL,
        purged INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE parties (
        id INTEGER PRIMARY KEY,
        role INTEGER NOT NULL,
        number TEXT NOT NULL,
        messages INTEGER NOT NULL,
        UNIQUE (role, number)
    );
    CREATE TABLE entries (
        party INTEGER NOT NULL,
        ts INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (party, ts, message_id)
    ) WITHOUT ROWID;
    CREATE TABLE spans (
        party INTEGER NOT NULL,
        level INTEGER NOT NULL,
        slot INTEGER NOT NULL,
        messages INTEGER NOT NULL,
        PRIMARY KEY (party, level, slot)
    ) WITHOUT ROWID;
    CREATE TABLE top_senders (
        number TEXT PRIMARY KEY,
        messages INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE blocks (
        block INTEGER PRIMARY KEY,
        first_ts INTEGER NOT NULL,
        last_ts INTEGER NOT NULL
    );
    CREATE TABLE pieces (
        id INTEGER PRIMARY KEY,
        block INTEGER NOT NULL,
        piece TEXT NOT NULL,
        numbers BLOB NOT NULL,
        UNIQUE (block, piece)
    );
    CREATE VIRTUAL TABLE piece_trigrams USING fts5(
        piece, content='pieces', content_rowid='id',
        tokenize='trigram case_sensitive 1', detail=none, columnsize=0
    );
    CREATE TABLE grams (
        id INTEGER PRIMARY KEY,
        block INTEGER NOT NULL,
        gram TEXT NOT NULL,
        numbers BLOB NOT NULL,
        UNIQUE (block, gram)
    );
    INSERT INTO parties VALUES (0, 0, '', 0);
";

/// The statements that make an index that knows nothing, and accounts for all purges up to this one.
fn empty(purged: i64) -> String {
    format!("{SCHEMA} INSERT INTO state VALUES (1, {FORMAT}, 0, NULL, 0, 0, {purged});")
}

/// The statements that make an index that never knows anything: to it, every purge is done.
pub fn none() -> String {
    empty(i64::MAX)
}

/// Where the index of a log is.
pub fn path_of(log: &Path) -> PathBuf {
    with_suffix(log, "-index")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Opens the log's index to write to, and makes it if there is none or none that can be used.
pub fn open(log: &Path) -> Result<Connection, OpenError> {
    let path = path_of(log);
    match try_open(&path, log, PATIENCE) {
        Ok(Some(index)) => return Ok(index),
        Ok(None) => tracing::warn!(
            path = %path.display(),
            "the index is of another format or of another database; it is made anew"
        ),
        // Whatever else is wrong with it, it is no index that this program has written.
        Err(error)
            if error::sqlite_code(&error)
                .is_none_or(|code| error::is_damage(code) || !error::not_now(code)) =>
        {
            tracing::warn!(
            path = %path.display(),
            cause = %error,
            "the index is damaged; it is made anew"
            );
        }
        Err(error) => return Err(OpenError::Index(error)),
    }
    remove(&path).map_err(OpenError::RemoveIndex)?;
    try_open(&path, log, PATIENCE)
        .and_then(|index| index.ok_or(rusqlite::Error::QueryReturnedNoRows))
        .map_err(OpenError::Index)
}

/// Opens the log's index to write to, if there is one that can be used.
pub fn open_if_there(log: &Path) -> rusqlite::Result<Option<Connection>> {
    let path = path_of(log);
    if !path.is_file() {
        return Ok(None);
    }
    match try_open(&path, log, PATIENCE_BESIDE) {
        Err(error) if error::sqlite_code(&error).is_some_and(error::is_damage) => Ok(None),
        opened => opened,
    }
}

/// Removes the index. Whoever has it open goes on with what it was: a watermark and what belongs to
/// it.
pub fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// `None` if it is not this log's, or not of this program's format.
fn try_open(path: &Path, log: &Path, patience: Duration) -> rusqlite::Result<Option<Connection>> {
    let mut index = Connection::open(path)?;
    index.busy_timeout(patience)?;
    switch_to_wal(&index)?;
    index.execute_batch(&format!(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
         PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT};
         PRAGMA secure_delete = ON"
    ))?;
    index.set_prepared_statement_cache_capacity(64);

    let transaction = index.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "SELECT count(*) FROM sqlite_master";
    if transaction.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        transaction.execute_batch(&empty(0))?;
    } else if !is_known(&transaction)? || !belongs(&transaction, &read_log(log)?)? {
        return Ok(None);
    }
    transaction.commit()?;
    Ok(Some(index))
}

/// Whether it is of this program's format.
fn is_known(index: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM pragma_table_info('state') WHERE name = 'format'";
    if index.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(false);
    }
    let sql = "SELECT format FROM state";
    let format = index.query_row(sql, [], |row| row.get::<_, i64>(0));
    Ok(format.optional()? == Some(FORMAT))
}

/// How far the log's purges are.
#[derive(Debug, Clone, Copy)]
pub struct Purges {
    /// The number of the last one.
    pub marked: i64,
    /// The last one of which nothing is left in the log.
    pub blanked: i64,
}

/// How far the log's purges are.
pub fn purges(log: &Connection) -> rusqlite::Result<Purges> {
    log.prepare_cached("SELECT marked, blanked FROM purges")?
        .query_row([], |row| {
            Ok(Purges {
                marked: row.get(0)?,
                blanked: row.get(1)?,
            })
        })
}

/// Whether the message at the watermark is the log's, and the purges that are accounted for are. An
/// index of another log, or of a later state of this one (a backup was restored), would answer for
/// messages that aren't there; and what was blanked in the log can't be taken out of an earlier one.
pub fn belongs(index: &Connection, log: &Connection) -> rusqlite::Result<bool> {
    let (folded, id, purged): (i64, Option<String>, i64) = index
        .prepare_cached("SELECT folded, folded_id, purged FROM state")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if folded == 0 {
        return Ok(true);
    }
    let logged: Option<String> = log
        .prepare_cached("SELECT message_id FROM messages WHERE seq = ?1")?
        .query_row([folded], |row| row.get(0))
        .optional()?;
    let known = purges(log)?;
    Ok(logged == id && (known.blanked..=known.marked).contains(&purged))
}

/// Reads of the log what opening an index reads of it.
pub fn look_at_log(log: &Path) -> rusqlite::Result<()> {
    let log = read_log(log)?;
    purges(&log)?;
    super::folder::last_seq(&log)?;
    Ok(())
}

/// A connection that reads the log.
pub fn read_log(log: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = Connection::open_with_flags(log, flags)?;
    log.busy_timeout(PATIENCE)?;
    Ok(log)
}
