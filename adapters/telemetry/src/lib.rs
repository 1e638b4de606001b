//! countersign's logs and metrics.
//!
//! Logs: one flat JSON object a line, on standard output, panics included ([`logs`]).
//! Metrics: OpenTelemetry instruments, rendered in Prometheus' text format ([`metrics`]); what there
//! is, and what it means, is in the [`catalogue`].

mod buffer;
pub mod catalogue;
mod line;
pub mod logs;
pub mod metrics;
pub mod panics;
mod process;
