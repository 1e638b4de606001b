//! The statements that take over conflicts from another database, and that take them away.

use std::num::NonZeroUsize;

use countersign_core::{Conflict, ConflictFilter, Text};
use rusqlite::{Connection, params, params_from_iter, types::Value};

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
    // Only what is asked for, so that an index can be used.
    let mut conditions = String::new();
    let mut values: Vec<Value> = vec![i64::try_from(at_most.get()).unwrap_or(i64::MAX).into()];
    let mut condition = |text: &str, value: Value| {
        values.push(value);
        // The first is how many at the most.
        conditions = format!("{conditions} AND {text} ?{}", values.len());
    };
    if let Some(from) = &which.from {
        condition("from_msisdn =", from.clone().into());
    }
    if let Some(to) = &which.to {
        condition("to_msisdn =", to.clone().into());
    }
    if let Some(source) = &which.source {
        let source = key::source(source).map(str::to_owned);
        condition("source IS", source.into());
    }
    if let Some(before) = which.last_seen_before {
        condition("last_seen_at <", before.micros().into());
    }
    let order = match which.last_seen_before {
        Some(_) => "last_seen_at, id",
        None => "id",
    };
    let purged = connection
        .prepare_cached(&format!(
            "DELETE FROM conflicts WHERE id IN (
                SELECT id FROM conflicts WHERE 1 = 1{conditions} ORDER BY {order} LIMIT ?1)"
        ))?
        .execute(params_from_iter(values))?;
    Ok(purged as u64)
}
