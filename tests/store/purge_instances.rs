//! Purges beside other instances on one PostgreSQL.

use std::{sync::Arc, time::Duration};

use countersign_core::{
    Appended::{Created, Duplicate},
    ConflictFilter, Message, MessageRepository,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, SqlRepository};
use sea_orm::sqlx::Executor as _;

use super::{
    fold::{self, Dice, agree},
    open_postgres,
    server::Database,
};
use crate::fixture::{at, message};

const NOON: &str = "2025-01-01T12:00:00Z";

async fn two(database: &Database) -> [Arc<SqlRepository>; 2] {
    [
        Arc::new(open_postgres(&database.url, Folding::InBackground).await),
        Arc::new(open_postgres(&database.url, Folding::InBackground).await),
    ]
}

/// Whatever comes first, an id is stored once, and stays taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_beside_appends_of_the_same_ids_never_makes_room_for_them() {
    let Some(database) = Database::new().await else {
        return;
    };
    let instances = two(&database).await;
    let all: Vec<Message> = (0..200)
        .map(|n| message(&format!("m{n}"), NOON, "hello"))
        .collect();
    let outcomes = instances[0].append(&all).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Created));
    let conflicts = [message("m0", NOON, "other"), message("m50", NOON, "other")];
    let turned = [conflicts[1].clone(), conflicts[0].clone()];
    let conflicts = [conflicts, turned].into_iter();
    let appending = instances
        .iter()
        .zip(conflicts)
        .map(|(instance, conflicts)| {
            let (instance, all) = (Arc::clone(instance), all.clone());
            tokio::spawn(async move {
                for _ in 0..10 {
                    for batch in all.chunks(40) {
                        // In both orders, and with conflicts beside.
                        let mut batch = batch.to_vec();
                        batch.reverse();
                        batch.extend(conflicts.clone());
                        let outcomes = instance.append(&batch).await.unwrap();
                        assert!(outcomes[..40].iter().all(|outcome| *outcome == Duplicate));
                    }
                }
            })
        });
    let appending: Vec<_> = appending.collect();
    let purging = instances.each_ref().map(|instance| {
        let (instance, all) = (Arc::clone(instance), all.clone());
        tokio::spawn(async move {
            let mut purged = 0;
            for some in all.chunks(7) {
                let keys: Vec<_> = some.iter().map(|one| one.content.key()).collect();
                purged += instance.purge(&keys, at(NOON)).await.unwrap();
                let every = ConflictFilter::default();
                let few = std::num::NonZeroUsize::MIN;
                instance.purge_conflicts(&every, few).await.unwrap();
            }
            purged
        })
    });
    let mut purged = 0;
    for task in purging {
        purged += task.await.unwrap();
    }
    for task in appending {
        task.await.unwrap();
    }
    assert_eq!(purged, 200, "each is purged once");
    for instance in &instances {
        let stats = instance.stats().await.unwrap();
        assert_eq!(stats, countersign_core::Stats::default());
        assert_eq!(instance.append(&all).await.unwrap(), [Duplicate; 200]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_instance_remembers_is_forgotten_when_another_purges() {
    let Some(database) = Database::new().await else {
        return;
    };
    let instances = two(&database).await;
    let all = fold::messages(&mut Dice(31), 3_000);
    let model = MemoryRepository::new();
    model.append(&all).await.unwrap();
    for batch in all.chunks(1_000) {
        instances[0].append(batch).await.unwrap();
    }
    for (n, some) in all[..1_200].chunks(100).enumerate() {
        let mut dice = Dice(32);
        for _ in 0..5 {
            let query = fold::query(&mut dice, &all);
            agree(&model, &instances[0], &query).await;
            agree(&model, &instances[1], &query).await;
        }
        let keys: Vec<_> = some.iter().map(|one| one.content.key()).collect();
        model.purge(&keys, at(NOON)).await.unwrap();
        instances[n % 2].purge(&keys, at(NOON)).await.unwrap();
    }
    assert_eq!(
        instances[1].stats().await.unwrap(),
        model.stats().await.unwrap()
    );
}

/// While the fold does a step, a purge waits for it, and nobody else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_waits_for_the_fold_and_holds_up_nobody() {
    let Some(database) = Database::new().await else {
        return;
    };
    let [one, other] = two(&database).await;
    let all = [message("a", NOON, "hello"), message("b", NOON, "hello")];
    one.append(&all).await.unwrap();
    let mut folding = database.connect().await;
    folding
        .execute("BEGIN; SELECT * FROM state FOR UPDATE")
        .await
        .unwrap();
    let purging = {
        let keys = [all[0].content.key()];
        tokio::spawn(async move { one.purge(&keys, at(NOON)).await.unwrap() })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(other.append(&all).await.unwrap(), [Duplicate; 2]);
    assert_eq!(
        other.append(&[message("c", NOON, "")]).await.unwrap(),
        [Created]
    );
    assert!(!purging.is_finished());
    folding.execute("COMMIT").await.unwrap();
    assert_eq!(purging.await.unwrap(), 1);
    assert_eq!(other.stats().await.unwrap().total_messages, 2);
}
