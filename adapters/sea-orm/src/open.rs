//! Opening a database.

use countersign_core::RepositoryError;
use sea_orm::{DbErr, sqlx};

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
    /// Its messages could not be read.
    #[error("the database's messages could not be read")]
    Log(#[source] rusqlite::Error),
    /// The index beside it could not be opened.
    #[error("the index beside the database could not be opened")]
    Index(#[source] rusqlite::Error),
    /// The index beside it cannot be used and could not be removed.
    #[error("the index beside the database cannot be used, and could not be removed")]
    RemoveIndex(#[source] std::io::Error),
    /// It could not be connected to in the time that there is.
    #[error("the database could not be connected to")]
    Connect(#[source] sqlx::Error),
    /// It could not be read.
    #[error("the database could not be read")]
    Read(#[source] RepositoryError),
    /// It is not what countersign needs.
    #[error("the database {0}")]
    Unfit(String),
    /// A newer version of countersign has used it.
    #[error(
        "the database was changed by a newer version of countersign ({0}), which this one does not know"
    )]
    Newer(String),
    /// A thread of its own could not be started.
    #[error("a thread for the database could not be started")]
    Thread(#[source] std::io::Error),
}

impl OpenError {
    /// Whether what is in the file is not what was written to it.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Open(error) | Self::Migrate(error) => error::is_damage_of_sqlite(error),
            Self::OpenWriter(error) | Self::Log(error) => {
                error::sqlite_code(error).is_some_and(error::is_damage)
            }
            _ => false,
        }
    }

    /// Whether the same call may succeed later: another process holds a lock, the disk is full.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Open(error) | Self::Migrate(error) => error::passes(error),
            Self::OpenWriter(error) | Self::Log(error) | Self::Index(error) => {
                error::sqlite_code(error).is_some_and(error::not_now)
            }
            Self::Connect(error) => error::sqlx_passes(error),
            Self::Read(error) => matches!(error, RepositoryError::Unavailable(_)),
            Self::Pragma { .. }
            | Self::RemoveIndex(_)
            | Self::Unfit(_)
            | Self::Newer(_)
            | Self::Thread(_) => false,
        }
    }
}
