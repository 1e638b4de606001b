//! What is counted up to whole minutes ([`spans::MINUTES`]), where an instance of a version that does
//! not know of it has folded or purged, or has left a database with messages.
//!
//! Then `state` says so, and nobody counts on it (`read/timeline.rs`), until it is counted anew.

use sea_orm::sqlx::{self, AssertSqlSafe, PgPool};

use crate::derived::{EVERYBODY, spans};

/// Counts all of it anew, if it does not account for everything and nobody folds; says whether it does
/// now.
pub async fn count_anew(pool: &PgPool) -> Result<bool, sqlx::Error> {
    // Most of the time there is nothing to do, for which nobody should be held up.
    let is_whole = "SELECT minutes_folded = folded AND minutes_purged = purged FROM state";
    if sqlx::query_scalar(is_whole).fetch_one(pool).await? {
        return Ok(true);
    }
    let mut transaction = pool.begin().await?;
    let lock = "SELECT folded FROM state FOR UPDATE SKIP LOCKED";
    let folded: Option<i64> = sqlx::query_scalar(lock)
        .fetch_optional(&mut *transaction)
        .await?;
    if folded.is_none() {
        return Ok(false);
    }
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
    sqlx::query("UPDATE state SET minutes_folded = folded, minutes_purged = purged")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(true)
}
