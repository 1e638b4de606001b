//! Which messages may have a text in them.

use std::collections::BTreeMap;

use countersign_core::{MessageFilter, RepositoryError, SearchTerm};
use sea_orm::FromQueryResult;

use super::{
    Snapshot,
    filter::Bounds,
    sql::{Dialect, Sql},
};
use crate::derived::{
    bits::{BLOCK_BITS, Bits, place},
    grams,
    pieces::{Need, needs},
};

/// How many characters of a piece PostgreSQL's index has.
const BEGINNING: usize = 256;

/// In how many pieces of blocks a term may be. Where it is in more, most messages have one of them.
const MOST_PIECES: usize = 40_000;

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
struct Piece {
    block: i64,
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
        if term.folded().chars().nth(grams::LONGEST).is_none() {
            return Ok(Some(self.with_gram(term).await?));
        }
        let needs = needs(term.folded());
        let exact = needs.len() == 1;
        let mut found: Option<BTreeMap<i64, Bits>> = None;
        for need in needs {
            let Some(with) = self.messages_with(need).await? else {
                continue;
            };
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

    /// The messages with a piece that fulfils the need; `None` if too many pieces do, or it would
    /// take too long to tell.
    async fn messages_with(
        &self,
        need: Need<'_>,
    ) -> Result<Option<BTreeMap<i64, Bits>>, RepositoryError> {
        let by_block = || {
            let mut sql = self.sql("SELECT p.block, p.numbers FROM blocks b");
            sql.join()
                .push("pieces p ON p.block = b.block AND p.piece ");
            sql
        };
        let mut sql = match need {
            Need::Piece(piece) => {
                let mut sql = by_block();
                sql.push("= ").bind(piece);
                push_beginning(&mut sql, piece, false);
                sql
            }
            Need::BeginningWith(piece) => {
                let mut sql = by_block();
                sql.push(">= ").bind(piece);
                // No piece has the last of all characters, which is none.
                sql.push(" AND p.piece < ")
                    .bind(format!("{piece}\u{10ffff}"));
                push_beginning(&mut sql, piece, true);
                sql
            }
            Need::Containing(piece) if has_trigram(piece) => self.inside(true, piece),
            Need::EndingIn(piece) if has_trigram(piece) => self.inside(false, piece),
            // The shortest: see `with_gram`.
            Need::Containing(_) | Need::EndingIn(_) => return Ok(None),
        };
        let at_most = i64::try_from(MOST_PIECES + 1).unwrap_or(i64::MAX);
        sql.push(" LIMIT ").bind(at_most);
        let pieces: Vec<Piece> = self.rows(sql).await?;
        Ok((pieces.len() <= MOST_PIECES).then(|| together(pieces)))
    }

    /// The messages with a term of one or two characters.
    async fn with_gram(&self, term: &SearchTerm) -> Result<Matches, RepositoryError> {
        let mut sql = self.sql("SELECT g.block, g.numbers FROM blocks b");
        sql.join()
            .push("grams g ON g.block = b.block AND g.gram = ");
        sql.bind(term.folded());
        let mut blocks = together(self.rows(sql).await?);
        // What is not in a complete block, is looked at.
        let mut sql = self.sql("SELECT t.seq FROM messages t WHERE t.seq >= ");
        sql.bind(self.gram_blocks << BLOCK_BITS);
        sql.push(" AND t.seq <= ").bind(self.folded);
        let filter = MessageFilter {
            text: Some(term.clone()),
            ..MessageFilter::default()
        };
        self.push_conditions(&mut sql, &filter);
        for seq in self.column(sql).await? {
            let (block, number) = place(seq);
            let bits = blocks.entry(block).or_insert_with(Bits::new);
            bits.insert(number);
        }
        Ok(Matches::new(blocks, true))
    }

    /// The blocks with messages of the span of time.
    pub(super) async fn blocks_within(
        &self,
        bounds: &Bounds,
    ) -> Result<Vec<Block>, RepositoryError> {
        let mut sql =
            self.sql("SELECT block AS number, first_ts, last_ts FROM blocks WHERE last_ts >= ");
        sql.bind(bounds.first_ts());
        sql.push(" AND first_ts <= ").bind(bounds.last_ts());
        self.rows(sql).await
    }

    /// The pieces that end in a text, or that have it anywhere. No piece has a character that GLOB
    /// or LIKE takes for another.
    fn inside(&self, anywhere: bool, piece: &str) -> Sql {
        let (text, any) = match self.dialect {
            Dialect::Sqlite => (
                "SELECT p.block, p.numbers FROM piece_trigrams f
                 CROSS JOIN pieces p ON p.id = f.rowid WHERE f.piece GLOB ",
                '*',
            ),
            Dialect::Postgres => (
                "SELECT p.block, p.numbers FROM pieces p WHERE p.piece LIKE ",
                '%',
            ),
        };
        let mut pattern = format!("{any}{piece}");
        if anywhere {
            pattern.push(any);
        }
        let mut sql = self.sql(text);
        sql.bind(pattern);
        sql
    }
}

/// Says the same of the beginning, for PostgreSQL's index, which has no more of a piece.
fn push_beginning(sql: &mut Sql, piece: &str, goes_on: bool) {
    if sql.dialect != Dialect::Postgres {
        return;
    }
    let beginning: String = piece.chars().take(BEGINNING).collect();
    if goes_on {
        let end = format!("{beginning}\u{10ffff}");
        sql.push(" AND left(p.piece, 256) >= ").bind(beginning);
        sql.push(" AND left(p.piece, 256) < ").bind(end);
    } else {
        sql.push(" AND left(p.piece, 256) = ").bind(beginning);
    }
}

/// The sets of all pieces, by block.
fn together(pieces: Vec<Piece>) -> BTreeMap<i64, Bits> {
    let mut blocks: BTreeMap<i64, Bits> = BTreeMap::new();
    for piece in pieces {
        blocks
            .entry(piece.block)
            .or_insert_with(Bits::new)
            .insert_kept(&piece.numbers);
    }
    blocks
}

/// Whether the index of what is inside words can be asked for it.
fn has_trigram(piece: &str) -> bool {
    piece.chars().nth(2).is_some()
}
