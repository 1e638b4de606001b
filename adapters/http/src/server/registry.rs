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
    state::{Order, Phase, Since, State},
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
    /// The last one has ended.
    empty: Notify,
}

#[derive(Default)]
struct Connections {
    next: u64,
    by_number: HashMap<u64, Arc<State>>,
}

#[derive(Default)]
struct Victims {
    looked: Option<Instant>,
    /// The one to begin with is the last.
    waiting: Vec<(Since, Arc<State>)>,
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
            empty: Notify::new(),
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
        loop {
            let emptied = self.empty.notified();
            if self.len() == 0 {
                return;
            }
            emptied.await;
        }
    }

    /// Tells one that waits to end, to make room for another one. Whether there is one.
    pub fn evict(&self) -> bool {
        let mut victims = self.victims.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while let Some((since, state)) = victims.waiting.pop() {
                if state.order(Order::Evict, since) {
                    return true;
                }
            }
            let now = Instant::now();
            if victims.looked.is_some_and(|then| now < then + LOOK_PAUSE) {
                return false;
            }
            victims.looked = Some(now);
            victims.waiting = self.longest_waiting();
            if victims.waiting.is_empty() {
                return false;
            }
        }
    }

    /// Those that make room best, the very best at the end: first who has been told all, then who
    /// has never asked for anything, then who has asked and is idle; of them, who waits longest.
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
                Phase::New | Phase::Head => 1,
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
        if self.registry.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.registry.empty.notify_waiters();
        }
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
        third.state.begin();
        assert!(!registry.has_room());
        // Not the idle one, which has asked for something and may do so again.
        assert!(registry.evict());
        assert!(second.state.holds(Order::Evict));
        drop(second);
        assert!(registry.has_room());
        assert!(registry.evict());
        assert!(first.state.holds(Order::Evict));
        // It is at work.
        later(Duration::from_secs(9)).await;
        assert!(!registry.evict());
        drop((first, third));
        assert_eq!(registry.len(), 0);
        registry.emptied().await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_just_come_is_not_sent_away() {
        let registry = registry(1);
        let place = registry.enter();
        assert!(!registry.evict());
        later(Duration::from_millis(900)).await;
        assert!(!registry.evict());
        later(Duration::from_millis(100)).await;
        assert!(registry.evict());
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
        assert!(registry.evict());
        for place in &places {
            place.state.begin();
        }
        assert!(!registry.evict());
    }
}
