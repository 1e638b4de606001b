//! The shortest terms, one or two characters long, have no trigram, and so many pieces have them
//! inside that looking for those is looking at everything.
//!
//! So what messages have each character and each pair of characters is kept, too. There are a
//! thousand or so of these in a block, most in many of its messages: changing them all for every few
//! messages would be writing all the time. They are written once for a block, when it is complete.
//! What is not yet in a complete block, a read looks through itself.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rusqlite::{Connection, params};

use super::bits::{BLOCK_BITS, Bits, place};

/// How many characters a gram has at the most.
pub const LONGEST: usize = 2;

/// A character, and its neighbour if it is a pair. There are two for each character of each text, so
/// they are looked up as numbers and not as text.
type Gram = (char, Option<char>);

/// Every character of the text, and every pair of neighbours.
fn grams(text: &str) -> impl Iterator<Item = Gram> {
    let second = text.chars().skip(1).map(Some).chain([None]);
    let pairs = text.chars().zip(second);
    pairs.flat_map(|(first, second)| {
        let pair = second.map(|second| (first, Some(second)));
        std::iter::once((first, None)).chain(pair)
    })
}

fn text_of((first, second): Gram) -> String {
    std::iter::once(first).chain(second).collect()
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
         WHERE seq >= ?1 AND seq < ?2 AND text IS NOT NULL",
    )?;
    let mut rows = rows.query((first, end))?;
    let mut numbers: HashMap<Gram, Bits, RandomState> = HashMap::default();
    while let Some(row) = rows.next()? {
        let (_, number) = place(row.get(0)?);
        for gram in grams(row.get_ref(1)?.as_str()?) {
            numbers.entry(gram).or_insert_with(Bits::new).insert(number);
        }
    }
    let mut numbers: Vec<(Gram, Bits)> = numbers.into_iter().collect();
    // As the texts are sorted: UTF-8 keeps the order of characters.
    numbers.sort_unstable_by_key(|(gram, _)| *gram);
    let mut insert =
        index.prepare_cached("INSERT INTO grams (block, gram, numbers) VALUES (?1, ?2, ?3)")?;
    for (gram, numbers) in numbers {
        insert.execute(params![block, text_of(gram), numbers.kept()])?;
    }
    index
        .prepare_cached("UPDATE state SET gram_blocks = ?1")?
        .execute([block + 1])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{grams, text_of};

    #[test]
    fn characters_and_pairs() {
        let texts: Vec<String> = grams("aé😀").map(text_of).collect();
        assert_eq!(texts, ["a", "aé", "é", "é😀", "😀"]);
        assert_eq!(grams("").count(), 0);
    }
}
