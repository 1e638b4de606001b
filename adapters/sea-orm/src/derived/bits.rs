//! Which messages of a block have a word: a set of small numbers, as it is kept and as it is
//! calculated with.

/// How many sequence numbers a block spans, as a power of two. Small enough that a set fits on one
/// page of the database, so that a word that comes again costs one page to write.
pub const BLOCK_BITS: u32 = 14;

const BLOCK: usize = 1 << BLOCK_BITS;
const WORDS: usize = BLOCK / 64;
/// The length of a set that is kept as one bit per number. Every shorter one is a list of numbers.
const BITMAP_BYTES: usize = BLOCK / 8;

/// The block of a sequence number, and its number there.
pub fn place(seq: i64) -> (i64, u16) {
    let mask = (1 << BLOCK_BITS) - 1;
    // At most 14 bits: it fits.
    let within = u16::try_from(seq & mask).unwrap_or_default();
    (seq >> BLOCK_BITS, within)
}

/// A set of numbers below 2^14.
#[derive(Clone, PartialEq, Eq)]
pub struct Bits(Box<[u64; WORDS]>);

impl Bits {
    /// The empty set.
    pub fn new() -> Self {
        Self(Box::new([0; WORDS]))
    }

    /// Adds a number.
    pub fn insert(&mut self, number: u16) {
        let number = usize::from(number);
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Takes a number away.
    pub fn remove(&mut self, number: u16) {
        let number = usize::from(number);
        if let Some(word) = self.0.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Adds everything of a set in its kept form.
    pub fn insert_kept(&mut self, kept: &[u8]) {
        if kept.len() == BITMAP_BYTES {
            let words = kept
                .as_chunks::<8>()
                .0
                .iter()
                .copied()
                .map(u64::from_le_bytes);
            for (own, other) in self.0.iter_mut().zip(words) {
                *own |= other;
            }
        } else {
            for number in kept.as_chunks::<2>().0 {
                self.insert(u16::from_le_bytes(*number));
            }
        }
    }

    /// Keeps only what is in the other set, too.
    pub fn intersect(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0.iter()) {
            *own &= other;
        }
    }

    /// How many numbers there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().zip(0_u16..).flat_map(|(word, index)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                // Below 64.
                let bit = u16::try_from(rest.trailing_zeros()).unwrap_or_default();
                rest &= rest - 1;
                Some(index * 64 + bit)
            })
        })
    }

    /// The set in its kept form.
    pub fn kept(&self) -> Vec<u8> {
        let numbers: Vec<u16> = self.iter().take(BITMAP_BYTES / 2).collect();
        let mut kept = Vec::new();
        if numbers.len() < BITMAP_BYTES / 2 {
            extend_kept(&mut kept, &numbers);
            kept
        } else {
            self.bitmap()
        }
    }

    fn bitmap(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

/// A set in its kept form without these numbers; `None` if none is left.
pub fn without(kept: &[u8], numbers: &[u16]) -> Option<Vec<u8>> {
    let mut bits = Bits::new();
    bits.insert_kept(kept);
    for number in numbers {
        bits.remove(*number);
    }
    (bits.len() > 0).then(|| bits.kept())
}

/// Adds ascending numbers, all larger than those that are there, to a set in its kept form.
pub fn extend_kept(kept: &mut Vec<u8>, numbers: &[u16]) {
    if kept.len() + 2 * numbers.len() < BITMAP_BYTES {
        kept.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        return;
    }
    let mut bits = Bits::new();
    bits.insert_kept(kept);
    for number in numbers {
        bits.insert(*number);
    }
    *kept = bits.bitmap();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kept: &[u8]) -> Vec<u16> {
        let mut bits = Bits::new();
        bits.insert_kept(kept);
        assert_eq!(bits.len(), bits.iter().count() as u64);
        bits.iter().collect()
    }

    #[test]
    fn a_set_is_kept_in_either_form() {
        let all: Vec<u16> = (0..16384).collect();
        for step in [1, 2, 15, 16, 17, 5000] {
            let numbers: Vec<u16> = all.iter().copied().step_by(step).collect();
            let mut kept = Vec::new();
            for some in numbers.chunks(97) {
                extend_kept(&mut kept, some);
            }
            assert!(kept.len() <= BITMAP_BYTES);
            assert_eq!(read(&kept), numbers, "step {step}");
            let mut bits = Bits::new();
            bits.insert_kept(&kept);
            assert_eq!(bits.kept(), kept, "step {step}");
        }
        assert!(read(&[]).is_empty());
    }

    #[test]
    fn sets_meet() {
        let set = |step| {
            let mut bits = Bits::new();
            (0..16384).step_by(step).for_each(|n| bits.insert(n));
            bits
        };
        let mut both = set(6);
        both.intersect(&set(4));
        assert!(both == set(12));
    }

    #[test]
    fn numbers_are_taken_away_whatever_the_form() {
        for step in [1_u16, 3, 17] {
            let numbers: Vec<u16> = (0..16384).step_by(usize::from(step)).collect();
            let mut kept = Vec::new();
            extend_kept(&mut kept, &numbers);
            let (gone, left) = numbers.split_at(numbers.len() / 2);
            let mut kept = without(&kept, gone).expect("half of it");
            assert_eq!(read(&kept), left, "step {step}");
            // It goes on as it was.
            extend_kept(&mut kept, &[]);
            assert_eq!(read(&kept), left, "step {step}");
            assert_eq!(without(&kept, left), None);
        }
    }

    #[test]
    fn places() {
        assert_eq!(place(0), (0, 0));
        assert_eq!(place(16383), (0, 16383));
        assert_eq!(place(16384), (1, 0));
        assert_eq!(place(5_000_000_000), (305_175, 12_800));
    }
}
