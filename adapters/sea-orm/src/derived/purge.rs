//! What it means for the index that messages are taken away again: the reverse of [`super::gather`].

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use countersign_core::Stats;

use super::{
    EVERYBODY, SENDER,
    bits::place,
    gather::{Parties, Row, are_all},
    grams, spans,
};

/// What becomes of a party that loses messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It has some, which are counted by time.
    Counted(i64),
    /// It has some, which are counted by time no more, because they are few.
    CountedNoMore(i64),
    /// It has some, which never were counted by time.
    Few(i64),
    /// It has none.
    Nothing,
}

/// What becomes of one that had so many messages, and loses some.
pub fn left(party: i64, before: i64, less: i64) -> Left {
    let now = before - less;
    let counted = before >= spans::FROM;
    match now {
        now if party == EVERYBODY => Left::Counted(now),
        ..=0 => Left::Nothing,
        now if now >= spans::FROM => Left::Counted(now),
        now if counted => Left::CountedNoMore(now),
        now => Left::Few(now),
    }
}

/// How many of the parties are senders that have no message any more.
pub fn gone_senders(parties: &Parties<'_>) -> i64 {
    let gone = parties
        .iter()
        .filter(|((role, _), party)| *role == SENDER && party.before > 0 && party.now() <= 0);
    i64::try_from(gone.count()).unwrap_or(i64::MAX)
}

/// The first senders, after the parties have lost messages (`more` is less than nothing), if these were
/// they before, of so many senders then; `None` if they are too few now, and all must be looked at.
pub fn top_senders(
    before: BTreeMap<String, i64>,
    senders: i64,
    parties: &Parties<'_>,
) -> Option<Vec<(String, i64)>> {
    // Whoever is not among them comes behind the last; so who falls behind it is not known to be.
    let place = |(number, messages): (&String, &i64)| (Reverse(*messages), number.clone());
    let last = before.iter().map(place).max();
    let all_are_known = are_all(&before, senders);
    let mut top = before;
    for ((role, number), party) in parties {
        if *role != SENDER || !top.contains_key(*number) {
            continue;
        }
        let now = (Reverse(party.now()), (*number).to_owned());
        if party.now() > 0 && (all_are_known || Some(now) <= last) {
            top.insert((*number).to_owned(), party.now());
        } else {
            top.remove(*number);
        }
    }
    let are_enough = all_are_known || top.len() as u64 >= Stats::TOP_SENDERS;
    are_enough.then(|| top.into_iter().collect())
}

/// By block and gram, sorted: which of the block's messages have it; of the blocks whose grams are
/// kept.
pub fn grams_of_texts(rows: &[Row], gram_blocks: i64) -> Vec<((i64, String), Vec<u16>)> {
    let mut numbers: HashMap<(i64, String), Vec<u16>> = HashMap::new();
    for row in rows {
        let (block, number) = place(row.seq);
        if block >= gram_blocks {
            continue;
        }
        for gram in row.text.as_deref().map(grams::of).into_iter().flatten() {
            numbers.entry((block, gram)).or_default().push(number);
        }
    }
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derived::gather::Party;

    fn top(counts: &[i64]) -> BTreeMap<String, i64> {
        let numbers = (10..).map(|n| format!("+{n}"));
        numbers.zip(counts.iter().copied()).collect()
    }

    fn less(number: &str, before: i64, less: i64) -> Parties<'_> {
        let party = Party {
            id: 1,
            before,
            more: -less,
        };
        Parties::from([((SENDER, number), party)])
    }

    #[test]
    fn who_stays_before_the_last_needs_no_look_at_the_others() {
        let ten: Vec<i64> = (11..21).rev().collect();
        let after = |less: &Parties<'_>| top_senders(top(&ten), 11, less);
        let changed = after(&less("+10", 20, 5)).expect("known");
        assert_eq!(changed.first(), Some(&("+10".to_owned(), 15)));
        assert_eq!(after(&less("+10", 20, 10)), None);
        // As many as the last, and a smaller number.
        assert!(after(&less("+10", 20, 9)).is_some());
        assert_eq!(after(&less("+19", 11, 1)), None);
        // One who is not among them.
        assert!(after(&less("+99", 3, 3)).is_some());
    }

    #[test]
    fn who_falls_behind_the_last_is_left_out_as_long_as_enough_are_known() {
        let eleven: Vec<i64> = (10..21).rev().collect();
        let after = |less: &Parties<'_>| top_senders(top(&eleven), 12, less);
        for (number, before, gone) in [("+10", 20, 11), ("+20", 10, 1), ("+20", 10, 10)] {
            let known = after(&less(number, before, gone)).expect("known");
            assert_eq!(known.len(), 10);
            assert!(known.iter().all(|(known, _)| known != number));
        }
    }

    #[test]
    fn where_all_are_known_nobody_follows() {
        let changed = top_senders(top(&[3, 2]), 2, &less("+11", 2, 2));
        assert_eq!(changed, Some(vec![("+10".to_owned(), 3)]));
    }

    #[test]
    fn a_party_that_shrinks_is_not_counted_by_time_any_more() {
        assert_eq!(
            left(7, spans::FROM, 1),
            Left::CountedNoMore(spans::FROM - 1)
        );
        assert_eq!(left(7, spans::FROM + 1, 1), Left::Counted(spans::FROM));
        assert_eq!(left(7, 2, 1), Left::Few(1));
        assert_eq!(left(7, 2, 2), Left::Nothing);
        assert_eq!(left(EVERYBODY, 2, 2), Left::Counted(0));
    }
}
