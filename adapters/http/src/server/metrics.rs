//! The counters of connections.

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter, UpDownCounter},
};

/// Why this server closed a connection that had not come to an end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    HeaderTimeout,
    KeepAliveTimeout,
    /// Its client took nothing, or too little.
    Stalled,
    /// There was no room.
    Evicted,
    /// What came is not HTTP/1.
    Malformed,
}

impl Closed {
    const ALL: [Self; 5] = [
        Self::HeaderTimeout,
        Self::KeepAliveTimeout,
        Self::Stalled,
        Self::Evicted,
        Self::Malformed,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::HeaderTimeout => "header_timeout",
            Self::KeepAliveTimeout => "keep_alive_timeout",
            Self::Stalled => "stalled",
            Self::Evicted => "evicted",
            Self::Malformed => "malformed",
        }
    }
}

pub struct ConnectionCounters {
    open: UpDownCounter<i64>,
    refused: Counter<u64>,
    closed: Counter<u64>,
}

impl ConnectionCounters {
    /// All at zero.
    pub fn new(meter: &Meter) -> Self {
        // Prometheus' exporter adds `_total` to the names of counters.
        let counters = Self {
            open: meter.i64_up_down_counter("http_connections").build(),
            refused: meter.u64_counter("http_connections_refused").build(),
            closed: meter.u64_counter("http_connections_closed").build(),
        };
        counters.open.add(0, &[]);
        counters.refused.add(0, &[]);
        for reason in Closed::ALL {
            counters.add_closed(reason, 0);
        }
        counters
    }

    pub fn opened(&self) {
        self.open.add(1, &[]);
    }

    pub fn ended(&self) {
        self.open.add(-1, &[]);
    }

    pub fn refused(&self) {
        self.refused.add(1, &[]);
    }

    pub fn closed(&self, reason: Closed) {
        self.add_closed(reason, 1);
    }

    fn add_closed(&self, reason: Closed, count: u64) {
        self.closed
            .add(count, &[KeyValue::new("reason", reason.label())]);
    }
}
