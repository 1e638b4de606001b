//! The task that writes.

use std::{error::Error, fmt, panic::AssertUnwindSafe, sync::Arc};

use countersign_core::{Appended, CauseChain, Message, MessageRepository, RepositoryError};
use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

type Answer = Result<Vec<Appended>, RepositoryError>;

/// An append that waits for its transaction.
pub struct Waiting {
    pub messages: Vec<Message>,
    pub answer: oneshot::Sender<Answer>,
}

/// Commits what waits, group by group, until nobody can append any more and nothing waits.
pub async fn run(
    repository: Arc<dyn MessageRepository>,
    mut queue: mpsc::Receiver<Waiting>,
    batch: usize,
) {
    // One that would have made the group before too large.
    let mut left_over = None;
    loop {
        let first = match left_over.take() {
            Some(waiting) => waiting,
            None => match queue.recv().await {
                Some(waiting) => waiting,
                None => return,
            },
        };
        let mut size = first.messages.len();
        let mut group = vec![first];
        while size < batch {
            let Ok(next) = queue.try_recv() else { break };
            if size + next.messages.len() > batch {
                left_over = Some(next);
                break;
            }
            size += next.messages.len();
            group.push(next);
        }
        commit(repository.as_ref(), group).await;
    }
}

async fn commit(repository: &dyn MessageRepository, group: Vec<Waiting>) {
    let mut messages = Vec::new();
    // Who waits, and for how many of the messages.
    let mut callers = Vec::with_capacity(group.len());
    for mut waiting in group {
        callers.push((waiting.messages.len(), waiting.answer));
        messages.append(&mut waiting.messages);
    }

    match (append(repository, &messages).await, callers.len()) {
        (answer, 1) => {
            let caller = callers.pop().map(|(_, caller)| caller);
            // The caller may have given up; what became of its messages is as it is.
            let _ = caller.map(|caller| caller.send(answer));
        }
        (Ok(outcomes), _) if outcomes.len() == messages.len() => {
            let mut outcomes = outcomes.into_iter();
            for (count, caller) in callers {
                let _ = caller.send(Ok(outcomes.by_ref().take(count).collect()));
            }
        }
        // The store cannot serve now, or nobody knows whether it committed: to try again at once
        // would help nobody. Each is told, and may send again safely.
        (Err(RepositoryError::Unavailable(source)), _) => {
            let shared = Shared(Arc::from(source));
            for (_, caller) in callers {
                let _ = caller.send(Err(RepositoryError::Unavailable(shared.clone().into())));
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
            for (count, caller) in callers {
                let (own, others) = rest.split_at(count);
                rest = others;
                let _ = caller.send(append(repository, own).await);
            }
        }
    }
}

/// Appends; a store that panics has failed. The writer must go on: with it, nobody could write any
/// more until the process is started again. The panic hook has logged where it was.
async fn append(repository: &dyn MessageRepository, messages: &[Message]) -> Answer {
    AssertUnwindSafe(repository.append(messages))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(RepositoryError::Failed("the store panicked".into())))
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
