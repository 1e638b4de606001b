//! The connection that writes, and what happened to it.

use std::{
    fs, io,
    num::NonZeroUsize,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use countersign_core::{
    Conflict, ConflictFilter, Message, MessageKey, Repeat, Timestamp, Tombstone,
};
use rusqlite::{Connection, config::DbConfig, types::Value};

use super::{
    WriteError,
    append::{Stored, append},
    checkpoint::{Checkpoints, cut_off, insist_to_cut_off},
    conflicts,
    durability::{durably, unsynced},
    pace::Pace,
    purge::{self, Marked},
    repeats,
};
use crate::{
    error,
    open::OpenError,
    sqlite::{connection::SqliteOptions, damage::Damage},
};

/// How long a write waits while another process writes.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the question whether one could write waits for that.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);

/// How long the count of what came again waits for that: others wait for the thread meanwhile.
const COUNT_PATIENCE: Duration = Duration::from_millis(100);

/// For how long a write that failed says that none is possible. On a disk that is almost full, a
/// small one may be.
const DOUBT: Duration = Duration::from_secs(2);

/// How much is written to see whether one can: more than the largest message takes, with its id in
/// the index and its text in four-byte characters, twice.
const PROBE_BYTES: i64 = 48 * 1024;

/// How long switching to the write-ahead log may take while others open the same file.
const SWITCH_PATIENCE: Duration = Duration::from_secs(30);

/// How much of the database is kept in memory, at the most: the leaves of the index of ids, which
/// are changed in no order if the ids have none.
const CACHE_KIB: i64 = 64 * 1024;

/// To how many bytes the write-ahead log is cut down when it has grown beyond.
const JOURNAL_SIZE_LIMIT: i64 = 64 * 1024 * 1024;

/// Which file this is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

/// A write that failed.
struct Failed {
    at: Instant,
    cause: String,
    /// The disk was full.
    full: bool,
}

/// The connection, and what happened to it.
pub struct Session {
    path: PathBuf,
    connection: Connection,
    /// What `PRAGMA synchronous` has to be whenever something durable is written.
    synchronous: &'static str,
    /// How long appends take.
    pace: Pace,
    identity: Option<Identity>,
    /// The last write, if it failed: whether one can write is only known by writing.
    failed: Option<Failed>,
    /// Whether something failed after which nothing may be written.
    damage: Damage,
    checkpoints: Checkpoints,
    /// The write-ahead log may have something that was purged.
    remembers: bool,
}

impl Session {
    /// Opens the database, which must have its schema.
    pub fn open(path: &Path, options: SqliteOptions, damage: Damage) -> Result<Self, OpenError> {
        check_version()?;
        let connection = Connection::open(path).map_err(OpenError::OpenWriter)?;
        connection
            .busy_timeout(PATIENCE)
            .map_err(OpenError::OpenWriter)?;
        switch_to_wal(&connection).map_err(OpenError::OpenWriter)?;
        let synchronous = options.durability.synchronous();
        connection
            .execute_batch(&format!(
                "PRAGMA synchronous = {synchronous}; PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT};
                 PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -{CACHE_KIB};
                 PRAGMA secure_delete = ON"
            ))
            .map_err(OpenError::OpenWriter)?;
        if let Some(bytes) = options.memory {
            // It holds for the whole process: caches take pages from themselves beyond it.
            connection
                .execute_batch(&format!("PRAGMA soft_heap_limit = {bytes}"))
                .map_err(OpenError::OpenWriter)?;
        }
        // A commit is on disk before it is answered only if all of this is so.
        check_pragma(&connection, "journal_mode", "wal")?;
        check_pragma(&connection, "synchronous", synchronous)?;
        check_pragma(&connection, "wal_autocheckpoint", "0")?;
        Ok(Self {
            identity: Identity::of(path).ok(),
            path: path.to_owned(),
            connection,
            synchronous,
            pace: Pace::default(),
            failed: None,
            checkpoints: Checkpoints::start(path, damage.clone())?,
            damage,
            remembers: false,
        })
    }

    /// Stores a batch in one durable transaction.
    pub fn append(&mut self, batch: &[Message]) -> Result<Stored, WriteError> {
        let began = Instant::now();
        let stored = self.write(|connection| append(connection, batch));
        self.pace.append(began, Instant::now());
        stored
    }

    /// Takes over conflicts in one durable transaction.
    pub fn keep_conflicts(&mut self, conflicts: &[Conflict]) -> Result<(), WriteError> {
        self.write(|connection| conflicts::keep(connection, conflicts))
    }

    /// Takes over tombstones in one durable transaction.
    pub fn keep_tombstones(&mut self, tombstones: &[Tombstone]) -> Result<Marked, WriteError> {
        self.remembers = true;
        self.write(|connection| purge::keep(connection, tombstones))
    }

    /// Marks messages as purged in one durable transaction.
    pub fn purge(&mut self, keys: &[MessageKey], at: Timestamp) -> Result<Marked, WriteError> {
        // Conflicts go with it.
        self.remembers |= !keys.is_empty();
        self.write(|connection| purge::mark(connection, keys, at))
    }

    /// Overwrites what was purged up to a number, in one durable transaction.
    pub fn blank(&mut self, up_to: Option<i64>) -> Result<(), WriteError> {
        self.remembers = true;
        self.write(|connection| purge::blank(connection, up_to))
    }

    /// Takes away conflicts in one durable transaction.
    pub fn purge_conflicts(
        &mut self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, WriteError> {
        self.remembers = true;
        self.write(|connection| conflicts::purge(connection, which, at_most))
    }

    /// Adds to how often messages came again, in one transaction, which a power cut may take away:
    /// whoever wants something durable written waits for this thread, and so this waits for no disk.
    /// Where that is slow, it is not tried either.
    ///
    /// Whether messages can be stored, neither its success says, because it is smaller than they are,
    /// nor its failure: nobody waits for it. After a write that failed, it is not tried for a while.
    pub fn note_repeats(&mut self, repeats: &[Repeat]) -> Result<(), WriteError> {
        self.check()?;
        self.doubt()?;
        if self.pace.is_slow(Instant::now()) {
            return Err(WriteError::Slow);
        }
        self.connection.busy_timeout(COUNT_PATIENCE)?;
        let before = self.failed.take();
        let noted = unsynced(&self.connection, self.synchronous, |connection| {
            repeats::add(connection, repeats)
        });
        let noted = self.settle(noted);
        self.failed = before;
        self.connection.busy_timeout(PATIENCE)?;
        noted
    }

    /// Takes over how often messages came again, in one durable transaction.
    pub fn keep_repeats(&mut self, repeats: &[Repeat]) -> Result<(), WriteError> {
        self.write(|connection| repeats::keep(connection, repeats))
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, WriteError> {
        self.check()?;
        let written = durably(&self.connection, self.synchronous, work);
        self.settle(written)
    }

    /// Takes the write lock and gives it back; after a failure, it really writes.
    pub fn probe(&mut self) -> Result<(), WriteError> {
        self.check()?;
        self.doubt()?;
        self.connection.busy_timeout(PROBE_PATIENCE)?;
        let probed = if self.failed.is_some() {
            durably(&self.connection, self.synchronous, |connection| {
                connection
                    .prepare_cached("INSERT OR REPLACE INTO probe VALUES (1, zeroblob(?1))")?
                    .execute([PROBE_BYTES])?;
                Ok(())
            })
        } else {
            let locked = self.connection.execute_batch("BEGIN IMMEDIATE");
            let tried = locked.and_then(|()| self.connection.execute_batch("ROLLBACK"));
            tried.map_err(WriteError::from)
        };
        let probed = self.settle(probed);
        self.connection.busy_timeout(PATIENCE)?;
        probed
    }

    /// Fails if the last write has failed a moment ago.
    fn doubt(&self) -> Result<(), WriteError> {
        match &self.failed {
            Some(failed) if failed.at.elapsed() < DOUBT => Err(WriteError::JustFailed {
                cause: failed.cause.clone(),
                full: failed.full,
            }),
            _ => Ok(()),
        }
    }

    /// What is to be done between two transactions.
    pub fn keep_house(&mut self) {
        if !self.damage.is_reported() {
            self.checkpoints.after_commit(&self.connection);
        }
    }

    /// What is to be done when nothing more comes.
    pub fn rest(&mut self) {
        if self.damage.is_reported() {
            return;
        }
        if self.remembers {
            self.remembers = !cut_off(&self.connection, PATIENCE);
        } else {
            self.checkpoints.bring_home(&self.connection);
        }
        // What a full cache held is of no use until much comes again.
        let _ = self.connection.execute_batch("PRAGMA shrink_memory");
    }

    /// Whether it is to rest again soon: somebody was reading from the write-ahead log, which has
    /// something that was purged.
    pub fn is_restless(&self) -> bool {
        self.remembers && !self.damage.is_reported()
    }

    /// Cuts the write-ahead log off as soon as nobody reads from it, so that it has nothing that was
    /// purged; says whether it is done.
    pub fn forget_purged(&mut self) -> bool {
        if self.damage.is_reported() || !insist_to_cut_off(&self.connection, PATIENCE) {
            return false;
        }
        self.remembers = false;
        true
    }

    /// Closes the connection.
    pub fn end(self) {
        // Whoever it was that found it to be damaged.
        if self.damage.is_reported() {
            leave_as_it_is(&self.connection);
        }
    }

    /// Refuses to write where it would be in vain.
    fn check(&self) -> Result<(), WriteError> {
        if self.damage.is_reported() {
            return Err(WriteError::Stopped);
        }
        if Identity::of(&self.path).ok() != self.identity {
            return Err(WriteError::Replaced);
        }
        Ok(())
    }

    /// Sees to it that no transaction is left open after a failure: SQLite ends some by itself,
    /// and leaves others open.
    fn settle<T>(&mut self, outcome: Result<T, WriteError>) -> Result<T, WriteError> {
        let failure = match outcome {
            Ok(value) if self.connection.is_autocommit() => {
                self.failed = None;
                return Ok(value);
            }
            Ok(_) => WriteError::Stopped,
            Err(failure) => failure,
        };
        // Another's lock says nothing of the disk.
        if !matches!(&failure, WriteError::Sqlite(error) if error::is_locked(error)) {
            self.failed = Some(Failed {
                at: Instant::now(),
                cause: failure.to_string(),
                full: failure.is_full(),
            });
        }
        if !self.connection.is_autocommit() {
            // What counts is not whether this succeeds, but whether a transaction is still open.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        let damage = match &failure {
            WriteError::Sqlite(error) => error::sqlite_code(error).is_some_and(error::is_damage),
            _ => true,
        };
        if !damage && matches!(&failure, WriteError::Sqlite(error) if error::is_full(error)) {
            // What is in the write-ahead log twice over is room for what comes next.
            self.checkpoints.bring_home(&self.connection);
        }
        if damage || !self.connection.is_autocommit() {
            self.damage.report("it was written to", &failure);
            leave_as_it_is(&self.connection);
        }
        Err(failure)
    }
}

/// Sees to it that closing the connection brings nothing home: what is in the write-ahead log after
/// a sync that failed, may not be what was written to it. The next start looks what of it is whole.
pub fn leave_as_it_is(connection: &Connection) {
    // It only fails where SQLite does not know the setting.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
}

/// The switch needs the file for itself for a moment, and SQLite does not wait for that.
pub fn switch_to_wal(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + SWITCH_PATIENCE;
    loop {
        match run_to_its_end(connection, "PRAGMA journal_mode = wal") {
            Err(error) if error::is_locked(&error) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            switched => return switched,
        }
    }
}

/// Its one row says that the journal mode is another now; what goes wrong when that is committed, the
/// statement says only after it.
fn run_to_its_end(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Before 3.51.3, two connections that write and checkpoint at once could damage the database
/// (<https://sqlite.org/wal.html>, "The WAL-Reset Bug"). SQLite is built in; this notices a build
/// that was made to use another.
fn check_version() -> Result<(), OpenError> {
    if rusqlite::version_number() >= 3_051_003 {
        return Ok(());
    }
    Err(OpenError::Pragma {
        pragma: "sqlite_version",
        wanted: "3.51.3 or newer",
        actual: rusqlite::version().to_owned(),
    })
}

fn check_pragma(
    connection: &Connection,
    pragma: &'static str,
    wanted: &'static str,
) -> Result<(), OpenError> {
    let actual = connection
        .pragma_query_value(None, pragma, |row| row.get::<_, Value>(0))
        .map_err(OpenError::OpenWriter)?;
    let actual = match actual {
        Value::Text(text) => text,
        Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    if actual.eq_ignore_ascii_case(wanted) {
        Ok(())
    } else {
        Err(OpenError::Pragma {
            pragma,
            wanted,
            actual,
        })
    }
}
