//! A client of streams, which holds every event against the specification; and a store that can be
//! watched and made to fail.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use countersign_core::{
    Appended, ArrivalQuery, Arrivals, Conflict, ConflictFilter, Limit, Message, MessageKey,
    MessageQuery, MessageRepository, Page, Readiness, Repeat, Repeats, RepositoryError, Sequence,
    Stats, Storage, Timeline, TimelineQuery, Timestamp,
};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::sync::Notify;

use super::app::App;
use crate::specification;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

const MESSAGES: &str = "/messages/live";
const REJECTIONS: &str = "/rejections/live";

/// An open stream.
pub struct Following {
    path: &'static str,
    pub response: Response,
    buffer: Vec<u8>,
    /// The last `id`, as an `EventSource` remembers it.
    pub last_id: i64,
    pub retry: Option<i64>,
}

/// What comes between two empty lines.
#[derive(Debug, Default, PartialEq)]
pub struct Block {
    pub comment: bool,
    pub retry: Option<i64>,
    pub id: Option<i64>,
    pub event: Option<String>,
    pub data: Option<Value>,
}

impl Following {
    /// Opens `/messages/live` with a query, and reads where it begins.
    pub async fn open(app: &App, query: &str) -> Self {
        Self::resume(app, query, None).await
    }

    pub async fn resume(app: &App, query: &str, last_id: Option<i64>) -> Self {
        let following = Self::begin(app, MESSAGES, query, last_id).await;
        assert!(following.last_id >= 0);
        following
    }

    /// Opens `/rejections/live` with a query.
    pub async fn refusals(app: &App, query: &str) -> Self {
        let following = Self::begin(app, REJECTIONS, query, None).await;
        assert_eq!(following.last_id, -1, "it cannot be resumed");
        following
    }

    async fn begin(app: &App, path: &'static str, query: &str, last_id: Option<i64>) -> Self {
        let mut request = app.request(Method::GET, &format!("{path}?{query}"));
        if let Some(id) = last_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers());
        assert_eq!(status, 200, "{headers:?}");
        specification::check(&Method::GET, path, status, headers, "");
        let mut following = Self {
            path,
            response,
            buffer: vec![],
            last_id: -1,
            retry: None,
        };
        let opening = following.block().await.expect("a beginning");
        assert!(opening.retry.is_some());
        assert_eq!((opening.event, opening.data), (None, None));
        following.retry = opening.retry;
        following
    }

    /// The next block; `None` where the stream ends.
    pub async fn block(&mut self) -> Option<Block> {
        let mut looked = 0;
        let end = loop {
            let ends = self.buffer[looked..]
                .windows(2)
                .position(|two| two == b"\n\n");
            if let Some(end) = ends {
                break looked + end;
            }
            looked = self.buffer.len().saturating_sub(1);
            let chunk = tokio::time::timeout(LONG, self.response.chunk()).await;
            let chunk = chunk.expect("a stream says something in time").ok()??;
            self.buffer.extend_from_slice(&chunk);
        };
        let text: Vec<u8> = self.buffer.drain(..end + 2).collect();
        let text = String::from_utf8(text).expect("UTF-8");
        let number = |text: &str| text.parse::<i64>().expect("a number");
        let mut block = Block::default();
        for line in text.trim_end().lines() {
            match line.split_once(':').expect("a field") {
                ("", _) => block.comment = true,
                ("retry", retry) => block.retry = Some(number(retry.trim())),
                ("id", id) => block.id = Some(number(id.trim())),
                ("event", event) => block.event = Some(event.trim().to_owned()),
                ("data", data) => block.data = Some(serde_json::from_str(data).expect("JSON")),
                other => panic!("{other:?}"),
            }
        }
        if let Some(id) = block.id {
            assert!(id >= self.last_id, "{id} after {}", self.last_id);
            self.last_id = id;
        }
        if let Some(data) = &block.data {
            assert_eq!(block.id.is_some(), self.path == MESSAGES, "{block:?}");
            let event = block.event.as_deref().unwrap_or_default();
            specification::check_event(self.path, event, data);
        }
        Some(block)
    }

    /// The next message's sequence and content; `None` where the stream ends.
    pub async fn message(&mut self) -> Option<(i64, Value)> {
        loop {
            let before = self.last_id;
            let block = self.block().await?;
            if let (Some(id), Some(data)) = (block.id, block.data) {
                assert!(id > before, "{id} after {before}");
                return Some((id, data));
            }
        }
    }

    /// The next event that is no sign of life: its name and its data; `None` where the stream ends.
    pub async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            if let (Some(event), Some(data)) = (block.event, block.data) {
                return Some((event, data));
            }
        }
    }

    /// The next refused request.
    pub async fn rejection(&mut self) -> Value {
        let (event, data) = self.event().await.expect("a refused request");
        assert_eq!(event, "rejection", "{data}");
        data
    }

    /// The ids of the next so many messages.
    pub async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            let (_, message) = self.message().await.expect("a message");
            ids.push(message["message_id"].as_str().expect("an id").to_owned());
        }
        ids
    }
}

/// A store that says when somebody waits at it, and that can be made to fail.
pub struct Watched {
    pub inner: Arc<dyn MessageRepository>,
    pub waiting: Notify,
    pub fails: AtomicBool,
    pub failed: Notify,
}

impl Watched {
    pub fn new(inner: Arc<dyn MessageRepository>) -> Self {
        Self {
            inner,
            waiting: Notify::new(),
            fails: AtomicBool::new(false),
            failed: Notify::new(),
        }
    }
}

#[async_trait]
impl MessageRepository for Watched {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.inner.append(batch).await
    }
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.inner.list(query).await
    }
    async fn find(&self, id: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.inner.find(id).await
    }
    async fn conflicts(
        &self,
        id: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.inner.conflicts(id, limit).await
    }
    async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.inner.stats().await
    }
    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.inner.timeline(query).await
    }
    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        if self.fails.load(Ordering::SeqCst) {
            self.failed.notify_one();
            return Err(RepositoryError::Unavailable("it is told to fail".into()));
        }
        self.inner.arrivals(query).await
    }
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.inner.last_arrival().await
    }
    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        self.inner.reaches(sequence).await
    }
    async fn arrived_behind(&self, after: Sequence) {
        self.waiting.notify_one();
        self.inner.arrived_behind(after).await;
    }
    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError> {
        self.inner.purge(keys, at).await
    }
    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        self.inner.purge_conflicts(which, at_most).await
    }
    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        self.inner.note_repeats(repeats).await
    }
    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError> {
        self.inner.repeats(key).await
    }
    async fn readiness(&self) -> Readiness {
        self.inner.readiness().await
    }
    async fn storage(&self) -> Storage {
        self.inner.storage().await
    }
}
