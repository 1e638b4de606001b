//! The statements that store messages.

use countersign_core::{Appended, KeyLabel, Message, NewMessage, Text};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use crate::rows::{self, key};

/// What became of a batch.
pub struct Stored {
    /// Of each message, in order.
    pub outcomes: Vec<Appended>,
    /// The sequence of the last message that was created, if one was.
    pub last_seq: Option<i64>,
}

/// Stores each message whose id is not taken, within the caller's transaction.
pub fn append(connection: &Connection, batch: &[Message]) -> rusqlite::Result<Stored> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO messages
            (message_id, from_msisdn, to_msisdn, ts, text, text_folded, created_at, source,
             verified_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (message_id) DO NOTHING",
    )?;
    let mut last_seq = None;
    let outcome = |message: &Message| {
        if insert_message(&mut insert, message)? {
            last_seq = Some(connection.last_insert_rowid());
            return Ok(Appended::Created);
        }
        if is_stored(connection, &message.content)? {
            return Ok(Appended::Duplicate);
        }
        record_conflict(connection, message)?;
        Ok(Appended::Conflict)
    };
    let outcomes = batch.iter().map(outcome).collect::<rusqlite::Result<_>>()?;
    Ok(Stored { outcomes, last_seq })
}

/// Whether the id was not taken.
fn insert_message(insert: &mut CachedStatement<'_>, message: &Message) -> rusqlite::Result<bool> {
    let content = &message.content;
    let inserted = insert.execute(params![
        key::stored(&content.id, &content.source),
        content.from.as_str(),
        content.to.as_str(),
        content.ts.micros(),
        content.text.as_ref().map(Text::as_str),
        rows::folded(content.text.as_ref()),
        message.created_at.micros(),
        key::source(&content.source),
        message.verified_by.as_ref().map(KeyLabel::as_str),
    ])?;
    Ok(inserted > 0)
}

/// Whether the message under this id is this one, or was, if it was purged.
fn is_stored(connection: &Connection, content: &NewMessage) -> rusqlite::Result<bool> {
    // An id of the original service may look like another's of a source.
    let (of_source, same, digest): (bool, bool, Option<Vec<u8>>) = connection
        .prepare_cached(
            "SELECT source IS ?6,
                from_msisdn = ?2 AND to_msisdn = ?3 AND ts = ?4 AND text IS ?5, digest
             FROM messages WHERE message_id = ?1",
        )?
        .query_row(
            params![
                key::stored(&content.id, &content.source),
                content.from.as_str(),
                content.to.as_str(),
                content.ts.micros(),
                content.text.as_ref().map(Text::as_str),
                key::source(&content.source),
            ],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
    Ok(of_source && digest.map_or(same, |digest| digest == content.digest().as_bytes()))
}

fn record_conflict(connection: &Connection, message: &Message) -> rusqlite::Result<()> {
    let content = &message.content;
    let stored = key::stored(&content.id, &content.source);
    let text = content.text.as_ref().map(Text::as_str);
    let seen = message.created_at.micros();
    let known = connection
        .prepare_cached(
            "SELECT id FROM conflicts WHERE message_id = ?1
                AND from_msisdn = ?2 AND to_msisdn = ?3 AND ts = ?4 AND text IS ?5",
        )?
        .query_row(
            params![
                stored,
                content.from.as_str(),
                content.to.as_str(),
                content.ts.micros(),
                text,
            ],
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    match known {
        Some(id) => connection
            .prepare_cached(
                "UPDATE conflicts SET times = times + 1, last_seen_at = max(last_seen_at, ?2)
                 WHERE id = ?1",
            )?
            .execute(params![id, seen])?,
        None => connection
            .prepare_cached(
                "INSERT INTO conflicts (message_id, from_msisdn, to_msisdn, ts, text,
                    first_seen_at, last_seen_at, times, source)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?7)",
            )?
            .execute(params![
                stored,
                content.from.as_str(),
                content.to.as_str(),
                content.ts.micros(),
                text,
                seen,
                key::source(&content.source),
            ])?,
    };
    Ok(())
}
