//! `overload`: more messages than the disk takes, three times as many; and the same with little
//! memory, beside clients that send large bodies.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_load::HttpClient;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{self, MissedTickBehavior},
};

use super::request;
use crate::{
    cgroup::MemoryLimit,
    context::{self, Context},
    database::Database,
    findings::{Findings, Outcome},
    history::History,
    message::Mint,
    server::{Launch, Process, Server},
};

/// How long a sync takes: the disk is what cannot do more, not the processor, which clients and
/// server share.
const SYNC: Duration = Duration::from_millis(800);

/// How many connections there are. More than there may be messages on the way.
const CLIENTS: usize = 3_000;

/// How many clients wait at once while the capacity is measured: about as many as go into one
/// transaction, so that none is refused. They begin, and then it is measured for some time.
const WAITING: usize = 800;
const WARM_UP: Duration = Duration::from_secs(3);
const CAPACITY: Duration = Duration::from_secs(5);

/// What is offered, in capacities, and how much of one has to be stored all the same.
const TIMES: u64 = 3;
const GOODPUT_PERCENT: u64 = 80;

/// How much the memory may grow in the second half.
const GROWTH: u64 = 20 << 20;

/// How late an answer may be: a write has 2.5 seconds, and here are two cores for all of this.
const LATEST: Duration = Duration::from_secs(6);

/// What the server has where it has little, in MiB; a program that was not compiled for speed needs
/// twice as much for what it is at. And what it is sent by those who mean no good.
const LITTLE: u64 = 128;
const LITTLE_UNOPTIMIZED: u64 = 256;
const GREEDY: usize = 200;
const FEW: usize = 400;

struct Load {
    address: String,
    mint: Mutex<Mint>,
    history: Mutex<History>,
    /// How many messages may be sent now.
    tickets: Semaphore,
    over: AtomicBool,
    stored: AtomicU64,
    refused: AtomicU64,
    latencies: Mutex<Vec<Duration>>,
    wrong: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    context::need_strace()?;
    let mut findings = Findings::default();
    let slow = slow_disk(context, &mut findings).await?;
    let little = little_memory(context, &mut findings).await?;
    let summary = format!("{slow}; {little}");
    Ok(Outcome { summary, findings })
}

async fn slow_disk(context: &Context, findings: &mut Findings) -> anyhow::Result<String> {
    let seconds = Duration::from_secs(context.size(20, 60) as u64);
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let server = Launch::new(&context.program, &database)
        .with_slow_syncs(SYNC)
        .serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let process = server.process();
    let load = Load::new(&server.address, Mint::new("over", context.seed, 0..=100)?);
    let clients = Load::begin(&load, CLIENTS);

    // As many as can be stored while there are always some that wait.
    load.tickets.add_permits(WAITING);
    load.replace_for(WARM_UP).await?;
    load.forget();
    load.replace_for(CAPACITY).await?;
    let capacity = per_second(&load.stored, CAPACITY);
    load.tickets.forget_permits(CLIENTS);
    findings.check(capacity > 100, || {
        format!("it stores {capacity} messages a second: this test proves nothing")
    });
    time::sleep(SYNC * 4).await;
    load.forget();

    offer(&load, capacity * TIMES, seconds / 2).await;
    let memory = process.memory()?;
    offer(&load, capacity * TIMES, seconds / 2).await;
    let growth = process.memory()?.saturating_sub(memory);
    let goodput = per_second(&load.stored, seconds);
    load.over.store(true, Ordering::SeqCst);
    load.tickets.close();
    clients.join_all().await;
    let refused = per_second(&load.refused, seconds);
    let late = load.percentile(99);
    findings.check(goodput * 100 >= capacity * GOODPUT_PERCENT, || {
        format!("at {TIMES} times {capacity} messages a second it stores {goodput}")
    });
    findings.check(refused > 0, || {
        "nothing was refused: this test proves nothing".to_owned()
    });
    findings.check(growth <= GROWTH, || {
        format!("overload lasts, and memory grows: {} MiB", growth >> 20)
    });
    findings.check(late <= LATEST, || {
        format!("a message was stored after {late:.1?} at p99")
    });
    load.check("overload", findings);
    finish(server, &database, &load, "overload", findings)?;
    Ok(format!(
        "{capacity} messages a second can be stored; of {TIMES} times as many, {goodput} are, {refused} are refused; p99 of \
         what is stored {late:.1?}, {} MiB more memory",
        growth >> 20,
    ))
}

