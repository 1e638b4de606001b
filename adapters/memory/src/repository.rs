use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use countersign_core::{
    Appended, Arrival, ArrivalQuery, Arrivals, Conflict, Limit, Message, MessageId, MessageQuery,
    MessageRepository, NotReady, Order, Page, Position, RepositoryError, SenderCount, Sequence,
    Stats,
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
    /// In the order in which they arrived; the first one's sequence is 1.
    arrivals: Vec<Position>,
    /// Where a message with this id is among them.
    by_id: HashMap<MessageId, usize>,
    conflicts: Vec<Conflict>,
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
    fn find(&self, id: &MessageId) -> Option<&Message> {
        let position = self.arrivals.get(*self.by_id.get(id)?)?;
        self.messages.get(position)
    }

    fn append(&mut self, message: &Message) -> Appended {
        let id = &message.content.id;
        match self.find(id) {
            Some(first) if first.content == message.content => Appended::Duplicate,
            Some(_) => {
                self.record_conflict(message);
                Appended::Conflict
            }
            None => {
                self.by_id.insert(id.clone(), self.arrivals.len());
                self.arrivals.push(message.position());
                self.messages.insert(message.position(), message.clone());
                Appended::Created
            }
        }
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

    async fn find(&self, id: &MessageId) -> Result<Option<Message>, RepositoryError> {
        Ok(self.state().find(id).cloned())
    }

    async fn conflicts(
        &self,
        id: Option<&MessageId>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        let state = self.state();
        let mut items: Vec<Conflict> = state
            .conflicts
            .iter()
            .filter(|conflict| id.is_none_or(|id| conflict.content.id == *id))
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

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        let state = self.state();
        let mut up_to = index(query.after);
        let mut items = Vec::new();
        for position in state.arrivals.iter().skip(up_to) {
            if items.len() == query.limit.get() {
                break;
            }
            up_to += 1;
            let message = state.messages.get(position);
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

    async fn ready(&self) -> Result<(), NotReady> {
        Ok(())
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
