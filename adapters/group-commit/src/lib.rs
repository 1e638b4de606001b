//! Group commit: a [`MessageRepository`] over a [`MessageRepository`] that gathers appends which
//! arrive at the same time into one transaction of the inner one.
//!
//! A durable transaction costs a disk a fixed time, however many messages are in it. So while one
//! is being committed, whatever arrives waits in a bounded queue, and is committed together next.
//! Nobody waits on purpose: a lone append is committed at once, and the slower the disk, the
//! larger the groups. Each caller is answered after *its* transaction is durable.
//!
//! Because the writing is a task of its own, a caller that gives up in the middle cannot leave a
//! transaction half done. What a caller has given up while it waited is not written any more: its
//! sender was told to send it again, and where more comes than can be written, only what is still
//! wanted should take the disk's time.

mod pace;
mod queue;
mod size;
mod tally;
mod writer;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Finding, Limit, Message,
    MessageKey, MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError,
    Sequence, Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use tokio::{
    sync::{
        Semaphore,
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    task::JoinHandle,
};

use crate::{
    pace::Pace,
    writer::{Waiting, Writer},
};
pub use crate::{queue::Queue, tally::Tally};

/// How much may wait, and how much is committed together.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many appends may wait. One more is refused at once.
    pub queue: NonZeroUsize,
    /// How many bytes of messages may wait or be written, in memory; up to 4 GiB. One that would be
    /// more is refused at once, but for one that is alone.
    pub queue_bytes: NonZeroUsize,
    /// How many messages a transaction takes before the rest waits for the next one. An append is
    /// never divided: one that is larger by itself is a transaction by itself.
    pub batch: NonZeroUsize,
    /// How many bytes of messages a transaction takes, in the same way.
    pub batch_bytes: NonZeroUsize,
    /// How long an append may have to wait until it is durable, by how long the transaction before
    /// took. One that would wait longer is refused at once: whoever waits for it would have given up
    /// by then, and it would stand in the way of those behind it.
    pub patience: Duration,
}

impl Default for Limits {
    /// 4096 appends may wait, up to 1024 messages go together: at the speed of a slow disk
    /// (a hundred commits a second), the last in a full queue still waits less than a second.
    ///
    /// Messages of the usual size take a tenth of the 16 MiB. It is for those with the longest texts
    /// (16 KiB each), so that a container of 128 MB has room for them, for a transaction of 4 MiB
    /// of them, which a database's own adapter may copy, and for everything else.
    fn default() -> Self {
        Self {
            queue: const { NonZeroUsize::new(4096).unwrap() },
            queue_bytes: const { NonZeroUsize::new(16 * 1024 * 1024).unwrap() },
            batch: const { NonZeroUsize::new(1024).unwrap() },
            batch_bytes: const { NonZeroUsize::new(4 * 1024 * 1024).unwrap() },
            patience: Duration::from_secs(2),
        }
    }
}

/// See the crate's documentation. Reads go straight to the inner repository.
pub struct GroupCommit {
    queue: mpsc::Sender<Waiting>,
    /// Its permits are bytes.
    room: Arc<Semaphore>,
    /// How many there are.
    all_room: u32,
    tally: Arc<Tally>,
    pace: Arc<Pace>,
    limits: Limits,
    watch: Arc<dyn Watch>,
    inner: Arc<dyn MessageRepository>,
}

/// A transaction that has ended, however it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction {
    /// How many messages it had.
    pub messages: usize,
    /// How long it took, until they were durable or it had failed.
    pub took: Duration,
}

/// Who wants to know of transactions.
pub trait Watch: Send + Sync {
    /// One has ended. The next one waits for this.
    fn ended(&self, transaction: &Transaction);

    /// Something is about to wait for one, in the task of its caller: what comes back is told of the
    /// transaction that it was in, before its caller is answered, if it was in one.
    fn joins(&self) -> Option<Joined> {
        None
    }
}

/// What is told of the transaction that an append was in.
pub type Joined = Box<dyn FnOnce(&Transaction) + Send>;

/// Nobody wants to know.
struct Unwatched;

impl Watch for Unwatched {
    fn ended(&self, _: &Transaction) {}
}

/// Ends when the last [`GroupCommit`] is dropped and everything that waited is answered.
#[must_use = "wait for it before the inner repository is closed"]
pub struct Drained {
    closing: oneshot::Sender<()>,
    writer: JoinHandle<()>,
}

impl Drained {
    /// Closes the queue, and waits until everything that is in it is answered. Whoever appends from
    /// now on is told that nothing is written any more; who still reads does not matter.
    pub async fn wait(self) {
        // If it has ended, there is nothing to close.
        let _ = self.closing.send(());
        // It is neither aborted nor does it panic; if it does, there is nothing left to wait for.
        let _ = self.writer.await;
    }
}

