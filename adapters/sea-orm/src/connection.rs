//! Opening a database so that what it says it stored is stored.

use std::{path::PathBuf, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// Where an SQLite database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteLocation {
    /// In a file, which is made if it is not there; its folder must be.
    File(PathBuf),
    /// In memory, until the process ends.
    Memory,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It could not be opened at all.
    #[error("the database could not be opened")]
    Open(#[source] DbErr),
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
}

/// How long a connection waits for a lock, or for a connection, before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many connections read at the same time. Reads are short, and each connection is a thread.
const READERS: u32 = 4;

/// The name of a file is set apart from the URL, which would have to be encoded.
const FILE: &str = "sqlite://set-below";
const MEMORY: &str = "sqlite::memory:";

/// One connection that writes, and a pool of connections that can only read: SQLite has one writer
/// at a time, and a second one would only wait for the first.
pub struct Connections {
    pub writer: DatabaseConnection,
    pub readers: DatabaseConnection,
}

impl Connections {
    pub async fn open(location: &SqliteLocation) -> Result<Self, OpenError> {
        match location {
            SqliteLocation::File(path) => {
                let path = path.clone();
                let file = move |options: SqliteConnectOptions| options.filename(&path);
                let write = file.clone();
                let writer = connect(FILE, 1, move |options| {
                    write(options)
                        .create_if_missing(true)
                        .journal_mode(SqliteJournalMode::Wal)
                        .synchronous(SqliteSynchronous::Full)
                        .busy_timeout(PATIENCE)
                        .foreign_keys(true)
                })
                .await?;
                // A commit is on disk before it is answered only if all of this is so.
                check_pragma(&writer, "journal_mode", "wal").await?;
                check_pragma(&writer, "synchronous", "2").await?;
                let readers = connect(FILE, READERS, move |options| {
                    file(options).read_only(true).busy_timeout(PATIENCE)
                })
                .await?;
                Ok(Self { writer, readers })
            }
            SqliteLocation::Memory => {
                // Every connection to `:memory:` is a database of its own: there must be just one.
                let only = connect(MEMORY, 1, |options| options).await?;
                Ok(Self {
                    writer: only.clone(),
                    readers: only,
                })
            }
        }
    }

    /// Closes all connections; the last one folds the write-ahead log into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        self.readers.close().await?;
        self.writer.close().await
    }
}

async fn connect(
    url: &str,
    size: u32,
    configure: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> Result<DatabaseConnection, OpenError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(size)
        .min_connections(1)
        // Never closed for being idle or old: an in-memory database would be gone with it.
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(configure);
    Database::connect(options).await.map_err(OpenError::Open)
}

async fn check_pragma(
    db: &DatabaseConnection,
    pragma: &'static str,
    wanted: &'static str,
) -> Result<(), OpenError> {
    let statement = Statement::from_string(
        db.get_database_backend(),
        // As text, whatever its type.
        format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"),
    );
    let row = db.query_one_raw(statement).await.map_err(OpenError::Open)?;
    let actual: String = match row {
        Some(row) => row.try_get_by_index(0).map_err(OpenError::Open)?,
        None => String::new(),
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
