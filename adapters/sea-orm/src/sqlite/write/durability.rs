//! That what is written is on disk before anybody is told so, and the one exception.
//!
//! The only two ways to write a transaction are in here: [`durably`], which first looks that SQLite
//! will sync it, and [`unsynced`], for what a power cut may take away. Whatever the second leaves
//! behind, the first finds.

use rusqlite::Connection;

use super::WriteError;

/// Writes in a transaction, after which the log is synced as `synchronous` says.
///
/// It cannot be otherwise when it commits: within a transaction, SQLite does not let it be changed.
///
/// # Errors
/// [`WriteError::NotDurable`] if SQLite would not do it; then nothing is written.
pub fn durably<T>(
    connection: &Connection,
    synchronous: &'static str,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, WriteError> {
    ensure(connection, synchronous)?;
    Ok(transaction(connection, work)?)
}

/// Writes in a transaction whose commit waits for no disk; a power cut may take it away, until the
/// next that is durable takes it along. Afterwards, `synchronous` holds again, and no transaction is
/// open, whatever has failed.
///
/// # Errors
/// [`WriteError::NotDurable`] if it does not hold again.
pub fn unsynced<T>(
    connection: &Connection,
    synchronous: &'static str,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, WriteError> {
    let written = connection
        .execute_batch("PRAGMA synchronous = NORMAL")
        .and_then(|()| transaction(connection, work));
    if !connection.is_autocommit() {
        // Within it, nothing can be set back. Whether it succeeds, that will tell.
        let _ = connection.execute_batch("ROLLBACK");
    }
    ensure(connection, synchronous)?;
    Ok(written?)
}

/// Sees to it that this is how SQLite syncs.
fn ensure(connection: &Connection, synchronous: &'static str) -> Result<(), WriteError> {
    if current(connection)? == synchronous {
        return Ok(());
    }
    connection.execute_batch(&format!("PRAGMA synchronous = {synchronous}"))?;
    if current(connection)? == synchronous {
        return Ok(());
    }
    Err(WriteError::NotDurable)
}

/// The value of `PRAGMA synchronous`.
fn current(connection: &Connection) -> rusqlite::Result<String> {
    // Not from the cache of statements: SQLite looks it up when it prepares the statement.
    connection.pragma_query_value(None, "synchronous", |row| {
        Ok(row.get::<_, i64>(0)?.to_string())
    })
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

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};

    use super::*;

    const FULL: &str = "2";
    const NORMAL: &str = "1";

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("PRAGMA synchronous = FULL; CREATE TABLE t (n)")
            .unwrap();
        connection
    }

    fn insert(connection: &Connection) -> rusqlite::Result<String> {
        connection.execute_batch("INSERT INTO t VALUES (1)")?;
        current(connection)
    }

    fn rows(connection: &Connection) -> i64 {
        let sql = "SELECT count(*) FROM t";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn is_as_before(connection: &Connection) {
        assert_eq!(current(connection).unwrap(), FULL);
        assert!(connection.is_autocommit());
        let during = durably(connection, FULL, insert).unwrap();
        assert_eq!(during, FULL);
    }

    #[test]
    fn what_need_not_be_synced_is_not_and_what_follows_is() {
        let connection = connection();
        assert_eq!(unsynced(&connection, FULL, insert).unwrap(), NORMAL);
        is_as_before(&connection);
        assert_eq!(rows(&connection), 2);
    }

    #[test]
    fn whatever_fails_what_follows_is_synced() {
        let connection = connection();
        let failures = [
            // The transaction stays open.
            "INSERT INTO t VALUES (1); SELECT * FROM nothing",
            // It is over, as SQLite ends some by itself.
            "INSERT INTO t VALUES (1); ROLLBACK; SELECT * FROM nothing",
            // The commit fails.
            "INSERT INTO t VALUES (1); ROLLBACK",
            // It tries to change it.
            "PRAGMA synchronous = OFF",
        ];
        for sql in failures {
            let failed = unsynced(&connection, FULL, |connection| {
                connection.execute_batch(sql)
            });
            assert!(matches!(failed, Err(WriteError::Sqlite(_))), "{sql}");
            is_as_before(&connection);
        }
        assert_eq!(rows(&connection), 4);
    }

    #[test]
    fn what_a_panic_has_left_is_set_back_before_something_is_written() {
        let connection = connection();
        let panicked = panic::catch_unwind(AssertUnwindSafe(|| {
            unsynced(&connection, FULL, |_| -> rusqlite::Result<()> {
                panic!("in the middle")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(current(&connection).unwrap(), NORMAL);
        // In the transaction that is open, it cannot be.
        assert!(durably(&connection, FULL, insert).is_err());
        assert_eq!(rows(&connection), 0);
        connection.execute_batch("ROLLBACK").unwrap();
        assert_eq!(durably(&connection, FULL, insert).unwrap(), FULL);
    }

    #[test]
    fn where_it_cannot_be_synced_nothing_is_written() {
        let connection = connection();
        // No such value; SQLite makes something else of it.
        let never = "9";
        let refused = durably(&connection, never, insert);
        assert!(matches!(refused, Err(WriteError::NotDurable)));
        assert_eq!(rows(&connection), 0);
        let noticed = unsynced(&connection, never, insert);
        assert!(matches!(noticed, Err(WriteError::NotDurable)));
    }
}
