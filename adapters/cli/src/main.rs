//! `countersign`, the program: reads its settings, puts the adapters together, and runs.
//!
//! This is the composition root, the only crate that names a concrete adapter.

mod api;
mod args;
mod clock;
mod commands;
mod database_url;
mod descriptors;
mod help;
mod keys;
mod lasting;
mod listen;
mod memory;
mod reads;
mod record;
mod repeats;
mod retention;
mod samples;
mod settings;
mod stop;
mod store;
mod terminal;

use std::process::ExitCode;

use mimalloc::MiMalloc;

use crate::{
    args::Command,
    help::Form,
    settings::{
        dotenv,
        layers::{self, Value},
    },
    stop::Stop,
};

/// A request makes some fifty small allocations; the C library's allocator takes longer over them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Before anything is read from the environment.
    let dotenv = dotenv::load();
    let command = help::command(Form::asked(std::env::args_os()));
    let parsed = layers::parse(&command, dotenv);
    let outcome = match parsed.args.command {
        None => commands::serve::run(parsed.values, &parsed.args.serve),
        Some(Command::Serve(serve)) => commands::serve::run(parsed.values, &serve),
        Some(command) => run(command, parsed.values).inspect_err(Stop::show),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.exit_code(),
    }
}

/// Runs a command that says on standard error what is wrong.
fn run(command: Command, values: Result<Vec<Value>, Vec<Stop>>) -> Result<(), Stop> {
    // Those that take no settings do without them.
    match &command {
        Command::GenSecret(args) => return commands::gen_secret::run(args),
        Command::Openapi(args) => return commands::openapi::run(args),
        Command::Completions(args) => return commands::completions::run(args),
        Command::Man(args) => return commands::man::run(args),
        Command::Reference(args) => return commands::reference::run(args),
        Command::Doctor(args) => return commands::doctor::run(args, values),
        Command::Config(args) => return commands::config::run(args, values),
        _ => {}
    }
    let _values = values.map_err(Stop::last_of)?;
    match command {
        Command::Send(args) => commands::send::run(&args),
        Command::Migrate(args) => commands::migrate::run(&args),
        Command::Copy(args) => commands::copy::run(&args),
        Command::Export(args) => commands::export::run(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Purge(args) => commands::purge::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Sign(args) => commands::sign::run(&args),
        Command::Ls(args) => commands::ls::run(&args),
        Command::Get(args) => commands::get::run(&args),
        Command::Stats(args) => commands::stats::run(&args),
        Command::Tail(args) => commands::tail::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
        Command::Health(args) => commands::health::run(&args),
        Command::Serve(_)
        | Command::GenSecret(_)
        | Command::Openapi(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Reference(_)
        | Command::Config(_)
        | Command::Doctor(_) => Ok(()),
    }
}
