//! What a part of the log means for the index.
//!
//! Everything is gathered for the whole part first and written in the order of the keys: a page that
//! several messages change is changed once.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    bits::{extend_kept, place},
    index::{EVERYBODY, RECEIVER, SENDER},
    pieces::pieces,
    spans,
};

/// How many senders `top_senders` names: what `Stats` shows.
const TOP_SENDERS: usize = 10;

/// A message of the log, as far as it matters here.
pub struct Row {
    pub seq: i64,
    pub message_id: String,
    pub from: String,
    pub to: String,
    pub ts: i64,
    /// Case folded.
    pub text: Option<String>,
}

/// Adds `rows`, which follow the watermark in the log, and moves it. The caller's transaction.
pub fn derive(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let Some(last) = rows.last() else {
        return Ok(());
    };
    parties(index, rows)?;
    blocks(index, rows)?;
    pieces_of_texts(index, rows)?;
    index
        .prepare_cached("UPDATE state SET folded = ?1, folded_id = ?2")?
        .execute(params![last.seq, last.message_id])?;
    Ok(())
}

/// A sender or receiver of some of the rows.
struct Party {
    id: i64,
    /// How many messages it had, and has more.
    before: i64,
    more: i64,
}

impl Party {
    const fn now(&self) -> i64 {
        self.before + self.more
    }

    /// Whether its messages have been counted by time before.
    const fn has_spans(&self) -> bool {
        self.before >= spans::FROM || self.id == EVERYBODY
    }
}

fn parties(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let mut parties: BTreeMap<(i64, &str), Party> = BTreeMap::new();
    for row in rows {
        for key in roles(row) {
            let party = parties.entry(key).or_insert(Party {
                id: EVERYBODY,
                before: 0,
                more: 0,
            });
            party.more += 1;
        }
    }
    let new_senders = count(index, &mut parties)?;
    index
        .prepare_cached("UPDATE state SET senders = senders + ?1")?
        .execute([new_senders])?;

    let mut entries = Vec::with_capacity(3 * rows.len());
    let mut counts: BTreeMap<(i64, u32, i64), i64> = BTreeMap::new();
    for row in rows {
        for key in roles(row) {
            let Some(party) = parties.get(&key) else {
                continue;
            };
            entries.push((party.id, row.ts, row.message_id.as_str(), row.seq));
            if party.has_spans() {
                for level in 0..spans::LEVELS {
                    let slot = row.ts >> spans::shift(level);
                    *counts.entry((party.id, level, slot)).or_default() += 1;
                }
            }
        }
    }
    entries.sort_unstable();
    let mut insert = index.prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4)")?;
    for entry in entries {
        insert.execute(entry)?;
    }
    let mut add = index.prepare_cached(
        "INSERT INTO spans VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
    )?;
    for ((party, level, slot), messages) in counts {
        add.execute((party, level, slot, messages))?;
    }
    for party in parties.values() {
        if !party.has_spans() && party.now() >= spans::FROM {
            count_by_time(index, party.id)?;
        }
    }
    top_senders(index, &parties)
}

fn roles(row: &Row) -> [(i64, &str); 3] {
    [
        (EVERYBODY, ""),
        (SENDER, row.from.as_str()),
        (RECEIVER, row.to.as_str()),
    ]
}

/// Finds or makes the parties, and counts their messages; says how many senders are new.
fn count(index: &Connection, parties: &mut BTreeMap<(i64, &str), Party>) -> rusqlite::Result<i64> {
    let mut add = index.prepare_cached(
        "INSERT INTO parties (role, number, messages) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET messages = messages + excluded.messages
         RETURNING id, messages",
    )?;
    let mut new_senders = 0;
    for ((role, number), party) in parties {
        let (id, now): (i64, i64) = add.query_row((*role, *number, party.more), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        party.id = id;
        party.before = now - party.more;
        if party.before == 0 && *role == SENDER {
            new_senders += 1;
        }
    }
    Ok(new_senders)
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
    Ok(())
}

/// Messages only ever come: who is among the first now was so before, or has just sent something.
fn top_senders(index: &Connection, parties: &BTreeMap<(i64, &str), Party>) -> rusqlite::Result<()> {
    let mut top: BTreeMap<String, i64> = index
        .prepare_cached("SELECT number, messages FROM top_senders")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let least = match top.len() {
        TOP_SENDERS => top.values().min().copied().unwrap_or_default(),
        _ => 0,
    };
    for ((role, number), party) in parties {
        if *role == SENDER && party.now() >= least {
            top.insert((*number).to_owned(), party.now());
        }
    }
    let mut top: Vec<(String, i64)> = top.into_iter().collect();
    // By number already, and the sort is stable.
    top.sort_by_key(|(_, messages)| std::cmp::Reverse(*messages));
    top.truncate(TOP_SENDERS);
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
    let mut blocks: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (block, _) = place(row.seq);
        let (first, last) = blocks.entry(block).or_insert((row.ts, row.ts));
        *first = row.ts.min(*first);
        *last = row.ts.max(*last);
    }
    let mut widen = index.prepare_cached(
        "INSERT INTO blocks VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET first_ts = min(first_ts, excluded.first_ts),
                                   last_ts = max(last_ts, excluded.last_ts)",
    )?;
    for (block, (first, last)) in blocks {
        widen.execute((block, first, last))?;
    }
    Ok(())
}

fn pieces_of_texts(index: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let mut numbers: HashMap<(i64, &str), Vec<u16>> = HashMap::new();
    for row in rows {
        let (block, number) = place(row.seq);
        for piece in row.text.as_deref().map(pieces).into_iter().flatten() {
            let numbers = numbers.entry((block, piece)).or_default();
            // A piece may be in a text more than once.
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
    }
    let mut numbers: Vec<((i64, &str), Vec<u16>)> = numbers.into_iter().collect();
    numbers.sort_unstable_by_key(|(key, _)| *key);

    let mut find =
        index.prepare_cached("SELECT id, numbers FROM pieces WHERE block = ?1 AND piece = ?2")?;
    let mut grow = index.prepare_cached("UPDATE pieces SET numbers = ?2 WHERE id = ?1")?;
    let mut insert =
        index.prepare_cached("INSERT INTO pieces (block, piece, numbers) VALUES (?1, ?2, ?3)")?;
    let mut insert_trigrams =
        index.prepare_cached("INSERT INTO piece_trigrams (rowid, piece) VALUES (?1, ?2)")?;
    for ((block, piece), numbers) in numbers {
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
