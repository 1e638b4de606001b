//! What came again since it was last written, in memory.

use std::{
    collections::HashMap,
    mem,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Repeat, RepeatLimits, Repeats, RepeatsWaiting};
use crate::{Message, MessageKey, Timestamp};

/// What a message takes here beside its id, about.
const OVERHEAD: usize = 160;

/// What came again since it was last written. Nobody waits for anything here but the lock, which
/// nobody holds while something is written.
#[derive(Debug)]
pub struct Gathered {
    limits: RepeatLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<MessageKey, Seen>,
    /// What is being written; it comes back if that fails.
    writing: HashMap<MessageKey, Seen>,
    /// What both take.
    bytes: usize,
    /// How many writes have begun or ended.
    writes: u64,
    not_counted: u64,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    times: u64,
    last: Timestamp,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.times = self.times.saturating_add(other.times);
        self.last = self.last.max(other.last);
    }

    fn repeats(this: Option<&Self>) -> Repeats {
        this.map_or_else(Repeats::default, |seen| Repeats {
            times: seen.times,
            last_seen_at: Some(seen.last),
        })
    }
}

/// What is gathered of one message.
pub struct Of {
    /// After how many beginnings and ends of writes.
    pub writes: u64,
    /// Some of it may be in the store already.
    pub is_being_written: bool,
    pub repeats: Repeats,
}

