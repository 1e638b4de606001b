use std::{
    collections::HashMap,
    mem,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Inbox, Message, MessageKey, RepositoryError, Timestamp};

/// How often a stored message came again with the same content, and when it last did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repeats {
    /// How often.
    pub times: u64,
    /// When last; nothing if it never did.
    pub last_seen_at: Option<Timestamp>,
}

impl Repeats {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            times: self.times.saturating_add(other.times),
            last_seen_at: self.last_seen_at.max(other.last_seen_at),
        }
    }
}

/// That one message came again, so often since this was last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Which message.
    pub key: MessageKey,
    /// How often; at least once.
    pub times: u64,
    /// When last.
    pub last_seen_at: Timestamp,
}

/// How much is gathered in memory before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatLimits {
    /// Of how many messages.
    pub messages: NonZeroUsize,
    /// How many bytes they may take.
    pub bytes: usize,
}

impl Default for RepeatLimits {
    /// 65,536 messages, if their ids are not much longer than usual: 16 MiB.
    fn default() -> Self {
        Self {
            messages: const { NonZeroUsize::new(65_536).unwrap() },
            bytes: 16 * 1024 * 1024,
        }
    }
}

/// What is gathered and not written yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepeatsWaiting {
    /// Of how many messages.
    pub messages: usize,
    /// How often messages came again for which there was no room: they are counted here, and nowhere
    /// else.
    pub not_counted: u64,
}

impl Inbox {
    /// The same, gathering no more than this.
    #[must_use]
    pub fn gathering(mut self, limits: RepeatLimits) -> Self {
        self.repeats = Gathered::new(limits).into();
        self
    }

    /// How often the message with this key came again with the same content, and when it last did:
    /// what is stored, and what this inbox has gathered since.
    ///
    /// While that is being written, nobody knows whether it is in the store already: `rest` is waited
    /// for, some times, until it is known. If the write does not end by then, it is taken for one that
    /// hangs, and has stored nothing.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn repeats<R: Future<Output = ()>>(
        &self,
        key: &MessageKey,
        rest: impl Fn() -> R,
    ) -> Result<Repeats, RepositoryError> {
        for _ in 0..ATTEMPTS {
            let before = self.repeats.of(key);
            if before.is_being_written {
                rest().await;
                continue;
            }
            let stored = self.repository.repeats(key).await?;
            let after = self.repeats.of(key);
            // If something was written between the two looks, it is perhaps in both, or in neither.
            if after.writes == before.writes {
                return Ok(stored.and(after.repeats));
            }
        }
        let gathered = self.repeats.of(key).repeats;
        Ok(self.repository.repeats(key).await?.and(gathered))
    }

    /// Writes what is gathered, of so many messages at the most; says whether it has written
    /// something. Whoever accepts messages does not wait for it: somebody has to call it from time to
    /// time, one at a time.
    ///
    /// # Errors
    /// If the repository could not do it. Nothing is lost by that: it stays gathered. It may be
    /// counted twice if the repository has done it and could not say so.
    pub async fn write_repeats(&self, at_most: NonZeroUsize) -> Result<bool, RepositoryError> {
        let Some(taken) = self.repeats.take(at_most) else {
            return Ok(false);
        };
        self.repository.note_repeats(&taken.repeats).await?;
        taken.are_written();
        Ok(true)
    }

    /// How much is gathered.
    #[must_use]
    pub fn repeats_waiting(&self) -> RepeatsWaiting {
        self.repeats.waiting()
    }

    /// As [`Self::repeats_waiting`], for one who looks again and again, and keeps nothing else alive.
    pub fn watch_repeats(&self) -> impl Fn() -> RepeatsWaiting + Clone + Send + Sync + use<> {
        let repeats = Arc::clone(&self.repeats);
        move || repeats.waiting()
    }
}

/// How often one looks for an answer that fits together.
const ATTEMPTS: u32 = 16;

/// What a message takes here beside its id, about.
const OVERHEAD: usize = 160;

