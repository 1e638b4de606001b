//! Databases of the original service.

use std::path::Path;

use countersign_core::{Appended, MessageQuery, MessageRepository, Text};
use countersign_sea_orm::SqlRepository;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::{purge_files::are_in_no_file, sqlite::raw};
use crate::fixture::{at, key, message};

/// The original service's table, as it made it.
const ORIGINAL: &str = "CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    from_msisdn TEXT NOT NULL,
    to_msisdn TEXT NOT NULL,
    ts TEXT NOT NULL,
    text TEXT,
    created_at TEXT NOT NULL
)";

async fn original(path: &Path, rows: &[&str]) {
    let db = raw(path).await;
    db.execute_unprepared(ORIGINAL).await.unwrap();
    for row in rows {
        let insert = format!("INSERT INTO messages VALUES ({row})");
        db.execute_unprepared(&insert).await.unwrap();
    }
    db.close().await.unwrap();
}

async fn adopt(path: &Path) -> SqlRepository {
    SqlRepository::open_sqlite(path)
        .await
        .expect("the database is adopted")
}

pub async fn column(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

#[tokio::test]
async fn every_row_is_kept_and_what_is_no_message_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    original(
        &path,
        &[
            "'m2', '+14155550100', '+14155550199', '2025-01-02T00:00:00Z', 'hello', '2025-06-01T12:00:00Z'",
            "'m1', '+14155550100', '+14155550199', '2025-01-01T02:00:00.5+02:00', NULL, '2025-06-01T12:00:00.25Z'",
            "'naive', '+14155550100', '+14155550199', '2025-01-03T00:00:00Z', '', '2025-06-01 12:00:00.5'",
            "'short', '+1', 'nobody', '2025-01-04T00:00:00Z', 'x', '2025-06-01T12:00:00'",
            "'bad-ts', '+14155550100', '+14155550199', 'yesterday', 'keep me', '2025-06-01T12:00:00Z'",
            "'bad-created', '+14155550100', '+14155550199', '2025-01-05T00:00:00Z', 'x', 'then'",
            "NULL, '+14155550100', '+14155550199', '2025-01-06T00:00:00Z', 'no id', '2025-06-01T12:00:00Z'",
        ],
    )
    .await;

    let repository = adopt(&path).await;
    let page = repository.list(&MessageQuery::default()).await.unwrap();
    let found: Vec<(String, String, String)> = page
        .items
        .iter()
        .map(|message| {
            (
                message.content.id.to_string(),
                message.content.ts.to_string(),
                message.created_at.to_string(),
            )
        })
        .collect();
    let row = |id: &str, ts: &str, created_at: &str| (id.into(), ts.into(), created_at.into());
    assert_eq!(
        found,
        [
            row("m1", "2025-01-01T00:00:00.5Z", "2025-06-01T12:00:00.25Z"),
            row("m2", "2025-01-02T00:00:00Z", "2025-06-01T12:00:00Z"),
            row("naive", "2025-01-03T00:00:00Z", "2025-06-01T12:00:00.5Z"),
            row("short", "2025-01-04T00:00:00Z", "2025-06-01T12:00:00Z"),
            row(
                "bad-created",
                "2025-01-05T00:00:00Z",
                "2025-01-05T00:00:00Z"
            ),
        ]
    );
    // A number that today's rule refuses was accepted once, and stays readable.
    let short = repository.find(&key("short")).await.unwrap().unwrap();
    assert_eq!(short.content.to.as_str(), "nobody");
    // What the provider sends again is known.
    let again = message("m2", "2025-01-02T00:00:00Z", "hello");
    assert_eq!(
        repository.append(&[again]).await.unwrap(),
        [Appended::Duplicate]
    );
    let stats = repository.stats().await.unwrap();
    assert_eq!(stats.first_message_ts, Some(at("2025-01-01T00:00:00.5Z")));
    repository.close().await.unwrap();

    let db = raw(&path).await;
    let aside = "SELECT coalesce(message_id, '-') || '|' || text || '|' || ts
                 FROM original_rows_set_aside ORDER BY 1";
    assert_eq!(
        column(&db, aside).await,
        [
            "-|no id|2025-01-06T00:00:00Z",
            "bad-created|x|2025-01-05T00:00:00Z",
            "bad-ts|keep me|yesterday",
        ]
    );
    db.close().await.unwrap();

    // A second start finds nothing to adopt.
    let repository = adopt(&path).await;
    assert_eq!(repository.stats().await.unwrap().total_messages, 5);
}

#[tokio::test]
async fn many_rows_are_adopted_in_the_order_of_their_arrival() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    original(&path, &[]).await;
    let db = raw(&path).await;
    db.execute_unprepared(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2345)
         INSERT INTO messages SELECT printf('m%05d', 99999 - i), '+12', '+13',
            '2025-01-01T00:00:00Z', 'text ' || i, '2025-06-01T12:00:00Z' FROM n",
    )
    .await
    .unwrap();
    db.close().await.unwrap();

    let repository = adopt(&path).await;
    assert_eq!(repository.stats().await.unwrap().total_messages, 2345);
    repository.close().await.unwrap();
    let db = raw(&path).await;
    let arrivals = column(&db, "SELECT text FROM messages ORDER BY seq LIMIT 3").await;
    assert_eq!(arrivals, ["text 1", "text 2", "text 3"]);
}

