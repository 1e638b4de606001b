//! Takes what purged messages said out of the index ([`crate::derived::purge`]): the second part of a
//! purge (`sqlite/write/purge.rs`).

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    derive::{keep_top_senders, known_top_senders},
    folder::row,
    index,
};
use crate::{
    derived::{
        EVERYBODY, SENDER,
        bits::without,
        gather::{self, Parties, Row, TOP_SENDERS},
        purge::{self, Left, left},
    },
    fold::FoldError,
};

/// What is marked in the log and not accounted for in the index.
pub struct Pending {
    /// The number of the last purge.
    marked: i64,
    /// Those of the messages that the index has.
    rows: Vec<Row>,
}

impl Pending {
    /// Whether the index accounts for it already.
    pub fn is_known(&self, index: &Connection) -> rusqlite::Result<bool> {
        let purged: i64 = index
            .prepare_cached("SELECT purged FROM state")?
            .query_row([], |row| row.get(0))?;
        Ok(purged >= self.marked)
    }
}

/// Finds it; in the log, within one transaction.
pub fn pending(index: &Connection, log: &Connection) -> rusqlite::Result<Pending> {
    let (folded, purged): (i64, i64) = index
        .prepare_cached("SELECT folded, purged FROM state")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let marked = index::purges(log)?.marked;
    let rows = if marked > purged {
        log.prepare_cached(
            "SELECT m.seq, m.message_id, m.from_msisdn, m.to_msisdn, m.ts,
                    coalesce(m.text_folded, lower(m.text))
             FROM purged p CROSS JOIN messages m ON m.seq = p.seq
             WHERE p.purge > ?1 AND m.seq <= ?2 ORDER BY m.seq",
        )?
        .query_map([purged, folded], row)?
        .collect::<rusqlite::Result<_>>()?
    } else {
        Vec::new()
    };
    Ok(Pending { marked, rows })
}

/// Accounts for it; says up to which purge. The caller's transaction, in which it always writes, so
/// that to sync it is to sync what others have written, too.
///
/// An index that does not know who takes part in a message that it has is not this log's, or damaged.
pub fn apply(index: &Connection, pending: &Pending) -> Result<i64, FoldError> {
    let rows = &pending.rows;
    if !rows.is_empty() {
        parties(index, rows)?;
        pieces(index, rows)?;
        grams(index, rows)?;
    }
    index
        .prepare_cached("UPDATE state SET purged = max(purged, ?1)")?
        .execute([pending.marked])?;
    Ok(pending.marked)
}

fn parties(index: &Connection, rows: &[Row]) -> Result<(), FoldError> {
    let mut parties = gather::parties(rows);
    let mut find =
        index.prepare_cached("SELECT id, messages FROM parties WHERE role = ?1 AND number = ?2")?;
    for ((role, number), party) in &mut parties {
        let known = find.query_row((*role, *number), |row| Ok((row.get(0)?, row.get(1)?)));
        (party.id, party.before) = known.optional()?.ok_or(FoldError::Foreign)?;
        party.more = -party.more;
    }
    let mut remove = index
        .prepare_cached("DELETE FROM entries WHERE party = ?1 AND ts = ?2 AND message_id = ?3")?;
    for (party, ts, message_id, _) in gather::entries(rows, &parties) {
        remove.execute((party, ts, message_id))?;
    }
    let mut lessen = index.prepare_cached(
        "UPDATE spans SET messages = messages - ?4 WHERE party = ?1 AND level = ?2 AND slot = ?3",
    )?;
    let mut drop_empty = index.prepare_cached(
        "DELETE FROM spans WHERE party = ?1 AND level = ?2 AND slot = ?3 AND messages <= 0",
    )?;
    for ((party, level, slot), messages) in gather::counts_by_time(rows, &parties) {
        lessen.execute((party, level, slot, messages))?;
        drop_empty.execute((party, level, slot))?;
    }
    for party in parties.values() {
        match left(party.id, party.before, -party.more) {
            Left::Counted(now) | Left::Few(now) => set_messages(index, party.id, now)?,
            Left::CountedNoMore(now) => {
                drop_spans(index, party.id)?;
                set_messages(index, party.id, now)?;
            }
            Left::Nothing => {
                drop_spans(index, party.id)?;
                index
                    .prepare_cached("DELETE FROM parties WHERE id = ?1")?
                    .execute([party.id])?;
            }
        }
    }
    index
        .prepare_cached("UPDATE state SET senders = senders - ?1")?
        .execute([purge::gone_senders(&parties)])?;
    Ok(top_senders(index, &parties)?)
}

