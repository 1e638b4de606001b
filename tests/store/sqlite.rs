//! What is SQLite's own.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use countersign_core::{
    Appended, Check, Finding, MessageQuery, MessageRepository, RepositoryError,
};
use countersign_sea_orm::{Durability, SqlRepository, SqliteOptions};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use crate::fixture::message;

const NOON: &str = "2025-01-01T12:00:00Z";

async fn open(path: &Path) -> SqlRepository {
    SqlRepository::open_sqlite(path)
        .await
        .expect("the database opens")
}

/// The file, as anybody else sees it.
pub async fn raw(path: &Path) -> DatabaseConnection {
    Database::connect(format!("sqlite://{}?mode=rwc", path.display()))
        .await
        .expect("an SQLite database")
}

#[tokio::test]
async fn messages_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let sent = message("m", NOON, "hello");
    let first = open(&path).await;
    first.append(std::slice::from_ref(&sent)).await.unwrap();
    first.close().await.unwrap();

    let second = open(&path).await;
    let found = second.find(&sent.content.key()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&sent));
    assert_eq!(second.append(&[sent]).await.unwrap(), [Appended::Duplicate]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_may_start_at_once_on_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { SqlRepository::open_sqlite(&path).await.map(|_| ()) })
        })
        .collect();
    for start in starts {
        start.await.unwrap().expect("the database opens");
    }
    super::assert_ready(&open(&path).await.readiness().await);
}

#[tokio::test]
async fn a_store_whose_schema_is_gone_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open(&path).await;
    super::assert_ready(&repository.readiness().await);
    let outside = raw(&path).await;
    outside
        .execute_unprepared("DELETE FROM seaql_migrations")
        .await
        .unwrap();
    let found = repository.readiness().await;
    assert_eq!(
        super::failed(&found),
        [(Check::Schema, "the database lacks its schema")]
    );
    assert!(matches!(found.database, Finding::Ok), "{found:?}");
    assert!(matches!(found.writer, Finding::Unknown), "{found:?}");
    outside
        .execute_unprepared("DROP TABLE seaql_migrations")
        .await
        .unwrap();
    assert_eq!(
        super::failed(&repository.readiness().await),
        [(Check::Schema, "the database lacks its schema")]
    );
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    open(&path).await.close().await.unwrap();
    let outside = raw(&path).await;
    outside
        .execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_from_the_future', 0)")
        .await
        .unwrap();
    outside
        .execute_unprepared("PRAGMA journal_mode = delete")
        .await
        .unwrap();
    outside.close().await.unwrap();
    let before = fs::read(&path).unwrap();
    let refused = SqlRepository::open_sqlite(&path).await;
    assert!(fs::read(&path).unwrap() == before, "the file was touched");
    let error = refused.err().expect("a refusal");
    let line = countersign_core::CauseChain(&error).to_string();
    assert!(line.contains("m9999_from_the_future"), "{line}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let letter = "Dear Sir or Madam, ".repeat(100);
    fs::write(&path, &letter).unwrap();
    assert!(SqlRepository::open_sqlite(&path).await.is_err());
    assert_eq!(fs::read_to_string(path).unwrap(), letter);
}

#[tokio::test]
async fn while_another_holds_the_lock_writes_are_unavailable_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open(&path).await;
    let outside = raw(&path).await;
    outside.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();

    let refused = repository
        .append(&[message("m", NOON, "")])
        .await
        .unwrap_err();
    assert!(
        matches!(refused, RepositoryError::Unavailable(_)),
        "{refused:?}"
    );
    let page = repository.list(&MessageQuery::default()).await.unwrap();
    assert_eq!(page.total, 0);

    outside.execute_unprepared("ROLLBACK").await.unwrap();
    let outcome = repository.append(&[message("m", NOON, "")]).await.unwrap();
    assert_eq!(outcome, [Appended::Created]);
}

