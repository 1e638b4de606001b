//! One message, and what else came under ids that were taken.

use countersign_core::{Conflict, Limit, Message, MessageKey, Page, RepositoryError};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, TransactionTrait as _,
    sea_query::{Asterisk, Expr, ExprTrait as _},
};

use crate::{
    error::repository_error,
    rows::{conflict, key, message},
};

/// The message with this id.
pub async fn find(
    readers: &DatabaseConnection,
    key: &MessageKey,
) -> Result<Option<Message>, RepositoryError> {
    let found = message::Entity::find()
        .filter(message::Column::MessageId.eq(key::of(key).as_ref()))
        .filter(message::Column::PurgedAt.is_null())
        .one(readers)
        .await
        .map_err(repository_error)?;
    let found = found.map(Message::try_from).transpose()?;
    // An id of the original service may look like another's of a source.
    Ok(found.filter(|message| message.content.key() == *key))
}

/// The conflicts recorded for one id, or for all; the last seen first.
pub async fn conflicts(
    readers: &DatabaseConnection,
    key: Option<&MessageKey>,
    limit: Limit,
) -> Result<Page<Conflict>, RepositoryError> {
    let mut matching = conflict::Entity::find();
    if let Some(key) = key {
        matching = matching.filter(conflict::Column::MessageId.eq(key::of(key).as_ref()));
        matching = matching.filter(match key::source(&key.source) {
            None => conflict::Column::Source.is_null(),
            Some(source) => conflict::Column::Source.eq(source),
        });
    }
    let snapshot = readers.begin().await.map_err(repository_error)?;
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
