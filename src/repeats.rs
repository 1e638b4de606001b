mod gathered;

use std::{num::NonZeroUsize, sync::Arc};

use crate::{Inbox, MessageKey, RepositoryError, Timestamp};

pub(crate) use gathered::Gathered;

/// How often a stored message came again with the same content, and when it last did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repeats {
    /// How often.
    pub times: u64,
    /// When last; nothing if it never did.
    pub last_seen_at: Option<Timestamp>,
}

impl Repeats {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            times: self.times.saturating_add(other.times),
            last_seen_at: self.last_seen_at.max(other.last_seen_at),
        }
    }
}

/// That one message came again, so often since this was last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Which message.
    pub key: MessageKey,
    /// How often; at least once.
    pub times: u64,
    /// When last.
    pub last_seen_at: Timestamp,
}

/// How much is gathered in memory before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatLimits {
    /// Of how many messages.
    pub messages: NonZeroUsize,
    /// How many bytes they may take.
    pub bytes: usize,
}

impl Default for RepeatLimits {
    /// 65,536 messages, if their ids are not much longer than usual: 16 MiB.
    fn default() -> Self {
        Self {
            messages: const { NonZeroUsize::new(65_536).unwrap() },
            bytes: 16 * 1024 * 1024,
        }
    }
}

/// What is gathered and not written yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepeatsWaiting {
    /// Of how many messages.
    pub messages: usize,
    /// How often messages came again for which there was no room: they are counted here, and nowhere
    /// else.
    pub not_counted: u64,
}

impl Inbox {
    /// The same, gathering no more than this.
    #[must_use]
    pub fn gathering(mut self, limits: RepeatLimits) -> Self {
        self.repeats = Gathered::new(limits).into();
        self
    }

    /// How often the message with this key came again with the same content, and when it last did:
    /// what is stored, and what this inbox has gathered since.
    ///
    /// While that is being written, nobody knows whether it is in the store already: `rest` is waited
    /// for, some times, until it is known. If the write does not end by then, it is taken for one that
    /// hangs, and has stored nothing.
    ///
    /// # Errors
    /// If the repository cannot answer.
    pub async fn repeats<R: Future<Output = ()>>(
        &self,
        key: &MessageKey,
        rest: impl Fn() -> R,
    ) -> Result<Repeats, RepositoryError> {
        for _ in 0..ATTEMPTS {
            let before = self.repeats.of(key);
            if before.is_being_written {
                rest().await;
                continue;
            }
            let stored = self.repository.repeats(key).await?;
            let after = self.repeats.of(key);
            // If something was written between the two looks, it is perhaps in both, or in neither.
            if after.writes == before.writes {
                return Ok(stored.and(after.repeats));
            }
        }
        let gathered = self.repeats.of(key).repeats;
        Ok(self.repository.repeats(key).await?.and(gathered))
    }

    /// Writes what is gathered, of so many messages at the most; says whether it has written
    /// something. Whoever accepts messages does not wait for it: somebody has to call it from time to
    /// time, one at a time.
    ///
    /// # Errors
    /// If the repository could not do it. Nothing is lost by that: it stays gathered. It may be
    /// counted twice if the repository has done it and could not say so.
    pub async fn write_repeats(&self, at_most: NonZeroUsize) -> Result<bool, RepositoryError> {
        let Some(taken) = self.repeats.take(at_most) else {
            return Ok(false);
        };
        self.repository.note_repeats(&taken.repeats).await?;
        taken.are_written();
        Ok(true)
    }

    /// How much is gathered.
    #[must_use]
    pub fn repeats_waiting(&self) -> RepeatsWaiting {
        self.repeats.waiting()
    }

    /// As [`Self::repeats_waiting`], for one who looks again and again, and keeps nothing else alive.
    pub fn watch_repeats(&self) -> impl Fn() -> RepeatsWaiting + Clone + Send + Sync + use<> {
        let repeats = Arc::clone(&self.repeats);
        move || repeats.waiting()
    }
}

/// How often one looks for an answer that fits together.
const ATTEMPTS: u32 = 16;

#[cfg(test)]
mod tests;
