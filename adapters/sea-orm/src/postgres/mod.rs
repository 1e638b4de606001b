//! Messages in a PostgreSQL database, which any number of processes share.

mod append;
mod conflicts;
pub mod connection;
mod derive;
mod fold;
mod minutes;
mod news;
mod purge;
mod repeats;
mod schema;
mod storage;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use countersign_core::{
    Appended, CauseChain, Conflict, ConflictFilter, Finding, Message, MessageKey, Readiness,
    Repeat, RepositoryError, Sequence, Storage, Timestamp, Tombstone,
};
use sea_orm::{DatabaseConnection, sqlx};

use self::{
    connection::{Connections, PostgresOptions, PostgresUrl, Role},
    fold::Fold,
    news::{Log, News},
    storage::Look,
};
use crate::{
    error::{from_sqlx, is_full_of_postgres},
    fold::{FoldError, FoldLag, Folded},
    open::OpenError,
};

/// How long a write may take, the wait for a connection included.
const WRITE: Duration = Duration::from_secs(4);

/// How long a read may take; a little longer than the server lets a statement take.
const READ: Duration = Duration::from_secs(7);

/// How long a purge may take; it waits for the fold's step.
const PURGE: Duration = Duration::from_secs(75);

/// How long the question whether one could write may take.
const PROBE: Duration = Duration::from_secs(2);

/// For how long a write that failed says that none is possible.
const DOUBT: Duration = Duration::from_secs(1);

/// The oldest version that has all that is relied on, and is still maintained by anybody.
const OLDEST: i32 = 130_000;

pub struct Postgres {
    readers: Arc<Connections>,
    writers: Connections,
    purging: Connections,
    counting: Connections,
    talking: Arc<Connections>,
    log: Log,
    news: News,
    fold: Fold,
    /// The last write, if it failed.
    failed: Mutex<Option<Failed>>,
    look: Look,
}

/// A write that failed.
struct Failed {
    at: Instant,
    cause: String,
    /// The server's disk was full.
    full: bool,
}

impl Postgres {
    pub async fn open(url: &PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        let connect = url.options();
        connection::first(connect, options.patience).await?;
        let migrating = schema::migrating(connect);
        let migrated = prepare(&migrating).await;
        migrating.close().await;
        let (log, folded) = migrated?;
        let readers = Arc::new(Connections::new(connect, Role::Read));
        let talking = Arc::new(news::talking(connect));
        let settled = news::settled(&readers, log)
            .await
            .map_err(OpenError::Read)?;
        let news = News::start(Arc::clone(&readers), Arc::clone(&talking), log, settled);
        Ok(Self {
            fold: Fold::start(connect, folded, news.settled(), options.folding),
            writers: Connections::new(connect, Role::Write(options.writers)),
            purging: Connections::new(connect, Role::Purge),
            counting: Connections::new(connect, Role::Count),
            readers,
            talking,
            log,
            news,
            failed: Mutex::new(None),
            look: Look::default(),
        })
    }

    pub fn fold_lag(&self) -> FoldLag {
        self.fold.lag()
    }

    pub async fn fold(&self, at_most: NonZeroUsize) -> Result<Folded, FoldError> {
        let settled = news::settled(&self.readers, self.log).await;
        let settled = settled.map_err(|_| FoldError::Postgres(sqlx::Error::PoolTimedOut))?;
        self.fold.step(at_most, settled).await
    }

    /// What `work` reads, within the time that there is.
    pub async fn reading<T, F>(
        &self,
        work: impl FnOnce(DatabaseConnection) -> F + Send,
    ) -> Result<T, RepositoryError>
    where
        F: Future<Output = Result<T, RepositoryError>> + Send,
    {
        let db = self.readers.sea_orm();
        self.readers.within(READ, work(db)).await
    }

