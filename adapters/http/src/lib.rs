//! countersign over HTTP: the only crate that knows poem and status codes.
//!
//! One file per resource (`webhook`, `messages`, `conflicts`, `rejections`, `live`, `stats`, `server_stats`, `sources`, `health`, `service`, `pages`); what they
//! share: `access` (who may read), `headers` (what holds browsers back), `signed` (bytes that were verified before they were parsed), `wire` (the message as it
//! is sent), `limits` (what a request may take), `params` (query parameters), `cursor` (a place in a list), `reply` and `problem` (answers), `observe` (the edge:
//! ids, logs, counters), `trace` (to which trace a request belongs), `deliveries` (what it remembers of webhooks), `spec` (the specification), `server` (connections).

pub mod access;
mod conflicts;
mod cursor;
mod deliveries;
mod headers;
mod health;
mod limits;
mod live;
mod messages;
mod metrics;
mod observe;
mod pages;
mod params;
mod problem;
pub mod reference;
mod rejections;
mod reply;
mod server;
mod server_stats;
mod service;
mod signed;
mod sources;
mod spec;
mod stats;
mod timeline;
mod trace;
mod webhook;
mod wire;

use std::{io, sync::Arc};

use countersign_core::{Inbox, NewMessage, Position, SourceError};
use opentelemetry::{global::BoxedTracer, metrics::Meter};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response};
use poem_openapi::{ExtraHeader, LicenseObject, OpenApiService, Tags};

use crate::{
    access::{Guarded, Reads, SessionApi},
    conflicts::ConflictsApi,
    cursor::Cursor,
    deliveries::Deliveries,
    health::{HealthApi, Probe},
    limits::{Admitted, Answers, Bodies, Desk, Peers},
    live::{Hub, LiveApi},
    messages::MessagesApi,
    metrics::{Counters, KeyCounter},
    observe::Observe,
    pages::WithPages,
    rejections::{LiveRejectionsApi, Rejections, RejectionsApi},
    server::{Lifecycle, Server},
    server_stats::{Activity, ServerStatsApi},
    service::ServiceApi,
    signed::Gate,
    sources::SourcesApi,
    spec::Methods,
    stats::StatsApi,
    timeline::TimelineApi,
    trace::Tracing,
    webhook::WebhookApi,
};
pub use crate::{
    limits::{InvalidRateLimit, RateLimit, RequestLimits},
    live::LiveOptions,
    server::{ConnectionOptions, Listeners, StopOptions},
};

/// Renders all metrics in Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> Result<String, SourceError> + Send + Sync>;

/// What the HTTP adapter is given.
pub struct Config {
    /// The use cases.
    pub inbox: Inbox,
    /// Where the counters are made.
    pub meter: Meter,
    /// What `GET /metrics` answers.
    pub render_metrics: RenderMetrics,
    /// What makes the spans of requests, if they are to be sent.
    pub tracer: Option<BoxedTracer>,
    /// The longest body of a webhook in bytes; a longer one is answered 413.
    pub max_body_bytes: usize,
    /// How streams of messages are kept.
    pub live: LiveOptions,
    /// How connections are kept.
    pub connections: ConnectionOptions,
    /// What a request may take.
    pub limits: RequestLimits,
    /// Whether a message with a known id and other content is answered 409. Most providers take that
    /// for a failure, send it again, and give up the webhook at last: it is 200 by default.
    pub refuse_conflicts: bool,
    /// Who may read.
    pub reads: Reads,
}

impl Config {
    /// With everything else as it is by default.
    #[must_use]
    pub fn new(inbox: Inbox, meter: Meter, render_metrics: RenderMetrics) -> Self {
        Self {
            inbox,
            meter,
            render_metrics,
            tracer: None,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            live: LiveOptions::default(),
            connections: ConnectionOptions::default(),
            limits: RequestLimits::default(),
            refuse_conflicts: false,
            reads: Reads::default(),
        }
    }
}

/// What the body of a webhook says, if it is valid: for the benchmarks, which measure this step by
/// itself. No part of the API.
#[doc(hidden)]
#[must_use]
pub fn parse_webhook(body: &[u8]) -> Option<NewMessage> {
    wire::parse(body).ok()
}

/// The place that a cursor is, if it is one: for `fuzz/`. No part of the API.
#[doc(hidden)]
#[must_use]
pub fn read_cursor(text: &str) -> Option<Position> {
    Cursor::read(text).map(|Cursor(place)| place)
}

