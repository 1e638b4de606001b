//! countersign's logs, metrics and traces.
//!
//! Logs: one flat JSON object a line, or a readable one, on standard output, panics included ([`logs`]).
//! Metrics: OpenTelemetry instruments, rendered in Prometheus' text format ([`metrics`]); what there
//! is, and what it means, is in the [`catalogue`].
//! Traces: spans over OTLP, where a collector is named ([`traces`]).

mod buffer;
pub mod catalogue;
mod line;
pub mod logs;
pub mod metrics;
pub mod panics;
mod process;
mod text;
mod trace_ids;
#[cfg(feature = "otlp")]
pub mod traces;
