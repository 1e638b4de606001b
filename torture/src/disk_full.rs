//! `disk-full`: a small file system is filled by messages, and freed again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    burst,
    context::Context,
    database::Database,
    findings::{Findings, Outcome},
    history::History,
    message::Mint,
    mount::Mount,
    server::{Launch, Server, Started},
};

/// As mount(8) takes it.
const SIZE: &str = "size=8m";

/// What is freed after each fill.
const BALLAST: usize = 640 * 1024;

const FILLS: usize = 3;

/// How many refusals in a row make a disk full: before that, a smaller write may have found room.
const FULL: usize = 20;

/// For how long nothing is sent to a full disk. That the server then thinks that it is ready, as
/// one small page may find room, is counted and shown; it is no broken promise.
const QUIET: Duration = Duration::from_secs(3);

/// How soon it has to recover.
const RECOVERY: Duration = Duration::from_secs(5);

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    if !rustix::process::geteuid().is_root() {
        return Ok(Outcome::skipped("needs root"));
    }
    let folder = context.folder()?;
    let data = folder.path().join("data");
    let _mount = Mount::tmpfs(&data, SIZE)?;
    for fill in 0..FILLS {
        fs::write(ballast(&data, fill), vec![b'x'; BALLAST])?;
    }
    let database = data.join("app.db");
    let launch = Launch::new(&context.program, &database);
    let mut findings = Findings::default();
    let mut history = History::default();
    let mut mint = Mint::new("full", context.seed, 4000..=4000)?;
    let mut server = launch.serve()?;
    let mut recoveries = Vec::new();
    let mut refused = 0;
    for fill in 0..FILLS {
        let place = format!("fill {fill}");
        let api = server.api()?;
        server.ready(&api).await?;
        let mut in_a_row = 0;
        while in_a_row < FULL {
            if burst::send(&api, &mut mint, &mut history, &place, &mut findings).await {
                in_a_row = 0;
            } else {
                in_a_row += 1;
                refused += 1;
            }
        }
        burst::check_reads(&api, &place, &mut findings).await?;
        findings.check(!api.is_ready_now().await, || {
            format!("{place}: the disk is full, and it says that it is ready")
        });
        check(&server, &database, &mut history, &place, &mut findings).await?;
        // Nobody sends: what it says then, it has to find out by itself.
        tokio::time::sleep(QUIET).await;
        findings.check(!api.is_ready().await, || {
            format!("{place}: after {QUIET:.0?} without traffic, it is ready on a full disk")
        });

        // One restart in between, on a disk that is still full.
        if fill == 1 {
            server.kill()?;
            let ended = server.ended()?;
            ended.log.check(&place, &mut findings);
            server = restart_when_full(&launch, &data, fill, &place, &mut findings)?;
        } else {
            fs::remove_file(ballast(&data, fill))?;
        }
        let freed = Instant::now();
        let api = server.api()?;
        while !burst::send(&api, &mut mint, &mut history, &place, &mut findings).await {
            refused += 1;
            if freed.elapsed() > RECOVERY {
                findings.add(format!("{place}: it does not recover by itself"));
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        recoveries.push(freed.elapsed());
        let ready = server.ready(&api).await;
        findings.check(ready.is_ok(), || {
            format!("{place}: it does not become ready")
        });
        check(&server, &database, &mut history, &place, &mut findings).await?;
    }
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("it ended with {}", ended.status)
    });
    ended.log.check("the end", &mut findings);
    let server = launch.serve()?;
    check(
        &server,
        &database,
        &mut history,
        "the restart",
        &mut findings,
    )
    .await?;
    server.terminate()?;
    let summary = format!(
        "{FILLS} fills of 8 MiB, {} messages sent, {} acknowledged, {refused} refused, recovered after {recoveries:.0?}",
        history.sent(),
        history.acknowledged(),
    );
    Ok(Outcome { summary, findings })
}

fn ballast(data: &Path, fill: usize) -> PathBuf {
    data.join(format!("ballast-{fill}"))
}

/// It may start and refuse to write, or say what is wrong and end; then it starts once there is
/// room. The room is made here in either case.
fn restart_when_full(
    launch: &Launch,
    data: &Path,
    fill: usize,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<Server> {
    let started = launch.start()?;
    fs::remove_file(ballast(data, fill))?;
    match started {
        Started::Listening(server) => Ok(server),
        Started::Ended(ended) => {
            ended.check_refusal(place, &data.join("app.db"), findings);
            launch.serve()
        }
    }
}

/// What was acknowledged is there, by the rows and by the program.
async fn check(
    server: &Server,
    database: &Path,
    history: &mut History,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let api = server.api()?;
    let stored = {
        let database = Database::beside_server(database)?;
        if let Err(error) = database.integrity() {
            findings.add(format!("{place}: {error:#}"));
        }
        database.stored()?
    };
    history.check(&stored, place, findings);
    api.check_totals(&stored, place, findings).await?;
    let all = api.all().await?;
    findings.check(all.messages == stored.messages, || {
        format!("{place}: all pages together are not all rows")
    });
    Ok(())
}
