//! What a copy of one database into another asks.

use std::num::NonZeroUsize;

use countersign_core::{
    Arrival, Conflict, Message, MessageKey, RepositoryError, Sequence, SourceError, Tombstone,
};
use sea_orm::DatabaseConnection;

use super::{
    NOT_PURGED,
    arrivals::{arrival, sequence},
    sql::{Dialect, Sql},
};
use crate::rows::{conflict, key, message, tombstone};

/// How many keys go into one statement: each is a parameter, and SQLite finds a parameter by looking
/// through all.
pub const KEYS: usize = 100;

/// Those of the messages that are there, in any order.
pub async fn find_all(
    readers: &DatabaseConnection,
    keys: &[MessageKey],
) -> Result<Vec<Message>, RepositoryError> {
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(KEYS) {
        let mut sql = Sql::new(Dialect::of(readers), "SELECT t.* FROM messages t WHERE ");
        push_keys(&mut sql, keys);
        sql.push(NOT_PURGED);
        let rows: Vec<message::Model> = sql.rows(readers).await?;
        for row in rows {
            found.push(Message::try_from(row)?);
        }
    }
    Ok(found)
}

/// Those that are gone, and have left a tombstone, in any order.
pub async fn find_tombstones(
    readers: &DatabaseConnection,
    keys: &[MessageKey],
) -> Result<Vec<Tombstone>, RepositoryError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS) {
        let mut sql = Sql::new(Dialect::of(readers), TOMBSTONES);
        sql.push(" AND ");
        push_keys(&mut sql, keys);
        let rows: Vec<tombstone::Row> = sql.rows(readers).await?;
        for row in rows {
            found.push(Tombstone::try_from(row)?);
        }
    }
    Ok(found)
}

const TOMBSTONES: &str = "SELECT t.seq, t.message_id, t.source, t.digest, t.purged_at
    FROM messages t WHERE t.digest IS NOT NULL";

/// The same, by the list that SQLite has of them; it is read in its order, and not anew for each.
const LISTED_TOMBSTONES: &str = "SELECT t.seq, t.message_id, t.source, t.digest, t.purged_at
    FROM purged p CROSS JOIN messages t ON t.seq = p.seq WHERE t.digest IS NOT NULL";

/// A list of parameters, which every database understands.
pub fn push_keys(sql: &mut Sql, keys: &[MessageKey]) {
    sql.push("t.message_id IN ");
    for (index, key) in keys.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { ", " });
        sql.bind(key::of(key).into_owned());
    }
    sql.push(")");
}

/// What is left of purged messages, by sequence. What a purge that was interrupted has not blanked
/// yet, is not among them.
pub async fn tombstones_behind(
    readers: &DatabaseConnection,
    after: Sequence,
    limit: NonZeroUsize,
) -> Result<Vec<(Sequence, Tombstone)>, RepositoryError> {
    let limit = i64::try_from(limit.get()).unwrap_or(i64::MAX);
    let dialect = Dialect::of(readers);
    // Each database has a list of them of its own kind.
    let (list, seq) = match dialect {
        Dialect::Sqlite => (LISTED_TOMBSTONES, "p.seq"),
        Dialect::Postgres => (TOMBSTONES, "t.purged_at IS NOT NULL AND t.seq"),
    };
    let mut sql = Sql::new(dialect, list);
    sql.push(" AND ").push(seq).push(" > ").bind(after.get());
    sql.push(match dialect {
        Dialect::Sqlite => " ORDER BY p.seq LIMIT ",
        Dialect::Postgres => " ORDER BY t.seq LIMIT ",
    });
    sql.bind(limit);
    let rows: Vec<tombstone::Row> = sql.rows(readers).await?;
    rows.into_iter()
        .map(|row| Ok((sequence(row.seq)?, Tombstone::try_from(row)?)))
        .collect()
}

/// The place of a message in the order of arrival.
pub async fn sequence_of(
    readers: &DatabaseConnection,
    key: &MessageKey,
) -> Result<Option<Sequence>, RepositoryError> {
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT t.seq FROM messages t WHERE t.message_id = ",
    );
    sql.bind(key::of(key).into_owned()).push(NOT_PURGED);
    // An id of the original service may look like another's of a source.
    match key::source(&key.source) {
        None => sql.push(" AND t.source IS NULL"),
        Some(source) => sql.push(" AND t.source = ").bind(source),
    };
    let found: Vec<i64> = sql.column(readers).await?;
    found.into_iter().next().map(sequence).transpose()
}

/// The last message in the order of arrival.
pub async fn last_message(
    readers: &DatabaseConnection,
) -> Result<Option<Arrival>, RepositoryError> {
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT t.* FROM messages t WHERE 1 = 1",
    );
    sql.push(NOT_PURGED).push(" ORDER BY t.seq DESC LIMIT 1");
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
    let dialect = Dialect::of(readers);
    // Those that are purged are few, and counted by themselves: to look at each of all takes longer.
    let mut sql = Sql::new(
        dialect,
        "SELECT (SELECT count(*) FROM messages t WHERE t.seq <= ",
    );
    sql.bind(last.get());
    sql.push(match dialect {
        Dialect::Sqlite => ") - (SELECT count(*) FROM purged t WHERE t.seq <= ",
        Dialect::Postgres => {
            ") - (SELECT count(*) FROM messages t WHERE t.purged_at IS NOT NULL AND t.seq <= "
        }
    });
    sql.bind(last.get()).push(")");
    only(&sql.column(readers).await?)
}

/// How many messages there are.
pub async fn count(readers: &DatabaseConnection) -> Result<u64, RepositoryError> {
    let dialect = Dialect::of(readers);
    let mut sql = Sql::new(dialect, "SELECT (SELECT count(*) FROM messages)");
    sql.push(match dialect {
        Dialect::Sqlite => " - (SELECT count(*) FROM purged)",
        Dialect::Postgres => " - (SELECT count(*) FROM messages WHERE purged_at IS NOT NULL)",
    });
    only(&sql.column(readers).await?)
}

/// Whether any message is of a source that has a name, or a key vouched for it.
pub async fn has_sources_or_keys(readers: &DatabaseConnection) -> Result<bool, RepositoryError> {
    let sql = Sql::new(
        Dialect::of(readers),
        "SELECT CAST(EXISTS (SELECT 1 FROM messages t WHERE t.source IS NOT NULL
                AND t.purged_at IS NULL)
             OR EXISTS (SELECT 1 FROM messages t WHERE t.verified_by IS NOT NULL
                AND t.purged_at IS NULL) AS integer)",
    );
    let found: Vec<i32> = sql.column(readers).await?;
    Ok(found.first() == Some(&1))
}

fn only(counts: &[i64]) -> Result<u64, RepositoryError> {
    // A database has no unsigned numbers.
    let count = counts.first().map(|count| count.unsigned_abs());
    count.ok_or_else(|| RepositoryError::Failed(SourceError::from("a count has no row")))
}