/// Lets so many a second go for some time.
async fn offer(load: &Load, rate: u64, duration: Duration) {
    let mut ticks = time::interval(Duration::from_millis(5));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let began = Instant::now();
    let mut offered = 0;
    while began.elapsed() < duration {
        ticks.tick().await;
        let due = began.elapsed().min(duration).as_millis() * u128::from(rate) / 1000;
        let due = usize::try_from(due).unwrap_or_default();
        load.tickets.add_permits(due - offered);
        offered = due;
    }
}

fn per_second(count: &AtomicU64, duration: Duration) -> u64 {
    count.load(Ordering::Relaxed) / duration.as_secs().max(1)
}

/// The process is not killed for its memory, and good messages are stored.
async fn little_memory(context: &Context, findings: &mut Findings) -> anyhow::Result<String> {
    let limit = if context.release {
        LITTLE
    } else {
        LITTLE_UNOPTIMIZED
    };
    let Some(group) = MemoryLimit::new(limit << 20)? else {
        return Ok("little memory: skipped, there are no cgroups that may be used".to_owned());
    };
    let seconds = Duration::from_secs(context.size(15, 60) as u64);
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let mut server = Launch::new(&context.program, &database)
        .after(&group.enter())
        .serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let process = server.process();
    let load = Load::new(
        &server.address,
        Mint::new("little", context.seed, 0..=4000)?,
    );
    let clients = Load::begin(&load, FEW);
    let mut greedy = JoinSet::new();
    let until = Instant::now() + seconds;
    for number in 0..GREEDY {
        greedy.spawn(grab(server.address.clone(), number, until));
    }
    load.tickets.add_permits(FEW);
    let mut done = 0;
    let mut most = 0;
    while Instant::now() < until && !server.has_ended()? {
        time::sleep(Duration::from_millis(20)).await;
        let now = load.stored.load(Ordering::Relaxed) + load.refused.load(Ordering::Relaxed);
        load.tickets.add_permits(usize::try_from(now - done)?);
        done = now;
        most = most.max(memory_of(process));
    }
    load.over.store(true, Ordering::SeqCst);
    load.tickets.close();
    clients.join_all().await;
    let grabbed: u64 = greedy.join_all().await.into_iter().sum();
    if server.has_ended()? {
        findings.add(format!("with {limit} MiB it has ended"));
        return Ok("it ended".to_owned());
    }
    findings.check(group.kills()? == 0, || {
        "something was killed for its memory".to_owned()
    });
    load.check("little memory", findings);
    finish(server, &database, &load, "little memory", findings)?;
    Ok(format!(
        "with {limit} MiB, {} a second stored and {} refused, beside {GREEDY} clients with {grabbed} large bodies; {} MiB at the most",
        per_second(&load.stored, seconds),
        per_second(&load.refused, seconds),
        most >> 20,
    ))
}

/// Zero where it has ended.
fn memory_of(process: Process) -> u64 {
    process.memory().unwrap_or_default()
}

/// Sends large bodies, half ones, and ones without end; says how many.
async fn grab(address: String, number: usize, until: Instant) -> u64 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut sent = 0;
    while Instant::now() < until {
        let Ok(mut stream) = tokio::net::TcpStream::connect(&address).await else {
            continue;
        };
        let whole = 64 * 1024;
        let request = match number % 3 {
            0 => [
                request::webhook_head(&"0".repeat(64), whole),
                vec![b'x'; whole],
            ]
            .concat(),
            // The last byte does not come.
            1 => [
                request::webhook_head(&"0".repeat(64), whole),
                vec![b'x'; whole - 1],
            ]
            .concat(),
            _ => [
                b"POST /webhook HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
                b"fff0\r\n".to_vec(),
                vec![b'x'; whole],
            ]
            .concat(),
        };
        let answered = async {
            stream.write_all(&request).await?;
            let mut answer = [0; 1024];
            stream.read(&mut answer).await
        };
        let left = until.saturating_duration_since(Instant::now());
        let _ = time::timeout(left, answered).await;
        sent += 1;
        // It is not the processor that is to be tried here.
        time::sleep(Duration::from_millis(100)).await;
    }
    sent
}

