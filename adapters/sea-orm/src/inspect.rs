//! Looking at a database without changing anything, also beside a server that uses it.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use sea_orm::sqlx;

use crate::{
    open::OpenError,
    postgres::{
        self,
        connection::{Connections, PostgresUrl},
    },
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
    /// Whether a PostgreSQL server is a standby, or read-only by its settings.
    pub read_only: bool,
    /// What its user would have to be allowed, and is not, such as `INSERT on messages`.
    pub forbidden: Vec<String>,
}

/// Looks at the SQLite database at `path`: at its header, its settings and which migrations are
/// applied, not at what else is in it. Neither it nor anything beside it is written or made. `None`
/// where it was not closed, and only a start can bring it in order.
///
/// # Errors
/// [`OpenError`] says why it cannot be read or used.
pub async fn sqlite(path: &Path) -> Result<Option<Inspection>, OpenError> {
    let path = path.to_owned();
    let looking = tokio::task::spawn_blocking(move || sqlite::inspect::look(&path));
    let looked = looking.await;
    looked.unwrap_or_else(|error| Err(OpenError::Thread(error.into())))
}

/// Looks at a PostgreSQL database, in statements that only read.
///
/// # Errors
/// [`OpenError`] says why it cannot be read or used.
pub async fn postgres(url: &PostgresUrl) -> Result<Inspection, OpenError> {
    let connections = postgres::to_look_with(url).await?;
    let inspected = looked_at(&connections).await;
    connections.close().await;
    inspected
}

async fn looked_at(connections: &Connections) -> Result<Inspection, OpenError> {
    let (pending, obstacles) = postgres::look(connections).await?;
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
    let (version, settings, ahead) = inspected.await.map_err(OpenError::Connect)?;
    Ok(Inspection {
        engine: format!("PostgreSQL {version}"),
        settings,
        pending,
        clock_ahead: Some(ahead),
        read_only: obstacles.read_only,
        forbidden: obstacles.forbidden,
    })
}

/// Microseconds since 1970. No use case asks for it: it is compared with another clock's, now.
#[expect(clippy::disallowed_methods, reason = "two clocks are compared")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.unwrap_or(Duration::ZERO).as_micros()).unwrap_or(i64::MAX)
}
