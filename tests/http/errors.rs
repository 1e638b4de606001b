//! What is wrong is said in one form, and says nothing that it should not.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Finding, Limit, Message,
    MessageKey, MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError,
    Sequence, Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use countersign_memory::MemoryRepository;
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::{Notify, Semaphore},
};

use super::{
    app::{Answer, App, body, sign},
    scenarios,
};

fn assert_problem(answer: &Answer, status: u16, instance: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["instance"], instance);
    for member in ["type", "title", "detail"] {
        assert!(
            problem[member]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{member}"
        );
    }
}

async fn every_error_has_the_same_form(app: App) {
    assert_problem(&app.get("/nowhere").await, 404, "/nowhere");
    assert_problem(&app.get("/messages/nobody").await, 404, "/messages/nobody");
    assert_problem(&app.get("/messages/a/b").await, 404, "/messages/a/b");
    assert_problem(&app.get("/ui/nothing").await, 404, "/ui/nothing");
    assert_problem(&app.get("/messages?limit=x").await, 422, "/messages");
    for (method, path, allow) in [
        (Method::GET, "/webhook", "POST"),
        (Method::DELETE, "/messages", "GET, HEAD"),
        (Method::PUT, "/messages/m", "GET, HEAD"),
        (Method::POST, "/ui", "GET, HEAD"),
        (Method::POST, "/docs", "GET, HEAD"),
        (Method::OPTIONS, "/stats", "GET, HEAD"),
        (Method::PATCH, "/", "GET, HEAD"),
        (Method::from_bytes(&[b'X'; 5000]).unwrap(), "/", "GET, HEAD"),
    ] {
        let answer = app.send(app.request(method, path)).await;
        assert_problem(&answer, 405, path);
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
        assert!(
            !answer.text.contains("XXX"),
            "an invented method is repeated"
        );
    }
}

async fn a_sane_request_id_is_kept_and_another_is_replaced(app: App) {
    let with = |id: &[u8]| {
        let value = reqwest::header::HeaderValue::from_bytes(id).expect("a header's value");
        app.request(Method::GET, "/health")
            .header("X-Request-Id", value)
    };
    for sane in ["abc-123", "01J0:a/b_c.d=e+f@g", &"x".repeat(128)] {
        let answer = app.send(with(sane.as_bytes())).await;
        assert_eq!(answer.header("x-request-id"), Some(sane));
    }
    for odd in [
        &b""[..],
        b"a b",
        b"{\"x\":1}",
        b"\xc3\xa9",
        "x".repeat(129).as_bytes(),
    ] {
        let answer = app.send(with(odd)).await;
        let id = answer.header("x-request-id").unwrap_or_default();
        assert_eq!(id.len(), 36, "{odd:?} became {id}");
    }
    let first = app.get("/health").await;
    let second = app.get("/health").await;
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

scenarios! {
    every_error_has_the_same_form
    a_sane_request_id_is_kept_and_another_is_replaced
}

/// A repository that can't.
enum Broken {
    Unavailable,
    Overloaded,
    Failed,
    Panics,
}

const PRIVATE: &str = "disk /dev/sda1 of host db-7";

impl Broken {
    fn fail<T>(&self) -> Result<T, RepositoryError> {
        match self {
            Self::Unavailable => Err(RepositoryError::Unavailable(PRIVATE.into())),
            Self::Overloaded => Err(RepositoryError::Overloaded(PRIVATE.into())),
            Self::Failed => Err(RepositoryError::Failed(PRIVATE.into())),
            Self::Panics => panic!("{PRIVATE}"),
        }
    }
}

#[async_trait]
impl MessageRepository for Broken {
    async fn append(&self, _: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.fail()
    }
    async fn list(&self, _: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.fail()
    }
    async fn find(&self, _: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.fail()
    }
    async fn conflicts(
        &self,
        _: Option<&MessageKey>,
        _: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.fail()
    }
    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.fail()
    }
    async fn timeline(&self, _: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.fail()
    }
    async fn arrivals(&self, _: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.fail()
    }
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.fail()
    }
    async fn reaches(&self, _: Sequence) -> Result<bool, RepositoryError> {
        self.fail()
    }
    async fn arrived_behind(&self, _: Sequence) {}
    async fn purge(&self, _: &[MessageKey], _: Timestamp) -> Result<u64, RepositoryError> {
        self.fail()
    }
    async fn purge_conflicts(
        &self,
        _: &ConflictFilter,
        _: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.fail()
    }
    async fn note_repeats(&self, _: &[Repeat]) -> Result<(), RepositoryError> {
        self.fail()
    }
    async fn repeats(&self, _: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.fail()
    }
    async fn readiness(&self) -> Readiness {
        match self.fail::<()>() {
            Ok(()) => Readiness::READY,
            Err(error) => Readiness {
                database: Finding::failed("it is broken", error),
                ..Readiness::UNKNOWN
            },
        }
    }
    async fn storage(&self) -> Storage {
        self.fail().unwrap_or_default()
    }
}

/// Everything that asks the repository.
async fn ask_everything(app: &App) -> Vec<Answer> {
    let mut answers = vec![app.deliver(&body("m", "2025-01-01T00:00:00Z", "")).await];
    for path in [
        "/messages",
        "/messages/m",
        "/conflicts",
        "/stats",
        "/stats/timeline",
        "/health/ready",
    ] {
        answers.push(app.get(path).await);
    }
    answers
}

