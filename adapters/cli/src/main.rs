//! `countersign`, the program: reads its settings, puts the adapters together, and runs.
//!
//! This is the composition root, the only crate that names a concrete adapter.

mod args;
mod clock;
mod commands;
mod database_url;
mod descriptors;
mod keys;
mod lasting;
mod listen;
mod memory;
mod reads;
mod record;
mod repeats;
mod retention;
mod settings;
mod stop;
mod store;

use std::{fs, io, process::ExitCode};

use clap::Parser as _;
use mimalloc::MiMalloc;

use crate::{
    args::{Args, Command},
    stop::Stop,
};

/// A request makes some fifty small allocations; the C library's allocator takes longer over them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
        Some(Command::Migrate(migrate)) => dotenv
            .and_then(|()| commands::migrate::run(&migrate))
            .inspect_err(Stop::show),
        Some(Command::Copy(copy)) => dotenv
            .and_then(|()| commands::copy::run(&copy))
            .inspect_err(Stop::show),
        Some(Command::Export(export)) => dotenv
            .and_then(|()| commands::export::run(&export))
            .inspect_err(Stop::show),
        Some(Command::Import(import)) => dotenv
            .and_then(|()| commands::import::run(&import))
            .inspect_err(Stop::show),
        Some(Command::Purge(purge)) => dotenv
            .and_then(|()| commands::purge::run(&purge))
            .inspect_err(Stop::show),
        Some(Command::GenSecret(gen_secret)) => {
            commands::gen_secret::run(&gen_secret).inspect_err(Stop::show)
        }
        Some(Command::Verify(verify)) => dotenv
            .and_then(|()| commands::verify::run(&verify))
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
///
/// A value that means something else than it says is refused: dotenv files know variables and
/// escapes, and a secret in which some of it was replaced would sign nothing that a provider does.
fn load_dotenv() -> Result<(), Stop> {
    let text = match fs::read_to_string(".env") {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(Stop::configuration(
                format!(".env cannot be read: {error}"),
                "make the file readable (as UTF-8), or remove it",
            ));
        }
    };
    if let Some(line) = ambiguous_line(&text) {
        return Err(Stop::configuration(
            format!(".env has a $ or a \\ in line {line}, outside of single quotes"),
            "put the value in single quotes, which take it as it is: NAME='value'",
        ));
    }
    dotenvy::from_read(text.as_bytes()).map_err(|error| {
        // Never the line itself: it may hold the secret.
        let line = match &error {
            // It is the line or only its value, and a quote that is not closed takes the
            // following lines with it.
            dotenvy::Error::LineParse(bad, _) => {
                let first = bad.lines().next().unwrap_or_default();
                text.lines().position(|line| line.ends_with(first))
            }
            _ => None,
        };
        let place = line.map_or_else(String::new, |line| format!(", in line {}", line + 1));
        Stop::configuration(
            format!(".env cannot be understood{place}"),
            "every line must be NAME=value; put a value with blanks or a # into single quotes",
        )
    })
}

/// The number of the first line whose value dotenv would change.
fn ambiguous_line(text: &str) -> Option<usize> {
    let ambiguous = |line: &str| {
        let line = line.trim_start();
        let value = line.split_once('=').map_or("", |(_, value)| value);
        !line.starts_with('#') && !value.trim().starts_with('\'') && value.contains(['$', '\\'])
    };
    text.lines().position(ambiguous).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::ambiguous_line;

    #[test]
    fn values_that_dotenv_would_change_are_found() {
        for plain in ["A=b\nB='$x\\y'", "# $x\nA=b", "", "A = 'x$'"] {
            assert_eq!(ambiguous_line(plain), None, "{plain}");
        }
        for changed in ["A=b\nB=$x", "A=b\nB=\"a\\n\"", "A=b\nB=pa$$word"] {
            assert_eq!(ambiguous_line(changed), Some(2), "{changed}");
        }
    }
}
