//! A page of messages.

use countersign_core::{Message, MessageFilter, MessageQuery, Order, Page, RepositoryError};
use sea_orm::DatabaseConnection;

use super::{
    Snapshot,
    count::Totals,
    filter::{Bounds, Party, push_conditions, push_messages_of},
    search::{Block, Matches},
    sql::{Dialect, Sql},
};
use crate::rows::message;

/// From which offset on it is worthwhile to find its place in time first.
const DEEP: i64 = 256;

/// If a text is in more than one of so many messages, the messages are looked through in order
/// until enough have it; otherwise, those that have it are fetched and put in order.
const COMMON: i64 = 100;

/// One page, and the total.
pub async fn list(
    readers: &DatabaseConnection,
    query: &MessageQuery,
    totals: &Totals,
) -> Result<Page<Message>, RepositoryError> {
    let snapshot = Snapshot::take(readers).await?;
    let filter = &query.filter;
    let party = snapshot.party(filter).await?;
    let matches = match (&filter.text, party) {
        // Where there are few messages to look at, that takes less time than to ask the index.
        (Some(term), Some(party)) if party.messages > 2 * COMMON => snapshot.matches(term).await?,
        _ => None,
    };
    let total = snapshot
        .total(filter, party, matches.as_ref(), totals)
        .await?;
    let part = Part {
        filter,
        order: query.order,
        bounds: Bounds::of_query(query),
        offset: i64::try_from(query.offset.get()).unwrap_or(i64::MAX),
        limit: i64::try_from(query.limit.get()).unwrap_or(i64::MAX),
    };
    let (rows, more) = match party {
        _ if part.offset >= total => (Vec::new(), false),
        Some(party) if query.after.is_none() && part.is_deep(party) => {
            snapshot.deep_page(part, party, total).await?
        }
        party => snapshot.page(&part, party, matches.as_ref()).await?,
    };
    Ok(Page {
        items: rows
            .into_iter()
            .map(Message::try_from)
            .collect::<Result<_, _>>()?,
        total: total.unsigned_abs(),
        more,
    })
}

/// What is asked for.
#[derive(Clone)]
struct Part<'a> {
    filter: &'a MessageFilter,
    order: Order,
    bounds: Bounds,
    offset: i64,
    limit: i64,
}

impl Part<'_> {
    /// Whether its place in time is to be found first, which needs that every entry is a match.
    const fn is_deep(&self, party: Party) -> bool {
        self.offset >= DEEP && party.has_spans() && !party.is_only_a_part
    }

    /// How many matches must be known to answer it; one more, to see whether the list goes on.
    const fn needed(&self) -> i64 {
        self.offset.saturating_add(self.limit).saturating_add(1)
    }
}

type Rows = (Vec<message::Model>, bool);

impl Snapshot {
    /// The page that begins at an offset, counted from the oldest end whatever the order.
    async fn deep_page(
        &self,
        mut part: Part<'_>,
        party: Party,
        total: i64,
    ) -> Result<Rows, RepositoryError> {
        let limit = part.limit.min(total - part.offset);
        let more = total - part.offset > limit;
        let descending = part.order == Order::Descending;
        let from_oldest = if descending {
            total - part.offset - limit
        } else {
            part.offset
        };
        let Some(seek) = self.seek(part.filter, party, from_oldest).await? else {
            return Ok((Vec::new(), false));
        };
        part.bounds = part.bounds.from(seek.ts);
        part.order = Order::Ascending;
        part.offset = seek.offset;
        part.limit = limit;
        let mut rows = self
            .rows_of(&part, &Source::Entries(Some(party)), limit)
            .await?;
        if descending {
            rows.reverse();
        }
        Ok((rows, more))
    }

