//! What is sent to the instances of a service all the while, and how they answer.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    api::{Answer, Api},
    history::History,
    message::{Message, Mint},
};

/// How many send at once. Each has a message on the way, and one in [`BOTH`] to all
/// instances at once.
const CLIENTS: usize = 32;
const BOTH: u8 = 5;

/// One in so many is sent a second time; of those that were not stored, one in two.
const REPEAT: u8 = 20;

/// After one in so many that were stored, something is read, by way of any instance.
const READ: u8 = 10;

/// For how long a client rests after a message, in milliseconds, and after one that was refused.
const REST: std::ops::RangeInclusive<u64> = 0..=10;
const REFUSED: Duration = Duration::from_millis(50);

/// An instance, as those see it who talk to it.
#[derive(Debug)]
struct Line {
    api: Api,
    /// How often it was killed.
    deaths: u32,
    /// Nobody has killed it since it was started.
    up: bool,
    /// What it has answered since then.
    answers: Answers,
}

/// How many answers of each kind there were.
#[derive(Debug, Default, Clone, Copy)]
pub struct Answers {
    pub stored: u64,
    pub refused: u64,
}

/// What there was to see.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub answers: Answers,
    /// Requests that a killed instance did not answer.
    pub cut_off: u64,
    pub repeats: u64,
    /// Reads that were answered.
    pub reads: u64,
    /// Messages that were sent to both at the same time.
    pub to_both: u64,
    /// The answer that took longest.
    pub slowest: Duration,
}

/// What the clients share.
pub struct Load {
    mint: Mutex<Mint>,
    lines: Vec<Mutex<Line>>,
    over: AtomicBool,
    pub history: Mutex<History>,
    pub tally: Mutex<Tally>,
    wrong: Mutex<Vec<String>>,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    pub fn new(mint: Mint, instances: Vec<Api>) -> Self {
        let line = |api| {
            Mutex::new(Line {
                api,
                deaths: 0,
                up: true,
                answers: Answers::default(),
            })
        };
        Self {
            mint: Mutex::new(mint),
            lines: instances.into_iter().map(line).collect(),
            over: AtomicBool::new(false),
            history: Mutex::default(),
            tally: Mutex::default(),
            wrong: Mutex::default(),
        }
    }

    /// Begins to send.
    pub fn begin(self: &Arc<Self>, random: &mut fastrand::Rng) -> JoinSet<()> {
        self.over.store(false, Ordering::SeqCst);
        let client = |number| Arc::clone(self).client(number, random.fork());
        (0..CLIENTS).map(client).collect()
    }

    /// Ends it, and waits for the answers that are still to come.
    pub async fn end(&self, clients: JoinSet<()>) {
        self.over.store(true, Ordering::SeqCst);
        clients.join_all().await;
    }

    /// How many there are.
    pub fn instances(&self) -> usize {
        self.lines.len()
    }

    /// How to talk to an instance.
    pub fn api(&self, instance: usize) -> Api {
        lock(&self.lines[instance]).api.clone()
    }

    /// What an instance has answered since it was started.
    pub fn answers(&self, instance: usize) -> Answers {
        lock(&self.lines[instance]).answers
    }

    /// Before an instance is killed: from now on it need not answer.
    pub fn dies(&self, instance: usize) {
        let mut line = lock(&self.lines[instance]);
        line.up = false;
        line.deaths += 1;
    }

    /// It was started again, or another one has taken its place.
    pub fn lives(&self, instance: usize, api: Api) {
        let mut line = lock(&self.lines[instance]);
        line.api = api;
        line.up = true;
        line.answers = Answers::default();
    }

