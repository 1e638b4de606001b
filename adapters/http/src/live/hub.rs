//! Where streams get their messages from: one reader of the store, however many streams there are.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use countersign_core::{ArrivalQuery, Arrivals, CauseChain, Inbox, MessageFilter, RepositoryError};
use opentelemetry::metrics::{Counter, Meter, UpDownCounter};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch},
    task::JoinHandle,
    time,
};

use super::{LiveOptions, chunk::Chunk, room::Memory};
use crate::problem::Problem;

/// How many messages are read at once.
const PAGE: NonZeroUsize = const { NonZeroUsize::new(1000).unwrap() };

/// How long after a chunk the next one may come. A message after a quiet time does not wait; at
/// full ingest, what comes meanwhile goes out together.
const PACE: Duration = Duration::from_millis(20);

/// How many chunks a stream may be behind.
pub const RING: usize = 64;

/// How many streams may catch up at the same time.
const READERS: usize = 2;

/// How long to wait for a store that failed.
pub const RETRY: Duration = Duration::from_secs(1);

/// See the module's documentation.
pub struct Hub {
    pub options: LiveOptions,
    pub(super) inbox: Arc<Inbox>,
    chunks: broadcast::Sender<Arc<Chunk>>,
    readers: Arc<Semaphore>,
    /// Of what is rendered once for all.
    pub common: Memory,
    /// Of what each stream has for itself.
    pub own: Memory,
    closing: watch::Sender<bool>,
    state: Mutex<State>,
    open: UpDownCounter<i64>,
    dropped: Counter<u64>,
}

#[derive(Default)]
struct State {
    /// How many streams there are, whatever they tell.
    open: usize,
    /// How many of them follow messages.
    followers: usize,
    /// Reads while there is one of these.
    task: Option<JoinHandle<()>>,
}

impl Hub {
    pub fn new(inbox: Arc<Inbox>, options: LiveOptions, meter: &Meter) -> Self {
        let hub = Self {
            common: Memory::new(options.memory / 2),
            own: Memory::new(options.memory / 2),
            options,
            inbox,
            chunks: broadcast::Sender::new(RING),
            readers: Arc::new(Semaphore::new(READERS)),
            closing: watch::Sender::new(false),
            state: Mutex::default(),
            open: meter.i64_up_down_counter("http_live_streams").build(),
            // Prometheus' exporter adds `_total` to the name.
            dropped: meter.u64_counter("http_live_streams_dropped").build(),
        };
        hub.open.add(0, &[]);
        hub.dropped.add(0, &[]);
        hub
    }

    /// Ends all streams and all waiting.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Waits for [`Self::close`].
    pub async fn closed(&self) {
        // The sender lives as long as `self`.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until the hub has let go of the store. There must be no stream left.
    pub async fn ended(&self) {
        let task = self.state().task.take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }

    /// A place among the streams, and what the hub says from now on. The hub runs from then, if it
    /// did not.
    ///
    /// # Errors
    /// 503 if there is no place.
    pub fn open(self: &Arc<Self>) -> Result<(Slot, broadcast::Receiver<Arc<Chunk>>), Problem> {
        let place = self.place()?;
        // Before the task begins: it says first where it is.
        let chunks = self.subscribe();
        let mut state = self.state();
        state.followers += 1;
        if state.followers == 1 {
            state.task = Some(tokio::spawn(Arc::clone(self).run()));
        }
        drop(state);
        Ok((Slot(place), chunks))
    }

    /// A place among the streams, for one that tells something else than messages.
    ///
    /// # Errors
    /// 503 if there is none.
    pub fn place(self: &Arc<Self>) -> Result<Place, Problem> {
        let mut state = self.state();
        if state.open >= self.options.max_streams || self.is_closing() {
            return Err(no_place());
        }
        state.open += 1;
        self.open.add(1, &[]);
        Ok(Place(Arc::clone(self)))
    }

    /// What the hub says from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Chunk>> {
        self.chunks.subscribe()
    }

    /// A page for a stream that is behind. Two read at the same time at the most, and each rests
    /// for twice as long as it has read: ingest keeps its share of the machine.
    pub async fn read_behind(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        // It is never closed.
        let permit = Arc::clone(&self.readers).acquire_owned().await.ok();
        let _reading = Reading {
            permit,
            started: Instant::now(),
        };
        self.inbox.arrivals(query).await
    }

    /// Reads whatever arrives, and tells the streams. It never ends by itself: it is aborted with
    /// the last stream.
    async fn run(self: Arc<Self>) {
        let mut trouble = Trouble::default();
        let mut at = loop {
            if let Some(last) = trouble.note(self.inbox.last_arrival().await) {
                break last;
            }
            time::sleep(RETRY).await;
        };
        // Whoever has not come so far must read up to here from the store.
        self.say(Chunk::mark(at));
        let mut next = time::Instant::now();
        loop {
            self.inbox.arrived_behind(at).await;
            time::sleep_until(next).await;
            let query = ArrivalQuery {
                after: at,
                filter: MessageFilter::default(),
                limit: PAGE,
            };
            let Some(page) = trouble.note(self.inbox.arrivals(&query).await) else {
                time::sleep(RETRY).await;
                continue;
            };
            at = page.up_to;
            let chunks = Chunk::cut(query.after, page);
            if chunks.is_empty() {
                // It was woken without need, which must not become a habit.
                next = time::Instant::now() + PACE;
            }
            for chunk in chunks {
                time::sleep_until(next).await;
                self.say(chunk);
                next = time::Instant::now() + PACE;
            }
        }
    }

    fn say(&self, chunk: Chunk) {
        // There may be nobody to hear it: the last stream has just ended.
        let _ = self.chunks.send(Arc::new(chunk.held(&self.common)));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who reads what a stream has missed, and rests afterwards, also if it is given up.
struct Reading {
    permit: Option<OwnedSemaphorePermit>,
    started: Instant,
}

impl Drop for Reading {
    fn drop(&mut self) {
        let (permit, rest) = (self.permit.take(), self.started.elapsed() * 2);
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                time::sleep(rest).await;
                drop(permit);
            });
        }
    }
}

/// Whether the store fails one who waits for it; said once, and once when it is over.
#[derive(Default)]
pub struct Trouble(bool);

impl Trouble {
    /// The value, if there is one.
    pub fn note<T>(&mut self, result: Result<T, RepositoryError>) -> Option<T> {
        let before = std::mem::replace(&mut self.0, result.is_err());
        match result {
            Ok(value) => {
                if before {
                    tracing::info!("live streams go on");
                }
                Some(value)
            }
            Err(error) => {
                if !before {
                    tracing::warn!(cause = %CauseChain(&error), "live streams wait for the store");
                }
                None
            }
        }
    }
}

/// A stream's place among the streams.
pub struct Place(Arc<Hub>);

impl Place {
    /// Counts a stream whose client was too slow.
    pub fn too_slow(&self) {
        self.0.dropped.add(1, &[]);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.state().open -= 1;
        self.0.open.add(-1, &[]);
    }
}

/// The place of a stream of messages, for which the hub reads.
pub struct Slot(Place);

impl Slot {
    /// Counts a stream whose client was too slow.
    pub fn too_slow(&self) {
        self.0.too_slow();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.0.0.state();
        state.followers -= 1;
        if state.followers == 0
            && let Some(task) = &state.task
        {
            task.abort();
        }
    }
}

fn no_place() -> Problem {
    Problem::overloaded(
        "as many streams are open as this server keeps; trying again later may succeed",
        "there is no place for another live stream".to_owned(),
    )
}