    /// The page, by passing over what comes before it.
    async fn page(
        &self,
        part: &Part<'_>,
        party: Option<Party>,
        matches: Option<&Matches>,
    ) -> Result<Rows, RepositoryError> {
        let mut rows = match (matches, party) {
            (Some(matches), Some(party)) if is_rare(matches, party) => {
                self.rare_page(part, matches).await?
            }
            (_, Some(party)) => {
                let source = match self.few(part.filter, party.messages / COMMON).await? {
                    Some(seqs) => Source::Messages(seqs),
                    None => Source::Entries(Some(party)),
                };
                self.rows_of(part, &source, part.limit.saturating_add(1))
                    .await?
            }
            (_, None) => {
                self.rows_of(part, &Source::Entries(None), part.limit.saturating_add(1))
                    .await?
            }
        };
        let limit = usize::try_from(part.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, more))
    }

    /// Those that have a text, where few have it: from the blocks that come first in the order, as
    /// many as it takes.
    async fn rare_page(
        &self,
        part: &Part<'_>,
        matches: &Matches,
    ) -> Result<Vec<message::Model>, RepositoryError> {
        let mut blocks = self.blocks_within(&part.bounds).await?;
        blocks.retain(|block| matches.count_in(*block) > 0);
        match part.order {
            Order::Ascending => blocks.sort_by_key(|block| block.first_ts),
            Order::Descending => blocks.sort_by_key(|block| std::cmp::Reverse(block.last_ts)),
        }
        let mut wanted = part.needed();
        loop {
            let (chosen, cut) = first_blocks(&blocks, matches, part.order, wanted);
            let mut part = part.clone();
            // Where blocks are left out, nothing is known beyond what those chosen cover.
            part.bounds = match (cut, part.order) {
                (None, _) => part.bounds,
                (Some(ts), Order::Ascending) => part.bounds.up_to(ts),
                (Some(ts), Order::Descending) => part.bounds.from(ts),
            };
            let source = Source::Messages(matches.seqs(chosen));
            let limit = part.limit.saturating_add(1);
            let rows = self.rows_of(&part, &source, limit).await?;
            if cut.is_none() || i64::try_from(rows.len()).is_ok_and(|found| found >= limit) {
                return Ok(rows);
            }
            wanted = wanted.saturating_mul(8);
        }
    }

    async fn rows_of(
        &self,
        part: &Part<'_>,
        source: &Source,
        limit: i64,
    ) -> Result<Vec<message::Model>, RepositoryError> {
        // By number: in a union, columns have no other name that both of its sides know.
        let (inner, outer) = match part.order {
            Order::Ascending => ("2, 3", "k.ts, k.message_id"),
            Order::Descending => ("2 DESC, 3 DESC", "k.ts DESC, k.message_id DESC"),
        };
        let mut sql = self.sql("SELECT m.* FROM (");
        // PostgreSQL merges two sides only where each has an order and an end of its own; otherwise
        // it reads everything and sorts.
        let apart = self.has_tail() && self.dialect == Dialect::Postgres;
        let most = part.offset.saturating_add(limit);
        if apart {
            sql.push("SELECT * FROM (");
        }
        source.push(&mut sql, part);
        if apart {
            sql.push(" ORDER BY ")
                .push(inner)
                .push(" LIMIT ")
                .bind(most);
            sql.push(") a");
        }
        if self.has_tail() {
            sql.push(" UNION ALL ");
            if apart {
                sql.push("SELECT * FROM (");
            }
            sql.push("SELECT t.seq, t.ts, t.message_id FROM messages t WHERE t.seq > ");
            sql.bind(self.folded);
            self.push_conditions(&mut sql, part.filter);
            part.bounds.push(&mut sql, "t");
            if apart {
                sql.push(" ORDER BY ")
                    .push(inner)
                    .push(" LIMIT ")
                    .bind(most);
                sql.push(") b");
            }
        }
        sql.push(" ORDER BY ").push(inner);
        sql.push(" LIMIT ").bind(limit);
        sql.push(" OFFSET ").bind(part.offset);
        sql.push(") k").join();
        sql.push("messages m ON m.seq = k.seq ORDER BY ")
            .push(outer);
        self.rows(sql).await
    }
}

/// Where folded matches come from.
enum Source {
    /// A party's entries, those that are matches.
    Entries(Option<Party>),
    /// These messages, those that are matches.
    Messages(Vec<i64>),
}

impl Source {
    fn push(&self, sql: &mut Sql, part: &Part<'_>) {
        match self {
            Self::Entries(None) => {
                sql.push("SELECT e.seq AS seq, e.ts AS ts, e.message_id AS message_id FROM entries e WHERE 1 = 0");
            }
            Self::Entries(Some(party)) => {
                sql.push(
                    "SELECT e.seq AS seq, e.ts AS ts, e.message_id AS message_id FROM entries e",
                );
                if party.is_only_a_part {
                    push_messages_of(sql, "e.seq", part.filter);
                }
                sql.push(" WHERE e.party = ").bind(party.id);
                if party.is_only_a_part {
                    push_conditions(sql, part.filter);
                }
                part.bounds.push(sql, "e");
            }
            Self::Messages(seqs) => {
                sql.push("SELECT t.seq AS seq, t.ts AS ts, t.message_id AS message_id FROM ");
                sql.numbers(seqs);
                push_messages_of(sql, "j.value", part.filter);
                sql.push(" WHERE 1 = 1");
                push_conditions(sql, part.filter);
                part.bounds.push(sql, "t");
            }
        }
    }
}

/// Whether fetching all that may match takes less than looking through the party's messages.
fn is_rare(matches: &Matches, party: Party) -> bool {
    matches.count() < party.messages / COMMON
}

/// As many blocks, in order, as have the wanted number of matches; with all others that they
/// overlap. The instant up to (or from) which these have every match, if they aren't all.
fn first_blocks<'a>(
    blocks: &'a [Block],
    matches: &Matches,
    order: Order,
    wanted: i64,
) -> (&'a [Block], Option<i64>) {
    let mut found = 0_i64;
    let mut cut: Option<i64> = None;
    for (index, block) in blocks.iter().enumerate() {
        if found >= wanted {
            let beyond = match (order, cut) {
                (Order::Ascending, Some(cut)) => block.first_ts > cut,
                (Order::Descending, Some(cut)) => block.last_ts < cut,
                (_, None) => false,
            };
            if beyond {
                return (&blocks[..index], cut);
            }
        }
        if found < wanted {
            cut = Some(match (order, cut) {
                (Order::Ascending, cut) => block.last_ts.max(cut.unwrap_or(i64::MIN)),
                (Order::Descending, cut) => block.first_ts.min(cut.unwrap_or(i64::MAX)),
            });
        }
        found = found.saturating_add(matches.count_in(*block));
    }
    (blocks, None)
}
