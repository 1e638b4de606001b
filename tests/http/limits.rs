//! What a request may take, and what happens to one that takes more.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Limit, Message, MessageKey,
    MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError, Sequence,
    Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use countersign_group_commit::{GroupCommit, Limits};
use countersign_http::{Config, RequestLimits};
use countersign_memory::MemoryRepository;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{Notify, Semaphore},
    time::timeout,
};

use super::{
    app::{Answer, App, body, sign},
    wire::Wire,
};
use crate::fixture::{key, message};

const NOON: &str = "2025-06-01T12:00:00Z";

/// A repository that stands still until it is told to go on.
struct Standing {
    memory: MemoryRepository,
    begun: Notify,
    appends: Semaphore,
    reads: Semaphore,
}

impl Standing {
    /// So many may go on.
    fn with(appends: usize, reads: usize) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryRepository::new(),
            begun: Notify::new(),
            appends: Semaphore::new(appends),
            reads: Semaphore::new(reads),
        })
    }

    async fn read(&self) {
        self.begun.notify_one();
        self.reads.acquire().await.unwrap().forget();
    }
}

#[async_trait]
impl MessageRepository for Standing {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.begun.notify_one();
        self.appends.acquire().await.unwrap().forget();
        self.memory.append(batch).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.read().await;
        self.memory.list(query).await
    }
    async fn find(&self, id: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.read().await;
        self.memory.find(id).await
    }
    async fn conflicts(
        &self,
        id: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.read().await;
        self.memory.conflicts(id, limit).await
    }
    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.read().await;
        self.memory.stats().await
    }
    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.read().await;
        self.memory.timeline(query).await
    }
    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.memory.arrivals(query).await
    }
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.read().await;
        self.memory.last_arrival().await
    }
    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        self.memory.reaches(sequence).await
    }
    async fn arrived_behind(&self, after: Sequence) {
        self.memory.arrived_behind(after).await;
    }
    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        self.memory.purge(keys, at).await
    }
    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.memory.purge_conflicts(which, at_most).await
    }
    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.memory.note_repeats(repeats).await
    }
    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.memory.repeats(key).await
    }
    async fn readiness(&self) -> Readiness {
        self.memory.readiness().await
    }
    async fn storage(&self) -> Storage {
        self.read().await;
        self.memory.storage().await
    }
}

async fn limited(
    repository: Arc<dyn MessageRepository>,
    limit: impl FnOnce(&mut RequestLimits),
) -> App {
    App::over_configured(repository, |config: &mut Config, _| {
        limit(&mut config.limits);
    })
    .await
}

/// Refused for now, and told when to come back.
fn assert_not_now(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    let seconds = answer.header("retry-after").map(str::parse::<u32>);
    assert!(
        matches!(seconds, Some(Ok(1..=5))),
        "it does not say when to come back: {answer:?}"
    );
}

#[tokio::test]
async fn a_message_that_is_not_stored_in_time_is_503_and_counted_as_that() {
    let standing = Standing::with(0, 100);
    let (grouped, _drained) = GroupCommit::start(standing.clone(), Limits::default());
    let grouped = Arc::new(grouped);
    let tally = grouped.tally();
    let app = limited(grouped, |limits| {
        limits.write_deadline = Duration::from_millis(100);
    })
    .await;
    // The first is being written when its deadline passes, the second waits.
    let (being_written, waiting) = (body("written", NOON, ""), body("waiting", NOON, ""));
    let begun = Instant::now();
    let (first, second) = tokio::join!(app.deliver(&being_written), async {
        standing.begun.notified().await;
        app.deliver(&waiting).await
    });
    assert!(begun.elapsed() >= Duration::from_millis(100));
    for answer in [first, second] {
        assert_not_now(&answer);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("may be stored or not"), "{detail}");
        assert!(detail.contains("sending it again is safe"), "{detail}");
    }
    let unavailable = "webhook_requests_total{result=\"unavailable\"}";
    assert_eq!(app.metric(unavailable).await, 2);
    standing.appends.add_permits(100);
    // A repeat of either is answered by what became of it.
    let again = app.delivered(&being_written).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let again = app.delivered(&waiting).await;
    assert_eq!(again.header("idempotent-replayed"), None);
    assert_eq!((tally.late(), tally.withdrawn()), (1, 1));
    // What was answered before stays what it was.
    assert_eq!(app.metric(unavailable).await, 2);
    let of = |result: &str| format!("webhook_requests_total{{result=\"{result}\"}}");
    assert_eq!(app.metric(&of("created")).await, 1);
    assert_eq!(app.metric(&of("duplicate")).await, 1);
    assert_eq!(app.get("/stats").await.json()["total_messages"], 2);
}

