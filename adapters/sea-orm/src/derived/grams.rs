//! The shortest terms, one or two characters long, have no trigram, and so many pieces have them
//! inside that looking for those is looking at everything.
//!
//! So what messages have each character and each pair of characters is kept, too. There are a
//! thousand or so of these in a block, most in many of its messages: changing them all for every few
//! messages would be writing all the time. They are written once for a block, when it is complete.
//! What is not yet in a complete block, a read looks through itself.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::bits::Bits;

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

/// Every gram of a text, once.
pub fn of(text: &str) -> HashSet<String, RandomState> {
    grams(text).map(text_of).collect()
}

/// Which messages of a block have each gram.
#[derive(Default)]
pub struct Gathered(HashMap<Gram, Bits, RandomState>);

impl Gathered {
    /// Adds a message, by its number in the block, and its text, case folded.
    pub fn add(&mut self, number: u16, text: &str) {
        for gram in grams(text) {
            self.0.entry(gram).or_insert_with(Bits::new).insert(number);
        }
    }

    /// Every gram and its set in its kept form, in the order of the grams.
    pub fn sorted(self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let mut numbers: Vec<(Gram, Bits)> = self.0.into_iter().collect();
        // As the texts are sorted: UTF-8 keeps the order of characters.
        numbers.sort_unstable_by_key(|(gram, _)| *gram);
        let numbers = numbers.into_iter();
        numbers.map(|(gram, numbers)| (text_of(gram), numbers.kept()))
    }
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
