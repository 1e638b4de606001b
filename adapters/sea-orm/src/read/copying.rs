//! What a copy of one database into another asks.

use std::num::NonZeroUsize;

use countersign_core::{
    Arrival, Conflict, Message, MessageId, RepositoryError, Sequence, SourceError,
};
use sea_orm::DatabaseConnection;

use super::{
    arrivals::{arrival, sequence},
    sql::{Dialect, Sql},
};
use crate::rows::{conflict, message};

/// How many ids go into one statement: each is a parameter, and SQLite finds a parameter by looking
/// through all.
const IDS: usize = 100;

/// Those of the messages that are there, in any order.
pub async fn find_all(
    readers: &DatabaseConnection,
    ids: &[MessageId],
) -> Result<Vec<Message>, RepositoryError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS) {
        let mut sql = Sql::new(
            Dialect::of(readers),
            "SELECT t.* FROM messages t WHERE t.message_id IN ",
        );
        push_ids(&mut sql, ids);
        let rows: Vec<message::Model> = sql.rows(readers).await?;
        for row in rows {
            found.push(Message::try_from(row)?);
        }
    }
    Ok(found)
}

/// A list of parameters, which every database understands.
fn push_ids(sql: &mut Sql, ids: &[MessageId]) {
    for (index, id) in ids.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { ", " });
        sql.bind(id.as_str());
    }
    sql.push(")");
}

/// The place of a message in the order of arrival.
pub async fn sequence_of(
    readers: &DatabaseConnection,
    id: &MessageId,
) -> Result<Option<Sequence>, RepositoryError> {
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT t.seq FROM messages t WHERE t.message_id = ",
    );
    sql.bind(id.as_str());
    let found: Vec<i64> = sql.column(readers).await?;
    found.into_iter().next().map(sequence).transpose()
}

/// The last message in the order of arrival.
pub async fn last_message(
    readers: &DatabaseConnection,
) -> Result<Option<Arrival>, RepositoryError> {
    let sql = Sql::new(
        Dialect::of(readers),
        "SELECT t.* FROM messages t ORDER BY t.seq DESC LIMIT 1",
    );
    let row: Option<message::Model> = sql.row(readers).await?;
    row.map(arrival).transpose()
}

/// Conflicts by the number of their row.
pub async fn conflicts_behind(
    readers: &DatabaseConnection,
    after: i64,
    limit: NonZeroUsize,
) -> Result<Vec<(i64, Conflict)>, RepositoryError> {
    let limit = i64::try_from(limit.get()).unwrap_or(i64::MAX);
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT c.* FROM conflicts c WHERE c.id > ",
    );
    sql.bind(after);
    sql.push(" ORDER BY c.id LIMIT ").bind(limit);
    let rows: Vec<conflict::Model> = sql.rows(readers).await?;
    rows.into_iter()
        .map(|row| Ok((row.id, Conflict::try_from(row)?)))
        .collect()
}

/// How many messages there are up to a place, it included.
pub async fn count_up_to(
    readers: &DatabaseConnection,
    last: Sequence,
) -> Result<u64, RepositoryError> {
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT count(*) FROM messages t WHERE t.seq <= ",
    );
    sql.bind(last.get());
    only(&sql.column(readers).await?)
}

/// How many messages there are.
pub async fn count(readers: &DatabaseConnection) -> Result<u64, RepositoryError> {
    let sql = Sql::new(Dialect::of(readers), "SELECT count(*) FROM messages");
    only(&sql.column(readers).await?)
}

fn only(counts: &[i64]) -> Result<u64, RepositoryError> {
    // A database has no unsigned numbers.
    let count = counts.first().map(|count| count.unsigned_abs());
    count.ok_or_else(|| RepositoryError::Failed(SourceError::from("a count has no row")))
}
