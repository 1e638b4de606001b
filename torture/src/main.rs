//! Breaks disks, power and processes under countersign, and looks whether it kept its word: what it
//! answered with 200 is stored exactly once, and stays.
//!
//! It drives the real program over HTTP, and reads the database beside it; see `docs/explanation/torture.md`.

mod api;
mod burst;
mod cgroup;
mod clock;
mod context;
mod damage;
mod database;
mod disk;
mod disk_full;
mod findings;
mod follow;
mod history;
mod io_error;
mod kill;
mod load;
mod message;
mod mount;
mod net;
mod operation;
mod postgres;
mod powercut;
mod read_only;
mod remount;
mod server;
mod settle;
mod slow_disk;
mod trace;
mod two_processes;
mod victim;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::{context::Context, findings::Outcome};

/// Breaks disks, power and processes under countersign, and looks whether it kept its word.
#[derive(Debug, Parser)]
#[command(name = "countersign-torture", version, about)]
struct Arguments {
    #[command(subcommand)]
    part: Part,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Part {
    /// SIGKILL under load, restart, look.
    Kill,
    /// Rebuild the disk as a power cut at any moment could have left it.
    Powercut,
    /// Fill a small file system, and free it (needs root).
    DiskFull,
    /// Let the Nth write or sync fail.
    IoError,
    /// Change the files that a crash has left.
    Damage,
    /// Take the permission to write away, and let the file system become read-only.
    ReadOnly,
    /// Let every sync take long.
    SlowDisk,
    /// Two programs on one file, and one that takes over from another.
    TwoProcesses,
    /// Let the clock jump (needs libfaketime).
    Clock,
    /// Clients that begin something and do not go on.
    Slow,
    /// Ten thousand connections that ask for nothing.
    Idle,
    /// More connections than open files.
    Descriptors,
    /// Three times as many messages as the disk takes; and little memory.
    Overload,
    /// SIGTERM under load.
    Stop,
    /// What scanners send.
    Noise,
    /// All that happens to disks, power, processes and clocks: all the others but those of the network.
    Storage,
    /// All that comes from the network: slow, idle, descriptors, overload, stop, noise.
    Network,
    /// Two instances on a PostgreSQL server that is restarted again and again (not part of `all`).
    Postgres,
    /// All of them, but what needs PostgreSQL.
    All,
    /// A server that does not wait for the disk; the power-cut test has to notice.
    #[command(hide = true)]
    Victim,
}

/// What happens to disks, power, processes and clocks.
const STORAGE: [Part; 9] = [
    Part::Kill,
    Part::Powercut,
    Part::DiskFull,
    Part::IoError,
    Part::Damage,
    Part::ReadOnly,
    Part::SlowDisk,
    Part::TwoProcesses,
    Part::Clock,
];

/// What comes from the network.
const NETWORK: [Part; 6] = [
    Part::Slow,
    Part::Idle,
    Part::Descriptors,
    Part::Overload,
    Part::Stop,
    Part::Noise,
];

#[derive(Debug, Args)]
struct Options {
    /// The small size.
    #[arg(long, global = true)]
    ci: bool,
    /// The program to torture, instead of one that is built now.
    #[arg(long, global = true, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Where chance starts from, to see the same again.
    #[arg(long, global = true, value_name = "NUMBER")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.part {
        Part::Victim => victim::run().await.map(|()| true),
        part => torture(part, arguments.options).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("countersign-torture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well.
async fn torture(part: Part, options: Options) -> anyhow::Result<bool> {
    let release = !cfg!(debug_assertions);
    let program = match options.program {
        Some(program) => std::fs::canonicalize(&program)
            .with_context(|| format!("{} is not there", program.display()))?,
        None => context::build(release)?,
    };
    let context = Context {
        program,
        release,
        ci: options.ci,
        seed: options.seed.unwrap_or_else(|| fastrand::u64(..)),
    };
    println!("seed {}", context.seed);
    let parts = match part {
        Part::All => [STORAGE.as_slice(), &NETWORK].concat(),
        Part::Storage => STORAGE.into(),
        Part::Network => NETWORK.into(),
        part => vec![part],
    };
    let mut well = true;
    for part in parts {
        let began = Instant::now();
        let (name, outcome) = match part {
            Part::Kill => ("kill", kill::run(&context).await),
            Part::Powercut => ("powercut", powercut::run(&context).await),
            Part::DiskFull => ("disk-full", disk_full::run(&context).await),
            Part::IoError => ("io-error", io_error::run(&context).await),
            Part::Damage => ("damage", damage::run(&context).await),
            Part::ReadOnly => ("read-only", read_only::run(&context).await),
            Part::SlowDisk => ("slow-disk", slow_disk::run(&context).await),
            Part::TwoProcesses => ("two-processes", two_processes::run(&context).await),
            Part::Clock => ("clock", clock::run(&context).await),
            Part::Postgres => ("postgres", postgres::run(&context).await),
            Part::Slow => ("slow", net::slow::run(&context).await),
            Part::Idle => ("idle", net::idle::run(&context).await),
            Part::Descriptors => ("descriptors", net::descriptors::run(&context).await),
            Part::Overload => ("overload", net::overload::run(&context).await),
            Part::Stop => ("stop", net::stop::run(&context).await),
            Part::Noise => ("noise", net::noise::run(&context).await),
            Part::All | Part::Storage | Part::Network | Part::Victim => continue,
        };
        let Outcome { summary, findings } = outcome.context(name)?;
        let verdict = if findings.none() { "ok" } else { "FAILED" };
        println!(
            "{name}: {verdict}, {} violations, {:.0?}: {summary}",
            findings.count(),
            began.elapsed()
        );
        well &= findings.none();
    }
    Ok(well)
}
