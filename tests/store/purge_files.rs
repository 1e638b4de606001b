//! A purge of two files: what a crash leaves of it, and what is left in the files.

use std::{fs, num::NonZeroUsize, path::Path, sync::Arc};

use countersign_core::{
    Appended::{Conflict, Created, Duplicate},
    Limit, Message, MessageKey, MessageQuery, MessageRepository, RepositoryError, Text, Timestamp,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::SqlRepository;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use super::{
    fold::{self, Dice, agree},
    open_unfolded,
    sqlite::raw,
    timeline,
};
use crate::fixture::{at, message};

const NOON: &str = "2025-01-01T12:00:00Z";
const ALL: NonZeroUsize = NonZeroUsize::MAX;

fn now() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

fn keys(messages: &[Message]) -> Vec<MessageKey> {
    messages.iter().map(|one| one.content.key()).collect()
}

/// What the first part of a purge does, after which the process is gone.
async fn mark(path: &Path, messages: &[Message]) {
    let outside = raw(path).await;
    for one in messages {
        let name = one.content.id.as_str();
        for sql in [
            format!("UPDATE messages SET purged_at = 5 WHERE message_id = '{name}'"),
            format!(
                "INSERT INTO purged SELECT seq, (SELECT marked + 1 FROM purges) FROM messages
                 WHERE message_id = '{name}'"
            ),
        ] {
            outside.execute_unprepared(&sql).await.unwrap();
        }
    }
    let sql = "UPDATE purges SET marked = marked + 1";
    outside.execute_unprepared(sql).await.unwrap();
    outside.close().await.unwrap();
}

/// How many messages are marked and still there.
async fn doomed(path: &Path) -> usize {
    let outside = raw(path).await;
    let names = super::adoption::column(
        &outside,
        "SELECT message_id FROM messages WHERE purged_at IS NOT NULL AND digest IS NULL",
    );
    let count = names.await.len();
    outside.close().await.unwrap();
    count
}

async fn is_as(model: &MemoryRepository, database: &SqlRepository, messages: &[Message]) {
    assert_eq!(
        database.stats().await.unwrap(),
        model.stats().await.unwrap()
    );
    let mut dice = Dice(21);
    for _ in 0..30 {
        agree(model, database, &fold::query(&mut dice, messages)).await;
        timeline::agree(model, database, &mut dice, messages).await;
    }
}

/// Messages, the model that has them, and the database that has them and has folded none.
async fn filled(
    path: &Path,
    seed: u64,
    count: u64,
) -> (Vec<Message>, MemoryRepository, SqlRepository) {
    let all = plain(fold::messages(&mut Dice(seed), count));
    let model = MemoryRepository::new();
    model.append(&all).await.unwrap();
    let database = open_unfolded(path).await;
    database.append(&all).await.unwrap();
    (all, model, database)
}

fn plain(messages: Vec<Message>) -> Vec<Message> {
    let mut messages = messages;
    messages.retain(|one| one.content.source.is_default());
    messages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_has_left_of_a_purge_is_done_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let index = folder.path().join("app.db-index");
    let before = folder.path().join("before");
    let (all, model, database) = filled(&path, 20, 2_000).await;
    database
        .fold(NonZeroUsize::new(1_200).unwrap())
        .await
        .unwrap();
    database.close().await.unwrap();

    // Marked, and nothing more; some are folded, some not.
    mark(&path, &all[1_000..1_300]).await;
    model.purge(&keys(&all[1_000..1_300]), now()).await.unwrap();
    let database = open_unfolded(&path).await;
    is_as(&model, &database, &all).await;
    assert_eq!(doomed(&path).await, 0);
    assert_eq!(
        database.append(&all[1_000..1_001]).await.unwrap(),
        [Duplicate]
    );
    database.close().await.unwrap();

    // Taken out of the index, and still in the log: the index is that of after, the log's marks are
    // made again.
    fs::copy(&path, &before).unwrap();
    let database = open_unfolded(&path).await;
    database.purge(&keys(&all[..100]), now()).await.unwrap();
    database.close().await.unwrap();
    model.purge(&keys(&all[..100]), now()).await.unwrap();
    fs::copy(&before, &path).unwrap();
    mark(&path, &all[..100]).await;
    let database = open_unfolded(&path).await;
    assert!(
        database.fold_lag().messages < 1_000,
        "the index is not made anew"
    );
    is_as(&model, &database, &all).await;
    assert_eq!(doomed(&path).await, 0);
    database.fold(ALL).await.unwrap();
    is_as(&model, &database, &all).await;
    database.close().await.unwrap();

    // An index that knows less than the log has forgotten is made anew; and so is one that knows more.
    for (log, purged) in [(false, 200..300), (true, 300..400)] {
        let file = if log { &path } else { &index };
        fs::copy(file, &before).unwrap();
        let database = open_unfolded(&path).await;
        database
            .purge(&keys(&all[purged.clone()]), now())
            .await
            .unwrap();
        database.close().await.unwrap();
        fs::copy(&before, file).unwrap();
        if !log {
            model.purge(&keys(&all[purged]), now()).await.unwrap();
        }
        let database = open_unfolded(&path).await;
        assert!(database.fold_lag().messages > 0, "it is made anew");
        is_as(&model, &database, &all).await;
        database.fold(ALL).await.unwrap();
        is_as(&model, &database, &all).await;
        database.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_purge_waits_for_the_index_pages_and_totals_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let (all, model, database) = filled(&path, 22, 1_500).await;
    database
        .fold(NonZeroUsize::new(900).unwrap())
        .await
        .unwrap();
    // To the index, they are still there; and an id is taken by what it was taken by.
    mark(&path, &all[700..1_000]).await;
    is_as(&model, &database, &all).await;
    let mut changed = all[800].clone();
    changed.content.ts = Timestamp::MAX;
    let again = [all[800].clone(), changed.clone()];
    assert_eq!(
        database.append(&again).await.unwrap(),
        [Duplicate, Conflict]
    );
    assert_eq!(database.find(&all[800].content.key()).await.unwrap(), None);
    // The fold goes on, and has it done by the way.
    database.fold(NonZeroUsize::new(50).unwrap()).await.unwrap();
    model.purge(&keys(&all[700..1_000]), now()).await.unwrap();
    is_as(&model, &database, &all).await;
    assert_eq!(doomed(&path).await, 300);
    // Any purge finishes it.
    assert_eq!(database.purge(&[], now()).await.unwrap(), 0);
    assert_eq!(doomed(&path).await, 0);
    is_as(&model, &database, &all).await;
    let conflicts = database.conflicts(None, Limit::default()).await.unwrap();
    assert_eq!(conflicts.items[0].content, changed.content);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_may_purge_while_another_appends_and_folds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let all = fold::messages(&mut Dice(23), 6_000);
    let model = MemoryRepository::new();
    model.append(&all).await.unwrap();
    let server = Arc::new(SqlRepository::open_sqlite(&path).await.unwrap());
    server.append(&all[..2_000]).await.unwrap();
    let appending = {
        let (server, all) = (Arc::clone(&server), all.clone());
        tokio::spawn(async move {
            for batch in all[2_000..].chunks(50) {
                server.append(batch).await.unwrap();
                // A page and its total fit together, whatever happens meanwhile.
                let page = server.list(&MessageQuery::default()).await.unwrap();
                assert!(page.items.len() == 50 && page.total >= 1_000);
            }
        })
    };
    let other = SqlRepository::open_sqlite(&path).await.unwrap();
    for some in all[..1_500].chunks(60) {
        let purged = other.purge(&keys(some), now()).await.unwrap();
        assert_eq!(purged, some.len() as u64);
        // Whoever asks, it is gone.
        for database in [&other, server.as_ref()] {
            let found = database.find(&some[0].content.key()).await.unwrap();
            assert_eq!(found, None);
        }
    }
    appending.await.unwrap();
    model.purge(&keys(&all[..1_500]), now()).await.unwrap();
    for database in [&other, server.as_ref()] {
        is_as(&model, database, &all).await;
    }
    other.close().await.unwrap();
    server.fold(ALL).await.unwrap();
    is_as(&model, &server, &all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_index_messages_can_be_purged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fs::create_dir(folder.path().join("app.db-index")).unwrap();
    let all = fold::messages(&mut Dice(24), 1_000);
    let model = MemoryRepository::new();
    let database = open_unfolded(&path).await;
    for batch in all.chunks(250) {
        model.append(batch).await.unwrap();
        database.append(batch).await.unwrap();
    }
    let some = keys(&all[100..300]);
    assert_eq!(database.purge(&some, now()).await.unwrap(), 200);
    model.purge(&some, now()).await.unwrap();
    assert_eq!(doomed(&path).await, 0);
    is_as(&model, &database, &all).await;
}

/// Another process has lost its index, and purges without: to this one's, what is gone is still there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_a_purge_has_passed_by_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let (all, model, database) = filled(&path, 25, 1_000).await;
    database
        .fold(NonZeroUsize::new(600).unwrap())
        .await
        .unwrap();
    mark(&path, &all[500..700]).await;
    let outside = raw(&path).await;
    for sql in [
        "UPDATE messages SET from_msisdn = '', to_msisdn = '', ts = 0, text = NULL,
            text_folded = NULL, created_at = 0, verified_by = NULL, digest = zeroblob(32)
         WHERE purged_at IS NOT NULL",
        "UPDATE purged SET purge = NULL",
        "UPDATE purges SET blanked = marked",
    ] {
        outside.execute_unprepared(sql).await.unwrap();
    }
    model.purge(&keys(&all[500..700]), now()).await.unwrap();
    is_as(&model, &database, &all).await;
    assert!(database.fold(ALL).await.is_err());
    is_as(&model, &database, &all).await;
    // It can purge all the same.
    assert_eq!(database.purge(&keys(&all[..9]), now()).await.unwrap(), 9);
    model.purge(&keys(&all[..9]), now()).await.unwrap();
    is_as(&model, &database, &all).await;
}

/// Another process holds the index's lock for so long that this one goes without an index. It must not
/// blank the log behind an index that others use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_cannot_be_opened_now_is_not_passed_by() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let (all, model, server) = filled(&path, 27, 1_000).await;
    server.fold(ALL).await.unwrap();

    let index = raw(&folder.path().join("app.db-index")).await;
    let lock = index.begin().await.unwrap();
    lock.execute_unprepared("UPDATE state SET format = format")
        .await
        .unwrap();
    let without = open_unfolded(&path).await;
    let some = keys(&all[..100]);
    let refused = without.purge(&some, now()).await;
    assert!(matches!(refused, Err(RepositoryError::Unavailable(_))));
    assert_eq!(doomed(&path).await, 100, "nothing is blank");
    lock.rollback().await.unwrap();

    // It can do it now, though the index is not its own.
    assert_eq!(without.purge(&[], now()).await.unwrap(), 0);
    assert_eq!(doomed(&path).await, 0);
    let more = keys(&all[100..150]);
    assert_eq!(without.purge(&more, now()).await.unwrap(), 50);
    model.purge(&some, now()).await.unwrap();
    model.purge(&more, now()).await.unwrap();
    is_as(&model, &without, &all).await;
    is_as(&model, &server, &all).await;
    assert_eq!(server.fold(ALL).await.unwrap().behind, 0, "it is kept");
}

/// What cannot be done in the index is done by the next purge, even one that marks nothing itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failure_has_left_of_a_purge_is_done_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let (all, model, database) = filled(&path, 28, 1_000).await;
    database.fold(ALL).await.unwrap();
    let index = raw(&folder.path().join("app.db-index")).await;
    let fail = "CREATE TRIGGER fail BEFORE UPDATE OF purged ON state
                BEGIN SELECT RAISE(ABORT, 'not now'); END";
    index.execute_unprepared(fail).await.unwrap();
    let some = keys(&all[..100]);
    let failed = database.purge(&some, now()).await;
    assert!(matches!(failed, Err(RepositoryError::Unavailable(_))));
    assert!(database.purge(&[], now()).await.is_err());
    assert_eq!(doomed(&path).await, 100);
    assert_eq!(database.find(&some[0]).await.unwrap(), None);

    index.execute_unprepared("DROP TRIGGER fail").await.unwrap();
    assert_eq!(database.purge(&[], now()).await.unwrap(), 0);
    assert_eq!(doomed(&path).await, 0);
    model.purge(&some, now()).await.unwrap();
    is_as(&model, &database, &all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_lacks_a_party_is_made_anew_and_does_not_stop_purges() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let (all, model, database) = filled(&path, 29, 1_000).await;
    database.fold(ALL).await.unwrap();
    let index = raw(&folder.path().join("app.db-index")).await;
    let from = all[0].content.from.as_str();
    let lose = format!("DELETE FROM parties WHERE number = '{from}'");
    index.execute_unprepared(&lose).await.unwrap();
    index.close().await.unwrap();
    let some = keys(&all[..10]);
    assert_eq!(database.purge(&some, now()).await.unwrap(), 10);
    assert_eq!(doomed(&path).await, 0);
    model.purge(&some, now()).await.unwrap();
    is_as(&model, &database, &all).await;
    database.close().await.unwrap();
    let database = open_unfolded(&path).await;
    assert_eq!(database.fold_lag().messages, all.len() as u64);
    database.fold(ALL).await.unwrap();
    is_as(&model, &database, &all).await;
}

#[tokio::test]
async fn an_index_of_the_format_before_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let all = plain(fold::messages(&mut Dice(26), 500));
    let database = open_unfolded(&path).await;
    database.append(&all).await.unwrap();
    database.fold(ALL).await.unwrap();
    let stats = database.stats().await.unwrap();
    database.close().await.unwrap();
    let index = raw(&folder.path().join("app.db-index")).await;
    let older = "UPDATE state SET format = format - 1";
    index.execute_unprepared(older).await.unwrap();
    index.close().await.unwrap();
    let database = open_unfolded(&path).await;
    assert_eq!(database.fold_lag().messages, all.len() as u64);
    assert_eq!(database.stats().await.unwrap(), stats);
    database.fold(ALL).await.unwrap();
    assert_eq!(database.stats().await.unwrap(), stats);
}

