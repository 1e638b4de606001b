//! What a part of the log means for the index.
//!
//! Everything is gathered for the whole part first, to be written in the order of the keys: a page
//! that several messages change is changed once.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use countersign_core::Stats;

use super::{EVERYBODY, RECEIVER, SENDER, bits::place, pieces::pieces, spans};

/// How many senders are kept as the first, at the most: more than `Stats` shows, so that some may fall
/// behind when messages are purged, before all must be looked at.
pub const TOP_SENDERS: usize = 100;

/// A message of the log, as far as it matters here.
#[derive(Debug, Clone)]
pub struct Row {
    pub seq: i64,
    pub message_id: String,
    pub from: String,
    pub to: String,
    pub ts: i64,
    /// Case folded.
    pub text: Option<String>,
}

/// A sender or receiver of some of the rows.
pub struct Party {
    pub id: i64,
    /// How many messages it had, and has more.
    pub before: i64,
    pub more: i64,
}

impl Party {
    pub const fn now(&self) -> i64 {
        self.before + self.more
    }

    /// Whether its messages have been counted by time before.
    const fn has_spans(&self) -> bool {
        self.before >= spans::FROM || self.id == EVERYBODY
    }

    /// Whether its messages are to be counted by time from now on.
    const fn gets_spans(&self) -> bool {
        !self.has_spans() && self.now() >= spans::FROM
    }
}

/// By role and number.
pub type Parties<'a> = BTreeMap<(i64, &'a str), Party>;

/// Who takes part in the rows, and in how many. The database knows the rest of each.
pub fn parties(rows: &[Row]) -> Parties<'_> {
    let mut parties = Parties::new();
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
    parties
}

fn roles(row: &Row) -> [(i64, &str); 3] {
    [
        (EVERYBODY, ""),
        (SENDER, row.from.as_str()),
        (RECEIVER, row.to.as_str()),
    ]
}

/// How many of the parties are senders that had no message before.
pub fn new_senders(parties: &Parties<'_>) -> i64 {
    let new = parties
        .iter()
        .filter(|((role, _), party)| *role == SENDER && party.before == 0);
    i64::try_from(new.count()).unwrap_or(i64::MAX)
}

/// Every row once for each of its parties: party, `ts`, id, sequence; sorted.
pub fn entries<'a>(rows: &'a [Row], parties: &Parties<'_>) -> Vec<(i64, i64, &'a str, i64)> {
    let mut entries = Vec::with_capacity(3 * rows.len());
    for row in rows {
        for key in roles(row) {
            if let Some(party) = parties.get(&key) {
                entries.push((party.id, row.ts, row.message_id.as_str(), row.seq));
            }
        }
    }
    entries.sort_unstable();
    entries
}

/// How many messages the parties that are counted by time get (or lose), by party, level and slot.
pub fn counts_by_time(rows: &[Row], parties: &Parties<'_>) -> BTreeMap<(i64, u32, i64), i64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        for key in roles(row) {
            let Some(party) = parties.get(&key).filter(|party| party.has_spans()) else {
                continue;
            };
            for level in 0..spans::LEVELS {
                let slot = row.ts >> spans::shift(level);
                *counts.entry((party.id, level, slot)).or_default() += 1;
            }
            if let Some(minute) = spans::minute_behind(row.ts) {
                let key = (party.id, spans::MINUTES, minute);
                *counts.entry(key).or_default() += 1;
            }
        }
    }
    counts
}

/// The parties that have become large enough to be counted by time.
pub fn grown(parties: &Parties<'_>) -> impl Iterator<Item = i64> {
    let grown = parties.values().filter(|party| party.gets_spans());
    grown.map(|party| party.id)
}

/// The first senders, if these were they before the rows, of so many senders then. Messages only ever
/// come: who is among the first now was so before, or has just sent something.
pub fn top_senders(
    before: BTreeMap<String, i64>,
    senders: i64,
    parties: &Parties<'_>,
) -> Vec<(String, i64)> {
    let mut top = before;
    // Who comes next, only a look at all would say.
    let (most, least) = if are_all(&top, senders) {
        (TOP_SENDERS, 0)
    } else {
        let least = top.values().min().copied().unwrap_or_default();
        (top.len().min(TOP_SENDERS), least)
    };
    for ((role, number), party) in parties {
        if *role == SENDER && party.now() >= least {
            top.insert((*number).to_owned(), party.now());
        }
    }
    let mut top: Vec<(String, i64)> = top.into_iter().collect();
    // By number already, and the sort is stable.
    top.sort_by_key(|(_, messages)| Reverse(*messages));
    top.truncate(most);
    top
}

/// Whether the first senders are all there are: fewer than are shown are kept only then.
pub fn are_all(top: &BTreeMap<String, i64>, senders: i64) -> bool {
    let known = i64::try_from(top.len()).unwrap_or(i64::MAX);
    known >= senders || known.unsigned_abs() < Stats::TOP_SENDERS
}

/// The range of `ts` of the rows, by block.
pub fn blocks(rows: &[Row]) -> BTreeMap<i64, (i64, i64)> {
    let mut blocks: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (block, _) = place(row.seq);
        let (first, last) = blocks.entry(block).or_insert((row.ts, row.ts));
        *first = row.ts.min(*first);
        *last = row.ts.max(*last);
    }
    blocks
}

/// By block and piece, sorted: which of the block's messages have the piece, ascending.
pub fn pieces_of_texts(rows: &[Row]) -> Vec<((i64, &str), Vec<u16>)> {
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
    numbers
}
