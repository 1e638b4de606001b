//! `stop`: SIGTERM under load, again and again; first with a socket of its own, then with one that
//! outlives the process, as systemd keeps it.

use std::{
    net::TcpListener,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_load::HttpClient;
use tokio::task::JoinSet;

use super::request;
use crate::{
    context::Context,
    database::Database,
    findings::{Findings, Outcome},
    history::History,
    message::{Message, Mint},
    server::{Launch, Server},
};

/// How many send at once; every other one opens a connection for each message.
const CLIENTS: usize = 16;

/// How long they send before they are interrupted, in milliseconds.
const LOAD: std::ops::Range<u64> = 200..700;

/// For how long it goes on to accept. Less than the usual second, so that the test takes less long.
const DELAY: Duration = Duration::from_secs(1);

/// How long the end may take, the delay not included.
const END: Duration = Duration::from_secs(10);

/// Of so many messages, one may go without an answer, where nobody keeps the socket.
const ONE_IN: u64 = 10_000;

/// What clients share.
struct Load {
    address: String,
    mint: Mutex<Mint>,
    history: Mutex<History>,
    over: AtomicBool,
    sent: AtomicU64,
    /// Sent, and not answered.
    lost: Mutex<Vec<String>>,
    /// Not sent: nobody listened.
    refused: AtomicU64,
    /// Answered otherwise than with 200.
    wrong: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let stops = context.size(6, 20);
    let mut findings = Findings::default();
    let own = own_socket(context, stops, &mut findings).await?;
    let kept = kept_socket(context, stops, &mut findings).await?;
    let summary =
        format!("{stops} stops with an own socket: {own}; {stops} with a kept one: {kept}");
    Ok(Outcome { summary, findings })
}

/// Whoever comes when it has stopped is refused; whoever was let in is answered.
async fn own_socket(
    context: &Context,
    stops: usize,
    findings: &mut Findings,
) -> anyhow::Result<String> {
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let launch =
        Launch::new(&context.program, &database).with("SHUTDOWN_DELAY_SECONDS", DELAY.as_secs());
    let mut random = context.random("stop");
    let mut mint = Mint::new("stop", context.seed, 0..=100)?;
    let mut history = History::default();
    let (mut sent, mut lost, mut slowest) = (0, 0, Duration::ZERO);
    for stop in 0..stops {
        let server = launch.serve()?;
        server.ready(&server.api()?).await?;
        let load = Arc::new(Load::new(&server.address, mint, history));
        let clients = Load::begin(&load);
        tokio::time::sleep(Duration::from_millis(random.u64(LOAD))).await;
        slowest = slowest.max(end(server, stop, findings).await?);
        clients.join_all().await;
        let done = Arc::into_inner(load).ok_or_else(|| anyhow::anyhow!("a client goes on"))?;
        sent += done.sent.load(Ordering::Relaxed);
        lost += lock(&done.lost).len() as u64;
        for wrong in lock(&done.wrong).drain(..) {
            findings.add(format!("stop {stop}: {wrong}"));
        }
        for one in lock(&done.lost).drain(..) {
            eprintln!("  stop {stop}: no answer: {one}");
        }
        (mint, history) = done.into_parts();
        history.check(
            &Database::alone(&database)?.stored()?,
            &format!("stop {stop}"),
            findings,
        );
        context.progress("stop", stop + 1, stops);
    }
    findings.check(lost * ONE_IN <= sent.max(ONE_IN), || {
        format!("{lost} of {sent} messages had no answer")
    });
    Ok(format!(
        "{sent} messages sent, {lost} without an answer, ended after {slowest:.1?} at the most"
    ))
}

/// The successor finds in the queue whoever came meanwhile: nobody notices.
async fn kept_socket(
    context: &Context,
    stops: usize,
    findings: &mut Findings,
) -> anyhow::Result<String> {
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let socket = Arc::new(TcpListener::bind("127.0.0.1:0")?);
    let address = socket.local_addr()?.to_string();
    let launch = Launch::new(&context.program, &database)
        .with("SHUTDOWN_DELAY_SECONDS", 0)
        .activated_by(socket);
    let mut random = context.random("kept");
    let load = Arc::new(Load::new(
        &address,
        Mint::new("kept", context.seed, 0..=100)?,
        History::default(),
    ));
    let mut server = launch.serve()?;
    let clients = Load::begin(&load);
    for stop in 0..stops {
        tokio::time::sleep(Duration::from_millis(random.u64(LOAD))).await;
        end(server, stop, findings).await?;
        server = launch.serve()?;
        context.progress("stop, socket kept", stop + 1, stops);
    }
    load.over.store(true, Ordering::SeqCst);
    clients.join_all().await;
    end(server, stops, findings).await?;
    let sent = load.sent.load(Ordering::Relaxed);
    let refused = load.refused.load(Ordering::Relaxed);
    for wrong in lock(&load.wrong)
        .drain(..)
        .chain(lock(&load.lost).drain(..))
    {
        findings.add(format!("socket kept: {wrong}"));
    }
    findings.check(refused == 0, || {
        format!("socket kept: {refused} connections were refused")
    });
    let stored = Database::alone(&database)?.stored()?;
    lock(&load.history).check(&stored, "socket kept", findings);
    Ok(format!("{sent} messages sent, all answered"))
}

/// SIGTERM, and a good end.
async fn end(server: Server, stop: usize, findings: &mut Findings) -> anyhow::Result<Duration> {
    let began = Instant::now();
    // Clients go on meanwhile.
    let ended = tokio::task::spawn_blocking(move || server.terminate()).await??;
    let took = began.elapsed();
    findings.check(ended.status.success(), || {
        format!("stop {stop}: it ended with {}", ended.status)
    });
    findings.check(took <= DELAY + END, || {
        format!("stop {stop}: it ended after {took:.1?}")
    });
    ended.log.check(&format!("stop {stop}"), findings);
    Ok(took)
}

impl Load {
    fn new(address: &str, mint: Mint, history: History) -> Self {
        Self {
            address: address.to_owned(),
            mint: Mutex::new(mint),
            history: Mutex::new(history),
            over: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            lost: Mutex::default(),
            refused: AtomicU64::new(0),
            wrong: Mutex::default(),
        }
    }

    fn into_parts(self) -> (Mint, History) {
        let mint = self
            .mint
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let history = self
            .history
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (mint, history)
    }

    fn begin(load: &Arc<Self>) -> JoinSet<()> {
        let client = |number: usize| Arc::clone(load).client(number.is_multiple_of(2));
        (0..CLIENTS).map(client).collect()
    }

    /// Sends one message after the other, until nobody listens any more.
    async fn client(self: Arc<Self>, keeps_connection: bool) {
        let mut client = None;
        while !self.over.load(Ordering::SeqCst) {
            let mut own = if let Some(client) = client.take() {
                client
            } else if let Ok(client) = HttpClient::connect(&self.address).await {
                client
            } else {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return;
            };
            let message = lock(&self.mint).make();
            self.exchange(&mut own, &message).await;
            client = Some(own).filter(|own| keeps_connection && !own.must_close());
        }
    }

    async fn exchange(&self, client: &mut HttpClient, message: &Message) {
        lock(&self.history).invoke(message);
        self.sent.fetch_add(1, Ordering::Relaxed);
        match client.exchange(&request::webhook(message)).await {
            Ok(answer) if answer.status == 200 => lock(&self.history).acknowledge(&message.id),
            Ok(answer) => lock(&self.wrong).push(format!("{} got {}", message.id, answer.status)),
            Err(error) => lock(&self.lost).push(format!("{}: {error}", message.id)),
        }
    }
}