impl Gathered {
    pub fn new(limits: RepeatLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    /// A stored message came again.
    pub fn note(&self, message: &Message) {
        let key = message.content.key();
        let seen = Seen {
            times: 1,
            last: message.created_at,
        };
        let mut state = self.state();
        if let Some(known) = state.waiting.get_mut(&key) {
            known.add(seen);
            return;
        }
        let bytes = state.bytes + size(&key);
        if state.messages() >= self.limits.messages.get() || bytes > self.limits.bytes {
            state.not_counted += 1;
            return;
        }
        state.bytes = bytes;
        state.waiting.insert(key, seen);
    }

    pub fn of(&self, key: &MessageKey) -> Of {
        let state = self.state();
        let waiting = Seen::repeats(state.waiting.get(key));
        let taken = state.writing.get(key);
        Of {
            writes: state.writes,
            is_being_written: taken.is_some(),
            repeats: waiting.and(Seen::repeats(taken)),
        }
    }

    pub fn waiting(&self) -> RepeatsWaiting {
        let state = self.state();
        RepeatsWaiting {
            messages: state.messages(),
            not_counted: state.not_counted,
        }
    }

    /// Takes some to be written, in the order of their keys; nothing if there is nothing, or if some
    /// are being written already.
    pub fn take(&self, at_most: NonZeroUsize) -> Option<Taken<'_>> {
        let mut state = self.state();
        if state.waiting.is_empty() || !state.writing.is_empty() {
            return None;
        }
        let keys = state.waiting.keys().take(at_most.get()).cloned();
        let mut keys: Vec<MessageKey> = keys.collect();
        keys.sort_unstable();
        let mut repeats = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some((own, seen)) = state.waiting.remove_entry(&key) {
                state.writing.insert(own, seen);
                repeats.push(Repeat {
                    key,
                    times: seen.times,
                    last_seen_at: seen.last,
                });
            }
        }
        if state.waiting.is_empty() {
            // After a storm, its memory is given back.
            state.waiting = HashMap::new();
        }
        state.writes += 1;
        Some(Taken {
            gathered: self,
            repeats,
            written: false,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn messages(&self) -> usize {
        self.waiting.len() + self.writing.len()
    }
}

fn size(key: &MessageKey) -> usize {
    OVERHEAD + key.id.as_str().len()
}

/// What is being written. If it is dropped before that is done, it waits again.
pub struct Taken<'a> {
    gathered: &'a Gathered,
    pub repeats: Vec<Repeat>,
    written: bool,
}

impl Taken<'_> {
    pub fn are_written(mut self) {
        self.written = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut state = self.gathered.state();
        state.writes += 1;
        for (key, seen) in mem::take(&mut state.writing) {
            let bytes = size(&key);
            let known = state.waiting.get_mut(&key);
            if self.written {
                state.bytes -= bytes;
            } else if let Some(known) = known {
                known.add(seen);
                state.bytes -= bytes;
            } else {
                state.waiting.insert(key, seen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{at, message};

    const ALL: NonZeroUsize = NonZeroUsize::MAX;

    fn gathered(messages: usize, bytes: usize) -> Gathered {
        Gathered::new(RepeatLimits {
            messages: NonZeroUsize::new(messages).unwrap(),
            bytes,
        })
    }

    fn came(id: &str, ts: &str) -> Message {
        Message {
            created_at: at(ts),
            ..message(id)
        }
    }

    fn key(id: &str) -> MessageKey {
        message(id).content.key()
    }

    fn of(gathered: &Gathered, id: &str) -> (u64, Option<Timestamp>) {
        let repeats = gathered.of(&key(id)).repeats;
        (repeats.times, repeats.last_seen_at)
    }

    const ONE: &str = "2025-06-01T13:00:00Z";
    const TWO: &str = "2025-06-01T14:00:00Z";

    #[test]
    fn the_last_time_is_the_latest() {
        let gathered = gathered(8, 10_000);
        assert_eq!(of(&gathered, "m"), (0, None));
        for ts in [ONE, TWO, ONE] {
            gathered.note(&came("m", ts));
        }
        gathered.note(&came("n", ONE));
        assert_eq!(of(&gathered, "m"), (3, Some(at(TWO))));
        let taken = gathered.take(ALL).unwrap();
        let times: Vec<_> = taken.repeats.iter().map(|one| one.times).collect();
        assert_eq!(times, [3, 1]);
        assert_eq!(taken.repeats[0].last_seen_at, at(TWO));
    }

    #[test]
    fn what_is_being_written_is_still_there_and_comes_back_if_that_fails() {
        let gathered = gathered(8, 10_000);
        gathered.note(&came("m", TWO));
        gathered.note(&came("n", ONE));
        let taken = gathered.take(ALL).unwrap();
        gathered.note(&came("m", ONE));
        assert_eq!(of(&gathered, "m"), (2, Some(at(TWO))));
        assert!(gathered.take(ALL).is_none(), "one write at a time");
        drop(taken);
        assert_eq!(of(&gathered, "m"), (2, Some(at(TWO))));
        assert_eq!(gathered.waiting().messages, 2);
        assert_eq!(gathered.state().bytes, 2 * (OVERHEAD + 1));

        gathered.take(ALL).unwrap().are_written();
        assert_eq!(of(&gathered, "m"), (0, None));
        assert_eq!(gathered.state().bytes, 0);
        assert!(gathered.take(ALL).is_none(), "there is nothing");
    }

    #[test]
    fn no_more_is_taken_than_is_asked_for() {
        let gathered = gathered(8, 10_000);
        for id in ["a", "b", "c"] {
            gathered.note(&came(id, ONE));
        }
        let mut sizes = Vec::new();
        while let Some(taken) = gathered.take(NonZeroUsize::new(2).unwrap()) {
            sizes.push(taken.repeats.len());
            taken.are_written();
        }
        assert_eq!(sizes, [2, 1]);
    }

    #[test]
    fn there_is_an_end_to_what_is_gathered() {
        let by_number = gathered(2, 10_000);
        let by_bytes = gathered(100, 2 * (OVERHEAD + 1));
        for gathered in [by_number, by_bytes] {
            for id in ["a", "b", "c", "a", "d"] {
                gathered.note(&came(id, ONE));
            }
            let full = RepeatsWaiting {
                messages: 2,
                not_counted: 2,
            };
            assert_eq!(gathered.waiting(), full);
            assert_eq!(of(&gathered, "a").0, 2);
            assert_eq!(of(&gathered, "c").0, 0);
            // What is being written takes room, too.
            let taken = gathered.take(NonZeroUsize::MIN).unwrap();
            gathered.note(&came("e", ONE));
            assert_eq!(gathered.waiting().not_counted, 3);
            taken.are_written();
            gathered.note(&came("f", ONE));
            assert_eq!(of(&gathered, "f").0, 1);
        }
    }

    #[test]
    fn the_default_has_room_for_as_many_as_it_says() {
        let gathered = Gathered::new(RepeatLimits::default());
        for number in 0..65_537 {
            // As long as a UUID.
            gathered.note(&came(&format!("{number:036}"), ONE));
        }
        let full = RepeatsWaiting {
            messages: 65_536,
            not_counted: 1,
        };
        assert_eq!(gathered.waiting(), full);
    }
}
