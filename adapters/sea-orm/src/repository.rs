//! The port, in SQL.

mod copying;

use std::{num::NonZeroUsize, path::Path, time::Duration};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, Limit, Message, MessageId, MessageQuery,
    MessageRepository, NotReady, Page, RepositoryError, Sequence, Stats,
};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, TransactionTrait,
    sea_query::{Asterisk, Expr, ExprTrait},
};

use crate::{
    connection::{self, OpenError, SqliteOptions},
    error::repository_error,
    fold::{Fold, FoldError, FoldLag, Folded},
    migration,
    read::{self, Totals},
    rows::{conflict, message},
    write::Writer,
};

/// How often it is looked whether another process has appended something.
const LOOK: Duration = Duration::from_millis(500);

/// Messages in an SQLite database. Every answer comes from one transaction, so that a page and its
/// total fit together; every append is durable when it is answered.
pub struct SqlRepository {
    readers: DatabaseConnection,
    writer: Writer,
    fold: Fold,
    totals: Totals,
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
        connection::check_writable(path)?;
        let migrating = connection::migrating(path).await?;
        let migrated = migration::run(&migrating).await;
        let closed = migrating.close().await;
        migrated.map_err(OpenError::Migrate)?;
        closed.map_err(OpenError::Open)?;
        let fold = Fold::start(path, options.folding).await?;
        Ok(Self {
            writer: Writer::start(path, options.durability, fold.appended()).await?,
            readers: connection::reading(path, fold.has_index()).await?,
            totals: Totals::new(),
            fold,
        })
    }

    /// How far what is derived from the messages is behind them. Answers are exact all the same.
    #[must_use]
    pub fn fold_lag(&self) -> FoldLag {
        self.fold.lag()
    }

    /// Derives from so many messages at the most what makes reading quick, now. It goes on by
    /// itself unless [`Folding::OnDemand`](crate::Folding) was asked for.
    ///
    /// # Errors
    /// [`FoldError`] says what stands in the way.
    pub async fn fold(&self, at_most: NonZeroUsize) -> Result<Folded, FoldError> {
        self.fold.step(at_most).await
    }

    /// Closes all connections; the last one folds the write-ahead log into the file.
    ///
    /// # Errors
    /// If the database cannot be closed properly. What was answered is durable all the same.
    pub async fn close(self) -> Result<(), RepositoryError> {
        let closed = self.readers.close().await;
        self.fold.close().await;
        // Last: one that only reads cannot tidy up.
        self.writer.close().await;
        closed.map_err(repository_error)
    }

    /// A transaction that sees one state of the database from beginning to end.
    async fn snapshot(&self) -> Result<DatabaseTransaction, RepositoryError> {
        self.readers.begin().await.map_err(repository_error)
    }
}

#[async_trait]
impl MessageRepository for SqlRepository {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.writer.append(batch).await
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        read::list(&self.readers, query, &self.totals).await
    }

    async fn find(&self, id: &MessageId) -> Result<Option<Message>, RepositoryError> {
        message::Entity::find()
            .filter(message::Column::MessageId.eq(id.as_str()))
            .one(&self.readers)
            .await
            .map_err(repository_error)?
            .map(Message::try_from)
            .transpose()
    }

    async fn conflicts(
        &self,
        id: Option<&MessageId>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        let mut matching = conflict::Entity::find();
        if let Some(id) = id {
            matching = matching.filter(conflict::Column::MessageId.eq(id.as_str()));
        }
        let snapshot = self.snapshot().await?;
        let total = count(matching.clone(), &snapshot).await?;
        let rows = matching
            .order_by_desc(conflict::Column::LastSeenAt)
            .order_by_desc(conflict::Column::Id)
            .limit(limit.get())
            .all(&snapshot)
            .await
            .map_err(repository_error)?;
        Ok(Page {
            more: total > rows.len() as u64,
            items: rows
                .into_iter()
                .map(Conflict::try_from)
                .collect::<Result<_, _>>()?,
            total,
        })
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        read::stats(&self.readers).await
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        let end = self.last_arrival().await?;
        read::arrivals(&self.readers, query, end).await
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        read::last_sequence(&self.readers).await
    }

    async fn arrived_behind(&self, after: Sequence) {
        let mut arrived = self.fold.arrived();
        loop {
            // It says so at once if this process has appended; another may have, too.
            let told = arrived.wait_for(|last| *last > after.get());
            if let Ok(Ok(_)) = tokio::time::timeout(LOOK, told).await {
                return;
            }
            if self.last_arrival().await.is_ok_and(|last| last > after) {
                return;
            }
        }
    }

    async fn ready(&self) -> Result<(), NotReady> {
        let missing = migration::missing(&self.readers)
            .await
            .map_err(|error| NotReady::new("the database does not answer", error))?;
        if !missing.is_empty() {
            let missing = format!("migrations are not applied: {}", missing.join(", "));
            return Err(NotReady::new("the database lacks its schema", missing));
        }
        let probed = self.writer.probe().await;
        probed.map_err(|error| NotReady::new("the database cannot be written to", error))
    }
}

/// `COUNT(*)`. Not sea-orm's `count()`, which counts a sub-select of every column and takes more
/// than twenty times as long.
async fn count<E: EntityTrait>(
    select: Select<E>,
    db: &DatabaseTransaction,
) -> Result<u64, RepositoryError> {
    let rows: Option<i64> = select
        .select_only()
        .column_as(Expr::col(Asterisk).count(), "rows")
        .into_tuple()
        .one(db)
        .await
        .map_err(repository_error)?;
    // A database has no unsigned numbers.
    Ok(rows.unwrap_or_default().unsigned_abs())
}
