//! A client that does nothing wrong, and wants to be served whatever others do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use countersign_load::HttpClient;
use tokio::task::JoinHandle;

use super::request;
use crate::{findings::Findings, history::History, message::Mint};

/// Between two messages.
const PAUSE: Duration = Duration::from_millis(20);

/// After so many messages it comes again on another connection.
const MESSAGES: usize = 10;

/// A visitor that comes and goes until it is told to leave.
pub struct Visitor {
    over: Arc<AtomicBool>,
    task: JoinHandle<anyhow::Result<Visits>>,
}

/// What a visitor has seen.
#[derive(Default)]
pub struct Visits {
    pub history: History,
    /// How long each answer took, the connection included; the shortest first.
    pub latencies: Vec<Duration>,
    /// What was answered otherwise than with 200, or not at all.
    pub failed: Vec<String>,
}

impl Visitor {
    /// Begins, with messages whose ids begin with `prefix`.
    pub fn begin(address: &str, prefix: &str, seed: u64) -> anyhow::Result<Self> {
        let mint = Mint::new(prefix, seed, 0..=100)?;
        let over = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(visit(address.to_owned(), mint, Arc::clone(&over)));
        Ok(Self { over, task })
    }

    /// Ends, and tells.
    pub async fn end(self) -> anyhow::Result<Visits> {
        self.over.store(true, Ordering::SeqCst);
        self.task.await.context("the visitor panicked")?
    }
}

async fn visit(address: String, mut mint: Mint, over: Arc<AtomicBool>) -> anyhow::Result<Visits> {
    let mut visits = Visits::default();
    let mut client = None;
    let mut messages = 0;
    while !over.load(Ordering::SeqCst) {
        let message = mint.make();
        visits.history.invoke(&message);
        let began = Instant::now();
        let (own, answered) = exchange(client.take(), &address, &request::webhook(&message)).await;
        match answered {
            Ok(200) => {
                visits.history.acknowledge(&message.id);
                visits.latencies.push(began.elapsed());
            }
            Ok(status) => visits.failed.push(format!("{} got {status}", message.id)),
            Err(error) => visits.failed.push(format!("{} got {error:#}", message.id)),
        }
        messages += 1;
        client = own.filter(|_| messages % MESSAGES != 0);
        tokio::time::sleep(PAUSE).await;
    }
    visits.latencies.sort_unstable();
    Ok(visits)
}

/// On a new connection, or on one that is there.
async fn exchange(
    client: Option<HttpClient>,
    address: &str,
    request: &[u8],
) -> (Option<HttpClient>, std::io::Result<u16>) {
    let mut client = match client {
        Some(client) => client,
        None => match HttpClient::connect(address).await {
            Ok(client) => client,
            Err(error) => return (None, Err(error)),
        },
    };
    let answered = client.exchange(request).await.map(|answer| answer.status);
    (Some(client).filter(|client| !client.must_close()), answered)
}

impl Visits {
    /// So many of a hundred took no longer; zero, if there were none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let index = (self.latencies.len() * percent / 100).min(self.latencies.len().max(1) - 1);
        self.latencies.get(index).copied().unwrap_or_default()
    }

    /// It was served, every time.
    pub fn check(&self, place: &str, findings: &mut Findings) {
        for failed in &self.failed {
            findings.add(format!("{place}: {failed}"));
        }
        findings.check(!self.latencies.is_empty(), || {
            format!("{place}: nobody was served")
        });
    }
}
