//! Taking messages away for good: one transaction for everything.
//!
//! Locks are taken in one order: the row of `state`, which the fold has while it does a step, so that
//! what it reads of the log is either purged or derived before; then the messages, by key; then the
//! conflicts, by key and digest, as those who record some do. How often a message came again, nobody
//! writes who has not locked the message before. Who appends waits at the most for the
//! commit, and only under an id that is being purged.

mod derived;

use std::{collections::HashMap, num::NonZeroUsize};

use countersign_core::{ConflictFilter, MessageKey, RepositoryError, Timestamp, Tombstone};
use sea_orm::sqlx::{self, Connection as _, PgConnection, Postgres, QueryBuilder};

use crate::{
    derived::gather::Row,
    error::from_sqlx,
    rows::{self, key},
};

/// The messages of some keys that are there: with what they say as searches compare it, and as it was
/// sent.
const FIND: &str = "
    SELECT seq, message_id, source, from_msisdn, to_msisdn, ts, text,
        coalesce(text_folded, lower(text))
    FROM messages WHERE message_id = ANY ($1::text[]) AND purged_at IS NULL
    ORDER BY message_id FOR UPDATE";

type Found = (
    i64,
    String,
    Option<String>,
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
);

const BLANK: &str = "
    UPDATE messages m
    SET from_msisdn = '', to_msisdn = '', ts = 0, text = NULL, text_folded = NULL, created_at = 0,
        verified_by = NULL, digest = s.digest, purged_at = s.at
    FROM unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS s (seq, digest, at)
    WHERE m.seq = s.seq";

const DROP_CONFLICTS: &str = "
    WITH doomed AS MATERIALIZED (
        SELECT c.id
        FROM conflicts c JOIN unnest($1::text[], $2::text[]) AS s (message_id, source)
            ON c.message_id = s.message_id COLLATE \"C\" AND c.source IS NOT DISTINCT FROM s.source
        WHERE c.message_id = ANY ($1::text[])
        ORDER BY c.message_id, c.digest FOR UPDATE OF c
    )
    DELETE FROM conflicts c USING doomed WHERE c.id = doomed.id";

const DROP_REPEATS: &str = "DELETE FROM repeats WHERE seq = ANY ($1::bigint[])";

const TAKE: &str = "
    INSERT INTO messages (message_id, source, from_msisdn, to_msisdn, ts, created_at, digest,
                          purged_at)
    SELECT message_id, source, '', '', 0, 0, digest, at
    FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[])
         AS s (message_id, source, digest, at)
    ORDER BY message_id COLLATE \"C\"
    ON CONFLICT (message_id) DO NOTHING";

/// Those of the messages that are there; says how many there were.
pub async fn purge(
    connection: &mut PgConnection,
    keys: &[MessageKey],
    at: Timestamp,
) -> Result<u64, RepositoryError> {
    // A purge is whole or was not: there is nothing to finish.
    if keys.is_empty() {
        return Ok(0);
    }
    let wanted = keys.iter().map(|key| (key::of(key).into_owned(), key));
    let wanted: HashMap<String, &MessageKey> = wanted.collect();
    let purging = async {
        let mut transaction = connection.begin().await?;
        let state = derived::State::lock(&mut transaction).await?;
        let mut found = find(&mut transaction, wanted.keys()).await?;
        found.retain(|found| is_of(found, wanted.get(&found.message_id).copied()));
        let times = vec![at; found.len()];
        take_away(&mut transaction, state, &found, &times).await?;
        transaction.commit().await?;
        Ok(found.len() as u64)
    };
    purging.await.map_err(from_sqlx)
}

/// Takes over tombstones of another database.
pub async fn keep(
    connection: &mut PgConnection,
    tombstones: &[Tombstone],
) -> Result<(), RepositoryError> {
    let wanted = tombstones
        .iter()
        .map(|tombstone| (key::of(&tombstone.key).into_owned(), tombstone));
    let wanted: HashMap<String, &Tombstone> = wanted.collect();
    let keeping = async {
        let mut transaction = connection.begin().await?;
        let state = derived::State::lock(&mut transaction).await?;
        let all = || wanted.iter();
        sqlx::query(TAKE)
            .bind(all().map(|(stored, _)| stored.as_str()).collect::<Vec<_>>())
            .bind(
                all()
                    .map(|(_, one)| key::source(&one.key.source))
                    .collect::<Vec<_>>(),
            )
            .bind(
                all()
                    .map(|(_, one)| one.digest.as_bytes().as_slice())
                    .collect::<Vec<_>>(),
            )
            .bind(
                all()
                    .map(|(_, one)| one.purged_at.micros())
                    .collect::<Vec<_>>(),
            )
            .execute(&mut *transaction)
            .await?;
        let mut found = find(&mut transaction, wanted.keys()).await?;
        let mut times = Vec::new();
        found.retain(|found| {
            let tombstone = wanted.get(&found.message_id);
            let same = tombstone.filter(|tombstone| {
                is_of(found, Some(&tombstone.key)) && *tombstone.digest.as_bytes() == found.digest
            });
            times.extend(same.map(|tombstone| tombstone.purged_at));
            same.is_some()
        });
        take_away(&mut transaction, state, &found, &times).await?;
        transaction.commit().await
    };
    keeping.await.map_err(from_sqlx)
}