    /// What was answered wrongly.
    pub fn wrong(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.wrong))
    }

    /// Sends a new message. Says whether it was stored.
    pub async fn send(&self, instance: usize) -> bool {
        let message = self.make();
        self.deliver(instance, &message).await
    }

    /// Sends one again.
    pub async fn again(&self, instance: usize, id: &str) -> bool {
        let content = lock(&self.history).content(id).cloned();
        let message = content.map(|content| lock(&self.mint).again(id, content));
        match message {
            Some(message) => self.deliver(instance, &message).await,
            None => false,
        }
    }

    fn make(&self) -> Message {
        let message = lock(&self.mint).make();
        lock(&self.history).invoke(&message);
        message
    }

    /// Anything but 200, and 503 with `Retry-After`, is wrong; no answer is, too, unless the
    /// instance was killed.
    async fn deliver(&self, instance: usize, message: &Message) -> bool {
        let line = &self.lines[instance];
        let (api, deaths) = {
            let line = lock(line);
            if !line.up {
                return false;
            }
            (line.api.clone(), line.deaths)
        };
        let began = Instant::now();
        let answer = api.deliver(message).await;
        let took = began.elapsed();
        let mut line = lock(line);
        let killed = line.deaths != deaths;
        let mut tally = lock(&self.tally);
        let mut count = |add: fn(&mut Answers)| {
            add(&mut tally.answers);
            if !killed {
                add(&mut line.answers);
            }
        };
        let mut stored = false;
        match answer {
            Answer::Stored => {
                stored = true;
                count(|answers| answers.stored += 1);
                lock(&self.history).acknowledge(&message.id);
            }
            Answer::Unavailable { retry_after: true } => count(|answers| answers.refused += 1),
            Answer::Nothing if killed => tally.cut_off += 1,
            other => lock(&self.wrong).push(format!(
                "instance {instance} answered {} with {other:?}, after {took:.0?}",
                message.id
            )),
        }
        tally.slowest = tally.slowest.max(took);
        stored
    }

    /// Reads something. 200 and 503 are right; no answer is, if the instance was killed.
    async fn read(&self, instance: usize, path: &str) {
        let line = &self.lines[instance];
        let (api, deaths) = {
            let line = lock(line);
            if !line.up {
                return;
            }
            (line.api.clone(), line.deaths)
        };
        let began = Instant::now();
        let answer = api.status(path).await;
        let took = began.elapsed();
        let killed = lock(line).deaths != deaths;
        let right = match &answer {
            Ok(status) => matches!(*status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE),
            Err(_) => killed,
        };
        if !right {
            lock(&self.wrong).push(format!(
                "instance {instance} answered {path} with {answer:?}, after {took:.0?}"
            ));
        }
        let mut tally = lock(&self.tally);
        tally.reads += u64::from(answer.is_ok());
        tally.slowest = tally.slowest.max(took);
    }

    async fn client(self: Arc<Self>, number: usize, mut random: fastrand::Rng) {
        let home = number % self.lines.len();
        let mut previous: Option<(Message, bool)> = None;
        while !self.over.load(Ordering::SeqCst) {
            let repeat = previous
                .take_if(|(_, stored)| random.u8(..REPEAT) == 0 || !*stored && random.bool());
            if repeat.is_some() {
                lock(&self.tally).repeats += 1;
            }
            let message = repeat.map_or_else(|| self.make(), |(message, _)| message);
            let stored = if random.u8(..BOTH) == 0 {
                lock(&self.tally).to_both += 1;
                let both = (0..self.lines.len()).map(|to| self.deliver(to, &message));
                let both = futures_util::future::join_all(both).await;
                both.contains(&true)
            } else {
                self.deliver(home, &message).await
            };
            if stored && random.u8(..READ) == 0 {
                let own = format!("/messages/{}", message.id);
                let paths = [&*own, &*own, "/messages?limit=3", "/stats", "/health/ready"];
                let path = paths[random.usize(..paths.len())];
                self.read(random.usize(..self.lines.len()), path).await;
            }
            previous = Some((message, stored));
            sleep(if stored {
                Duration::from_millis(random.u64(REST))
            } else {
                REFUSED
            })
            .await;
        }
    }
}
