//! All connections that there are.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{
    metrics::{Closed, ConnectionCounters},
    phase::{Order, Phase, Since},
    state::State,
    ticks::{Ticks, millis},
};

/// How long a connection must have waited to make room for another one: a client that has just
/// connected, or has just been answered, is about to send.
const MIN_WAIT: Duration = Duration::from_secs(1);

/// How many of the longest waiting are remembered, so that not all are looked through for each.
const VICTIMS: usize = 64;

/// How long after a look in vain, or at all, the next one may come.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

pub struct Registry {
    pub ticks: Arc<Ticks>,
    pub counters: ConnectionCounters,
    limit: usize,
    /// How many there are.
    count: AtomicUsize,
    connections: Mutex<Connections>,
    victims: Mutex<Victims>,
    /// One has ended.
    left: Notify,
}

#[derive(Default)]
struct Connections {
    next: u64,
    by_number: HashMap<u64, Arc<State>>,
}

#[derive(Default)]
struct Victims {
    looked: Option<Instant>,
    /// Whether there was any then.
    found: bool,
    /// The one to begin with is the last.
    waiting: Vec<(Since, Arc<State>)>,
}

/// Whether somebody makes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eviction {
    /// One was told to end, and does in a moment.
    Told,
    /// Those that were remembered are used up, and there may be more: ask again then.
    NotBefore(Instant),
    /// All are at work, or have just come.
    Nobody,
}

impl Registry {
    pub fn new(ticks: Arc<Ticks>, counters: ConnectionCounters, limit: usize) -> Self {
        Self {
            ticks,
            counters,
            limit,
            count: AtomicUsize::new(0),
            connections: Mutex::default(),
            victims: Mutex::default(),
            left: Notify::new(),
        }
    }

    pub fn has_room(&self) -> bool {
        self.len() < self.limit
    }

    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// A place for a connection that was just accepted.
    pub fn enter(self: &Arc<Self>) -> Place {
        self.ticks.update();
        let state = Arc::new(State::new(Arc::clone(&self.ticks)));
        let mut connections = self.connections();
        let number = connections.next;
        connections.next += 1;
        connections.by_number.insert(number, Arc::clone(&state));
        self.count.fetch_add(1, Ordering::Relaxed);
        self.counters.opened();
        Place {
            registry: Arc::clone(self),
            number,
            state,
        }
    }

    pub fn for_each(&self, look: impl FnMut(&Arc<State>)) {
        self.connections().by_number.values().for_each(look);
    }

    /// Waits until there is no connection.
    pub async fn emptied(&self) {
        self.fallen_below(1).await;
    }

    /// Waits until there is room for one more.
    pub async fn made_room(&self) {
        self.fallen_below(self.limit).await;
    }

    async fn fallen_below(&self, count: usize) {
        loop {
            let left = self.left.notified();
            if self.len() < count {
                return;
            }
            left.await;
        }
    }

