//! Ends what takes too long.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, MissedTickBehavior};

use super::{
    lifecycle::{Lifecycle, Stage},
    options::ConnectionOptions,
    phase::{Order, Phase},
    registry::Registry,
    state::State,
    ticks::millis,
};

/// How often all connections are looked at; more often if a time-out is short.
const TICK: Duration = Duration::from_millis(250);

/// Into how many ticks the shortest time-out is divided at least: it is kept as exactly as that.
const TICKS_A_TIMEOUT: u32 = 4;

/// How long a client that was told all may take to close.
const LINGER: Duration = Duration::from_secs(2);

/// When the server ends: how long a client that is connected has to send its next request. What it
/// has sent already has long come by then.
const LAST_CALL: Duration = Duration::from_millis(500);

/// When the server ends: how long a head may take.
const LAST_HEAD: Duration = Duration::from_secs(2);

/// When a connection in a phase is overdue, in milliseconds.
struct Limits {
    new: u64,
    head: u64,
    idle: u64,
    closing: u64,
    stuck: u64,
    finishing: bool,
}

impl Limits {
    fn serving(options: &ConnectionOptions) -> Self {
        Self {
            new: millis(options.header_timeout),
            head: millis(options.header_timeout),
            idle: millis(options.keep_alive_timeout),
            closing: millis(LINGER),
            stuck: millis(options.patience),
            finishing: false,
        }
    }

    fn finishing(options: &ConnectionOptions) -> Self {
        let at_most = |limit: Duration, most: Duration| millis(limit.min(most));
        Self {
            new: at_most(options.header_timeout, LAST_CALL),
            head: at_most(options.header_timeout, LAST_HEAD),
            idle: at_most(options.keep_alive_timeout, LAST_CALL),
            closing: millis(LAST_CALL),
            stuck: millis(options.patience),
            finishing: true,
        }
    }

    fn shortest(&self) -> Duration {
        let all = [self.new, self.head, self.idle, self.closing, self.stuck];
        Duration::from_millis(all.into_iter().min().unwrap_or_default())
    }

    fn tick(&self) -> Duration {
        let exact = (self.shortest() / TICKS_A_TIMEOUT).max(Duration::from_millis(1));
        TICK.min(exact)
    }

    /// What a connection is told, if anything.
    fn judge(&self, state: &State, now: u64) {
        let at = state.at();
        let is_over = |since: u64, limit: u64| now.saturating_sub(since) >= limit;
        let (limit, order) = match at.phase {
            Phase::New if self.finishing => (self.new, Order::Quiet),
            Phase::New => (self.new, Order::HeaderTimeout),
            Phase::Head => (self.head, Order::HeaderTimeout),
            Phase::Idle if self.finishing => (self.idle, Order::Quiet),
            Phase::Idle => (self.idle, Order::KeepAliveTimeout),
            Phase::Closing => (self.closing, Order::Lingered),
            // The time of a body is kept where it is read.
            Phase::Body | Phase::Handling => {
                let stuck = state.stuck_since();
                if let Some(since) = stuck.filter(|since| is_over(*since, self.stuck)) {
                    state.stall(since);
                } else if self.finishing && !state.is_finishing() {
                    state.order(Order::Finish, at);
                }
                return;
            }
        };
        if is_over(at.since, limit) {
            // If it has just begun something else, the next look is at that.
            state.order(order, at);
        }
    }
}

/// Looks at all connections again and again, and never ends.
pub async fn reap(registry: Arc<Registry>, lifecycle: Arc<Lifecycle>, options: ConnectionOptions) {
    let (serving, finishing) = (Limits::serving(&options), Limits::finishing(&options));
    tokio::select! {
        () = look(&registry, &serving) => {}
        () = lifecycle.reaches(Stage::Finishing) => {}
    }
    look(&registry, &finishing).await;
}

async fn look(registry: &Registry, limits: &Limits) {
    let mut ticks = time::interval(limits.tick());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = registry.ticks.update();
        registry.for_each(|state| limits.judge(state, now));
    }
}
