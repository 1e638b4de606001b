//! Messages counted by time, on every store; and wherever the fold has come to.

use std::{num::NonZeroUsize, sync::Arc};

use countersign_core::{
    Appended::{Conflict, Created, Duplicate},
    BucketWidth, Buckets, Correspondent, Message, MessageFilter, MessageQuery, MessageRepository,
    TimelineQuery, Timestamp,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, SqlRepository};
use sea_orm::sqlx;

use super::{
    fold::{self, Dice},
    open_postgres, open_unfolded,
    server::Database,
};
use crate::fixture::{at, from, key, message};

type Repository = Arc<dyn MessageRepository>;

fn buckets(width: i64, since: &str, until: &str) -> Buckets {
    let width = BucketWidth::try_from(width).expect("a width");
    let (since, until) = (at(since), at(until));
    Buckets::new(width, Some(since), Some(until), until).expect("buckets")
}

fn of_anybody(buckets: Buckets) -> TimelineQuery {
    TimelineQuery {
        of: Correspondent::Anybody,
        buckets,
    }
}

/// The counts, after a look that each is the total of its list.
async fn counts(repository: &Repository, query: &TimelineQuery) -> Vec<u64> {
    let timeline = repository.timeline(query).await.expect("a timeline");
    let edges: Vec<Timestamp> = query.buckets.edges().collect();
    assert_eq!(timeline.counts.len() + 1, edges.len());
    for (edges, count) in edges.windows(2).zip(&timeline.counts) {
        let list = MessageQuery {
            filter: MessageFilter {
                since: Some(edges[0]),
                until: Some(edges[1]),
                ..query.filter()
            },
            ..MessageQuery::default()
        };
        let page = repository.list(&list).await.expect("a page");
        assert_eq!(page.total, *count, "{edges:?}");
    }
    timeline.counts
}

async fn an_edge_is_in_the_later_of_its_buckets_also_before_1970(repository: Repository) {
    let around = buckets(60, "1969-12-31T23:58:00Z", "1970-01-01T00:02:00Z");
    assert_eq!(
        counts(&repository, &of_anybody(around)).await,
        [0; 4],
        "there is nothing"
    );
    let instants = [
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:57:59.999999Z",
        "1969-12-31T23:58:59.999999Z",
        "1969-12-31T23:59:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T00:00:59.999999Z",
        "1970-01-01T00:01:00Z",
        "1970-01-01T00:01:00Z",
        "1970-01-01T00:02:00Z",
        "9999-12-31T23:58:59.999999Z",
        "9999-12-31T23:59:59.999999Z",
    ];
    let all: Vec<Message> = (0..)
        .zip(instants)
        .map(|(n, ts)| message(&format!("m{n}"), ts, ""))
        .collect();
    let outcomes = repository.append(&all).await.unwrap();
    assert_eq!(outcomes, [Created; 12]);
    assert_eq!(counts(&repository, &of_anybody(around)).await, [1, 2, 2, 2]);
    for (width, since, until, expected) in [
        (
            120,
            "1969-12-31T23:58:00Z",
            "1970-01-01T00:02:00Z",
            vec![3, 4],
        ),
        (180, "1969-12-31T23:59:00Z", "1970-01-01T00:02:00Z", vec![6]),
        (
            3600,
            "1969-12-31T23:58:00Z",
            "1970-01-01T00:58:00Z",
            vec![8],
        ),
        (
            2_678_400,
            "1969-12-31T23:59:00Z",
            "1970-02-01T00:00:00Z",
            vec![7, 0],
        ),
        (
            86_400,
            "0000-01-01T00:00:00Z",
            "0000-01-03T00:00:00Z",
            vec![1, 0],
        ),
        (
            60,
            "9999-12-31T23:57:00Z",
            "9999-12-31T23:59:00Z",
            vec![0, 1],
        ),
        (
            60,
            "2025-01-01T00:00:00Z",
            "2025-01-01T16:40:00Z",
            vec![0; 1000],
        ),
    ] {
        let query = of_anybody(buckets(width, since, until));
        assert_eq!(
            counts(&repository, &query).await,
            expected,
            "{width} {since}"
        );
    }
}

async fn a_timeline_counts_messages_and_nothing_else(repository: Repository) {
    let first = message("first", "2025-01-01T12:00:00Z", "");
    let second = from("+12", message("second", "2025-01-01T12:00:30Z", ""));
    let third = from("+12", message("third", "2025-01-01T12:01:00Z", ""));
    let all = [first.clone(), second.clone(), third];
    assert_eq!(repository.append(&all).await.unwrap(), [Created; 3]);
    let changed = message("first", "2025-01-01T12:01:00Z", "something else");
    let again = [first, changed];
    assert_eq!(
        repository.append(&again).await.unwrap(),
        [Duplicate, Conflict]
    );
    let buckets = buckets(60, "2025-01-01T12:00:00Z", "2025-01-01T12:03:00Z");
    let query = |of| TimelineQuery { of, buckets };
    let number = |text: &str| text.to_owned();
    for (of, expected) in [
        (Correspondent::Anybody, [2, 1, 0]),
        (Correspondent::From(number("+12")), [1, 1, 0]),
        (Correspondent::From(number("+14155550100")), [1, 0, 0]),
        (Correspondent::To(number("+14155550199")), [2, 1, 0]),
        (Correspondent::To(number("+12")), [0; 3]),
        (Correspondent::From(String::new()), [0; 3]),
    ] {
        let query = query(of);
        assert_eq!(counts(&repository, &query).await, expected, "{query:?}");
    }
    let (second, later) = ([key("second")], at("2026-01-01T00:00:00Z"));
    assert_eq!(repository.purge(&second, later).await.unwrap(), 1);
    let of_all = query(Correspondent::Anybody);
    assert_eq!(counts(&repository, &of_all).await, [1, 1, 0]);
    let of_one = query(Correspondent::From(number("+12")));
    assert_eq!(counts(&repository, &of_one).await, [0, 1, 0]);
}

