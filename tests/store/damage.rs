//! Files that are not what was written to them: the index can be done without, the database cannot.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::Path,
    time::Duration,
};

use countersign_core::{
    Appended, Check, Message, MessageQuery, MessageRepository, RepositoryError,
};
use countersign_sea_orm::{Folding, SqlRepository, SqliteOptions};

use crate::fixture::message;

const NOON: &str = "2025-01-01T12:00:00Z";
const PAGE: u64 = 4096;

/// What is in a page that is damaged.
const SCRIBBLE: [u8; 4096] = [0xAB; 4096];

async fn open(path: &Path, folding: Folding) -> SqlRepository {
    let options = SqliteOptions {
        folding,
        ..SqliteOptions::default()
    };
    SqlRepository::open_sqlite_with(path, options)
        .await
        .expect("a database")
}

/// A database with messages that are folded; nobody has it open.
async fn filled(path: &Path) -> Vec<Message> {
    let repository = open(path, Folding::OnDemand).await;
    let text = "a text that takes some room ".repeat(20);
    let messages: Vec<Message> = (0..400)
        .map(|n| message(&format!("m{n:03}"), NOON, &text))
        .collect();
    repository.append(&messages).await.unwrap();
    let all = std::num::NonZeroUsize::new(1000).unwrap();
    repository.fold(all).await.unwrap();
    repository.close().await.unwrap();
    messages
}

/// Overwrites every page behind the first so many.
fn scribble(path: &Path, whole: u64) {
    let file = File::options().write(true).open(path).unwrap();
    let pages = fs::metadata(path).unwrap().len() / PAGE;
    assert!(pages > whole + 5, "{pages} pages");
    for page in whole..pages {
        file.write_all_at(&SCRIBBLE, page * PAGE).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_index_is_done_without_and_then_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let messages = filled(&path).await;
    let index = folder.path().join("app.db-index");
    // What is read at the start is whole.
    scribble(&index, 16);
    let repository = open(&path, Folding::OnDemand).await;
    for _ in 0..3 {
        let page = repository.list(&MessageQuery::default()).await.unwrap();
        assert_eq!(page.total, messages.len() as u64);
        assert_eq!(page.items[0], messages[0]);
        let stats = repository.stats().await.unwrap();
        assert_eq!(stats.total_messages, messages.len() as u64);
    }
    super::assert_ready(&repository.readiness().await);
    let outcome = repository.append(&[message("new", NOON, "")]).await;
    assert_eq!(outcome.unwrap(), [Appended::Created]);
    repository.close().await.unwrap();

    let repository = open(&path, Folding::OnDemand).await;
    assert_eq!(repository.fold_lag().messages, 401, "it is a new one");
}

#[tokio::test]
async fn an_index_that_is_no_database_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    filled(&path).await;
    let index = folder.path().join("app.db-index");
    for garbage in [
        "",
        "a letter to a friend, which is longer than a header",
        "SQLite format 3\0",
    ] {
        fs::write(&index, garbage.repeat(100)).unwrap();
        let repository = open(&path, Folding::OnDemand).await;
        let page = repository.list(&MessageQuery::default()).await.unwrap();
        assert_eq!(page.total, 400);
        repository.close().await.unwrap();
    }
}

#[tokio::test]
async fn once_the_database_is_found_to_be_damaged_nothing_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let messages = filled(&path).await;
    // Schema and migrations are whole, and so is the page that the next message goes to, perhaps.
    let pages = fs::metadata(&path).unwrap().len() / PAGE;
    let file = File::options().write(true).open(&path).unwrap();
    for page in pages / 3..pages * 2 / 3 {
        file.write_all_at(&SCRIBBLE, page * PAGE).unwrap();
    }
    let repository = open(&path, Folding::OnDemand).await;
    let damaged = repository.damaged();
    let mut refused = 0;
    for message in &messages {
        match repository.find(&message.content.key()).await {
            Ok(found) => assert_eq!(found.as_ref(), Some(message)),
            Err(RepositoryError::Unavailable(_)) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(refused > 0, "nothing is damaged: this test proves nothing");
    tokio::time::timeout(Duration::from_secs(30), damaged)
        .await
        .expect("it is said");
    let appended = repository.append(&[message("new", NOON, "")]).await;
    assert!(
        matches!(appended, Err(RepositoryError::Unavailable(_))),
        "{appended:?}"
    );
    let found = repository.readiness().await;
    assert_eq!(
        super::failed(&found),
        [(
            Check::Writer,
            "the database has failed, and the server ends"
        )]
    );
    let before = fs::read(&path).unwrap();
    repository.close().await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), before, "it is left as it is");
}

#[tokio::test]
async fn a_damaged_database_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    filled(&path).await;
    scribble(&path, 1);
    let before = fs::read(&path).unwrap();
    let error = SqlRepository::open_sqlite(&path)
        .await
        .err()
        .expect("an error");
    assert!(error.is_damage(), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}