/// Of a few among many. Where SQLite moves many rows together, it may leave a part of one where
/// nothing is, until it writes there again (ARCHITECTURE.md says so).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_purged_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let database = SqlRepository::open_sqlite(&path).await.unwrap();
    let long = "CANARY".repeat(600);
    let texts = ["CANARY", "a CANARY b", "Ünï CANARY", "xCANARYx", &long];
    let mut all = Vec::new();
    for n in 0..2_000 {
        let mut one = message(&format!("m{n}"), NOON, "an ordinary text");
        if n % 97 == 5 {
            let text = format!("{} {n} xyzzy{n}", texts[n % texts.len()]);
            one = message(&format!("m{n}"), NOON, &text);
            one.content.from = crate::fixture::number(&format!("+4915{:09}", 424_242_000 + n));
        }
        all.push(one);
    }
    for batch in all.chunks(500) {
        let outcomes = database.append(batch).await.unwrap();
        assert!(outcomes.iter().all(|outcome| *outcome == Created));
        database.fold(ALL).await.unwrap();
    }
    let other = message("m5", NOON, "another CANARY");
    assert_eq!(database.append(&[other]).await.unwrap(), [Conflict]);
    all.retain(|one| one.content.from.as_str().starts_with("+4915"));
    for batch in all.chunks(6) {
        database.purge(&keys(batch), now()).await.unwrap();
    }
    database.close().await.unwrap();
    are_in_no_file(folder.path(), &["canary", "xyzzy", "4915424242"]);
}

