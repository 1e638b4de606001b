use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use countersign_core::{
    Appended, Arrival, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Digest, Limit, Message,
    MessageKey, MessageQuery, MessageRepository, Order, Page, Position, Readiness, Repeat, Repeats,
    RepositoryError, SenderCount, Sequence, Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use tokio::sync::watch;

/// Messages in memory, without limit, until the process ends.
#[derive(Debug, Default)]
pub struct MemoryRepository {
    state: Mutex<State>,
    /// How many messages there are.
    arrived: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of every list.
    messages: BTreeMap<Position, Message>,
    /// In the order in which they arrived; the first one's sequence is 1. Those that were purged have
    /// left their place.
    arrivals: Vec<Option<Position>>,
    /// Where a message with this key is among them.
    by_key: HashMap<MessageKey, usize>,
    /// What was purged, by key: the digest of its content.
    tombstones: HashMap<MessageKey, Digest>,
    conflicts: Vec<Conflict>,
    /// How often messages that are here came again.
    repeats: HashMap<MessageKey, Repeats>,
}

impl MemoryRepository {
    /// An empty repository.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No method panics between two changes that belong together, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&self, key: &MessageKey) -> Option<&Message> {
        let position = self.arrivals.get(*self.by_key.get(key)?)?;
        self.messages.get(position.as_ref()?)
    }

    fn purge(&mut self, key: &MessageKey) -> bool {
        let Some(message) = self.find(key) else {
            return false;
        };
        let (position, digest) = (message.position(), message.content.digest());
        self.messages.remove(&position);
        if let Some(place) = self.by_key.remove(key)
            && let Some(left) = self.arrivals.get_mut(place)
        {
            *left = None;
        }
        self.conflicts
            .retain(|conflict| conflict.content.key() != *key);
        self.repeats.remove(key);
        self.tombstones.insert(key.clone(), digest);
        true
    }

    fn append(&mut self, message: &Message) -> Appended {
        let key = message.content.key();
        let first = self.find(&key).map(|first| first.content.digest());
        match first.or_else(|| self.tombstones.get(&key).copied()) {
            Some(first) if first == message.content.digest() => Appended::Duplicate,
            Some(_) => {
                self.record_conflict(message);
                Appended::Conflict
            }
            None => {
                self.by_key.insert(key, self.arrivals.len());
                self.arrivals.push(Some(message.position()));
                self.messages.insert(message.position(), message.clone());
                Appended::Created
            }
        }
    }

    fn note_repeat(&mut self, repeat: &Repeat) {
        if self.find(&repeat.key).is_none() {
            return;
        }
        let noted = self.repeats.entry(repeat.key.clone()).or_default();
        *noted = noted.and(Repeats {
            times: repeat.times,
            last_seen_at: Some(repeat.last_seen_at),
        });
    }

    fn record_conflict(&mut self, message: &Message) {
        let seen = message.created_at;
        match self
            .conflicts
            .iter_mut()
            .find(|known| known.content == message.content)
        {
            Some(known) => {
                known.times += 1;
                known.last_seen_at = known.last_seen_at.max(seen);
            }
            None => self.conflicts.push(Conflict {
                content: message.content.clone(),
                first_seen_at: seen,
                last_seen_at: seen,
                times: 1,
            }),
        }
    }
}

