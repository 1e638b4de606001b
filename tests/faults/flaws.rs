//! What no store may do. Each flaw must be noticed: a check that nothing can fail checks nothing.

use std::{slice, sync::Arc, time::Duration};

use countersign_core::{
    Appended, Message, MessageQuery, MessageRepository as _, Page, RepositoryError, Stats, Text,
};
use tokio::{task, time};

use super::store::{FaultyRepository, State};
use crate::fixture;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It says that a message is stored, and stores it two seconds later.
    AcknowledgesBeforeCommit,
    /// It says that a message is stored, and never stores it.
    Forgets,
    /// It calls every message a new one.
    CallsAllNew,
    /// It stores a message again, under another id.
    WritesTwice,
    /// It stores another text.
    ChangesText,
    /// It loses an earlier message with a later one.
    Loses,
    /// It counts one message too many.
    Miscounts,
    /// It shows the first message of a page twice.
    ShowsTwice,
    /// Its summary leaves a sender out.
    MiscountsSenders,
}

impl Flaw {
    /// With the rule that it breaks.
    pub const ALL: [(Self, &'static [&'static str]); 9] = [
        (Self::AcknowledgesBeforeCommit, &["A1"]),
        (Self::Forgets, &["A1"]),
        (Self::CallsAllNew, &["A4"]),
        (Self::WritesTwice, &["A3"]),
        (Self::ChangesText, &["A3"]),
        (Self::Loses, &["A1", "A5"]),
        (Self::Miscounts, &["A6"]),
        (Self::ShowsTwice, &["A2"]),
        (Self::MiscountsSenders, &["A7"]),
    ];

    pub async fn append(
        self,
        store: &FaultyRepository,
        batch: &[Message],
    ) -> Result<Vec<Appended>, RepositoryError> {
        let memory = &store.memory;
        match self {
            Self::AcknowledgesBeforeCommit => {
                let (state, memory, batch) =
                    (store.state.subscribe(), Arc::clone(memory), batch.to_vec());
                let outcomes = vec![Appended::Created; batch.len()];
                task::spawn(async move {
                    time::sleep(Duration::from_secs(2)).await;
                    if *state.borrow() == State::Up {
                        let _ = memory.append(&batch).await;
                    }
                });
                Ok(outcomes)
            }
            Self::Forgets => {
                let mut outcomes = Vec::new();
                for message in batch {
                    if message.content.id.as_str() == "m1" {
                        outcomes.push(Appended::Created);
                    } else {
                        outcomes.extend(memory.append(slice::from_ref(message)).await?);
                    }
                }
                Ok(outcomes)
            }
            Self::CallsAllNew => {
                memory.append(batch).await?;
                Ok(vec![Appended::Created; batch.len()])
            }
            Self::WritesTwice => {
                for message in batch {
                    let mut copy = message.clone();
                    let id = format!("{}-copy", copy.content.id);
                    copy.content.id = fixture::id(&id);
                    memory.append(&[copy]).await?;
                }
                memory.append(batch).await
            }
            Self::ChangesText => {
                let mut changed = batch.to_vec();
                for message in &mut changed {
                    message.content.text = Text::try_from("changed".to_owned()).ok();
                }
                memory.append(&changed).await
            }
            Self::Loses => {
                let earlier = memory.list(&MessageQuery::default()).await?;
                if let [first, ..] = earlier.items.as_slice()
                    && batch.iter().all(|m| m.content.key() != first.content.key())
                {
                    memory
                        .purge(&[first.content.key()], first.created_at)
                        .await?;
                }
                memory.append(batch).await
            }
            Self::Miscounts | Self::ShowsTwice | Self::MiscountsSenders => {
                memory.append(batch).await
            }
        }
    }

    pub fn page(self, mut page: Page<Message>) -> Page<Message> {
        match (self, page.items.first()) {
            (Self::Miscounts, _) => page.total += 1,
            (Self::ShowsTwice, Some(first)) => page.items.insert(0, first.clone()),
            _ => {}
        }
        page
    }

    pub fn stats(self, mut stats: Stats) -> Stats {
        if self == Self::MiscountsSenders {
            stats.top_senders.pop();
        }
        stats
    }
}
