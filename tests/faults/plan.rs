//! What is to happen in a run: a function of its seed, and nothing else.

use std::{mem, num::NonZeroUsize, time::Duration};

use fastrand::Rng;

/// What the clients do, and what the store does to them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it was made of.
    pub seed: u64,
    /// How many appends may wait.
    pub queue: NonZeroUsize,
    /// How many bytes of them, in memory.
    pub queue_bytes: NonZeroUsize,
    /// How many messages go together.
    pub batch: NonZeroUsize,
    /// Whether other content under a known id is answered 409.
    pub refuse_conflicts: bool,
    /// What happens to the store's appends, one after the other; then nothing does.
    pub appends: Vec<Fault>,
    /// What happens to its reads.
    pub reads: Vec<Fault>,
    /// What happens at these times, in order.
    pub events: Vec<(Duration, Event)>,
    /// What each client does.
    pub clients: Vec<Vec<Step>>,
    /// How long the pages of the last look are.
    pub page: u8,
}

/// What happens to one call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It fails, and nothing was done.
    ErrorBefore(Kind),
    /// It is done, and fails: to its caller, the outcome is unknown.
    ErrorAfter(Kind),
    DelayBefore(Duration),
    DelayAfter(Duration),
    /// It stands still until the store is mended, or until nobody wants it any more.
    HangBefore,
    HangAfter,
    PanicBefore,
    PanicAfter,
}

/// The errors of [`countersign_core::RepositoryError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Unavailable,
    Overloaded,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The store goes away and comes back after this time. What it was doing fails; what was not
    /// committed is gone.
    Restart(Duration),
    /// The process dies, and a new one starts on the same store.
    Kill,
}

/// A message to send. The same one has the same content every time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    pub source: &'static str,
    pub id: u8,
    /// Which of the contents under this id.
    pub variant: u8,
}

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Pause(Duration),
    /// A webhook. Whoever gets no good answer sends it again, so often.
    Deliver {
        sent: Sent,
        /// After this time the client goes away.
        patience: Option<Duration>,
        retries: u8,
        pause: Duration,
    },
    /// A webhook that nobody may take.
    Garbage(Garbage),
    List {
        limit: u8,
        descending: bool,
    },
    Find(Sent),
    Stats,
    /// What has arrived since the client last asked; it waits for so many seconds.
    Poll(u8),
    Metrics,
}

#[derive(Debug, Clone, Copy)]
pub enum Garbage {
    Unsigned,
    WronglySigned,
    NoMessage,
}

/// The sources that messages come from.
pub const SOURCES: [&str; 2] = ["default", "partner"];

/// How many contents there are for one id.
pub const VARIANTS: u8 = 3;

/// The faults of each kind of call.
const KINDS_OF_CALLS: [fn(&mut Plan) -> &mut Vec<Fault>; 2] =
    [|plan| &mut plan.appends, |plan| &mut plan.reads];

impl Plan {
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rng = &mut rng;
        // From a healthy store to one that hardly does anything.
        let trouble = *pick(rng, &[0.0, 0.1, 0.3, 0.3, 0.7]);
        let ids = rng.u8(1..=6);
        let at_most = |n| NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN);
        let mut events: Vec<_> = (0..*pick(rng, &[0, 0, 1, 2]))
            .map(|_| (moment(rng), event(rng)))
            .collect();
        events.sort_by_key(|(at, _)| *at);
        Self {
            seed,
            queue: at_most(*pick(rng, &[1, 2, 3, 8, 4096])),
            // None but one that is alone; some three; as many as there are.
            queue_bytes: at_most(*pick(rng, &[1, 1_500, 1 << 24, 1 << 24])),
            batch: at_most(*pick(rng, &[1, 2, 4, 1024])),
            refuse_conflicts: rng.bool(),
            appends: (0..rng.usize(0..24))
                .map(|_| append_fault(rng, trouble))
                .collect(),
            reads: (0..rng.usize(0..24))
                .map(|_| read_fault(rng, trouble))
                .collect(),
            events,
            clients: (0..rng.usize(1..=5)).map(|_| client(rng, ids)).collect(),
            page: rng.u8(1..=9),
        }
    }

    /// Every plan that is this one without one of its parts, or without what changes nothing.
    pub fn simpler(&self) -> Vec<Self> {
        let mut simpler = Vec::new();
        for faults in KINDS_OF_CALLS {
            let mut without = self.clone();
            if faults(&mut without)
                .pop_if(|fault| *fault == Fault::None)
                .is_some()
            {
                simpler.push(without);
            }
        }
        for (at, client) in self.clients.iter().enumerate() {
            let mut without = self.clone();
            without.clients.remove(at);
            simpler.push(without);
            for step in 0..client.len() {
                let mut without = self.clone();
                without.clients[at].remove(step);
                simpler.push(without);
            }
        }
        for at in 0..self.events.len() {
            let mut without = self.clone();
            without.events.remove(at);
            simpler.push(without);
        }
        for faults in KINDS_OF_CALLS {
            for at in 0..faults(&mut self.clone()).len() {
                let mut without = self.clone();
                let left = faults(&mut without);
                if mem::replace(&mut left[at], Fault::None) != Fault::None {
                    simpler.push(without);
                }
            }
        }
        simpler
    }

    /// Whether the store may say, by error or by panic, that something should not have happened.
    pub fn may_fail(&self) -> bool {
        self.appends.iter().chain(&self.reads).any(|fault| {
            matches!(
                fault,
                Fault::ErrorBefore(Kind::Failed)
                    | Fault::ErrorAfter(Kind::Failed)
                    | Fault::PanicBefore
                    | Fault::PanicAfter
            )
        })
    }

    /// Whether an append that is done may be done again behind its sender's back: one by one, after
    /// the store has said of them all that they failed. Then the answer is that they were there before.
    pub fn may_repeat(&self) -> bool {
        let repeated = [Fault::ErrorAfter(Kind::Failed), Fault::PanicAfter];
        self.appends.iter().any(|fault| repeated.contains(fault))
    }

    /// Whether the process dies in it: then what it has counted is gone.
    pub fn kills(&self) -> bool {
        self.events.iter().any(|(_, event)| *event == Event::Kill)
    }
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(0..from.len())]
}

