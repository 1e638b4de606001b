//! Writes what a part of the log means for the tables that make reading quick
//! ([`crate::derived::gather`]): a statement for each table, whatever the number of rows.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use crate::derived::{
    bits::{BLOCK_BITS, extend_kept, place},
    gather::{self, Parties, Row},
    grams, spans,
};

/// Adds `rows`, which follow the watermark in the log, and moves it to `last`. The caller's
/// transaction.
pub async fn derive(db: &mut PgConnection, rows: &[Row], last: i64) -> Result<(), sqlx::Error> {
    if !rows.is_empty() {
        parties(db, rows).await?;
        blocks(db, rows).await?;
        pieces_of_texts(db, rows).await?;
    }
    // If what is counted by minutes accounted for everything before, it does so now. Otherwise it
    // does not, whatever number comes next ([`super::minutes`]).
    sqlx::query(
        "UPDATE state SET folded = $1,
            minutes_folded = CASE WHEN minutes_folded = folded THEN $1 ELSE -1 END",
    )
    .bind(last)
    .execute(db)
    .await?;
    Ok(())
}

async fn parties(db: &mut PgConnection, rows: &[Row]) -> Result<(), sqlx::Error> {
    let mut parties = gather::parties(rows);
    count(db, &mut parties).await?;
    sqlx::query("UPDATE state SET senders = senders + $1")
        .bind(gather::new_senders(&parties))
        .execute(&mut *db)
        .await?;

    let entries = gather::entries(rows, &parties);
    sqlx::query(
        "INSERT INTO entries
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[])",
    )
    .bind(entries.iter().map(|entry| entry.0).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.1).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.2).collect::<Vec<_>>())
    .bind(entries.iter().map(|entry| entry.3).collect::<Vec<_>>())
    .execute(&mut *db)
    .await?;

    let counts = gather::counts_by_time(rows, &parties);
    sqlx::query(
        "INSERT INTO spans
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
         ON CONFLICT (party, level, slot)
         DO UPDATE SET messages = spans.messages + excluded.messages",
    )
    .bind(counts.keys().map(|key| key.0).collect::<Vec<_>>())
    .bind(
        counts
            .keys()
            .map(|key| i64::from(key.1))
            .collect::<Vec<_>>(),
    )
    .bind(counts.keys().map(|key| key.2).collect::<Vec<_>>())
    .bind(counts.values().copied().collect::<Vec<i64>>())
    .execute(&mut *db)
    .await?;
    for party in gather::grown(&parties) {
        count_by_time(db, party).await?;
    }
    top_senders(db, &parties).await
}

