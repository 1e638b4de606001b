//! Metrics: OpenTelemetry in, Prometheus' text format out.

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::{error::OTelSdkError, metrics::SdkMeterProvider};
use prometheus::{Registry, TextEncoder};

use crate::panics;

/// The metrics of one running service.
#[derive(Debug, Clone)]
pub struct Metrics {
    provider: SdkMeterProvider,
    registry: Registry,
}

/// Why the metrics could not be set up or shown.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The exporter could not be made.
    #[error("the Prometheus exporter could not be set up")]
    Exporter(#[from] OTelSdkError),
    /// The text could not be written.
    #[error("the metrics could not be rendered")]
    Render(#[from] prometheus::Error),
}

impl Metrics {
    /// A registry of its own, so that several services in one process stay apart.
    ///
    /// # Errors
    /// [`MetricsError::Exporter`].
    pub fn new() -> Result<Self, MetricsError> {
        let registry = Registry::new();
        // Neither `target_info` nor `otel_scope_*` labels: every series has the labels that its
        // instrument states, and no others.
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_target_info()
            .scope_info_enabled(false)
            .build()?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).build();
        let metrics = Self { provider, registry };
        // The exporter adds `_total` to the name.
        metrics
            .meter()
            .u64_observable_counter("panics")
            .with_description("Panics of this process, which are bugs")
            .with_callback(|counter| counter.observe(panics::count(), &[]))
            .build();
        Ok(metrics)
    }

    /// Where instruments are made.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.provider.meter("countersign")
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    /// [`MetricsError::Render`].
    pub fn render(&self) -> Result<String, MetricsError> {
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;

    use super::*;

    #[test]
    fn names_and_labels_come_out_as_they_were_put_in() -> Result<(), MetricsError> {
        let metrics = Metrics::new()?;
        let counter = metrics.meter().u64_counter("http_requests").build();
        counter.add(
            2,
            &[KeyValue::new("path", "/x"), KeyValue::new("status", 200)],
        );
        let text = metrics.render()?;
        assert!(
            text.contains("\nhttp_requests_total{path=\"/x\",status=\"200\"} 2\n"),
            "{text}"
        );
        assert!(
            !text.contains("otel_scope") && !text.contains("target_info"),
            "{text}"
        );
        Ok(())
    }
}