/// What came again since it was last written. Nobody waits for anything here but the lock, which
/// nobody holds while something is written.
#[derive(Debug)]
pub(crate) struct Gathered {
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
struct Of {
    /// After how many beginnings and ends of writes.
    writes: u64,
    /// Some of it may be in the store already.
    is_being_written: bool,
    repeats: Repeats,
}

impl Gathered {
    pub(crate) fn new(limits: RepeatLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    /// A stored message came again.
    pub(crate) fn note(&self, message: &Message) {
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

    fn of(&self, key: &MessageKey) -> Of {
        let state = self.state();
        let waiting = Seen::repeats(state.waiting.get(key));
        let taken = state.writing.get(key);
        Of {
            writes: state.writes,
            is_being_written: taken.is_some(),
            repeats: waiting.and(Seen::repeats(taken)),
        }
    }

    fn waiting(&self) -> RepeatsWaiting {
        let state = self.state();
        RepeatsWaiting {
            messages: state.messages(),
            not_counted: state.not_counted,
        }
    }

    /// Takes some to be written, in the order of their keys; nothing if there is nothing, or if some
    /// are being written already.
    fn take(&self, at_most: NonZeroUsize) -> Option<Taken<'_>> {
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
struct Taken<'a> {
    gathered: &'a Gathered,
    repeats: Vec<Repeat>,
    written: bool,
}

impl Taken<'_> {
    fn are_written(mut self) {
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
    use std::{
        cell::{Cell, RefCell},
        future::ready,
        sync::atomic::Ordering,
    };

    use super::*;
    use crate::{
        Appended, SourceName,
        doubles::{Bare, Told, at, message, now},
    };

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

    fn accept(inbox: &Inbox, id: &str) {
        let signed = inbox
            .source(SourceName::default())
            .and_then(|source| source.authenticate(&Bare, "body"))
            .unwrap();
        let content = message(id).content;
        let parsed = signed.parse(|_| Ok::<_, ()>(content)).unwrap();
        now(inbox.accept(parsed)).unwrap();
    }

    fn inbox(outcome: Appended) -> (Arc<Told>, Inbox) {
        let told = Arc::new(Told {
            outcomes: vec![outcome],
            repeats: Repeats {
                times: 40,
                last_seen_at: Some(at("2025-05-01T00:00:00Z")),
            },
            ..Told::default()
        });
        let inbox = told.inbox();
        (told, inbox)
    }

    #[test]
    fn a_duplicate_is_counted_at_once_and_written_later() {
        let (told, inbox) = inbox(Appended::Duplicate);
        accept(&inbox, "m");
        accept(&inbox.clone(), "m");
        assert!(told.noted.lock().unwrap().is_empty());
        let both = Repeats {
            times: 42,
            last_seen_at: Some(at("2025-06-01T12:00:00Z")),
        };
        assert_eq!(now(inbox.repeats(&key("m"), unexpected)).unwrap(), both);
        assert!(now(inbox.write_repeats(ALL)).unwrap());
        let written = Repeat {
            key: key("m"),
            times: 2,
            last_seen_at: at("2025-06-01T12:00:00Z"),
        };
        assert_eq!(*told.noted.lock().unwrap(), [vec![written]]);
        assert_eq!(inbox.repeats_waiting(), RepeatsWaiting::default());
        assert!(!now(inbox.write_repeats(ALL)).unwrap());
        assert_eq!(told.noted.lock().unwrap().len(), 1);
    }

    /// For what is not being written.
    async fn unexpected() {
        panic!("nothing is to be waited for");
    }

    /// Where the store has 40, and two more are being written.
    fn while_two_are_written(rest: impl Fn(&Gathered, &mut Option<Taken<'_>>)) -> (u64, u32) {
        let (_, inbox) = inbox(Appended::Duplicate);
        accept(&inbox, "m");
        accept(&inbox, "m");
        let gathered = &*inbox.repeats;
        let taken = RefCell::new(gathered.take(ALL));
        let rests = Cell::new(0);
        let repeats = now(inbox.repeats(&key("m"), || {
            rests.set(rests.get() + 1);
            rest(gathered, &mut taken.borrow_mut());
            ready(())
        }));
        (repeats.unwrap().times, rests.get())
    }

    #[test]
    fn what_is_being_written_is_not_counted_twice() {
        // The store has the two among the 40: it is only not known here yet.
        let written = while_two_are_written(|_, taken| {
            if let Some(taken) = taken.take() {
                taken.are_written();
            }
        });
        assert_eq!(written, (40, 1));
        let failed = while_two_are_written(|_, taken| drop(taken.take()));
        assert_eq!(failed, (42, 1));
        // What comes meanwhile is not lost.
        let more = while_two_are_written(|gathered, taken| {
            gathered.note(&came("m", TWO));
            if let Some(taken) = taken.take() {
                taken.are_written();
            }
        });
        assert_eq!(more, (41, 1));
    }

    #[test]
    fn there_is_an_end_to_waiting_for_a_write() {
        assert_eq!(while_two_are_written(|_, _| {}), (42, ATTEMPTS));
    }

    #[test]
    fn what_is_written_of_others_is_not_waited_for() {
        let (_, inbox) = inbox(Appended::Duplicate);
        accept(&inbox, "m");
        let _taken = inbox.repeats.take(ALL).unwrap();
        let repeats = now(inbox.repeats(&key("n"), unexpected));
        assert_eq!(repeats.unwrap().times, 40);
    }

    #[test]
    fn nothing_else_is_counted_and_for_nothing_nobody_is_asked() {
        for outcome in [Appended::Created, Appended::Conflict] {
            let (told, inbox) = inbox(outcome);
            accept(&inbox, "m");
            assert_eq!(inbox.repeats_waiting(), RepeatsWaiting::default());
            assert!(!now(inbox.write_repeats(ALL)).unwrap());
            assert!(told.noted.lock().unwrap().is_empty());
        }
    }

    #[test]
    fn what_could_not_be_written_is_kept() {
        let (told, inbox) = inbox(Appended::Duplicate);
        accept(&inbox, "m");
        told.fails_to_note.store(true, Ordering::Relaxed);
        assert!(now(inbox.write_repeats(ALL)).is_err());
        assert_eq!(now(inbox.repeats(&key("m"), unexpected)).unwrap().times, 41);
        told.fails_to_note.store(false, Ordering::Relaxed);
        assert!(now(inbox.write_repeats(ALL)).unwrap());
        assert_eq!(told.noted.lock().unwrap()[0][0].times, 1);
    }

    #[test]
    fn an_inbox_gathers_what_it_may() {
        let (_, inbox) = inbox(Appended::Duplicate);
        let inbox = inbox.gathering(RepeatLimits {
            messages: NonZeroUsize::MIN,
            bytes: usize::MAX,
        });
        let watch = inbox.watch_repeats();
        accept(&inbox, "m");
        accept(&inbox, "n");
        let full = RepeatsWaiting {
            messages: 1,
            not_counted: 1,
        };
        assert_eq!(inbox.repeats_waiting(), full);
        assert_eq!(watch(), full);
    }
}
