//! The port, in SQL.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use countersign_core::{
    Appended, Conflict, Limit, Message, MessageFilter, MessageId, MessageQuery, MessageRepository,
    Order, Page, RepositoryError, SenderCount, SourceError, Stats, Timestamp,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{Asterisk, Expr, ExprTrait, OnConflict, SimpleExpr},
};

use crate::{
    connection::{Connections, OpenError, SqliteLocation},
    error::repository_error,
    migration,
    rows::{conflict, message},
};

/// Messages in an SQL database. Every answer comes from one transaction, so that a page and its
/// total fit together; every append is durable when it is answered.
pub struct SqlRepository {
    connections: Connections,
}

impl SqlRepository {
    /// Opens the database, making it if it isn't there, and brings its schema up to date. Several
    /// processes may do so at once: one of them migrates, the others wait.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open_sqlite(location: &SqliteLocation) -> Result<Self, OpenError> {
        let connections = Connections::open(location).await?;
        migration::run(&connections.writer)
            .await
            .map_err(OpenError::Migrate)?;
        Ok(Self { connections })
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// If the database cannot be closed properly. What was answered is durable all the same.
    pub async fn close(self) -> Result<(), RepositoryError> {
        self.connections.close().await.map_err(repository_error)
    }

    /// A transaction that sees one state of the database from beginning to end.
    async fn snapshot(&self) -> Result<DatabaseTransaction, RepositoryError> {
        let transaction = self.connections.readers.begin().await;
        transaction.map_err(repository_error)
    }

    /// A transaction that may write from the start: one that reads first and then wants to write
    /// is refused at once where another writes.
    async fn writing(&self) -> Result<DatabaseTransaction, DbErr> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        self.connections.writer.begin_with_options(immediate).await
    }
}

#[async_trait]
impl MessageRepository for SqlRepository {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let transaction = self.writing().await.map_err(repository_error)?;
        let outcomes = append(&transaction, batch).await?;
        transaction.commit().await.map_err(repository_error)?;
        Ok(outcomes)
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
        let snapshot = self.snapshot().await?;
        let total = count(matching, &snapshot).await?;
        let rows = ordered
            .limit(query.limit.get())
            .offset(query.offset.get())
            .all(&snapshot)
            .await
            .map_err(repository_error)?;
        Ok(Page {
            items: rows
                .into_iter()
                .map(Message::try_from)
                .collect::<Result<_, _>>()?,
            total,
        })
    }

    async fn find(&self, id: &MessageId) -> Result<Option<Message>, RepositoryError> {
        message::Entity::find()
            .filter(message::Column::MessageId.eq(id.as_str()))
            .one(&self.connections.readers)
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
        let missing = migration::missing(&self.connections.readers)
            .await
            .map_err(repository_error)?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(RepositoryError::Unavailable(SourceError::from(format!(
            "migrations are not applied: {}",
            missing.join(", ")
        ))))
    }
}

/// Stores messages inside a transaction, and says of each what was there in its place.
///
/// Almost always all of them are new, and that takes few statements: each costs a hop to the
/// connection's thread and back. Only if not all are, the rows are read and compared.
async fn append(
    transaction: &DatabaseTransaction,
    batch: &[Message],
) -> Result<Vec<Appended>, RepositoryError> {
    let last = one::<Option<i64>>(bound(message::Column::Seq.max()), transaction).await?;
    let mut inserted = 0;
    let mut rest = batch;
    while let Some(size) = INSERT_SIZES.into_iter().find(|size| *size <= rest.len()) {
        let (chunk, others) = rest.split_at(size);
        inserted += insert(transaction, chunk).await.map_err(repository_error)?;
        rest = others;
    }
    if inserted == batch.len() as u64 {
        return Ok(vec![Appended::Created; batch.len()]);
    }

    let rows = rows_of(transaction, batch)
        .await
        .map_err(repository_error)?;
    let mut created = HashSet::new();
    let mut outcomes = Vec::with_capacity(batch.len());
    for message in batch {
        let id = message.content.id.as_str();
        let row = rows.get(id).ok_or_else(|| {
            RepositoryError::Failed("an id is taken, but its row is not there".into())
        })?;
        // Of several in the batch with one new id, the first made the row.
        let new = Some(row.seq) > last.flatten() && created.insert(id);
        outcomes.push(if new {
            Appended::Created
        } else if Message::try_from(row.clone())?.content == message.content {
            Appended::Duplicate
        } else {
            record_conflict(transaction, message).await?;
            Appended::Conflict
        });
    }
    Ok(outcomes)
}

/// How many rows one INSERT has: few sizes, so that the statements stay prepared.
const INSERT_SIZES: [usize; 4] = [64, 16, 4, 1];

/// Inserts the rows whose ids are not taken; says how many those were.
async fn insert(db: &DatabaseTransaction, messages: &[Message]) -> Result<u64, DbErr> {
    let rows = messages.iter().map(message::ActiveModel::from);
    let inserted = message::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(message::Column::MessageId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await;
    match inserted {
        Err(DbErr::RecordNotInserted) => Ok(0),
        inserted => inserted,
    }
}

/// The rows that have the messages' ids, by id.
async fn rows_of(
    db: &DatabaseTransaction,
    messages: &[Message],
) -> Result<HashMap<String, message::Model>, DbErr> {
    let mut rows = HashMap::with_capacity(messages.len());
    // Far below the number of values that any database takes in one statement.
    for chunk in messages.chunks(500) {
        let ids = chunk.iter().map(|message| message.content.id.as_str());
        let found = message::Entity::find()
            .filter(message::Column::MessageId.is_in(ids))
            .all(db)
            .await?;
        rows.extend(found.into_iter().map(|row| (row.message_id.clone(), row)));
    }
    Ok(rows)
}

async fn record_conflict(
    transaction: &DatabaseTransaction,
    message: &Message,
) -> Result<(), RepositoryError> {
    let content = &message.content;
    let text = content.text.as_ref().map(|text| text.as_str().to_owned());
    let known = conflict::Entity::find()
        .filter(conflict::Column::MessageId.eq(content.id.as_str()))
        .filter(conflict::Column::FromMsisdn.eq(content.from.as_str()))
        .filter(conflict::Column::ToMsisdn.eq(content.to.as_str()))
        .filter(conflict::Column::Ts.eq(content.ts.micros()))
        .filter(match text {
            Some(text) => conflict::Column::Text.eq(text),
            None => conflict::Column::Text.is_null(),
        })
        .one(transaction)
        .await
        .map_err(repository_error)?;
    let Some(known) = known else {
        conflict::Entity::insert(conflict::ActiveModel::from(message))
            .exec_without_returning(transaction)
            .await
            .map_err(repository_error)?;
        return Ok(());
    };
    let (times, last_seen_at) = (known.times, known.last_seen_at);
    let mut again = known.into_active_model();
    again.times = Set(times.saturating_add(1));
    again.last_seen_at = Set(std::cmp::max(last_seen_at, message.created_at.micros()));
    conflict::Entity::update(again)
        .exec(transaction)
        .await
        .map_err(repository_error)?;
    Ok(())
}

fn condition(filter: &MessageFilter) -> Condition {
    let from = filter.from.as_deref();
    let since = filter.since.map(Timestamp::micros);
    Condition::all()
        .add_option(from.map(|from| message::Column::FromMsisdn.eq(from)))
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
