//! The shortest terms, one or two characters long, have no trigram, and so many pieces have them
//! inside that looking for those is looking at everything.
//!
//! So what messages have each character and each pair of characters is kept, too. There are a
//! thousand or so of these in a block, most in many of its messages: changing them all for every few
//! messages would be writing all the time. They are written once for a block, when it is complete.
//! What is not yet in a complete block, a read looks through itself.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::bits::{BLOCK_BITS, Bits, place};

/// How many characters a gram has at the most.
pub const LONGEST: usize = 2;

/// Every character of the text, and every pair of neighbours.
fn grams(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().flat_map(move |(start, first)| {
        let rest = &text[start..];
        let one = first.len_utf8();
        let two = rest[one..]
            .chars()
            .next()
            .map(|second| one + second.len_utf8());
        [Some(one), two]
            .into_iter()
            .flatten()
            .map(|end| &rest[..end])
    })
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
    let mut numbers: HashMap<String, Bits> = HashMap::new();
    while let Some(row) = rows.next()? {
        let (_, number) = place(row.get(0)?);
        for gram in grams(row.get_ref(1)?.as_str()?) {
            if let Some(bits) = numbers.get_mut(gram) {
                bits.insert(number);
            } else {
                let mut bits = Bits::new();
                bits.insert(number);
                numbers.insert(gram.to_owned(), bits);
            }
        }
    }
    let mut numbers: Vec<(String, Bits)> = numbers.into_iter().collect();
    numbers.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let mut insert =
        index.prepare_cached("INSERT INTO grams (block, gram, numbers) VALUES (?1, ?2, ?3)")?;
    for (gram, numbers) in numbers {
        insert.execute(params![block, gram, numbers.kept()])?;
    }
    index
        .prepare_cached("UPDATE state SET gram_blocks = ?1")?
        .execute([block + 1])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::grams;

    #[test]
    fn characters_and_pairs() {
        assert_eq!(
            grams("aé😀").collect::<Vec<_>>(),
            ["a", "aé", "é", "é😀", "😀"]
        );
        assert_eq!(grams("").count(), 0);
    }
}