/// A full disk and an I/O error make SQLite end the transaction by itself; so does this trigger.
#[tokio::test]
async fn after_any_number_of_failed_transactions_what_is_answered_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open(&path).await;
    let outside = raw(&path).await;
    outside
        .execute_unprepared(
            "CREATE TRIGGER fails BEFORE INSERT ON messages WHEN NEW.message_id LIKE 'bad%'
             BEGIN SELECT RAISE(ROLLBACK, 'as if the disk were full'); END",
        )
        .await
        .unwrap();
    for round in 0..4 {
        let good = message(&format!("good {round}"), NOON, "");
        let bad = message(&format!("bad {round}"), NOON, "");
        let lost = message(&format!("lost {round}"), NOON, "");
        let failed = repository.append(&[lost, bad]).await;
        assert!(failed.is_err(), "{failed:?}");
        assert_eq!(
            repository.append(&[good]).await.unwrap(),
            [Appended::Created]
        );
    }
    // Another process sees what was answered, and no lock is left behind.
    let stored = super::adoption::column(&outside, "SELECT message_id FROM messages ORDER BY 1");
    assert_eq!(stored.await, ["good 0", "good 1", "good 2", "good 3"]);
    outside.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    outside.execute_unprepared("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn after_a_failed_write_it_is_not_ready_until_it_can_write_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open(&path).await;
    let outside = raw(&path).await;
    outside
        .execute_unprepared(
            "CREATE TRIGGER fails BEFORE INSERT ON messages
             BEGIN SELECT RAISE(ROLLBACK, 'as if the disk were full'); END",
        )
        .await
        .unwrap();
    super::assert_ready(&repository.readiness().await);
    assert!(repository.append(&[message("m", NOON, "")]).await.is_err());
    assert!(!repository.readiness().await.is_ready());
    outside
        .execute_unprepared("DROP TRIGGER fails")
        .await
        .unwrap();
    // By a message that gets through, or by itself after a while.
    repository.append(&[message("m", NOON, "")]).await.unwrap();
    super::assert_ready(&repository.readiness().await);
}

#[tokio::test]
async fn where_another_holds_the_lock_it_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open(&path).await;
    let outside = raw(&path).await;
    outside.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(
        super::failed(&repository.readiness().await),
        [(Check::Writer, "another process holds the lock")]
    );
    outside.execute_unprepared("ROLLBACK").await.unwrap();
    super::assert_ready(&repository.readiness().await);
}

#[tokio::test]
async fn a_file_that_is_gone_takes_no_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open(&path).await;
    fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
    let refused = repository
        .append(&[message("m", NOON, "")])
        .await
        .unwrap_err();
    assert!(
        matches!(refused, RepositoryError::Unavailable(_)),
        "{refused:?}"
    );
    assert!(!repository.readiness().await.is_ready());
    fs::write(&path, "another file").unwrap();
    assert!(repository.append(&[message("m", NOON, "")]).await.is_err());
}

#[tokio::test]
async fn it_says_what_its_files_take_each_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let beside = |end: &str| folder.path().join(format!("app.db{end}"));
    let repository = open(&path).await;
    let sent: Vec<_> = (0..100)
        .map(|n| message(&format!("m{n}"), NOON, &"long ".repeat(500)))
        .collect();
    repository.append(&sent).await.unwrap();
    let length = |end: &str| fs::metadata(beside(end)).map_or(0, |file| file.len());
    // The fold goes on meanwhile, until it has nothing left to do.
    let deadline = Instant::now() + Duration::from_mins(1);
    let storage = loop {
        let files = || ["", "-index", "-wal", "-index-wal"].map(length);
        let before = files();
        let storage = repository.storage().await;
        if files() == before {
            let [database, index, wal, index_wal] = before;
            assert_eq!(storage.database_bytes, Some(database));
            assert_eq!(storage.index_bytes, Some(index));
            assert_eq!(storage.wal_bytes, Some(wal + index_wal));
            break storage;
        }
        assert!(Instant::now() < deadline, "it does not come to rest");
    };
    assert!(
        storage
            .engine
            .is_some_and(|engine| engine.starts_with("SQLite 3."))
    );
    assert_eq!(storage.durability.as_deref(), Some("WAL, synchronous=FULL"));
    assert_eq!(storage.durable, Some(true));
    assert!(storage.free_bytes.is_some_and(|bytes| bytes > 0));

    // What is not there has no size, and the rest is said all the same.
    fs::rename(&path, beside("-elsewhere")).unwrap();
    let storage = repository.storage().await;
    assert_eq!(storage.database_bytes, None);
    assert!(storage.index_bytes.is_some() && storage.free_bytes.is_some());
}

#[tokio::test]
async fn one_that_is_not_durable_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        durability: Durability::Unsafe,
        ..SqliteOptions::default()
    };
    let path = folder.path().join("app.db");
    let repository = SqlRepository::open_sqlite_with(&path, options)
        .await
        .unwrap();
    let storage = repository.storage().await;
    assert_eq!(
        storage.durability.as_deref(),
        Some("WAL, synchronous=NORMAL")
    );
    assert_eq!(storage.durable, Some(false));
}
