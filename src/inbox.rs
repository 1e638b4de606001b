use std::sync::Arc;

use crate::{
    Appended, ArrivalQuery, Arrivals, Authentic, Clock, Conflict, Headers, Limit, Message,
    MessageId, MessageQuery, MessageRepository, NewMessage, NotReady, Page, Refusal,
    RepositoryError, Sequence, SignatureVerifier, Stats,
};

/// The use cases: take in signed messages, and answer for them.
#[derive(Clone)]
pub struct Inbox {
    verifier: Arc<dyn SignatureVerifier>,
    repository: Arc<dyn MessageRepository>,
    clock: Arc<dyn Clock>,
}

impl Inbox {
    /// An inbox that asks these three.
    #[must_use]
    pub fn new(
        verifier: Arc<dyn SignatureVerifier>,
        repository: Arc<dyn MessageRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            verifier,
            repository,
            clock,
        }
    }

    /// Checks the signature over the raw bytes. Nothing may look into them before.
    ///
    /// # Errors
    /// Why the signature was refused; the bytes are dropped.
    pub fn authenticate<B: AsRef<[u8]>>(
        &self,
        headers: &dyn Headers,
        body: B,
    ) -> Result<Authentic<B>, Refusal> {
        self.verifier.verify(headers, body.as_ref())?;
        Ok(Authentic::new(body))
    }

    /// Stores a message exactly once. When it answers, the message is durable.
    ///
    /// # Errors
    /// If the repository could not say what became of the message. Sending it again is safe.
    pub async fn accept(
        &self,
        message: Authentic<NewMessage>,
    ) -> Result<Appended, RepositoryError> {
        let message = message.into_inner().received_at(self.clock.now());
        let outcomes = self.repository.append(&[message]).await?;
        match outcomes.as_slice() {
            [outcome] => Ok(*outcome),
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

    /// The message with this id, if there is one.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn find(&self, id: &MessageId) -> Result<Option<Message>, RepositoryError> {
        self.repository.find(id).await
    }

    /// What came under an id that was already taken: for one id, or for all.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn conflicts(
        &self,
        id: Option<&MessageId>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError> {
        self.repository.conflicts(id, limit).await
    }

    /// A summary of all messages.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn stats(&self) -> Result<Stats, RepositoryError> {
        self.repository.stats().await
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

    /// Succeeds if messages can be taken in now.
    ///
    /// # Errors
    /// Says what stands in the way.
    pub async fn ready(&self) -> Result<(), NotReady> {
        self.repository.ready().await
    }
}
