//! To which trace a line belongs that is logged now: OpenTelemetry's current context says.

use std::fmt;

use opentelemetry::{Context, trace::TraceContextExt as _};

/// Whether it belongs to none.
pub fn none() -> bool {
    Context::map_current(|context| !context.has_active_span())
}

/// Hands `trace_id` to `write`, and `span_id` where the span is one of this process.
pub fn current(
    mut write: impl FnMut(&'static str, &dyn fmt::Display) -> fmt::Result,
) -> fmt::Result {
    Context::map_current(|context| {
        if !context.has_active_span() {
            return Ok(());
        }
        let span = context.span();
        let span = span.span_context();
        if !span.is_valid() {
            return Ok(());
        }
        write("trace_id", &span.trace_id())?;
        if span.is_remote() {
            return Ok(());
        }
        write("span_id", &span.span_id())
    })
}
