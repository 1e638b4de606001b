//! Messages of a source, or that a key vouched for, where they are few: the log has an index of them
//! in the order of arrival.

use countersign_core::{MessageFilter, RepositoryError};

use super::Snapshot;

/// How many are fetched to be put in order, at the most.
const MOST: i64 = 10_000;

impl Snapshot {
    /// The folded messages of the filter's key or source, if those are at most so many; they may be
    /// others than its matches, which are among them.
    pub(super) async fn few(
        &self,
        filter: &MessageFilter,
        at_most: i64,
    ) -> Result<Option<Vec<i64>>, RepositoryError> {
        let at_most = at_most.min(MOST);
        let source = filter.source.clone().filter(|source| !source.is_default());
        let by_key = MessageFilter {
            verified_by: filter.verified_by.clone(),
            ..MessageFilter::default()
        };
        let by_source = MessageFilter {
            source,
            ..MessageFilter::default()
        };
        for by in [by_key, by_source] {
            if by == MessageFilter::default() || at_most == 0 {
                continue;
            }
            let mut sql = self.sql("SELECT t.seq FROM messages t WHERE t.seq <= ");
            sql.bind(self.folded);
            self.push_conditions(&mut sql, &by);
            sql.push(" LIMIT ").bind(at_most + 1);
            let seqs: Vec<i64> = self.column(sql).await?;
            if i64::try_from(seqs.len()).is_ok_and(|found| found <= at_most) {
                return Ok(Some(seqs));
            }
        }
        Ok(None)
    }
}
