//! Reading: what is derived up to the watermark, and the log behind it.
//!
//! Everything a read answers comes from one snapshot. The index ([`crate::fold`]) answers for
//! messages up to its watermark; those behind it, the *tail*, are looked at one by one. The tail is
//! short as a rule; while it is long, reads take longer and are as exact.

mod arrivals;
mod conflicts;
pub mod copying;
mod count;
mod filter;
mod list;
mod rare;
mod repeats;
mod search;
mod seek;
mod sql;
mod stats;
mod timeline;

use countersign_core::{MessageFilter, RepositoryError};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, FromQueryResult, TransactionTrait as _, TryGetable,
};

use self::sql::{Dialect, Sql};
pub use self::{
    arrivals::{arrivals, last_sequence},
    conflicts::{conflicts, find},
    count::Totals,
    list::list,
    repeats::{find_repeats, repeats, repeats_behind},
    stats::stats,
    timeline::timeline,
};
use crate::error::repository_error;

/// The condition that a message `t` of the log is not purged.
const NOT_PURGED: &str = " AND t.purged_at IS NULL";

/// Begins a transaction, and sees how things are.
async fn look(
    readers: &DatabaseConnection,
) -> Result<(DatabaseTransaction, State), RepositoryError> {
    let transaction = readers.begin().await.map_err(repository_error)?;
    let dialect = Dialect::of(&transaction);
    // One statement, so that index and log are seen as of one moment, the index's first
    // (`connection::reading`): no message is accounted for that the log does not have.
    let mut sql = Sql::new(
        dialect,
        "SELECT folded, senders, gram_blocks, purged,
                (SELECT messages FROM parties WHERE id = 0) AS messages,
                (SELECT max(seq) FROM messages) AS last, ",
    );
    // On PostgreSQL, a purge is one transaction.
    sql.push(match dialect {
        Dialect::Sqlite => {
            "(SELECT marked FROM purges) AS marked, (SELECT blanked FROM purges) AS blanked"
        }
        Dialect::Postgres => "purged AS marked, purged AS blanked",
    });
    sql.push(" FROM state");
    let state: Option<State> = sql.row(&transaction).await?;
    let state = state.ok_or_else(|| RepositoryError::Failed("the index has no state".into()))?;
    Ok((transaction, state))
}

/// Whether an SQLite database has purges that were interrupted.
pub async fn has_unfinished_purges(readers: &DatabaseConnection) -> Result<bool, RepositoryError> {
    let sql = "SELECT seq FROM purged WHERE purge IS NOT NULL LIMIT 1";
    let found: Vec<i64> = Sql::new(Dialect::Sqlite, sql).column(readers).await?;
    Ok(!found.is_empty())
}

/// One state of log and index.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    dialect: Dialect,
    /// The watermark.
    folded: i64,
    /// The sequence of the last message.
    last: i64,
    /// How many messages are folded.
    messages: i64,
    /// How many senders are known to the index.
    senders: i64,
    /// How many blocks are complete.
    gram_blocks: i64,
    /// The last purge that this state knows: what is purged later, is still there in it.
    purged: i64,
    /// Whether the log has marks of later purges.
    purges_begun: bool,
}

/// How often a snapshot is taken anew.
const ATTEMPTS: u32 = 3;

#[derive(FromQueryResult)]
struct State {
    folded: i64,
    senders: i64,
    gram_blocks: i64,
    messages: i64,
    last: Option<i64>,
    /// The last purge that the index accounts for.
    purged: i64,
    /// The last one that has begun in the log, and the last that has ended there.
    marked: i64,
    blanked: i64,
}

impl Snapshot {
    /// A transaction that sees one state of the database from beginning to end.
    pub async fn take(readers: &DatabaseConnection) -> Result<Self, RepositoryError> {
        for _ in 1..ATTEMPTS {
            let (transaction, state) = look(readers).await?;
            if state.purged >= state.blanked {
                return Ok(Self::of(transaction, &state));
            }
            // On SQLite, a purge has ended between the index's state and the log's: what the index
            // accounts for, the log has no more. Now both are over.
        }
        let (transaction, mut state) = look(readers).await?;
        if state.purged < state.blanked {
            // The index of this process has been removed, or given up, and another one purges without
            // it. Nothing in it is to be believed any more; the log alone answers.
            state = State {
                folded: 0,
                senders: 0,
                gram_blocks: 0,
                messages: 0,
                purged: state.marked,
                ..state
            };
        }
        Ok(Self::of(transaction, &state))
    }

    fn of(transaction: DatabaseTransaction, state: &State) -> Self {
        Self {
            dialect: Dialect::of(&transaction),
            transaction,
            folded: state.folded,
            last: state.last.unwrap_or_default(),
            messages: state.messages,
            senders: state.senders,
            gram_blocks: state.gram_blocks,
            purged: state.purged.min(state.marked),
            purges_begun: state.marked > state.purged,
        }
    }

    /// Adds what a message `t` must be that is found in the log, and not by what is derived; each
    /// condition begins with AND. Those that are purged are none, as far as this state knows.
    fn push_conditions(&self, sql: &mut Sql, filter: &MessageFilter) {
        if self.purges_begun {
            sql.push(
                " AND (t.purged_at IS NULL
                    OR t.seq IN (SELECT p.seq FROM purged p WHERE p.purge > ",
            );
            sql.bind(self.purged).push("))");
        } else {
            sql.push(NOT_PURGED);
        }
        filter::push_conditions(sql, filter);
    }

    /// Whether anything is derived yet.
    const fn has_index(&self) -> bool {
        self.folded > 0
    }

    /// Whether there are messages behind the watermark.
    const fn has_tail(&self) -> bool {
        self.last > self.folded
    }

    /// Up to which sequence the log is as it will always be. On SQLite, that is all that one sees.
    /// On PostgreSQL, sequences are drawn before the messages can be read: one may turn up between
    /// those that are there; but nothing is folded before that is over.
    const fn settled(&self) -> i64 {
        match self.dialect {
            Dialect::Sqlite => self.last,
            Dialect::Postgres => self.folded,
        }
    }

    fn sql(&self, text: &str) -> Sql {
        Sql::new(self.dialect, text)
    }

    async fn rows<T: FromQueryResult>(&self, sql: Sql) -> Result<Vec<T>, RepositoryError> {
        sql.rows(&self.transaction).await
    }

    /// The first column of every row.
    async fn column<T: TryGetable>(&self, sql: Sql) -> Result<Vec<T>, RepositoryError> {
        sql.column(&self.transaction).await
    }

    /// The only column of the only row, if there is one.
    async fn value<T: TryGetable>(&self, sql: Sql) -> Result<Option<T>, RepositoryError> {
        Ok(self.column(sql).await?.into_iter().next())
    }

    /// A count.
    async fn count(&self, sql: Sql) -> Result<i64, RepositoryError> {
        Ok(self.value(sql).await?.unwrap_or_default())
    }
}
