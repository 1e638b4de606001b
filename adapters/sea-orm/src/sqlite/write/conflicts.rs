//! The statements that take over conflicts from another database, and that take them away.

use std::num::NonZeroUsize;

use countersign_core::{Conflict, ConflictFilter, Text, Timestamp};
use rusqlite::{Connection, params};

use crate::rows::key;

/// Adds what is not known and widens what is, within the caller's transaction.
pub fn keep(connection: &Connection, conflicts: &[Conflict]) -> rusqlite::Result<()> {
    let mut widen = connection.prepare_cached(
        "UPDATE conflicts SET first_seen_at = min(first_seen_at, ?6),
            last_seen_at = max(last_seen_at, ?7), times = max(times, ?8)
         WHERE message_id = ?1 AND source IS ?9
            AND from_msisdn = ?2 AND to_msisdn = ?3 AND ts = ?4 AND text IS ?5",
    )?;
    let mut add = connection.prepare_cached(
        "INSERT INTO conflicts (message_id, from_msisdn, to_msisdn, ts, text,
            first_seen_at, last_seen_at, times, source)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for conflict in conflicts {
        let content = &conflict.content;
        let values = params![
            key::stored(&content.id, &content.source),
            content.from.as_str(),
            content.to.as_str(),
            content.ts.micros(),
            content.text.as_ref().map(Text::as_str),
            conflict.first_seen_at.micros(),
            conflict.last_seen_at.micros(),
            // A database has no unsigned numbers.
            i64::try_from(conflict.times).unwrap_or(i64::MAX),
            key::source(&content.source),
        ];
        if widen.execute(values)? == 0 {
            add.execute(values)?;
        }
    }
    Ok(())
}

/// Takes away so many at the most of those that match; says how many there were. The caller's
/// transaction.
pub fn purge(
    connection: &Connection,
    which: &ConflictFilter,
    at_most: NonZeroUsize,
) -> rusqlite::Result<u64> {
    let source = which.source.as_ref().map(|source| key::source(source));
    let purged = connection
        .prepare_cached(
            "DELETE FROM conflicts WHERE id IN (
                SELECT id FROM conflicts
                WHERE (?1 IS NULL OR from_msisdn = ?1) AND (?2 IS NULL OR to_msisdn = ?2)
                    AND (?3 OR source IS ?4) AND (?5 IS NULL OR last_seen_at < ?5)
                ORDER BY id LIMIT ?6)",
        )?
        .execute(params![
            which.from,
            which.to,
            source.is_none(),
            source.flatten(),
            which.last_seen_before.map(Timestamp::micros),
            i64::try_from(at_most.get()).unwrap_or(i64::MAX),
        ])?;
    Ok(purged as u64)
}
