//! Taking messages away for good, as far as the log goes.
//!
//! Log and index are two files, which no transaction spans. So a purge has three parts, each of
//! which leaves everything answerable and can be done again:
//!
//! 1. [`mark`], in the log: the messages are purged from now on, and their conflicts and repeats are gone; but
//!    what they said is still there, because by that they are found in the index. Each purge has a
//!    number.
//! 2. In the index (`sqlite/fold/purge.rs`): what they said is taken out of what is derived, and the
//!    number is noted there, in one transaction that is on disk before the third part begins. Who
//!    reads takes as purged what the index that they see has noted, so that pages, totals and search
//!    agree at every moment (`read::Snapshot`).
//! 3. [`blank`], in the log: what they said is overwritten. Key, digest and instant stay.
//!
//! After a crash in between, the next one that opens the database, or purges, does the rest.

use countersign_core::{MessageKey, Timestamp, Tombstone};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::rows::{self, key};

/// What a purge has marked.
#[derive(Debug, Clone, Copy)]
pub struct Marked {
    /// How many messages.
    pub messages: u64,
    /// Whether there is anything to take out of the index and to blank, from before included.
    pub unfinished: bool,
}

/// Marks messages as purged, and takes away their conflicts and how often they came again. The caller's transaction.
pub fn mark(
    connection: &Connection,
    keys: &[MessageKey],
    at: Timestamp,
) -> rusqlite::Result<Marked> {
    let mut purge = Purge::new(connection)?;
    for key in keys {
        let stored = key::of(key);
        let source = key::source(&key.source);
        purge.one(&stored, source, at)?;
    }
    purge.end()
}

/// Takes over tombstones from another database: a message that is there and says what the purged one
/// said is purged, and a key that is not there is taken from now on. The caller's transaction.
pub fn keep(connection: &Connection, tombstones: &[Tombstone]) -> rusqlite::Result<Marked> {
    let mut purge = Purge::new(connection)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO messages (message_id, source, from_msisdn, to_msisdn, ts, created_at, digest,
            purged_at)
         VALUES (?1, ?2, '', '', 0, 0, ?3, ?4) ON CONFLICT (message_id) DO NOTHING",
    )?;
    let mut note = connection.prepare_cached("INSERT INTO purged (seq) VALUES (?1)")?;
    for tombstone in tombstones {
        let stored = key::of(&tombstone.key);
        let source = key::source(&tombstone.key.source);
        let at = tombstone.purged_at;
        let digest = tombstone.digest.as_bytes();
        if insert.execute(params![stored, source, digest, at.micros()])? > 0 {
            note.execute([connection.last_insert_rowid()])?;
        } else if said(connection, &stored)?
            .is_some_and(|said| said == *tombstone.digest.as_bytes())
        {
            purge.one(&stored, source, at)?;
        }
    }
    purge.end()
}

/// The digest of what the message under a key says, if it was not purged.
fn said(connection: &Connection, stored: &str) -> rusqlite::Result<Option<[u8; 32]>> {
    connection
        .prepare_cached(
            "SELECT from_msisdn, to_msisdn, ts, text FROM messages
             WHERE message_id = ?1 AND purged_at IS NULL",
        )?
        .query_row([stored], digest)
        .optional()
}

/// Of a row that begins with sender, receiver, instant and text.
fn digest(row: &rusqlite::Row<'_>) -> rusqlite::Result<[u8; 32]> {
    let text: Option<String> = row.get(3)?;
    let digest = rows::digest(
        row.get_ref(0)?.as_str()?,
        row.get_ref(1)?.as_str()?,
        row.get(2)?,
        text.as_deref(),
    );
    Ok(*digest.as_bytes())
}

struct Purge<'a> {
    connection: &'a Connection,
    number: i64,
    messages: u64,
}

impl<'a> Purge<'a> {
    fn new(connection: &'a Connection) -> rusqlite::Result<Self> {
        let marked: i64 = connection
            .prepare_cached("SELECT marked FROM purges")?
            .query_row([], |row| row.get(0))?;
        Ok(Self {
            connection,
            number: marked + 1,
            messages: 0,
        })
    }

