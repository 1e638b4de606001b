use std::num::NonZeroUsize;

use async_trait::async_trait;

use crate::{
    ArrivalQuery, Arrivals, Digest, Limit, Message, MessageKey, MessageQuery, NewMessage, Page,
    Readiness, Repeat, Repeats, Sequence, SourceName, Stats, Storage, Timeline, TimelineQuery,
    Timestamp,
};

/// Port: where messages are kept.
///
/// Every implementation passes the contract suite in `tests/`, which is this documentation in
/// executable form.
#[async_trait]
pub trait MessageRepository: Send + Sync {
    /// Stores the messages in one atomic, durable transaction, and answers for each, in order.
    ///
    /// An id that is already there keeps its first row: an equal message is
    /// [`Appended::Duplicate`], a different one is recorded as [`Conflict`] and answered
    /// [`Appended::Conflict`]. That holds within one batch, too, and for ids whose message was purged:
    /// they are compared by digest. An id is one within its source; another source's is another one.
    ///
    /// # Errors
    /// After an error the messages are stored or not, all or none; appending them again is safe.
    async fn append(&self, batch: &[Message]) -> Result<Vec<Appended>, RepositoryError>;

    /// One page of the messages that match, and how many match in all, as of one instant.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn list(&self, query: &MessageQuery) -> Result<Page<Message>, RepositoryError>;

    /// The message with this key; `Ok(None)` if there is none, or none any more.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn find(&self, key: &MessageKey) -> Result<Option<Message>, RepositoryError>;

    /// The conflicts recorded for one message, or for all; the last seen first. `total` counts all.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn conflicts(
        &self,
        key: Option<&MessageKey>,
        limit: Limit,
    ) -> Result<Page<Conflict>, RepositoryError>;

    /// A summary of all messages, as of one instant.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn stats(&self) -> Result<Stats, RepositoryError>;

    /// How many messages each bucket holds, as of one instant. It takes time by how many buckets there
    /// are, and not by how many messages.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn timeline(&self, query: &TimelineQuery) -> Result<Timeline, RepositoryError>;

    /// The messages that match, in the order in which they arrived.
    ///
    /// Who reads on behind [`Arrivals::up_to`] sees every message exactly once, in an order that
    /// never goes back, whoever appends at the same time.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn arrivals(&self, query: &ArrivalQuery) -> Result<Arrivals, RepositoryError>;

    /// The end of what [`Self::arrivals`] can answer now; [`Sequence::START`] if there is nothing.
    /// Another process on the same store may for a moment have been told of a later one.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn last_arrival(&self) -> Result<Sequence, RepositoryError>;

    /// Whether any message has this sequence or a larger one. Where none has, it is not this
    /// store's.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn reaches(&self, sequence: Sequence) -> Result<bool, RepositoryError>;

    /// Waits until something may have arrived behind `after`; also when it already has. It may
    /// complete without need, and it may be dropped at any time.
    async fn arrived_behind(&self, after: Sequence);

    /// Takes these messages away for good, in one atomic, durable transaction, with all conflicts
    /// under their ids and the counts of their repeats, and leaves of each a tombstone: its key, the digest of its content, and when
    /// it was purged (`at`). No answer shows them or counts them any more, but a message under such
    /// an id is no new one. Says how many there were; keys without a message are passed over.
    ///
    /// Without a key, it finishes what an earlier call may have left half done when it failed.
    ///
    /// It must not hold up who appends for longer than a commit takes, so the caller hands over few
    /// at a time ([`crate::Inbox::purge`]).
    ///
    /// # Errors
    /// After an error they are purged or not, all or none; purging them again is safe.
    async fn purge(&self, keys: &[MessageKey], at: Timestamp) -> Result<u64, RepositoryError>;

    /// Takes away conflicts for good, so many at the most; says how many there were.
    ///
    /// # Errors
    /// As [`Self::purge`].
    async fn purge_conflicts(
        &self,
        which: &ConflictFilter,
        at_most: NonZeroUsize,
    ) -> Result<u64, RepositoryError>;

    /// Adds to how often messages came again, in one atomic transaction. Whoever appends was told that
    /// a message is a [`Appended::Duplicate`]; the store itself counts nothing. Keys without a message,
    /// that of a purged one included, are passed over.
    ///
    /// As with [`Self::purge`], the caller hands over few at a time, each key once.
    ///
    /// # Errors
    /// After an error they are added or not, all or none: to repeat it may count them twice.
    async fn note_repeats(&self, repeats: &[Repeat]) -> Result<(), RepositoryError>;

    /// What was noted of the message with this key; nothing of one that is not there.
    ///
    /// # Errors
    /// If the store cannot answer.
    async fn repeats(&self, key: &MessageKey) -> Result<Repeats, RepositoryError>;

    /// Whether messages can be taken in now, check by check. It says so within about two seconds: a
    /// check that takes longer has failed by that.
    async fn readiness(&self) -> Readiness;

    /// What messages are kept on, as far as that can be said within about two seconds. It must not
    /// hold up who appends, however often it is asked.
    async fn storage(&self) -> Storage;
}

