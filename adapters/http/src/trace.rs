//! To which trace a request belongs: `traceparent` (W3C Trace Context), and the spans that are sent of
//! it, if any are.
//!
//! Where nothing is sent and no `traceparent` comes, all of it is one look for a header. The context of
//! a request is OpenTelemetry's current one while it is worked on, so that the log knows it, too.

use std::{net::IpAddr, str::FromStr as _};

use futures_util::future::Either;
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt as _,
    global::BoxedTracer,
    trace::{
        SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId,
        TraceState, Tracer as _,
    },
};
use poem::http::{HeaderMap, StatusCode};

/// What makes spans, if they are sent.
#[derive(Debug, Default)]
pub struct Tracing(pub Option<BoxedTracer>);

/// The trace of one request.
#[derive(Debug, Clone)]
pub struct Trace {
    context: Context,
    /// There is a span, and somebody will see it.
    recorded: bool,
}

impl Tracing {
    /// The trace that a request belongs to: the one that it names, or, where spans are sent, a new one.
    /// `path` is without a query, and cut.
    pub fn begin(
        &self,
        headers: &HeaderMap,
        method: &'static str,
        path: &str,
        peer: Option<IpAddr>,
    ) -> Option<Trace> {
        let parent = parent(headers);
        let Some(tracer) = &self.0 else {
            let context = Context::new().with_remote_span_context(parent?);
            return Some(Trace {
                context,
                recorded: false,
            });
        };
        let context = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(parent)
        });
        let span = tracer
            .span_builder(method)
            .with_kind(SpanKind::Server)
            // A sampler may look at them.
            .with_attributes([
                KeyValue::new("http.request.method", method),
                KeyValue::new("url.path", path.to_owned()),
                KeyValue::new("url.scheme", "http"),
            ])
            .start_with_context(tracer, &context);
        let context = context.with_span(span);
        let recorded = context.span().is_recording();
        if recorded && let Some(peer) = peer {
            let peer = KeyValue::new("client.address", peer.to_string());
            context.span().set_attribute(peer);
        }
        Some(Trace { context, recorded })
    }

    /// Does a step of a request, as a span of its own if there is one of the request.
    pub fn step<T, E>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> Result<T, E>,
        error: impl FnOnce(&E) -> &'static str,
    ) -> Result<T, E> {
        let Some(context) = self.within(name, SpanKind::Internal) else {
            return work();
        };
        let attached = context.clone().attach();
        let done = work();
        drop(attached);
        end(&context, done.as_ref().err().map(error));
        done
    }

    /// The same for what has to wait.
    pub async fn wait<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = T>,
        error: impl FnOnce(&T) -> Option<&'static str>,
    ) -> T {
        let Some(context) = self.within(name, SpanKind::Client) else {
            return work.await;
        };
        let done = work.with_context(context.clone()).await;
        end(&context, error(&done));
        done
    }

    fn within(&self, name: &'static str, kind: SpanKind) -> Option<Context> {
        let tracer = self.0.as_ref()?;
        let context = Context::current();
        if !context.span().is_recording() {
            return None;
        }
        let span = tracer.span_builder(name).with_kind(kind);
        let span = span.start_with_context(tracer, &context);
        Some(context.with_span(span))
    }
}

fn end(context: &Context, error: Option<&'static str>) {
    let span = context.span();
    if let Some(error) = error {
        span.set_attribute(KeyValue::new("error.type", error));
    }
    span.end();
}

impl Trace {
    /// Works within the trace, if there is one.
    pub fn with<F: Future>(trace: Option<&Self>, work: F) -> impl Future<Output = F::Output> {
        match trace {
            Some(trace) => Either::Left(work.with_context(trace.context.clone())),
            None => Either::Right(work),
        }
    }

