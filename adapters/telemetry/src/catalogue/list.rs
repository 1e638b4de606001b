//! The list.

use super::{
    Kind::{Counter, Gauge, Histogram},
    Metric,
    Part::{self, Http, Process, Store, Webhooks},
    Shown::{Always, Since, Where},
};

/// Seconds that a request may take: the bounds that OpenTelemetry's semantic conventions advise.
const REQUEST_SECONDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Seconds that an acknowledgement may take. One that comes alone takes as long as the disk needs to
/// sync, so they begin lower.
const ACKNOWLEDGEMENT_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Seconds that a transaction may take.
const COMMIT_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Messages that a transaction may have; 1024 are the most.
const BATCH: &[f64] = &[
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0,
];

const fn metric(
    part: Part,
    name: &'static str,
    kind: super::Kind,
    unit: &'static str,
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        unit,
        labels: &[],
        help,
        shown: Always,
        part,
    }
}

impl Metric {
    const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    const fn shown(self, shown: super::Shown) -> Self {
        Self { shown, ..self }
    }
}

/// Where there is a queue, and something that is kept on a disk.
const LASTING: super::Shown = Where("the store is not in memory");
const SQLITE: super::Shown = Where("the store is SQLite");
const LINUX: super::Shown = Where("it runs on Linux");

/// All metrics, as the page has them.
#[rustfmt::skip]
pub const ALL: &[Metric] = &[
    metric(Http, "http_requests_total", Counter, "requests",
        "HTTP requests by route and status").by(&["path", "status"]),
    metric(Http, "http_server_request_duration_seconds", Histogram(REQUEST_SECONDS), "seconds",
        "How long requests took, from their head on to their answer; of a stream, until it began")
        .by(&["http_request_method", "http_response_status_code", "http_route"])
        .shown(Since("a request of its method and route is answered with its status")),
    metric(Http, "http_server_active_requests", Gauge, "requests",
        "Requests that are being worked on; a stream is not, once it has begun"),
    metric(Http, "http_connections", Gauge, "connections",
        "Connections that are open"),
    metric(Http, "http_connections_refused_total", Counter, "connections",
        "Connections answered 503 because there were too many"),
    metric(Http, "http_connections_closed_total", Counter, "connections",
        "Connections that the server closed, by reason").by(&["reason"]),
    metric(Http, "http_live_streams", Gauge, "streams",
        "Streams that are open, of messages and of refused requests"),
    metric(Http, "http_live_streams_dropped_total", Counter, "streams",
        "Streams that ended because their client was too slow"),

    metric(Webhooks, "webhook_requests_total", Counter, "webhooks",
        "Webhooks by what became of them").by(&["result"]),
    metric(Webhooks, "webhook_acknowledgement_duration_seconds", Histogram(ACKNOWLEDGEMENT_SECONDS),
        "seconds", "How long webhooks took that were answered 200, from their head on to the answer"),
    metric(Webhooks, "webhook_last_created_timestamp_seconds", Gauge, "seconds",
        "When the last new message of the source came (Unix time)")
        .by(&["source"]).shown(Since("a new message of its source has come since the start")),
    metric(Webhooks, "webhook_signature_key_total", Counter, "webhooks",
        "Authentic webhooks by the key that vouched for them").by(&["key", "source"]),
    metric(Webhooks, "rejections_total", Counter, "requests",
        "Refused requests by reason").by(&["reason"]),
    metric(Webhooks, "signature_near_misses_total", Counter, "webhooks",
        "Refused signatures whose mistake was recognised, by mistake").by(&["cause"]),
    metric(Webhooks, "webhook_duplicates_waiting", Gauge, "messages",
        "Messages that came again, of which that is not written yet"),
    metric(Webhooks, "webhook_duplicates_not_counted_total", Counter, "webhooks",
        "Duplicates that no message's count has: too many waited to be written"),

    metric(Store, "countersign_ready", Gauge, "1 or 0",
        "Whether messages can be taken in, as it was last found by /health/ready, or by itself"),
    metric(Store, "db_append_queue_messages", Gauge, "messages",
        "Messages that wait for a transaction").shown(LASTING),
    metric(Store, "db_append_queue_capacity_messages", Gauge, "messages",
        "How many may wait; the next is answered 503").shown(LASTING),
    metric(Store, "db_append_queue_bytes", Gauge, "bytes",
        "What messages take in memory that wait or are being written").shown(LASTING),
    metric(Store, "db_append_queue_capacity_bytes", Gauge, "bytes",
        "How much they may take; what would be more is answered 503").shown(LASTING),
    metric(Store, "db_append_batch_size", Histogram(BATCH), "messages",
        "How many messages a transaction had").shown(LASTING),
    metric(Store, "db_append_commit_duration_seconds", Histogram(COMMIT_SECONDS), "seconds",
        "How long transactions took, until they were durable or had failed").shown(LASTING),
    metric(Store, "db_appends_withdrawn_total", Counter, "messages",
        "Messages that were not stored: their deadline passed in the queue"),
    metric(Store, "db_appends_late_total", Counter, "messages",
        "Messages that were stored when their sender had been answered 503"),
    metric(Store, "db_fold_lag_messages", Gauge, "messages",
        "Stored messages that are not in the index yet"),
    metric(Store, "db_fold_lag_seconds", Gauge, "seconds",
        "For how long the oldest of them has been waiting, at the most"),
    metric(Store, "db_storage_bytes", Gauge, "bytes",
        "What the database takes, with what is derived from it, as it was last sampled").shown(LASTING),
    metric(Store, "db_wal_bytes", Gauge, "bytes",
        "What the write-ahead logs take, as it was last sampled").shown(SQLITE),
    metric(Store, "db_storage_free_bytes", Gauge, "bytes",
        "What may still be written where the database is, as it was last sampled").shown(SQLITE),
    metric(Store, "messages_purged_total", Counter, "messages",
        "Messages taken away because they were too old"),

    metric(Process, "countersign_build_info", Gauge, "1",
        "Always 1; its label says which version this is").by(&["version"]),
    metric(Process, "panics_total", Counter, "panics",
        "Panics of this process, which are bugs"),
    metric(Process, "process_cpu_seconds_total", Counter, "seconds",
        "Time of the processors that the process has taken, its own and the system's for it").shown(LINUX),
    metric(Process, "process_resident_memory_bytes", Gauge, "bytes",
        "Memory that the process has in use").shown(LINUX),
    metric(Process, "process_virtual_memory_bytes", Gauge, "bytes",
        "Addresses that the process has reserved").shown(LINUX),
    metric(Process, "process_open_fds", Gauge, "descriptors",
        "Files, sockets and the like that are open").shown(LINUX),
    metric(Process, "process_max_fds", Gauge, "descriptors",
        "How many may be open").shown(LINUX),
    metric(Process, "process_threads", Gauge, "threads",
        "Threads of the process").shown(LINUX),
    metric(Process, "process_start_time_seconds", Gauge, "seconds",
        "When the process began (Unix time)").shown(LINUX),
];
