//! Messages in the order in which they arrived.

use countersign_core::{
    Arrival, ArrivalQuery, Arrivals, Message, MessageFilter, RepositoryError, Sequence, SourceError,
};
use sea_orm::DatabaseConnection;

use super::{
    NOT_PURGED,
    filter::push_conditions,
    sql::{Dialect, Sql},
};
use crate::rows::message;

/// How many sequences one answer looks through at the most, whether they match or not.
const LOOK_THROUGH: i64 = 20_000;

/// Those up to `end`, where the log ends for a reader: nothing arrives before it any more.
pub async fn arrivals(
    readers: &DatabaseConnection,
    query: &ArrivalQuery,
    end: Sequence,
) -> Result<Arrivals, RepositoryError> {
    let (after, end) = (query.after.get(), end.get());
    if end <= after {
        return Ok(Arrivals {
            items: Vec::new(),
            up_to: query.after,
            more: false,
        });
    }
    let looked_at = if is_found_at_once(&query.filter) {
        end
    } else {
        end.min(after.saturating_add(LOOK_THROUGH))
    };
    let limit = i64::try_from(query.limit.get()).unwrap_or(i64::MAX);
    let mut sql = Sql::new(
        Dialect::of(readers),
        "SELECT t.* FROM messages t WHERE t.seq > ",
    );
    sql.bind(after);
    sql.push(" AND t.seq <= ").bind(looked_at);
    sql.push(NOT_PURGED);
    push_conditions(&mut sql, &query.filter);
    sql.push(" ORDER BY t.seq LIMIT ").bind(limit);
    let rows: Vec<message::Model> = sql.rows(readers).await?;

    let full = rows.len() >= query.limit.get();
    let items = rows
        .into_iter()
        .map(arrival)
        .collect::<Result<Vec<_>, _>>()?;
    let up_to = match items.last() {
        Some(last) if full => last.sequence,
        _ => sequence(looked_at)?,
    };
    Ok(Arrivals {
        more: up_to.get() < end,
        up_to,
        items,
    })
}

/// Whether the messages that match need not be looked for, because the log has an index of those. It
/// has none of all that are not purged: what is left of others may stand before them by the million.
fn is_found_at_once(filter: &MessageFilter) -> bool {
    if *filter == MessageFilter::default() {
        return false;
    }
    let by_key = MessageFilter {
        verified_by: filter.verified_by.clone(),
        ..MessageFilter::default()
    };
    let by_source = MessageFilter {
        source: filter.source.clone().filter(|source| !source.is_default()),
        ..MessageFilter::default()
    };
    [by_key, by_source].contains(filter)
}

/// The sequence of the log's last message.
pub async fn last_sequence(readers: &DatabaseConnection) -> Result<Sequence, RepositoryError> {
    let sql = Sql::new(Dialect::of(readers), "SELECT max(seq) FROM messages");
    let last: Vec<Option<i64>> = sql.column(readers).await?;
    sequence(last.into_iter().flatten().next().unwrap_or_default())
}

pub(super) fn arrival(row: message::Model) -> Result<Arrival, RepositoryError> {
    Ok(Arrival {
        sequence: sequence(row.seq)?,
        message: Message::try_from(row)?,
    })
}

pub(super) fn sequence(seq: i64) -> Result<Sequence, RepositoryError> {
    Sequence::try_from(seq).map_err(|error| {
        RepositoryError::Failed(SourceError::from(format!("a row's seq is {seq}: {error}")))
    })
}
