//! What is counted up to whole minutes ([`spans::MINUTES`]), where an instance of a version that does
//! not know of it has folded or purged, or has left a database with messages.
//!
//! Then `state` says so, and nobody counts on it (`read/timeline.rs`), until it is counted anew. To
//! count is to read all entries, and nobody folds or purges meanwhile.

use std::time::Duration;

use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, PgPool};

use super::repeats;
use crate::derived::{EVERYBODY, spans};

/// How long the statement that counts may take: some hundreds of millions of messages.
const STATEMENT: &str = "30min";

/// How long all of it may take, before the way to the server is suspect. The server gives up first.
pub const PATIENCE: Duration = Duration::from_mins(31);

/// How often one looks whether it is whole.
const LOOK: Duration = Duration::from_mins(1);

/// How often at the least, also where it never is.
const LONGEST: Duration = Duration::from_hours(1);

/// What has come of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It was whole.
    Whole,
    /// It was not, and is now.
    Anew,
    /// It is not: another folds, purges or counts.
    Busy,
}

/// When it is looked again, and what was said about it.
///
/// To count is expensive: where that fails, or is in vain because an older version folds on, it is done
/// ever more rarely.
#[derive(Debug)]
pub struct Recounts {
    pause: Duration,
    failing: bool,
}

impl Default for Recounts {
    fn default() -> Self {
        Self {
            pause: LOOK,
            failing: false,
        }
    }
}

impl Recounts {
    /// Takes in what has come of a look, `None` if it has failed; says whether that is news.
    pub fn after(&mut self, counted: Option<Counted>) -> bool {
        self.pause = match counted {
            Some(Counted::Whole) => self.pause / 2,
            Some(Counted::Busy) => self.pause,
            Some(Counted::Anew) | None => self.pause * 2,
        }
        .clamp(LOOK, LONGEST);
        let failing = match counted {
            Some(Counted::Whole | Counted::Anew) => false,
            Some(Counted::Busy) => self.failing,
            None => true,
        };
        std::mem::replace(&mut self.failing, failing) != failing
    }

    /// How long until the next look.
    pub const fn pause(&self) -> Duration {
        self.pause
    }
}

/// Counts all of it anew, if it does not account for everything and nobody folds.
pub async fn count_anew(pool: &PgPool) -> Result<Counted, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    // Most of the time there is nothing to do, for which nobody should be held up.
    let is_whole = "SELECT minutes_folded = folded AND minutes_purged = purged FROM state";
    if sqlx::query_scalar(is_whole)
        .fetch_one(&mut *connection)
        .await?
    {
        return Ok(Counted::Whole);
    }
    // A statement that may take so long would hold the lock when this process is gone. Not every
    // server can look whether it is: PostgreSQL 13 cannot.
    let checked = sqlx::query("SET client_connection_check_interval = '10s'");
    drop(checked.execute(&mut *connection).await);
    let mut transaction = connection.begin().await?;
    let lock = "SELECT folded FROM state FOR UPDATE SKIP LOCKED";
    let folded: Option<i64> = sqlx::query_scalar(lock)
        .fetch_optional(&mut *transaction)
        .await?;
    if folded.is_none() {
        return Ok(Counted::Busy);
    }
    let patience = format!("SET LOCAL statement_timeout = '{STATEMENT}'");
    sqlx::query(AssertSqlSafe(patience))
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM spans WHERE level = $1")
        .bind(i64::from(spans::MINUTES))
        .execute(&mut *transaction)
        .await?;
    let (minute, is_same_span) = spans::minute_behind_in_sql();
    let count = format!(
        "INSERT INTO spans SELECT party, $1, {minute}, count(*) FROM entries
         WHERE party IN (SELECT id FROM parties WHERE id = $2 OR messages >= $3) AND {is_same_span}
         GROUP BY 1, 3"
    );
    sqlx::query(AssertSqlSafe(count))
        .bind(i64::from(spans::MINUTES))
        .bind(EVERYBODY)
        .bind(spans::FROM)
        .execute(&mut *transaction)
        .await?;
    // What that version has purged, it has left there, too.
    repeats::drop_purged(&mut transaction).await?;
    sqlx::query("UPDATE state SET minutes_folded = folded, minutes_purged = purged")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Counted::Anew)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_news_once_and_so_is_its_end() {
        let mut recounts = Recounts::default();
        let news = [
            (Some(Counted::Whole), false),
            (None, true),
            (None, false),
            (Some(Counted::Busy), false),
            (None, false),
            (Some(Counted::Anew), true),
            (Some(Counted::Whole), false),
            (Some(Counted::Anew), false),
        ];
        for (n, (counted, is_news)) in news.into_iter().enumerate() {
            assert_eq!(recounts.after(counted), is_news, "{n}: {counted:?}");
        }
    }

    #[test]
    fn what_fails_or_is_in_vain_is_tried_ever_more_rarely() {
        let mut recounts = Recounts::default();
        assert_eq!(recounts.pause(), LOOK);
        for (counted, pause) in [
            (None, 2 * LOOK),
            (Some(Counted::Anew), 4 * LOOK),
            (Some(Counted::Busy), 4 * LOOK),
            (Some(Counted::Whole), 2 * LOOK),
            (Some(Counted::Whole), LOOK),
            (Some(Counted::Whole), LOOK),
        ] {
            recounts.after(counted);
            assert_eq!(recounts.pause(), pause, "{counted:?}");
        }
        for _ in 0..100 {
            recounts.after(None);
        }
        assert_eq!(recounts.pause(), LONGEST);
    }
}
