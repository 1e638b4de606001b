//! Deep pages: where in time an offset is, without passing over what comes before.

use countersign_core::{MessageFilter, RepositoryError};
use sea_orm::FromQueryResult;

use super::{
    Snapshot,
    filter::{Bounds, Party},
};
use crate::derived::spans;

/// An instant, and how many messages to pass over from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seek {
    pub ts: i64,
    pub offset: i64,
}

#[derive(FromQueryResult)]
struct Slot {
    slot: i64,
    messages: i64,
}

impl Snapshot {
    /// Finds the smallest span of time that has the match with number `offset` (from 0, oldest
    /// first) in it. All entries of the party must be matches within the filter's span of time, and
    /// be counted by time.
    pub(super) async fn seek(
        &self,
        filter: &MessageFilter,
        party: Party,
        offset: i64,
    ) -> Result<Option<Seek>, RepositoryError> {
        let first = Bounds::of_filter(filter).first_ts();
        let before = match first {
            i64::MIN => 0,
            first => self.entries_before(party, first).await?,
        };
        let tail = self.tail_instants(filter).await?;
        // From now on counted from the party's first entry; the tail has matches only.
        let mut rest = before + offset;
        let mut within = None;
        for level in (0..spans::LEVELS).rev() {
            let mut slots = self.slots(party, level, within).await?;
            add_tail(&mut slots, &tail, level, within);
            let Some(slot) = slots.into_iter().find(|slot| {
                if rest < slot.messages {
                    return true;
                }
                rest -= slot.messages;
                false
            }) else {
                return Ok(None);
            };
            within = Some(slot.slot);
        }
        let Some(slot) = within else {
            return Ok(None);
        };
        let ts = slot << spans::shift(0);
        // In the span in which the filter begins, what lies before it is passed over by itself.
        let offset = if ts < first { offset } else { rest };
        Ok(Some(Seek { ts, offset }))
    }

    /// The slots of a level, or those inside a slot of the level above.
    async fn slots(
        &self,
        party: Party,
        level: u32,
        within: Option<i64>,
    ) -> Result<Vec<Slot>, RepositoryError> {
        let mut sql = self.sql("SELECT slot, messages FROM spans WHERE party = ");
        sql.bind(party.id);
        sql.push(" AND level = ").bind(i64::from(level));
        if let Some(above) = within {
            sql.push(" AND slot BETWEEN ")
                .bind(spans::first_inside(above));
            sql.push(" AND ").bind(spans::last_inside(above));
        }
        sql.push(" ORDER BY slot");
        self.rows(sql).await
    }

    /// The instants of the matches in the tail, ascending.
    async fn tail_instants(&self, filter: &MessageFilter) -> Result<Vec<i64>, RepositoryError> {
        if !self.has_tail() {
            return Ok(Vec::new());
        }
        let mut sql = self.sql("SELECT t.ts FROM messages t WHERE t.seq > ");
        sql.bind(self.folded);
        self.push_conditions(&mut sql, filter);
        sql.push(" ORDER BY t.ts");
        self.column(sql).await
    }
}

/// Adds the tail's messages to the slots of a level, and the slots that only it has.
fn add_tail(slots: &mut Vec<Slot>, tail: &[i64], level: u32, within: Option<i64>) {
    let slot_of = |ts: &i64| ts >> spans::shift(level);
    let is_inside = |slot: i64| {
        within.is_none_or(|above| {
            (spans::first_inside(above)..=spans::last_inside(above)).contains(&slot)
        })
    };
    for instants in tail.chunk_by(|a, b| slot_of(a) == slot_of(b)) {
        let Some(slot) = instants
            .first()
            .map(slot_of)
            .filter(|slot| is_inside(*slot))
        else {
            continue;
        };
        let messages = i64::try_from(instants.len()).unwrap_or(i64::MAX);
        match slots.binary_search_by_key(&slot, |slot| slot.slot) {
            Ok(index) => slots[index].messages += messages,
            Err(index) => slots.insert(index, Slot { slot, messages }),
        }
    }
}
