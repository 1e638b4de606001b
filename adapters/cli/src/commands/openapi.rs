//! `countersign openapi`

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use countersign_core::{Inbox, Sources, Timestamp};
use countersign_http::{Config, DEFAULT_MAX_BODY_BYTES, Http, LiveOptions};
use countersign_memory::{ManualClock, MemoryRepository};
use countersign_telemetry::metrics::Metrics;

use crate::stop::Stop;

/// Prints the specification of the real application, over the in-memory adapters.
pub fn run() -> Result<(), Stop> {
    let metrics = Metrics::new().map_err(|error| Stop::internal(error.to_string()))?;
    let http = Http::new(Config {
        inbox: Inbox::new(
            Sources::new(),
            Arc::new(MemoryRepository::new()),
            Arc::new(ManualClock::at(Timestamp::MIN)),
        ),
        meter: metrics.meter(),
        render_metrics: Arc::new(|| Ok(String::new())),
        max_body_bytes: DEFAULT_MAX_BODY_BYTES,
        live: LiveOptions::default(),
    })
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