fn set_messages(index: &Connection, party: i64, messages: i64) -> rusqlite::Result<()> {
    index
        .prepare_cached("UPDATE parties SET messages = ?2 WHERE id = ?1")?
        .execute([party, messages])?;
    Ok(())
}

fn drop_spans(index: &Connection, party: i64) -> rusqlite::Result<()> {
    debug_assert_ne!(party, EVERYBODY);
    index
        .prepare_cached("DELETE FROM spans WHERE party = ?1")?
        .execute([party])?;
    Ok(())
}

fn top_senders(index: &Connection, parties: &Parties<'_>) -> rusqlite::Result<()> {
    let (before, senders) = known_top_senders(index)?;
    let most = i64::try_from(TOP_SENDERS).unwrap_or(i64::MAX);
    // Those who are gone are not counted any more.
    let senders = senders + purge::gone_senders(parties);
    let now = match purge::top_senders(before, senders, parties) {
        Some(now) => now,
        None => index
            .prepare_cached(
                "SELECT number, messages FROM parties WHERE role = ?1
                 ORDER BY messages DESC, number LIMIT ?2",
            )?
            .query_map([SENDER, most], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(String, i64)>>>()?,
    };
    keep_top_senders(index, now)
}

fn pieces(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let pieces = gather::pieces_of_texts(rows);
    if pieces.is_empty() {
        return Ok(());
    }
    // What is deleted from the index of trigrams is overwritten there, and not only said to be gone.
    index
        .prepare_cached(
            "INSERT INTO piece_trigrams (piece_trigrams, rank) VALUES ('secure-delete', 1)",
        )?
        .execute([])?;
    let mut find =
        index.prepare_cached("SELECT id, numbers FROM pieces WHERE block = ?1 AND piece = ?2")?;
    let mut shrink = index.prepare_cached("UPDATE pieces SET numbers = ?2 WHERE id = ?1")?;
    // It keeps no text of its own: it must be told what it was.
    let mut remove_trigrams = index.prepare_cached(
        "INSERT INTO piece_trigrams (piece_trigrams, rowid, piece) VALUES ('delete', ?1, ?2)",
    )?;
    let mut remove = index.prepare_cached("DELETE FROM pieces WHERE id = ?1")?;
    for ((block, piece), numbers) in pieces {
        let known: Option<(i64, Vec<u8>)> = find
            .query_row((block, piece), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, kept)) = known else { continue };
        if let Some(left) = without(&kept, &numbers) {
            shrink.execute(params![id, left])?;
        } else {
            remove_trigrams.execute((id, piece))?;
            remove.execute([id])?;
        }
    }
    Ok(())
}

fn grams(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let gram_blocks: i64 = index
        .prepare_cached("SELECT gram_blocks FROM state")?
        .query_row([], |row| row.get(0))?;
    let mut find =
        index.prepare_cached("SELECT id, numbers FROM grams WHERE block = ?1 AND gram = ?2")?;
    let mut shrink = index.prepare_cached("UPDATE grams SET numbers = ?2 WHERE id = ?1")?;
    let mut remove = index.prepare_cached("DELETE FROM grams WHERE id = ?1")?;
    for ((block, gram), numbers) in purge::grams_of_texts(rows, gram_blocks) {
        let known: Option<(i64, Vec<u8>)> = find
            .query_row((block, gram), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, kept)) = known else { continue };
        match without(&kept, &numbers) {
            Some(left) => shrink.execute(params![id, left])?,
            None => remove.execute([id])?,
        };
    }
    Ok(())
}
