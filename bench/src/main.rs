//! countersign's benchmarks. What each measures, and how, is in `BENCHMARKS.md`.
//!
//! Everything that is compared runs in one run, in turns: absolute figures drift with the machine,
//! ratios hold.

mod generate;
mod ingest;
mod live;
mod messages;
mod postgres;
mod process;
mod reads;
mod scrape;
mod send;
mod stand;
mod sustained;
mod table;
mod verify;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// The program's, so that the servers that stand here for comparison have it, too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Whatever went wrong, said to whoever measures.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// countersign's benchmarks.
#[derive(Debug, Parser)]
#[command(name = "countersign-bench", version, about, args_override_self = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Messages a second, side by side: a store that keeps nothing, memory, SQLite, and SQLite
    /// without group commit.
    Ingest(ingest::Args),
    /// SQLite at full speed (or at a rate) for minutes, until everything is folded.
    Sustained(sustained::Args),
    /// Make a database of many messages.
    Generate(generate::Args),
    /// Reads of a small and of a large database, side by side.
    Reads(reads::Args),
    /// Messages a second on PostgreSQL: group commit, one transaction a request, two instances.
    Postgres(postgres::Args),
    /// Keep live streams open, and throw away what comes (the other commands start it).
    Follow(live::follow::Args),
    /// Serve as `countersign serve` does, with another store (the other commands start it).
    Stand(stand::Args),
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Ingest(args) => ingest::run(&args),
        Command::Sustained(args) => sustained::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Reads(args) => reads::run(&args),
        Command::Postgres(args) => postgres::run(&args),
        Command::Follow(args) => live::follow::run(&args),
        Command::Stand(args) => stand::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
