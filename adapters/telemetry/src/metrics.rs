//! Metrics: OpenTelemetry in, Prometheus' text format out.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{
    KeyValue,
    metrics::{Meter, MeterProvider as _},
};
use opentelemetry_sdk::{
    error::OTelSdkError,
    metrics::{Aggregation, Instrument, InstrumentKind, SdkMeterProvider, Stream},
};
use prometheus::{Registry, TextEncoder, proto};

use crate::{
    catalogue::{self, Kind, Metric},
    panics, process,
};

/// The metrics of one running service.
#[derive(Debug, Clone)]
pub struct Metrics {
    provider: SdkMeterProvider,
    registry: Registry,
    known: Arc<Known>,
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
    /// A registry of its own, so that several services in one process stay apart. What is of the
    /// process and of this version is in it already.
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
        let known = Arc::new(Known::default());
        let described = Arc::clone(&known);
        let provider = SdkMeterProvider::builder()
            .with_reader(exporter)
            .with_view(move |instrument: &Instrument| described.describe(instrument))
            .build();
        let metrics = Self {
            provider,
            registry,
            known,
        };
        let meter = metrics.meter();
        // The exporter adds `_total` to the name.
        meter
            .u64_observable_counter("panics")
            .with_callback(|counter| counter.observe(panics::count(), &[]))
            .build();
        meter
            .u64_gauge("countersign_build_info")
            .build()
            .record(1, &[KeyValue::new("version", env!("CARGO_PKG_VERSION"))]);
        process::observe(&meter);
        Ok(metrics)
    }

    /// Where instruments are made. What they say is in the [`catalogue`].
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.provider.meter("countersign")
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    /// [`MetricsError::Render`].
    pub fn render(&self) -> Result<String, MetricsError> {
        let mut families = self.registry.gather();
        let silent = self.known.silent(&families);
        if !silent.is_empty() {
            families.extend(silent);
            families.sort_by(|a, b| a.name().cmp(b.name()));
        }
        Ok(TextEncoder::new().encode_to_string(&families)?)
    }
}

/// The histograms that have been made, and have one series only.
#[derive(Debug, Default)]
struct Known(Mutex<BTreeSet<&'static str>>);

impl Known {
    /// What the catalogue says of an instrument.
    fn describe(&self, instrument: &Instrument) -> Option<Stream> {
        let metric = catalogue::find(&prometheus_name(instrument))?;
        let stream = Stream::builder().with_description(metric.help);
        let stream = match metric.kind {
            Kind::Histogram(bounds) => {
                if metric.labels.is_empty() {
                    self.names().insert(metric.name);
                }
                stream.with_aggregation(Aggregation::ExplicitBucketHistogram {
                    boundaries: bounds.to_vec(),
                    // Prometheus has no place for them.
                    record_min_max: false,
                })
            }
            Kind::Counter | Kind::Gauge => stream,
        };
        // It can only fail by what is in the catalogue, and the test below looks at all of that.
        stream.build().ok()
    }

    /// Those that nothing was recorded in. OpenTelemetry leaves them out; who looks at how fast a
    /// series grows must see it at zero, or its first observation is lost.
    fn silent(&self, shown: &[proto::MetricFamily]) -> Vec<proto::MetricFamily> {
        let names = self.names();
        let silent = names.iter().filter(|name| {
            let mut shown = shown.iter();
            !shown.any(|family| family.name() == **name)
        });
        silent
            .filter_map(|name| catalogue::find(name).and_then(at_zero))
            .collect()
    }

    fn names(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A histogram in which nothing was recorded.
fn at_zero(metric: &Metric) -> Option<proto::MetricFamily> {
    let Kind::Histogram(bounds) = metric.kind else {
        return None;
    };
    let buckets = bounds.iter().map(|bound| {
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket
    });
    let mut histogram = proto::Histogram::default();
    histogram.set_bucket(buckets.collect());
    let mut series = proto::Metric::default();
    series.set_histogram(histogram);
    let mut family = proto::MetricFamily::default();
    family.set_name(metric.name.to_owned());
    family.set_help(metric.help.to_owned());
    family.set_field_type(proto::MetricType::HISTOGRAM);
    family.set_metric(vec![series]);
    Some(family)
}

/// The name that the exporter makes of an instrument's.
fn prometheus_name(instrument: &Instrument) -> String {
    let mut name = instrument.name().replace('.', "_");
    name.push_str(match instrument.unit() {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    });
    if matches!(
        instrument.kind(),
        InstrumentKind::Counter | InstrumentKind::ObservableCounter
    ) {
        name.push_str("_total");
    }
    name
}

#[cfg(test)]
mod tests {
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
            text.contains("# HELP http_requests_total HTTP requests by route and status\n"),
            "{text}"
        );
        assert!(
            !text.contains("otel_scope") && !text.contains("target_info"),
            "{text}"
        );
        Ok(())
    }

    #[test]
    fn a_histogram_has_the_bounds_of_the_catalogue_and_is_there_from_the_start()
    -> Result<(), MetricsError> {
        let metrics = Metrics::new()?;
        let name = "db_append_batch_size";
        assert!(!metrics.render()?.contains(name));
        let sizes = metrics.meter().u64_histogram(name).build();
        let has = |line: &str| -> Result<bool, MetricsError> {
            Ok(metrics.render()?.lines().any(|other| other == line))
        };
        assert!(has("db_append_batch_size_bucket{le=\"+Inf\"} 0")?);
        assert!(has("db_append_batch_size_bucket{le=\"1024\"} 0")?);
        assert!(has("db_append_batch_size_count 0")?);
        sizes.record(3, &[]);
        assert!(has("db_append_batch_size_bucket{le=\"2\"} 0")?);
        assert!(has("db_append_batch_size_bucket{le=\"4\"} 1")?);
        assert!(has("db_append_batch_size_sum 3")?);
        let text = metrics.render()?;
        assert_eq!(text.matches("# TYPE db_append_batch_size ").count(), 1);
        Ok(())
    }

    #[test]
    fn every_entry_of_the_catalogue_makes_a_stream() {
        for metric in catalogue::ALL {
            let Kind::Histogram(bounds) = metric.kind else {
                continue;
            };
            let boundaries = bounds.to_vec();
            let stream = Stream::builder().with_aggregation(Aggregation::ExplicitBucketHistogram {
                boundaries,
                record_min_max: false,
            });
            assert!(stream.build().is_ok(), "{}", metric.name);
        }
    }
}
