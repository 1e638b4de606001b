//! Looking at a database without changing anything, also beside a server that uses it.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use sea_orm::sqlx::{self, Row as _};

use crate::{
    open::OpenError,
    postgres::{self, connection::PostgresUrl},
    sqlite,
};

/// What a database is, and how it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The engine and its version, such as `SQLite 3.53.0`.
    pub engine: String,
    /// Its settings that durability depends on, as they were read back: name and value.
    pub settings: Vec<(String, String)>,
    /// The migrations that are not applied.
    pub pending: Vec<String>,
    /// By how many microseconds the database's clock is ahead of this machine's, as far as the way
    /// there and back allows to tell; `None` where the database has no clock of its own.
    pub clock_ahead: Option<i64>,
}

/// Looks at the SQLite database at `path`. Neither it nor anything beside it is written.
///
/// # Errors
/// [`OpenError`] says why it cannot be read.
pub async fn sqlite(path: &Path) -> Result<Inspection, OpenError> {
    let connection = sqlite::connection::inspecting(path).await?;
    let inspected = async {
        let pool = connection.get_sqlite_connection_pool();
        let mut settings = Vec::new();
        for pragma in ["journal_mode", "synchronous", "page_size", "auto_vacuum"] {
            let sql = sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"));
            let row = sqlx::query(sql).fetch_one(pool).await?;
            // Some are numbers; SQLite writes them as text.
            let value: String = row.try_get_unchecked(0)?;
            settings.push((pragma.to_owned(), named(pragma, value)));
        }
        let version: String = sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(pool)
            .await?;
        Ok((version, settings))
    };
    let inspected = inspected.await.map_err(OpenError::Connect);
    let pending = sqlite::pending_of(&connection).await;
    let closed = connection.close().await;
    let (version, settings) = inspected?;
    let pending = pending.map_err(OpenError::Migrate)?;
    closed.map_err(OpenError::Open)?;
    Ok(Inspection {
        engine: format!("SQLite {version}"),
        settings,
        pending,
        clock_ahead: None,
    })
}

/// SQLite says it as a number.
fn named(pragma: &str, value: String) -> String {
    let name = match (pragma, value.as_str()) {
        ("synchronous" | "auto_vacuum", "0") => "off",
        ("synchronous", "1") => "normal",
        ("synchronous", "2") => "full",
        ("synchronous", "3") => "extra",
        _ => return value,
    };
    name.to_owned()
}

/// Looks at a PostgreSQL database, in statements that only read.
///
/// # Errors
/// [`OpenError`] says why it cannot be read.
pub async fn postgres(url: &PostgresUrl) -> Result<Inspection, OpenError> {
    let pending = postgres::pending_migrations(url).await?;
    let connections = postgres::to_look_with(url);
    let pool = connections.pool();
    let inspected = async {
        let mut settings = Vec::new();
        for name in [
            "fsync",
            "full_page_writes",
            "synchronous_commit",
            "max_connections",
            "server_encoding",
        ] {
            let value: String = sqlx::query_scalar("SELECT current_setting($1)")
                .bind(name)
                .fetch_one(&pool)
                .await?;
            settings.push((name.to_owned(), value));
        }
        let before = now();
        let (version, theirs): (String, i64) = sqlx::query_as(
            "SELECT current_setting('server_version'), \
             (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
        )
        .fetch_one(&pool)
        .await?;
        let after = now();
        // In the middle of the way, as far as anybody knows.
        let ahead = theirs - before.midpoint(after);
        Ok((version, settings, ahead))
    };
    let inspected = inspected.await.map_err(OpenError::Connect);
    connections.close().await;
    let (version, settings, ahead) = inspected?;
    Ok(Inspection {
        engine: format!("PostgreSQL {version}"),
        settings,
        pending,
        clock_ahead: Some(ahead),
    })
}

/// Microseconds since 1970. No use case asks for it: it is compared with another clock's, now.
#[expect(clippy::disallowed_methods, reason = "two clocks are compared")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_micros()).unwrap_or(i64::MAX)
}
