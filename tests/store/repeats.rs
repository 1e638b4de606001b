//! How often messages came again, on every store.

use std::sync::Arc;

use countersign_core::{
    Appended::{Created, Duplicate},
    Message, MessageKey, MessageRepository, Repeat, Repeats,
};
use countersign_sea_orm::{Folding, SqlRepository};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use super::{open_postgres, open_unfolded, server::Database, sqlite::raw};
use crate::fixture::{at, key, message, of, source};

type Repository = Arc<dyn MessageRepository>;

const NOON: &str = "2025-01-01T12:00:00Z";
const ONE: &str = "2025-06-01T13:00:00Z";
const TWO: &str = "2025-06-01T14:00:00Z";

fn again(id: &str, times: u64, last: &str) -> Repeat {
    Repeat {
        key: key(id),
        times,
        last_seen_at: at(last),
    }
}

fn noted(times: u64, last: &str) -> Repeats {
    Repeats {
        times,
        last_seen_at: Some(at(last)),
    }
}

async fn how_often_a_message_came_again_is_added_up(repository: Repository) {
    let all = [message("m", NOON, "hello"), message("n", NOON, "hello")];
    assert_eq!(repository.append(&all).await.unwrap(), [Created; 2]);
    // Nobody has said so yet.
    assert_eq!(repository.append(&all).await.unwrap(), [Duplicate; 2]);
    assert_eq!(
        repository.repeats(&key("m")).await.unwrap(),
        Repeats::default()
    );
    repository.note_repeats(&[]).await.unwrap();
    let both = [again("n", 1, ONE), again("m", 3, TWO)];
    repository.note_repeats(&both).await.unwrap();
    repository
        .note_repeats(&[again("m", 4, ONE)])
        .await
        .unwrap();
    let of_m = repository.repeats(&key("m")).await.unwrap();
    assert_eq!(of_m, noted(7, TWO));
    let of_n = repository.repeats(&key("n")).await.unwrap();
    assert_eq!(of_n, noted(1, ONE));
    // And it is the message that it was.
    let found = repository.find(&key("m")).await.unwrap();
    assert_eq!(found.as_ref(), Some(&all[0]));
}

async fn what_is_not_there_cannot_have_come_again(repository: Repository) {
    let (plain, github) = (
        message("m", NOON, "hello"),
        of("github", message("g", NOON, "hello")),
    );
    let all = [plain, github.clone()];
    assert_eq!(repository.append(&all).await.unwrap(), [Created; 2]);
    let of_github = |id: &str| MessageKey {
        source: source("github"),
        ..key(id)
    };
    let keys = [of_github("m"), key("g"), key("nothing"), of_github("g")];
    let repeats = keys.clone().map(|key| Repeat {
        key,
        ..again("m", 2, ONE)
    });
    repository.note_repeats(&repeats).await.unwrap();
    for key in &keys[..3] {
        let noted = repository.repeats(key).await.unwrap();
        assert_eq!(noted, Repeats::default(), "{key:?}");
    }
    let of_github = repository.repeats(&github.content.key()).await.unwrap();
    assert_eq!(of_github, noted(2, ONE));
}

async fn a_purge_takes_it_away_and_nothing_is_added_any_more(repository: Repository) {
    let all = [message("m", NOON, "hello"), message("n", NOON, "hello")];
    assert_eq!(repository.append(&all).await.unwrap(), [Created; 2]);
    let both = [again("m", 3, ONE), again("n", 5, ONE)];
    repository.note_repeats(&both).await.unwrap();
    assert_eq!(repository.purge(&[key("m")], at(TWO)).await.unwrap(), 1);
    assert_eq!(
        repository.append(&all[..1]).await.unwrap(),
        [Duplicate],
        "its id stays taken"
    );
    repository.note_repeats(&both).await.unwrap();
    let of_m = repository.repeats(&key("m")).await.unwrap();
    assert_eq!(of_m, Repeats::default());
    let of_n = repository.repeats(&key("n")).await.unwrap();
    assert_eq!(of_n, noted(10, ONE));
}

async fn many_are_noted_at_once(repository: Repository) {
    let all: Vec<Message> = (0..1024)
        .map(|n| message(&format!("m{n}"), NOON, ""))
        .collect();
    repository.append(&all).await.unwrap();
    let repeats = all.iter().zip(1..).map(|(message, times)| Repeat {
        key: message.content.key(),
        ..again("m", times, ONE)
    });
    let repeats: Vec<Repeat> = repeats.collect();
    repository.note_repeats(&repeats).await.unwrap();
    for repeat in [&repeats[0], &repeats[500], &repeats[1023]] {
        let found = repository.repeats(&repeat.key).await.unwrap();
        assert_eq!(found, noted(repeat.times, ONE));
    }
}

mod on {
    on_every_store! {
        how_often_a_message_came_again_is_added_up
        what_is_not_there_cannot_have_come_again
        a_purge_takes_it_away_and_nothing_is_added_any_more
        many_are_noted_at_once
    }
}

