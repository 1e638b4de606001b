use std::num::NonZeroUsize;

use crate::{Message, MessageFilter};

/// A place in the order in which messages arrived: that of a message, or the one before the first.
///
/// Every store gives each message a larger one than those that could be read before it, so that who
/// knows the last one that they saw can go on behind it. There may be gaps between them; nothing
/// ever arrives in one later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(i64);

/// A number that is not a [`Sequence`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and {max}", max = i64::MAX)]
pub struct InvalidSequence;

impl Sequence {
    /// Before every message.
    pub const START: Self = Self(0);

    /// The number; 0 is before every message.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Sequence {
    type Error = InvalidSequence;

    fn try_from(value: i64) -> Result<Self, InvalidSequence> {
        if value >= 0 {
            Ok(Self(value))
        } else {
            Err(InvalidSequence)
        }
    }
}

/// Which messages to read in the order in which they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalQuery {
    /// Only those that arrived behind this one.
    pub after: Sequence,
    /// Only those that match.
    pub filter: MessageFilter,
    /// How many at the most.
    pub limit: NonZeroUsize,
}

/// A message, and its place in the order in which messages arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Its place.
    pub sequence: Sequence,
    /// The message.
    pub message: Message,
}

/// A part of the messages in the order in which they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrivals {
    /// Those that match, by sequence.
    pub items: Vec<Arrival>,
    /// Where to go on: every match up to here, behind where the query began, is among the items.
    /// At least as large as there, and it may be larger than the last item's sequence.
    pub up_to: Sequence,
    /// Whether it is already known that the log goes on behind `up_to`. A store looks at a bounded
    /// number of messages for one answer, so there may be no item and more to look at.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_not_negative() {
        assert_eq!(Sequence::try_from(0), Ok(Sequence::START));
        for number in [1, 2, i64::MAX] {
            assert_eq!(Sequence::try_from(number).map(Sequence::get), Ok(number));
        }
        for number in [-1, i64::MIN] {
            assert_eq!(Sequence::try_from(number), Err(InvalidSequence));
        }
    }
}
