use std::{
    collections::BTreeMap,
    slice,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    Appended, ArrivalQuery, Arrivals, Authentic, Clock, Conflict, Headers, Limit, Message,
    MessageKey, MessageQuery, MessageRepository, NearMiss, NewMessage, Page, Readiness, Refusal,
    RepeatLimits, RepositoryError, Sequence, SignatureVerifier, SourceName, Stats, Storage,
    Timeline, TimelineQuery, Timestamp, repeats::Gathered,
};

/// Who says of which source's messages whether they are authentic.
pub type Sources = BTreeMap<SourceName, Arc<dyn SignatureVerifier>>;

/// The use cases: take in signed messages, and answer for them.
#[derive(Clone)]
pub struct Inbox {
    /// Of every clone: they change all at once.
    sources: Arc<RwLock<Arc<Sources>>>,
    pub(crate) repository: Arc<dyn MessageRepository>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Of every clone, too.
    pub(crate) repeats: Arc<Gathered>,
}

/// A source, as it was when it was looked up: a request is checked by what it began with, however
/// long its body takes.
#[derive(Clone)]
pub struct Source {
    name: SourceName,
    verifier: Arc<dyn SignatureVerifier>,
}

impl Source {
    /// The name of its scheme, as it is configured.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.verifier.scheme()
    }

    /// Checks the signature over the raw bytes, as this source signs. Nothing may look into them
    /// before.
    ///
    /// # Errors
    /// Why the signature was refused.
    pub fn authenticate<B: AsRef<[u8]>>(
        self,
        headers: &dyn Headers,
        body: B,
    ) -> Result<Authentic<B>, Refusal> {
        let key = self.verifier.verify(headers, body.as_ref())?;
        Ok(Authentic::new(body, self.name, key))
    }
}

