//! What is particular to PostgreSQL: several processes on one database, and a database that fails.

use std::{
    collections::HashSet,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use countersign_core::{
    Appended::{Created, Duplicate},
    ArrivalQuery, Check, Finding, Message, MessageFilter, MessageQuery, MessageRepository,
    RepositoryError, SearchTerm, Sequence,
};
use countersign_sea_orm::{Folding, OpenError, PostgresOptions, SqlRepository};
use sea_orm::sqlx::{self, Executor as _, PgConnection};
use tokio::task::JoinHandle;

use super::{
    open_postgres,
    server::Database,
    toxic::{Proxy, Toxic},
};
use crate::fixture::{at, key, message};

const NOON: &str = "2025-01-01T12:00:00Z";

/// Longer than anything takes on a machine that is not stuck.
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(database: &Database) -> SqlRepository {
    open_postgres(&database.url, Folding::InBackground).await
}

fn named(name: &str) -> Vec<Message> {
    vec![message(name, NOON, "hello")]
}

/// Waits until it is so.
macro_rules! until {
    ($condition:expr) => {
        tokio::time::timeout(PATIENCE, async {
            while !$condition {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect(concat!("it never came to this: ", stringify!($condition)))
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_may_start_at_once_on_a_new_database() {
    let Some(database) = Database::new().await else {
        return;
    };
    let starting: Vec<JoinHandle<SqlRepository>> = (0..8)
        .map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { open_postgres(&url, Folding::OnDemand).await })
        })
        .collect();
    for started in starting {
        let repository = started.await.unwrap();
        super::assert_ready(&repository.readiness().await);
        repository.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_and_not_touched() {
    let Some(database) = Database::new().await else {
        return;
    };
    let url = database.url.parse().unwrap();
    let pending = SqlRepository::pending_migrations_of_postgres(&url).await;
    assert_eq!(
        pending.unwrap(),
        [
            "p0001_messages",
            "p0002_sources",
            "p0003_minutes",
            "p0004_repeats"
        ]
    );
    open(&database).await.close().await.unwrap();
    let pending = SqlRepository::pending_migrations_of_postgres(&url).await;
    assert!(pending.unwrap().is_empty());
    let newer = "INSERT INTO seaql_migrations VALUES ('p9999_future', 0)";
    database.run(newer).await;
    let refused = SqlRepository::open_postgres(&url).await.err().unwrap();
    assert!(matches!(&refused, OpenError::Newer(name) if name == "p9999_future"));
    assert!(!refused.passes());
    let pending = SqlRepository::pending_migrations_of_postgres(&url).await;
    assert!(matches!(pending, Err(OpenError::Newer(_))));
}

#[tokio::test]
async fn a_database_that_is_not_there_is_waited_for_and_then_named() {
    let Some(database) = Database::new().await else {
        return;
    };
    let proxy = Proxy::before("127.0.0.1:1".to_owned()).await;
    let options = PostgresOptions {
        patience: Duration::from_millis(300),
        ..PostgresOptions::default()
    };
    let url = database.url_by_way_of(proxy.address).parse().unwrap();
    let refused = SqlRepository::open_postgres_with(&url, options).await;
    let refused = refused.err().unwrap();
    assert!(matches!(refused, OpenError::Connect(_)), "{refused:?}");
    assert!(refused.passes());
}

/// Reads every arrival there is and will be, until told to stop; fails if one comes twice, or if the
/// order goes back.
fn follow(repository: &Arc<SqlRepository>, expected: usize) -> JoinHandle<HashSet<String>> {
    let repository = Arc::clone(repository);
    tokio::spawn(async move {
        let (mut seen, mut after) = (HashSet::new(), Sequence::START);
        while seen.len() < expected {
            repository.arrived_behind(after).await;
            let query = ArrivalQuery {
                after,
                filter: MessageFilter::default(),
                limit: NonZeroUsize::new(64).unwrap(),
            };
            let arrivals = repository.arrivals(&query).await.unwrap();
            for item in arrivals.items {
                assert!(item.sequence > after, "it went back");
                after = item.sequence;
                assert!(seen.insert(item.message.content.id.to_string()), "twice");
            }
            after = arrivals.up_to.max(after);
        }
        seen
    })
}

/// What an append does, but it takes its time between drawing a sequence and committing.
async fn commit_slowly(connection: &mut PgConnection, name: &str, commit: bool) -> (i64, i64) {
    use sea_orm::sqlx::{query, query_scalar};
    connection.execute("BEGIN").await.unwrap();
    let lock = "SELECT pg_advisory_xact_lock_shared('messages'::regclass::oid::integer,
        ((last_value - CASE WHEN is_called THEN 0 ELSE 1 END) & 2147483647)::integer)
        FROM message_sequence";
    connection.execute(lock).await.unwrap();
    let drawn: i64 = query_scalar(
        "INSERT INTO messages (message_id, from_msisdn, to_msisdn, ts, created_at)
         VALUES ($1, '+12', '+13', 0, 0) RETURNING seq",
    )
    .bind(name)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    tokio::time::sleep(Duration::from_millis(120)).await;
    // Read by others by now, unless they wait.
    let others: i64 = query_scalar("SELECT max(seq) FROM messages WHERE message_id <> $1")
        .bind(name)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let end = if commit { "COMMIT" } else { "ROLLBACK" };
    query(end).execute(connection).await.unwrap();
    (drawn, others)
}

/// Four writers on two instances, one who draws its sequences early and commits late, and a reader
/// on each instance: each sees everything exactly once, in an order that never goes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_two_instances_miss_nothing_beside_a_slow_committer() {
    const SLOW: usize = 8;
    let Some(database) = Database::new().await else {
        return;
    };
    let instances = [
        Arc::new(open(&database).await),
        Arc::new(open(&database).await),
    ];
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<JoinHandle<usize>> = (0..4)
        .map(|writer| {
            let repository = Arc::clone(&instances[writer % 2]);
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let mut n = 0;
                while !stop.load(Ordering::Relaxed) {
                    let size = 1 + (n + writer) % 7;
                    let batch: Vec<Message> = (n..n + size)
                        .map(|n| message(&format!("w{writer}-{n}"), NOON, ""))
                        .collect();
                    repository.append(&batch).await.unwrap();
                    n += size;
                }
                n
            })
        })
        .collect();
    // They read on while they do not know yet how much there will be.
    let readers = instances
        .each_ref()
        .map(|instance| follow(instance, usize::MAX));
    let mut connection = database.connect().await;
    let mut overtaken = 0;
    for n in 0..SLOW {
        let commit = n % 3 != 2;
        let (drawn, others) = commit_slowly(&mut connection, &format!("slow-{n}"), commit).await;
        overtaken += usize::from(others > drawn);
    }
    // Otherwise nothing was put to the proof: who reads up to the largest sequence missed these.
    assert!(overtaken > SLOW / 2, "{overtaken} of {SLOW} were overtaken");
    stop.store(true, Ordering::Relaxed);
    let mut expected = SLOW - SLOW / 3;
    for writer in writers {
        expected += writer.await.unwrap();
    }
    for (reader, instance) in readers.into_iter().zip(&instances) {
        reader.abort();
        drop(reader.await);
        // From the start, and with those that came while it read.
        let seen = tokio::time::timeout(PATIENCE, follow(instance, expected)).await;
        assert_eq!(seen.expect("all of them").unwrap().len(), expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_instance_stores_reaches_a_reader_of_another() {
    let Some(database) = Database::new().await else {
        return;
    };
    let (one, other) = (open(&database).await, Arc::new(open(&database).await));
    let reading = follow(&other, 40);
    for n in 0..20 {
        one.append(&named(&format!("m{n}"))).await.unwrap();
    }
    // Nobody hears anything any more, and has to notice.
    let deafen = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query ILIKE 'LISTEN%'";
    for n in 20..40 {
        if n % 5 == 0 {
            database.run(deafen).await;
        }
        one.append(&named(&format!("m{n}"))).await.unwrap();
    }
    let seen = tokio::time::timeout(PATIENCE, reading).await;
    assert_eq!(seen.expect("all of them").unwrap().len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fold_goes_on_when_the_instance_that_does_it_dies() {
    let Some(database) = Database::new().await else {
        return;
    };
    // One that is in the middle of a step, and will never end it.
    open_postgres(&database.url, Folding::OnDemand)
        .await
        .close()
        .await
        .unwrap();
    let mut dying = database.connect().await;
    dying.execute("BEGIN").await.unwrap();
    dying
        .execute("SELECT folded FROM state FOR UPDATE")
        .await
        .unwrap();
    dying
        .execute("UPDATE state SET folded = 1000000")
        .await
        .unwrap();

    let repository = open(&database).await;
    repository.append(&named("m")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(repository.fold_lag().messages, 1, "it has the lock");
    assert_eq!(repository.stats().await.unwrap().total_messages, 1);
    drop(dying);
    until!(repository.fold_lag().messages == 0);
    assert_eq!(repository.stats().await.unwrap().total_messages, 1);
}

#[tokio::test]
async fn a_commit_is_durable_whatever_the_default_of_the_server() {
    let Some(database) = Database::new().await else {
        return;
    };
    open(&database).await.close().await.unwrap();
    // The database itself looks, at every row.
    database
        .run(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',
                current_database()); END $$;
             CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF current_setting('synchronous_commit') <> 'on' THEN
                    RAISE EXCEPTION 'not durable';
                END IF;
                RETURN NEW;
             END $$;
             CREATE TRIGGER look BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION look()",
        )
        .await;
    let repository = open(&database).await;
    assert_eq!(repository.append(&named("m")).await.unwrap(), [Created]);
    let mut plain = database.connect().await;
    // It says what its writers do, and not what is the server's default.
    let fsync: String = sqlx::query_scalar("SELECT current_setting('fsync')")
        .fetch_one(&mut plain)
        .await
        .unwrap();
    let storage = repository.storage().await;
    let durability = format!("synchronous_commit=on, fsync={fsync}");
    assert_eq!(storage.durability, Some(durability));
    assert_eq!(storage.durable, Some(fsync == "on"));
    let insert = "INSERT INTO messages (message_id, from_msisdn, to_msisdn, ts, created_at)
        VALUES ('p', '+12', '+13', 0, 0)";
    plain.execute(insert).await.expect_err("the trigger works");
}

#[tokio::test]
async fn without_pg_trgm_and_in_a_schema_of_its_own_it_answers_the_same() {
    let Some(database) = Database::new().await else {
        return;
    };
    let role = format!("role_of_{}", database.name());
    database
        .run(&format!(
            "CREATE ROLE {role} LOGIN; CREATE SCHEMA box AUTHORIZATION {role};
             REVOKE ALL ON SCHEMA public FROM PUBLIC"
        ))
        .await;
    let url = database.url_of(&role, "-csearch_path=box");
    let repository = open_postgres(&url, Folding::OnDemand).await;
    let batch: Vec<Message> = (0..400)
        .map(|n| {
            message(
                &format!("m{n}"),
                NOON,
                if n % 80 == 3 { "Reordered" } else { "-" },
            )
        })
        .collect();
    repository.append(&batch).await.unwrap();
    repository.fold(NonZeroUsize::MAX).await.unwrap();
    let query = MessageQuery {
        filter: MessageFilter {
            text: Some(SearchTerm::try_from("ORDER").unwrap()),
            ..MessageFilter::default()
        },
        ..MessageQuery::default()
    };
    assert_eq!(repository.list(&query).await.unwrap().total, 5);
    repository.close().await.unwrap();
    database
        .run(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"))
        .await;
}

/// A word that no index takes whole: it must not be in the way of all that come after it.
#[tokio::test]
async fn a_word_as_long_as_a_text_is_folded_and_found() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    let mut state = 7_u32;
    let word: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_digit(state >> 27, 36).unwrap_or('z')
    })
    .take(4096)
    .collect();
    let mut batch: Vec<Message> = (0..400)
        .map(|n| message(&format!("m{n}"), NOON, "-"))
        .collect();
    batch[7] = message("long", NOON, &word);
    repository.append(&batch).await.unwrap();
    repository.fold(NonZeroUsize::MAX).await.unwrap();
    assert_eq!(repository.fold_lag().messages, 0);
    for term in [&word[..], &word[2000..3000], &word[..300], &word[4000..]] {
        let query = MessageQuery {
            filter: MessageFilter {
                text: Some(SearchTerm::try_from(term).unwrap()),
                ..MessageFilter::default()
            },
            ..MessageQuery::default()
        };
        let page = repository.list(&query).await.unwrap();
        assert_eq!((page.total, page.items.len()), (1, 1));
    }
    repository.close().await.unwrap();
}

fn is_unavailable<T: std::fmt::Debug>(outcome: &Result<T, RepositoryError>) -> bool {
    matches!(outcome, Err(RepositoryError::Unavailable(_)))
}

#[tokio::test]
async fn on_a_database_that_may_only_be_read_nothing_is_written_until_it_may_be() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open(&database).await;
    let set = |to: &str| {
        format!(
            "BEGIN READ WRITE;
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {to}',
                current_database()); END $$;
             COMMIT;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    };
    database.run(&set("on")).await;
    until!(
        super::failed(&repository.readiness().await)
            == [(Check::Writer, "the database may only be read")]
    );
    let refused = repository.append(&named("m")).await;
    assert!(is_unavailable(&refused), "{refused:?}");
    until!(
        repository
            .stats()
            .await
            .is_ok_and(|stats| stats.total_messages == 0)
    );
    // It can be opened all the same, to be read.
    open(&database).await.close().await.unwrap();
    database.run(&set("off")).await;
    until!(repository.append(&named("m")).await.is_ok());
    until!(repository.readiness().await.is_ready());
}

#[tokio::test]
async fn without_a_connection_to_spare_it_is_unavailable_and_recovers() {
    let Some(database) = Database::new().await else {
        return;
    };
    let role = format!("role_of_{}", database.name());
    let create = format!("CREATE ROLE {role} LOGIN CREATEDB; GRANT ALL ON SCHEMA public TO {role}");
    database.run(&create).await;
    let repository = open_postgres(&database.url_of(&role, ""), Folding::OnDemand).await;
    repository.append(&named("first")).await.unwrap();
    let limit = |connections: u32| {
        format!(
            "ALTER ROLE {role} CONNECTION LIMIT {connections};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
        )
    };
    database.run(&limit(0)).await;
    until!(is_unavailable(&repository.append(&named("m")).await));
    assert!(!repository.readiness().await.is_ready());
    database.run(&limit(50)).await;
    until!(repository.append(&named("m")).await.is_ok());
    until!(repository.readiness().await.is_ready());
    repository.close().await.unwrap();
    database
        .run(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"))
        .await;
}

/// A database behind a proxy.
async fn behind_a_proxy() -> Option<(Database, Proxy, SqlRepository)> {
    let database = Database::new().await?;
    let proxy = Proxy::before(database.address()).await;
    let url = database.url_by_way_of(proxy.address);
    let repository = open_postgres(&url, Folding::InBackground).await;
    repository.append(&named("first")).await.unwrap();
    Some((database, proxy, repository))
}

#[tokio::test]
async fn a_way_that_is_slow_or_brings_bytes_one_by_one_is_a_way() {
    let Some((_database, proxy, repository)) = behind_a_proxy().await else {
        return;
    };
    for (n, toxic) in [Toxic::Slices, Toxic::Latency(Duration::from_millis(60))]
        .into_iter()
        .enumerate()
    {
        proxy.set(toxic);
        let name = format!("m{n}");
        assert_eq!(repository.append(&named(&name)).await.unwrap(), [Created]);
        assert!(repository.find(&key(&name)).await.unwrap().is_some());
        let page = repository.list(&MessageQuery::default()).await.unwrap();
        assert_eq!(page.total, 2 + n as u64);
        assert!(proxy.has_struck());
    }
}

#[tokio::test]
async fn a_way_that_swallows_everything_is_given_up_and_found_again() {
    let Some((_database, proxy, repository)) = behind_a_proxy().await else {
        return;
    };
    proxy.set(Toxic::Blackhole);
    let everything = async {
        let (batch, query) = (named("m"), MessageQuery::default());
        let (appended, listed, ready, storage) = tokio::join!(
            repository.append(&batch),
            repository.list(&query),
            repository.readiness(),
            repository.storage(),
        );
        assert_eq!(storage.engine.as_deref(), Some("PostgreSQL"));
        assert_eq!((storage.durable, storage.database_bytes), (None, None));
        assert!(is_unavailable(&appended), "{appended:?}");
        assert!(is_unavailable(&listed), "{listed:?}");
        assert!(ready.database.failure().is_some(), "{ready:?}");
        assert!(matches!(ready.writer, Finding::Unknown), "{ready:?}");
    };
    tokio::time::timeout(PATIENCE, everything)
        .await
        .expect("nothing hangs");
    proxy.set(Toxic::None);
    until!(repository.append(&named("m")).await.is_ok());
    assert!(repository.find(&key("m")).await.unwrap().is_some());
    until!(repository.readiness().await.is_ready());
    until!(repository.storage().await.database_bytes.is_some());
}

#[tokio::test]
async fn connections_that_are_reset_are_made_anew() {
    let Some((_database, proxy, repository)) = behind_a_proxy().await else {
        return;
    };
    proxy.set(Toxic::Reset);
    assert!(is_unavailable(&repository.append(&named("m")).await));
    assert!(is_unavailable(
        &repository.list(&MessageQuery::default()).await
    ));
    proxy.set(Toxic::None);
    until!(repository.append(&named("m")).await.is_ok());
    until!(repository.list(&MessageQuery::default()).await.is_ok());
}

/// The worst moment: the server has committed, and nobody hears of it.
#[tokio::test]
async fn what_nobody_heard_the_outcome_of_is_not_called_stored_and_may_be_sent_again() {
    let Some((database, proxy, repository)) = behind_a_proxy().await else {
        return;
    };
    // The statement is prepared already: all that is sent is the statement itself.
    repository.append(&named("second")).await.unwrap();
    proxy.set(Toxic::ResetAnswers);
    let unknown = repository.append(&named("m")).await;
    assert!(is_unavailable(&unknown), "{unknown:?}");
    assert!(proxy.has_struck());
    let stored = open(&database).await;
    until!(stored.find(&key("m")).await.unwrap().is_some());
    proxy.set(Toxic::None);
    until!(
        repository
            .append(&named("m"))
            .await
            .is_ok_and(|outcome| outcome == [Duplicate])
    );
    assert_eq!(repository.stats().await.unwrap().total_messages, 3);
}

/// They are made behind the migration, while others write.
#[tokio::test]
async fn an_index_that_is_missing_or_unfinished_is_made_at_the_next_start() {
    let Some(database) = Database::new().await else {
        return;
    };
    let mut connection = database.connect().await;
    for sql in [
        "SELECT 1",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'messages_purged'::regclass;
         DROP INDEX messages_by_key",
    ] {
        connection.execute(sql).await.unwrap();
        let repository = open_postgres(&database.url, Folding::OnDemand).await;
        repository.close().await.unwrap();
        let usable = "SELECT 1 FROM pg_index WHERE indisvalid AND indexrelid IN
            ('messages_by_key'::regclass, 'messages_by_source'::regclass,
             'messages_purged'::regclass)";
        assert_eq!(connection.fetch_all(usable).await.unwrap().len(), 3);
    }
}

/// Somebody has changed what is derived; it must not stop purges and folds.
#[tokio::test]
async fn a_party_that_is_missing_does_not_stop_purges() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    let sent = [message("a", NOON, "hello"), message("b", NOON, "hello")];
    repository.append(&sent).await.unwrap();
    repository.fold(NonZeroUsize::MAX).await.unwrap();
    let mut connection = database.connect().await;
    connection
        .execute("DELETE FROM parties WHERE role <> 0")
        .await
        .unwrap();
    let purged = repository.purge(&[key("a")], at(NOON)).await;
    assert_eq!(purged.unwrap(), 1);
    let stats = repository.stats().await.unwrap();
    assert_eq!(stats.total_messages, 1);
    assert_eq!(repository.find(&key("a")).await.unwrap(), None);
    repository.append(&[message("c", NOON, "")]).await.unwrap();
    repository.fold(NonZeroUsize::MAX).await.unwrap();
    repository.close().await.unwrap();
}
