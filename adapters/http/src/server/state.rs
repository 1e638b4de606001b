//! What is known of one connection from outside of its task.
//!
//! The connection's task notes what it waits for and since when; the reaper and whoever accepts
//! read it, and leave an order, which the task looks at when it is woken. Only the task knows what
//! is true at that moment, so an order names what it was given for, and is dismissed if that is
//! over.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
};

use futures_util::task::AtomicWaker;

use super::{
    phase::{Order, Phase, Since},
    ticks::Ticks,
};

/// How many bytes of an answer must be taken within the patience, where some wait to be sent: less
/// than the slowest line carries, and enough that an answer doesn't hold its place for long.
pub const LEAST_TAKEN: usize = 16 * 1024;

/// An order in the upper bits; below it, what the connection was at when it was given.
const ORDER_SHIFT: u32 = 60;
const GIVEN_FOR: u64 = (1 << ORDER_SHIFT) - 1;

pub struct State {
    ticks: Arc<Ticks>,
    phase: AtomicU64,
    /// Since when something waits to be sent of which too little was taken, and one more; 0 if
    /// nothing waits.
    stuck: AtomicU64,
    /// How many bytes were taken since then.
    taken: AtomicUsize,
    order: AtomicU64,
    woken: AtomicWaker,
    /// Something was sent since the request began, or the client has last sent something.
    answering: AtomicBool,
    /// The answer has no end that is known before, so that what waits of it may be little.
    endless: AtomicBool,
    /// All of the answer was handed over, so that it is sent when all that was handed over is.
    answered: AtomicBool,
    /// The body of the request was not read to its end.
    unread: AtomicBool,
    /// It ends with its next answer.
    finishing: AtomicBool,
    stalled: AtomicBool,
}

impl State {
    pub fn new(ticks: Arc<Ticks>) -> Self {
        let new = Since {
            phase: Phase::New,
            since: ticks.now(),
        };
        Self {
            ticks,
            phase: AtomicU64::new(new.pack()),
            stuck: AtomicU64::new(0),
            taken: AtomicUsize::new(0),
            order: AtomicU64::new(0),
            woken: AtomicWaker::new(),
            answering: AtomicBool::new(false),
            endless: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            unread: AtomicBool::new(false),
            finishing: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
        }
    }

    pub fn at(&self) -> Since {
        Since::unpack(self.phase.load(Ordering::Relaxed))
    }

    /// Since when its client takes nothing, or less than [`LEAST_TAKEN`], of what there is to send.
    pub fn stuck_since(&self) -> Option<u64> {
        self.stuck.load(Ordering::Relaxed).checked_sub(1)
    }

    pub fn is_finishing(&self) -> bool {
        self.finishing.load(Ordering::Relaxed)
    }

    /// Gives an order, unless there is one already, or what it is for is over. Whether it was given.
    pub fn order(&self, order: Order, given_for: Since) -> bool {
        let given_for = given_for.pack();
        if self.phase.load(Ordering::Relaxed) != given_for {
            return false;
        }
        self.give(order, given_for)
    }

    /// Orders it to end because its client has taken too little since then.
    pub fn stall(&self, stuck_since: u64) -> bool {
        let given_for = Since {
            phase: Phase::Handling,
            since: stuck_since,
        };
        self.give(Order::Stalled, given_for.pack())
    }

    fn give(&self, order: Order, given_for: u64) -> bool {
        let packed = (order as u64) << ORDER_SHIFT | given_for & GIVEN_FOR;
        let given = self
            .order
            .compare_exchange(0, packed, Ordering::AcqRel, Ordering::Relaxed);
        if given.is_ok() {
            self.woken.wake();
        }
        given.is_ok()
    }

    /// Gives the order that holds in any case.
    pub fn cut(&self) {
        let packed = (Order::Cut as u64) << ORDER_SHIFT;
        self.order.store(packed, Ordering::Release);
        self.woken.wake();
    }
}

/// What only the connection's own task does.
impl State {
    pub fn enter(&self, phase: Phase) {
        let since = self.ticks.now();
        self.phase
            .store(Since { phase, since }.pack(), Ordering::Relaxed);
    }

