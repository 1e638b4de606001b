//! The file system becomes read-only while the program runs, as ext4 makes itself where it finds an
//! error.
//!
//! What is open for writing stays open, and every write to it fails: an I/O error, after which a
//! database that writes ahead has failed for good. So the program says so, ends, and does not start
//! until it can write; an operator who has mounted it again has to do no more.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::{
    api::Api,
    burst,
    context::Context,
    database::Database,
    findings::Findings,
    history::History,
    io_error,
    message::Mint,
    mount::{Mount, make_ext4},
    server::{Launch, Server, Started},
};

const SIZE: u64 = 64 << 20;

/// How many messages are there before.
const MESSAGES: usize = 50;

/// How soon it has to find out by itself, though nobody writes.
const NOTICED: Duration = Duration::from_secs(10);

/// Runs it, as root.
pub async fn run(context: &Context, findings: &mut Findings) -> anyhow::Result<()> {
    let place = "the file system becomes read-only";
    let folder = context.folder()?;
    let data = folder.path().join("data");
    let image = folder.path().join("image");
    make_ext4(&image, SIZE)?;
    let mount = Mount::image(&image, &data)?;
    let database = data.join("app.db");
    let launch = Launch::new(&context.program, &database).ending_at_once();
    let mut history = History::default();
    let mut mint = Mint::new("remount", context.seed, 0..=400)?;
    let mut server = launch.serve()?;
    let api = server.api()?;
    for _ in 0..MESSAGES {
        let stored = burst::send(&api, &mut mint, &mut history, place, findings).await;
        findings.check(stored, || format!("{place}: nothing is stored even before"));
    }
    mount.fail()?;
    unwritten(&mut server, &api, place, findings).await?;
    // Somebody writes.
    io_error::stops(server, &api, &mut mint, &mut history, place, findings).await?;

    match launch.start()? {
        Started::Listening(_) => findings.add(format!("{place}: it starts on it")),
        Started::Ended(ended) => ended.check_refusal(place, &database, findings),
    }
    drop(mount);
    let _mount = Mount::image(&image, &data)?;
    let server = launch.serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let stored = burst::send(&api, &mut mint, &mut history, place, findings).await;
    findings.check(stored, || {
        format!("{place}: it is back, and nothing is stored")
    });
    let stored = {
        let database = Database::beside_server(&database)?;
        if let Err(error) = database.integrity() {
            findings.add(format!("{place}: {error:#}"));
        }
        database.stored()?
    };
    history.check(&stored, place, findings);
    api.check_totals(&stored, place, findings).await?;
    let ended = server.terminate()?;
    findings.check(ended.status.success(), || {
        format!("{place}: it ended with {}", ended.status)
    });
    ended.log.check(place, findings);
    Ok(())
}

/// Nobody writes: it finds out by itself, goes on reading, and does not end.
async fn unwritten(
    server: &mut Server,
    api: &Api,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let (status, problem) = api.readiness().await?;
        if status == 503 {
            let failed: Vec<&str> = ["writer", "disk"]
                .into_iter()
                .filter(|check| problem["checks"][check]["status"] == "failed")
                .collect();
            findings.check(!failed.is_empty(), || {
                format!("{place}: it is not ready, and does not say why: {problem}")
            });
            break;
        }
        if began.elapsed() > NOTICED {
            findings.add(format!("{place}: it says that it is ready"));
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    burst::check_reads(api, place, findings).await?;
    let ended = server.has_ended()?;
    findings.check(!ended, || {
        format!("{place}: it has ended, though it can read")
    });
    Ok(())
}
