//! The counters of requests.

use std::sync::Arc;

use countersign_core::{KeyLabel, SourceName};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter},
};
use poem::http::StatusCode;

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
    webhooks: Counter<u64>,
    vouched: Counter<u64>,
}

impl Counters {
    /// Both counters at zero; `paths` are the routes that exist.
    pub fn new<'a>(meter: &Meter, paths: impl Iterator<Item = &'a Arc<str>>) -> Self {
        // Prometheus' exporter adds `_total` to the names.
        let counters = Self {
            requests: meter
                .u64_counter("http_requests")
                .with_description("HTTP requests by route and status")
                .build(),
            webhooks: meter
                .u64_counter("webhook_requests")
                .with_description("Webhooks by what became of them")
                .build(),
            vouched: meter
                .u64_counter("webhook_signature_key")
                .with_description("Authentic webhooks by the key that vouched for them")
                .build(),
        };
        for path in paths {
            counters.add_requests(path, StatusCode::OK, 0);
        }
        for result in RESULTS {
            counters.webhooks.add(0, &[KeyValue::new("result", result)]);
        }
        counters
    }

    /// `route` is a route's pattern, never a path: nobody outside can make new series.
    pub fn request(&self, route: &Arc<str>, status: StatusCode) {
        self.add_requests(route, status, 1);
    }

    fn add_requests(&self, route: &Arc<str>, status: StatusCode, count: u64) {
        let labels = [
            // Nothing is copied: this is done for every request.
            KeyValue::new("path", Arc::clone(route)),
            KeyValue::new("status", i64::from(status.as_u16())),
        ];
        self.requests.add(count, &labels);
    }

    /// Both come from the configuration, never from a request.
    pub fn vouched(&self, source: &SourceName, key: &KeyLabel) {
        // Nothing is copied: this is done for every message.
        let source = if source.is_default() {
            KeyValue::new("source", SourceName::DEFAULT)
        } else {
            KeyValue::new("source", Arc::<str>::from(source))
        };
        let labels = [source, KeyValue::new("key", Arc::<str>::from(key))];
        self.vouched.add(1, &labels);
    }

    pub fn webhook(&self, result: &'static str) {
        debug_assert!(
            RESULTS.contains(&result),
            "{result} is not in the closed set"
        );
        self.webhooks.add(1, &[KeyValue::new("result", result)]);
    }
}
