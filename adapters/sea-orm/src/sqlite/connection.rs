//! Opening a database.

use std::{num::NonZeroUsize, path::Path, sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        self, AssertSqlSafe, Connection as _,
        sqlite::{SqliteConnectOptions, SqliteConnection},
    },
};

use super::fold::index;
use crate::{fold::Folding, open::OpenError};

/// How an SQLite database is used.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteOptions {
    /// Whether what is answered survives a power cut.
    pub durability: Durability,
    /// Whether what is derived from the messages is brought up to date by itself.
    pub folding: Folding,
    /// How many bytes SQLite should take, in all connections of this process; without it, as many as
    /// its caches hold, some 130 MiB at the most.
    pub memory: Option<NonZeroUsize>,
}

/// Whether a commit is on disk before it is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// It is: `synchronous=FULL`. All that countersign offers.
    #[default]
    Full,
    /// It may not be: `synchronous=NORMAL`. Here so that the power-cut test can show that it would
    /// notice.
    Unsafe,
}

impl Durability {
    /// The value of `PRAGMA synchronous`.
    pub(crate) const fn synchronous(self) -> &'static str {
        match self {
            Self::Full => "2",
            Self::Unsafe => "1",
        }
    }
}

/// How long a reader waits for a lock, or for a connection, before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one that starts waits for another that migrates; adopting a large database takes a
/// while.
const MIGRATION_PATIENCE: Duration = Duration::from_mins(10);

/// How many connections read at the same time. Reads are short, and each connection is a thread.
const READERS: u32 = 4;

/// Refuses a file that may only be read. SQLite opens it to be read and says nothing, not even when
/// a transaction that may write begins; and what it makes beside the file, may only be read either,
/// which would stand in the way of the next start. So this comes first, and makes nothing.
pub fn check_writable(path: &Path) -> Result<(), OpenError> {
    use rusqlite::{Connection, Error, MAIN_DB, OpenFlags, ffi};

    // Twice: where it cannot open a file to write, SQLite tries to open it to read. One that another
    // process makes between the two looks as if it might only be read.
    for _ in 0..2 {
        let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        else {
            // It is not there, or whoever opens it next says what is wrong.
            return Ok(());
        };
        let read_only = connection.is_readonly(MAIN_DB);
        if !read_only.map_err(OpenError::OpenWriter)? {
            return Ok(());
        }
    }
    let code = ffi::Error::new(ffi::SQLITE_READONLY);
    let cause = Error::SqliteFailure(code, Some("the file may only be read".to_owned()));
    Err(OpenError::OpenWriter(cause))
}

/// A connection to migrate with. It leaves the file's journal mode alone, so that a database that
/// is refused is not changed; and foreign keys are off, so that no table's end takes rows of
/// another with it. What it takes away is overwritten, so that it is in no file when its messages are
/// purged later.
pub async fn migrating(path: &Path) -> Result<DatabaseConnection, OpenError> {
    let path = path.to_owned();
    connect(1, move |options| {
        options
            .filename(&path)
            .create_if_missing(true)
            .busy_timeout(MIGRATION_PATIENCE)
            .foreign_keys(false)
            .pragma("secure_delete", "ON")
    })
    .await
}

/// A connection to look with at what is in a file that is there, before anything is done to it.
/// It is not read-only, because such a one cannot tidy up the files beside the write-ahead log.
pub async fn looking(path: &Path) -> Result<DatabaseConnection, OpenError> {
    let path = path.to_owned();
    connect(1, move |options| {
        options
            .filename(&path)
            .create_if_missing(false)
            .busy_timeout(PATIENCE)
    })
    .await
}

/// Connections that read, from the index and from the log. Without an index, from an empty one in
/// memory.
///
/// The index is the main database of these connections and the log is attached to it: a statement
/// that reads from both begins to read from them in this order, and so sees an index that accounts
/// for nothing that the log does not have yet.
pub async fn reading(log: &Path, has_index: bool) -> Result<DatabaseConnection, OpenError> {
    let index = index::path_of(log);
    let mut prepare = if has_index {
        String::new()
    } else {
        index::none()
    };
    prepare.push_str("ATTACH DATABASE '");
    prepare.push_str(&log.to_string_lossy().replace('\'', "''"));
    prepare.push_str("' AS log; PRAGMA query_only = 1");
    let prepare: Arc<str> = prepare.into();
    let mut options = options(READERS, move |options| {
        let options = options.busy_timeout(PATIENCE);
        if has_index {
            options.filename(&index).read_only(true)
        } else {
            options.filename(":memory:")
        }
    });
    // All at once: later, there might be no file descriptor left.
    options.min_connections(READERS);
    options.map_sqlx_sqlite_pool_opts(move |pool| {
        let prepare = Arc::clone(&prepare);
        pool.after_connect(move |connection, _| {
            let prepare = Arc::clone(&prepare);
            Box::pin(async move {
                sqlx::raw_sql(AssertSqlSafe(prepare.to_string()))
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
    });
    Database::connect(options).await.map_err(OpenError::Open)
}

/// A connection by which it is looked whether the database is there and has its schema.
pub async fn watching(path: &Path) -> Result<DatabaseConnection, OpenError> {
    let path = path.to_owned();
    connect(1, move |options| {
        options
            .filename(&path)
            .read_only(true)
            .busy_timeout(PATIENCE)
    })
    .await
}

async fn connect(
    size: u32,
    configure: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> Result<DatabaseConnection, OpenError> {
    let options = options(size, configure);
    Database::connect(options).await.map_err(OpenError::Open)
}

fn options(
    size: u32,
    configure: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> ConnectOptions {
    // The name of the file is set apart from the URL, in which it would have to be encoded.
    let mut options = ConnectOptions::new("sqlite://set-by-configure");
    options
        .max_connections(size)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(configure)
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            let whole = is_whole(connection);
            Box::pin(async move { Ok(whole) })
        });
    options
}

/// Whether a connection is in the state in which it was lent out. Where SQLite ended a transaction
/// by itself (a full disk, an I/O error), sqlx goes on believing in it, and what should begin the
/// next transaction would only set a savepoint in one that never ends: such a connection is closed.
fn is_whole(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}
