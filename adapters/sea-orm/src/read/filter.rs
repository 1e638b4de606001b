//! From a filter to conditions.

use countersign_core::{MessageFilter, MessageQuery, Order, RepositoryError, Timestamp};
use sea_orm::FromQueryResult;

use super::{
    Snapshot,
    sql::{Dialect, Sql},
};
use crate::{
    derived::{EVERYBODY, RECEIVER, SENDER, spans},
    rows::key,
};

/// Whether the filter asks for something that only the messages can tell, and not their order by
/// sender or receiver.
pub const fn asks_messages(filter: &MessageFilter) -> bool {
    filter.text.is_some()
        || filter.source.is_some()
        || filter.verified_by.is_some()
        || filter.received_since.is_some()
        || filter.received_before.is_some()
}

/// Adds what a message `t` of the log must be, beside not being purged; each condition begins with
/// AND.
pub fn push_conditions(sql: &mut Sql, filter: &MessageFilter) {
    if let Some(from) = &filter.from {
        sql.push(" AND t.from_msisdn = ").bind(from.as_str());
    }
    if let Some(to) = &filter.to {
        sql.push(" AND t.to_msisdn = ").bind(to.as_str());
    }
    if let Some(since) = filter.since {
        sql.push(" AND t.ts >= ").bind(since.micros());
    }
    if let Some(until) = filter.until {
        sql.push(" AND t.ts < ").bind(until.micros());
    }
    if let Some(source) = &filter.source {
        match key::source(source) {
            None => sql.push(" AND t.source IS NULL"),
            Some(name) => sql.push(" AND t.source = ").bind(name),
        };
    }
    if let Some(label) = &filter.verified_by {
        sql.push(" AND t.verified_by = ").bind(label.as_str());
    }
    if let Some(since) = filter.received_since {
        sql.push(" AND t.created_at >= ").bind(since.micros());
    }
    if let Some(before) = filter.received_before {
        sql.push(" AND t.created_at < ").bind(before.micros());
    }
    if let Some(term) = &filter.text {
        sql.push(" AND ")
            .contains("coalesce(t.text_folded, lower(t.text))", term.folded());
    }
}

/// Adds the message `t` of each sequence in the column `seq`. What is derived has those only that are
/// not purged.
///
/// PostgreSQL, where it has no statistics yet, takes every message to be of a named source, with a
/// key, and begins with the messages. So it is told to begin with what it has.
pub fn push_messages_of(sql: &mut Sql, seq: &str, filter: &MessageFilter) {
    let text_only = MessageFilter {
        text: filter.text.clone(),
        ..MessageFilter::default()
    };
    if sql.dialect == Dialect::Postgres && asks_messages(filter) && *filter != text_only {
        sql.push(" CROSS JOIN LATERAL (SELECT m.* FROM messages m WHERE m.seq = ");
        sql.push(seq).push(" OFFSET 0) t");
    } else {
        sql.join().push("messages t ON t.seq = ").push(seq);
    }
}

/// The part of the order that is asked for: beyond one place, before another.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    lower: Option<Lower>,
    /// Exclusive.
    upper: Option<(i64, String)>,
}

#[derive(Debug, Clone)]
enum Lower {
    /// At this instant or later.
    From(i64),
    /// Behind this place.
    Behind(i64, String),
}

impl Bounds {
    /// What the filter says of time.
    pub fn of_filter(filter: &MessageFilter) -> Self {
        let micros = |ts: Option<Timestamp>| ts.map(Timestamp::micros);
        Self {
            lower: micros(filter.since).map(Lower::From),
            upper: micros(filter.until).map(|until| (until, String::new())),
        }
    }

    /// That, and what the cursor says.
    pub fn of_query(query: &MessageQuery) -> Self {
        let mut bounds = Self::of_filter(&query.filter);
        if let Some(after) = &query.after {
            let id = key::stored(&after.id, &after.source).into_owned();
            let ts = after.ts.micros();
            match query.order {
                Order::Ascending if bounds.first_ts() <= ts => {
                    bounds.lower = Some(Lower::Behind(ts, id));
                }
                Order::Descending if bounds.end() > (ts, id.as_str()) => {
                    bounds.upper = Some((ts, id));
                }
                _ => {}
            }
        }
        bounds
    }

