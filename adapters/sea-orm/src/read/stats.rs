//! The summary of all messages.

use std::{cmp::Reverse, collections::BTreeMap};

use countersign_core::{MessageFilter, RepositoryError, SenderCount, Stats};
use sea_orm::{DatabaseConnection, FromQueryResult};

use super::Snapshot;
use crate::{
    derived::{EVERYBODY, SENDER},
    rows,
};

/// A role that no party has.
const NOBODY: i64 = -1;

#[derive(FromQueryResult)]
struct Sender {
    number: String,
    messages: i64,
}

#[derive(FromQueryResult)]
struct TailSender {
    number: String,
    /// In the tail.
    messages: i64,
    /// Before it; none if the index does not know the sender.
    folded: Option<i64>,
    first_ts: i64,
    last_ts: i64,
}

/// What the index says, and what the tail adds to it.
pub async fn stats(readers: &DatabaseConnection) -> Result<Stats, RepositoryError> {
    let snapshot = Snapshot::take(readers).await?;
    let top = snapshot.top_senders().await?;
    let mut top: BTreeMap<String, i64> = top
        .into_iter()
        .map(|sender| (sender.number, sender.messages))
        .collect();
    let mut first = snapshot.edge("").await?;
    let mut last = snapshot.edge(" DESC").await?;
    let mut stats = Stats {
        total_messages: snapshot.messages.unsigned_abs(),
        senders_count: snapshot.senders.unsigned_abs(),
        ..Stats::default()
    };
    if snapshot.has_tail() {
        let tail = snapshot.tail_senders().await?;
        for sender in tail {
            stats.total_messages += sender.messages.unsigned_abs();
            if sender.folded.is_none() {
                stats.senders_count += 1;
            }
            first = Some(first.map_or(sender.first_ts, |ts| ts.min(sender.first_ts)));
            last = Some(last.map_or(sender.last_ts, |ts| ts.max(sender.last_ts)));
            let all = sender.folded.unwrap_or_default() + sender.messages;
            top.insert(sender.number, all);
        }
    }
    let mut top: Vec<(String, i64)> = top.into_iter().collect();
    // By number already, and the sort is stable.
    top.sort_by_key(|(_, messages)| Reverse(*messages));
    top.truncate(usize::try_from(Stats::TOP_SENDERS).unwrap_or(usize::MAX));
    stats.top_senders = top
        .into_iter()
        .map(|(from, messages)| SenderCount {
            from,
            count: messages.unsigned_abs(),
        })
        .collect();
    let ts = |micros| rows::instant("ts", micros);
    stats.first_message_ts = first.map(ts).transpose()?;
    stats.last_message_ts = last.map(ts).transpose()?;
    Ok(stats)
}

impl Snapshot {
    /// Those of the folded messages.
    async fn top_senders(&self) -> Result<Vec<Sender>, RepositoryError> {
        if !self.has_index() {
            return Ok(Vec::new());
        }
        self.rows(self.sql("SELECT number, messages FROM top_senders"))
            .await
    }

    /// The first `ts` of the folded messages in this direction.
    async fn edge(&self, direction: &str) -> Result<Option<i64>, RepositoryError> {
        if !self.has_index() {
            return Ok(None);
        }
        let mut sql = self.sql("SELECT ts FROM entries WHERE party = ");
        sql.bind(EVERYBODY);
        sql.push(" ORDER BY ts").push(direction).push(" LIMIT 1");
        self.value(sql).await
    }

    async fn tail_senders(&self) -> Result<Vec<TailSender>, RepositoryError> {
        let mut sql = self.sql(
            "SELECT t.number, t.messages, t.first_ts, t.last_ts, p.messages AS folded
             FROM (SELECT t.from_msisdn AS number, count(*) AS messages,
                          min(t.ts) AS first_ts, max(t.ts) AS last_ts
                   FROM messages t WHERE t.seq > ",
        );
        sql.bind(self.folded);
        self.push_conditions(&mut sql, &MessageFilter::default());
        sql.push(
            " GROUP BY t.from_msisdn) t LEFT JOIN parties p ON p.number = t.number AND p.role = ",
        );
        // Where nothing is folded, none is known, whatever an index that is given up has.
        sql.bind(if self.has_index() { SENDER } else { NOBODY });
        self.rows(sql).await
    }
}
