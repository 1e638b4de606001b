//! `two-processes`: two programs on one database file, both under load; and then one that takes over
//! from the other, again and again.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    context::Context,
    findings::{Findings, Outcome},
    follow::Follower,
    load::{Load, lock},
    message::Mint,
    server::Launch,
    settle::{end, settle},
};

const PROCESSES: usize = 2;

/// For how long there is load between two restarts, in milliseconds.
const MOMENT: std::ops::Range<u64> = 100..800;

/// How late an answer may be: a message has 2.5 seconds, and the machine has other work.
const LATEST: Duration = Duration::from_secs(4);

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut findings = Findings::default();
    let mut random = context.random("two-processes");
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let launch = Launch::new(&context.program, &database);
    let mut servers = Vec::new();
    let mut apis = Vec::new();
    for _ in 0..PROCESSES {
        let server = launch.serve()?;
        apis.push(server.api()?);
        servers.push(server);
    }
    let mint = Mint::new("two", context.seed, 0..=200)?;
    let load = Arc::new(Load::new(mint, apis));
    let readers = [0, 1].map(|instance| Follower::begin(&load, instance));
    let clients = load.begin(&mut random);
    sleep(Duration::from_secs(context.size(4, 20) as u64)).await;

    // The new one serves before the old one is told to end: nobody may notice.
    let restarts = context.size(4, 20);
    for restart in 0..restarts {
        let place = format!("restart {restart}");
        let instance = random.usize(..PROCESSES);
        let new = launch.serve()?;
        let api = new.api()?;
        new.ready(&api).await?;
        load.lives(instance, api);
        let old = std::mem::replace(&mut servers[instance], new);
        end(old, &place, &load, &mut findings)?;
        sleep(Duration::from_millis(random.u64(MOMENT))).await;
        context.progress("two-processes", restart + 1, restarts);
    }
    load.end(clients).await;
    let stored = settle(&load, &database, &mut findings).await?;
    for reader in readers {
        reader.end(&stored, &mut findings).await?;
    }
    for server in servers {
        end(server, "the end", &load, &mut findings)?;
    }
    let tally = *lock(&load.tally);
    findings.check(tally.slowest <= LATEST, || {
        format!("an answer took {:.1?}", tally.slowest)
    });
    let history = lock(&load.history);
    let summary = format!(
        "{} messages sent, {} acknowledged or seen, {} repeats, {} to both at once, {} refused, {} reads, \
         {restarts} taken over, the slowest answer after {:.1?}",
        history.sent(),
        history.acknowledged(),
        tally.repeats,
        tally.to_both,
        tally.answers.refused,
        tally.reads,
        tally.slowest,
    );
    drop(history);
    Ok(Outcome { summary, findings })
}
