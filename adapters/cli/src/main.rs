//! `countersign`, the program: reads its settings, puts the adapters together, and runs.
//!
//! This is the composition root, the only crate that names a concrete adapter.

mod args;
mod clock;
mod commands;
mod database_url;
mod settings;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    args::{Args, Command},
    stop::Stop,
};

fn main() -> ExitCode {
    // Before anything is read from the environment. Only the working directory's own file: one
    // that lies somewhere above is somebody else's.
    let dotenv = load_dotenv();
    let args = Args::parse();
    let outcome = match args.command {
        None => commands::serve::run(dotenv, &args.serve),
        Some(Command::Serve(serve)) => commands::serve::run(dotenv, &serve),
        Some(Command::Send(send)) => dotenv
            .and_then(|()| commands::send::run(&send))
            .inspect_err(Stop::show),
        Some(Command::Openapi) => commands::openapi::run().inspect_err(Stop::show),
        Some(Command::Health(health)) => dotenv
            .and_then(|()| commands::health::run(&health))
            .inspect_err(Stop::show),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.exit_code(),
    }
}

/// Adds what `.env` says to the environment; what the environment says already, wins.
fn load_dotenv() -> Result<(), Stop> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // Never the line itself: it may hold the secret.
        Err(dotenvy::Error::LineParse(_, position)) => Err(Stop::configuration(
            format!(".env has a line that cannot be read, at its character {position}"),
            "every line must be NAME=value; quote a value that has blanks or a # in it",
        )),
        Err(error) => Err(Stop::configuration(
            format!(".env cannot be read: {error}"),
            "make the file readable, or remove it",
        )),
    }
}
