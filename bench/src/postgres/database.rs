//! A PostgreSQL server on this machine, and a database of its own for each case.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::sqlx::{
    self, AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::runtime::{Builder, Runtime};

use super::processor::Processor;
use crate::Outcome;

/// Where databases may be created.
pub struct Postgres {
    options: PgConnectOptions,
    runtime: Runtime,
}

impl Postgres {
    /// The server of this URL, or one on this machine that lets this user in.
    pub fn find(url: Option<&str>) -> Outcome<Self> {
        let options = match url {
            Some(url) => url.parse()?,
            None => on_this_machine(),
        };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let postgres = Self { options, runtime };
        let version: String = postgres
            .with(&postgres.options, async |connection| {
                let version = sqlx::query_scalar("SHOW server_version");
                version.fetch_one(connection).await
            })
            .map_err(|error| format!("there is no PostgreSQL to measure (--url): {error}"))?;
        eprintln!("PostgreSQL {version}");
        Ok(postgres)
    }

    /// An empty database, until it is dropped.
    pub fn database(&self) -> Outcome<Database<'_>> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign_bench_{}_{number}", process::id());
        // Of the encoding that is needed, whatever the server's own databases have.
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        self.run(&self.options, &create)?;
        let mut url = self.options.to_url_lossy();
        url.set_path(&name);
        Ok(Database {
            url: url.into(),
            options: self.options.clone().database(&name),
            name,
            postgres: self,
        })
    }

    fn run(&self, options: &PgConnectOptions, sql: &str) -> Outcome {
        self.with(options, async |connection| {
            let sql = AssertSqlSafe(sql.to_owned());
            sqlx::raw_sql(sql).execute(connection).await?;
            Ok(())
        })
    }

    /// What `work` comes to on a connection of its own.
    fn with<T>(
        &self,
        options: &PgConnectOptions,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Outcome<T> {
        self.runtime.block_on(async {
            let mut connection = PgConnection::connect_with(options).await?;
            let done = work(&mut connection).await;
            drop(connection.close().await);
            Ok(done?)
        })
    }
}

/// As libpq does: `PGUSER` and the like, or this user.
fn on_this_machine() -> PgConnectOptions {
    let options = PgConnectOptions::new()
        .host("127.0.0.1")
        .database("postgres")
        .ssl_mode(PgSslMode::Disable);
    let user = process::Command::new("id").arg("-un").output();
    let user = user
        .ok()
        .and_then(|user| String::from_utf8(user.stdout).ok());
    match user {
        Some(user) if std::env::var_os("PGUSER").is_none() => options.username(user.trim()),
        _ => options,
    }
}

/// A database, until it is dropped.
pub struct Database<'a> {
    pub url: String,
    name: String,
    options: PgConnectOptions,
    postgres: &'a Postgres,
}

/// What is in the table of what was acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub acknowledged: u64,
    pub missing: u64,
    /// There more than once.
    pub twice: u64,
    pub rows: u64,
}

/// The table itself is read, not its index: an index that has forgotten an entry shows neither what
/// is missing nor what is there twice.
const NO_INDEX: &str = "
    SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off";

const KEPT: &str = "
    SELECT count(*), count(*) FILTER (WHERE found = 0), count(*) FILTER (WHERE found > 1),
        (SELECT count(*) FROM messages)
    FROM (
        SELECT count(messages.seq) AS found
        FROM unnest($1::text[]) AS sent (id) LEFT JOIN messages ON message_id = sent.id
        GROUP BY sent.id
    ) AS each";

impl Database<'_> {
    /// Writes what is dirty to the disk, so that it does not fall to the next case. Where this user
    /// may not, it does fall to it.
    pub fn settle(&self) {
        let _ = self.postgres.run(&self.options, "CHECKPOINT");
    }

    pub fn run(&self, sql: &str) -> Outcome {
        self.postgres.run(&self.options, sql)
    }

    /// Looks for every id in the files (one a line), beside the servers.
    pub fn kept(&self, acknowledged: &[PathBuf]) -> Outcome<Kept> {
        let files: Vec<String> = acknowledged
            .iter()
            .map(fs::read_to_string)
            .collect::<Result<_, _>>()?;
        let ids: Vec<&str> = files.iter().flat_map(|ids| ids.lines()).collect();
        let count = async |connection: &mut PgConnection| {
            sqlx::raw_sql(NO_INDEX).execute(&mut *connection).await?;
            let kept = sqlx::query_as(KEPT).bind(&ids);
            kept.fetch_one(connection).await
        };
        let kept: (i64, i64, i64, i64) = self.postgres.with(&self.options, count)?;
        Ok(Kept {
            acknowledged: kept.0.cast_unsigned(),
            missing: kept.1.cast_unsigned(),
            twice: kept.2.cast_unsigned(),
            rows: kept.3.cast_unsigned(),
        })
    }

    /// What the server's processes have used so far; `None` where they are on another machine, or not
    /// to be seen.
    pub fn processor(&self) -> Option<Processor> {
        let host = self.options.get_host();
        let here = ["127.0.0.1", "localhost", "::1", "[::1]"].contains(&host)
            || self.options.get_socket().is_some()
            || Path::new(host).is_absolute();
        if !here {
            return None;
        }
        let processor = async |connection: &mut PgConnection| {
            let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
                .fetch_one(connection)
                .await?;
            // While this backend lives: its parent is the postmaster.
            Ok(Processor::of_family(backend.cast_unsigned(), &self.name))
        };
        let processor = self.postgres.with(&self.options, processor);
        processor.ok().flatten()
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Err(error) = self.postgres.run(&self.postgres.options, &drop_it) {
            eprintln!("the database {} is left over: {error}", self.name);
        }
    }
}
