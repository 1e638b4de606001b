//! `/health/ready` says what was looked at, in time, and the same to everybody who asks.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Finding, Limit, Message,
    MessageKey, MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError,
    Sequence, Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use countersign_memory::MemoryRepository;
use futures_util::future::join_all;
use serde_json::json;

use super::{
    app::{App, body},
    scenarios,
};

async fn it_names_what_it_has_looked_at(app: App) {
    let ok = json!({"status": "ok"});
    let answer = app.get("/health/ready").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({"status": "ready", "checks": {
            "server": ok, "database": ok, "schema": ok, "writer": ok, "disk": ok,
        }})
    );
}

scenarios! {
    it_names_what_it_has_looked_at
}

/// What is found is said by the test.
struct Found {
    memory: MemoryRepository,
    /// What to find; nothing is found if it is empty.
    next: Mutex<Option<fn() -> Readiness>>,
    looks: AtomicUsize,
}

impl Found {
    fn new(next: Option<fn() -> Readiness>) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryRepository::new(),
            next: Mutex::new(next),
            looks: AtomicUsize::new(0),
        })
    }

    fn set(&self, next: fn() -> Readiness) {
        *self.next.lock().unwrap() = Some(next);
    }
}

#[async_trait]
impl MessageRepository for Found {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.memory.append(batch).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.memory.list(query).await
    }
    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.memory.find(key).await
    }
    async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.memory.conflicts(key, limit).await
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
        self.looks.fetch_add(1, Ordering::SeqCst);
        let next = *self.next.lock().unwrap();
        match next {
            Some(next) => {
                // Long enough that others ask meanwhile.
                tokio::time::sleep(Duration::from_millis(50)).await;
                next()
            }
            None => std::future::pending().await,
        }
    }
    async fn storage(&self) -> Storage {
        self.memory.storage().await
    }
}

const PRIVATE: &str = "/var/lib/secret/app.db: 17 bytes";

fn full() -> Readiness {
    Readiness {
        writer: Finding::failed("the last write has failed", PRIVATE),
        disk: Finding::failed("the disk is full", PRIVATE),
        ..Readiness::READY
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_not_where_it_is() {
    let found = Found::new(Some(full));
    let app = App::over(found.clone()).await;
    let answer = app.get("/health/ready").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert!(answer.header("retry-after").is_some());
    let problem = answer.json();
    assert_eq!(problem["type"], "urn:countersign:problem:not-ready");
    assert_eq!(problem["detail"], "the last write has failed");
    assert_eq!(
        problem["checks"],
        json!({
            "server": {"status": "ok"},
            "database": {"status": "ok"},
            "schema": {"status": "ok"},
            "writer": {"status": "failed", "detail": "the last write has failed"},
            "disk": {"status": "failed", "detail": "the disk is full"},
        })
    );
    assert!(!answer.text.contains(PRIVATE));
    // Nothing else depends on it: a message that finds room is taken.
    app.delivered(&body("m", "2025-01-01T00:00:00Z", "")).await;
    assert_eq!(app.get("/health/live").await.status, 200);

    found.set(|| Readiness::READY);
    let deadline = Instant::now() + Duration::from_secs(30);
    while app.get("/health/ready").await.status != 200 {
        assert!(Instant::now() < deadline, "it never becomes ready again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn whatever_has_failed_it_lives() {
    const FAILURES: [fn() -> Readiness; 5] = [
        || Readiness {
            database: Finding::failed("the database does not answer", PRIVATE),
            ..Readiness::UNKNOWN
        },
        || Readiness {
            schema: Finding::failed("the database lacks its schema", PRIVATE),
            database: Finding::Ok,
            ..Readiness::UNKNOWN
        },
        || Readiness {
            writer: Finding::failed("the database may only be read", PRIVATE),
            ..Readiness::READY
        },
        || Readiness {
            disk: Finding::failed("the disk may only be read", PRIVATE),
            ..Readiness::READY
        },
        full,
    ];
    for failure in FAILURES {
        let app = App::over(Found::new(Some(failure))).await;
        let unready = app.get("/health/ready").await;
        assert_eq!(unready.status, 503, "{unready:?}");
        assert_eq!(app.get("/health/live").await.status, 200);
        // Readers are not asked to wait for what is not theirs.
        assert_eq!(app.get("/messages").await.status, 200);
    }
    // Nor is a look waited for that does not end.
    let app = App::over(Found::new(None)).await;
    assert_eq!(app.get("/health/live").await.status, 200);
}

#[tokio::test]
async fn a_check_that_hangs_is_a_check_that_failed() {
    let app = App::over(Found::new(None)).await;
    let began = Instant::now();
    let answers = join_all((0..50).map(|_| app.get("/health/ready"))).await;
    for answer in answers {
        assert_eq!(answer.status, 503);
        let checks = &answer.json()["checks"];
        assert_eq!(checks["database"]["status"], "failed", "{checks}");
        assert_eq!(checks["writer"], json!({"status": "unknown"}), "{checks}");
    }
    // Three seconds, and what a busy machine adds.
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn many_who_ask_at_once_are_one_look() {
    let found = Found::new(Some(|| Readiness::READY));
    let app = App::over(found.clone()).await;
    let answers = join_all((0..200).map(|_| app.get("/health/ready"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let looks = found.looks.load(Ordering::SeqCst);
    assert!((1..100).contains(&looks), "{looks} looks");
}
