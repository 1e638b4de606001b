//! `read-only`: files and folders that may not be written to.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
};

use crate::{
    burst,
    context::Context,
    database::Database,
    findings::{Findings, Outcome},
    history::History,
    message::Mint,
    remount,
    server::{Launch, Started},
};

/// Whoever this is, it is not root, to whom permissions mean nothing.
const NOBODY: u32 = 65534;

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut findings = Findings::default();
    let mut refusals = 0;
    for (name, file, folder) in [
        ("file and folder read-only", Some(0o444), 0o555),
        ("file read-only", Some(0o444), 0o755),
        ("folder read-only, no file", None, 0o555),
        ("file not readable", Some(0o000), 0o755),
        ("folder closed", Some(0o644), 0o000),
    ] {
        refusals += usize::from(at_start(context, name, file, folder, &mut findings).await?);
    }
    at_run_time(context, &mut findings).await?;
    moved_away(context, &mut findings).await?;
    let remounted = if rustix::process::geteuid().is_root() {
        remount::run(context, &mut findings).await?;
        "a file system that becomes read-only: it ended with 70, and began again when it could write"
    } else {
        "a file system that becomes read-only: skipped, needs root"
    };
    let summary = format!(
        "5 starts without permission, {refusals} refused with a reason; permission withdrawn and file moved away at run \
         time; {remounted}"
    );
    Ok(Outcome { summary, findings })
}

/// A folder that the program may use, and how it is started in it as somebody who is not root.
fn prepared(context: &Context) -> anyhow::Result<(tempfile::TempDir, Launch)> {
    let folder = context.folder()?;
    allow(folder.path(), 0o755)?;
    // Where the program is may not be open to everybody.
    let program = folder.path().join("countersign");
    fs::copy(&context.program, &program)?;
    allow(&program, 0o755)?;
    let data = folder.path().join("data");
    let mut launch = Launch::new(&program, &data.join("app.db")).ending_at_once();
    if rustix::process::geteuid().is_root() {
        chown(&data, Some(NOBODY), Some(NOBODY))?;
        launch.wrapper = [
            "setpriv",
            &format!("--reuid={NOBODY}"),
            &format!("--regid={NOBODY}"),
            "--clear-groups",
        ]
        .map(Into::into)
        .into();
    }
    Ok((folder, launch))
}

fn allow(path: &Path, mode: u32) -> std::io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Says whether it refused to start.
async fn at_start(
    context: &Context,
    name: &str,
    file: Option<u32>,
    folder: u32,
    findings: &mut Findings,
) -> anyhow::Result<bool> {
    let (_folder, launch) = prepared(context)?;
    let data = launch.database.with_file_name("");
    let mut history = History::default();
    let mut mint = Mint::new("read-only", context.seed, 0..=20)?;
    if let Some(mode) = file {
        let server = launch.serve()?;
        burst::send(&server.api()?, &mut mint, &mut history, name, findings).await;
        server.terminate()?;
        allow(&launch.database, mode)?;
    }
    allow(&data, folder)?;
    let started = launch.start()?;
    allow(&data, 0o755)?;
    let Started::Ended(ended) = started else {
        findings.add(format!("{name}: it starts, though it cannot write"));
        return Ok(false);
    };
    ended.check_refusal(name, &launch.database, findings);
    if file.is_some() {
        allow(&launch.database, 0o644)?;
    }
    check_again(&launch, &mut history, name, findings).await?;
    Ok(true)
}

/// What is open stays open: nothing has to fail, and nothing may be lost.
async fn at_run_time(context: &Context, findings: &mut Findings) -> anyhow::Result<()> {
    let name = "permission withdrawn";
    let (_folder, launch) = prepared(context)?;
    let data = launch.database.with_file_name("");
    let mut history = History::default();
    let mut mint = Mint::new("withdrawn", context.seed, 0..=2000)?;
    let server = launch.serve()?;
    let api = server.api()?;
    burst::send(&api, &mut mint, &mut history, name, findings).await;
    for entry in fs::read_dir(&data)? {
        allow(&entry?.path(), 0o444)?;
    }
    allow(&data, 0o555)?;
    for _ in 0..400 {
        burst::send(&api, &mut mint, &mut history, name, findings).await;
    }
    burst::check_reads(&api, name, findings).await?;
    let ended = server.terminate()?;
    ended.log.check(name, findings);
    allow(&data, 0o755)?;
    for entry in fs::read_dir(&data)? {
        allow(&entry?.path(), 0o644)?;
    }
    check_again(&launch, &mut history, name, findings).await
}

/// A message that is written into a file without a name is lost: it has to be refused.
async fn moved_away(context: &Context, findings: &mut Findings) -> anyhow::Result<()> {
    let name = "moved away";
    let (_folder, launch) = prepared(context)?;
    let mut history = History::default();
    let mut mint = Mint::new("moved", context.seed, 0..=20)?;
    let server = launch.serve()?;
    let api = server.api()?;
    let stored = burst::send(&api, &mut mint, &mut history, name, findings).await;
    findings.check(stored, || format!("{name}: nothing is stored even before"));
    let elsewhere = launch.database.with_extension("elsewhere");
    fs::rename(&launch.database, &elsewhere)?;
    for _ in 0..5 {
        let stored = burst::send(&api, &mut mint, &mut history, name, findings).await;
        findings.check(!stored, || format!("{name}: a message is taken"));
    }
    findings.check(!api.is_ready_now().await, || {
        format!("{name}: it says that it is ready")
    });
    burst::check_reads(&api, name, findings).await?;
    fs::rename(&elsewhere, &launch.database)?;
    let stored = burst::send(&api, &mut mint, &mut history, name, findings).await;
    findings.check(stored, || {
        format!("{name}: it is back, and nothing is stored")
    });
    let ended = server.terminate()?;
    ended.log.check(name, findings);
    check_again(&launch, &mut history, name, findings).await
}

/// With permission, it starts, and everything is there.
async fn check_again(
    launch: &Launch,
    history: &mut History,
    name: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let server = launch.serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let stored = Database::beside_server(&launch.database)?.stored()?;
    history.check(&stored, name, findings);
    api.check_totals(&stored, name, findings).await?;
    server.terminate()?;
    Ok(())
}
