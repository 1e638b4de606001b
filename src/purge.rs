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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        Arrival, Arrivals,
        doubles::{Told, at, message, now, sequence},
    };

    const TWO: NonZeroUsize = const { NonZeroUsize::new(2).unwrap() };

    fn arrivals(ids: &[&str], up_to: i64, more: bool) -> Arrivals {
        let items = ids.iter().map(|id| Arrival {
            sequence: sequence(up_to),
            message: message(id),
        });
        Arrivals {
            items: items.collect(),
            up_to: sequence(up_to),
            more,
        }
    }

    /// All before noon, and the conflicts, too.
    fn purge() -> Purge {
        let received_before = Some(at("2025-06-01T12:00:00Z"));
        let filter = MessageFilter {
            received_before,
            ..MessageFilter::default()
        };
        Purge::new(filter).unwrap()
    }

    fn steps(told: Told, mut purge: Purge, count: usize) -> (Arc<Told>, Vec<PurgeStep>) {
        let told = Arc::new(told);
        let inbox = told.inbox();
        let steps = (0..count).map(|_| now(inbox.purge(&mut purge, TWO)).unwrap());
        let steps = steps.collect();
        (told, steps)
    }

    #[test]
    fn nothing_is_purged_without_a_filter() {
        assert_eq!(Purge::new(MessageFilter::default()), Err(PurgesEverything));
    }

    #[test]
    fn it_goes_through_all_that_arrived_and_asks_for_no_purge_of_nothing_but_at_the_end() {
        let parts = [
            arrivals(&["a", "b"], 12, true),
            arrivals(&[], 20, true),
            arrivals(&[], 30, false),
        ];
        let told = Told {
            arrivals: std::sync::Mutex::new(parts.into()),
            conflicts_purged: 1,
            ..Told::default()
        };
        let (told, steps) = steps(told, purge().behind(sequence(10)), 3);
        let step = |messages, conflicts, up_to, done| PurgeStep {
            messages,
            conflicts,
            up_to: sequence(up_to),
            done,
        };
        assert_eq!(
            steps,
            [
                step(2, 0, 12, false),
                step(0, 0, 20, false),
                step(0, 1, 30, true)
            ]
        );
        let asked = told.asked_behind.lock().unwrap();
        assert_eq!(*asked, [sequence(10), sequence(12), sequence(20)]);
        let keys = ["a", "b"].map(|id| message(id).content.key()).to_vec();
        assert_eq!(*told.purged.lock().unwrap(), [keys, vec![]]);
    }

    #[test]
    fn it_is_not_done_while_there_may_be_conflicts_left() {
        for (conflicts_purged, done) in [(0, true), (1, true), (2, false)] {
            let told = Told {
                arrivals: std::sync::Mutex::new([arrivals(&[], 1, false)].into()),
                conflicts_purged,
                ..Told::default()
            };
            let (_, steps) = steps(told, purge(), 1);
            assert_eq!(
                (steps[0].conflicts, steps[0].done),
                (conflicts_purged, done)
            );
        }
    }

    #[test]
    fn a_filter_that_no_conflict_can_be_asked_leaves_them_alone() {
        let filter = MessageFilter {
            until: Some(at("2025-06-01T12:00:00Z")),
            ..MessageFilter::default()
        };
        let told = Told {
            arrivals: std::sync::Mutex::new([arrivals(&["a"], 1, false)].into()),
            conflicts_purged: 1,
            ..Told::default()
        };
        let (_, steps) = steps(told, Purge::new(filter).unwrap(), 1);
        assert_eq!((steps[0].messages, steps[0].conflicts), (1, 0));
        assert!(steps[0].done);
    }
}
