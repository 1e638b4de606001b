//! `countersign openapi`

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use countersign_core::{Inbox, Sources, Timestamp};
use countersign_http::{Config, Http};
use countersign_memory::{ManualClock, MemoryRepository};
use countersign_telemetry::metrics::Metrics;

use crate::stop::Stop;

/// Prints the specification of the real application, over the in-memory adapters.
pub fn run() -> Result<(), Stop> {
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
    match io::stdout().write_all(http.spec().as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Stop::unavailable(
            error.to_string(),
            "is there room on the disk?",
        )),
        _ => Ok(()),
    }
}