    /// Tells one that waits to end, to make room for another one.
    pub fn evict(&self) -> Eviction {
        let mut victims = self.victims.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while let Some((since, state)) = victims.waiting.pop() {
                if state.order(Order::Evict, since) {
                    return Eviction::Told;
                }
            }
            let now = Instant::now();
            let next = victims.looked.map(|then| then + LOOK_PAUSE);
            match next.filter(|next| now < *next) {
                Some(next) if victims.found => return Eviction::NotBefore(next),
                Some(_) => return Eviction::Nobody,
                None => {}
            }
            victims.looked = Some(now);
            victims.waiting = self.longest_waiting();
            victims.found = !victims.waiting.is_empty();
            if !victims.found {
                return Eviction::Nobody;
            }
        }
    }

    /// Those that make room best, the very best at the end: first who has been told all, then who
    /// has not sent a whole request, then who has asked and is idle; of them, who waits longest.
    fn longest_waiting(&self) -> Vec<(Since, Arc<State>)> {
        let Some(before) = self.ticks.update().checked_sub(millis(MIN_WAIT)) else {
            return Vec::new();
        };
        let connections = self.connections();
        let states = connections.by_number.values();
        let mut waiting: Vec<(Since, Arc<State>)> = states
            .map(|state| (state.at(), state))
            .filter(|(at, _)| at.phase.is_waiting() && at.since <= before)
            .map(|(at, state)| (at, Arc::clone(state)))
            .collect();
        drop(connections);
        waiting.sort_unstable_by_key(|(at, _)| {
            let rank = match at.phase {
                Phase::Closing => 0,
                Phase::New | Phase::Head | Phase::Body => 1,
                Phase::Idle | Phase::Handling => 2,
            };
            Reverse((rank, at.since))
        });
        let enough = waiting.len().saturating_sub(VICTIMS);
        waiting.split_off(enough)
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        // Nothing panics while it is locked.
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place among the connections.
pub struct Place {
    registry: Arc<Registry>,
    number: u64,
    pub state: Arc<State>,
}

impl Place {
    pub fn closed(&self, reason: Closed) {
        self.registry.counters.closed(reason);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.registry.connections().by_number.remove(&self.number);
        self.registry.counters.ended();
        self.registry.count.fetch_sub(1, Ordering::AcqRel);
        self.registry.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::metrics::MeterProvider as _;

    use super::*;

    fn registry(limit: usize) -> Arc<Registry> {
        let meter = opentelemetry::metrics::noop::NoopMeterProvider::new().meter("");
        let counters = ConnectionCounters::new(&meter);
        Arc::new(Registry::new(Arc::new(Ticks::new()), counters, limit))
    }

    async fn later(by: Duration) {
        tokio::time::advance(by).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_longest_makes_room() {
        let registry = registry(3);
        let first = registry.enter();
        first.state.enter(Phase::Idle);
        later(Duration::from_secs(1)).await;
        let second = registry.enter();
        later(Duration::from_secs(1)).await;
        let third = registry.enter();
        third.state.begin(false);
        assert!(!registry.has_room());
        // Not the idle one, which has asked for something and may do so again.
        assert_eq!(registry.evict(), Eviction::Told);
        assert!(second.state.holds(Order::Evict));
        drop(second);
        assert!(registry.has_room());
        assert_eq!(registry.evict(), Eviction::Told);
        assert!(first.state.holds(Order::Evict));
        // It is at work.
        later(Duration::from_secs(9)).await;
        assert_ne!(registry.evict(), Eviction::Told);
        drop((first, third));
        assert_eq!(registry.len(), 0);
        registry.emptied().await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_just_come_is_not_sent_away() {
        let registry = registry(1);
        let place = registry.enter();
        assert_ne!(registry.evict(), Eviction::Told);
        later(Duration::from_millis(900)).await;
        assert_ne!(registry.evict(), Eviction::Told);
        later(Duration::from_millis(100)).await;
        assert_eq!(registry.evict(), Eviction::Told);
        drop(place);
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_to_life_is_passed_over() {
        let registry = registry(2);
        let places = [registry.enter(), registry.enter()];
        for place in &places {
            place.state.enter(Phase::Closing);
        }
        later(Duration::from_secs(2)).await;
        // Both are remembered; the first is told.
        assert_eq!(registry.evict(), Eviction::Told);
        for place in &places {
            place.state.begin(false);
        }
        assert_ne!(registry.evict(), Eviction::Told);
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_half_a_body_makes_room_before_the_idle() {
        let registry = registry(3);
        let idle = registry.enter();
        idle.state.enter(Phase::Idle);
        later(Duration::from_secs(5)).await;
        let half = registry.enter();
        half.state.begin(true);
        let whole = registry.enter();
        whole.state.begin(true);
        whole.state.body_ended();
        assert_eq!(registry.ticks.now(), 5000);
        later(Duration::from_secs(1)).await;
        assert_eq!(registry.evict(), Eviction::Told);
        assert!(half.state.holds(Order::Evict));
        assert_eq!(registry.evict(), Eviction::Told);
        assert!(idle.state.holds(Order::Evict));
        later(Duration::from_secs(1)).await;
        drop((idle, half));
        assert_eq!(registry.evict(), Eviction::Nobody);
    }

    #[tokio::test(start_paused = true)]
    async fn where_more_can_make_room_than_are_remembered_it_is_looked_again() {
        let count = VICTIMS + 1;
        let registry = registry(count);
        let mut places: Vec<_> = (0..count).map(|_| registry.enter()).collect();
        later(Duration::from_secs(2)).await;
        for _ in 0..VICTIMS {
            assert_eq!(registry.evict(), Eviction::Told);
        }
        let next = Instant::now() + LOOK_PAUSE;
        assert_eq!(registry.evict(), Eviction::NotBefore(next));
        places.retain(|place| !place.state.holds(Order::Evict));
        assert_eq!(places.len(), 1);
        registry.made_room().await;
        later(LOOK_PAUSE).await;
        assert_eq!(registry.evict(), Eviction::Told);
    }
}
