//! The statements that store messages.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use countersign_core::{Appended, KeyLabel, Message, NewMessage, RepositoryError, Text};
use sea_orm::sqlx::{self, PgConnection};

use super::conflicts::Conflicts;
use crate::{
    error::from_sqlx,
    rows::{self, key},
};

/// Stores the messages whose ids are not taken, in one statement, which is one transaction and one
/// round trip; it says which.
///
/// - `in_flight` is what lets a reader know that sequences have been drawn which it cannot see yet
///   (`arrivals`): it must be locked before they are drawn.
/// - Sequences are drawn in the order of the messages, and the rows written in the order of the ids:
///   of two transactions with some of the same ids, one waits for the other, and never each for
///   each.
const APPEND: &str = "
    WITH in_flight AS MATERIALIZED (
        SELECT pg_advisory_xact_lock_shared($1,
            ((last_value - CASE WHEN is_called THEN 0 ELSE 1 END) & 2147483647)::integer)
        FROM message_sequence
    ), sent AS MATERIALIZED (
        SELECT nextval('message_sequence') AS seq, s.*
        FROM in_flight CROSS JOIN
             unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
                    $8::bigint[], $9::text[], $10::text[])
             WITH ORDINALITY AS s (message_id, from_msisdn, to_msisdn, ts, text, text_folded,
                                   created_at, source, verified_by, number)
        ORDER BY s.number
    )
    INSERT INTO messages
        (seq, message_id, from_msisdn, to_msisdn, ts, text, text_folded, created_at, source,
         verified_by)
    SELECT seq, message_id, from_msisdn, to_msisdn, ts, text, text_folded, created_at, source,
        verified_by
    FROM sent ORDER BY message_id COLLATE \"C\"
    ON CONFLICT (message_id) DO NOTHING
    RETURNING seq, message_id";

const STORED: &str = "
    SELECT message_id, from_msisdn, to_msisdn, ts, text, source, digest FROM messages
    WHERE message_id = ANY ($1::text[])";

/// What became of a batch.
pub struct Stored {
    /// Of each message, in order.
    pub outcomes: Vec<Appended>,
    /// The sequence of the last message that was created, if one was.
    pub last_seq: Option<i64>,
}

/// Stores each message whose id is not taken, and records the others that are different. The
/// messages are stored together or not at all; a conflict is recorded after them, and if that fails,
/// so does the whole, to be sent again.
pub async fn append(
    connection: &mut PgConnection,
    in_flight: i32,
    batch: &[Message],
) -> Result<Stored, RepositoryError> {
    let mut firsts: Vec<&Message> = Vec::with_capacity(batch.len());
    let mut known = HashSet::with_capacity(batch.len());
    for message in batch {
        if known.insert(stored_key(message)) {
            firsts.push(message);
        }
    }
    let created = insert(connection, in_flight, &firsts).await?;
    let last_seq = created.iter().map(|(seq, _)| *seq).max();
    if created.len() == batch.len() {
        let outcomes = vec![Appended::Created; batch.len()];
        return Ok(Stored { outcomes, last_seq });
    }

    let created: HashSet<&str> = created.iter().map(|(_, key)| key.as_str()).collect();
    let is_created = |key: &str| created.contains(key);
    let taken: Vec<Cow<'_, str>> = firsts
        .iter()
        .map(|message| stored_key(message))
        .filter(|key| !is_created(key))
        .collect();
    let stored = stored(connection, &taken).await?;
    let new = firsts.iter().map(|message| (stored_key(message), message));
    let new = new.filter(|(key, _)| is_created(key));
    let kept: HashMap<Cow<'_, str>, Kept<'_>> = new
        .map(|(key, message)| (key, Kept::New(&message.content)))
        .chain(
            stored
                .iter()
                .map(|row| (row.0.as_str().into(), Kept::Stored(row))),
        )
        .collect();
    let mut not_the_first: HashSet<Cow<'_, str>> = taken.into_iter().collect();
    let mut conflicts = Conflicts::default();
    let mut outcomes = Vec::with_capacity(batch.len());
    for message in batch {
        let key = stored_key(message);
        if not_the_first.insert(key.clone()) {
            outcomes.push(Appended::Created);
            continue;
        }
        let kept = kept.get(&key).ok_or_else(|| {
            RepositoryError::Unavailable("a message was there, and is gone a moment later".into())
        })?;
        outcomes.push(if kept.is(&message.content) {
            Appended::Duplicate
        } else {
            conflicts.add(&message.content, message.created_at);
            Appended::Conflict
        });
    }
    conflicts.record(connection).await?;
    Ok(Stored { outcomes, last_seq })
}

fn stored_key(message: &Message) -> Cow<'_, str> {
    key::stored(&message.content.id, &message.content.source)
}

/// Inserts messages of different ids; says of which, and under what sequence.
async fn insert(
    connection: &mut PgConnection,
    in_flight: i32,
    messages: &[&Message],
) -> Result<Vec<(i64, String)>, RepositoryError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let contents = || messages.iter().map(|message| &message.content);
    // Every row, and to the end: the server commits after it has sent the rows, and says so last.
    sqlx::query_as(APPEND)
        .bind(in_flight)
        .bind(messages.iter().map(|m| stored_key(m)).collect::<Vec<_>>())
        .bind(contents().map(|c| c.from.as_str()).collect::<Vec<_>>())
        .bind(contents().map(|c| c.to.as_str()).collect::<Vec<_>>())
        .bind(contents().map(|c| c.ts.micros()).collect::<Vec<_>>())
        .bind(contents().map(text).collect::<Vec<_>>())
        .bind(
            contents()
                .map(|c| rows::folded(c.text.as_ref()))
                .collect::<Vec<_>>(),
        )
        .bind(
            messages
                .iter()
                .map(|m| m.created_at.micros())
                .collect::<Vec<_>>(),
        )
        .bind(
            contents()
                .map(|c| key::source(&c.source))
                .collect::<Vec<_>>(),
        )
        .bind(
            messages
                .iter()
                .map(|m| m.verified_by.as_ref().map(KeyLabel::as_str))
                .collect::<Vec<_>>(),
        )
        .fetch_all(connection)
        .await
        .map_err(from_sqlx)
}

pub fn text(content: &NewMessage) -> Option<&str> {
    content.text.as_ref().map(Text::as_str)
}

/// What is stored under an id: the id, sender, receiver, instant, text and source; and if it was
/// purged, the digest of what it said instead.
type Row = (
    String,
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<Vec<u8>>,
);

async fn stored(
    connection: &mut PgConnection,
    keys: &[Cow<'_, str>],
) -> Result<Vec<Row>, RepositoryError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(STORED)
        .bind(keys)
        .fetch_all(connection)
        .await;
    rows.map_err(from_sqlx)
}

enum Kept<'a> {
    /// The first of the batch, which was stored just now.
    New(&'a NewMessage),
    Stored(&'a Row),
}

impl Kept<'_> {
    fn is(&self, content: &NewMessage) -> bool {
        let (_, from, to, ts, kept, source, digest) = match self {
            Self::New(kept) => return *kept == content,
            Self::Stored(row) => row,
        };
        // An id of the original service may look like another's of a source.
        if source.as_deref() != key::source(&content.source) {
            return false;
        }
        match digest {
            Some(digest) => digest == content.digest().as_bytes(),
            None => {
                from == content.from.as_str()
                    && to == content.to.as_str()
                    && *ts == content.ts.micros()
                    && kept.as_deref() == text(content)
            }
        }
    }
}