/// What is stored is what was acknowledged; and a good end.
fn finish(
    server: Server,
    database: &std::path::Path,
    load: &Load,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("{place}: SIGTERM: it ended with {}", ended.status)
    });
    ended.log.check(place, findings);
    let stored = Database::alone(database)?.stored()?;
    lock(&load.history).check(&stored, place, findings);
    Ok(())
}

impl Load {
    fn new(address: &str, mint: Mint) -> Arc<Self> {
        Arc::new(Self {
            address: address.to_owned(),
            mint: Mutex::new(mint),
            history: Mutex::default(),
            tickets: Semaphore::new(0),
            over: AtomicBool::new(false),
            stored: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            latencies: Mutex::default(),
            wrong: Mutex::default(),
        })
    }

    fn begin(load: &Arc<Self>, clients: usize) -> JoinSet<()> {
        (0..clients).map(|_| Arc::clone(load).client()).collect()
    }

    /// Lets one more go for each that was answered, for some time.
    async fn replace_for(&self, duration: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        let answered =
            || self.stored.load(Ordering::Relaxed) + self.refused.load(Ordering::Relaxed);
        let mut before = answered();
        while began.elapsed() < duration {
            time::sleep(Duration::from_millis(20)).await;
            let now = answered();
            self.tickets.add_permits(usize::try_from(now - before)?);
            before = now;
        }
        Ok(())
    }

    /// Begins to count anew.
    fn forget(&self) {
        self.stored.store(0, Ordering::Relaxed);
        self.refused.store(0, Ordering::Relaxed);
        lock(&self.latencies).clear();
    }

    fn percentile(&self, percent: usize) -> Duration {
        let mut latencies = lock(&self.latencies);
        latencies.sort_unstable();
        let index = latencies.len() * percent / 100;
        latencies.get(index).copied().unwrap_or_default()
    }

    fn check(&self, place: &str, findings: &mut Findings) {
        for wrong in lock(&self.wrong).drain(..) {
            findings.add(format!("{place}: {wrong}"));
        }
    }

    async fn client(self: Arc<Self>) {
        let mut client = None;
        while let Ok(ticket) = self.tickets.acquire().await {
            ticket.forget();
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let mut own = match client.take() {
                Some(client) => client,
                None => match HttpClient::connect(&self.address).await {
                    Ok(client) => client,
                    Err(error) => {
                        lock(&self.wrong).push(format!("no connection: {error}"));
                        return;
                    }
                },
            };
            self.send(&mut own).await;
            client = Some(own).filter(|own| !own.must_close());
        }
    }

    async fn send(&self, client: &mut HttpClient) {
        let message = lock(&self.mint).make();
        lock(&self.history).invoke(&message);
        let began = Instant::now();
        match client.exchange(&request::webhook(&message)).await {
            Ok(answer) if answer.status == 200 => {
                lock(&self.history).acknowledge(&message.id);
                self.stored.fetch_add(1, Ordering::Relaxed);
                lock(&self.latencies).push(began.elapsed());
            }
            Ok(answer) if answer.status == 503 => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let after = answer.header("Retry-After").unwrap_or_default();
                if !matches!(after.parse(), Ok(1..=5)) {
                    lock(&self.wrong).push(format!("503 with Retry-After {after:?}"));
                }
            }
            Ok(answer) => lock(&self.wrong).push(format!("{} got {}", message.id, answer.status)),
            Err(error) => lock(&self.wrong).push(format!("{} got no answer: {error}", message.id)),
        }
    }
}
