//! Takes what purged messages said out of what is derived ([`crate::derived::purge`]): a statement
//! for each table, whatever the number of messages.

use std::collections::HashMap;

use sea_orm::sqlx::{self, PgConnection};

use crate::{
    derived::{
        SENDER,
        bits::without,
        gather::{self, Parties, Row, TOP_SENDERS},
        purge::{self, Left, left},
    },
    postgres::derive::{keep_top_senders, known_top_senders},
};

/// How far the fold is; nobody moves it until the transaction ends.
#[derive(Debug, Clone, Copy)]
pub struct State {
    folded: i64,
    gram_blocks: i64,
}

impl State {
    pub async fn lock(db: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let (folded, gram_blocks) =
            sqlx::query_as("SELECT folded, gram_blocks FROM state FOR UPDATE")
                .fetch_one(db)
                .await?;
        Ok(Self {
            folded,
            gram_blocks,
        })
    }
}

/// Takes out those of the messages that are folded, and says to who remembers anything that it is so
/// no more. The caller's transaction.
pub async fn take_out(
    db: &mut PgConnection,
    state: State,
    doomed: impl Iterator<Item = &Row>,
) -> Result<(), sqlx::Error> {
    // What is counted by minutes accounts for it if it did for everything before.
    sqlx::query("UPDATE state SET purged = purged + 1, minutes_purged = minutes_purged + 1")
        .execute(&mut *db)
        .await?;
    let mut rows: Vec<Row> = doomed
        .filter(|row| row.seq <= state.folded)
        .cloned()
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_unstable_by_key(|row| row.seq);
    parties(db, &rows).await?;
    pieces(db, &rows).await?;
    grams(db, &rows, state.gram_blocks).await
}

async fn parties(db: &mut PgConnection, rows: &[Row]) -> Result<(), sqlx::Error> {
    let mut parties = gather::parties(rows);
    find(db, &mut parties).await?;
    let entries = gather::entries(rows, &parties);
    sqlx::query(
        "DELETE FROM entries e USING unnest($1::bigint[], $2::bigint[], $3::text[])
            AS s (party, ts, message_id)
         WHERE e.party = s.party AND e.ts = s.ts AND e.message_id = s.message_id COLLATE \"C\"",
    )
    .bind(entries.iter().map(|entry| entry.0).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.1).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.2).collect::<Vec<_>>())
    .execute(&mut *db)
    .await?;
    spans(db, rows, &parties).await?;

    let (mut known, mut counts) = (Vec::new(), Vec::new());
    let (mut without_spans, mut gone) = (Vec::new(), Vec::new());
    for party in parties.values() {
        let left = left(party.id, party.before, -party.more);
        match left {
            Left::Counted(now) | Left::CountedNoMore(now) | Left::Few(now) => {
                known.push(party.id);
                counts.push(now);
            }
            Left::Nothing => gone.push(party.id),
        }
        if matches!(left, Left::CountedNoMore(_) | Left::Nothing) {
            without_spans.push(party.id);
        }
    }
    sqlx::query(
        "UPDATE parties p SET messages = s.messages
         FROM unnest($1::bigint[], $2::bigint[]) AS s (id, messages) WHERE p.id = s.id",
    )
    .bind(known)
    .bind(counts)
    .execute(&mut *db)
    .await?;
    sqlx::query("DELETE FROM spans WHERE party = ANY ($1::bigint[])")
        .bind(without_spans)
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM parties WHERE id = ANY ($1::bigint[])")
        .bind(gone)
        .execute(&mut *db)
        .await?;
    sqlx::query("UPDATE state SET senders = senders - $1")
        .bind(purge::gone_senders(&parties))
        .execute(&mut *db)
        .await?;
    top_senders(db, &parties).await
}

async fn find(db: &mut PgConnection, parties: &mut Parties<'_>) -> Result<(), sqlx::Error> {
    let found: Vec<(i64, String, i64, i64)> = sqlx::query_as(
        "SELECT p.role, p.number, p.id, p.messages
         FROM unnest($1::bigint[], $2::text[]) AS s (role, number)
         JOIN parties p ON p.role = s.role AND p.number = s.number COLLATE \"C\"",
    )
    .bind(parties.keys().map(|key| key.0).collect::<Vec<_>>())
    .bind(parties.keys().map(|key| key.1).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let found: HashMap<(i64, &str), (i64, i64)> = found
        .iter()
        .map(|(role, number, id, messages)| ((*role, number.as_str()), (*id, *messages)))
        .collect();
    let all = parties.len();
    // What cannot be there should not stop every purge; what is known of the others is taken out.
    parties.retain(|key, party| {
        let Some((id, messages)) = found.get(key) else {
            return false;
        };
        party.id = *id;
        party.before = *messages;
        party.more = -party.more;
        true
    });
    if parties.len() < all {
        tracing::warn!(
            missing = all - parties.len(),
            "the tables that are derived do not know who took part in messages that were purged; \
             somebody has changed them"
        );
    }
    Ok(())
}

async fn spans(
    db: &mut PgConnection,
    rows: &[Row],
    parties: &Parties<'_>,
) -> Result<(), sqlx::Error> {
    let counts = gather::counts_by_time(rows, parties);
    let party: Vec<i64> = counts.keys().map(|key| key.0).collect();
    let level: Vec<i64> = counts.keys().map(|key| i64::from(key.1)).collect();
    let slot: Vec<i64> = counts.keys().map(|key| key.2).collect();
    sqlx::query(
        "UPDATE spans p SET messages = p.messages - s.messages
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
            AS s (party, level, slot, messages)
         WHERE p.party = s.party AND p.level = s.level AND p.slot = s.slot",
    )
    .bind(&party)
    .bind(&level)
    .bind(&slot)
    .bind(counts.values().copied().collect::<Vec<i64>>())
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "DELETE FROM spans p
         USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS s (party, level, slot)
         WHERE p.party = s.party AND p.level = s.level AND p.slot = s.slot AND p.messages <= 0",
    )
    .bind(&party)
    .bind(&level)
    .bind(&slot)
    .execute(db)
    .await?;
    Ok(())
}

