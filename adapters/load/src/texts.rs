//! Made-up texts, as a search meets them: few words that are everywhere, many that are rare, and
//! in each text one reference that is in no other.

use std::fmt::Write as _;

/// How many words there are.
const WORDS: usize = 2_000;

/// A power of two, so that a hash picks a slot without a bias.
const SLOTS: usize = 1 << 16;

/// Texts of eight to twelve words and a reference, such as `lom tesa … ref-8f3a9c12`.
///
/// The words are the same always; the nth most common one is n times as rare as the most common
/// one (Zipf's law), so that some are in half of all texts and some in one of a thousand.
pub struct Texts {
    words: Vec<String>,
    /// The ranks of words, each as often as it is common.
    slots: Vec<u16>,
    seed: u64,
}

impl Texts {
    /// Texts with the same seed and number are the same.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            words: words(),
            slots: slots(),
            seed,
        }
    }

    /// All words, the most common one first.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Appends the text of this number.
    pub fn push(&self, number: u64, text: &mut String) {
        let mut random = Random(self.seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        for _ in 0..8 + random.below(5) {
            let slot = random.below(SLOTS as u64);
            let rank = usize::try_from(slot).map_or(0, |slot| self.slots[slot]);
            text.push_str(&self.words[usize::from(rank)]);
            text.push(' ');
        }
        self.push_reference(number, text);
    }

    /// Appends the reference that the text of this number has: `ref-` and eight hexadecimal
    /// digits. No two numbers below 2³² have the same.
    pub fn push_reference(&self, number: u64, text: &mut String) {
        let digits = scramble(low(number).wrapping_add(low(self.seed)));
        // A String takes everything.
        let _ = write!(text, "ref-{digits:08x}");
    }
}

/// Pronounceable, all different, of two to nine letters.
fn words() -> Vec<String> {
    const CONSONANTS: &[u8] = b"bdfgklmnprstvz";
    const VOWELS: &[u8] = b"aeiou";
    let mut random = Random(1);
    let letter = |random: &mut Random, of: &[u8]| {
        let index = random.below(of.len() as u64);
        usize::try_from(index).map_or('a', |index| char::from(of[index]))
    };
    let mut words: Vec<String> = Vec::with_capacity(WORDS);
    while words.len() < WORDS {
        let mut word = String::new();
        for _ in 0..=random.below(3) {
            word.push(letter(&mut random, CONSONANTS));
            word.push(letter(&mut random, VOWELS));
            if random.below(3) == 0 {
                word.push(letter(&mut random, CONSONANTS));
            }
        }
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "shares of 65536 slots, and ranks below 2000"
)]
fn slots() -> Vec<u16> {
    let share = |rank: usize| 1.0 / (rank + 1) as f64;
    let whole: f64 = (0..WORDS).map(share).sum();
    let mut slots = Vec::with_capacity(SLOTS);
    let mut sum = 0.0;
    for rank in 0..WORDS {
        sum += share(rank) / whole;
        slots.resize((sum * SLOTS as f64) as usize, rank as u16);
    }
    slots.resize(SLOTS, 0);
    slots
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

/// Each step can be undone, so no two inputs have the same output (`MurmurHash3`'s last steps).
fn scramble(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85EB_CA6B);
    x ^= x >> 13;
    x = x.wrapping_mul(0xC2B2_AE35);
    x ^ (x >> 16)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn low(x: u64) -> u32 {
    x as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn text(texts: &Texts, number: u64) -> String {
        let mut text = String::new();
        texts.push(number, &mut text);
        text
    }

    #[test]
    fn texts_have_common_and_rare_words_and_a_reference_each() {
        let texts = Texts::new(7);
        let all: Vec<_> = (0..10_000).map(|number| text(&texts, number)).collect();
        let holding = |term: &str| {
            let has = |text: &&String| text.split(' ').any(|word| word == term);
            all.iter().filter(has).count()
        };
        assert!((4_000..9_000).contains(&holding(&texts.words()[0])));
        assert!((1..100).contains(&holding(&texts.words()[WORDS - 1])));
        let references: HashSet<_> = all
            .iter()
            .filter_map(|text| text.split(' ').next_back())
            .collect();
        assert_eq!(references.len(), all.len());
        for text in &all {
            assert!((9..=13).contains(&text.split(' ').count()), "{text}");
        }
    }

    #[test]
    fn texts_can_be_made_again() {
        let (one, other) = (Texts::new(1), Texts::new(2));
        assert_eq!(text(&one, 5), text(&Texts::new(1), 5));
        assert_ne!(text(&one, 5), text(&other, 5));
        let mut reference = String::new();
        one.push_reference(5, &mut reference);
        assert!(text(&one, 5).ends_with(&reference));
    }
}
