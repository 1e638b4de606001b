//! How many messages there are in each of many buckets of time.

use countersign_core::{Buckets, RepositoryError, Timeline, TimelineQuery, Timestamp};
use sea_orm::{DatabaseConnection, FromQueryResult};

use super::{
    Snapshot,
    filter::Party,
    sql::{Dialect, Sql},
};
use crate::derived::spans;

/// How many messages one of the buckets has.
#[derive(FromQueryResult)]
struct Counted {
    bucket: i64,
    messages: i64,
}

/// What is counted at an edge of a bucket.
#[derive(FromQueryResult)]
struct Edge {
    ts: i64,
    /// The messages of the whole spans that begin behind the edge before it, or with it, up to the one
    /// that it lies in.
    spanned: i64,
    /// Those of the span that it lies in that are older.
    within: i64,
}

/// What is counted by time, or a party's few entries; and the tail, each in one statement.
pub async fn timeline(
    readers: &DatabaseConnection,
    query: &TimelineQuery,
) -> Result<Timeline, RepositoryError> {
    let snapshot = Snapshot::take(readers).await?;
    let (filter, buckets) = (query.filter(), &query.buckets);
    let mut counts = match snapshot.party(&filter).await? {
        None => vec![0; buckets.len()],
        Some(party) if party.has_spans() => snapshot.by_spans(party, buckets).await?,
        Some(party) => {
            let mut sql = snapshot.sql("SELECT ");
            push_bucket(&mut sql, "e", buckets);
            sql.push(" FROM entries e WHERE e.party = ").bind(party.id);
            sql.push(" AND e.ts >= ").bind(buckets.since().micros());
            sql.push(" AND e.ts < ").bind(buckets.until().micros());
            sql.push(" GROUP BY 1");
            let counted: Vec<Counted> = snapshot.rows(sql).await?;
            added(vec![0; buckets.len()], counted)
        }
    };
    if snapshot.has_tail() {
        let mut sql = snapshot.sql("SELECT ");
        push_bucket(&mut sql, "t", buckets);
        sql.push(" FROM messages t WHERE t.seq > ")
            .bind(snapshot.folded);
        snapshot.push_conditions(&mut sql, &filter);
        sql.push(" GROUP BY 1");
        counts = added(counts, snapshot.rows(sql).await?);
    }
    Ok(Timeline {
        counts: counts.into_iter().map(i64::unsigned_abs).collect(),
    })
}

/// Adds two columns: which bucket holds `alias`, which is in one, and how many there are.
fn push_bucket(sql: &mut Sql, alias: &str, buckets: &Buckets) {
    sql.push("(").push(alias).push(".ts - ");
    sql.bind(buckets.since().micros()).push(") / ");
    sql.bind(buckets.width().micros());
    sql.push(" AS bucket, count(*) AS messages");
}

fn added(mut counts: Vec<i64>, counted: Vec<Counted>) -> Vec<i64> {
    for Counted { bucket, messages } in counted {
        let index = usize::try_from(bucket).ok();
        if let Some(count) = index.and_then(|index| counts.get_mut(index)) {
            *count += messages;
        }
    }
    counts
}

impl Snapshot {
    /// Of a party that is counted by time. What is looked at for each bucket is at most so many counts
    /// as are on one level inside of a span of the next, for each level below its width.
    async fn by_spans(&self, party: Party, buckets: &Buckets) -> Result<Vec<i64>, RepositoryError> {
        let width = buckets.width().micros();
        // From edge to edge in the widest spans that are no wider than a bucket.
        let level = (0..spans::LEVELS)
            .rev()
            .find(|level| 1 << spans::shift(*level) <= width)
            .unwrap_or_default();
        let mut sql = self.sql("SELECT j.value AS ts, ");
        push_spans(
            &mut sql,
            party,
            level,
            &format!("(j.value - {width}) >> {}", spans::shift(level)),
        );
        sql.push(" AS spanned, ");
        for level in 0..level {
            let above = spans::shift(level + 1);
            let first = spans::first_inside_in_sql(&format!("(j.value >> {above})"));
            push_spans(&mut sql, party, level, &first);
            sql.push(" + ");
        }
        if self.has_minutes().await? {
            sql.push("coalesce((SELECT s.messages FROM spans s WHERE s.party = ");
            sql.bind(party.id);
            sql.push(" AND s.level = ").bind(i64::from(spans::MINUTES));
            sql.push(&format!(" AND s.slot = j.value / {}), 0)", spans::MINUTE));
        } else {
            let smallest = spans::shift(0);
            sql.push("(SELECT count(*) FROM entries e WHERE e.party = ");
            sql.bind(party.id);
            sql.push(&format!(
                " AND e.ts >= (j.value >> {smallest}) << {smallest}"
            ));
            sql.push(" AND e.ts < j.value)");
        }
        sql.push(" AS within FROM ");
        let edges: Vec<i64> = buckets.edges().map(Timestamp::micros).collect();
        sql.numbers(&edges);
        let mut edges: Vec<Edge> = self.rows(sql).await?;
        edges.sort_unstable_by_key(|edge| edge.ts);
        let counts = edges.windows(2).map(|edges| match edges {
            [before, edge] => edge.spanned + edge.within - before.within,
            _ => 0,
        });
        Ok(counts.collect())
    }

    /// Whether what is counted by minutes accounts for all that is folded. On SQLite it always does.
    async fn has_minutes(&self) -> Result<bool, RepositoryError> {
        if self.dialect == Dialect::Sqlite {
            return Ok(true);
        }
        let sql = "SELECT minutes_folded = folded AND minutes_purged = purged FROM state";
        Ok(self.value(self.sql(sql)).await?.unwrap_or_default())
    }
}

/// Adds how many messages are in the spans of a level from the slot `first` on, up to that in which the
/// edge `j.value` lies.
fn push_spans(sql: &mut Sql, party: Party, level: u32, first: &str) {
    // PostgreSQL sums to a type of its own.
    sql.push("coalesce((SELECT CAST(sum(s.messages) AS bigint) FROM spans s WHERE s.party = ");
    sql.bind(party.id);
    sql.push(" AND s.level = ").bind(i64::from(level));
    sql.push(" AND s.slot >= ").push(first);
    sql.push(&format!(
        " AND s.slot < (j.value >> {})), 0)",
        spans::shift(level)
    ));
}
