//! The port, in SQL.

use std::{num::NonZeroUsize, path::Path};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Limit, Message, MessageKey,
    MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError, Sequence,
    Stats, Storage, Timeline, TimelineQuery, Timestamp,
};

use crate::{
    fold::{FoldError, FoldLag, Folded},
    open::OpenError,
    postgres::{
        self, Postgres,
        connection::{PostgresOptions, PostgresUrl},
    },
    read::{self, Totals},
    sqlite::{self, Sqlite, connection::SqliteOptions, damage::Damaged},
};

/// What `$reading` makes of the connections that read, as `$db`, within the time that there is.
macro_rules! read {
    ($repository:expr, |$db:ident| $reading:expr) => {
        match &$repository.engine {
            Engine::Sqlite(sqlite) => {
                sqlite
                    .readers
                    .reading(|db| async move {
                        let $db = &db;
                        $reading.await
                    })
                    .await
            }
            Engine::Postgres(postgres) => {
                postgres
                    .reading(|db| async move {
                        let $db = &db;
                        $reading.await
                    })
                    .await
            }
        }
    };
}

// Behind the macro, which it uses.
mod copying;

/// Messages in an SQL database. Every answer comes from one transaction, so that a page and its
/// total fit together; every append is durable when it is answered.
pub struct SqlRepository {
    engine: Engine,
    totals: Totals,
}

enum Engine {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

impl SqlRepository {
    /// Opens the database file, making it if it isn't there, and brings its schema up to date.
    /// Several processes may do so at once: one of them migrates, the others wait.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open_sqlite(path: &Path) -> Result<Self, OpenError> {
        Self::open_sqlite_with(path, SqliteOptions::default()).await
    }

    /// As [`Self::open_sqlite`], with other options than an operator gets: for tests that prove
    /// something by them.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open_sqlite_with(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        let sqlite = Sqlite::open(path, options).await?;
        Ok(Self::over(Engine::Sqlite(Box::new(sqlite))))
    }

    /// Opens the PostgreSQL database, which must exist, and brings its schema up to date. Several
    /// processes may do so at once: one of them migrates, the others wait.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open_postgres(url: &PostgresUrl) -> Result<Self, OpenError> {
        Self::open_postgres_with(url, PostgresOptions::default()).await
    }

    /// As [`Self::open_postgres`], with other options.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open_postgres_with(
        url: &PostgresUrl,
        options: PostgresOptions,
    ) -> Result<Self, OpenError> {
        let postgres = Postgres::open(url, options).await?;
        Ok(Self::over(Engine::Postgres(Box::new(postgres))))
    }

    /// What there is to do before the database can be opened without changing it: the names of the
    /// migrations that are not applied. It only reads, and makes nothing.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn pending_migrations_of_postgres(
        url: &PostgresUrl,
    ) -> Result<Vec<String>, OpenError> {
        postgres::pending_migrations(url).await
    }

    /// As [`Self::pending_migrations_of_postgres`]; of a file that is not there, all of them.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn pending_migrations_of_sqlite(path: &Path) -> Result<Vec<String>, OpenError> {
        sqlite::pending_migrations(path).await
    }

    fn over(engine: Engine) -> Self {
        Self {
            engine,
            totals: Totals::new(),
        }
    }

    /// How far what is derived from the messages is behind them. Answers are exact all the same.
    #[must_use]
    pub fn fold_lag(&self) -> FoldLag {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.fold_lag(),
            Engine::Postgres(postgres) => postgres.fold_lag(),
        }
    }

    /// Derives from so many messages at the most what makes reading quick, now. It goes on by
    /// itself unless [`Folding::OnDemand`](crate::Folding) was asked for.
    ///
    /// # Errors
    /// [`FoldError`] says what stands in the way.
    pub async fn fold(&self, at_most: NonZeroUsize) -> Result<Folded, FoldError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.fold(at_most).await,
            Engine::Postgres(postgres) => postgres.fold(at_most).await,
        }
    }

    /// Sees to it that nothing of what was purged is left in SQLite's write-ahead logs; waits for
    /// that about a second, and says whether it is so. If somebody was reading from them all the time,
    /// whoever uses the database writes over it later. PostgreSQL's logs are the server's own.
    ///
    /// # Errors
    /// If the database cannot answer.
    pub async fn forget_purged(&self) -> Result<bool, RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.forget_purged().await,
            Engine::Postgres(_) => Ok(true),
        }
    }

    /// Completes when an SQLite database has failed for good: a file of it could not be read, written
    /// or synced, or makes no sense. Nothing is acknowledged from then on; what there is left to do is
    /// to end, and to start again. A PostgreSQL server knows by itself when to stop.
    pub fn damaged(&self) -> impl Future<Output = Damaged> + Send + use<> {
        let damaged = match &self.engine {
            Engine::Sqlite(sqlite) => Some(sqlite.damage.happened()),
            Engine::Postgres(_) => None,
        };
        async move {
            match damaged {
                Some(damaged) => damaged.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Closes all connections. On SQLite, the last one folds the write-ahead log into the file.
    ///
    /// # Errors
    /// If the database cannot be closed properly. What was answered is durable all the same.
    pub async fn close(self) -> Result<(), RepositoryError> {
        match self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => {
                postgres.close().await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl MessageRepository for SqlRepository {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.append(batch).await,
            Engine::Postgres(postgres) => postgres.append(batch).await,
        }
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        read!(self, |db| read::list(db, query, &self.totals))
    }

    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        read!(self, |db| read::find(db, key))
    }

    async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        read!(self, |db| read::conflicts(db, key, limit))
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        read!(self, |db| read::stats(db))
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        read!(self, |db| read::timeline(db, query))
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        // Before what is read: what is settled then can be read.
        let end = self.last_arrival().await?;
        read!(self, |db| read::arrivals(db, query, end))
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.last_arrival().await,
            Engine::Postgres(postgres) => postgres.last_arrival().await,
        }
    }

    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        let last = read!(self, |db| read::last_sequence(db))?;
        Ok(last >= sequence)
    }

    async fn arrived_behind(&self, after: Sequence) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.arrived_behind(after).await,
            Engine::Postgres(postgres) => postgres.arrived_behind(after).await,
        }
    }

    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.purge(keys, at).await,
            Engine::Postgres(postgres) => postgres.purge(keys, at).await,
        }
    }

    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.purge_conflicts(which, at_most).await,
            Engine::Postgres(postgres) => postgres.purge_conflicts(which, at_most).await,
        }
    }

    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        if repeats.is_empty() {
            return Ok(());
        }
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.note_repeats(repeats).await,
            Engine::Postgres(postgres) => postgres.note_repeats(repeats).await,
        }
    }

    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        read!(self, |db| read::repeats(db, key))
    }

    async fn readiness(&self) -> Readiness {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.readiness().await,
            Engine::Postgres(postgres) => postgres.readiness().await,
        }
    }

    async fn storage(&self) -> Storage {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.storage().await,
            Engine::Postgres(postgres) => postgres.storage().await,
        }
    }
}
