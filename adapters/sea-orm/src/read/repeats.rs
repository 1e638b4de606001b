//! How often a message came again.

use std::num::NonZeroUsize;

use countersign_core::{MessageKey, Repeat, Repeats, RepositoryError, Sequence};
use sea_orm::{DatabaseConnection, FromQueryResult};

use super::{
    NOT_PURGED,
    arrivals::sequence,
    copying::{KEYS, push_keys},
    sql::{Dialect, Sql},
};
use crate::rows::{self, key};

/// What was noted of one message.
pub async fn repeats(
    readers: &DatabaseConnection,
    key: &MessageKey,
) -> Result<Repeats, RepositoryError> {
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT r.times, r.last_seen_at FROM messages t",
    );
    sql.join()
        .push("repeats r ON r.seq = t.seq WHERE t.message_id = ");
    sql.bind(key::of(key).into_owned()).push(NOT_PURGED);
    // An id of the original service may look like another's of a source.
    match key::source(&key.source) {
        None => sql.push(" AND t.source IS NULL"),
        Some(source) => sql.push(" AND t.source = ").bind(source),
    };
    let row: Option<Noted> = sql.row(readers).await?;
    row.map_or_else(|| Ok(Repeats::default()), Repeats::try_from)
}

/// What was noted, by the sequence of the message.
pub async fn repeats_behind(
    readers: &DatabaseConnection,
    after: Sequence,
    limit: NonZeroUsize,
) -> Result<Vec<(Sequence, Repeat)>, RepositoryError> {
    let limit = i64::try_from(limit.get()).unwrap_or(i64::MAX);
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT t.seq, t.message_id, t.source, r.times, r.last_seen_at FROM repeats r",
    );
    sql.join()
        .push("messages t ON t.seq = r.seq WHERE r.seq > ");
    sql.bind(after.get()).push(NOT_PURGED);
    sql.push(" ORDER BY r.seq LIMIT ").bind(limit);
    let rows: Vec<Row> = sql.rows(readers).await?;
    rows.into_iter()
        .map(|row| Ok((sequence(row.seq)?, Repeat::try_from(row)?)))
        .collect()
}

/// What was noted of those of these messages that came again, in any order.
pub async fn find_repeats(
    readers: &DatabaseConnection,
    keys: &[MessageKey],
) -> Result<Vec<Repeat>, RepositoryError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS) {
        let mut sql = Sql::new(
            Dialect::of(readers),
            "SELECT t.seq, t.message_id, t.source, r.times, r.last_seen_at FROM messages t",
        );
        sql.join().push("repeats r ON r.seq = t.seq WHERE ");
        push_keys(&mut sql, keys);
        sql.push(NOT_PURGED);
        let rows: Vec<Row> = sql.rows(readers).await?;
        for row in rows {
            found.push(Repeat::try_from(row)?);
        }
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Noted {
    times: i64,
    last_seen_at: i64,
}

impl TryFrom<Noted> for Repeats {
    type Error = RepositoryError;

    fn try_from(row: Noted) -> Result<Self, RepositoryError> {
        Ok(Self {
            times: rows::count("times", row.times)?,
            last_seen_at: Some(rows::instant("last_seen_at", row.last_seen_at)?),
        })
    }
}

#[derive(FromQueryResult)]
struct Row {
    seq: i64,
    message_id: String,
    source: Option<String>,
    times: i64,
    last_seen_at: i64,
}

impl TryFrom<Row> for Repeat {
    type Error = RepositoryError;

    fn try_from(row: Row) -> Result<Self, RepositoryError> {
        let (id, source) = key::read(row.message_id, row.source)?;
        Ok(Self {
            key: MessageKey { id, source },
            times: rows::count("times", row.times)?,
            last_seen_at: rows::instant("last_seen_at", row.last_seen_at)?,
        })
    }
}