async fn top_senders(db: &mut PgConnection, parties: &Parties<'_>) -> Result<(), sqlx::Error> {
    let (before, senders) = known_top_senders(db).await?;
    // Those who are gone are not counted any more.
    let senders = senders + purge::gone_senders(parties);
    let now = match purge::top_senders(before, senders, parties) {
        Some(now) => now,
        None => {
            sqlx::query_as(
                "SELECT number, messages FROM parties WHERE role = $1
                 ORDER BY messages DESC, number LIMIT $2",
            )
            .bind(SENDER)
            .bind(i64::try_from(TOP_SENDERS).unwrap_or(i64::MAX))
            .fetch_all(&mut *db)
            .await?
        }
    };
    keep_top_senders(db, &now).await
}

async fn pieces(db: &mut PgConnection, rows: &[Row]) -> Result<(), sqlx::Error> {
    let pieces = gather::pieces_of_texts(rows);
    let pieces = pieces
        .into_iter()
        .map(|((block, piece), numbers)| ((block, piece.to_owned()), numbers));
    let table = Table {
        known: "SELECT p.block, p.piece, p.numbers
            FROM unnest($1::bigint[], $2::text[]) AS s (block, piece)
            JOIN pieces p ON p.block = s.block AND md5(p.piece) = md5(s.piece)
                AND p.piece = s.piece COLLATE \"C\"
            FOR UPDATE OF p",
        shrink: "UPDATE pieces p SET numbers = s.numbers
            FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS s (block, piece, numbers)
            WHERE p.block = s.block AND md5(p.piece) = md5(s.piece)
                AND p.piece = s.piece COLLATE \"C\"",
        remove: "DELETE FROM pieces p USING unnest($1::bigint[], $2::text[]) AS s (block, piece)
            WHERE p.block = s.block AND md5(p.piece) = md5(s.piece)
                AND p.piece = s.piece COLLATE \"C\"",
    };
    take_out_of_sets(db, &table, pieces.collect()).await
}

async fn grams(db: &mut PgConnection, rows: &[Row], gram_blocks: i64) -> Result<(), sqlx::Error> {
    let table = Table {
        known: "SELECT g.block, g.gram, g.numbers
            FROM unnest($1::bigint[], $2::text[]) AS s (block, gram)
            JOIN grams g ON g.block = s.block AND g.gram = s.gram COLLATE \"C\"
            FOR UPDATE OF g",
        shrink: "UPDATE grams g SET numbers = s.numbers
            FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS s (block, gram, numbers)
            WHERE g.block = s.block AND g.gram = s.gram COLLATE \"C\"",
        remove: "DELETE FROM grams g USING unnest($1::bigint[], $2::text[]) AS s (block, gram)
            WHERE g.block = s.block AND g.gram = s.gram COLLATE \"C\"",
    };
    take_out_of_sets(db, &table, purge::grams_of_texts(rows, gram_blocks)).await
}

/// A table of sets of messages, by block and text.
struct Table {
    known: &'static str,
    shrink: &'static str,
    remove: &'static str,
}

async fn take_out_of_sets(
    db: &mut PgConnection,
    table: &Table,
    gone: Vec<((i64, String), Vec<u16>)>,
) -> Result<(), sqlx::Error> {
    if gone.is_empty() {
        return Ok(());
    }
    let blocks: Vec<i64> = gone.iter().map(|((block, _), _)| *block).collect();
    let texts: Vec<&str> = gone.iter().map(|((_, text), _)| text.as_str()).collect();
    let known: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(table.known)
        .bind(blocks)
        .bind(texts)
        .fetch_all(&mut *db)
        .await?;
    let gone: HashMap<(i64, String), Vec<u16>> = gone.into_iter().collect();
    let (mut smaller, mut empty) = (Vec::new(), Vec::new());
    for (block, text, kept) in known {
        let key = (block, text);
        let numbers = gone.get(&key).map(Vec::as_slice).unwrap_or_default();
        match without(&kept, numbers) {
            Some(left) => smaller.push((key, left)),
            None => empty.push(key),
        }
    }
    sqlx::query(table.shrink)
        .bind(smaller.iter().map(|(key, _)| key.0).collect::<Vec<_>>())
        .bind(
            smaller
                .iter()
                .map(|(key, _)| key.1.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            smaller
                .iter()
                .map(|(_, left)| left.as_slice())
                .collect::<Vec<_>>(),
        )
        .execute(&mut *db)
        .await?;
    sqlx::query(table.remove)
        .bind(empty.iter().map(|key| key.0).collect::<Vec<_>>())
        .bind(empty.iter().map(|key| key.1.as_str()).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}
