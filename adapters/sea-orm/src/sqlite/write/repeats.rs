//! The statements that say how often messages came again. Of a key whose message is not there, or not
//! any more, nothing is said.

use countersign_core::Repeat;
use rusqlite::{Connection, params};

use crate::rows::key;

/// Adds to what is known, within the caller's transaction.
pub fn add(connection: &Connection, repeats: &[Repeat]) -> rusqlite::Result<()> {
    upsert(
        connection,
        repeats,
        "INSERT INTO repeats (seq, times, last_seen_at)
         SELECT seq, ?3, ?4 FROM messages
         WHERE message_id = ?1 AND source IS ?2 AND purged_at IS NULL
         ON CONFLICT (seq) DO UPDATE SET times = times + excluded.times,
            last_seen_at = max(last_seen_at, excluded.last_seen_at)",
    )
}

/// Takes over what another database knows; what is more, holds. Within the caller's transaction.
pub fn keep(connection: &Connection, repeats: &[Repeat]) -> rusqlite::Result<()> {
    upsert(
        connection,
        repeats,
        "INSERT INTO repeats (seq, times, last_seen_at)
         SELECT seq, ?3, ?4 FROM messages
         WHERE message_id = ?1 AND source IS ?2 AND purged_at IS NULL
         ON CONFLICT (seq) DO UPDATE SET times = max(times, excluded.times),
            last_seen_at = max(last_seen_at, excluded.last_seen_at)",
    )
}

fn upsert(connection: &Connection, repeats: &[Repeat], sql: &str) -> rusqlite::Result<()> {
    let mut upsert = connection.prepare_cached(sql)?;
    for repeat in repeats {
        upsert.execute(params![
            key::of(&repeat.key),
            key::source(&repeat.key.source),
            // A database has no unsigned numbers.
            i64::try_from(repeat.times).unwrap_or(i64::MAX),
            repeat.last_seen_at.micros(),
        ])?;
    }
    Ok(())
}
