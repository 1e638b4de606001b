//! The statements that take over conflicts from another database.

use countersign_core::{Conflict, Text};
use rusqlite::{Connection, params};

/// Adds what is not known and widens what is, within the caller's transaction.
pub fn keep(connection: &Connection, conflicts: &[Conflict]) -> rusqlite::Result<()> {
    let mut widen = connection.prepare_cached(
        "UPDATE conflicts SET first_seen_at = min(first_seen_at, ?6),
            last_seen_at = max(last_seen_at, ?7), times = max(times, ?8)
         WHERE message_id = ?1
            AND from_msisdn = ?2 AND to_msisdn = ?3 AND ts = ?4 AND text IS ?5",
    )?;
    let mut add = connection.prepare_cached(
        "INSERT INTO conflicts (message_id, from_msisdn, to_msisdn, ts, text,
            first_seen_at, last_seen_at, times)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for conflict in conflicts {
        let content = &conflict.content;
        let values = params![
            content.id.as_str(),
            content.from.as_str(),
            content.to.as_str(),
            content.ts.micros(),
            content.text.as_ref().map(Text::as_str),
            conflict.first_seen_at.micros(),
            conflict.last_seen_at.micros(),
            // A database has no unsigned numbers.
            i64::try_from(conflict.times).unwrap_or(i64::MAX),
        ];
        if widen.execute(values)? == 0 {
            add.execute(values)?;
        }
    }
    Ok(())
}
