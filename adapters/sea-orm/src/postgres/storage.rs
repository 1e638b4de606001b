//! What the server is, what it does before it says that a commit is done, and how large the database
//! is.

use std::time::{Duration, Instant};

use countersign_core::Storage;
use sea_orm::sqlx::{self, AssertSqlSafe};
use tokio::sync::Mutex;

use super::connection::{Connections, SYNCHRONOUS_COMMIT};

/// How long the server may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);

/// For how long it is good: the server looks at each of the database's files for its size.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// What the server has last said.
#[derive(Default)]
pub struct Look {
    /// One asks, and the others wait for what it hears.
    last: Mutex<Option<(Instant, Storage)>>,
}

impl Look {
    /// What there is to say now. The server's write-ahead log and its disk are its own.
    pub async fn at(&self, readers: &Connections) -> Storage {
        let looked = tokio::time::timeout(PATIENCE, self.ask(readers)).await;
        looked.ok().flatten().unwrap_or_else(|| Storage {
            // Whether it is still the same one, nobody knows until it answers.
            engine: Some("PostgreSQL".to_owned()),
            ..Storage::default()
        })
    }

    async fn ask(&self, readers: &Connections) -> Option<Storage> {
        let mut last = self.last.lock().await;
        if let Some((at, storage)) = last.as_ref()
            && at.elapsed() < GOOD_FOR
        {
            return Some(storage.clone());
        }
        // By a connection that reads, so that it takes no writer's. Both begin with the same settings,
        // and what the writers make of theirs is in the question.
        let question = format!(
            "SELECT current_setting('server_version'), current_setting('fsync'),
                {SYNCHRONOUS_COMMIT}, pg_database_size(current_database())"
        );
        let asked = sqlx::query_as(AssertSqlSafe(question));
        let heard: Result<(String, String, String, i64), _> =
            asked.fetch_one(&readers.pool()).await;
        let (version, fsync, synchronous_commit, bytes) = heard.ok()?;
        let storage = Storage {
            engine: Some(format!("PostgreSQL {}", number(&version))),
            durability: Some(format!(
                "synchronous_commit={synchronous_commit}, fsync={fsync}"
            )),
            // The writers take no other than one that waits for the disk.
            durable: Some(fsync == "on"),
            database_bytes: u64::try_from(bytes).ok(),
            ..Storage::default()
        };
        *last = Some((Instant::now(), storage.clone()));
        Some(storage)
    }
}

/// Distributions say behind the number which package it is.
fn number(version: &str) -> &str {
    version.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_version_is_a_number() {
        assert_eq!(number("15.20 (Debian 15.20-0+deb12u1)"), "15.20");
        assert_eq!(number("18beta1"), "18beta1");
        assert_eq!(number(""), "");
    }
}