/// As `countersign purge` does it beside a server to which nothing comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_purged_is_in_no_file_while_another_has_the_database_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let server = open_unfolded(&path).await;
    let all: Vec<Message> = (0..200)
        .map(|n| match n % 20 {
            3 => message(&format!("m{n}"), NOON, &format!("a CANARY xyzzy{n}")),
            _ => message(&format!("m{n}"), NOON, "an ordinary text"),
        })
        .collect();
    server.append(&all).await.unwrap();
    server.fold(ALL).await.unwrap();
    let other = message("m3", NOON, "another CANARY");
    assert_eq!(server.append(&[other]).await.unwrap(), [Conflict]);

    let purging = open_unfolded(&path).await;
    let mut doomed = all;
    doomed.retain(|one| {
        let text = one.content.text.as_ref().map(Text::as_str);
        text.is_some_and(|text| text.contains("CANARY"))
    });
    for some in doomed.chunks(3) {
        purging.purge(&keys(some), now()).await.unwrap();
    }
    purging.close().await.unwrap();
    are_in_no_file(folder.path(), &["canary", "xyzzy"]);

    // Who asks before closing is told.
    let purging = open_unfolded(&path).await;
    assert!(purging.forget_purged().await.unwrap());
    let reading = raw(&path).await.begin().await.unwrap();
    let count = "SELECT count(*) FROM messages";
    reading.execute_unprepared(count).await.unwrap();
    let ordinary = message("m1", NOON, "an ordinary text");
    purging.purge(&keys(&[ordinary]), now()).await.unwrap();
    assert!(!purging.forget_purged().await.unwrap());
    reading.rollback().await.unwrap();
    assert!(purging.forget_purged().await.unwrap());
    purging.close().await.unwrap();
    let total = server.stats().await.unwrap().total_messages;
    assert_eq!(total, 189);
}

/// Fails where one of these, in small letters, is in a file of the folder.
pub fn are_in_no_file(folder: &Path, canaries: &[&str]) {
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let bytes = fs::read(&file).unwrap().to_ascii_lowercase();
        for canary in canaries {
            let found = bytes
                .windows(canary.len())
                .filter(|window| *window == canary.as_bytes())
                .count();
            assert_eq!(found, 0, "{canary} in {}", file.display());
        }
    }
}
