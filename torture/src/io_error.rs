//! `io-error`: the Nth system call of a kind fails, once or from then on.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    api::{Answer, Api, SHARED},
    burst,
    context::{self, Context},
    database::Database,
    findings::{Findings, Outcome},
    history::History,
    message::Mint,
    server::{Launch, Server, Started},
};

/// How many messages are sent while something fails.
const MESSAGES: usize = 30;

/// How soon it has to recover, where it may.
const RECOVERY: Duration = Duration::from_secs(10);

/// How soon it has to have ended, where it has to.
const END: Duration = Duration::from_secs(20);

/// What fails, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A sync fails once: what it should have written may be lost for good, and the next one may
    /// succeed.
    SyncOnce,
    SyncForever,
    WriteOnce,
    WriteForever,
    /// The disk is full for some writes, and then it isn't.
    NoSpace,
}

impl Fault {
    const ALL: [Self; 5] = [
        Self::SyncOnce,
        Self::SyncForever,
        Self::WriteOnce,
        Self::WriteForever,
        Self::NoSpace,
    ];

    /// What strace is told. It counts in each thread by itself.
    fn injection(self, nth: usize) -> String {
        let last = nth + 5;
        match self {
            Self::SyncOnce => format!("inject=fsync,fdatasync:error=EIO:when={nth}"),
            Self::SyncForever => format!("inject=fsync,fdatasync:error=EIO:when={nth}+"),
            Self::WriteOnce => format!("inject=pwrite64:error=EIO:when={nth}"),
            Self::WriteForever => format!("inject=pwrite64:error=EIO:when={nth}+"),
            Self::NoSpace => format!("inject=pwrite64:error=ENOSPC:when={nth}..{last}"),
        }
    }
}

/// What was seen.
#[derive(Debug, Default)]
struct Tally {
    runs: usize,
    /// It did not start.
    refused: usize,
    /// It stopped writing.
    stopped: usize,
    /// It failed, and recovered.
    recovered: usize,
    /// Nobody noticed: the call was never made, or its failure does not matter.
    unnoticed: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.refused += other.refused;
        self.stopped += other.stopped;
        self.recovered += other.recovered;
        self.unnoticed += other.unnoticed;
    }
}

/// Runs it.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    context::need_strace()?;
    let mut findings = Findings::default();
    let mut tally = Tally::default();
    let numbers: &[usize] = if context.ci {
        &[1, 2, 3, 5, 8, 14, 25, 40]
    } else {
        &std::array::from_fn::<_, 40, _>(|index| index + 1)
    };
    let all = numbers.len() * Fault::ALL.len() * 2;
    let mut runs = Vec::with_capacity(all);
    for fault in Fault::ALL {
        for &nth in numbers {
            // In a database that is made meanwhile, and in one that is there.
            for fresh in [true, false] {
                runs.push(one(context.clone(), fault, nth, fresh));
            }
        }
    }
    context::all(runs, |(seen, found)| {
        tally.add(&seen);
        findings.append(found);
        context.progress("io-error", tally.runs, all);
    })
    .await?;
    findings.check(tally.stopped > 0 && tally.recovered > 0, || {
        "no fault hit a write: this test proves nothing".to_owned()
    });
    let summary = format!(
        "{} runs: {} did not start and said why, {} stopped and ended with 70, {} recovered, {} went on unharmed",
        tally.runs, tally.refused, tally.stopped, tally.recovered, tally.unnoticed
    );
    Ok(Outcome { summary, findings })
}

async fn one(
    context: Context,
    fault: Fault,
    nth: usize,
    fresh: bool,
) -> anyhow::Result<(Tally, Findings)> {
    let database = if fresh { "new" } else { "old" };
    let place = &*format!("{fault:?}, call {nth}, {database}");
    let mut tally = Tally {
        runs: 1,
        ..Tally::default()
    };
    let mut findings = Findings::default();
    let folder = context.folder()?;
    let database = folder.path().join("data/app.db");
    let launch = Launch::new(&context.program, &database).ending_at_once();
    let mut history = History::default();
    let mut mint = Mint::new("io", context.seed, 0..=200)?;
    if !fresh {
        let server = launch.serve()?;
        let api = server.api()?;
        for _ in 0..3 {
            burst::send(&api, &mut mint, &mut history, place, &mut findings).await;
        }
        server.terminate()?;
    }
    let injection = fault.injection(nth);
    let trace = folder.path().join("trace");
    let faulty = launch.clone().under_strace([
        "-f".as_ref(),
        "-y".as_ref(),
        "-e".as_ref(),
        "trace=fsync,fdatasync,pwrite64".as_ref(),
        "-e".as_ref(),
        injection.as_ref(),
        "-o".as_ref(),
        trace.as_os_str(),
    ]);
    match faulty.start()? {
        Started::Ended(ended) => {
            ended.check_refusal(place, &database, &mut findings);
            tally.refused += 1;
        }
        Started::Listening(server) => {
            under_fault(
                server,
                fault,
                &trace,
                &mut mint,
                &mut history,
                place,
                &mut tally,
                &mut findings,
            )
            .await?;
        }
    }

    let server = launch.serve()?;
    let api = server.api()?;
    server.ready(&api).await?;
    let stored = {
        let database = Database::beside_server(&database)?;
        if let Err(error) = database.integrity() {
            findings.add(format!("{place}: {error:#}"));
        }
        database.stored()?
    };
    history.check(&stored, place, &mut findings);
    api.check_totals(&stored, place, &mut findings).await?;
    let stored = burst::send(&api, &mut mint, &mut history, place, &mut findings).await;
    findings.check(stored, || {
        format!("{place}: it does not write after a restart")
    });
    server.terminate()?;
    Ok((tally, findings))
}

