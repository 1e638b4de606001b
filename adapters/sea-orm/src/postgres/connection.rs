//! Connecting to PostgreSQL.

use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use countersign_core::RepositoryError;
use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self, Connection as _,
        postgres::{PgConnectOptions, PgPool, PgPoolOptions},
    },
};

use crate::{error, fold::Folding, open::OpenError};

/// How long one waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(2);

/// After how long without use a connection is asked whether it is still there before it is used: the
/// server may have been restarted meanwhile, and what is sent on a dead one is lost.
const DOUBTFUL: Duration = Duration::from_millis(100);

/// How a PostgreSQL database is used.
#[derive(Debug, Clone, Copy)]
pub struct PostgresOptions {
    /// Whether what is derived from the messages is brought up to date by itself.
    pub folding: Folding,
    /// For how long a server that does not answer is waited for when the database is opened.
    pub patience: Duration,
    /// How many connections append at once, at the most; the others wait for one of them.
    pub writers: u32,
}

impl Default for PostgresOptions {
    /// In the background; half a minute, in which a server that starts at the same time is there;
    /// and two connections: group commit uses one at a time, and readiness asks beside it.
    fn default() -> Self {
        Self {
            folding: Folding::InBackground,
            patience: Duration::from_secs(30),
            writers: 2,
        }
    }
}

/// Where a PostgreSQL database is, and how to get in: libpq's URL,
/// `postgres://user:password@host:port/database`, with the parameters `sslmode`, `sslrootcert`,
/// `sslcert`, `sslkey`, `options` and `host`, which may be a folder with a socket. What it leaves out,
/// `PGUSER`, `PGPASSWORD` and the like say, or `~/.pgpass`.
///
/// It shows itself without the password.
#[derive(Clone)]
pub struct PostgresUrl {
    text: String,
    options: Box<PgConnectOptions>,
}

/// A text that is not the URL of a PostgreSQL database. It does not repeat it: it may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not of the form postgres://user:password@host:port/database?sslmode=verify-full")]
pub struct PostgresUrlError;

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, PostgresUrlError> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("postgres" | "postgresql")) {
            return Err(PostgresUrlError);
        }
        let options = PgConnectOptions::from_str(text).map_err(|_| PostgresUrlError)?;
        Ok(Self {
            text: text.to_owned(),
            options: Box::new(options.application_name("countersign")),
        })
    }
}

impl PostgresUrl {
    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        // As libpq does.
        let database = self.options.get_database();
        let database = database.unwrap_or_else(|| self.options.get_username());
        match self.options.get_socket() {
            Some(socket) => write!(f, "{}/{database}", socket.display()),
            None => write!(f, "{host}:{port}/{database}"),
        }
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PostgresUrl {}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// To bring the schema up to date.
    Migrate,
    /// To look at what there is, without waiting for long.
    Look,
    /// To append messages, so many at once at the most.
    Write(u32),
    /// To read.
    Read,
    /// To derive what makes reading quick.
    Fold,
    /// To take messages away.
    Purge,
    /// To count what came again.
    Count,
    /// To hear and to say that something has arrived.
    News,
}

/// What `synchronous_commit` becomes where something is written whose outcome is answered: never one
/// by which a commit is answered before it is on disk, whatever the server's own is.
macro_rules! synchronous_commit {
    () => {
        "CASE WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
            THEN 'on' ELSE current_setting('synchronous_commit') END"
    };
}

/// The same, to ask for it.
pub const SYNCHRONOUS_COMMIT: &str = synchronous_commit!();

impl Role {
    const fn connections(self) -> u32 {
        match self {
            Self::Migrate | Self::Look | Self::Fold | Self::Purge | Self::Count => 1,
            Self::Write(connections) => connections,
            Self::News => 2,
            Self::Read => 6,
        }
    }

