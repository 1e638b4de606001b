//! The port, in SQL.

use std::path::Path;

use async_trait::async_trait;
use countersign_core::{
    Appended, Conflict, Limit, Message, MessageFilter, MessageId, MessageQuery, MessageRepository,
    Order, Page, Position, RepositoryError, SenderCount, SourceError, Stats, Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, TransactionTrait,
    sea_query::{Asterisk, Expr, ExprTrait, SimpleExpr},
};

use crate::{
    connection::{self, OpenError, SqliteOptions},
    error::repository_error,
    migration,
    rows::{conflict, message},
    writer::Writer,
};

/// Messages in an SQLite database. Every answer comes from one transaction, so that a page and its
/// total fit together; every append is durable when it is answered.
pub struct SqlRepository {
    readers: DatabaseConnection,
    writer: Writer,
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
        Ok(Self {
            writer: Writer::start(path, options.durability).await?,
            readers: connection::reading(path).await?,
        })
    }

    /// Closes all connections; the last one folds the write-ahead log into the file.
    ///
    /// # Errors
    /// If the database cannot be closed properly. What was answered is durable all the same.
    pub async fn close(self) -> Result<(), RepositoryError> {
        let closed = self.readers.close().await;
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
        let matching = message::Entity::find().filter(condition(&query.filter));
        let ordered = match query.order {
            Order::Ascending => matching
                .clone()
                .order_by_asc(message::Column::Ts)
                .order_by_asc(message::Column::MessageId),
            Order::Descending => matching
                .clone()
                .order_by_desc(message::Column::Ts)
                .order_by_desc(message::Column::MessageId),
        };
        let ordered = match &query.after {
            Some(after) => ordered.filter(behind(after, query.order)),
            None => ordered,
        };
        let snapshot = self.snapshot().await?;
        let total = count(matching, &snapshot).await?;
        let mut rows = ordered
            .limit(query.limit.get() + 1)
            .offset(query.offset.get())
            .all(&snapshot)
            .await
            .map_err(repository_error)?;
        let more = rows.len() as u64 > query.limit.get();
        if more {
            rows.pop();
        }
        Ok(Page {
            items: rows
                .into_iter()
                .map(Message::try_from)
                .collect::<Result<_, _>>()?,
            total,
            more,
        })
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
        let snapshot = self.snapshot().await?;
        let senders_count = one::<i64>(
            message::Entity::find().select_only().column_as(
                Expr::col(message::Column::FromMsisdn).count_distinct(),
                "senders",
            ),
            &snapshot,
        )
        .await?;
        let top_senders = message::Entity::find()
            .select_only()
            .column(message::Column::FromMsisdn)
            .column_as(message::Column::Seq.count(), "messages")
            .group_by(message::Column::FromMsisdn)
            .order_by_desc(message::Column::Seq.count())
            .order_by_asc(message::Column::FromMsisdn)
            .limit(Stats::TOP_SENDERS)
            .into_tuple::<(String, i64)>()
            .all(&snapshot)
            .await
            .map_err(repository_error)?;
        // Two statements: asked for both in one, SQLite looks at every row.
        let first = one::<Option<i64>>(bound(message::Column::Ts.min()), &snapshot).await?;
        let last = one::<Option<i64>>(bound(message::Column::Ts.max()), &snapshot).await?;
        Ok(Stats {
            total_messages: count(message::Entity::find(), &snapshot).await?,
            senders_count: unsigned(senders_count),
            top_senders: top_senders
                .into_iter()
                .map(|(from, count)| SenderCount {
                    from,
                    count: unsigned(count),
                })
                .collect(),
            first_message_ts: first.flatten().and_then(Timestamp::from_micros),
            last_message_ts: last.flatten().and_then(Timestamp::from_micros),
        })
    }

    async fn ready(&self) -> Result<(), RepositoryError> {
        let missing = migration::missing(&self.readers)
            .await
            .map_err(repository_error)?;
        if missing.is_empty() {
            return self.writer.probe().await;
        }
        Err(RepositoryError::Unavailable(SourceError::from(format!(
            "migrations are not applied: {}",
            missing.join(", ")
        ))))
    }
}

fn behind(after: &Position, order: Order) -> Condition {
    let (ts, id) = (after.ts.micros(), after.id.as_str());
    let (beyond, tie) = match order {
        Order::Ascending => (
            message::Column::Ts.gt(ts),
            message::Column::MessageId.gt(id),
        ),
        Order::Descending => (
            message::Column::Ts.lt(ts),
            message::Column::MessageId.lt(id),
        ),
    };
    Condition::any()
        .add(beyond)
        .add(message::Column::Ts.eq(ts).and(tie))
}

fn condition(filter: &MessageFilter) -> Condition {
    let from = filter.from.as_deref();
    let to = filter.to.as_deref();
    let since = filter.since.map(Timestamp::micros);
    let until = filter.until.map(Timestamp::micros);
    Condition::all()
        .add_option(from.map(|from| message::Column::FromMsisdn.eq(from)))
        .add_option(to.map(|to| message::Column::ToMsisdn.eq(to)))
        .add_option(until.map(|until| message::Column::Ts.lt(until)))
        .add_option(since.map(|since| message::Column::Ts.gte(since)))
        .add_option(filter.text.as_ref().map(|term| {
            // Not LIKE: it has wildcards, a longest pattern, and a case folding of its own.
            Expr::cust_with_values(
                "instr(coalesce(text_folded, text), ?) > 0",
                [term.folded().to_owned()],
            )
        }))
}

/// `COUNT(*)`. Not sea-orm's `count()`, which counts a sub-select of every column and takes more
/// than twenty times as long.
async fn count<E: EntityTrait>(
    select: Select<E>,
    db: &DatabaseTransaction,
) -> Result<u64, RepositoryError> {
    let everything = Expr::col(Asterisk).count();
    let rows = one::<i64>(select.select_only().column_as(everything, "rows"), db).await?;
    Ok(unsigned(rows))
}

fn bound(expression: SimpleExpr) -> Select<message::Entity> {
    message::Entity::find()
        .select_only()
        .column_as(expression, "bound")
}

/// The one value of a query that has one; `None` if it had no row at all.
async fn one<T: sea_orm::TryGetable + Send>(
    select: Select<impl EntityTrait>,
    db: &DatabaseTransaction,
) -> Result<Option<T>, RepositoryError> {
    select
        .into_tuple::<T>()
        .one(db)
        .await
        .map_err(repository_error)
}

/// A count from a database, which has no unsigned numbers.
fn unsigned(count: impl Into<Option<i64>>) -> u64 {
    count.into().unwrap_or_default().unsigned_abs()
}