mod on {
    on_every_store! {
        an_edge_is_in_the_later_of_its_buckets_also_before_1970
        a_timeline_counts_messages_and_nothing_else
    }
}

fn query(dice: &mut Dice, messages: &[Message]) -> TimelineQuery {
    let mut roll = |sides: usize| usize::try_from(dice.roll(sides as u64)).expect("small");
    let some = &messages[roll(messages.len())].content;
    let of = match roll(4) {
        0 | 1 => Correspondent::Anybody,
        2 => Correspondent::From(some.from.to_string()),
        _ => Correspondent::To(some.to.to_string()),
    };
    let widths = [60, 60, 60, 120, 300, 420, 3600, 5400, 86_400, 2_678_400];
    let width = BucketWidth::try_from(widths[roll(widths.len())]).expect("a width");
    let number = [1, 2, 48, 100][roll(4)];
    // The message is in one of them.
    let before = i64::try_from(roll(number)).expect("small") * width.micros();
    let since = some.ts.micros() - before;
    let last = since + width.micros() * i64::try_from(number).expect("small") - 1;
    let instant = |micros| Timestamp::from_micros(micros).expect("in range");
    let buckets = Buckets::new(width, Some(instant(since)), None, instant(last));
    TimelineQuery {
        of,
        buckets: buckets.expect("buckets"),
    }
}

/// Both count what is asked for by chance in the same way.
pub async fn agree(
    model: &MemoryRepository,
    database: &SqlRepository,
    dice: &mut Dice,
    messages: &[Message],
) {
    let query = query(dice, messages);
    let expected = model.timeline(&query).await.unwrap();
    let found = database.timeline(&query).await.unwrap();
    assert_eq!(found, expected, "{query:#?}");
}

const ALL: NonZeroUsize = NonZeroUsize::MAX;

/// Some senders have so many messages that these are counted by time, and one of them gets there in
/// between.
async fn filled(database: &SqlRepository, model: &MemoryRepository) -> Vec<Message> {
    let all = fold::messages(&mut Dice(41), 9_000);
    for batch in all.chunks(3_000) {
        model.append(batch).await.unwrap();
        database.append(batch).await.unwrap();
        database.fold(ALL).await.unwrap();
    }
    all
}

async fn agree_often(model: &MemoryRepository, database: &SqlRepository, messages: &[Message]) {
    let mut dice = Dice(42);
    for _ in 0..60 {
        agree(model, database, &mut dice, messages).await;
    }
}

/// An instance of the version before, which is replaced while this one runs, folds and purges without
/// what is counted by minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_counted_by_minutes_is_not_counted_on() {
    let Some(server) = Database::new().await else {
        return;
    };
    let database = open_postgres(&server.url, Folding::OnDemand).await;
    let model = MemoryRepository::new();
    let all = filled(&database, &model).await;
    agree_often(&model, &database, &all).await;
    let mut connection = server.connect().await;
    for older in [
        // It has folded what is there now.
        "UPDATE state SET minutes_folded = folded - 100",
        // It has folded, and this version after it.
        "UPDATE state SET minutes_folded = -1",
        "UPDATE state SET purged = purged + 1",
    ] {
        server.run(older).await;
        let wrong = "UPDATE spans SET messages = messages + 1 WHERE level = 5";
        let wrong = sqlx::query(wrong).execute(&mut connection).await.unwrap();
        assert!(wrong.rows_affected() > 100, "{older}");
        agree_often(&model, &database, &all).await;
        // Nothing is left to fold, but this is counted anew.
        database.fold(ALL).await.unwrap();
        let whole = "SELECT minutes_folded = folded AND minutes_purged = purged FROM state";
        let whole: bool = sqlx::query_scalar(whole)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert!(whole, "{older}");
        agree_often(&model, &database, &all).await;
    }
    database.close().await.unwrap();
}

/// As large as the count of the rest of a span can be: all messages within one, on both sides of a
/// minute's beginning.
#[tokio::test]
async fn many_messages_at_one_moment_are_counted_on_both_sides_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    let model = MemoryRepository::new();
    let edge = at("2025-01-01T12:00:00Z").micros();
    let all: Vec<Message> = (0..6_000)
        .map(|n| {
            let mut one = message(&format!("m{n}"), "2025-01-01T12:00:00Z", "");
            one.content.ts = Timestamp::from_micros(edge - 3_000 + n).expect("in range");
            one
        })
        .collect();
    for batch in all.chunks(2_500) {
        model.append(batch).await.unwrap();
        database.append(batch).await.unwrap();
        database.fold(ALL).await.unwrap();
    }
    let query = of_anybody(buckets(60, "2025-01-01T11:59:00Z", "2025-01-01T12:01:00Z"));
    let timeline = database.timeline(&query).await.unwrap();
    assert_eq!(timeline.counts, [3_000, 3_000]);
    agree_often(&model, &database, &all).await;
}