/// Finds or makes the parties, and counts their messages.
async fn count(db: &mut PgConnection, parties: &mut Parties<'_>) -> Result<(), sqlx::Error> {
    let counted: Vec<(i64, String, i64, i64)> = sqlx::query_as(
        "INSERT INTO parties (role, number, messages)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
         ON CONFLICT (role, number)
         DO UPDATE SET messages = parties.messages + excluded.messages
         RETURNING role, number, id, messages",
    )
    .bind(parties.keys().map(|key| key.0).collect::<Vec<_>>())
    .bind(parties.keys().map(|key| key.1).collect::<Vec<_>>())
    .bind(parties.values().map(|party| party.more).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let counted: HashMap<(i64, &str), (i64, i64)> = counted
        .iter()
        .map(|(role, number, id, now)| ((*role, number.as_str()), (*id, *now)))
        .collect();
    for (key, party) in parties {
        if let Some((id, now)) = counted.get(key) {
            party.id = *id;
            party.before = now - party.more;
        }
    }
    Ok(())
}

/// Counts all messages of a party that has become large enough.
async fn count_by_time(db: &mut PgConnection, party: i64) -> Result<(), sqlx::Error> {
    for level in 0..spans::LEVELS {
        sqlx::query(
            "INSERT INTO spans
             SELECT party, $2, ts >> $3, count(*) FROM entries WHERE party = $1 GROUP BY 1, 3",
        )
        .bind(party)
        .bind(i64::from(level))
        .bind(i32::try_from(spans::shift(level)).unwrap_or_default())
        .execute(&mut *db)
        .await?;
    }
    let (minute, is_same_span) = spans::minute_behind_in_sql();
    let count = format!(
        "INSERT INTO spans SELECT party, $2, {minute}, count(*) FROM entries
         WHERE party = $1 AND {is_same_span} GROUP BY 1, 3"
    );
    sqlx::query(AssertSqlSafe(count))
        .bind(party)
        .bind(i64::from(spans::MINUTES))
        .execute(db)
        .await?;
    Ok(())
}

async fn top_senders(db: &mut PgConnection, parties: &Parties<'_>) -> Result<(), sqlx::Error> {
    let (before, senders) = known_top_senders(db).await?;
    let mut unchanged: Vec<(String, i64)> = before.clone().into_iter().collect();
    // The new ones are counted already.
    let senders = senders - gather::new_senders(parties);
    let mut now = gather::top_senders(before, senders, parties);
    now.sort_unstable();
    unchanged.sort_unstable();
    if now == unchanged {
        return Ok(());
    }
    keep_top_senders(db, &now).await
}

/// The first senders and their messages, and how many senders there are.
pub async fn known_top_senders(
    db: &mut PgConnection,
) -> Result<(BTreeMap<String, i64>, i64), sqlx::Error> {
    let top: Vec<(String, i64)> = sqlx::query_as("SELECT number, messages FROM top_senders")
        .fetch_all(&mut *db)
        .await?;
    let senders = sqlx::query_scalar("SELECT senders FROM state")
        .fetch_one(db)
        .await?;
    Ok((top.into_iter().collect(), senders))
}

/// Puts these into the place of the first senders.
pub async fn keep_top_senders(
    db: &mut PgConnection,
    top: &[(String, i64)],
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM top_senders")
        .execute(&mut *db)
        .await?;
    sqlx::query("INSERT INTO top_senders SELECT * FROM unnest($1::text[], $2::bigint[])")
        .bind(
            top.iter()
                .map(|sender| sender.0.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(top.iter().map(|sender| sender.1).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

async fn blocks(db: &mut PgConnection, rows: &[Row]) -> Result<(), sqlx::Error> {
    let blocks = gather::blocks(rows);
    sqlx::query(
        "INSERT INTO blocks SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
         ON CONFLICT (block)
         DO UPDATE SET first_ts = least(blocks.first_ts, excluded.first_ts),
                       last_ts = greatest(blocks.last_ts, excluded.last_ts)",
    )
    .bind(blocks.keys().copied().collect::<Vec<i64>>())
    .bind(blocks.values().map(|range| range.0).collect::<Vec<_>>())
    .bind(blocks.values().map(|range| range.1).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

async fn pieces_of_texts(db: &mut PgConnection, rows: &[Row]) -> Result<(), sqlx::Error> {
    let pieces = gather::pieces_of_texts(rows);
    if pieces.is_empty() {
        return Ok(());
    }
    let blocks = || {
        pieces
            .iter()
            .map(|((block, _), _)| *block)
            .collect::<Vec<_>>()
    };
    let texts = || {
        pieces
            .iter()
            .map(|((_, piece), _)| *piece)
            .collect::<Vec<_>>()
    };
    let known: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
        "SELECT p.block, p.piece, p.numbers
         FROM unnest($1::bigint[], $2::text[]) AS s (block, piece)
         JOIN pieces p ON p.block = s.block AND md5(p.piece) = md5(s.piece)
            AND p.piece = s.piece COLLATE \"C\"",
    )
    .bind(blocks())
    .bind(texts())
    .fetch_all(&mut *db)
    .await?;
    let mut known: HashMap<(i64, &str), Vec<u8>> = known
        .iter()
        .map(|(block, piece, numbers)| ((*block, piece.as_str()), numbers.clone()))
        .collect();
    let kept: Vec<Vec<u8>> = pieces
        .iter()
        .map(|(key, numbers)| {
            let mut kept = known.remove(key).unwrap_or_default();
            extend_kept(&mut kept, numbers);
            kept
        })
        .collect();
    sqlx::query(
        "INSERT INTO pieces SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])
         ON CONFLICT (block, md5(piece)) DO UPDATE SET numbers = excluded.numbers",
    )
    .bind(blocks())
    .bind(texts())
    .bind(kept)
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps the grams of one more block, if there is one that is complete: all its messages are folded.
/// Says whether there was. The caller's transaction.
pub async fn derive_block(db: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let (block, folded): (i64, i64) = sqlx::query_as("SELECT gram_blocks, folded FROM state")
        .fetch_one(&mut *db)
        .await?;
    let (first, end) = (block << BLOCK_BITS, (block + 1) << BLOCK_BITS);
    if folded < end - 1 {
        return Ok(false);
    }
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT seq, coalesce(text_folded, lower(text)) FROM messages
         WHERE seq >= $1 AND seq < $2 AND text IS NOT NULL AND purged_at IS NULL",
    )
    .bind(first)
    .bind(end)
    .fetch_all(&mut *db)
    .await?;
    let mut grams = grams::Gathered::default();
    for (seq, text) in &rows {
        grams.add(place(*seq).1, text);
    }
    let grams: Vec<(String, Vec<u8>)> = grams.sorted().collect();
    sqlx::query("INSERT INTO grams SELECT $1, * FROM unnest($2::text[], $3::bytea[])")
        .bind(block)
        .bind(grams.iter().map(|gram| gram.0.as_str()).collect::<Vec<_>>())
        .bind(
            grams
                .iter()
                .map(|gram| gram.1.as_slice())
                .collect::<Vec<_>>(),
        )
        .execute(&mut *db)
        .await?;
    sqlx::query("UPDATE state SET gram_blocks = $1")
        .bind(block + 1)
        .execute(db)
        .await?;
    Ok(true)
}
