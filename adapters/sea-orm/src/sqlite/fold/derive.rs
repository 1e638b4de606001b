//! Writes what a part of the log means for the index ([`crate::derived::gather`]).

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::folder::Part;
use crate::derived::{
    bits::{BLOCK_BITS, extend_kept, place},
    gather::{self, Parties, Row},
    grams, spans,
};

/// Adds a part of the log, which follows the watermark, and moves it. The caller's transaction.
pub fn derive(index: &Connection, part: &Part) -> rusqlite::Result<()> {
    let Some(last) = &part.last else {
        return Ok(());
    };
    let rows = &part.rows;
    if !rows.is_empty() {
        parties(index, rows)?;
        blocks(index, rows)?;
        pieces_of_texts(index, rows)?;
    }
    index
        .prepare_cached("UPDATE state SET folded = ?1, folded_id = ?2")?
        .execute(params![last.0, last.1])?;
    Ok(())
}

fn parties(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let mut parties = gather::parties(rows);
    count(index, &mut parties)?;
    index
        .prepare_cached("UPDATE state SET senders = senders + ?1")?
        .execute([gather::new_senders(&parties)])?;
    let mut insert = index.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4)")?;
    for entry in gather::entries(rows, &parties) {
        insert.execute(entry)?;
    }
    let mut add = index.prepare_cached(
        "INSERT INTO spans VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
    )?;
    for ((party, level, slot), messages) in gather::counts_by_time(rows, &parties) {
        add.execute((party, level, slot, messages))?;
    }
    for party in gather::grown(&parties) {
        count_by_time(index, party)?;
    }
    top_senders(index, &parties)
}

/// Finds or makes the parties, and counts their messages.
fn count(index: &Connection, parties: &mut Parties<'_>) -> rusqlite::Result<()> {
    let mut add = index.prepare_cached(
        "INSERT INTO parties (role, number, messages) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET messages = messages + excluded.messages
         RETURNING id, messages",
    )?;
    for ((role, number), party) in parties {
        let (id, now): (i64, i64) = add.query_row((*role, *number, party.more), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        party.id = id;
        party.before = now - party.more;
    }
    Ok(())
}

/// Counts all messages of a party that has become large enough.
fn count_by_time(index: &Connection, party: i64) -> rusqlite::Result<()> {
    let mut count = index.prepare_cached(
        "INSERT INTO spans SELECT party, ?2, ts >> ?3, count(*) FROM entries WHERE party = ?1
         GROUP BY ts >> ?3",
    )?;
    for level in 0..spans::LEVELS {
        count.execute((party, level, spans::shift(level)))?;
    }
    let (minute, is_same_span) = spans::minute_behind_in_sql();
    index
        .prepare_cached(&format!(
            "INSERT INTO spans SELECT party, ?2, {minute}, count(*) FROM entries
             WHERE party = ?1 AND {is_same_span} GROUP BY 3"
        ))?
        .execute((party, spans::MINUTES))?;
    Ok(())
}

fn top_senders(index: &Connection, parties: &Parties<'_>) -> rusqlite::Result<()> {
    let (before, senders) = known_top_senders(index)?;
    // The new ones are counted already.
    let senders = senders - gather::new_senders(parties);
    keep_top_senders(index, gather::top_senders(before, senders, parties))
}

/// The first senders and their messages, and how many senders there are.
pub fn known_top_senders(index: &Connection) -> rusqlite::Result<(BTreeMap<String, i64>, i64)> {
    let top = index
        .prepare_cached("SELECT number, messages FROM top_senders")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let senders = index
        .prepare_cached("SELECT senders FROM state")?
        .query_row([], |row| row.get(0))?;
    Ok((top, senders))
}

/// Puts these into the place of the first senders.
pub fn keep_top_senders(index: &Connection, top: Vec<(String, i64)>) -> rusqlite::Result<()> {
    index
        .prepare_cached("DELETE FROM top_senders")?
        .execute([])?;
    let mut insert = index.prepare_cached("INSERT INTO top_senders VALUES (?1, ?2)")?;
    for sender in top {
        insert.execute(sender)?;
    }
    Ok(())
}

fn blocks(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let mut widen = index.prepare_cached(
        "INSERT INTO blocks VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET first_ts = min(first_ts, excluded.first_ts),
                                   last_ts = max(last_ts, excluded.last_ts)",
    )?;
    for (block, (first, last)) in gather::blocks(rows) {
        widen.execute((block, first, last))?;
    }
    Ok(())
}

fn pieces_of_texts(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let mut find =
        index.prepare_cached("SELECT id, numbers FROM pieces WHERE block = ?1 AND piece = ?2")?;
    let mut grow = index.prepare_cached("UPDATE pieces SET numbers = ?2 WHERE id = ?1")?;
    let mut insert =
        index.prepare_cached("INSERT INTO pieces (block, piece, numbers) VALUES (?1, ?2, ?3)")?;
    let mut insert_trigrams =
        index.prepare_cached("INSERT INTO piece_trigrams (rowid, piece) VALUES (?1, ?2)")?;
    for ((block, piece), numbers) in gather::pieces_of_texts(rows) {
        let known: Option<(i64, Vec<u8>)> = find
            .query_row((block, piece), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((id, mut kept)) = known {
            extend_kept(&mut kept, &numbers);
            grow.execute(params![id, kept])?;
        } else {
            let mut kept = Vec::with_capacity(2 * numbers.len());
            extend_kept(&mut kept, &numbers);
            insert.execute(params![block, piece, kept])?;
            insert_trigrams.execute((index.last_insert_rowid(), piece))?;
        }
    }
    Ok(())
}

/// Keeps the grams of one more block, if there is one that is complete: all its messages are folded.
/// Says whether there was. The caller's transaction.
pub fn derive_block(index: &Connection, log: &Connection) -> rusqlite::Result<bool> {
    let (block, folded): (i64, i64) = index
        .prepare_cached("SELECT gram_blocks, folded FROM state")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (first, end) = (block << BLOCK_BITS, (block + 1) << BLOCK_BITS);
    if folded < end - 1 {
        return Ok(false);
    }
    let mut rows = log.prepare_cached(
        "SELECT seq, coalesce(text_folded, lower(text)) FROM messages
         WHERE seq >= ?1 AND seq < ?2 AND text IS NOT NULL AND purged_at IS NULL",
    )?;
    let mut rows = rows.query((first, end))?;
    let mut grams = grams::Gathered::default();
    while let Some(row) = rows.next()? {
        let (_, number) = place(row.get(0)?);
        grams.add(number, row.get_ref(1)?.as_str()?);
    }
    let mut insert =
        index.prepare_cached("INSERT INTO grams (block, gram, numbers) VALUES (?1, ?2, ?3)")?;
    for (gram, numbers) in grams.sorted() {
        insert.execute(params![block, gram, numbers])?;
    }
    index
        .prepare_cached("UPDATE state SET gram_blocks = ?1")?
        .execute([block + 1])?;
    Ok(true)
}
