//! Traces: what a collector is sent, what the log says of them, and that a collector that is away, or
//! says nothing, costs nothing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value as Any},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message as _;
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    http::app::{SECRET, body, sign},
    program::{Server, Setup},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// The stop of a server that has nothing to do, and two seconds for spans that are not sent, with room for
/// a busy machine.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

/// One that takes spans as a collector does.
#[derive(Clone, Default)]
pub struct Collector {
    address: String,
    received: Arc<Mutex<Received>>,
}

#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    resource: BTreeMap<String, String>,
    heads: Vec<String>,
}

impl Collector {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let collector = Self {
            address: listener.local_addr().unwrap().to_string(),
            ..Self::default()
        };
        let own = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().take(stream));
            }
        });
        collector
    }

    async fn take(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        loop {
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    return;
                }
                continue;
            };
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.expect("a length").parse().unwrap();
            while bytes.len() < end + 4 + length {
                assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
            }
            let rest = bytes.split_off(end + 4 + length);
            let request = ExportTraceServiceRequest::decode(&bytes[end + 4..]).expect("spans");
            self.keep(head, request);
            bytes = rest;
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    fn keep(&self, head: String, request: ExportTraceServiceRequest) {
        let mut received = self.received.lock().unwrap();
        received.heads.push(head);
        for of_resource in request.resource_spans {
            received.resource = attributes(&of_resource.resource.unwrap().attributes);
            for scope in of_resource.scope_spans {
                received.spans.extend(scope.spans);
            }
        }
    }

    pub fn spans(&self) -> Vec<Span> {
        self.received.lock().unwrap().spans.clone()
    }

    fn setup(&self) -> Setup {
        let mut setup = self.setup_without_secret();
        setup.set("WEBHOOK_SECRET", SECRET);
        setup
    }

    /// The same, where it does not matter how busy a disk is.
    fn setup_in_memory(&self) -> Setup {
        let mut setup = self.setup();
        setup.set("DATABASE_URL", "memory:");
        setup
    }

    /// A program that sends its spans here.
    pub fn setup_without_secret(&self) -> Setup {
        let mut setup = Setup::without_secret();
        let endpoint = format!("http://{}", self.address);
        setup.set("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint);
        setup
    }
}

fn attributes(all: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &KeyValue| match value.value.clone()?.value? {
        Any::StringValue(text) => Some(text),
        Any::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    };
    all.iter()
        .map(|one| (one.key.clone(), text(one).unwrap_or_default()))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}

async fn deliver(server: &Server, id: &str, traceparent: Option<&str>) -> Response {
    let body = body(id, "2025-01-15T10:00:00Z", "Hello").to_string();
    let request = Client::new()
        .post(server.url("/webhook"))
        .header("X-Signature", sign(body.as_bytes()));
    let request = match traceparent {
        Some(parent) => request.header("traceparent", parent),
        None => request,
    };
    request.body(body).send().await.unwrap()
}