/// Why an append was refused before it was tried, or has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum QueueError {
    #[error("the write queue is full")]
    Full,
    #[error("the messages in the write queue take as much memory as they may")]
    NoRoom,
    #[error("the store is slow, and so much waits for it that this would take too long")]
    TooSlow,
    #[error("the writer has ended")]
    Ended,
}

impl From<QueueError> for RepositoryError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Full | QueueError::NoRoom | QueueError::TooSlow => {
                Self::Overloaded(error.into())
            }
            QueueError::Ended => Self::Unavailable(error.into()),
        }
    }
}

impl GroupCommit {
    /// Starts the writer, a task of the current tokio runtime.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(inner: Arc<dyn MessageRepository>, limits: Limits) -> (Self, Drained) {
        Self::start_watched(inner, limits, Unwatched)
    }

    /// The same, watched.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start_watched(
        inner: Arc<dyn MessageRepository>,
        limits: Limits,
        watch: impl Watch + 'static,
    ) -> (Self, Drained) {
        let (queue, waiting) = mpsc::channel(limits.queue.get());
        let (closing, closed) = oneshot::channel();
        let tally = Arc::new(Tally::default());
        let pace = Arc::new(Pace::default());
        let watch: Arc<dyn Watch> = Arc::new(watch);
        let writer = Writer {
            repository: Arc::clone(&inner),
            limits,
            tally: Arc::clone(&tally),
            pace: Arc::clone(&pace),
            watch: Arc::clone(&watch),
        };
        let drained = Drained {
            closing,
            writer: tokio::spawn(writer.run(waiting, closed)),
        };
        let all_room = u32::try_from(limits.queue_bytes.get()).unwrap_or(u32::MAX);
        let group_commit = Self {
            queue,
            room: Arc::new(Semaphore::new(all_room as usize)),
            all_room,
            tally,
            pace,
            limits,
            watch,
            inner,
        };
        (group_commit, drained)
    }

    /// How many transactions what waits now will be.
    fn transactions_ahead(&self) -> usize {
        let waiting = self.queue.max_capacity() - self.queue.capacity();
        let bytes = self.all_room as usize - self.room.available_permits();
        // What is being written is no longer in the queue, but has not given its bytes back.
        let full = |amount: usize, most: NonZeroUsize| amount / most;
        full(waiting, self.limits.batch).max(full(bytes, self.limits.batch_bytes).saturating_sub(1))
    }

    /// How much waits, now and whenever it is asked.
    #[must_use]
    pub fn queue(&self) -> Queue {
        Queue::new(&self.queue, &self.room, self.all_room)
    }

    /// What became of appends that nobody waited for any more; it goes on counting.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }
}

#[async_trait]
impl MessageRepository for GroupCommit {
    /// A caller that drops this future while the messages wait takes them back; later, they are
    /// stored or not.
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        // Before anything is copied: what is refused should cost little.
        if self.pace.until_durable(self.transactions_ahead()) > self.limits.patience {
            return Err(QueueError::TooSlow.into());
        }
        let bytes = size::of(batch);
        let needed = u32::try_from(bytes).unwrap_or(u32::MAX).min(self.all_room);
        let room = Arc::clone(&self.room)
            .try_acquire_many_owned(needed)
            .map_err(|_| QueueError::NoRoom)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            messages: batch.to_vec(),
            bytes,
            room,
            joined: self.watch.joins(),
            answer,
        };
        self.queue
            .try_send(waiting)
            .map_err(|refused| match refused {
                TrySendError::Full(_) => QueueError::Full,
                TrySendError::Closed(_) => QueueError::Ended,
            })?;
        answered.await.unwrap_or(Err(QueueError::Ended.into()))
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.inner.list(query).await
    }

    async fn find(&self, id: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.inner.find(id).await
    }

    async fn conflicts(
        &self,
        id: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.inner.conflicts(id, limit).await
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.inner.stats().await
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.inner.timeline(query).await
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.inner.arrivals(query).await
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.inner.last_arrival().await
    }

    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        self.inner.reaches(sequence).await
    }

    async fn arrived_behind(&self, after: Sequence) {
        self.inner.arrived_behind(after).await;
    }

    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        self.inner.purge(keys, at).await
    }

    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.inner.purge_conflicts(which, at_most).await
    }

    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.inner.note_repeats(repeats).await
    }

    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.inner.repeats(key).await
    }

    /// A full queue is no reason to be not ready: it is emptied as fast as can be, and whoever finds
    /// it full is told so.
    async fn readiness(&self) -> Readiness {
        let inner = self.inner.readiness().await;
        if self.queue.is_closed() {
            let writer = Finding::failed("messages can no longer be written", QueueError::Ended);
            return Readiness { writer, ..inner };
        }
        inner
    }

    async fn storage(&self) -> Storage {
        self.inner.storage().await
    }
}