    pub async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let pool = self.writers.pool();
        let appending = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            append::append(&mut connection, self.log.lock(), batch).await
        };
        let stored = self.writers.within(WRITE, appending).await;
        let failed = stored.as_ref().err().map(|error| Failed {
            at: Instant::now(),
            cause: CauseChain(error).to_string(),
            full: is_full_of_postgres(error),
        });
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
        let stored = stored?;
        if let Some(last) = stored.last_seq {
            self.news.appended(last);
        }
        Ok(stored.outcomes)
    }

    pub async fn keep_conflicts(&self, taken: &[Conflict]) -> Result<(), RepositoryError> {
        let pool = self.writers.pool();
        let keeping = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            conflicts::keep(&mut connection, taken).await
        };
        self.writers.within(WRITE, keeping).await
    }

    pub async fn keep_tombstones(&self, tombstones: &[Tombstone]) -> Result<(), RepositoryError> {
        let pool = self.purging.pool();
        let keeping = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            purge::keep(&mut connection, tombstones).await
        };
        self.purging.within(PURGE, keeping).await
    }

    pub async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        let pool = self.purging.pool();
        let purging = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            purge::purge(&mut connection, keys, at).await
        };
        self.purging.within(PURGE, purging).await
    }

    pub async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        let pool = self.purging.pool();
        let purging = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            purge::purge_conflicts(&mut connection, which, at_most).await
        };
        self.purging.within(PURGE, purging).await
    }

    /// By a connection of its own: what it waits for, nobody else is to wait for.
    pub async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        let pool = self.counting.pool();
        let noting = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            repeats::add(&mut connection, repeats).await
        };
        self.counting.within(WRITE, noting).await
    }

    pub async fn keep_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        let pool = self.writers.pool();
        let keeping = async {
            let mut connection = pool.acquire().await.map_err(from_sqlx)?;
            repeats::keep(&mut connection, repeats).await
        };
        self.writers.within(WRITE, keeping).await
    }

    /// The cluster, the database in it, and the table in that.
    pub async fn identity(&self) -> Option<String> {
        let pool = self.readers.pool();
        let asking = async {
            let identity = "SELECT concat_ws('/', system_identifier,
                    (SELECT oid FROM pg_database WHERE datname = current_database()),
                    'messages'::regclass::oid)
                FROM pg_control_system()";
            let identity = sqlx::query_scalar(identity).fetch_one(&pool).await;
            identity.map_err(from_sqlx)
        };
        self.readers.within(READ, asking).await.ok()
    }

    pub async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        let settled = news::settled(&self.readers, self.log).await?;
        // What was settled once is so for ever.
        let settled = settled.max(*self.news.settled().borrow());
        Sequence::try_from(settled).map_err(|error| RepositoryError::Failed(error.into()))
    }

    pub async fn arrived_behind(&self, after: Sequence) {
        self.news.behind(after.get()).await;
    }

    /// The disk is the server's, and not seen from here: it has failed when the server has just said
    /// so.
    pub async fn readiness(&self) -> Readiness {
        let mut found = Readiness::UNKNOWN;
        let looked = self.writers.bounded(PROBE, self.look(&mut found)).await;
        if looked.is_none() {
            let checks = [&mut found.database, &mut found.schema, &mut found.writer];
            let silent = checks
                .into_iter()
                .find(|check| matches!(check, Finding::Unknown));
            if let Some(silent) = silent {
                let cause = format!("nothing has come of it within {PROBE:?}");
                *silent = Finding::failed("it does not answer in time", cause);
            }
        }
        found
    }

    pub async fn storage(&self) -> Storage {
        self.look.at(&self.readers).await
    }

    /// One check after the other, until one fails.
    async fn look(&self, found: &mut Readiness) {
        let pool = self.writers.pool();
        let may_write = "SELECT current_setting('transaction_read_only') = 'off'
            AND NOT pg_is_in_recovery()";
        let may_write: bool = match sqlx::query_scalar(may_write).fetch_one(&pool).await {
            Ok(may_write) => may_write,
            Err(error) => {
                found.database = Finding::failed("the database does not answer", error);
                return;
            }
        };
        found.database = Finding::Ok;
        found.schema = match schema::missing(&self.writers.sea_orm()).await {
            Ok(missing) if missing.is_empty() => Finding::Ok,
            Ok(missing) => Finding::failed(
                "the database lacks its schema",
                format!("migrations are not applied: {}", missing.join(", ")),
            ),
            Err(error) => Finding::failed("the schema cannot be read", error),
        };
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failed.as_ref().filter(|failed| failed.at.elapsed() < DOUBT);
        found.writer = match failed {
            _ if !may_write => Finding::failed(
                "the database may only be read",
                "it is a standby, or read-only by its settings",
            ),
            Some(failed) => Finding::failed("the last write has failed", failed.cause.clone()),
            None => Finding::Ok,
        };
        found.disk = match failed {
            Some(failed) if failed.full => {
                Finding::failed("the disk is full", failed.cause.clone())
            }
            _ => Finding::Ok,
        };
    }

    pub async fn close(self) {
        drop(self.news);
        self.fold.close().await;
        self.readers.close().await;
        self.talking.close().await;
        self.purging.close().await;
        self.counting.close().await;
        self.writers.close().await;
    }
}

