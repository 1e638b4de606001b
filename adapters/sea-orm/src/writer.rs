//! The one thread that writes to an SQLite database.
//!
//! SQLite has one writer at a time, so there is one connection for it, on a thread of its own, with
//! statements that stay prepared. It is rusqlite's and not sea-orm's for two reasons: sqlx sends
//! every statement to a thread and back, which costs more than the statement; and a failed commit
//! must leave the connection in a state that is *known* ([`Session::settle`]), or what follows is
//! answered and never stored.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use countersign_core::{Appended, Message, NewMessage, RepositoryError, Text};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use tokio::sync::oneshot;

use crate::{
    connection::{Durability, OpenError},
    error, rows,
};

/// How long a write waits while another process writes.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the question whether one could write waits for that.
const PROBE_PATIENCE: Duration = Duration::from_millis(500);

/// For how long a write that failed says that none is possible. On a disk that is almost full, a
/// small one may be.
const DOUBT: Duration = Duration::from_secs(2);

/// How long switching to the write-ahead log may take while others open the same file.
const SWITCH_PATIENCE: Duration = Duration::from_secs(30);

/// To how many bytes the write-ahead log is cut down when it has grown beyond.
const JOURNAL_SIZE_LIMIT: i64 = 64 * 1024 * 1024;

type Answer<T> = oneshot::Sender<Result<T, WriteError>>;

enum Job {
    Append(Vec<Message>, Answer<Vec<Appended>>),
    Probe(Answer<()>),
}

/// The thread, from outside.
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the database file was replaced or removed while it was open")]
    Replaced,
    #[error(
        "nothing is written any more since the database failed; restart after looking at the disk"
    )]
    Stopped,
    #[error("the last write has failed a moment ago")]
    JustFailed,
    #[error("the thread that writes has ended")]
    Ended,
}

impl From<WriteError> for RepositoryError {
    fn from(error: WriteError) -> Self {
        match &error {
            WriteError::Sqlite(cause)
                if !error::sqlite_code(cause)
                    .is_some_and(|code| error::not_now(code) || error::is_damage(code)) =>
            {
                Self::Failed(error.into())
            }
            _ => Self::Unavailable(error.into()),
        }
    }
}

impl Writer {
    /// Opens the database, which must have its schema, and starts the thread.
    pub async fn start(path: &Path, durability: Durability) -> Result<Self, OpenError> {
        let path = path.to_owned();
        // It may wait for others that open the same file, and must not hold them up by that.
        tokio::task::spawn_blocking(move || Self::start_blocking(&path, durability))
            .await
            .map_err(|error| OpenError::Thread(io::Error::other(error)))?
    }

    fn start_blocking(path: &Path, durability: Durability) -> Result<Self, OpenError> {
        let mut session = Session::open(path, durability)?;
        let (jobs, queue) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                for job in queue {
                    // Whoever asked may have given up; what became of it is as it is.
                    match job {
                        Job::Append(batch, answer) => drop(answer.send(session.append(&batch))),
                        Job::Probe(answer) => drop(answer.send(session.probe())),
                    }
                }
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { jobs, thread })
    }

    /// Stores messages in one durable transaction.
    pub async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let batch = batch.to_vec();
        self.ask(|answer| Job::Append(batch, answer)).await
    }

    /// Succeeds if something could be written.
    pub async fn probe(&self) -> Result<(), RepositoryError> {
        self.ask(Job::Probe).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, RepositoryError> {
        let (answer, answered) = oneshot::channel();
        if self.jobs.send(job(answer)).is_err() {
            return Err(WriteError::Ended.into());
        }
        let answer = answered.await.unwrap_or(Err(WriteError::Ended));
        answer.map_err(RepositoryError::from)
    }

    /// Ends the thread. The last connection to close folds the write-ahead log into the file.
    pub async fn close(self) {
        drop(self.jobs);
        let thread = self.thread;
        // It can only fail by having panicked, and then there is nothing left to close.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }
}

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

/// The connection, and what happened to it.
struct Session {
    path: PathBuf,
    connection: Connection,
    identity: Option<Identity>,
    /// When the last write failed, if it did: whether one can write is only known by writing.
    failed: Option<Instant>,
    /// Something failed after which nothing may be written.
    stopped: bool,
}

impl Session {
    fn open(path: &Path, durability: Durability) -> Result<Self, OpenError> {
        check_version()?;
        let connection = Connection::open(path).map_err(OpenError::OpenWriter)?;
        connection
            .busy_timeout(PATIENCE)
            .map_err(OpenError::OpenWriter)?;
        switch_to_wal(&connection).map_err(OpenError::OpenWriter)?;
        let synchronous = durability.synchronous();
        connection
            .execute_batch(&format!(
                "PRAGMA synchronous = {synchronous}; PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT}"
            ))
            .map_err(OpenError::OpenWriter)?;
        // A commit is on disk before it is answered only if all of this is so.
        check_pragma(&connection, "journal_mode", "wal")?;
        check_pragma(&connection, "synchronous", synchronous)?;
        Ok(Self {
            identity: Identity::of(path).ok(),
            path: path.to_owned(),
            connection,
            failed: None,
            stopped: false,
        })
    }

    fn append(&mut self, batch: &[Message]) -> Result<Vec<Appended>, WriteError> {
        self.check()?;
        let appended = transaction(&self.connection, |connection| append(connection, batch));
        self.settle(appended)
    }

    /// Takes the write lock and gives it back; after a failure, it really writes.
    fn probe(&mut self) -> Result<(), WriteError> {
        self.check()?;
        if self.failed.is_some_and(|failed| failed.elapsed() < DOUBT) {
            return Err(WriteError::JustFailed);
        }
        self.connection.busy_timeout(PROBE_PATIENCE)?;
        let probed = if self.failed.is_some() {
            transaction(&self.connection, |connection| {
                // The same value: it changes nothing, and writes a page.
                let version = connection.pragma_query_value(None, "user_version", number)?;
                connection.pragma_update(None, "user_version", version)
            })
        } else {
            let locked = self.connection.execute_batch("BEGIN IMMEDIATE");
            locked.and_then(|()| self.connection.execute_batch("ROLLBACK"))
        };
        let probed = self.settle(probed);
        self.connection.busy_timeout(PATIENCE)?;
        probed
    }

    /// Refuses to write where it would be in vain.
    fn check(&self) -> Result<(), WriteError> {
        if self.stopped {
            return Err(WriteError::Stopped);
        }
        if Identity::of(&self.path).ok() != self.identity {
            return Err(WriteError::Replaced);
        }
        Ok(())
    }

    /// Sees to it that no transaction is left open after a failure: SQLite ends some by itself,
    /// and leaves others open.
    fn settle<T>(&mut self, outcome: rusqlite::Result<T>) -> Result<T, WriteError> {
        let failure = match outcome {
            Ok(value) if self.connection.is_autocommit() => {
                self.failed = None;
                return Ok(value);
            }
            Ok(_) => WriteError::Stopped,
            Err(error) => error.into(),
        };
        // Another's lock says nothing of the disk.
        if !matches!(&failure, WriteError::Sqlite(error) if error::is_locked(error)) {
            self.failed = Some(Instant::now());
        }
        if !self.connection.is_autocommit() {
            // What counts is not whether this succeeds, but whether a transaction is still open.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        let damage = match &failure {
            WriteError::Sqlite(error) => error::sqlite_code(error).is_some_and(error::is_damage),
            _ => true,
        };
        if damage || !self.connection.is_autocommit() {
            self.stopped = true;
            tracing::error!(
                cause = %failure,
                "the database failed; nothing is written any more until a restart"
            );
        }
        Err(failure)
    }
}

/// Runs `work` in a transaction that may write from the start: one that reads first and then wants
/// to write is refused at once where another writes.
fn transaction<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let value = work(connection)?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(value)
}

