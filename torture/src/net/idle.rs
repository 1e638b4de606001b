//! `idle`: ten thousand connections that are kept open and ask for nothing.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use countersign_load::HttpClient;
use futures_util::{StreamExt as _, stream};
use tokio::time;

use super::{request, visitor::Visitor};
use crate::{
    context::Context,
    findings::{Findings, Outcome},
    server::Launch,
};

/// How many are opened at the same time.
const AT_ONCE: usize = 50;

/// How much memory all of them may take.
const MEMORY: u64 = 250 << 20;

/// How long a good client may wait for its answer meanwhile, at p99, in a release build.
const UNHARMED: Duration = Duration::from_millis(50);

/// For how long it is looked whether good clients are served.
const WATCH: Duration = Duration::from_secs(5);

/// After how long without a request a connection is closed.
const KEEP_ALIVE: Duration = Duration::from_secs(25);

/// On a machine that has other work too.
const SLACK: Duration = Duration::from_secs(10);

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let wanted = context.size(10_000, 10_000);
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let server = Launch::new(&context.program, &database)
        .with("KEEP_ALIVE_SECONDS", KEEP_ALIVE.as_secs())
        .serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let process = server.process();
    let mut findings = Findings::default();

    let (memory, descriptors) = (process.memory()?, process.descriptors()?);
    let address: SocketAddr = server.address.parse()?;
    let began = Instant::now();
    let mut opened = stream::iter(0..wanted)
        .map(|_| open(address))
        .buffer_unordered(AT_ONCE);
    let mut idle = Vec::with_capacity(wanted);
    while let Some(client) = opened.next().await {
        idle.push(client?);
        context.progress("idle", idle.len(), wanted);
    }
    let opening = began.elapsed();
    let held = process.descriptors()? - descriptors;
    findings.check(held + 64 >= wanted, || {
        format!("of {wanted} connections, {held} are kept open")
    });
    let more = process.memory()?.saturating_sub(memory);
    findings.check(more <= MEMORY, || {
        format!("{wanted} idle connections take {} MiB", more >> 20)
    });

    let busy = process.processor()?;
    let visitor = Visitor::begin(&server.address, "idle", context.seed)?;
    time::sleep(WATCH).await;
    let visits = visitor.end().await?;
    let busy = process.processor()?.saturating_sub(busy);
    visits.check("beside idle connections", &mut findings);
    let (median, late) = (visits.percentile(50), visits.percentile(99));
    findings.check(!context.release || late <= UNHARMED, || {
        format!("beside idle connections, an answer took {late:.1?} at p99")
    });

    // They are still there, all of them, on this side; on the other they are given up.
    let deadline = Instant::now() + KEEP_ALIVE + SLACK;
    while process.descriptors()? > descriptors + 4 && Instant::now() < deadline {
        time::sleep(Duration::from_millis(200)).await;
    }
    let left = process.descriptors()?.saturating_sub(descriptors);
    findings.check(left <= 4, || {
        format!("{left} connections are open longer than {KEEP_ALIVE:.0?} without a request")
    });
    drop(idle);
    let ended = server.terminate()?;
    ended.log.check("the end", &mut findings);
    let summary = format!(
        "{held} connections opened in {opening:.1?} and kept, {} KiB each; beside them {} messages, {median:.1?} at the \
         median, {late:.1?} at p99, {busy:.1?} of processor time in {WATCH:.0?}; all closed after {KEEP_ALIVE:.0?}",
        more / 1024 / wanted as u64,
        visits.latencies.len(),
    );
    Ok(Outcome { summary, findings })
}

/// A connection on which something was asked once.
async fn open(address: SocketAddr) -> std::io::Result<HttpClient> {
    let mut client = HttpClient::connect(&address.to_string()).await?;
    client.exchange(&request::get("/health/live")).await?;
    Ok(client)
}