/// The cursor of a place, likewise.
#[doc(hidden)]
#[must_use]
pub fn write_cursor(place: Position) -> String {
    Cursor(place).to_string()
}

/// The longest body by default: 64 KiB holds every valid message, even fully escaped.
pub const DEFAULT_MAX_BODY_BYTES: usize = 64 * 1024;

#[derive(Tags)]
enum ApiTag {
    /// Where providers deliver messages.
    Webhook,
    /// Reading messages back.
    Messages,
    /// What was refused, and why.
    Rejections,
    /// The service itself.
    Service,
}

type Api = (
    WebhookApi,
    LiveApi,
    MessagesApi,
    ConflictsApi,
    StatsApi,
    TimelineApi,
    ServerStatsApi,
    SourcesApi,
    (RejectionsApi, LiveRejectionsApi),
    HealthApi,
    ServiceApi,
    SessionApi,
);

/// The HTTP application: an endpoint, and the specification that it keeps.
pub struct Http {
    service: OpenApiService<Api, ()>,
    gate: Gate,
    hub: Arc<Hub>,
    answers: Answers,
    rejections: Arc<Rejections>,
    activity: Arc<Activity>,
    deliveries: Arc<Deliveries>,
    reads: Arc<Reads>,
    connections: ConnectionOptions,
    probe: Arc<Probe>,
    lifecycle: Arc<Lifecycle>,
    max_uri_bytes: usize,
    rate: Option<RateLimit>,
    meter: Meter,
    spec: serde_json::Value,
}

impl Http {
    /// Derives the specification from the handlers.
    ///
    /// # Errors
    /// If poem-openapi's document is no JSON.
    pub fn new(config: Config) -> Result<Self, SourceError> {
        let inbox = Arc::new(config.inbox);
        let gate = Gate {
            inbox: Arc::clone(&inbox),
            bodies: Bodies::new(&config.limits, config.max_body_bytes),
            tracing: Arc::new(Tracing(config.tracer)),
            max_body_bytes: config.max_body_bytes,
        };
        let desk = Arc::new(Desk::new(&config.limits));
        let hub = Arc::new(Hub::new(Arc::clone(&inbox), config.live, &config.meter));
        let rejections = Arc::new(Rejections::new(Arc::clone(&inbox), &config.meter));
        let activity = Arc::new(Activity::new(Arc::clone(&inbox)));
        let deliveries = Arc::new(Deliveries::default());
        let reads = Arc::new(config.reads);
        let lifecycle = Arc::new(Lifecycle::default());
        let probe = Probe::new(Arc::clone(&inbox), Arc::clone(&lifecycle), &config.meter);
        let probe = Arc::new(probe);
        let api = (
            WebhookApi {
                gate: gate.clone(),
                refuse_conflicts: config.refuse_conflicts,
                deadline: config.limits.write_deadline,
            },
            LiveApi {
                hub: Arc::clone(&hub),
                desk: Arc::clone(&desk),
            },
            MessagesApi {
                inbox: Arc::clone(&inbox),
                deliveries: Arc::clone(&deliveries),
                hub: Arc::clone(&hub),
                desk: Arc::clone(&desk),
            },
            ConflictsApi {
                inbox: Arc::clone(&inbox),
                desk: Arc::clone(&desk),
            },
            StatsApi {
                inbox: Arc::clone(&inbox),
                desk: Arc::clone(&desk),
            },
            TimelineApi {
                inbox: Arc::clone(&inbox),
                desk: Arc::clone(&desk),
            },
            ServerStatsApi {
                inbox: Arc::clone(&inbox),
                desk,
                activity: Arc::clone(&activity),
            },
            SourcesApi(Arc::clone(&inbox)),
            (
                RejectionsApi(Arc::clone(&rejections)),
                LiveRejectionsApi {
                    rejections: Arc::clone(&rejections),
                    hub: Arc::clone(&hub),
                },
            ),
            HealthApi(Arc::clone(&probe)),
            ServiceApi {
                inbox: Arc::clone(&inbox),
                keys: KeyCounter::new(&config.meter),
                render_metrics: config.render_metrics,
            },
            SessionApi(Arc::clone(&reads)),
        );
        let service = OpenApiService::new(api, "countersign", env!("CARGO_PKG_VERSION"))
            .description(
                "The inbox for signed webhooks. Verifies the signature over the raw bytes, validates the message, stores it \
                 exactly once, and only then answers. Every error is a problem document \
                 (RFC 9457).",
            )
            .license(LicenseObject::new("MIT").url("https://opensource.org/license/mit"))
            .server("/")
            .extra_response_header::<String, _>(
                ExtraHeader::new("X-Request-Id")
                    .description("Names this request in the log; a sane incoming one is kept."),
            );
        let spec = spec::complete(&service.spec())?;
        Ok(Self {
            service,
            gate,
            hub,
            answers: Answers::new(&config.limits),
            rejections,
            activity,
            deliveries,
            reads,
            connections: config.connections,
            probe,
            lifecycle,
            max_uri_bytes: config.limits.max_uri_bytes,
            rate: config.limits.per_peer,
            meter: config.meter,
            spec,
        })
    }

