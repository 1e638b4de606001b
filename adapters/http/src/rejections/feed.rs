//! Tells streams what is refused: read and rendered once for all of them, some times a second.
//!
//! Who refuses a request only wakes the task that tells, and not even that while nobody follows or
//! it is awake. It then takes from the rings what they still have; what is more than fits is not
//! told, but counted.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, broadcast},
    task::JoinHandle,
    time::{self, Instant},
};

use super::{
    Kept, Rejection, Rejections,
    chunk::{Batch, Chunk, Tally},
};
use crate::live::Hub;

/// How long after a chunk the next one may come. What is refused after a quiet time does not wait.
const PACE: Duration = Duration::from_millis(20);

/// How many of each kind (webhooks; reads; too many) go into a chunk; the newest.
const NEWEST: usize = 100;

/// How many chunks a stream may be behind.
const RING: usize = 16;

/// What the streams are told.
pub struct Feed {
    chunks: broadcast::Sender<Arc<Chunk>>,
    wake: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    followers: usize,
    /// Tells while there is one.
    task: Option<JoinHandle<()>>,
}

/// What there is to tell; kept while somebody follows.
#[derive(Default)]
pub struct News {
    /// The task that tells has told everything.
    asleep: bool,
    /// The numbers of those whose mistake was found since. So many as are looked into in one
    /// [`PACE`], or few more.
    diagnosed: Vec<u64>,
}

impl News {
    /// Whether to wake the task now that there is something: once.
    pub const fn wakes(&mut self) -> bool {
        std::mem::replace(&mut self.asleep, false)
    }

    /// Notes that a mistake was found.
    pub fn diagnosed(&mut self, number: u64) {
        self.diagnosed.push(number);
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            chunks: broadcast::Sender::new(RING),
            wake: Notify::new(),
            state: Mutex::default(),
        }
    }
}

impl Feed {
    /// There is something to tell.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until nothing is told any more. There must be no stream left.
    pub async fn ended(&self) {
        let task = self.state().task.take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who follows.
pub struct Following {
    rejections: Arc<Rejections>,
    pub chunks: broadcast::Receiver<Arc<Chunk>>,
    /// The last that was refused before.
    pub at: u64,
    /// What there was before.
    pub known: Tally,
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut state = self.rejections.feed.state();
        state.followers -= 1;
        if state.followers == 0 {
            if let Some(task) = &state.task {
                task.abort();
            }
            self.rejections.kept().news = None;
        }
    }
}

impl Rejections {
    /// Tells from now on what is refused.
    pub fn follow(self: &Arc<Self>, hub: &Arc<Hub>) -> Following {
        let mut state = self.feed.state();
        let chunks = self.feed.chunks.subscribe();
        let mut kept = self.kept();
        let (at, known) = (kept.number, kept.tally());
        state.followers += 1;
        if state.followers == 1 {
            kept.news = Some(News {
                asleep: true,
                ..News::default()
            });
            let (rejections, hub) = (Arc::clone(self), Arc::clone(hub));
            state.task = Some(tokio::spawn(rejections.tell(at, hub)));
        }
        drop(kept);
        drop(state);
        Following {
            rejections: Arc::clone(self),
            chunks,
            at,
            known,
        }
    }

    /// It never ends by itself: it is aborted with the last stream.
    async fn tell(self: Arc<Self>, mut at: u64, hub: Arc<Hub>) {
        let mut next = Instant::now();
        loop {
            self.feed.wake.notified().await;
            time::sleep_until(next).await;
            let batch = self.kept().behind(at);
            at = batch.up_to;
            let chunk = Chunk::from(batch).held(&hub);
            // There may be nobody to hear it: the last stream has just ended.
            let _ = self.feed.chunks.send(Arc::new(chunk));
            next = Instant::now() + PACE;
        }
    }
}

impl Kept {
    /// How many events there were: one for each refused request, and one for each of them that was
    /// told once more.
    fn tally(&self) -> Tally {
        let mut tally = self.counts;
        for (all, again) in tally.iter_mut().zip(self.told_again) {
            *all += again;
        }
        tally
    }

    /// The newest behind `at`, and what was found out of older ones. From then on, whoever refuses
    /// a request wakes the task again.
    fn behind(&mut self, at: u64) -> Batch {
        let diagnosed = self.news.as_mut().map(|news| {
            news.asleep = true;
            std::mem::take(&mut news.diagnosed)
        });
        let mut fresh = Vec::new();
        for ring in [&self.webhooks, &self.reads, &self.too_many] {
            let behind = ring.iter().rev().take_while(|one| one.number > at);
            fresh.extend(behind.take(NEWEST).cloned());
        }
        fresh.sort_unstable_by_key(|one| one.number);
        // What is told for the first time is told with what was found.
        let before = diagnosed.into_iter().flatten().filter(|of| *of <= at);
        let again: Vec<Rejection> = before
            .filter_map(|of| {
                let place = self.webhooks.binary_search_by_key(&of, |one| one.number);
                self.webhooks.get(place.ok()?).cloned()
            })
            .collect();
        for one in &again {
            if let Some(count) = self.told_again.get_mut(one.reason as usize) {
                *count += 1;
            }
        }
        Batch {
            up_to: self.number,
            tally: self.tally(),
            fresh,
            again,
        }
    }
}
