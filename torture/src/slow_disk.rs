//! `slow-disk`: every sync takes long, and then too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use reqwest::StatusCode;
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    api::Api,
    context::{self, Context},
    findings::{Findings, Outcome},
    load::{Load, lock},
    message::Mint,
    server::Launch,
    settle::{end, end_with, settle},
};

/// What a sync takes on a disk that is only slow, and on one that is ill: longer than a message may
/// wait, which is 2.5 seconds.
const SLOW: Duration = Duration::from_millis(50);
const ILL: Duration = Duration::from_secs(3);

/// How late an answer may be: a message has 2.5 seconds, and the machine has other work. One that
/// waited for the disk would take three seconds, and six if it came after another.
const LATEST: Duration = Duration::from_secs(4);

/// How late a read may be, which waits for no sync.
const READ: Duration = Duration::from_secs(2);

/// How much memory may grow under a load that does not.
const GROWTH: u64 = 24 << 20;

/// What is read all the while, and has to be answered.
const PATHS: [&str; 3] = ["/health/live", "/messages?limit=3", "/stats"];

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    context::need_strace()?;
    let mut findings = Findings::default();
    let mut random = context.random("slow-disk");
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let plain = Launch::new(&context.program, &database);
    let mint = Mint::new("slow", context.seed, 0..=200)?;
    let first = plain.serve()?;
    let load = Arc::new(Load::new(mint, vec![first.api()?]));
    end(first, "new", &load, &mut findings)?;
    let mut seen = Vec::new();
    for (place, delay, seconds) in [
        ("slow", SLOW, context.size(3, 20)),
        ("ill", ILL, context.size(7, 30)),
    ] {
        let before = lock(&load.tally).answers;
        lock(&load.tally).slowest = Duration::ZERO;
        let server = plain.clone().with_slow_syncs(delay).serve()?;
        let api = server.api()?;
        load.lives(0, api.clone());
        let reader = Reader::begin(api);
        let clients = load.begin(&mut random);
        let time = Duration::from_secs(seconds as u64);
        sleep(time / 3).await;
        let memory = server.process().memory()?;
        sleep(time * 2 / 3).await;
        let growth = server.process().memory()?.saturating_sub(memory);
        load.end(clients).await;
        reader.end(place, &mut findings).await?;
        let tally = *lock(&load.tally);
        let refused = tally.answers.refused - before.refused;
        let stored = tally.answers.stored - before.stored;
        findings.check(stored > 0 || delay == ILL, || {
            format!("{place}: nothing is stored")
        });
        findings.check((refused > 0) == (delay == ILL), || {
            format!("{place}: with syncs of {delay:.0?}, {refused} messages were refused")
        });
        findings.check(tally.slowest <= LATEST, || {
            format!("{place}: an answer took {:.1?}", tally.slowest)
        });
        findings.check(growth <= GROWTH, || {
            format!("{place}: memory grew by {} MiB", growth >> 20)
        });
        // A disk that takes longer than the stop may, is left with its write-ahead log, and that is
        // said: 69. What was answered is there all the same.
        let codes: &[i32] = if delay == ILL { &[0, 69] } else { &[0] };
        let took = end_with(codes, server, place, &load, &mut findings)?;
        seen.push(format!(
            "with syncs of {delay:.0?}, {stored} stored and {refused} refused, the slowest answer after {:.1?}, \
             {} MiB more memory, an end after {took:.1?}",
            tally.slowest,
            growth >> 20,
        ));
    }
    let server = plain.serve()?;
    load.lives(0, server.api()?);
    settle(&load, &database, &mut findings).await?;
    end(server, "well again", &load, &mut findings)?;
    let history = lock(&load.history);
    let summary = format!(
        "{}; {} messages sent, {} acknowledged or seen",
        seen.join("; "),
        history.sent(),
        history.acknowledged(),
    );
    drop(history);
    Ok(Outcome { summary, findings })
}

/// A client that reads all the while.
struct Reader {
    over: Arc<AtomicBool>,
    task: JoinHandle<Vec<String>>,
}

impl Reader {
    fn begin(api: Api) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(read(api, Arc::clone(&over)));
        Self { over, task }
    }

    async fn end(self, place: &str, findings: &mut Findings) -> anyhow::Result<()> {
        self.over.store(true, Ordering::SeqCst);
        for wrong in self.task.await.context("the reader panicked")? {
            findings.add(format!("{place}: {wrong}"));
        }
        Ok(())
    }
}

/// Says what was answered wrongly, or late.
async fn read(api: Api, over: Arc<AtomicBool>) -> Vec<String> {
    let mut wrong = Vec::new();
    while !over.load(Ordering::SeqCst) {
        for path in PATHS {
            let began = Instant::now();
            let answer = api.status(path).await;
            let took = began.elapsed();
            if !matches!(answer, Ok(StatusCode::OK)) || took > READ {
                wrong.push(format!("{path} is answered {answer:?}, after {took:.1?}"));
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    wrong
}
