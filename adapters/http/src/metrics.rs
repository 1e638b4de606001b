//! The instruments of requests. What each of them says is in the catalogue of adapters/telemetry, which
//! gives them their descriptions and their buckets.
//!
//! Nothing here is copied or allocated for a request: labels are shared or static, and series are found
//! by a hash of them.

use std::{sync::Arc, time::Duration};

use countersign_core::{Appended, KeyLabel, SourceName, Sources};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter},
};
use poem::http::StatusCode;

use crate::observe::WebhookNote;

/// Every `result` that a webhook can have. A closed set, all of it visible at zero from the start.
const RESULTS: [&str; 12] = [
    "created",
    "duplicate",
    "conflict",
    "invalid_signature",
    "validation_error",
    "payload_too_large",
    "request_timeout",
    "unsupported_media_type",
    "bad_request",
    "rate_limited",
    "unavailable",
    "error",
];

pub struct Counters {
    requests: Counter<u64>,
    took: Histogram<f64>,
    active: UpDownCounter<i64>,
    webhooks: Counter<u64>,
    acknowledged: Histogram<f64>,
    keys: KeyCounter,
    last_created: Gauge<f64>,
}

/// Counts what each key has vouched for.
pub struct KeyCounter(Counter<u64>);

impl KeyCounter {
    /// Every one of this meter counts to the same series.
    pub fn new(meter: &Meter) -> Self {
        Self(meter.u64_counter("webhook_signature_key").build())
    }

    /// Shows every key of these sources, also one that has vouched for nothing yet: the first message
    /// of a key that has no series would not be seen as an increase.
    pub fn show(&self, sources: &Sources) {
        for (source, verifier) in sources {
            for key in verifier.describe().keys {
                self.0.add(0, &key_labels(source, &key.label));
            }
        }
    }
}

/// A request that is being worked on, for as long as this is not dropped.
pub struct Active<'a>(&'a UpDownCounter<i64>);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.add(-1, &[]);
    }
}

impl Counters {
    /// All counters at zero; `paths` are the routes that exist.
    pub fn new<'a>(meter: &Meter, paths: impl Iterator<Item = &'a Arc<str>>) -> Self {
        // Prometheus' exporter adds units, and `_total`, to the names.
        let counters = Self {
            requests: meter.u64_counter("http_requests").build(),
            took: meter
                .f64_histogram("http.server.request.duration")
                .with_unit("s")
                .build(),
            active: meter
                .i64_up_down_counter("http.server.active_requests")
                .with_unit("{request}")
                .build(),
            webhooks: meter.u64_counter("webhook_requests").build(),
            acknowledged: meter
                .f64_histogram("webhook_acknowledgement_duration")
                .with_unit("s")
                .build(),
            keys: KeyCounter::new(meter),
            last_created: meter
                .f64_gauge("webhook_last_created_timestamp")
                .with_unit("s")
                .build(),
        };
        counters.active.add(0, &[]);
        for path in paths {
            counters
                .requests
                .add(0, &route_labels(path, StatusCode::OK));
        }
        for result in RESULTS {
            counters.webhooks.add(0, &[KeyValue::new("result", result)]);
        }
        counters
    }

    /// A request has begun.
    pub fn active(&self) -> Active<'_> {
        self.active.add(1, &[]);
        Active(&self.active)
    }

    /// `route` is a route's pattern, never a path, and `method` one that it knows or `_OTHER`: what
    /// strangers invent is not among the labels.
    pub fn request(
        &self,
        route: &Arc<str>,
        method: &'static str,
        status: StatusCode,
        took: Duration,
    ) {
        self.requests.add(1, &route_labels(route, status));
        let labels = [
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
            KeyValue::new("http.route", Arc::clone(route)),
        ];
        self.took.record(took.as_secs_f64(), &labels);
    }

    /// What became of a webhook; and how long it took, if it was acknowledged.
    pub fn webhook(&self, result: &'static str, acknowledged: Option<Duration>) {
        debug_assert!(
            RESULTS.contains(&result),
            "{result} is not in the closed set"
        );
        self.webhooks.add(1, &[KeyValue::new("result", result)]);
        if let Some(took) = acknowledged {
            self.acknowledged.record(took.as_secs_f64(), &[]);
        }
    }

    /// A message was authentic. Its source and its key come from the configuration, never from a
    /// request.
    pub fn authentic(&self, note: &WebhookNote) {
        self.keys.0.add(1, &key_labels(&note.source, &note.key));
        if note.appended == Appended::Created {
            let labels = [source_label(&note.source)];
            self.last_created.record(seconds(note.at.micros()), &labels);
        }
    }
}

fn route_labels(route: &Arc<str>, status: StatusCode) -> [KeyValue; 2] {
    [
        KeyValue::new("path", Arc::clone(route)),
        KeyValue::new("status", i64::from(status.as_u16())),
    ]
}

fn key_labels(source: &SourceName, key: &KeyLabel) -> [KeyValue; 2] {
    [
        source_label(source),
        KeyValue::new("key", Arc::<str>::from(key)),
    ]
}

fn source_label(source: &SourceName) -> KeyValue {
    if source.is_default() {
        KeyValue::new("source", SourceName::DEFAULT)
    } else {
        KeyValue::new("source", Arc::<str>::from(source))
    }
}

/// Unix time as Prometheus has it. Whole microseconds are told apart until 2255.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