#[tokio::test]
async fn while_the_store_is_unavailable_every_answer_is_503_with_retry_after() {
    let app = App::over(Arc::new(Broken::Unavailable)).await;
    for answer in ask_everything(&app).await {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(
            answer
                .header("retry-after")
                .is_some_and(|s| s.parse::<u32>().is_ok())
        );
        assert!(!answer.text.contains(PRIVATE));
    }
    // What the process knows by itself, it says.
    let stats = app.get("/stats/server").await;
    assert_eq!(stats.status, 200, "{stats:?}");
    let stats = stats.json();
    assert_eq!(stats["outcomes"]["data"][59]["refused"], 1);
    for part in ["engine", "durability", "durable", "database_bytes"] {
        assert_eq!(stats["storage"][part], json!(null), "{part}");
    }
    let unavailable = "webhook_requests_total{result=\"unavailable\"}";
    assert_eq!(app.metric(unavailable).await, 1);
    for path in ["/health", "/health/live", "/", "/ui"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn too_much_at_once_is_told_apart_from_a_store_that_is_away() {
    for (broken, reason) in [
        (Broken::Overloaded, "overload"),
        (Broken::Unavailable, "unavailable"),
        (Broken::Failed, "error"),
    ] {
        let app = App::over(Arc::new(broken)).await;
        let answer = app
            .deliver(&body("m1", "2025-01-15T10:00:00Z", "Hello"))
            .await;
        let expected = if reason == "error" { 500 } else { 503 };
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("retry-after").is_some(), expected == 503);
        let kept = app.get("/rejections").await.json();
        assert_eq!(kept["total"], 1);
        assert_eq!(kept["data"][0]["reason"], reason);
        assert_eq!(kept["data"][0]["status"], expected);
    }
}

#[tokio::test]
async fn a_failure_tells_the_client_nothing_but_the_request_id() {
    let app = App::over(Arc::new(Broken::Failed)).await;
    for answer in ask_everything(&app).await {
        let ready = answer.json()["instance"] == json!("/health/ready");
        assert_eq!(answer.status, if ready { 503 } else { 500 }, "{answer:?}");
        assert!(!answer.text.contains(PRIVATE));
        assert!(answer.header("x-request-id").is_some());
    }
    assert_eq!(
        app.metric("webhook_requests_total{result=\"error\"}").await,
        1
    );
}

/// A repository that takes its time.
struct Slow {
    memory: MemoryRepository,
    begun: Notify,
    may_go_on: Semaphore,
}

#[async_trait]
impl MessageRepository for Slow {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.begun.notify_one();
        let _permit = self.may_go_on.acquire().await.unwrap();
        self.memory.append(batch).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.memory.list(query).await
    }
    async fn find(&self, id: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.memory.find(id).await
    }
    async fn conflicts(
        &self,
        id: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.memory.conflicts(id, limit).await
    }
    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.memory.stats().await
    }
    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.memory.timeline(query).await
    }
    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.memory.arrivals(query).await
    }
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
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
        self.memory.storage().await
    }
}

/// How a client can go: in order, at once, or only in one direction.
#[derive(Debug, Clone, Copy)]
enum Leaving {
    Closed,
    Reset,
    HalfClosed,
}

#[tokio::test]
async fn a_message_whose_sender_goes_away_is_stored_and_counted() {
    for leaving in [Leaving::Closed, Leaving::Reset, Leaving::HalfClosed] {
        let slow = Arc::new(Slow {
            memory: MemoryRepository::new(),
            begun: Notify::new(),
            may_go_on: Semaphore::new(0),
        });
        let app = App::over(slow.clone()).await;
        let message = body("m", "2025-01-01T00:00:00Z", "").to_string();
        let request = format!(
            "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: {}\r\nContent-Length: {}\r\n\r\n{message}",
            sign(message.as_bytes()),
            message.len(),
        );
        let mut sender = TcpStream::connect(&app.address).await.unwrap();
        sender.write_all(request.as_bytes()).await.unwrap();
        slow.begun.notified().await;
        let _half = match leaving {
            Leaving::Closed => {
                drop(sender);
                None
            }
            Leaving::Reset => {
                sender.set_zero_linger().unwrap();
                drop(sender);
                None
            }
            Leaving::HalfClosed => {
                sender.shutdown().await.unwrap();
                Some(sender)
            }
        };
        // Time for the server to notice. Too little of it would only make the test weaker.
        tokio::time::sleep(Duration::from_millis(100)).await;
        slow.may_go_on.add_permits(1);
        let created = "webhook_requests_total{result=\"created\"}";
        let deadline = Instant::now() + Duration::from_secs(10);
        while app.metric(created).await == 0 {
            assert!(Instant::now() < deadline, "{leaving:?}: it is not counted");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(app.get("/messages/m").await.status, 200);
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_the_next_request_is_served() {
    let app = App::over(Arc::new(Broken::Panics)).await;
    let before = app.metric("panics_total").await;
    let answers = ask_everything(&app).await;
    for answer in &answers {
        assert_eq!(answer.status, 500, "{answer:?}");
        assert!(!answer.text.contains(PRIVATE));
    }
    // Other tests of this process may panic meanwhile.
    assert!(app.metric("panics_total").await >= before + answers.len() as u64);
    assert_eq!(app.get("/health").await.status, 200);
}