impl Inbox {
    /// An inbox that asks these.
    #[must_use]
    pub fn new(
        sources: Sources,
        repository: Arc<dyn MessageRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            sources: Arc::new(RwLock::new(Arc::new(sources))),
            repository,
            clock,
            repeats: Gathered::new(RepeatLimits::default()).into(),
        }
    }

    /// From now on, these are the sources; a request that is being checked is checked by what it
    /// began with. So secrets are rotated without a pause.
    pub fn replace_sources(&self, sources: Sources) {
        // Nothing panics while it is locked.
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sources);
    }

    /// The sources as they are now.
    #[must_use]
    pub fn sources(&self) -> Arc<Sources> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&sources)
    }

    /// The source of this name, as it is now.
    ///
    /// # Errors
    /// If there is none.
    pub fn source(&self, name: SourceName) -> Result<Source, Refusal> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        let verifier = sources.get(&name).map(Arc::clone);
        let verifier = verifier.ok_or(Refusal::UnknownSource)?;
        Ok(Source { name, verifier })
    }

    /// Looks for the mistake in a request that was refused; see [`SignatureVerifier::diagnose`].
    #[must_use]
    pub fn diagnose(
        &self,
        source: &SourceName,
        headers: &dyn Headers,
        body: &[u8],
    ) -> Option<NearMiss> {
        self.sources().get(source)?.diagnose(headers, body)
    }

    /// The present instant, by the inbox's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Stores a message exactly once. When it answers, the message is durable. One that was there
    /// already is counted ([`Self::repeats`]), in memory.
    ///
    /// # Errors
    /// If the repository could not say what became of the message. Sending it again is safe.
    pub async fn accept(
        &self,
        message: Authentic<NewMessage>,
    ) -> Result<Appended, RepositoryError> {
        let (source, key) = (message.source().clone(), message.key().clone());
        let content = NewMessage {
            source,
            ..message.into_inner()
        };
        let message = Message {
            verified_by: Some(key),
            ..content.received_at(self.clock.now())
        };
        let outcomes = self.repository.append(slice::from_ref(&message)).await?;
        match outcomes.as_slice() {
            [outcome] => {
                if *outcome == Appended::Duplicate {
                    self.repeats.note(&message);
                }
                Ok(*outcome)
            }
            others => Err(RepositoryError::Failed(
                format!("one message appended, {} outcomes answered", others.len()).into(),
            )),
        }
    }

    /// One page of the messages that match.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError> {
        self.repository.list(query).await
    }

    /// The message with this key, if there is one.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError> {
        self.repository.find(key).await
    }

    /// What came under an id that was already taken: for one message, or for all.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.repository.conflicts(key, limit).await
    }

    /// A summary of all messages.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.repository.stats().await
    }

    /// How many messages each bucket of time holds.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError> {
        self.repository.timeline(query).await
    }

    /// The messages that match, in the order in which they arrived.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError> {
        self.repository.arrivals(query).await
    }

    /// The end of the messages that have arrived.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn last_arrival(&self) -> Result<Sequence, RepositoryError> {
        self.repository.last_arrival().await
    }

    /// Where one who has seen everything up to `seen` goes on: there. If no message has ever come so
    /// far, the store must be another one than it was, and what is there is its end.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn resume(&self, seen: Sequence) -> Result<Sequence, RepositoryError> {
        let last = self.repository.last_arrival().await?;
        if seen <= last || self.repository.reaches(seen).await? {
            return Ok(seen);
        }
        Ok(last)
    }

    /// Waits until something may have arrived behind `after`.
    pub async fn arrived_behind(&self, after: Sequence) {
        self.repository.arrived_behind(after).await;
    }

    /// Whether messages can be taken in now, and what was looked at.
    pub async fn readiness(&self) -> Readiness {
        self.repository.readiness().await
    }

    /// What messages are kept on.
    pub async fn storage(&self) -> Storage {
        self.repository.storage().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        BucketWidth, Buckets, Correspondent, KeyLabel,
        doubles::{Bare, Told, at, message, now, sequence, source, verifier},
    };

    fn told(told: Told) -> (Arc<Told>, Inbox) {
        let told = Arc::new(told);
        let inbox = told.inbox();
        (told, inbox)
    }

    #[test]
    fn what_is_accepted_is_the_sources_and_says_who_vouched_for_it_and_when_it_came() {
        let (told, inbox) = told(Told {
            outcomes: vec![Appended::Duplicate],
            ..Told::default()
        });
        inbox.replace_sources(Sources::from([(source("partner"), verifier("new"))]));
        let signed = inbox
            .source(source("partner"))
            .and_then(|source| source.authenticate(&Bare, "body"))
            .unwrap();
        assert_eq!(*signed, "body");
        assert_eq!(signed.source(), &source("partner"));
        // Whatever the body says of the source, and of the time at which it came.
        let content = message("m").content;
        let parsed = signed.parse(|_| Ok::<_, ()>(content.clone())).unwrap();
        assert_eq!(now(inbox.accept(parsed)).unwrap(), Appended::Duplicate);
        let stored = told.appended.lock().unwrap();
        let expected = Message {
            content: NewMessage {
                source: source("partner"),
                ..content
            },
            created_at: at("2025-06-01T12:00:00Z"),
            verified_by: KeyLabel::try_from("new").ok(),
        };
        assert_eq!(*stored, [expected]);
    }

    #[test]
    fn a_store_that_answers_for_another_number_of_messages_has_failed() {
        for outcomes in [vec![], vec![Appended::Created; 2]] {
            let (_, inbox) = told(Told {
                outcomes,
                ..Told::default()
            });
            let signed = inbox
                .source(SourceName::default())
                .and_then(|source| source.authenticate(&Bare, "body"))
                .unwrap();
            let parsed = signed.parse(|_| Ok::<_, ()>(message("m").content)).unwrap();
            let failed = now(inbox.accept(parsed));
            assert!(
                matches!(failed, Err(RepositoryError::Failed(_))),
                "{failed:?}"
            );
        }
    }

    #[test]
    fn only_the_sources_that_there_are_now_are_asked() {
        let (_, inbox) = told(Told::default());
        let default = SourceName::default();
        assert_eq!(inbox.sources().keys().collect::<Vec<_>>(), [&default]);
        let before = inbox.source(default.clone()).unwrap();
        assert!(inbox.diagnose(&default, &Bare, b"").is_some());
        assert!(inbox.diagnose(&source("partner"), &Bare, b"").is_none());
        inbox.replace_sources(Sources::from([(source("partner"), verifier("new"))]));
        let refused = inbox.source(default).map(|_| ());
        assert_eq!(refused, Err(Refusal::UnknownSource));
        // What has begun is checked by what it began with.
        assert!(before.authenticate(&Bare, "").is_ok());
    }

    #[test]
    fn what_is_asked_is_answered_by_the_store() {
        let found = message("m");
        let stats = Stats {
            total_messages: 7,
            ..Stats::default()
        };
        let (told, inbox) = told(Told {
            found: Some(found.clone()),
            stats: stats.clone(),
            last: sequence(3),
            ..Told::default()
        });
        let key = found.content.key();
        assert_eq!(now(inbox.find(&key)).unwrap(), Some(found.clone()));
        assert_eq!(
            now(inbox.list(&MessageQuery::default())).unwrap().items,
            [found]
        );
        let conflicts = now(inbox.conflicts(Some(&key), Limit::default())).unwrap();
        assert_eq!(conflicts.total, 50);
        assert_eq!(now(inbox.stats()).unwrap(), stats);
        let buckets = Buckets::new(BucketWidth::default(), None, None, inbox.now());
        let query = TimelineQuery {
            of: Correspondent::default(),
            buckets: buckets.unwrap(),
        };
        let timeline = now(inbox.timeline(&query)).unwrap();
        assert_eq!(timeline.total(), (0..48).sum());
        assert_eq!(now(inbox.last_arrival()).unwrap(), sequence(3));
        now(inbox.arrived_behind(sequence(3)));
        assert_eq!(*told.waited_behind.lock().unwrap(), [sequence(3)]);
        assert_eq!(inbox.now(), at("2025-06-01T12:00:00Z"));
    }

    #[test]
    fn who_has_seen_more_than_there_is_goes_on_at_the_end() {
        let (_, inbox) = told(Told {
            last: sequence(3),
            reaches: sequence(5),
            ..Told::default()
        });
        for (seen, goes_on) in [(0, 0), (2, 2), (3, 3), (5, 5), (6, 3)] {
            let resumed = now(inbox.resume(sequence(seen))).unwrap();
            assert_eq!(resumed, sequence(goes_on), "{seen}");
        }
    }

    #[test]
    fn it_is_ready_when_its_store_is() {
        for broken in [false, true] {
            let (_, inbox) = told(Told {
                broken,
                ..Told::default()
            });
            assert_eq!(now(inbox.readiness()).is_ready(), !broken);
            let known = now(inbox.storage()).engine;
            assert_eq!(known.as_deref(), (!broken).then_some("what it was told"));
        }
    }
}