#[tokio::test]
async fn a_message_whose_sender_leaves_while_it_waits_is_stored() {
    let standing = Standing::with(0, 100);
    let (grouped, _drained) = GroupCommit::start(standing.clone(), Limits::default());
    let app = limited(Arc::new(grouped), |_| {}).await;
    let (first, second) = (body("first", NOON, ""), body("second", NOON, ""));
    let first = app.deliver(&first);
    let leaving = async {
        standing.begun.notified().await;
        let message = second.to_string();
        let mut sender = TcpStream::connect(&app.address).await.unwrap();
        sender.write_all(&signed(&message)).await.unwrap();
        // Time to be verified and to get into the queue. Too little of it would only make the test
        // weaker.
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(sender);
        tokio::time::sleep(Duration::from_millis(100)).await;
        standing.appends.add_permits(100);
    };
    let (first, ()) = tokio::join!(first, leaving);
    assert_eq!(first.status, 200);
    let created = "webhook_requests_total{result=\"created\"}";
    let until = Instant::now() + Duration::from_secs(10);
    while app.metric(created).await < 2 {
        assert!(Instant::now() < until, "it is not counted");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        standing
            .memory
            .find(&key("second"))
            .await
            .unwrap()
            .is_some()
    );
}

/// A signed request, as it is sent.
fn signed(message: &str) -> Vec<u8> {
    format!(
        "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: {}\r\nContent-Length: {}\r\n\r\n{message}",
        sign(message.as_bytes()),
        message.len(),
    )
    .into_bytes()
}

#[tokio::test]
async fn while_the_write_queue_is_full_all_else_goes_on() {
    let standing = Standing::with(0, 100);
    let one = NonZeroUsize::MIN;
    let limits = Limits {
        queue: one,
        batch: one,
        ..Limits::default()
    };
    let (queue, _drained) = GroupCommit::start(standing.clone(), limits);
    let app = limited(Arc::new(queue), |limits| {
        limits.write_deadline = Duration::from_mins(1);
    })
    .await;
    let deliver = |id: &'static str| {
        let message = body(id, NOON, "");
        let app = &app;
        async move { app.deliver(&message).await }
    };
    let others = async {
        // The first is being written; of the others, one has the place in the queue.
        standing.begun.notified().await;
        let (second, third) = (deliver("second"), deliver("third"));
        tokio::pin!(second, third);
        let (refused, other) = match futures_util::future::select(second, third).await {
            futures_util::future::Either::Left((refused, other))
            | futures_util::future::Either::Right((refused, other)) => (refused, other),
        };
        assert_not_now(&refused);
        for path in [
            "/messages",
            "/messages?after_seq=0",
            "/stats",
            "/health/live",
            "/health/ready",
        ] {
            assert_eq!(app.get(path).await.status, 200, "{path}");
        }
        standing.appends.add_permits(100);
        assert_eq!(other.await.status, 200);
    };
    let (first, ()) = tokio::join!(deliver("first"), others);
    assert_eq!(first.status, 200);
}