/// A message that is to be purged.
struct Doomed {
    message_id: String,
    source: Option<String>,
    digest: [u8; 32],
    /// What the tables that are derived know of it.
    row: Row,
}

/// An id of the original service may look like another's of a source.
fn is_of(found: &Doomed, key: Option<&MessageKey>) -> bool {
    key.is_some_and(|key| key::source(&key.source) == found.source.as_deref())
}

async fn find(
    db: &mut PgConnection,
    stored_keys: impl Iterator<Item = &String>,
) -> Result<Vec<Doomed>, sqlx::Error> {
    let rows: Vec<Found> = sqlx::query_as(FIND)
        .bind(stored_keys.map(String::as_str).collect::<Vec<_>>())
        .fetch_all(db)
        .await?;
    let rows = rows.into_iter();
    let doomed = rows.map(
        |(seq, message_id, source, from, to, ts, text, folded)| Doomed {
            digest: *rows::digest(&from, &to, ts, text.as_deref()).as_bytes(),
            source,
            row: Row {
                seq,
                message_id: message_id.clone(),
                from,
                to,
                ts,
                text: folded,
            },
            message_id,
        },
    );
    Ok(doomed.collect())
}

async fn take_away(
    db: &mut PgConnection,
    state: derived::State,
    doomed: &[Doomed],
    times: &[Timestamp],
) -> Result<(), sqlx::Error> {
    if doomed.is_empty() {
        return Ok(());
    }
    let rows = doomed.iter().map(|doomed| &doomed.row);
    derived::take_out(db, state, rows).await?;
    let seqs: Vec<i64> = doomed.iter().map(|one| one.row.seq).collect();
    sqlx::query(BLANK)
        .bind(&seqs)
        .bind(
            doomed
                .iter()
                .map(|one| one.digest.as_slice())
                .collect::<Vec<_>>(),
        )
        .bind(times.iter().map(|at| at.micros()).collect::<Vec<_>>())
        .execute(&mut *db)
        .await?;
    sqlx::query(DROP_REPEATS)
        .bind(&seqs)
        .execute(&mut *db)
        .await?;
    let stored: Vec<&str> = doomed.iter().map(|one| one.message_id.as_str()).collect();
    sqlx::query(DROP_CONFLICTS)
        .bind(&stored)
        .bind(
            doomed
                .iter()
                .map(|one| one.source.as_deref())
                .collect::<Vec<_>>(),
        )
        .execute(db)
        .await?;
    Ok(())
}

/// Takes away so many conflicts at the most; says how many there were.
pub async fn purge_conflicts(
    connection: &mut PgConnection,
    which: &ConflictFilter,
    at_most: NonZeroUsize,
) -> Result<u64, RepositoryError> {
    let purging = async {
        // To find them may take long, and nobody is to wait for it.
        let mut find = QueryBuilder::new("SELECT id FROM conflicts WHERE true");
        push_conditions(&mut find, which);
        find.push(match which.last_seen_before {
            Some(_) => " ORDER BY last_seen_at, id LIMIT ",
            None => " ORDER BY id LIMIT ",
        });
        find.push_bind(i64::try_from(at_most.get()).unwrap_or(i64::MAX));
        let ids: Vec<i64> = find
            .build_query_scalar()
            .fetch_all(&mut *connection)
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut transaction = connection.begin().await?;
        sqlx::query("SET LOCAL lock_timeout = '1s'")
            .execute(&mut *transaction)
            .await?;
        // One that has come again meanwhile may not match any more.
        let mut remove = QueryBuilder::new(
            "WITH doomed AS MATERIALIZED (SELECT id FROM conflicts WHERE id = ANY (",
        );
        remove.push_bind(ids).push(")");
        push_conditions(&mut remove, which);
        remove.push(
            " ORDER BY message_id, digest FOR UPDATE)
             DELETE FROM conflicts c USING doomed WHERE c.id = doomed.id",
        );
        let purged = remove.build().execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(purged.rows_affected())
    };
    purging.await.map_err(from_sqlx)
}

/// Only what is asked for, so that an index can be used.
fn push_conditions(sql: &mut QueryBuilder<Postgres>, which: &ConflictFilter) {
    if let Some(from) = &which.from {
        sql.push(" AND from_msisdn = ").push_bind(from.clone());
    }
    if let Some(to) = &which.to {
        sql.push(" AND to_msisdn = ").push_bind(to.clone());
    }
    match which.source.as_ref().map(|source| key::source(source)) {
        Some(Some(source)) => {
            let source = source.to_owned();
            sql.push(" AND source = ").push_bind(source);
        }
        Some(None) => {
            sql.push(" AND source IS NULL");
        }
        None => {}
    }
    if let Some(before) = which.last_seen_before {
        sql.push(" AND last_seen_at < ").push_bind(before.micros());
    }
}