    /// The context, for what is done without waiting.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The answer is there.
    pub fn answered(
        &self,
        method: &'static str,
        route: Option<&str>,
        status: StatusCode,
        result: Option<&'static str>,
        reason: Option<&'static str>,
    ) {
        if !self.recorded {
            return;
        }
        let span = self.context.span();
        if let Some(route) = route {
            span.update_name(format!("{method} {route}"));
            span.set_attribute(KeyValue::new("http.route", route.to_owned()));
        }
        let status_code = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new("http.response.status_code", status_code));
        for (name, value) in [
            ("countersign.webhook.result", result),
            ("countersign.rejection.reason", reason),
        ] {
            if let Some(value) = value {
                span.set_attribute(KeyValue::new(name, value));
            }
        }
        if status.is_server_error() {
            span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            // The attribute says it all, and a cause may say too much.
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// What names the present trace to whoever goes on with it later, and does not keep its span open.
pub fn named() -> Context {
    Context::map_current(|context| {
        if context.has_active_span() {
            let span = context.span().span_context().clone();
            Context::new().with_remote_span_context(span)
        } else {
            Context::new()
        }
    })
}

/// The span that the request's sender has made for it, if it says so in the one form that there is
/// (W3C Trace Context, version 00, and what later versions have to begin with). Anything else is
/// ignored, as the standard asks for.
fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    let mut all = headers.get_all("traceparent").iter();
    let (Some(parent), None) = (all.next(), all.next()) else {
        return None;
    };
    let bytes = parent.as_bytes();
    let (parent, rest) = bytes.split_at_checked(55)?;
    let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let form = parent.iter().enumerate().all(|(at, byte)| match at {
        2 | 35 | 52 => *byte == b'-',
        _ => hex(byte),
    });
    let text = str::from_utf8(parent).ok().filter(|_| form)?;
    let known = match &text[..2] {
        "ff" => false,
        "00" => rest.is_empty(),
        _ => rest.is_empty() || rest[0] == b'-',
    };
    let context = SpanContext::new(
        TraceId::from_hex(&text[3..35]).ok()?,
        SpanId::from_hex(&text[36..52]).ok()?,
        TraceFlags::new(u8::from_str_radix(&text[53..], 16).ok()?) & TraceFlags::SAMPLED,
        true,
        state(headers),
    );
    (known && context.is_valid()).then_some(context)
}

/// What others want to know of the trace, of all headers together; one that is malformed is dropped.
fn state(headers: &HeaderMap) -> TraceState {
    let all = headers.get_all("tracestate").iter();
    let all: Vec<&str> = all.filter_map(|state| state.to_str().ok()).collect();
    TraceState::from_str(&all.join(",")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let all = all.iter().filter_map(|(name, value)| {
            let value = HeaderValue::from_str(value).ok()?;
            Some((poem::http::HeaderName::from_static(name), value))
        });
        all.collect()
    }

    fn of(traceparent: &str) -> Option<SpanContext> {
        parent(&headers(&[("traceparent", traceparent)]))
    }

    #[test]
    fn a_parent_is_taken_as_it_is_written() {
        let whole = format!("00-{TRACE}-{SPAN}-01");
        let context = of(&whole);
        assert!(context.as_ref().is_some_and(|context| {
            context.trace_id().to_string() == TRACE
                && context.span_id().to_string() == SPAN
                && context.is_sampled()
                && context.is_remote()
        }));
        let unsampled = of(&format!("00-{TRACE}-{SPAN}-00"));
        assert!(unsampled.is_some_and(|context| !context.is_sampled()));
        // Of a later version, what is behind may be anything.
        for later in ["-01", "-01-more"] {
            assert!(of(&format!("01-{TRACE}-{SPAN}{later}")).is_some());
        }
        let with_state = headers(&[("traceparent", &whole), ("tracestate", "a=1,b=2")]);
        let state = parent(&with_state).map(|context| context.trace_state().header());
        assert_eq!(state.as_deref(), Some("a=1,b=2"));
    }

    #[test]
    fn anything_else_is_ignored() {
        for wrong in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("01-{TRACE}-{SPAN}-01more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("+0-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00_{TRACE}_{SPAN}_01"),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", "é".repeat(16)),
        ] {
            assert!(of(&wrong).is_none(), "{wrong}");
        }
        let whole = format!("00-{TRACE}-{SPAN}-01");
        let mut twice = headers(&[("traceparent", &whole)]);
        twice.append("traceparent", HeaderValue::from_static("x"));
        assert!(parent(&twice).is_none());
        let odd = headers(&[("traceparent", &whole), ("tracestate", "a,b")]);
        assert!(parent(&odd).is_some_and(|context| context.trace_state().header().is_empty()));
    }

    #[test]
    fn without_a_parent_and_a_tracer_there_is_nothing() {
        let tracing = Tracing::default();
        let begin = |headers: &HeaderMap| tracing.begin(headers, "GET", "/", None);
        assert!(begin(&HeaderMap::new()).is_none());
        let whole = format!("00-{TRACE}-{SPAN}-01");
        let trace = begin(&headers(&[("traceparent", &whole)]));
        assert!(trace.is_some_and(|trace| !trace.recorded));
    }
}
