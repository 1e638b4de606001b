//! Opening a database.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::{
        Connection as _,
        sqlite::{SqliteConnectOptions, SqliteConnection},
    },
};

use crate::error;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It could not be opened for reading.
    #[error("the database could not be opened")]
    Open(#[source] DbErr),
    /// It could not be opened for writing.
    #[error("the database could not be opened for writing")]
    OpenWriter(#[source] rusqlite::Error),
    /// It doesn't work the way durability needs it.
    #[error("the database runs with {pragma}={actual} where {wanted} is needed")]
    Pragma {
        /// SQLite's name of the setting.
        pragma: &'static str,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        actual: String,
    },
    /// Its schema could not be brought up to date. Nothing was changed.
    #[error("the database's schema could not be brought up to date; nothing was changed")]
    Migrate(#[source] DbErr),
    /// The thread that writes could not be started.
    #[error("the thread that writes could not be started")]
    Thread(#[source] std::io::Error),
}

impl OpenError {
    /// Whether the same call may succeed later: another process holds a lock, the disk is full.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Open(error) | Self::Migrate(error) => error::passes(error),
            Self::OpenWriter(error) => error::sqlite_code(error).is_some_and(error::not_now),
            Self::Pragma { .. } | Self::Thread(_) => false,
        }
    }
}

/// How an SQLite database is used.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteOptions {
    /// Whether what is answered survives a power cut.
    pub durability: Durability,
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

    let Ok(connection) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    else {
        // It is not there, or whoever opens it next says what is wrong.
        return Ok(());
    };
    let read_only = connection.is_readonly(MAIN_DB);
    if read_only.map_err(OpenError::OpenWriter)? {
        let code = ffi::Error::new(ffi::SQLITE_READONLY);
        let cause = Error::SqliteFailure(code, Some("the file may only be read".to_owned()));
        return Err(OpenError::OpenWriter(cause));
    }
    Ok(())
}

/// A connection to migrate with. It leaves the file's journal mode alone, so that a database that
/// is refused is not changed; and foreign keys are off, so that no table's end takes rows of
/// another with it.
pub async fn migrating(path: &Path) -> Result<DatabaseConnection, OpenError> {
    let path = path.to_owned();
    connect(1, move |options| {
        options
            .filename(&path)
            .create_if_missing(true)
            .busy_timeout(MIGRATION_PATIENCE)
            .foreign_keys(false)
    })
    .await
}

/// Connections that can only read.
pub async fn reading(path: &Path) -> Result<DatabaseConnection, OpenError> {
    let path = path.to_owned();
    connect(READERS, move |options| {
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
    Database::connect(options).await.map_err(OpenError::Open)
}

/// Whether a connection is in the state in which it was lent out. Where SQLite ended a transaction
/// by itself (a full disk, an I/O error), sqlx goes on believing in it, and what should begin the
/// next transaction would only set a savepoint in one that never ends: such a connection is closed.
fn is_whole(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}