    /// What is set for each session.
    ///
    /// - A commit that is answered is on disk, whatever the server's default is; one that waits for
    ///   more (`remote_apply`) goes on doing so.
    /// - Nothing takes for ever: statements, waits for locks, and transactions whose client is gone,
    ///   which the server notices within half a minute.
    /// - A read sees one state of the database from beginning to end, and is planned for its own
    ///   values: a plan for any value looks at everything where an index would do.
    const fn settings(self) -> &'static str {
        match self {
            Self::Migrate => "SET lock_timeout = 0; SET statement_timeout = 0",
            // Where it may write, it is asked; so it does not forbid itself to.
            Self::Look => "SET lock_timeout = '3s'; SET statement_timeout = '4s'",
            Self::Write(_) => {
                concat!(
                    "SELECT set_config('synchronous_commit', ",
                    synchronous_commit!(),
                    ", false); SET statement_timeout = '2500ms'; SET lock_timeout = '2s'"
                )
            }
            // It waits for the fold, and that it is done is answered.
            Self::Purge => {
                concat!(
                    "SELECT set_config('synchronous_commit', ",
                    synchronous_commit!(),
                    ", false); SET statement_timeout = '60s'; SET lock_timeout = '30s'; SET jit = off"
                )
            }
            Self::Read => {
                "SET default_transaction_isolation = 'repeatable read';
                 SET default_transaction_read_only = on;
                 SET statement_timeout = '5s'; SET jit = off;
                 SET plan_cache_mode = force_custom_plan"
            }
            // What a crash takes away of it is derived again.
            Self::Fold => {
                "SET synchronous_commit = off; SET statement_timeout = '60s'; SET jit = off;
                 SET lock_timeout = '5s'"
            }
            // Of what came in the last second, a crash may take away the count.
            Self::Count => {
                "SET synchronous_commit = off; SET statement_timeout = '2500ms'; SET lock_timeout = '2s'"
            }
            Self::News => {
                "SET synchronous_commit = off; SET statement_timeout = '5s'; SET jit = off"
            }
        }
    }
}

const EVERY_SESSION: &str = "SET idle_in_transaction_session_timeout = '10s';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '15s';
    SET client_min_messages = warning";

/// Connects for the first time; waits for a server that does not answer yet.
pub async fn first(options: &PgConnectOptions, patience: Duration) -> Result<(), OpenError> {
    let deadline = Instant::now() + patience;
    let mut said = false;
    loop {
        let connecting = tokio::time::timeout(ACQUIRE, sqlx::PgConnection::connect_with(options));
        let error = match connecting.await {
            Ok(Ok(connection)) => {
                drop(connection.close().await);
                return Ok(());
            }
            Ok(Err(error)) => error,
            Err(_) => sqlx::Error::PoolTimedOut,
        };
        if !error::sqlx_passes(&error) || Instant::now() >= deadline {
            return Err(OpenError::Connect(error));
        }
        if !said {
            tracing::warn!(cause = %error, "the database does not answer yet; waiting for it");
            said = true;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Connections of one role. They are made when they are needed, and given up all at once where the
/// server has fallen silent.
pub struct Connections {
    options: PgConnectOptions,
    role: Role,
    current: Mutex<Current>,
}

#[derive(Clone)]
struct Current {
    generation: u64,
    pool: PgPool,
    sea_orm: DatabaseConnection,
}

impl Connections {
    pub fn new(options: &PgConnectOptions, role: Role) -> Self {
        Self {
            current: Mutex::new(Current::new(options, role, 0)),
            options: options.clone(),
            role,
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of sqlx.
    pub fn pool(&self) -> PgPool {
        self.current().pool.clone()
    }

    /// Of sea-orm.
    pub fn sea_orm(&self) -> DatabaseConnection {
        self.current().sea_orm.clone()
    }

    /// What `work` comes to within the time. If it comes to nothing, the server, or the way there,
    /// swallows what it is sent; the connections are suspect then, and replaced.
    pub async fn within<T>(
        &self,
        deadline: Duration,
        work: impl Future<Output = Result<T, RepositoryError>>,
    ) -> Result<T, RepositoryError> {
        let done = self.bounded(deadline, work).await;
        done.unwrap_or_else(|| Err(RepositoryError::Unavailable(Silence(deadline).into())))
    }

    /// As [`Self::within`]; `None` if it came to nothing.
    pub async fn bounded<T>(&self, deadline: Duration, work: impl Future<Output = T>) -> Option<T> {
        let generation = self.current().generation;
        let done = tokio::time::timeout(deadline, work).await;
        if done.is_err() {
            self.renew(generation);
        }
        done.ok()
    }

    fn renew(&self, generation: u64) {
        let mut current = self.current();
        if current.generation != generation {
            return;
        }
        let next = Current::new(&self.options, self.role, generation + 1);
        let old = std::mem::replace(&mut *current, next);
        // It waits for what is lent out, perhaps for long.
        tokio::spawn(async move { old.pool.close().await });
    }

    pub async fn close(&self) {
        let pool = self.pool();
        // One that is lent out to a server that is silent does not come back.
        let _ = tokio::time::timeout(ACQUIRE, pool.close()).await;
    }
}

impl Current {
    fn new(options: &PgConnectOptions, role: Role, generation: u64) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(role.connections())
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_mins(5))
            .max_lifetime(None)
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for > DOUBTFUL {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql(EVERY_SESSION)
                        .execute(&mut *connection)
                        .await?;
                    sqlx::raw_sql(role.settings()).execute(connection).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options.clone());
        Self {
            generation,
            sea_orm: SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            pool,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the database has not answered within {0:?}")]
struct Silence(Duration);
