//! How many messages match.

use std::sync::{Mutex, PoisonError};

use countersign_core::{MessageFilter, RepositoryError};
use hashlink::LruCache;

use super::{
    Snapshot,
    filter::{Bounds, Party, asks_messages, push_conditions, push_messages_of},
    search::Matches,
};
use crate::derived::spans;

/// How many totals are remembered.
const REMEMBERED: usize = 256;

/// How many sequences go into one statement.
const CHUNK: usize = 20_000;

/// Totals that took some work: how many messages matched among those up to a sequence. As messages
/// never change, only the later ones have to be looked at when the same is asked again, as a
/// dashboard does; unless some were purged meanwhile.
pub struct Totals(Mutex<LruCache<MessageFilter, Counted>>);

#[derive(Debug, Clone, Copy)]
struct Counted {
    up_to: i64,
    messages: i64,
    /// The last purge that it knew.
    purged: i64,
}

impl Totals {
    pub fn new() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }

    fn get(&self, filter: &MessageFilter) -> Option<Counted> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(filter).copied()
    }

    fn put(&self, filter: &MessageFilter, counted: Counted) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(filter.clone(), counted);
    }
}

impl Snapshot {
    /// How many messages match; `matches` are those that may have the text.
    pub(super) async fn total(
        &self,
        filter: &MessageFilter,
        party: Option<Party>,
        matches: Option<&Matches>,
        totals: &Totals,
    ) -> Result<i64, RepositoryError> {
        let laborious = asks_messages(filter) || (filter.from.is_some() && filter.to.is_some());
        if !laborious {
            let folded = self.folded_total(filter, party, None).await?;
            let tail = self.logged_total(filter, self.folded, self.last).await?;
            return Ok(folded + tail);
        }
        let settled = self.settled();
        let known = totals
            .get(filter)
            .filter(|known| known.purged == self.purged && known.up_to <= settled);
        let (up_to, messages) = match known {
            Some(known) => (known.up_to, known.messages),
            None => (
                self.folded,
                self.folded_total(filter, party, matches).await?,
            ),
        };
        let messages = messages + self.logged_total(filter, up_to, settled).await?;
        let counted = Counted {
            up_to: settled,
            messages,
            purged: self.purged,
        };
        totals.put(filter, counted);
        Ok(messages + self.logged_total(filter, settled, self.last).await?)
    }

    /// How many of the messages behind one sequence, up to another, match, looking at each.
    async fn logged_total(
        &self,
        filter: &MessageFilter,
        after: i64,
        up_to: i64,
    ) -> Result<i64, RepositoryError> {
        if after >= up_to {
            return Ok(0);
        }
        let mut sql = self.sql("SELECT count(*) FROM messages t WHERE t.seq > ");
        sql.bind(after);
        sql.push(" AND t.seq <= ").bind(up_to);
        self.push_conditions(&mut sql, filter);
        self.count(sql).await
    }

    /// How many of the folded messages match.
    async fn folded_total(
        &self,
        filter: &MessageFilter,
        party: Option<Party>,
        matches: Option<&Matches>,
    ) -> Result<i64, RepositoryError> {
        let Some(party) = party else {
            return Ok(0);
        };
        let bounds = Bounds::of_filter(filter);
        let in_span = self.entries(party, &bounds).await?;
        if !party.is_only_a_part || in_span == 0 {
            return Ok(in_span);
        }
        let text_only = MessageFilter {
            text: filter.text.clone(),
            ..MessageFilter::default()
        };
        match matches {
            Some(matches) if matches.exact && *filter == text_only => Ok(matches.count()),
            Some(matches) if matches.count() <= in_span => {
                let seqs = matches.seqs(&self.blocks_within(&bounds).await?);
                self.matching_of(&seqs, filter).await
            }
            // Most messages are to be looked at: in the order in which they lie.
            _ if in_span > self.messages / 4 => {
                let mut sql = self.sql("SELECT count(*) FROM messages t WHERE t.seq <= ");
                sql.bind(self.folded);
                self.push_conditions(&mut sql, filter);
                self.count(sql).await
            }
            _ => {
                let mut sql = self.sql("SELECT count(*) FROM entries e");
                push_messages_of(&mut sql, "e.seq", filter);
                sql.push(" WHERE e.party = ").bind(party.id);
                bounds.push(&mut sql, "e");
                push_conditions(&mut sql, filter);
                self.count(sql).await
            }
        }
    }

    async fn matching_of(
        &self,
        seqs: &[i64],
        filter: &MessageFilter,
    ) -> Result<i64, RepositoryError> {
        let mut matching = 0;
        for seqs in seqs.chunks(CHUNK) {
            let mut sql = self.sql("SELECT count(*) FROM ");
            sql.numbers(seqs);
            push_messages_of(&mut sql, "j.value", filter);
            sql.push(" WHERE 1 = 1");
            push_conditions(&mut sql, filter);
            matching += self.count(sql).await?;
        }
        Ok(matching)
    }

    /// How many entries a party has in a span of time.
    async fn entries(&self, party: Party, bounds: &Bounds) -> Result<i64, RepositoryError> {
        let (first, end) = (bounds.first_ts(), bounds.last_ts());
        if first >= end {
            return Ok(0);
        }
        if !party.has_spans() {
            let mut sql = self.sql("SELECT count(*) FROM entries e WHERE e.party = ");
            sql.bind(party.id);
            bounds.push(&mut sql, "e");
            return self.count(sql).await;
        }
        let before_end = match end {
            i64::MAX => party.messages,
            end => self.entries_before(party, end).await?,
        };
        let before_first = match first {
            i64::MIN => 0,
            first => self.entries_before(party, first).await?,
        };
        Ok(before_end - before_first)
    }

    /// How many entries of a party, which must be counted by time, are older than `ts`.
    pub(super) async fn entries_before(
        &self,
        party: Party,
        ts: i64,
    ) -> Result<i64, RepositoryError> {
        let mut sql = self.sql("SELECT 0");
        for level in 0..spans::LEVELS {
            let slot = ts >> spans::shift(level);
            // PostgreSQL sums to a type of its own.
            sql.push(" + coalesce((SELECT CAST(sum(messages) AS bigint) FROM spans WHERE party = ");
            sql.bind(party.id);
            sql.push(" AND level = ").bind(i64::from(level));
            sql.push(" AND slot < ").bind(slot);
            if level + 1 < spans::LEVELS {
                let above = ts >> spans::shift(level + 1);
                sql.push(" AND slot >= ").bind(spans::first_inside(above));
            }
            sql.push("), 0)");
        }
        let slot = ts >> spans::shift(0);
        sql.push(" + (SELECT count(*) FROM entries e WHERE e.party = ");
        sql.bind(party.id);
        sql.push(" AND e.ts >= ").bind(slot << spans::shift(0));
        sql.push(" AND e.ts < ").bind(ts).push(")");
        self.count(sql).await
    }
}
