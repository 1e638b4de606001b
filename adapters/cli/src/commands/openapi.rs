//! `countersign openapi`

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args as ClapArgs;
use countersign_core::{Inbox, Sources, Timestamp};
use countersign_http::{Config, Http};
use countersign_memory::{ManualClock, MemoryRepository};
use countersign_telemetry::metrics::Metrics;

use crate::stop::{self, Stop};

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    countersign openapi > openapi.json\n  \
    countersign openapi --check openapi.json\n\n\
    Exit codes: 0 done, 65 the file has something else, 66 it cannot be read.")]
pub struct OpenapiArgs {
    /// Print nothing, and compare this file with what would be printed.
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

/// Prints the specification, or compares it.
pub fn run(args: &OpenapiArgs) -> Result<(), Stop> {
    let ours = document()?;
    match &args.check {
        None => stop::print(&ours),
        Some(path) => check(path, &ours),
    }
}

fn check(path: &Path, ours: &str) -> Result<(), Stop> {
    let theirs = fs::read_to_string(path).map_err(|error| {
        Stop::no_input(
            format!("{} cannot be read: {error}", path.display()),
            "name the file with the document",
        )
    })?;
    if theirs == ours {
        return stop::print(&format!(
            "{} is the document of this version\n",
            path.display()
        ));
    }
    let same = theirs.lines().zip(ours.lines());
    let same = same.take_while(|(theirs, ours)| theirs == ours).count();
    Err(Stop::data(
        format!(
            "{} is not the document of this version: they differ from line {} on",
            path.display(),
            same + 1
        ),
        format!("to write it anew: countersign openapi > {}", path.display()),
    ))
}

/// The specification of the real application, over the in-memory adapters.
fn document() -> Result<String, Stop> {
    let metrics = Metrics::new().map_err(|error| Stop::internal(error.to_string()))?;
    let http = Http::new(Config::new(
        Inbox::new(
            Sources::new(),
            Arc::new(MemoryRepository::new()),
            Arc::new(ManualClock::at(Timestamp::MIN)),
        ),
        metrics.meter(),
        Arc::new(|| Ok(String::new())),
    ))
    .map_err(|error| Stop::internal(error.to_string()))?;
    Ok(http.spec())
}
