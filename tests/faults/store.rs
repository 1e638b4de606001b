//! A store that does what the plan says, over one that works: the in-memory adapter.

use std::{
    num::NonZeroUsize,
    panic,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Limit, Message, MessageKey,
    MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError, Sequence,
    Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use countersign_memory::MemoryRepository;
use tokio::{sync::watch, time};

use super::{
    content,
    flaws::Flaw,
    history::{History, What},
    plan::{Fault, Kind},
};

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Up,
    /// Gone for a moment.
    Down,
    /// It belongs to a process that has died: whoever asks it, waits for ever.
    Dead,
}

/// What happens to the calls of one kind, one after the other, whichever process makes them.
pub struct Faults {
    planned: Vec<Fault>,
    next: AtomicUsize,
}

impl Faults {
    pub fn new(planned: Vec<Fault>) -> Arc<Self> {
        let next = AtomicUsize::new(0);
        Arc::new(Self { planned, next })
    }

    /// No more of them.
    pub fn end(&self) {
        self.next.store(self.planned.len(), Ordering::Relaxed);
    }

    fn next(&self) -> Fault {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.planned.get(next).copied().unwrap_or(Fault::None)
    }
}

/// See the module's documentation.
pub struct FaultyRepository {
    pub memory: Arc<MemoryRepository>,
    pub appends: Arc<Faults>,
    pub reads: Arc<Faults>,
    pub state: watch::Sender<State>,
    /// Whether what hangs goes on.
    pub mended: watch::Receiver<bool>,
    pub history: Arc<History>,
    /// What is wrong with it that no store may do: to see that it is noticed.
    pub flaw: Option<Flaw>,
}

impl FaultyRepository {
    /// A call begins, or goes on: it does not come back where the process has died, and fails where
    /// the store has gone.
    async fn alive(&self) -> Result<(), RepositoryError> {
        let state = *self.state.borrow();
        match state {
            State::Up => Ok(()),
            State::Down => Err(RepositoryError::Unavailable("the store is gone".into())),
            State::Dead => std::future::pending().await,
        }
    }

    /// Waits until the state is another one than up.
    async fn goes_away(&self) -> Result<(), RepositoryError> {
        let mut state = self.state.subscribe();
        // The sender lives as long as `self`.
        let _ = state.wait_for(|state| *state != State::Up).await;
        self.alive().await
    }

    async fn delay(&self, duration: Duration) -> Result<(), RepositoryError> {
        tokio::select! {
            biased;
            gone = self.goes_away() => gone,
            () = time::sleep(duration) => Ok(()),
        }
    }

    async fn hang(&self) -> Result<(), RepositoryError> {
        let mut mended = self.mended.clone();
        tokio::select! {
            biased;
            gone = self.goes_away() => gone,
            _ = mended.wait_for(|mended| *mended) => Ok(()),
        }
    }

    async fn before(&self, fault: Fault) -> Result<(), RepositoryError> {
        if fault != Fault::None {
            self.history.note(format!("the store: {fault:?}"));
        }
        self.alive().await?;
        match fault {
            Fault::ErrorBefore(kind) => Err(error(kind)),
            Fault::DelayBefore(duration) => self.delay(duration).await,
            Fault::HangBefore => self.hang().await,
            Fault::PanicBefore => silent_panic(),
            _ => Ok(()),
        }
    }

    async fn after(&self, fault: Fault) -> Result<(), RepositoryError> {
        match fault {
            Fault::ErrorAfter(kind) => Err(error(kind)),
            Fault::DelayAfter(duration) => self.delay(duration).await,
            Fault::HangAfter => self.hang().await,
            Fault::PanicAfter => silent_panic(),
            _ => Ok(()),
        }
    }

    async fn read(&self) -> Result<(), RepositoryError> {
        self.before(self.reads.next()).await
    }
}

fn error(kind: Kind) -> RepositoryError {
    match kind {
        Kind::Unavailable => RepositoryError::Unavailable("planned".into()),
        Kind::Overloaded => RepositoryError::Overloaded("planned".into()),
        Kind::Failed => RepositoryError::Failed("planned".into()),
    }
}

/// A panic that the process's hook says nothing of: there are thousands.
fn silent_panic() -> ! {
    panic::resume_unwind(Box::new("planned"))
}

#[async_trait]
impl MessageRepository for FaultyRepository {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        let sent: Vec<_> = batch.iter().map(content::of_message).collect();
        self.history.add(What::Append(sent.clone()));
        let fault = self.appends.next();
        self.before(fault).await?;
        let outcomes = match self.flaw {
            Some(flaw) => flaw.append(self, batch).await?,
            None => self.memory.append(batch).await?,
        };
        self.history.add(What::Committed(sent));
        self.after(fault).await?;
        Ok(outcomes)
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.read().await?;
        let page = self.memory.list(query).await?;
        Ok(match self.flaw {
            Some(flaw) => flaw.page(page),
            None => page,
        })
    }

    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.read().await?;
        self.memory.find(key).await
    }

    async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.read().await?;
        self.memory.conflicts(key, limit).await
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.read().await?;
        let stats = self.memory.stats().await?;
        Ok(match self.flaw {
            Some(flaw) => flaw.stats(stats),
            None => stats,
        })
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.read().await?;
        self.memory.timeline(query).await
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.read().await?;
        self.memory.arrivals(query).await
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.read().await?;
        self.memory.last_arrival().await
    }

    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        self.read().await?;
        self.memory.reaches(sequence).await
    }

    /// It may complete without need, and does so where the plan has a fault for it.
    async fn arrived_behind(&self, after: Sequence) {
        if self.read().await.is_ok() {
            self.memory.arrived_behind(after).await;
        }
    }

    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        self.memory.purge(keys, at).await
    }

    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.memory.purge_conflicts(which, at_most).await
    }

    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.memory.note_repeats(repeats).await
    }

    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.read().await?;
        self.memory.repeats(key).await
    }

    async fn readiness(&self) -> Readiness {
        self.memory.readiness().await
    }

    async fn storage(&self) -> Storage {
        self.memory.storage().await
    }
}

/// The store that an application asks, whichever it is at this moment: an application is made once
/// for thousands of runs, because making one takes longer than a run.
pub struct Switch(RwLock<Arc<dyn MessageRepository>>);

impl Switch {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(MemoryRepository::new()))))
    }

    pub fn to(&self, repository: Arc<dyn MessageRepository>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = repository;
    }

    fn now(&self) -> Arc<dyn MessageRepository> {
        let now = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&now)
    }
}

#[async_trait]
impl MessageRepository for Switch {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.now().append(batch).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.now().list(query).await
    }
    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.now().find(key).await
    }
    async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.now().conflicts(key, limit).await
    }
    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.now().stats().await
    }
    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.now().timeline(query).await
    }
    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.now().arrivals(query).await
    }
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.now().last_arrival().await
    }
    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        self.now().reaches(sequence).await
    }
    async fn arrived_behind(&self, after: Sequence) {
        self.now().arrived_behind(after).await;
    }
    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        self.now().purge(keys, at).await
    }
    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.now().purge_conflicts(which, at_most).await
    }
    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.now().note_repeats(repeats).await
    }
    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.now().repeats(key).await
    }
    async fn readiness(&self) -> Readiness {
        self.now().readiness().await
    }

    async fn storage(&self) -> Storage {
        self.now().storage().await
    }
}
