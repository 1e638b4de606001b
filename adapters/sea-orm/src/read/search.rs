//! Which messages may have a text in them.

use std::collections::BTreeMap;

use countersign_core::{RepositoryError, SearchTerm};
use sea_orm::FromQueryResult;

use super::{Snapshot, count::json_array, filter::Bounds, sql::Sql};
use crate::fold::{
    bits::{BLOCK_BITS, Bits},
    index::{posting_block, posting_key},
    words::{Need, needs},
};

/// How many words may have a term in them to be looked up one by one. Where more have, most
/// messages have one of them.
const MOST_WORDS: usize = 20_000;

/// Up to so many words, all of them are looked at for one of the shortest terms, which have no
/// trigram.
const SCANNED_WORDS: i64 = 200_000;

/// A set of folded messages.
pub struct Matches {
    blocks: BTreeMap<i64, Bits>,
    count: i64,
    /// Every one of them has the text. Otherwise, those that have it are among them.
    pub exact: bool,
}

/// A part of the log, and the instants in it.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Block {
    pub number: i64,
    pub first_ts: i64,
    pub last_ts: i64,
}

#[derive(FromQueryResult)]
struct Posting {
    key: i64,
    numbers: Vec<u8>,
}

impl Matches {
    /// How many there are.
    pub const fn count(&self) -> i64 {
        self.count
    }

    /// How many there are in a block.
    pub fn count_in(&self, block: Block) -> i64 {
        let count = self.blocks.get(&block.number).map_or(0, Bits::len);
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    /// The sequences of those in the blocks.
    pub fn seqs(&self, blocks: &[Block]) -> Vec<i64> {
        let mut seqs = Vec::new();
        for block in blocks {
            if let Some(bits) = self.blocks.get(&block.number) {
                let first = block.number << BLOCK_BITS;
                seqs.extend(bits.iter().map(|number| first | i64::from(number)));
            }
        }
        seqs
    }

    fn new(blocks: BTreeMap<i64, Bits>, exact: bool) -> Self {
        let count: u64 = blocks.values().map(Bits::len).sum();
        Self {
            count: i64::try_from(count).unwrap_or(i64::MAX),
            blocks,
            exact,
        }
    }
}

impl Snapshot {
    /// The folded messages that may have the text; `None` if the index cannot tell, or nearly all
    /// may.
    pub(super) async fn matches(
        &self,
        term: &SearchTerm,
    ) -> Result<Option<Matches>, RepositoryError> {
        let needs = needs(term.folded());
        let exact = needs.len() == 1;
        let mut found: Option<BTreeMap<i64, Bits>> = None;
        for need in needs {
            let Some(words) = self.words(need).await? else {
                continue;
            };
            let with = self.messages_with(&words).await?;
            found = Some(match found {
                None => with,
                Some(mut found) => {
                    found.retain(|block, bits| {
                        with.get(block).is_some_and(|with| {
                            bits.intersect(with);
                            bits.len() > 0
                        })
                    });
                    found
                }
            });
            if found.as_ref().is_some_and(BTreeMap::is_empty) {
                break;
            }
        }
        Ok(found.map(|blocks| Matches::new(blocks, exact)))
    }

    /// The words that fulfil the need; `None` if too many do, or it would take too long to tell.
    async fn words(&self, need: Need<'_>) -> Result<Option<Vec<i64>>, RepositoryError> {
        let mut sql = match need {
            Need::Piece(piece) => {
                let mut sql = Sql::new("SELECT id FROM words WHERE word = ");
                sql.bind(piece);
                sql
            }
            Need::Containing(piece) if has_trigram(piece) => glob(&format!("*{piece}*")),
            Need::EndingIn(piece) if has_trigram(piece) => glob(&format!("*{piece}")),
            Need::BeginningWith(piece) => {
                let mut sql = Sql::new("SELECT id FROM words WHERE word >= ");
                // No piece has the last of all characters, which is none.
                sql.bind(piece).push(" AND word < ");
                sql.bind(format!("{piece}\u{10ffff}"));
                sql
            }
            Need::Containing(piece) => {
                let words = self.count(Sql::new("SELECT max(id) FROM words")).await?;
                if words > SCANNED_WORDS {
                    return Ok(None);
                }
                let mut sql = Sql::new("SELECT id FROM words WHERE instr(word, ");
                sql.bind(piece).push(") > 0");
                sql
            }
            Need::EndingIn(_) => return Ok(None),
        };
        let at_most = i64::try_from(MOST_WORDS + 1).unwrap_or(i64::MAX);
        sql.push(" LIMIT ").bind(at_most);
        let words = self.column(sql).await?;
        Ok((words.len() <= MOST_WORDS).then_some(words))
    }

    async fn messages_with(&self, words: &[i64]) -> Result<BTreeMap<i64, Bits>, RepositoryError> {
        let mut sql = Sql::new("SELECT p.key, p.numbers FROM json_each(");
        sql.bind(json_array(words));
        sql.push(") j CROSS JOIN postings p ON p.key BETWEEN ");
        // As `posting_key` makes them.
        let (first, last) = (posting_key(0, 0), posting_block(-1));
        sql.push("(j.value << 20) + ").bind(first);
        sql.push(" AND (j.value << 20) + ").bind(last);
        let mut blocks: BTreeMap<i64, Bits> = BTreeMap::new();
        for posting in self.rows::<Posting>(sql).await? {
            blocks
                .entry(posting_block(posting.key))
                .or_insert_with(Bits::new)
                .insert_kept(&posting.numbers);
        }
        Ok(blocks)
    }

    /// The blocks with messages of the span of time.
    pub(super) async fn blocks_within(
        &self,
        bounds: &Bounds,
    ) -> Result<Vec<Block>, RepositoryError> {
        let mut sql =
            Sql::new("SELECT block AS number, first_ts, last_ts FROM blocks WHERE last_ts >= ");
        sql.bind(bounds.first_ts());
        sql.push(" AND first_ts <= ").bind(bounds.last_ts());
        self.rows(sql).await
    }
}

/// Whether the index of what is inside words can be asked for it.
fn has_trigram(piece: &str) -> bool {
    piece.chars().nth(2).is_some()
}

/// A piece has no character that GLOB takes for another.
fn glob(pattern: &str) -> Sql {
    let mut sql = Sql::new("SELECT rowid FROM word_trigrams WHERE word GLOB ");
    sql.bind(pattern);
    sql
}