#[async_trait]
impl MessageRepository for MemoryRepository {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let mut state = self.state();
        let outcomes = batch.iter().map(|message| state.append(message)).collect();
        // Told while the state is locked, so that the number never goes back.
        self.arrived.send_replace(state.arrivals.len());
        Ok(outcomes)
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        let state = self.state();
        let mut matching: Vec<&Message> = state
            .messages
            .values()
            .filter(|message| query.filter.admits(message))
            .collect();
        if query.order == Order::Descending {
            matching.reverse();
        }
        let total = matching.len() as u64;
        if let Some(after) = &query.after {
            let behind = |message: &&Message| match query.order {
                Order::Ascending => message.position() > *after,
                Order::Descending => message.position() < *after,
            };
            matching.retain(behind);
        }
        let offset = usize::try_from(query.offset.get()).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit.get()).unwrap_or(usize::MAX);
        let mut rest = matching.into_iter().skip(offset);
        Ok(Page {
            total,
            items: rest.by_ref().take(limit).cloned().collect(),
            more: rest.next().is_some(),
        })
    }

    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        Ok(self.state().find(key).cloned())
    }

    async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        let state = self.state();
        let mut items: Vec<Conflict> = state
            .conflicts
            .iter()
            .filter(|conflict| key.is_none_or(|key| conflict.content.key() == *key))
            .cloned()
            .collect();
        let total = items.len() as u64;
        // The sort is stable: of two last seen at once, the one recorded later comes first.
        items.reverse();
        items.sort_by_key(|conflict| Reverse(conflict.last_seen_at));
        items.truncate(usize::try_from(limit.get()).unwrap_or(usize::MAX));
        let more = total > items.len() as u64;
        Ok(Page { items, total, more })
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        let state = self.state();
        let mut by_sender: HashMap<&str, u64> = HashMap::new();
        for message in state.messages.values() {
            *by_sender.entry(message.content.from.as_str()).or_default() += 1;
        }
        let senders_count = by_sender.len() as u64;
        let mut top_senders: Vec<SenderCount> = by_sender
            .into_iter()
            .map(|(from, count)| SenderCount {
                from: from.to_owned(),
                count,
            })
            .collect();
        top_senders.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.from.cmp(&b.from)));
        top_senders.truncate(usize::try_from(Stats::TOP_SENDERS).unwrap_or(usize::MAX));
        Ok(Stats {
            total_messages: state.messages.len() as u64,
            senders_count,
            top_senders,
            first_message_ts: state.messages.first_key_value().map(|(first, _)| first.ts),
            last_message_ts: state.messages.last_key_value().map(|(last, _)| last.ts),
        })
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        let (filter, buckets) = (query.filter(), &query.buckets);
        let mut counts = vec![0; buckets.len()];
        for message in self.state().messages.values() {
            let bucket = buckets.of(message.content.ts);
            if let Some(count) = bucket.and_then(|bucket| counts.get_mut(bucket))
                && filter.admits(message)
            {
                *count += 1;
            }
        }
        Ok(Timeline { counts })
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        let state = self.state();
        let mut up_to = index(query.after);
        let mut items = Vec::new();
        for position in state.arrivals.iter().skip(up_to) {
            if items.len() == query.limit.get() {
                break;
            }
            up_to += 1;
            let message = position
                .as_ref()
                .and_then(|position| state.messages.get(position));
            if let Some(message) = message.filter(|message| query.filter.admits(message)) {
                items.push(Arrival {
                    sequence: sequence(up_to),
                    message: message.clone(),
                });
            }
        }
        Ok(Arrivals {
            items,
            up_to: query.after.max(sequence(up_to)),
            more: up_to < state.arrivals.len(),
        })
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        Ok(sequence(self.state().arrivals.len()))
    }

    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        Ok(self.last_arrival().await? >= sequence)
    }

    async fn arrived_behind(&self, after: Sequence) {
        let mut arrived = self.arrived.subscribe();
        // The sender lives as long as `self`.
        let _ = arrived.wait_for(|arrived| *arrived > index(after)).await;
    }

    async fn purge(&self, keys: &[MessageKey], _: Timestamp) -> Result<u64, RepositoryError> {
        let mut state = self.state();
        Ok(keys.iter().filter(|key| state.purge(key)).count() as u64)
    }

    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        let mut state = self.state();
        let mut purged = 0;
        state.conflicts.retain(|conflict| {
            let goes = purged < at_most.get() && which.admits(conflict);
            purged += usize::from(goes);
            !goes
        });
        Ok(purged as u64)
    }

    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        let mut state = self.state();
        for repeat in repeats {
            state.note_repeat(repeat);
        }
        Ok(())
    }

    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        let noted = self.state().repeats.get(key).copied();
        Ok(noted.unwrap_or_default())
    }

    async fn readiness(&self) -> Readiness {
        Readiness::READY
    }

    async fn storage(&self) -> Storage {
        Storage {
            engine: Some("In memory".to_owned()),
            durability: Some("lost when the process ends".to_owned()),
            durable: Some(false),
            ..Storage::default()
        }
    }
}

/// The sequence of the last of so many messages.
fn sequence(messages: usize) -> Sequence {
    let number = i64::try_from(messages).unwrap_or(i64::MAX);
    Sequence::try_from(number).unwrap_or_default()
}

/// How many messages there are up to a sequence.
fn index(sequence: Sequence) -> usize {
    usize::try_from(sequence.get()).unwrap_or(usize::MAX)
}