fn moment(rng: &mut Rng) -> Duration {
    Duration::from_millis(rng.u64(0..8_000))
}

/// Mostly short; sometimes longer than anybody waits.
fn pause(rng: &mut Rng) -> Duration {
    let most = *pick(rng, &[2, 20, 20, 200, 1_000, 6_000]);
    Duration::from_millis(rng.u64(0..=most))
}

fn kind(rng: &mut Rng) -> Kind {
    *pick(rng, &[Kind::Unavailable, Kind::Overloaded, Kind::Failed])
}

fn event(rng: &mut Rng) -> Event {
    if rng.u8(0..3) == 0 {
        Event::Kill
    } else {
        Event::Restart(pause(rng))
    }
}

fn append_fault(rng: &mut Rng, trouble: f64) -> Fault {
    if rng.f64() >= trouble {
        return Fault::None;
    }
    match rng.u8(0..12) {
        0 | 1 => Fault::ErrorBefore(kind(rng)),
        // Who is overloaded says so before he begins.
        2 => Fault::ErrorAfter(Kind::Unavailable),
        3 => Fault::ErrorAfter(Kind::Failed),
        4..=6 => Fault::DelayBefore(pause(rng)),
        7 => Fault::DelayAfter(pause(rng)),
        8 => Fault::HangBefore,
        9 => Fault::HangAfter,
        10 => Fault::PanicBefore,
        _ => Fault::PanicAfter,
    }
}

fn read_fault(rng: &mut Rng, trouble: f64) -> Fault {
    if rng.f64() >= trouble {
        return Fault::None;
    }
    match rng.u8(0..8) {
        0..=3 => Fault::ErrorBefore(kind(rng)),
        4 | 5 => Fault::DelayBefore(pause(rng)),
        6 => Fault::HangBefore,
        _ => Fault::PanicBefore,
    }
}

fn client(rng: &mut Rng, ids: u8) -> Vec<Step> {
    let steps = rng.usize(1..=5);
    (0..steps).map(|_| step(rng, ids)).collect()
}

fn step(rng: &mut Rng, ids: u8) -> Step {
    match rng.u8(0..20) {
        0..=10 => Step::Deliver {
            sent: sent(rng, ids),
            patience: (rng.u8(0..4) == 0).then(|| pause(rng)),
            retries: rng.u8(0..3),
            pause: pause(rng),
        },
        11 | 12 => Step::Pause(pause(rng)),
        13 => Step::Garbage(*pick(
            rng,
            &[
                Garbage::Unsigned,
                Garbage::WronglySigned,
                Garbage::NoMessage,
                Garbage::NoMessage,
            ],
        )),
        14 | 15 => Step::List {
            limit: rng.u8(1..=8),
            descending: rng.bool(),
        },
        16 => Step::Find(sent(rng, ids)),
        17 => Step::Stats,
        18 => Step::Poll(rng.u8(0..4)),
        _ => Step::Metrics,
    }
}

fn sent(rng: &mut Rng, ids: u8) -> Sent {
    Sent {
        source: SOURCES[usize::from(rng.u8(0..8) == 0)],
        id: rng.u8(0..ids),
        // Mostly the same again.
        variant: rng.u8(0..8).saturating_sub(8 - VARIANTS),
    }
}
