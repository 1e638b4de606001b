use std::num::NonZeroUsize;

use crate::{ArrivalQuery, ConflictFilter, Inbox, MessageFilter, RepositoryError, Sequence};

/// A run that takes messages away for good, in small steps, so that it never holds up who appends.
///
/// It goes through the messages in the order in which they arrived. Dropping it between two steps
/// leaves what was purged purged, and the rest as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    filter: MessageFilter,
    conflicts: Option<ConflictFilter>,
    after: Sequence,
}

/// A purge that would take everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a purge needs a filter: without one it would take every message")]
pub struct PurgesEverything;

impl Purge {
    /// A run over the messages that match, and over the conflicts that do, where the filter can be
    /// asked of a conflict (sender, receiver, source, and until when received). The conflicts under
    /// the id of a message that is purged go with it in any case.
    ///
    /// # Errors
    /// [`PurgesEverything`] without a filter.
    pub fn new(filter: MessageFilter) -> Result<Self, PurgesEverything> {
        if filter == MessageFilter::default() {
            return Err(PurgesEverything);
        }
        let conflicts = ConflictFilter {
            from: filter.from.clone(),
            to: filter.to.clone(),
            source: filter.source.clone(),
            last_seen_before: filter.received_before,
        };
        let asked = MessageFilter {
            from: filter.from.clone(),
            to: filter.to.clone(),
            source: filter.source.clone(),
            received_before: filter.received_before,
            ..MessageFilter::default()
        };
        Ok(Self {
            conflicts: (asked == filter).then_some(conflicts),
            filter,
            after: Sequence::START,
        })
    }

    /// The same, beginning behind a place up to which nothing is to be purged.
    #[must_use]
    pub fn behind(self, after: Sequence) -> Self {
        Self { after, ..self }
    }
}

/// What one step of a purge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeStep {
    /// How many messages it purged.
    pub messages: u64,
    /// How many conflicts it purged beside those of these messages.
    pub conflicts: u64,
    /// Where it has come to in the order of arrival.
    pub up_to: Sequence,
    /// Whether nothing that matches is left.
    pub done: bool,
}

impl Inbox {
    /// Does the next step of a purge: so many messages at the most.
    ///
    /// # Errors
    /// If the repository cannot do it; the step can be done again.
    pub async fn purge(
        &self,
        purge: &mut Purge,
        at_most: NonZeroUsize,
    ) -> Result<PurgeStep, RepositoryError> {
        let query = ArrivalQuery {
            after: purge.after,
            filter: purge.filter.clone(),
            limit: at_most,
        };
        let found = self.repository.arrivals(&query).await?;
        let keys: Vec<_> = found
            .items
            .iter()
            .map(|arrival| arrival.message.content.key())
            .collect();
        let at = self.clock.now();
        // At the end also without a key: what an earlier step had begun when it failed, is not found
        // any more, and finished by that.
        let messages = if keys.is_empty() && found.more {
            0
        } else {
            self.repository.purge(&keys, at).await?
        };
        purge.after = found.up_to;
        let mut step = PurgeStep {
            messages,
            conflicts: 0,
            up_to: found.up_to,
            done: !found.more,
        };
        if step.done
            && let Some(which) = &purge.conflicts
        {
            step.conflicts = self.repository.purge_conflicts(which, at_most).await?;
            step.done = step.conflicts < at_most.get() as u64;
        }
        Ok(step)
    }
}
