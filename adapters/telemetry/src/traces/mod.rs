//! Traces: spans over OTLP to a collector, if one is named; by OpenTelemetry's own variables.
//!
//! A collector that is away or hangs costs a request nothing: spans wait in a bounded queue, a thread of
//! its own sends them, and where the queue is full they are dropped.

mod client;
mod variables;

use std::time::Duration;

use opentelemetry::{KeyValue, global::BoxedTracer, trace::TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    resource::{EnvResourceDetector, TelemetryResourceDetector},
    trace::SdkTracerProvider,
};

use self::{client::Client, variables::Variables};

/// How long the stop waits for spans that are not sent yet.
const LAST: Duration = Duration::from_secs(2);

/// A variable that cannot be what it is, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {why}")]
pub struct InvalidVariable {
    /// Its name.
    pub variable: &'static str,
    /// What is wrong, without its value where that may be private.
    pub why: String,
    /// How to mend it.
    pub help: &'static str,
}

/// A collector that the environment names, and how spans are sent to it.
#[derive(Debug)]
pub struct Collector {
    exporter: SpanExporter,
    /// Its address, without what is private in it.
    shown: String,
}

impl Collector {
    /// `None` if the environment names none; a blank variable is not set.
    ///
    /// It takes `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`), `…_HEADERS`, `…_TIMEOUT`,
    /// `…_CERTIFICATE` and `…_PROTOCOL` (`http/protobuf` only). It is off where `OTEL_SDK_DISABLED` is
    /// `true` or `OTEL_TRACES_EXPORTER` is `none`.
    ///
    /// # Errors
    /// The first variable that is wrong.
    pub fn named(
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, InvalidVariable> {
        let Some(variables) = Variables::read(environment)? else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(&variables.endpoint)
            .with_timeout(variables.timeout)
            .with_http_client(Client::new(&variables))
            .build()
            // The endpoint was looked at; what is left is what this build has no part for.
            .map_err(|error| InvalidVariable {
                variable: "OTEL_EXPORTER_OTLP_*",
                why: format!("cannot be used: {error}"),
                help: "spans are sent as http/protobuf, without compression",
            })?;
        Ok(Some(Self {
            exporter,
            shown: variables.shown(),
        }))
    }
}

/// What sends spans.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to. Of the environment, it takes `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
    /// `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` and `OTEL_BSP_*`.
    #[must_use]
    pub fn start(collector: Collector) -> Self {
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(collector.exporter)
            .with_resource(resource())
            .build();
        tracing::info!(collector = collector.shown, "traces are sent");
        Self(provider)
    }

    /// What makes spans.
    #[must_use]
    pub fn tracer(&self) -> BoxedTracer {
        BoxedTracer::new(Box::new(self.0.tracer("countersign")))
    }

    /// Sends what waits, for two seconds at the most, and ends.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST) {
            tracing::warn!(cause = %error, "some spans were not sent");
        }
    }
}

/// Who sends them: what the environment says wins.
fn resource() -> Resource {
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", "countersign"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ])
        .with_detectors(&[
            Box::new(TelemetryResourceDetector),
            Box::new(EnvResourceDetector::new()),
        ])
        .with_attributes(
            std::env::var("OTEL_SERVICE_NAME")
                .ok()
                .filter(|name| !name.trim().is_empty())
                .map(|name| KeyValue::new("service.name", name)),
        )
        .build()
}
