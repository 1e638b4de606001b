//! Which database errors pass, and which don't.

use countersign_core::RepositoryError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// SQLite's result codes that say "not now" (<https://sqlite.org/rescode.html>): busy, locked,
/// read-only, I/O error, full, cannot open.
const SQLITE_NOT_NOW: [i32; 6] = [5, 6, 8, 10, 13, 14];

/// What the core makes of a database's error.
pub fn repository_error(error: DbErr) -> RepositoryError {
    if passes(&error) {
        RepositoryError::Unavailable(error.into())
    } else {
        RepositoryError::Failed(error.into())
    }
}

fn passes(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_ref() {
                sqlx::Error::Database(error) => error
                    .code()
                    .and_then(|code| code.parse::<i32>().ok())
                    // The low byte is the primary code of an extended one.
                    .is_some_and(|code| SQLITE_NOT_NOW.contains(&(code & 0xff))),
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                _ => false,
            }
        }
        _ => false,
    }
}