    /// The head of a request has come; perhaps its body is still to come.
    pub fn begin(&self, has_body: bool) {
        self.answering.store(false, Ordering::Relaxed);
        self.endless.store(false, Ordering::Relaxed);
        self.answered.store(false, Ordering::Relaxed);
        self.unread.store(false, Ordering::Relaxed);
        self.enter(if has_body {
            Phase::Body
        } else {
            Phase::Handling
        });
    }

    /// Its body is whole, or nobody reads on.
    pub fn body_ended(&self) {
        if self.at().phase == Phase::Body {
            self.enter(Phase::Handling);
        }
    }

    /// Its body was dropped before its end.
    pub fn left_unread(&self) {
        self.unread.store(true, Ordering::Relaxed);
    }

    /// Its answer has no end that is known.
    pub fn is_endless(&self) {
        self.endless.store(true, Ordering::Relaxed);
    }

    pub fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed)
    }

    pub fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    /// All of its answer was handed over.
    pub fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    pub fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// Something has come.
    pub fn received(&self) {
        self.answering.store(false, Ordering::Relaxed);
        match self.at() {
            // The time for the head of the first request runs since the connection is there.
            Since {
                phase: Phase::New,
                since,
            } => {
                let head = Since {
                    phase: Phase::Head,
                    since,
                };
                self.phase.store(head.pack(), Ordering::Relaxed);
            }
            Since {
                phase: Phase::Idle, ..
            } => self.enter(Phase::Head),
            _ => {}
        }
    }

    /// Something is to be sent, and cannot be.
    pub fn waits(&self) {
        if self.stuck.load(Ordering::Relaxed) == 0 {
            self.taken.store(0, Ordering::Relaxed);
            self.stuck.store(self.ticks.now() + 1, Ordering::Relaxed);
        }
    }

    /// So many bytes were sent, and perhaps there are more.
    pub fn took(&self, bytes: usize) {
        self.answering.store(true, Ordering::Relaxed);
        if self.stuck.load(Ordering::Relaxed) == 0 {
            return;
        }
        let taken = self.taken.load(Ordering::Relaxed) + bytes;
        if taken >= LEAST_TAKEN || self.endless.load(Ordering::Relaxed) {
            // If the rest has to wait, it has all its time again.
            self.stuck.store(0, Ordering::Relaxed);
        } else {
            self.taken.store(taken, Ordering::Relaxed);
        }
    }

    /// All that there was to send was sent.
    pub fn took_all(&self) {
        if self.stuck.load(Ordering::Relaxed) != 0 {
            self.stuck.store(0, Ordering::Relaxed);
        }
    }

    /// Waits for an order.
    pub async fn ordered(&self) -> Order {
        poll_fn(|context| {
            if let Some(order) = self.standing() {
                return Poll::Ready(order);
            }
            self.woken.register(context.waker());
            // One may have come in between.
            self.standing().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn standing(&self) -> Option<Order> {
        let number = self.order.load(Ordering::Acquire) >> ORDER_SHIFT;
        Order::ALL.into_iter().find(|order| *order as u64 == number)
    }

    /// Whether an order still holds; if not, it is withdrawn.
    pub fn holds(&self, order: Order) -> bool {
        let given = self.order.load(Ordering::Acquire);
        if given >> ORDER_SHIFT != order as u64 {
            // It was cut off in between, which nothing withdraws.
            return false;
        }
        let given_for = Since::unpack(given & GIVEN_FOR);
        let now = self.at();
        let holds = match order {
            Order::Cut => true,
            // A later stall has its own time.
            Order::Stalled => self.stuck_since() == Some(given_for.since),
            Order::Finish => now.phase.is_at_work(),
            // It may be a head now, and still is too late.
            Order::HeaderTimeout => {
                matches!(now.phase, Phase::New | Phase::Head) && now.since == given_for.since
            }
            _ => now == given_for,
        };
        if !holds || order == Order::Finish {
            // If that fails there is another one, which is looked at next.
            let _ = self
                .order
                .compare_exchange(given, 0, Ordering::AcqRel, Ordering::Relaxed);
        }
        if holds && order == Order::Finish {
            self.finishing.store(true, Ordering::Relaxed);
        }
        if holds && order == Order::Stalled {
            self.stalled.store(true, Ordering::Relaxed);
        }
        holds
    }
}

/// What a request may know of the connection that it came by.
#[derive(Clone)]
pub struct Connected(pub(super) Arc<State>);

impl Connected {
    /// Whether the connection was ended because its client took nothing of what was sent to it.
    pub fn was_stalled(&self) -> bool {
        self.0.stalled.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State::new(Arc::new(Ticks::new()))
    }

    #[test]
    fn the_first_head_is_late_since_the_connection_is_there() {
        let state = state();
        let new = state.at();
        assert!(state.order(Order::HeaderTimeout, new));
        state.received();
        assert!(state.holds(Order::HeaderTimeout));
    }

    #[test]
    fn an_order_is_void_when_what_it_was_given_for_is_over() {
        let state = state();
        state.enter(Phase::Idle);
        let idle = state.at();
        assert!(state.order(Order::Evict, idle));
        assert!(!state.order(Order::KeepAliveTimeout, idle), "there is one");
        state.received();
        assert!(!state.holds(Order::Evict));
        assert_eq!(state.standing(), None);
        assert!(!state.order(Order::Evict, idle), "it is not idle any more");
    }

    #[test]
    fn nothing_stands_against_being_cut() {
        let state = state();
        assert!(state.order(Order::Evict, state.at()));
        state.enter(Phase::Handling);
        state.cut();
        assert_eq!(state.standing(), Some(Order::Cut));
        assert!(state.holds(Order::Cut));
    }

    #[test]
    fn whoever_takes_again_is_not_stalled() {
        let state = state();
        state.enter(Phase::Handling);
        state.waits();
        let since = state.stuck_since().unwrap_or(u64::MAX);
        assert!(state.stall(since));
        state.took_all();
        assert!(!state.holds(Order::Stalled));
        state.waits();
        assert!(state.stall(since));
        assert!(state.holds(Order::Stalled));
    }

    #[tokio::test(start_paused = true)]
    async fn an_order_for_one_stall_is_not_for_the_next() {
        let state = state();
        state.enter(Phase::Handling);
        state.waits();
        let since = state.stuck_since().unwrap_or(u64::MAX);
        assert!(state.stall(since));
        state.took(LEAST_TAKEN);
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        state.ticks.update();
        state.waits();
        assert!(!state.holds(Order::Stalled));
        assert_eq!(state.standing(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_is_not_enough_of_an_answer_and_all_of_a_stream() {
        let state = state();
        state.begin(false);
        state.waits();
        let since = state.stuck_since();
        for _ in 0..10 {
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
            state.ticks.update();
            state.took(1000);
            state.waits();
        }
        assert_eq!(state.stuck_since(), since);
        state.took(LEAST_TAKEN - 10_000);
        assert_eq!(state.stuck_since(), None);
        state.waits();
        assert_eq!(state.stuck_since(), Some(10_000));

        state.begin(false);
        state.is_endless();
        state.took(1);
        assert_eq!(state.stuck_since(), None);
    }

    #[test]
    fn being_cut_is_not_withdrawn_with_an_order_that_was_seen_before() {
        let state = state();
        assert!(state.order(Order::Evict, state.at()));
        state.enter(Phase::Handling);
        state.cut();
        assert!(!state.holds(Order::Evict));
        assert_eq!(state.standing(), Some(Order::Cut));
    }

    #[test]
    fn a_body_is_a_phase_of_its_own_until_it_ends() {
        let state = state();
        state.begin(true);
        assert_eq!(state.at().phase, Phase::Body);
        assert!(state.order(Order::Finish, state.at()));
        assert!(state.holds(Order::Finish));
        state.body_ended();
        assert_eq!(state.at().phase, Phase::Handling);
        state.enter(Phase::Idle);
        state.body_ended();
        assert_eq!(state.at().phase, Phase::Idle);
    }
}
