//! `kill`: SIGKILL at a random moment under load, and a restart on the same database.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, stream};

use crate::{
    api::{Answer, Api},
    context::Context,
    database::{Database, Stored},
    findings::{Findings, Outcome},
    history::History,
    message::{Message, Mint},
    server::Launch,
};

/// Each has one connection, and one message on it at a time.
const CLIENTS: usize = 16;

/// When the process is killed, in milliseconds of load.
const MOMENT: std::ops::Range<u64> = 20..300;

/// How soon it has to be ready again, in a release build.
const READY: Duration = Duration::from_millis(500);

/// How many of the messages of earlier rounds are asked for after each restart.
const OLD: usize = 50;

/// What the clients share.
struct Load {
    mint: Mutex<Mint>,
    history: Mutex<History>,
    /// The process is dead, or about to be.
    over: AtomicBool,
    repeats: AtomicU64,
    wrong: Mutex<Vec<String>>,
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let rounds = context.size(40, 200);
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let launch = Launch::new(&context.program, &database);
    let mut random = context.random("kill");
    let mut findings = Findings::default();
    let load = Arc::new(Load {
        mint: Mutex::new(Mint::new("kill", context.seed, 0..=200)?),
        history: Mutex::new(History::default()),
        over: AtomicBool::new(false),
        repeats: AtomicU64::new(0),
        wrong: Mutex::new(Vec::new()),
    });
    let mut starts = Vec::new();
    let mut sent_before = 0;
    for round in 0..=rounds {
        let place = format!("restart {round}");
        let server = launch.serve()?;
        let api = server.api()?;
        starts.push(server.ready(&api).await?);
        let stored = if round > 0 {
            check(&api, &database, &load, &place, &mut findings).await?
        } else {
            Stored::default()
        };
        find_some(
            &api,
            &load,
            &stored,
            sent_before,
            &mut random,
            &mut findings,
        )
        .await?;
        sent_before = lock(&load.history).sent();
        if round == rounds {
            repeat_unknown(&api, &load, &mut findings).await?;
            let stored = check(&api, &database, &load, "the end", &mut findings).await?;
            let all = api.all().await?;
            findings.check(
                all.messages == stored.messages && all.count == stored.count,
                || "the end: all pages together are not all rows".to_owned(),
            );
            let ended = server.terminate()?;
            findings.check(ended.status.success(), || {
                format!("SIGTERM: it ended with {}", ended.status)
            });
            ended.log.check("the end", &mut findings);
            lock(&load.history).created(ended.log.created, &mut findings);
            break;
        }
        load.over.store(false, Ordering::SeqCst);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let seed = random.u64(..);
                let load = Arc::clone(&load);
                let api = Api::new(&server.address);
                tokio::spawn(async move { send(number, api?, &load, seed).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(random.u64(MOMENT))).await;
        server.kill()?;
        load.over.store(true, Ordering::SeqCst);
        for client in clients {
            client.await??;
        }
        let ended = server.ended()?;
        ended.log.check(&place, &mut findings);
        lock(&load.history).created(ended.log.created, &mut findings);
        context.progress("kill", round + 1, rounds);
    }
    for wrong in std::mem::take(&mut *lock(&load.wrong)) {
        findings.add(wrong);
    }
    let summary = summary(rounds, &load, starts, context.release, &mut findings);
    Ok(Outcome { summary, findings })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends until the process is dead.
async fn send(number: usize, api: Api, load: &Load, seed: u64) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut previous: Option<Message> = None;
    while !load.over.load(Ordering::SeqCst) {
        let repeat = previous.take_if(|_| random.u8(..20) == 0);
        if repeat.is_some() {
            load.repeats.fetch_add(1, Ordering::Relaxed);
        }
        let message = repeat.unwrap_or_else(|| lock(&load.mint).make());
        lock(&load.history).invoke(&message);
        match api.deliver(&message).await {
            Answer::Stored => lock(&load.history).acknowledge(&message.id),
            Answer::Nothing => {}
            other => lock(&load.wrong).push(format!(
                "client {number}: {} was answered {other:?}",
                message.id
            )),
        }
        previous = Some(message);
    }
    Ok(())
}

/// Compares what is stored, seen through SQL, with what was sent, and totals with rows.
async fn check(
    api: &Api,
    database: &std::path::Path,
    load: &Load,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<Stored> {
    let stored = {
        let database = Database::beside_server(database)?;
        if let Err(error) = database.integrity() {
            findings.add(format!("{place}: {error:#}"));
        }
        database.stored()?
    };
    lock(&load.history).check(&stored, place, findings);
    api.check_totals(&stored, place, findings).await?;
    Ok(stored)
}

/// Asks the API for every message of the last round, and for some older ones.
async fn find_some(
    api: &Api,
    load: &Load,
    stored: &Stored,
    sent_before: usize,
    random: &mut fastrand::Rng,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let sent = lock(&load.history).sent();
    let mut numbers: Vec<usize> = (sent_before..sent).collect();
    if sent_before > 0 {
        numbers.extend((0..OLD).map(|_| random.usize(..sent_before)));
    }
    let mut found = stream::iter(numbers)
        .map(|number| async move {
            let id = format!("kill-{number}");
            let answer = api.find(&id).await;
            (id, answer)
        })
        .buffer_unordered(CLIENTS);
    while let Some((id, answer)) = found.next().await {
        let answer = answer?;
        findings.check(answer.as_ref() == stored.messages.get(&id), || {
            format!("{id}: the API says {answer:?}, which is not what the row says")
        });
    }
    Ok(())
}

/// Sends again what nobody knows about: it must be taken, once.
async fn repeat_unknown(api: &Api, load: &Load, findings: &mut Findings) -> anyhow::Result<()> {
    let mint = Mint::new("kill", 0, 0..=0)?;
    // Not in the loop's head, where it would stay locked.
    let unknown = lock(&load.history).unknown();
    for id in unknown {
        let Some(content) = lock(&load.history).content(&id).cloned() else {
            continue;
        };
        let message = mint.again(&id, content);
        match api.deliver(&message).await {
            Answer::Stored => lock(&load.history).acknowledge(&id),
            other => findings.add(format!("{id} was sent again and answered {other:?}")),
        }
    }
    findings.check(lock(&load.history).unknown().is_empty(), || {
        "some are still unknown".to_owned()
    });
    Ok(())
}

fn summary(
    rounds: usize,
    load: &Load,
    mut starts: Vec<Duration>,
    release: bool,
    findings: &mut Findings,
) -> String {
    starts.sort_unstable();
    let median = starts[starts.len() / 2];
    let late = starts.iter().filter(|start| **start > READY).count();
    if release {
        findings.check(median <= READY, || {
            format!("it takes {median:?} until it is ready, at the median")
        });
    }
    let history = lock(&load.history);
    format!(
        "{rounds} kills, {} messages sent, {} acknowledged or seen, {} repeats; ready after \
         {median:.0?} at the median, {:.0?} at the most, {late} times later than {READY:?}",
        history.sent(),
        history.acknowledged(),
        load.repeats.load(Ordering::Relaxed),
        starts.last().copied().unwrap_or_default(),
    )
}
