//! The task that writes.

use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use countersign_core::{Appended, CauseChain, Message, MessageRepository, RepositoryError};
use futures_util::FutureExt as _;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, oneshot},
    time::Instant,
};

use crate::{Joined, Limits, Transaction, Watch, pace::Pace, tally::Tally};

type Answer = Result<Vec<Appended>, RepositoryError>;

/// An append that waits for its transaction.
pub struct Waiting {
    pub messages: Vec<Message>,
    /// What they take in memory.
    pub bytes: usize,
    /// The same, as it is counted against what may be taken; given back when it is answered.
    pub room: OwnedSemaphorePermit,
    /// Wants to know of the transaction.
    pub joined: Option<Joined>,
    pub answer: oneshot::Sender<Answer>,
}

/// Who waits in a transaction, and for how many of its messages.
struct Caller {
    count: usize,
    joined: Option<Joined>,
    answer: oneshot::Sender<Answer>,
    _room: OwnedSemaphorePermit,
}

impl Caller {
    fn was_in(&mut self, transaction: &Transaction) {
        if let Some(joined) = self.joined.take() {
            told(|| joined(transaction));
        }
    }

    fn answer(self, answer: Answer, tally: &Tally) {
        if let Err(Ok(_)) = self.answer.send(answer) {
            tally.one_late();
        }
    }
}

/// What it writes with.
pub struct Writer {
    pub repository: Arc<dyn MessageRepository>,
    pub limits: Limits,
    pub tally: Arc<Tally>,
    pub pace: Arc<Pace>,
    /// Is told of each transaction.
    pub watch: Arc<dyn Watch>,
}

impl Writer {
    /// Commits what waits, group by group, until nobody can append any more and nothing waits. Nobody
    /// can after `closing`, or when the last who could is gone.
    pub async fn run(self, mut queue: mpsc::Receiver<Waiting>, mut closing: oneshot::Receiver<()>) {
        let (batch, batch_bytes) = (self.limits.batch.get(), self.limits.batch_bytes.get());
        // One that would have made the group before too large.
        let mut left_over = None;
        loop {
            let first = match left_over.take() {
                Some(waiting) => waiting,
                None => match next(&mut queue, &mut closing).await {
                    Some(waiting) => waiting,
                    None => return,
                },
            };
            let Some(first) = wanted(first, &self.tally) else {
                continue;
            };
            let (mut size, mut bytes) = (first.messages.len(), first.bytes);
            let mut group = vec![first];
            while size < batch && bytes < batch_bytes {
                let Ok(next) = queue.try_recv() else { break };
                let Some(next) = wanted(next, &self.tally) else {
                    continue;
                };
                if size + next.messages.len() > batch || bytes + next.bytes > batch_bytes {
                    left_over = Some(next);
                    break;
                }
                size += next.messages.len();
                bytes += next.bytes;
                group.push(next);
            }
            self.pace.begins();
            self.commit(group).await;
            self.pace.ends();
        }
    }

    async fn commit(&self, group: Vec<Waiting>) {
        let tally = &*self.tally;
        let mut messages = Vec::new();
        let mut callers = Vec::with_capacity(group.len());
        for mut waiting in group {
            callers.push(Caller {
                count: waiting.messages.len(),
                joined: waiting.joined,
                answer: waiting.answer,
                _room: waiting.room,
            });
            messages.append(&mut waiting.messages);
        }

        let (answer, transaction) = self.append(&messages).await;
        for caller in &mut callers {
            caller.was_in(&transaction);
        }
        match (answer, callers.len()) {
            (answer, 1) => {
                // The caller may have given up; what became of its messages is as it is.
                if let Some(caller) = callers.pop() {
                    caller.answer(answer, tally);
                }
            }
            (Ok(outcomes), _) if outcomes.len() == messages.len() => {
                let mut outcomes = outcomes.into_iter();
                for caller in callers {
                    let own = outcomes.by_ref().take(caller.count).collect();
                    caller.answer(Ok(own), tally);
                }
            }
            // The store cannot serve now, or nobody knows whether it committed: to try again at once
            // would help nobody. Each is told, and may send again safely.
            (Err(RepositoryError::Unavailable(source)), _) => {
                let shared = Shared(Arc::from(source));
                for caller in callers {
                    let error = RepositoryError::Unavailable(shared.clone().into());
                    caller.answer(Err(error), tally);
                }
            }
            // Nothing of the group is stored, and one of them may be the reason: each by itself, so
            // that one bad message cannot fail its neighbours.
            (failed, _) => {
                let cause = failed.err().map(|error| CauseChain(&error).to_string());
                tracing::warn!(
                    appends = callers.len(),
                    cause,
                    "a group failed; trying one by one"
                );
                let mut rest = messages.as_slice();
                for caller in callers {
                    let (own, others) = rest.split_at(caller.count);
                    rest = others;
                    if caller.answer.is_closed() {
                        tally.one_withdrawn();
                    } else {
                        caller.answer(self.append(own).await.0, tally);
                    }
                }
            }
        }
    }

    /// Appends; a store that panics has failed. The writer must go on: with it, nobody could write any
    /// more until the process is started again. The panic hook has logged where it was.
    async fn append(&self, messages: &[Message]) -> (Answer, Transaction) {
        let began = Instant::now();
        let answer = AssertUnwindSafe(self.repository.append(messages))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(RepositoryError::Failed("the store panicked".into())));
        let transaction = Transaction {
            messages: messages.len(),
            took: began.elapsed(),
        };
        told(|| self.watch.ended(&transaction));
        (answer, transaction)
    }
}

/// Tells somebody who watches. If that panics, the panic hook has logged where; the writer goes on.
fn told(tell: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(tell));
}

/// The next that waits; `None` when there will be none any more.
async fn next(
    queue: &mut mpsc::Receiver<Waiting>,
    closing: &mut oneshot::Receiver<()>,
) -> Option<Waiting> {
    if !closing.is_terminated() {
        tokio::select! {
            biased;
            // If it is only dropped, nobody will say it.
            closes = closing => if closes.is_ok() {
                // What waits is still received.
                queue.close();
            },
            waiting = queue.recv() => return waiting,
        }
    }
    queue.recv().await
}

/// What somebody still waits for. The rest is counted and dropped.
fn wanted(waiting: Waiting, tally: &Tally) -> Option<Waiting> {
    if waiting.answer.is_closed() {
        tally.one_withdrawn();
        return None;
    }
    Some(waiting)
}

/// An error that several callers get.
#[derive(Debug, Clone)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