    fn one(&mut self, stored: &str, source: Option<&str>, at: Timestamp) -> rusqlite::Result<()> {
        let seq: Option<i64> = self
            .connection
            .prepare_cached(
                "UPDATE messages SET purged_at = ?3
                 WHERE message_id = ?1 AND source IS ?2 AND purged_at IS NULL RETURNING seq",
            )?
            .query_row(params![stored, source, at.micros()], |row| row.get(0))
            .optional()?;
        let Some(seq) = seq else {
            return Ok(());
        };
        self.connection
            .prepare_cached("INSERT INTO purged (seq, purge) VALUES (?1, ?2)")?
            .execute([seq, self.number])?;
        self.connection
            .prepare_cached("DELETE FROM conflicts WHERE message_id = ?1 AND source IS ?2")?
            .execute(params![stored, source])?;
        self.connection
            .prepare_cached("DELETE FROM repeats WHERE seq = ?1")?
            .execute([seq])?;
        self.messages += 1;
        Ok(())
    }

    fn end(self) -> rusqlite::Result<Marked> {
        if self.messages > 0 {
            self.connection
                .prepare_cached("UPDATE purges SET marked = ?1")?
                .execute([self.number])?;
        }
        let unfinished = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM purged WHERE purge IS NOT NULL)")?
            .query_row([], |row| row.get(0))?;
        Ok(Marked {
            messages: self.messages,
            unfinished,
        })
    }
}

/// Overwrites what was said by the messages of the purges up to this one; without a number, of all.
/// The caller's transaction.
pub fn blank(connection: &Connection, up_to: Option<i64>) -> rusqlite::Result<()> {
    let up_to = up_to.unwrap_or(i64::MAX);
    let doomed: Vec<Doomed> = connection
        .prepare_cached(
            "SELECT m.from_msisdn, m.to_msisdn, m.ts, m.text, m.seq, m.text_folded
             FROM purged p CROSS JOIN messages m ON m.seq = p.seq WHERE p.purge <= ?1",
        )?
        .query_map([up_to], Doomed::of)?
        .collect::<rusqlite::Result<_>>()?;
    overwrite(connection, &doomed)?;
    let mut blank = connection.prepare_cached(
        "UPDATE messages SET from_msisdn = '', to_msisdn = '', ts = 0, text = NULL,
            text_folded = NULL, created_at = 0, verified_by = NULL, digest = ?2
         WHERE seq = ?1",
    )?;
    let mut note = connection.prepare_cached("UPDATE purged SET purge = NULL WHERE seq = ?1")?;
    for doomed in doomed {
        blank.execute(params![doomed.seq, doomed.digest])?;
        note.execute([doomed.seq])?;
    }
    connection
        .prepare_cached("UPDATE purges SET blanked = max(blanked, min(marked, ?1))")?
        .execute([up_to])?;
    Ok(())
}

struct Doomed {
    seq: i64,
    digest: [u8; 32],
    /// How many bytes sender, receiver, text and folded text have.
    lengths: [Option<usize>; 4],
}

impl Doomed {
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let mut lengths = [None; 4];
        for (length, column) in lengths.iter_mut().zip([0, 1, 3, 5]) {
            *length = row.get_ref(column)?.as_str_or_null()?.map(str::len);
        }
        Ok(Self {
            seq: row.get(4)?,
            digest: digest(row)?,
            lengths,
        })
    }
}

/// Writes something else of the same length over it, all of it before any row becomes shorter: a row
/// that stays as long is overwritten where it is, and when SQLite then moves rows together, there is
/// nothing in them that it could leave behind.
fn overwrite(connection: &Connection, doomed: &[Doomed]) -> rusqlite::Result<()> {
    let mut overwrite = connection.prepare_cached(
        "UPDATE messages SET from_msisdn = ?2, to_msisdn = ?3, text = ?4, text_folded = ?5
         WHERE seq = ?1",
    )?;
    for doomed in doomed {
        let [from, to, text, folded] = doomed
            .lengths
            .map(|length| length.map(|length| "x".repeat(length)));
        overwrite.execute(params![doomed.seq, from, to, text, folded])?;
    }
    Ok(())
}
