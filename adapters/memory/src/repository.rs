use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use countersign_core::{
    Appended, Conflict, Limit, Message, MessageFilter, MessageId, MessageQuery, MessageRepository,
    Order, Page, Position, RepositoryError, SenderCount, Stats, Timestamp,
};

/// Messages in memory, without limit, until the process ends.
#[derive(Debug, Default)]
pub struct MemoryRepository {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of every list.
    messages: BTreeMap<Position, Message>,
    ts_by_id: HashMap<MessageId, Timestamp>,
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
        let ts = *self.ts_by_id.get(id)?;
        let id = id.clone();
        self.messages.get(&Position { ts, id })
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
                let ts = message.content.ts;
                self.ts_by_id.insert(id.clone(), ts);
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

fn matches(filter: &MessageFilter, message: &Message) -> bool {
    let content = &message.content;
    let from = filter
        .from
        .as_ref()
        .is_none_or(|from| content.from.as_str() == from);
    let to = filter
        .to
        .as_ref()
        .is_none_or(|to| content.to.as_str() == to);
    let since = filter.since.is_none_or(|since| content.ts >= since);
    let until = filter.until.is_none_or(|until| content.ts < until);
    let text = filter.text.as_ref().is_none_or(|term| {
        content
            .text
            .as_ref()
            .is_some_and(|text| term.is_in(text.as_str()))
    });
    from && to && since && until && text
}

#[async_trait]
impl MessageRepository for MemoryRepository {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let mut state = self.state();
        Ok(batch.iter().map(|message| state.append(message)).collect())
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        let state = self.state();
        let mut matching: Vec<&Message> = state
            .messages
            .values()
            .filter(|message| matches(&query.filter, message))
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

    async fn ready(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}
