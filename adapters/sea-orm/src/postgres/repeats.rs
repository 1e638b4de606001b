//! The statement that says how often messages came again.

use countersign_core::{Repeat, RepositoryError};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use crate::{error::from_sqlx, rows::key};

/// Messages first, by key, as a purge takes them: either it waits for this and takes away what this has
/// written, or this waits for it and finds the message purged. Then the rows by sequence, so that of two
/// instances one waits for the other, and never each for each.
const UPSERT: &str = "
    WITH there AS MATERIALIZED (
        SELECT m.seq, s.times, s.last
        FROM messages m JOIN unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
                             AS s (message_id, source, times, last)
            ON m.message_id = s.message_id COLLATE \"C\" AND m.source IS NOT DISTINCT FROM s.source
        WHERE m.message_id = ANY ($1::text[]) AND m.purged_at IS NULL
        ORDER BY m.message_id FOR KEY SHARE OF m
    )
    INSERT INTO repeats (seq, times, last_seen_at)
    SELECT seq, times, last FROM there ORDER BY seq
    ON CONFLICT (seq) DO UPDATE
    SET last_seen_at = greatest(repeats.last_seen_at, excluded.last_seen_at), ";

const ADD: &str = "times = repeats.times + excluded.times";

/// Another database knows it, too.
const WIDEN: &str = "times = greatest(repeats.times, excluded.times)";

/// Adds to what is known, each key once.
pub async fn add(connection: &mut PgConnection, repeats: &[Repeat]) -> Result<(), RepositoryError> {
    upsert(connection, repeats, ADD).await
}

/// Takes over what another database knows, each key once.
pub async fn keep(
    connection: &mut PgConnection,
    repeats: &[Repeat],
) -> Result<(), RepositoryError> {
    upsert(connection, repeats, WIDEN).await
}

/// Takes away what a purge of a version that does not know of it has left. Nobody else has rows of
/// purged messages locked: who adds to one has locked the message before, and found that it is there.
pub async fn drop_purged(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let purged = "DELETE FROM repeats r USING messages m
        WHERE m.seq = r.seq AND m.purged_at IS NOT NULL";
    sqlx::query(purged).execute(connection).await?;
    Ok(())
}

async fn upsert(
    connection: &mut PgConnection,
    repeats: &[Repeat],
    known: &'static str,
) -> Result<(), RepositoryError> {
    let keys = || repeats.iter().map(|repeat| &repeat.key);
    sqlx::query(AssertSqlSafe(format!("{UPSERT}{known}")))
        .bind(keys().map(key::of).collect::<Vec<_>>())
        .bind(
            keys()
                .map(|key| key::source(&key.source))
                .collect::<Vec<_>>(),
        )
        .bind(
            repeats
                .iter()
                // A database has no unsigned numbers.
                .map(|repeat| i64::try_from(repeat.times).unwrap_or(i64::MAX))
                .collect::<Vec<_>>(),
        )
        .bind(
            repeats
                .iter()
                .map(|repeat| repeat.last_seen_at.micros())
                .collect::<Vec<_>>(),
        )
        .execute(connection)
        .await
        .map_err(from_sqlx)?;
    Ok(())
}
