//! The statements that record conflicts.

use std::collections::HashMap;

use countersign_core::{Conflict, Digest, NewMessage, RepositoryError, Timestamp};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::append::text;
use crate::{error::from_sqlx, rows::key};

/// Numbers are drawn in the order of the batch, which is the order of those that were seen at the same
/// instant; the rows are written in the order of keys and digests: of two transactions with some of the
/// same, one waits for the other, and never each for each.
const INSERT: &str = "
    WITH sent AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('conflicts', 'id')) AS id, s.*
        FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::bigint[], $6::text[],
                    $7::bigint[], $8::bigint[], $9::bigint[], $10::text[])
             WITH ORDINALITY AS s (message_id, digest, from_msisdn, to_msisdn, ts, text, first,
                                   last, times, source, number)
        ORDER BY s.number
    )
    INSERT INTO conflicts (id, message_id, digest, from_msisdn, to_msisdn, ts, text,
                           first_seen_at, last_seen_at, times, source)
    OVERRIDING SYSTEM VALUE
    SELECT id, message_id, digest, from_msisdn, to_msisdn, ts, text, first, last, times, source
    FROM sent ORDER BY message_id COLLATE \"C\", digest
    ON CONFLICT (message_id, digest) DO UPDATE
    SET last_seen_at = greatest(conflicts.last_seen_at, excluded.last_seen_at), ";

/// It came again.
const ADD: &str = "times = conflicts.times + excluded.times";

/// Another database knows it, too.
const WIDEN: &str = "times = greatest(conflicts.times, excluded.times),
    first_seen_at = least(conflicts.first_seen_at, excluded.first_seen_at)";

/// Conflicts of a batch, each content once.
#[derive(Default)]
pub struct Conflicts<'a> {
    seen: Vec<Seen<'a>>,
    by_content: HashMap<(String, Digest), usize>,
}

struct Seen<'a> {
    content: &'a NewMessage,
    digest: Digest,
    first: i64,
    last: i64,
    times: i64,
}

impl<'a> Conflicts<'a> {
    /// One that came.
    pub fn add(&mut self, content: &'a NewMessage, at: Timestamp) {
        let at = at.micros();
        let digest = content.digest();
        let key = (key::stored(&content.id, &content.source).into(), digest);
        let known = self.by_content.get(&key);
        if let Some(seen) = known.and_then(|known| self.seen.get_mut(*known)) {
            seen.last = seen.last.max(at);
            seen.times += 1;
            return;
        }
        self.by_content.insert(key, self.seen.len());
        self.seen.push(Seen {
            content,
            digest,
            first: at,
            last: at,
            times: 1,
        });
    }

    /// Records them: as new, or as having come again.
    pub async fn record(&self, connection: &mut PgConnection) -> Result<(), RepositoryError> {
        insert(connection, &self.seen, ADD).await
    }
}

/// Takes over conflicts that another database has recorded, each content once at the most.
pub async fn keep(
    connection: &mut PgConnection,
    conflicts: &[Conflict],
) -> Result<(), RepositoryError> {
    let seen: Vec<Seen<'_>> = conflicts
        .iter()
        .map(|conflict| Seen {
            content: &conflict.content,
            digest: conflict.content.digest(),
            first: conflict.first_seen_at.micros(),
            last: conflict.last_seen_at.micros(),
            // A database has no unsigned numbers.
            times: i64::try_from(conflict.times).unwrap_or(i64::MAX),
        })
        .collect();
    insert(connection, &seen, WIDEN).await
}

async fn insert(
    connection: &mut PgConnection,
    seen: &[Seen<'_>],
    known: &'static str,
) -> Result<(), RepositoryError> {
    if seen.is_empty() {
        return Ok(());
    }
    let contents = || seen.iter().map(|seen| seen.content);
    sqlx::query(AssertSqlSafe(format!("{INSERT}{known}")))
        .bind(
            contents()
                .map(|c| key::stored(&c.id, &c.source))
                .collect::<Vec<_>>(),
        )
        .bind(
            seen.iter()
                .map(|s| s.digest.as_bytes().as_slice())
                .collect::<Vec<_>>(),
        )
        .bind(contents().map(|c| c.from.as_str()).collect::<Vec<_>>())
        .bind(contents().map(|c| c.to.as_str()).collect::<Vec<_>>())
        .bind(contents().map(|c| c.ts.micros()).collect::<Vec<_>>())
        .bind(contents().map(text).collect::<Vec<_>>())
        .bind(seen.iter().map(|s| s.first).collect::<Vec<_>>())
        .bind(seen.iter().map(|s| s.last).collect::<Vec<_>>())
        .bind(seen.iter().map(|s| s.times).collect::<Vec<_>>())
        .bind(
            contents()
                .map(|c| key::source(&c.source))
                .collect::<Vec<_>>(),
        )
        .execute(connection)
        .await
        .map_err(from_sqlx)?;
    Ok(())
}