fn append(connection: &Connection, batch: &[Message]) -> rusqlite::Result<Vec<Appended>> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO messages
            (message_id, from_msisdn, to_msisdn, ts, text, text_folded, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (message_id) DO NOTHING",
    )?;
    batch
        .iter()
        .map(|message| {
            if insert_message(&mut insert, message)? {
                return Ok(Appended::Created);
            }
            if is_stored(connection, &message.content)? {
                return Ok(Appended::Duplicate);
            }
            record_conflict(connection, message)?;
            Ok(Appended::Conflict)
        })
        .collect()
}

/// Whether the id was not taken.
fn insert_message(insert: &mut CachedStatement<'_>, message: &Message) -> rusqlite::Result<bool> {
    let content = &message.content;
    let inserted = insert.execute(params![
        content.id.as_str(),
        content.from.as_str(),
        content.to.as_str(),
        content.ts.micros(),
        content.text.as_ref().map(Text::as_str),
        rows::folded(content.text.as_ref()),
        message.created_at.micros(),
    ])?;
    Ok(inserted > 0)
}

/// Whether the message under this id is this one.
fn is_stored(connection: &Connection, content: &NewMessage) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT from_msisdn = ?2 AND to_msisdn = ?3 AND ts = ?4 AND text IS ?5
             FROM messages WHERE message_id = ?1",
        )?
        .query_row(
            params![
                content.id.as_str(),
                content.from.as_str(),
                content.to.as_str(),
                content.ts.micros(),
                content.text.as_ref().map(Text::as_str),
            ],
            |row| row.get(0),
        )
}

fn record_conflict(connection: &Connection, message: &Message) -> rusqlite::Result<()> {
    let content = &message.content;
    let text = content.text.as_ref().map(Text::as_str);
    let seen = message.created_at.micros();
    let known = connection
        .prepare_cached(
            "SELECT id FROM conflicts WHERE message_id = ?1
                AND from_msisdn = ?2 AND to_msisdn = ?3 AND ts = ?4 AND text IS ?5",
        )?
        .query_row(
            params![
                content.id.as_str(),
                content.from.as_str(),
                content.to.as_str(),
                content.ts.micros(),
                text,
            ],
            number,
        )
        .optional()?;
    match known {
        Some(id) => connection
            .prepare_cached(
                "UPDATE conflicts SET times = times + 1, last_seen_at = max(last_seen_at, ?2)
                 WHERE id = ?1",
            )?
            .execute(params![id, seen])?,
        None => connection
            .prepare_cached(
                "INSERT INTO conflicts (message_id, from_msisdn, to_msisdn, ts, text,
                    first_seen_at, last_seen_at, times)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)",
            )?
            .execute(params![
                content.id.as_str(),
                content.from.as_str(),
                content.to.as_str(),
                content.ts.micros(),
                text,
                seen,
            ])?,
    };
    Ok(())
}

fn number(row: &rusqlite::Row<'_>) -> rusqlite::Result<i64> {
    row.get(0)
}

/// The switch needs the file for itself for a moment, and SQLite does not wait for that.
fn switch_to_wal(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + SWITCH_PATIENCE;
    loop {
        let switched = connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()));
        match switched {
            Err(error) if error::is_locked(&error) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(20));
            }
            switched => return switched,
        }
    }
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
    // As text, whatever its type.
    let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
    let actual: String = connection
        .query_row(&sql, [], |row| row.get(0))
        .map_err(OpenError::OpenWriter)?;
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