/// What became of an appended message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is stored now, and was not before.
    Created,
    /// The same message was there already.
    Duplicate,
    /// A different message with the same id was there already. It was kept, and this one is
    /// recorded as a [`Conflict`].
    Conflict,
}

/// A message that came under an id that another message already had.
///
/// Repeats of the same content are counted, not recorded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What was sent, and not stored as a message.
    pub content: NewMessage,
    /// When it first came.
    pub first_seen_at: Timestamp,
    /// When it last came.
    pub last_seen_at: Timestamp,
    /// How often it came.
    pub times: u64,
}

/// Which conflicts; every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictFilter {
    /// The sender's number, exactly.
    pub from: Option<String>,
    /// The receiver's number, exactly.
    pub to: Option<String>,
    /// Of this source.
    pub source: Option<SourceName>,
    /// Last seen before this instant.
    pub last_seen_before: Option<Timestamp>,
}

impl ConflictFilter {
    /// Whether every part that is given holds for the conflict.
    #[must_use]
    pub fn admits(&self, conflict: &Conflict) -> bool {
        let content = &conflict.content;
        let (from, to) = (content.from.as_str(), content.to.as_str());
        self.from.as_ref().is_none_or(|wanted| wanted == from)
            && self.to.as_ref().is_none_or(|wanted| wanted == to)
            && self
                .source
                .as_ref()
                .is_none_or(|wanted| *wanted == content.source)
            && self
                .last_seen_before
                .is_none_or(|before| conflict.last_seen_at < before)
    }
}

/// What is left of a message that was purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// What identified it.
    pub key: MessageKey,
    /// The digest of its content ([`NewMessage::digest`]).
    pub digest: Digest,
    /// When it was purged.
    pub purged_at: Timestamp,
}

/// What an adapter's own error is kept as.
pub type SourceError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a repository could not do what was asked. The variants are what a caller acts on; the rest
/// is for the log, in the chain of sources.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The store cannot serve now (busy, full, gone); the same call may succeed later.
    #[error("the store is unavailable")]
    Unavailable(#[source] SourceError),
    /// More is waiting to be stored than may wait. Nothing was tried; the same call may succeed
    /// later.
    #[error("too much is waiting to be stored")]
    Overloaded(#[source] SourceError),
    /// The store answered something that should not happen; trying again will hardly help.
    #[error("the store failed")]
    Failed(#[source] SourceError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{at, message, source};

    #[test]
    fn every_part_of_a_conflict_filter_must_hold() {
        let noon = at("2025-06-01T12:00:00Z");
        let conflict = Conflict {
            content: message("m").content,
            first_seen_at: noon,
            last_seen_at: noon,
            times: 1,
        };
        let filter = ConflictFilter::default;
        let number = |text: &str| Some(text.to_owned());
        let (just_before, just_after) = (
            Some(at("2025-06-01T11:59:59.999999Z")),
            Some(at("2025-06-01T12:00:00.000001Z")),
        );
        for yes in [
            filter(),
            ConflictFilter {
                from: number("+14155550100"),
                ..filter()
            },
            ConflictFilter {
                to: number("+14155550199"),
                ..filter()
            },
            ConflictFilter {
                source: Some(SourceName::default()),
                ..filter()
            },
            ConflictFilter {
                last_seen_before: just_after,
                ..filter()
            },
        ] {
            assert!(yes.admits(&conflict), "{yes:?}");
        }
        for no in [
            ConflictFilter {
                from: number("+14155550199"),
                ..filter()
            },
            ConflictFilter {
                to: number("+14155550100"),
                ..filter()
            },
            ConflictFilter {
                source: Some(source("partner")),
                ..filter()
            },
            ConflictFilter {
                last_seen_before: Some(noon),
                ..filter()
            },
            ConflictFilter {
                last_seen_before: just_before,
                ..filter()
            },
        ] {
            assert!(!no.admits(&conflict), "{no:?}");
        }
    }
}