/// How many rows there are.
async fn rows(outside: &DatabaseConnection) -> usize {
    let sql = "SELECT CAST(seq AS text) FROM repeats";
    super::adoption::column(outside, sql).await.len()
}

#[tokio::test]
async fn nothing_is_left_of_it_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open_unfolded(&path).await;
    let outside = raw(&path).await;
    let all = [message("m", NOON, "hello"), message("n", NOON, "hello")];
    repository.append(&all).await.unwrap();
    assert_eq!(rows(&outside).await, 0);
    let both = [again("m", 3, ONE), again("n", 5, ONE)];
    repository.note_repeats(&both).await.unwrap();
    assert_eq!(rows(&outside).await, 2);
    repository.purge(&[key("m")], at(TWO)).await.unwrap();
    assert_eq!(rows(&outside).await, 1);
}

/// Whoever waits for an answer has no part in it, and readiness does not either.
#[tokio::test]
async fn that_it_cannot_be_written_hinders_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open_unfolded(&path).await;
    let sent = [message("m", NOON, "hello")];
    repository.append(&sent).await.unwrap();
    let outside = raw(&path).await;
    outside
        .execute_unprepared(
            "CREATE TRIGGER full BEFORE INSERT ON repeats
             BEGIN SELECT RAISE(ROLLBACK, 'as if the disk were full'); END",
        )
        .await
        .unwrap();
    for _ in 0..3 {
        let refused = repository.note_repeats(&[again("m", 1, ONE)]).await;
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(repository.append(&sent).await.unwrap(), [Duplicate]);
        super::assert_ready(&repository.readiness().await);
    }
    let next = [message("next", NOON, "hello")];
    assert_eq!(repository.append(&next).await.unwrap(), [Created]);
    outside
        .execute_unprepared("DROP TRIGGER full")
        .await
        .unwrap();
    repository
        .note_repeats(&[again("m", 1, ONE)])
        .await
        .unwrap();
    let found = repository.repeats(&key("m")).await.unwrap();
    assert_eq!(found, noted(1, ONE));
}

/// That it could be written does not say that messages can be.
#[tokio::test]
async fn it_says_nothing_of_a_disk_that_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let repository = open_unfolded(&path).await;
    let sent = [message("m", NOON, "hello")];
    repository.append(&sent).await.unwrap();
    let outside = raw(&path).await;
    outside
        .execute_unprepared(
            "CREATE TRIGGER full BEFORE INSERT ON messages
             BEGIN SELECT RAISE(ROLLBACK, 'as if the disk were full'); END",
        )
        .await
        .unwrap();
    let next = [message("next", NOON, "hello")];
    assert!(repository.append(&next).await.is_err());
    // It is not even tried for a while.
    let refused = repository.note_repeats(&[again("m", 1, ONE)]).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(!repository.readiness().await.is_ready());
    assert_eq!(rows(&outside).await, 0);
}

/// Two instances note the same in different orders while both purge: nobody waits for ever, and what is
/// purged is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_that_count_and_purge_at_once_get_along() {
    let Some(database) = Database::new().await else {
        return;
    };
    let instances = [
        Arc::new(open_postgres(&database.url, Folding::InBackground).await),
        Arc::new(open_postgres(&database.url, Folding::InBackground).await),
    ];
    let all: Vec<Message> = (0..300)
        .map(|n| message(&format!("m{n}"), NOON, "hello"))
        .collect();
    instances[0].append(&all).await.unwrap();
    let keys: Vec<MessageKey> = all.iter().map(|one| one.content.key()).collect();
    let (purged, kept) = keys.split_at(200);
    let counting = instances.iter().map(|instance| {
        let instance = Arc::clone(instance);
        let mut repeats: Vec<Repeat> = keys
            .iter()
            .map(|key| Repeat {
                key: key.clone(),
                ..again("m", 1, ONE)
            })
            .collect();
        tokio::spawn(async move {
            for _ in 0..20 {
                repeats.reverse();
                instance.note_repeats(&repeats).await.unwrap();
            }
        })
    });
    let counting: Vec<_> = counting.collect();
    let purging = instances.iter().map(|instance| {
        let (instance, purged) = (Arc::clone(instance), purged.to_vec());
        tokio::spawn(async move {
            for some in purged.chunks(9) {
                instance.purge(some, at(TWO)).await.unwrap();
            }
        })
    });
    for task in purging.collect::<Vec<_>>().into_iter().chain(counting) {
        task.await.unwrap();
    }
    for key in kept {
        let found = instances[1].repeats(key).await.unwrap();
        assert_eq!(found, noted(40, ONE));
    }
    let outside = sea_orm::Database::connect(&database.url).await.unwrap();
    assert_eq!(rows(&outside).await, kept.len());
    outside.close().await.unwrap();
    close(instances).await;
}

async fn close(instances: [Arc<SqlRepository>; 2]) {
    for instance in instances {
        let instance = Arc::into_inner(instance).expect("nobody uses it");
        instance.close().await.unwrap();
    }
}