/// The names of the migrations that are not applied.
pub async fn pending_migrations(url: &PostgresUrl) -> Result<Vec<String>, OpenError> {
    connection::first(url.options(), Duration::ZERO).await?;
    let connections = schema::migrating(url.options());
    let pending = schema::pending(&connections).await;
    connections.close().await;
    pending
}

/// Connections for somebody who only looks, and does not wait for long.
pub async fn to_look_with(url: &PostgresUrl) -> Result<Connections, OpenError> {
    connection::first(url.options(), Duration::ZERO).await?;
    Ok(Connections::new(url.options(), Role::Look))
}

/// What stands in the way of storing messages, of a database that is fit.
#[derive(Debug, Default)]
pub struct Obstacles {
    /// It is a standby, or read-only by its settings.
    pub read_only: bool,
    /// What the user is not allowed to do, such as `INSERT on messages`.
    pub forbidden: Vec<String>,
}

/// The migrations that are not applied, and what else stands in the way, of a database that is fit.
pub async fn look(looking: &Connections) -> Result<(Vec<String>, Obstacles), OpenError> {
    let pool = looking.pool();
    fit(&pool).await?;
    let pending = schema::pending(looking).await?;
    let read_only = "SELECT current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery()";
    let read_only = sqlx::query_scalar(read_only).fetch_one(&pool).await;
    let forbidden = sqlx::query_scalar(schema::FORBIDDEN)
        .bind(!pending.is_empty())
        .fetch_all(&pool)
        .await;
    let obstacles = Obstacles {
        read_only: read_only.map_err(OpenError::Connect)?,
        forbidden: forbidden.map_err(OpenError::Connect)?,
    };
    Ok((pending, obstacles))
}

/// Refuses what is not fit, and brings the schema up to date. Says which log it is, and how far it
/// is folded.
async fn prepare(migrating: &Connections) -> Result<(Log, i64), OpenError> {
    let pool = migrating.pool();
    fit(&pool).await?;
    locks_lock(&pool).await?;
    schema::migrate(migrating).await?;
    schema::index_trigrams(migrating).await;
    schema::index_messages(migrating).await;
    let (log, folded): (i64, i64) =
        sqlx::query_as("SELECT 'messages'::regclass::oid::bigint, folded FROM state")
            .fetch_one(&pool)
            .await
            .map_err(OpenError::Connect)?;
    Ok((Log(u32::try_from(log).unwrap_or_default()), folded))
}

/// Refuses a server that is too old, and a database that does not keep every text.
async fn fit(pool: &sqlx::PgPool) -> Result<(), OpenError> {
    let (version, encoding): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding')",
    )
    .fetch_one(pool)
    .await
    .map_err(OpenError::Connect)?;
    if version < OLDEST {
        return Err(OpenError::Unfit(format!(
            "is PostgreSQL {}, and must be 13 or newer",
            version / 10_000
        )));
    }
    if encoding != "UTF8" {
        return Err(OpenError::Unfit(format!(
            "has the encoding {encoding}, and must have UTF8"
        )));
    }
    Ok(())
}

/// Some databases that speak PostgreSQL's protocol take advisory locks and do nothing. Readers would
/// miss messages there.
async fn locks_lock(pool: &sqlx::PgPool) -> Result<(), OpenError> {
    let seen: i64 = sqlx::query_scalar(
        "WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(0, 1936814690) AS taken)
         SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0
                 AND objid = 1936814690 AND pid = pg_backend_pid() AND lock.taken IS NOT NULL)
         FROM lock",
    )
    .fetch_one(pool)
    .await
    .map_err(OpenError::Connect)?;
    if seen == 0 {
        return Err(OpenError::Unfit(
            "has no advisory locks that lock, which several writers need".to_owned(),
        ));
    }
    Ok(())
}
