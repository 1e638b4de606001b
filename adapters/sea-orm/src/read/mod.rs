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
mod search;
mod seek;
mod sql;
mod stats;

use countersign_core::RepositoryError;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, FromQueryResult, TransactionTrait as _, TryGetable,
};

use self::sql::{Dialect, Sql};
pub use self::{
    arrivals::{arrivals, last_sequence},
    conflicts::{conflicts, find},
    count::Totals,
    list::list,
    stats::stats,
};
use crate::error::repository_error;

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
}

#[derive(FromQueryResult)]
struct State {
    folded: i64,
    senders: i64,
    gram_blocks: i64,
    messages: i64,
    last: Option<i64>,
}

impl Snapshot {
    /// A transaction that sees one state of the database from beginning to end.
    pub async fn take(readers: &DatabaseConnection) -> Result<Self, RepositoryError> {
        let transaction = readers.begin().await.map_err(repository_error)?;
        let dialect = Dialect::of(&transaction);
        // One statement, so that index and log are seen as of one moment, the index's first
        // (`connection::reading`): no message is accounted for that the log does not have.
        let sql = Sql::new(
            dialect,
            "SELECT folded, senders, gram_blocks, (SELECT messages FROM parties WHERE id = 0) AS messages,
                    (SELECT max(seq) FROM messages) AS last
             FROM state",
        );
        let state: Option<State> = sql.row(&transaction).await?;
        let state =
            state.ok_or_else(|| RepositoryError::Failed("the index has no state".into()))?;
        Ok(Self {
            transaction,
            dialect,
            folded: state.folded,
            last: state.last.unwrap_or_default(),
            messages: state.messages,
            senders: state.senders,
            gram_blocks: state.gram_blocks,
        })
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