    /// No earlier instant is asked for.
    pub fn first_ts(&self) -> i64 {
        match &self.lower {
            Some(Lower::From(ts) | Lower::Behind(ts, _)) => *ts,
            None => i64::MIN,
        }
    }

    /// No later instant is asked for.
    pub fn last_ts(&self) -> i64 {
        self.end().0
    }

    fn end(&self) -> (i64, &str) {
        match &self.upper {
            Some((ts, id)) => (*ts, id),
            None => (i64::MAX, ""),
        }
    }

    /// Only from this instant on, too.
    #[must_use]
    pub fn from(mut self, ts: i64) -> Self {
        if ts > self.first_ts() {
            self.lower = Some(Lower::From(ts));
        }
        self
    }

    /// Only up to this instant, too, inclusive.
    #[must_use]
    pub fn up_to(mut self, ts: i64) -> Self {
        let end = (ts.saturating_add(1), "");
        if end < self.end() {
            self.upper = Some((end.0, String::new()));
        }
        self
    }

    /// Adds the conditions on `alias`; each begins with AND.
    pub fn push(&self, sql: &mut Sql, alias: &str) {
        let place = format!(" AND ({alias}.ts, {alias}.message_id)");
        match &self.lower {
            Some(Lower::From(ts)) => {
                sql.push(" AND ").push(alias).push(".ts >= ").bind(*ts);
            }
            Some(Lower::Behind(ts, id)) => {
                sql.push(&place).push(" > (").bind(*ts);
                sql.push(", ").bind(id.as_str()).push(")");
            }
            None => {}
        }
        match &self.upper {
            Some((ts, id)) if id.is_empty() => {
                sql.push(" AND ").push(alias).push(".ts < ").bind(*ts);
            }
            Some((ts, id)) => {
                sql.push(&place).push(" < (").bind(*ts);
                sql.push(", ").bind(id.as_str()).push(")");
            }
            None => {}
        }
    }
}

/// Whose entries are looked through: those of the party in the filter that has fewer.
#[derive(Debug, Clone, Copy)]
pub struct Party {
    pub id: i64,
    /// How many entries it has.
    pub messages: i64,
    /// Whether the filter names another party, too, or something that is no party: not every entry is a
    /// match.
    pub is_only_a_part: bool,
}

impl Party {
    /// Whether its messages are counted by time.
    pub const fn has_spans(&self) -> bool {
        self.messages >= spans::FROM || self.id == EVERYBODY
    }
}

#[derive(FromQueryResult)]
struct Known {
    role: i64,
    id: i64,
    messages: i64,
}

impl Snapshot {
    /// `None` if the filter names one who takes part in no message that is folded.
    pub(super) async fn party(
        &self,
        filter: &MessageFilter,
    ) -> Result<Option<Party>, RepositoryError> {
        if !self.has_index() {
            return Ok(None);
        }
        let asked = [(SENDER, &filter.from), (RECEIVER, &filter.to)];
        let asked = asked.map(|(role, number)| number.as_deref().map(|number| (role, number)));
        if asked == [None, None] {
            return Ok(Some(Party {
                id: EVERYBODY,
                messages: self.messages,
                is_only_a_part: asks_messages(filter),
            }));
        }
        let mut sql = self.sql("SELECT role, id, messages FROM parties WHERE id < 0");
        for (role, number) in asked.into_iter().flatten() {
            sql.push(" OR (role = ").bind(role);
            sql.push(" AND number = ").bind(number).push(")");
        }
        let known: Vec<Known> = self.rows(sql).await?;
        let both = asked.iter().flatten().count();
        if known.len() < both {
            return Ok(None);
        }
        debug_assert!(known.iter().all(|known| known.role != EVERYBODY));
        let fewest = known.iter().min_by_key(|known| known.messages);
        Ok(fewest.map(|fewest| Party {
            id: fewest.id,
            messages: fewest.messages,
            is_only_a_part: both > 1 || asks_messages(filter),
        }))
    }
}