    /// The OpenAPI document, indented, with a newline at the end.
    #[must_use]
    pub fn spec(&self) -> String {
        format!("{:#}\n", self.spec)
    }

    /// Looks whether it is ready where nobody else asks, so that metrics and the log say it; without
    /// an end.
    pub fn watch_itself(&self) -> impl Future<Output = ()> + Send + use<> {
        let probe = Arc::clone(&self.probe);
        async move { probe.watch().await }
    }

    /// Answers requests until `stopping` completes, and then stops in steps:
    ///
    /// 1. `/health/ready` answers 503, and every answer closes its connection. Connections are
    ///    accepted for the delay of `stop`.
    /// 2. No more are accepted, but for those that have connected already (they are left alone on
    ///    inherited sockets). Streams and all waiting end.
    /// 3. What is in flight is answered, and who is connected has half a second to send a request.
    /// 4. What has not ended within the grace of `stop` is cut off. Requests go on to their end
    ///    without their client.
    ///
    /// # Errors
    /// If the pages cannot be made, or something has ended that should run until the stop.
    pub async fn serve(
        self,
        listeners: impl Into<Listeners>,
        stopping: impl Future<Output = ()>,
        stop: StopOptions,
    ) -> io::Result<()> {
        let (hub, rejections) = (Arc::clone(&self.hub), Arc::clone(&self.rejections));
        let server = Server {
            connections: self.connections.clone(),
            stop,
            lifecycle: Arc::clone(&self.lifecycle),
            meter: self.meter.clone(),
        };
        let endpoint = self.into_endpoint().map_err(io::Error::other)?;
        let outcome = server
            .serve(endpoint, listeners.into(), stopping, || hub.close())
            .await;
        hub.ended().await;
        rejections.ended().await;
        outcome
    }

    /// The application without connections: for tests that bring their own time and their own
    /// clients (`tests/faults`). No part of the API.
    ///
    /// # Errors
    /// If a page cannot be prepared.
    #[doc(hidden)]
    pub fn into_endpoint(self) -> Result<impl Endpoint<Output = Response> + 'static, SourceError> {
        let spec = self.spec();
        // The page has the derived document in it; the completed one takes its place.
        let docs = self
            .service
            .swagger_ui_html()
            .replacen(&self.service.spec(), &spec, 1)
            .replacen(
                "<title>Swagger UI</title>",
                // With an icon: browsers ask for /favicon.ico otherwise, and it is not there.
                "<title>countersign API</title>\n    \
                 <link rel=\"icon\" type=\"image/svg+xml\" href=\"/ui/favicon.svg\">",
                1,
            );
        let methods = Arc::new(Methods::new(&self.spec, &pages::PAGES));
        let counters = Arc::new(Counters::new(&self.meter, methods.paths()));
        let (reads, tracing) = (self.reads, Arc::clone(&self.gate.tracing));
        let guarded = Guarded {
            reads: Arc::clone(&reads),
            methods: Arc::clone(&methods),
            endpoint: WithPages::new(docs, spec, self.service.into_endpoint())?,
        };
        let admitted = Admitted {
            max_uri_bytes: self.max_uri_bytes,
            peers: self.rate.map(Peers::new),
            reads: Arc::clone(&reads),
            methods: Arc::clone(&methods),
            endpoint: guarded.data(self.gate),
        };
        Ok(admitted.with(Observe {
            counters,
            methods,
            answers: self.answers.into(),
            rejections: self.rejections,
            activity: self.activity,
            deliveries: self.deliveries,
            reads,
            tracing,
        }))
    }
}