/// Stops it, and says what it has logged of requests.
fn lines(server: &mut Server) -> Vec<Value> {
    let began = Instant::now();
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0), "{:#?}", server.log);
    assert!(began.elapsed() < STOPPED_WITHIN, "{:?}", began.elapsed());
    let lines = server.log.iter();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn requests(lines: &[Value]) -> Vec<&Value> {
    let requests = lines.iter().filter(|line| line["message"] == "request");
    requests.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_a_span_of_its_senders_trace_with_a_span_for_each_step() {
    let collector = Collector::start().await;
    let mut setup = collector.setup();
    setup.set(
        "OTEL_RESOURCE_ATTRIBUTES",
        "deployment.environment.name=test",
    );
    setup.set("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=of%20mine");
    let mut server = setup.serve();
    let parent = format!("00-{TRACE}-{PARENT}-01");
    assert_eq!(deliver(&server, "m1", Some(&parent)).await.status(), 200);
    let lines = lines(&mut server);
    let spans = collector.spans();
    let named = |name: &str| -> &Span {
        let mut found = spans.iter().filter(|span| span.name == name);
        let span = found
            .next()
            .unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
        assert!(found.next().is_none());
        span
    };
    let request = named("POST /webhook");
    assert_eq!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), PARENT);
    assert_eq!(request.kind, SpanKind::Server as i32);
    let said = attributes(&request.attributes);
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/webhook"),
        ("url.path", "/webhook"),
        ("url.scheme", "http"),
        ("http.response.status_code", "200"),
        ("client.address", "127.0.0.1"),
        ("countersign.webhook.result", "created"),
    ] {
        assert_eq!(said.get(name).map(String::as_str), Some(value), "{said:?}");
    }
    for step in ["verify", "validate", "store"] {
        let span = named(step);
        assert_eq!(span.trace_id, request.trace_id, "{step}");
        assert_eq!(span.parent_span_id, request.span_id, "{step}");
        assert!(
            span.start_time_unix_nano >= request.start_time_unix_nano,
            "{step}"
        );
        assert!(
            span.end_time_unix_nano <= request.end_time_unix_nano,
            "{step}"
        );
    }
    let store = attributes(&named("store").attributes);
    assert_eq!(store["db.system.name"], "sqlite");
    assert_eq!(store["db.operation.batch.size"], "1");
    assert_eq!(spans.len(), 4, "{spans:#?}");

    let received = collector.received.lock().unwrap();
    assert_eq!(received.resource["service.name"], "countersign");
    assert_eq!(
        received.resource["service.version"],
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(received.resource["deployment.environment.name"], "test");
    for head in &received.heads {
        assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nx-api-key: of mine"), "{head}");
    }
    let request_line = requests(&lines)[0];
    assert_eq!(request_line["trace_id"], TRACE);
    assert_eq!(request_line["span_id"], hex(&request.span_id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_webhook_says_where_it_was_refused_and_its_hint_is_of_its_trace() {
    let collector = Collector::start().await;
    let mut setup = collector.setup();
    setup.set("OTEL_SERVICE_NAME", "inbox");
    let mut server = setup.serve();
    let body = body("m1", "2025-01-15T10:00:00Z", "Hello").to_string();
    let signature = sign(body.as_bytes());
    let client = Client::new();
    let post = |body: String| {
        let request = client.post(server.url("/webhook"));
        request
            .header("X-Signature", signature.clone())
            .body(body)
            .send()
    };
    assert_eq!(post(format!("{body}\n")).await.unwrap().status(), 401);
    server.wait_for_line("a refused signature is a near miss");
    let invalid = r#"{"message_id":"m1"}"#;
    let request = client.post(server.url("/webhook"));
    let request = request.header("X-Signature", sign(invalid.as_bytes()));
    assert_eq!(request.body(invalid).send().await.unwrap().status(), 422);
    let lines = lines(&mut server);
    let spans = collector.spans();
    let error = |name: &str| -> Vec<Option<String>> {
        let spans = spans.iter().filter(|span| span.name == name);
        let errors = spans.map(|span| attributes(&span.attributes).get("error.type").cloned());
        errors.collect()
    };
    assert_eq!(
        error("verify"),
        [Some("invalid_signature".to_owned()), None]
    );
    assert_eq!(error("validate"), [Some("validation_error".to_owned())]);
    assert_eq!(
        error("POST /webhook"),
        [None, None],
        "4xx is no error of a server"
    );
    assert!(error("store").is_empty());
    let near_miss = lines.iter().find(|line| line["near_miss"].is_string());
    let near_miss = near_miss.expect("a hint");
    let refused = requests(&lines)[0];
    assert_eq!(refused["status"], 401);
    assert!(refused["trace_id"].is_string());
    assert_eq!(near_miss["trace_id"], refused["trace_id"]);
    assert_eq!(near_miss["span_id"], refused["span_id"]);
    assert_ne!(requests(&lines)[1]["trace_id"], refused["trace_id"]);
    assert_eq!(
        collector.received.lock().unwrap().resource["service.name"],
        "inbox"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_sampled_is_not_sent_and_a_malformed_parent_is_ignored() {
    let collector = Collector::start().await;
    let mut server = collector.setup_in_memory().serve();
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    assert_eq!(deliver(&server, "m1", Some(&unsampled)).await.status(), 200);
    for (number, malformed) in ["00-x-y-01", &format!("00-{TRACE}-{PARENT}-01-more")]
        .into_iter()
        .enumerate()
    {
        let answer = deliver(&server, &format!("n{number}"), Some(malformed)).await;
        assert_eq!(answer.status(), 200);
    }
    let lines = lines(&mut server);
    let spans = collector.spans();
    let roots: Vec<&Span> = spans
        .iter()
        .filter(|span| span.name == "POST /webhook")
        .collect();
    assert_eq!(roots.len(), 2, "{spans:#?}");
    for root in roots {
        assert!(root.parent_span_id.is_empty() && hex(&root.trace_id) != TRACE);
    }
    // It belongs to the trace all the same.
    assert_eq!(requests(&lines)[0]["trace_id"], TRACE);
    assert_ne!(requests(&lines)[1]["trace_id"], TRACE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sampler_is_the_one_that_the_environment_names() {
    for (sampler, argument, sent) in [
        ("always_off", "", false),
        ("traceidratio", "0", false),
        ("parentbased_traceidratio", "1", true),
    ] {
        let collector = Collector::start().await;
        let mut setup = collector.setup_in_memory();
        setup.set("OTEL_TRACES_SAMPLER", sampler);
        setup.set("OTEL_TRACES_SAMPLER_ARG", argument);
        let mut server = setup.serve();
        assert_eq!(deliver(&server, "m1", None).await.status(), 200);
        lines(&mut server);
        assert_eq!(!collector.spans().is_empty(), sent, "{sampler}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_sent_the_log_has_the_trace_that_a_sender_names() {
    let collector = Collector::start().await;
    for disabled in [false, true] {
        let mut setup = if disabled {
            collector.setup()
        } else {
            Setup::new()
        };
        if disabled {
            setup.set("OTEL_SDK_DISABLED", "true");
        }
        let mut server = setup.serve();
        let parent = format!("00-{TRACE}-{PARENT}-01");
        assert_eq!(deliver(&server, "m1", Some(&parent)).await.status(), 200);
        assert_eq!(deliver(&server, "m2", None).await.status(), 200);
        let lines = lines(&mut server);
        let [with, without] = requests(&lines)[..] else {
            panic!("{lines:#?}");
        };
        assert_eq!(with["trace_id"], TRACE);
        assert!(with.get("span_id").is_none());
        assert!(without.get("trace_id").is_none());
    }
    assert!(collector.received.lock().unwrap().heads.is_empty());
}

/// A server whose collector is of no use answers as ever, and stops in time.
async fn answers_and_stops(endpoint: &str) -> Vec<Value> {
    let mut setup = Setup::new();
    setup.set("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    setup.set("DATABASE_URL", "memory:");
    // Spans are sent often, so that it is noticed; the queue is soon full.
    setup.set("OTEL_BSP_SCHEDULE_DELAY", "50");
    setup.set("OTEL_BSP_MAX_QUEUE_SIZE", "64");
    setup.set("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "32");
    let mut server = setup.serve();
    let mut slowest = Duration::ZERO;
    for round in 0..20 {
        let ids: Vec<String> = (0..20).map(|n| format!("m{round}-{n}")).collect();
        let began = Instant::now();
        let deliveries = ids.iter().map(|id| deliver(&server, id, None));
        for answer in futures_util::future::join_all(deliveries).await {
            assert_eq!(answer.status(), 200);
        }
        slowest = slowest.max(began.elapsed());
    }
    // Whoever waited for a collector would wait for its ten seconds.
    assert!(slowest < Duration::from_secs(8), "{slowest:?}");
    lines(&mut server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_costs_nothing_and_is_told_of_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://user:hunter2@{}", listener.local_addr().unwrap());
    drop(listener);
    let lines = answers_and_stops(&endpoint).await;
    let told = lines.iter().filter(|line| {
        line["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("traces cannot be sent"))
    });
    assert_eq!(told.count(), 1, "{lines:#?}");
    assert!(
        !lines
            .iter()
            .any(|line| line.to_string().contains("hunter2"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_says_nothing_costs_nothing() {
    // It accepts, as the system does for it, and that is all.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let lines = answers_and_stops(&endpoint).await;
    assert_eq!(requests(&lines).len(), 400);
    drop(listener);
}

#[test]
fn a_collector_that_cannot_be_one_is_refused_at_the_start() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ] {
        let mut setup = Setup::new();
        setup.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        setup.set(name, value);
        let (code, log, _) = setup.run(&[]);
        assert_eq!(code, Some(78), "{name}: {log}");
        let last = log.lines().last().expect("a line");
        let last: Value = serde_json::from_str(last).unwrap();
        assert!(
            last["message"]
                .as_str()
                .is_some_and(|text| text.contains("OTEL_EXPORTER_OTLP")),
            "{last}"
        );
        assert!(last["help"].is_string(), "{last}");
    }
}
