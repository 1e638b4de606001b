//! Which database errors pass, and which don't.

use countersign_core::RepositoryError;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError, postgres::PgDatabaseError},
};

/// SQLite's result codes that say "not now" (<https://sqlite.org/rescode.html>): busy, locked,
/// read-only, I/O error, full, cannot open.
const NOT_NOW: [i32; 6] = [5, 6, 8, 10, 13, 14];

/// Result codes after which nothing may be written any more: reading, writing or syncing the file
/// failed, or what is in it is not what was written. After a sync that failed, the next one may
/// succeed and still not have written what the first one lost.
/// In order: `IOERR_READ`, `IOERR_SHORT_READ`, `IOERR_WRITE`, `IOERR_FSYNC`, `IOERR_DIR_FSYNC`,
/// `IOERR_TRUNCATE`, `IOERR_DATA` (a checksum), `IOERR_CORRUPTFS`; `CORRUPT` and `NOTADB` count with
/// all that extend them.
const DAMAGE: [i32; 8] = [266, 522, 778, 1034, 1290, 1546, 8202, 8458];
const DAMAGE_PRIMARY: [i32; 2] = [11, 26];

/// Whether the same call may succeed later.
pub fn not_now(code: i32) -> bool {
    // The low byte is the primary code of an extended one.
    NOT_NOW.contains(&(code & 0xff))
}

/// Whether this SQLite result code is the end of writing.
pub fn is_damage(code: i32) -> bool {
    DAMAGE.contains(&code) || DAMAGE_PRIMARY.contains(&(code & 0xff))
}

/// The extended result code of a driver's error.
pub fn sqlite_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

/// Whether somebody else has the lock that is needed (busy, locked).
pub fn is_locked(error: &rusqlite::Error) -> bool {
    sqlite_code(error).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Whether the disk is full.
pub fn is_full(error: &rusqlite::Error) -> bool {
    sqlite_code(error).is_some_and(|code| code & 0xff == 13)
}

/// Whether it was told to stop.
pub fn is_interrupt(error: &rusqlite::Error) -> bool {
    sqlite_code(error).is_some_and(|code| code & 0xff == 9)
}

/// Whether the disk may only be read.
pub fn is_read_only(error: &rusqlite::Error) -> bool {
    sqlite_code(error).is_some_and(|code| code & 0xff == 8)
}

/// Whether the reading side has found an SQLite file to be damaged.
pub fn is_damage_when_reading(error: &RepositoryError) -> bool {
    let (RepositoryError::Unavailable(source)
    | RepositoryError::Overloaded(source)
    | RepositoryError::Failed(source)) = error;
    let source = source.downcast_ref::<DbErr>();
    source.is_some_and(is_damage_of_sqlite)
}

/// Whether an SQLite file was found to be damaged.
pub fn is_damage_of_sqlite(error: &DbErr) -> bool {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Database(error)
                if error.try_downcast_ref::<PgDatabaseError>().is_none() =>
            {
                let code = error.code().and_then(|code| code.parse().ok());
                code.is_some_and(is_damage)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether PostgreSQL says that its disk is full (`disk_full`).
pub fn is_full_of_postgres(error: &RepositoryError) -> bool {
    let (RepositoryError::Unavailable(source)
    | RepositoryError::Overloaded(source)
    | RepositoryError::Failed(source)) = error;
    let database = source
        .downcast_ref::<sqlx::Error>()
        .and_then(sqlx::Error::as_database_error);
    database.is_some_and(|error| error.code().as_deref() == Some("53100"))
}

/// Whether PostgreSQL says that a lock was not to be had (`lock_not_available`, `deadlock_detected`).
pub fn is_locked_of_postgres(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}

/// What the core makes of an error of the reading side.
pub fn repository_error(error: DbErr) -> RepositoryError {
    if passes(&error) {
        RepositoryError::Unavailable(error.into())
    } else {
        RepositoryError::Failed(error.into())
    }
}

/// Whether the same call may succeed later.
pub fn passes(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => sqlx_passes(error),
        _ => false,
    }
}

/// Whether the same call may succeed later.
pub fn sqlx_passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            if error.try_downcast_ref::<PgDatabaseError>().is_some() {
                sqlstate_passes(&code)
            } else {
                code.parse().is_ok_and(not_now)
            }
        }),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        // The connection ended in the middle of an answer, and what came made no sense.
        | sqlx::Error::Protocol(_) => true,
        _ => false,
    }
}

/// PostgreSQL's codes that say "not now"
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>). By class: connection
/// exceptions, transactions rolled back (serialization, deadlock), insufficient resources (disk,
/// memory, connections), operator intervention (shut down, starting up, cancelled), system errors;
/// and by themselves: read-only, locks, a password or a role that is being changed.
fn sqlstate_passes(code: &str) -> bool {
    const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
    const CODES: [&str; 4] = ["25006", "55P03", "28P01", "28000"];
    code.get(..2).is_some_and(|class| CLASSES.contains(&class)) || CODES.contains(&code)
}

/// What the core makes of a driver's error.
pub fn from_sqlx(error: sqlx::Error) -> RepositoryError {
    if sqlx_passes(&error) {
        RepositoryError::Unavailable(error.into())
    } else {
        RepositoryError::Failed(error.into())
    }
}