#[tokio::test]
async fn a_table_without_a_key_may_repeat_ids_and_the_first_is_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let db = raw(&path).await;
    db.execute_unprepared(&ORIGINAL.replace(" PRIMARY KEY", ""))
        .await
        .unwrap();
    for text in ["first", "second"] {
        db.execute_unprepared(&format!(
            "INSERT INTO messages VALUES
             ('m', '+12', '+13', '2025-01-01T00:00:00Z', '{text}', '2025-06-01T12:00:00Z')"
        ))
        .await
        .unwrap();
    }
    db.close().await.unwrap();

    let repository = adopt(&path).await;
    let kept = repository.find(&key("m")).await.unwrap().unwrap();
    assert_eq!(kept.content.text.as_ref().map(Text::as_str), Some("first"));
    repository.close().await.unwrap();
    let db = raw(&path).await;
    let aside = column(&db, "SELECT text FROM original_rows_set_aside").await;
    assert_eq!(aside, ["second"]);
}

/// Also not where the original table was.
#[tokio::test]
async fn what_was_adopted_and_is_purged_is_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let row = |n: u32| {
        format!(
            "'m{n}', '+12', '+13', '2025-01-01T00:00:00Z', 'the word is CANARY {n}',
             '2025-06-01T12:00:00Z'"
        )
    };
    let rows: Vec<String> = (0..300).map(row).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    original(&path, &rows).await;
    let repository = adopt(&path).await;
    let all: Vec<_> = (0..300).map(|n| key(&format!("m{n}"))).collect();
    let now = at("2026-01-01T00:00:00Z");
    assert_eq!(repository.purge(&all, now).await.unwrap(), 300);
    repository.close().await.unwrap();
    are_in_no_file(folder.path(), &["canary"]);
}

#[tokio::test]
async fn somebody_elses_table_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let db = raw(&path).await;
    db.execute_unprepared("CREATE TABLE messages (id INTEGER, body TEXT)")
        .await
        .unwrap();
    db.execute_unprepared("INSERT INTO messages VALUES (1, 'mine')")
        .await
        .unwrap();
    db.close().await.unwrap();

    let before = std::fs::read(&path).unwrap();
    let refused = SqlRepository::open_sqlite(&path).await;
    assert!(refused.is_err());
    assert!(
        std::fs::read(&path).unwrap() == before,
        "the file was touched"
    );
}

const NEW: &str = "'+12', '+13', '2025-01-01T00:00:00Z', 'x', '2025-06-01T12:00:00Z'";

#[tokio::test]
async fn what_else_is_in_the_database_is_not_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let db = raw(&path).await;
    for sql in [
        &ORIGINAL.replace("message_id", "notes TEXT, message_id"),
        "CREATE TABLE tags (message_id TEXT REFERENCES messages ON DELETE CASCADE, tag TEXT)",
        "CREATE VIEW latest AS SELECT * FROM messages ORDER BY ts DESC",
        &format!("INSERT INTO messages VALUES ('precious', 'm', {NEW})"),
        "INSERT INTO tags VALUES ('m', 'urgent')",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();

    let repository = adopt(&path).await;
    assert!(repository.find(&key("m")).await.unwrap().is_some());
    repository.close().await.unwrap();
    let db = raw(&path).await;
    assert_eq!(column(&db, "SELECT tag FROM tags").await, ["urgent"]);
    assert_eq!(
        column(&db, "SELECT notes FROM original_messages").await,
        ["precious"]
    );
    assert_eq!(column(&db, "SELECT message_id FROM latest").await, ["m"]);
}

#[tokio::test]
async fn odd_rows_are_set_aside_and_none_is_overlooked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    original(
        &path,
        &[&format!("x'80ff41', {NEW}"), &format!("'fine', {NEW}")],
    )
    .await;
    let db = raw(&path).await;
    let columns = "rowid, message_id, from_msisdn, to_msisdn, ts, text, created_at";
    for row_id in [i64::MIN, -5, i64::MAX] {
        let insert =
            format!("INSERT INTO messages ({columns}) VALUES ({row_id}, 'id {row_id}', {NEW})");
        db.execute_unprepared(&insert).await.unwrap();
    }
    db.close().await.unwrap();

    let repository = adopt(&path).await;
    assert_eq!(repository.stats().await.unwrap().total_messages, 4);
    repository.close().await.unwrap();
    let db = raw(&path).await;
    let aside = "SELECT hex(message_id) || ' ' || reason FROM original_rows_set_aside";
    assert_eq!(column(&db, aside).await, ["80FF41 a column is not UTF-8"]);
}