#[tokio::test]
async fn reads_that_take_too_long_are_503() {
    let app = limited(Standing::with(0, 0), |limits| {
        limits.read_deadline = Duration::from_millis(50);
    })
    .await;
    for path in [
        "/messages",
        "/messages/m",
        "/messages?after_seq=0",
        "/messages/live",
        "/conflicts",
        "/stats",
        "/stats/timeline",
    ] {
        assert_not_now(&app.get(path).await);
    }
    for path in ["/health/live", "/", "/metrics", "/rejections", "/sources"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn what_the_server_says_of_itself_lacks_the_store_that_stands_still() {
    let standing = Standing::with(100, 0);
    let app = limited(standing.clone(), |limits| {
        limits.max_reads = 1;
        limits.read_patience = Duration::ZERO;
        limits.read_deadline = Duration::from_millis(200);
    })
    .await;
    app.delivered(&body("m", NOON, "")).await;
    let engine = async || {
        let answer = app.get("/stats/server").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let stats = answer.json();
        assert_eq!(stats["outcomes"]["data"][59]["created"], 1);
        stats["storage"]["engine"].clone()
    };
    // The one has the only place until its time is over, and the other finds none.
    let other = async {
        standing.begun.notified().await;
        engine().await
    };
    let (late, crowded) = tokio::join!(engine(), other);
    assert_eq!((late, crowded), (Value::Null, Value::Null));
    standing.reads.add_permits(1);
    assert_eq!(engine().await, "In memory");
}

#[tokio::test]
async fn one_read_too_many_is_503_and_webhooks_go_on() {
    let standing = Standing::with(100, 0);
    let app = limited(standing.clone(), |limits| {
        limits.max_reads = 2;
        limits.read_patience = Duration::ZERO;
    })
    .await;
    let others = async {
        standing.begun.notified().await;
        standing.begun.notified().await;
        for path in ["/messages", "/messages/m", "/messages/live", "/stats"] {
            let refused = app.get(path).await;
            assert_not_now(&refused);
        }
        app.delivered(&body("m", NOON, "")).await;
        standing.reads.add_permits(100);
    };
    let (list, stats, ()) = tokio::join!(app.get("/messages"), app.get("/stats"), others);
    assert_eq!((list.status.as_u16(), stats.status.as_u16()), (200, 200));
    assert_eq!(app.get("/messages").await.status, 200);
}

#[tokio::test]
async fn one_long_poll_too_many_is_503() {
    let app = limited(Arc::new(MemoryRepository::new()), |limits| {
        limits.max_polls = 1;
    })
    .await;
    let others = async {
        // There is a place until the first one has it.
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let answer = app.get("/messages?after_seq=0&wait=0").await;
            if answer.status == 503 {
                break assert_not_now(&answer);
            }
            assert!(Instant::now() < until, "it is never refused");
        }
        assert_eq!(app.get("/messages").await.status, 200);
        app.delivered(&body("m", NOON, "")).await;
    };
    let (polled, ()) = tokio::join!(app.get("/messages?after_seq=0&wait=30"), others);
    assert_eq!(polled.ids(), ["m"]);
    assert_eq!(app.get("/messages?after_seq=0").await.ids(), ["m"]);
}

/// Everything that comes until the server closes the connection.
async fn read_to_the_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    timeout(Duration::from_secs(30), stream.read_to_end(&mut answer))
        .await
        .expect("the server closes the connection")
        // It may close it while something is on the way.
        .ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_that_trickles_in_is_408_and_the_connection_ends() {
    let app = limited(Arc::new(MemoryRepository::new()), |limits| {
        limits.body_timeout = Duration::from_millis(300);
    })
    .await;
    for head in [
        "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{",
        "POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ] {
        let mut stream = TcpStream::connect(&app.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let trickle = async {
            let piece = if head.contains("chunked") {
                "1\r\nx\r\n"
            } else {
                "x"
            };
            let (mut reading, mut writing) = stream.split();
            let write = async {
                // Each of them in time by itself.
                while writing.write_all(piece.as_bytes()).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            let mut first = vec![0; 4096];
            tokio::select! {
                () = write => String::new(),
                read = reading.read(&mut first) => {
                    String::from_utf8_lossy(&first[..read.unwrap_or_default()]).into_owned()
                }
            }
        };
        let answer = timeout(Duration::from_secs(30), trickle).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        read_to_the_end(&mut stream).await;
    }
    let timed_out = "webhook_requests_total{result=\"request_timeout\"}";
    assert_eq!(app.metric(timed_out).await, 2);
    let kept = app.get("/rejections").await.json();
    assert_eq!(kept["data"][0]["reason"], "body_timeout");
    app.delivered(&body("m", NOON, "")).await;
}

#[tokio::test]
async fn bodies_beyond_what_there_is_room_for_are_503_until_there_is_again() {
    let app = limited(Arc::new(MemoryRepository::new()), |limits| {
        // As much as one whole body.
        limits.body_memory = 0;
    })
    .await;
    let head = "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n";
    let half = [head.as_bytes(), &vec![b'x'; 60_000]].concat();
    let mut first = TcpStream::connect(&app.address).await.unwrap();
    first.write_all(&half).await.unwrap();
    // Refused as soon as the first has got all of it; before, the other way round.
    let overload = "rejections_total{reason=\"overload\"}";
    let until = Instant::now() + Duration::from_secs(30);
    let mut second = loop {
        assert!(Instant::now() < until, "it is never refused");
        let mut stream = TcpStream::connect(&app.address).await.unwrap();
        stream.write_all(&half).await.unwrap();
        if timeout(Duration::from_millis(500), stream.readable())
            .await
            .is_ok()
        {
            break stream;
        }
        first = stream;
    };
    let refused = read_to_the_end(&mut second).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("\r\nretry-after: "), "{refused}");
    assert!(refused.contains("\r\nconnection: close\r\n"), "{refused}");
    assert!(app.metric(overload).await >= 1);
    // Short ones need none of it.
    app.delivered(&body("short", NOON, "")).await;
    drop(first);
    let long = body("long", NOON, &"\u{1F600}".repeat(4096));
    let until = Instant::now() + Duration::from_secs(30);
    while app.deliver(&long).await.status != 200 {
        assert!(Instant::now() < until, "there is never room again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A store with a hundred messages of the longest texts, and one with a short text.
async fn long_messages() -> Arc<MemoryRepository> {
    let repository = MemoryRepository::new();
    let text = "\u{1F600}".repeat(4096);
    let long = (0..100).map(|n| message(&format!("m{n}"), NOON, &text));
    repository.append(&long.collect::<Vec<_>>()).await.unwrap();
    Arc::new(repository)
}

#[tokio::test]
async fn answers_that_nobody_takes_are_bounded_together() {
    let app = limited(long_messages().await, |limits| {
        limits.answer_memory = 4 * 1024 * 1024;
    })
    .await;
    let list = "GET /messages?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // Each is of 1.6 MB, and takes none of it: the system keeps the first of its answers.
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut wire = Wire::narrow(&app.address).await;
        wire.send(list.repeat(4)).await;
        waiting.push(wire);
    }
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = app.get("/messages?limit=100").await;
        if answer.status == 503 {
            break assert_not_now(&answer);
        }
        assert!(Instant::now() < until, "it is never refused");
    }
    // Short ones need none of it, and neither do pages.
    app.delivered(&body("short", NOON, "")).await;
    assert_eq!(app.get("/stats").await.status, 200);
    for page in ["/ui", "/docs", "/openapi.json"] {
        assert_eq!(app.get(page).await.status, 200, "{page}");
    }
    drop(waiting);
    while app.get("/messages?limit=100").await.status != 200 {
        assert!(Instant::now() < until, "there is never room again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_long_poll_whose_client_leaves_gives_up_its_place() {
    let app = limited(Arc::new(MemoryRepository::new()), |limits| {
        limits.max_polls = 1;
    })
    .await;
    let poll = "GET /messages?after_seq=0&wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut leaving = Wire::connect(&app.address).await;
    leaving.send(poll).await;
    let begun = Instant::now();
    let is_free = async || app.get("/messages?after_seq=0").await.status == 200;
    while is_free().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never waits");
    }
    // Who closes only says that no more requests come; this one resets the connection.
    leaving.stream.set_zero_linger().unwrap();
    drop(leaving);
    while !is_free().await {
        assert!(begun.elapsed() < Duration::from_secs(25), "it still waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn heads_are_refused_before_anything_is_done() {
    let app = limited(Arc::new(MemoryRepository::new()), |_| {}).await;
    let long = "x".repeat(8 * 1024);
    for (target, hosts, status) in [
        (format!("/{long}"), "Host: localhost\r\n", 414),
        (format!("/messages?q={long}"), "Host: localhost\r\n", 414),
        (format!("/health?{long}"), "Host: localhost\r\n", 414),
        ("/health".to_owned(), "", 400),
        ("/health".to_owned(), "Host: a\r\nHost: a\r\n", 400),
        ("/health".to_owned(), "Host: a b\r\n", 400),
        ("/health".to_owned(), "Host: user@a\r\n", 400),
        ("http://localhost/health".to_owned(), "", 400),
        ("http://localhost/health".to_owned(), "Host: other\r\n", 200),
        (
            format!("/health?{}", "x".repeat(8_100)),
            "Host: localhost\r\n",
            200,
        ),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\n{hosts}\r\n");
        let answer = app.raw(request.as_bytes()).await;
        let expected = format!("HTTP/1.1 {status} ");
        let shown = target.get(..30).unwrap_or(&target);
        assert!(answer.starts_with(&expected), "{shown} {hosts}: {answer}");
        if status != 200 {
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
            assert!(answer.contains("application/problem+json"), "{answer}");
            assert!(answer.len() < 4096, "all of it is repeated");
        }
    }
    // HTTP/1.0 knows no Host.
    for (hosts, status) in [
        ("", 200),
        ("Host: a\r\n", 200),
        ("Host: a\r\nHost: a\r\n", 400),
    ] {
        let request = format!("GET /health HTTP/1.0\r\n{hosts}\r\n");
        let answer = app.raw(request.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.0 {status} ")),
            "{answer}"
        );
    }
}