#[expect(clippy::too_many_arguments, reason = "they are what a run consists of")]
async fn under_fault(
    server: Server,
    fault: Fault,
    trace: &Path,
    mint: &mut Mint,
    history: &mut History,
    place: &str,
    tally: &mut Tally,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let api = server.api()?;
    let mut failed = false;
    for _ in 0..MESSAGES {
        let stored = burst::send(&api, mint, history, place, findings).await;
        if !stored && fault != Fault::NoSpace && hit_data(trace)? {
            tally.stopped += 1;
            return stops(server, &api, mint, history, place, findings).await;
        }
        if !stored && !failed {
            failed = true;
            burst::check_reads(&api, place, findings).await?;
        }
    }
    if !failed {
        tally.unnoticed += 1;
    } else if fault == Fault::NoSpace {
        let began = Instant::now();
        while !burst::send(&api, mint, history, place, findings).await {
            if began.elapsed() > RECOVERY {
                findings.add(format!("{place}: it does not recover"));
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        findings.check(api.is_ready_now().await, || {
            format!("{place}: it writes, but is not ready")
        });
        tally.recovered += 1;
    } else {
        tally.recovered += 1;
    }
    let ended = server.terminate()?;
    ended.log.check(place, findings);
    findings.check(!failed || ended.log.errors > 0, || {
        format!("{place}: it failed, and its log has no error")
    });
    Ok(())
}

/// A file that has to last failed: nothing is taken any more, everybody is told so, and the program
/// ends by itself with the code by which it is started again.
pub async fn stops(
    mut server: Server,
    api: &Api,
    mint: &mut Mint,
    history: &mut History,
    place: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut refused = 0;
    while !server.has_ended()? {
        if began.elapsed() > END {
            findings.add(format!("{place}: it does not end"));
            break;
        }
        let message = mint.make();
        history.invoke(&message);
        match api.deliver(&message).await {
            Answer::Unavailable { retry_after: true } => refused += 1,
            // It has ended.
            Answer::Nothing => {}
            other => findings.add(format!(
                "{place}: {} was answered {other:?} after an I/O error",
                message.id
            )),
        }
        // What somebody was told of its readiness just before, is told to others.
        let ready: &[u16] = if began.elapsed() < SHARED {
            &[200, 503]
        } else {
            &[503]
        };
        // While it still answers, it says what is so.
        for (path, allowed) in [
            ("/health/live", &[200][..]),
            ("/health/ready", ready),
            ("/messages?limit=3", &[200, 503]),
        ] {
            if let Ok(status) = api.status(path).await {
                findings.check(allowed.contains(&status.as_u16()), || {
                    format!("{place}: {path} is answered {status} after an I/O error")
                });
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    findings.check(refused > 0, || {
        format!("{place}: it has ended without a word to its clients")
    });
    let ended = server.ended()?;
    ended.log.check(place, findings);
    findings.check(ended.status.code() == Some(70), || {
        format!("{place}: it ended with {} and not with 70", ended.status)
    });
    let last = ended.log.last.back().cloned().unwrap_or_default();
    let clear = last["level"] == "ERROR" && last["help"].is_string();
    findings.check(clear, || {
        format!("{place}: it did not say at last why it ends: {last}")
    });
    Ok(())
}

/// Whether a call that was made to fail was about a file that has to last.
fn hit_data(trace: &Path) -> anyhow::Result<bool> {
    let trace = fs::read_to_string(trace)?;
    Ok(trace.lines().any(|line| {
        line.contains("(INJECTED)") && !line.contains("-shm>") && !line.contains("-index")
    }))
}
