//! A PostgreSQL database that an older version has left, or works on while its instances are replaced.

use std::{num::NonZeroUsize, time::Duration};

use countersign_core::{
    Appended::Created, BucketWidth, Buckets, Correspondent, MessageRepository as _, Repeat,
    TimelineQuery,
};
use countersign_sea_orm::{Folding, SqlRepository};
use sea_orm::sqlx::{self, PgConnection};

use super::{open_postgres, server::Database};
use crate::fixture::{at, key, message};

const ALL: NonZeroUsize = NonZeroUsize::MAX;
const NOON: &str = "2025-01-01T12:00:00Z";

/// Longer than anything takes on a machine that is not stuck.
const PATIENCE: Duration = Duration::from_mins(1);

async fn open(server: &Database) -> SqlRepository {
    open_postgres(&server.url, Folding::OnDemand).await
}

async fn is(connection: &mut PgConnection, sql: &'static str) -> bool {
    let is = sqlx::query_scalar(sql).fetch_one(connection).await;
    is.expect("an answer")
}

const IS_WHOLE: &str = "SELECT minutes_folded = folded AND minutes_purged = purged FROM state";

/// How many messages there are in the minute that begins at noon.
async fn at_noon(database: &SqlRepository) -> u64 {
    let (since, until) = (at(NOON), at("2025-01-01T12:01:00Z"));
    let width = BucketWidth::try_from(60).expect("a width");
    let query = TimelineQuery {
        of: Correspondent::Anybody,
        buckets: Buckets::new(width, Some(since), Some(until), until).expect("buckets"),
    };
    let timeline = database.timeline(&query).await.expect("a timeline");
    timeline.counts.iter().sum()
}

#[tokio::test]
async fn what_cannot_be_counted_anew_fails_nothing_else() {
    let Some(server) = Database::new().await else {
        return;
    };
    let database = open(&server).await;
    let mut outside = server.connect().await;
    database
        .append(&[message("m", NOON, "hello")])
        .await
        .unwrap();
    server
        .run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'canceling statement due to statement timeout' USING ERRCODE = '57014';
                END $$;
             CREATE TRIGGER refuse BEFORE DELETE ON spans EXECUTE FUNCTION refuse();
             UPDATE state SET minutes_folded = -1",
        )
        .await;
    let folded = database.fold(ALL).await.expect("it is folded");
    assert_eq!((folded.messages, folded.behind), (1, 0));
    assert!(!is(&mut outside, IS_WHOLE).await);
    assert_eq!(at_noon(&database).await, 1);
    // To count many takes longer than anything else that a fold does.
    server
        .run(
            "CREATE TABLE noted (patience interval);
             CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN INSERT INTO noted VALUES (current_setting('statement_timeout')::interval);
                RETURN NULL; END $$",
        )
        .await;
    database.fold(ALL).await.expect("nothing is to be folded");
    assert!(is(&mut outside, IS_WHOLE).await);
    assert!(is(&mut outside, "SELECT patience >= '30min' FROM noted").await);
    assert_eq!(at_noon(&database).await, 1);
    database.close().await.unwrap();
}

#[tokio::test]
async fn what_an_older_version_purges_leaves_no_count_of_repeats() {
    let Some(server) = Database::new().await else {
        return;
    };
    let database = open(&server).await;
    let mut outside = server.connect().await;
    let both = ["purged", "kept"].map(|id| message(id, NOON, "hello"));
    assert_eq!(database.append(&both).await.unwrap(), [Created; 2]);
    database.fold(ALL).await.unwrap();
    let repeats = ["purged", "kept"].map(|id| Repeat {
        key: key(id),
        times: 3,
        last_seen_at: at(NOON),
    });
    database.note_repeats(&repeats).await.unwrap();
    // It does not know of the table.
    server
        .run(
            "UPDATE messages SET from_msisdn = '', to_msisdn = '', ts = 0, text = NULL,
                 digest = '', purged_at = 1 WHERE message_id = 'purged';
             UPDATE state SET purged = purged + 1",
        )
        .await;
    assert!(is(&mut outside, "SELECT count(*) = 2 FROM repeats").await);
    database.fold(ALL).await.unwrap();
    let kept = "SELECT array_agg(message_id) = ARRAY['kept']
        FROM repeats JOIN messages USING (seq)";
    assert!(is(&mut outside, kept).await);
    assert!(is(&mut outside, "SELECT count(*) = 1 FROM repeats").await);
    database.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_does_not_queue_for_a_lock_and_is_done_when_it_is_free() {
    let Some(server) = Database::new().await else {
        return;
    };
    open(&server).await.close().await.unwrap();
    server
        .run(
            "ALTER TABLE state DROP COLUMN minutes_folded, DROP COLUMN minutes_purged;
             DROP TABLE repeats;
             DELETE FROM seaql_migrations WHERE version >= 'p0003'",
        )
        .await;
    // As the fold of an older version.
    let mut folding = server.connect().await;
    for sql in ["BEGIN", "SELECT folded FROM state FOR UPDATE"] {
        sqlx::query(sql).execute(&mut folding).await.unwrap();
    }
    let starting = {
        let url = server.url.clone();
        tokio::spawn(async move { open_postgres(&url, Folding::OnDemand).await })
    };
    let mut outside = server.connect().await;
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'state'::regclass
        AND mode = 'AccessExclusiveLock' AND NOT granted)";
    // It waits, gives up, and waits again.
    for expected in [true, false, true] {
        let waiting = async {
            while is(&mut outside, waits).await != expected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("whether it waits is never {expected}"));
    }
    assert!(!starting.is_finished());
    sqlx::query("COMMIT").execute(&mut folding).await.unwrap();
    let database = tokio::time::timeout(PATIENCE, starting).await;
    let database = database.expect("in time").expect("it starts");
    assert!(is(&mut outside, IS_WHOLE).await);
    database.close().await.unwrap();
}
