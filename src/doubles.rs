//! Doubles of the ports, for the core's own tests: they answer what they are told to, at once, and
//! remember what they were asked.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;

use crate::{
    Appended, ArrivalQuery, Arrivals, Clock, Conflict, ConflictFilter, Finding, HeaderLookup,
    Headers, Inbox, KeyLabel, Limit, Message, MessageId, MessageKey, MessageQuery,
    MessageRepository, Msisdn, NearMiss, NearMissCause, NewMessage, Page, Readiness, Refusal,
    Repeat, Repeats, RepositoryError, Sequence, SignatureVerifier, Signing, SourceName, Sources,
    Stats, Storage, Text, Timeline, TimelineQuery, Timestamp,
};

/// What comes of something that does not wait.
pub fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("an instant")
}

pub fn sequence(number: i64) -> Sequence {
    Sequence::try_from(number).expect("a sequence")
}

pub fn source(name: &str) -> SourceName {
    SourceName::try_from(name).expect("a name")
}

/// A message that says "Hello" at ten, and is received at noon.
pub fn message(id: &str) -> Message {
    NewMessage {
        source: SourceName::default(),
        id: MessageId::try_from(id.to_owned()).expect("an id"),
        from: Msisdn::try_from("+14155550100".to_owned()).expect("a number"),
        to: Msisdn::try_from("+14155550199".to_owned()).expect("a number"),
        ts: at("2025-06-01T10:00:00Z"),
        text: Some(Text::try_from("Hello".to_owned()).expect("a text")),
    }
    .received_at(at(NOON))
}

pub const NOON: &str = "2025-06-01T12:00:00Z";

/// It is noon.
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        at(NOON)
    }
}

/// Takes everything, by this key.
pub struct Vouches(pub &'static str);

impl SignatureVerifier for Vouches {
    fn verify(&self, _: &dyn Headers, _: &[u8]) -> Result<KeyLabel, Refusal> {
        Ok(KeyLabel::try_from(self.0).expect("a label"))
    }

    fn diagnose(&self, _: &dyn Headers, body: &[u8]) -> Option<NearMiss> {
        body.is_empty().then_some(NearMiss {
            cause: NearMissCause::EmptyBody,
            mend: "sign the body".into(),
        })
    }

    fn describe(&self) -> Signing {
        Signing {
            scheme: "none",
            header: "X-None",
            tolerance_seconds: None,
            keys: Vec::new(),
        }
    }
}

/// No headers.
pub struct Bare;

impl Headers for Bare {
    fn lookup(&self, _: &str) -> HeaderLookup<'_> {
        HeaderLookup::Absent
    }
}

/// See the module's documentation.
#[derive(Default)]
pub struct Told {
    /// What it has been given.
    pub appended: Mutex<Vec<Message>>,
    /// What it answers to that, whatever it was given.
    pub outcomes: Vec<Appended>,
    pub found: Option<Message>,
    pub stats: Stats,
    pub last: Sequence,
    pub reaches: Sequence,
    /// What there is to arrive, part by part.
    pub arrivals: Mutex<VecDeque<Arrivals>>,
    /// Behind what it was asked for arrivals.
    pub asked_behind: Mutex<Vec<Sequence>>,
    pub waited_behind: Mutex<Vec<Sequence>>,
    pub purged: Mutex<Vec<Vec<MessageKey>>>,
    pub conflicts_purged: u64,
    /// What was noted before.
    pub repeats: Repeats,
    pub noted: Mutex<Vec<Vec<Repeat>>>,
    pub fails_to_note: AtomicBool,
    pub broken: bool,
}

impl Told {
    /// An inbox on it, with the source `default` that everybody may write to.
    pub fn inbox(self: &Arc<Self>) -> Inbox {
        let sources = Sources::from([(SourceName::default(), verifier("current"))]);
        Inbox::new(sources, self.clone(), Arc::new(Noon))
    }
}

pub fn verifier(label: &'static str) -> Arc<dyn SignatureVerifier> {
    Arc::new(Vouches(label))
}

#[async_trait]
impl MessageRepository for Told {
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError> {
        self.appended
            .lock()
            .expect("whole")
            .extend_from_slice(batch);
        Ok(self.outcomes.clone())
    }

    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        let items: Vec<_> = self.found.iter().cloned().collect();
        Ok(Page {
            total: query.limit.get(),
            items,
            more: true,
        })
    }

    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        Ok(self
            .found
            .clone()
            .filter(|found| found.content.key() == *key))
    }

    async fn conflicts(
        &self,
        _: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        Ok(Page {
            total: limit.get(),
            items: Vec::new(),
            more: true,
        })
    }

    async fn stats(&self) -> Result<Stats, RepositoryError> {
        Ok(self.stats.clone())
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        let counts = (0..).take(query.buckets.len()).collect();
        Ok(Timeline { counts })
    }

    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.asked_behind.lock().expect("whole").push(query.after);
        let next = self.arrivals.lock().expect("whole").pop_front();
        next.ok_or_else(|| RepositoryError::Failed("nothing is left to arrive".into()))
    }

    async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        Ok(self.last)
    }

    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError> {
        Ok(sequence <= self.reaches)
    }

    async fn arrived_behind(&self, after: Sequence) {
        self.waited_behind.lock().expect("whole").push(after);
    }

    async fn purge(&self, keys: &[MessageKey], _: Timestamp) -> Result<u64, RepositoryError> {
        self.purged.lock().expect("whole").push(keys.to_vec());
        Ok(keys.len() as u64)
    }

    async fn purge_conflicts(
        &self,
        _: &ConflictFilter,
        _: NonZeroUsize,
    ) -> Result<u64, RepositoryError> {
        Ok(self.conflicts_purged)
    }

    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError> {
        if self.fails_to_note.load(Ordering::Relaxed) {
            return Err(RepositoryError::Unavailable("as it was told".into()));
        }
        self.noted.lock().expect("whole").push(repeats.to_vec());
        Ok(())
    }

    async fn repeats(&self, _: &MessageKey) -> Result<Repeats, RepositoryError> {
        Ok(self.repeats)
    }

    async fn readiness(&self) -> Readiness {
        if self.broken {
            return Readiness {
                database: Finding::failed("it is broken", "as it was told"),
                ..Readiness::UNKNOWN
            };
        }
        Readiness::READY
    }

    async fn storage(&self) -> Storage {
        Storage {
            engine: (!self.broken).then(|| "what it was told".to_owned()),
            ..Storage::default()
        }
    }
}
