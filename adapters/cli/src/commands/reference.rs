//! `countersign reference`

use std::io::{self, Write as _};

use clap::ValueEnum;
use countersign_telemetry::catalogue;

use crate::stop::Stop;

/// A page of docs/reference/ that is made from the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Page {
    // docs/reference/metrics.md
    Metrics,
}

/// Prints it.
pub fn run(page: Page) -> Result<(), Stop> {
    let text = match page {
        Page::Metrics => catalogue::page(),
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Stop::unavailable(
            error.to_string(),
            "is there room on the disk?",
        )),
        _ => Ok(()),
    }
}
