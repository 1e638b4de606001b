//! Random operations on a database and on the in-memory repository: every answer must be equal,
//! wherever the fold has come to.

use std::num::NonZeroUsize;

use countersign_core::{
    BucketWidth, Buckets, ConflictFilter, Correspondent, KeyLabel, Limit, Message, MessageFilter,
    MessageKey, MessageQuery, MessageRepository, NewMessage, Offset, Order, Position, SearchTerm,
    SourceName, Text, TimelineQuery, Timestamp,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, SqlRepository};
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::runtime::{Builder, Runtime};

use super::{open_postgres, open_unfolded, server::Database};
use crate::fixture::{id, number, source};

#[derive(Debug, Clone)]
enum Operation {
    Append(Vec<(NewMessage, Option<KeyLabel>)>),
    List(MessageQuery),
    Find(MessageKey),
    Conflicts(Option<MessageKey>, i64),
    Stats,
    Timeline(TimelineQuery),
    Purge(Vec<MessageKey>),
    PurgeConflicts(ConflictFilter, usize),
    /// Brings the index so many messages further; the model has none.
    Fold(usize),
}

/// Few ids, so that they meet again; in an order that only bytes have.
const IDS: [&str; 6] = ["a", "B", "b", "é", "a ", "%"];

/// An id that has met before, or hardly.
fn any_id() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&IDS[..]).prop_map(str::to_owned),
        (0_u16..500).prop_map(|n| format!("m{n}")),
    ]
}

const SOURCES: [&str; 3] = ["default", "a", "b-1"];
const KEYS: [&str; 2] = ["k", "2026-11"];

fn any_source() -> impl Strategy<Value = SourceName> {
    prop::sample::select(&SOURCES[..]).prop_map(source)
}

fn any_label() -> impl Strategy<Value = KeyLabel> {
    prop::sample::select(&KEYS[..]).prop_map(|text| KeyLabel::try_from(text).expect("a label"))
}

fn known_key() -> impl Strategy<Value = MessageKey> {
    (prop::sample::select(&IDS[..]), any_source()).prop_map(|(text, source)| MessageKey {
        id: id(text),
        source,
    })
}

fn any_key() -> impl Strategy<Value = MessageKey> {
    (any_id(), any_source()).prop_map(|(text, source)| MessageKey {
        id: id(&text),
        source,
    })
}

const SENDERS: [&str; 4] = ["+12", "+123", "+13", "+14155550100"];
const RECEIVERS: [&str; 3] = ["+19", "+18", "+12"];
const TEXTS: [&str; 12] = [
    "",
    "a",
    "A",
    "%",
    "_",
    "\\",
    "ß",
    "SS",
    "Σς",
    "i\u{307}İ",
    "a%b_c\\d'e\"",
    "😀a😀",
];
const TERMS: [&str; 11] = ["a", "%", "_", "\\", "ss", "ẞ", "σ", "İ", "'", "😀", "b_"];

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-2_i64..3).prop_map(|micros| Timestamp::from_micros(micros).expect("in range")),
        // Around the end of a minute that is no end of a span.
        (-2_i64..3)
            .prop_map(|micros| Timestamp::from_micros(60_000_000 + micros).expect("in range")),
        Just(Timestamp::MIN),
        Just(Timestamp::MAX),
    ]
}

prop_compose! {
    fn new_message()(
        source in any_source(),
        message_id in any_id(),
        from in prop::sample::select(&SENDERS[..]),
        to in prop::sample::select(&RECEIVERS[..]),
        ts in instant(),
        text in prop::option::of(prop::collection::vec(prop::sample::select(&TEXTS[..]), 0..3)),
    ) -> NewMessage {
        NewMessage {
            source,
            id: id(&message_id),
            from: number(from),
            to: number(to),
            ts,
            text: text.map(|parts| Text::try_from(parts.concat()).expect("a text")),
        }
    }
}

prop_compose! {
    fn query()(
        from in prop::option::of(prop::sample::select(&SENDERS[..])),
        to in prop::option::weighted(0.2, prop::sample::select(&RECEIVERS[..])),
        since in prop::option::of(instant()),
        until in prop::option::weighted(0.3, instant()),
        after in prop::option::weighted(0.3, (instant(), any_key())),
        term in prop::option::of(prop::sample::select(&TERMS[..])),
        descending in any::<bool>(),
        limit in 1_i64..8,
        offset in prop_oneof![0_i64..8, Just(i64::MAX)],
        source in prop::option::weighted(0.2, any_source()),
        verified_by in prop::option::weighted(0.2, any_label()),
        received in prop::option::weighted(0.2, (0_i64..20, 0_i64..20)),
    ) -> MessageQuery {
        MessageQuery {
            filter: MessageFilter {
                from: from.map(str::to_owned),
                to: to.map(str::to_owned),
                since,
                until,
                text: term.map(|term| SearchTerm::try_from(term).expect("a term")),
                source,
                verified_by,
                received_since: received.and_then(|(since, _)| Timestamp::from_micros(since)),
                received_before: received.and_then(|(_, before)| Timestamp::from_micros(before)),
            },
            after: after.map(|(ts, key)| Position { ts, id: key.id, source: key.source }),
            order: if descending { Order::Descending } else { Order::Ascending },
            limit: Limit::try_from(limit).expect("a limit"),
            offset: Offset::try_from(offset).expect("an offset"),
        }
    }
}

prop_compose! {
    /// Around the first of 1970, or at either end of time.
    fn timeline()(
        of in prop_oneof![
            Just(Correspondent::Anybody),
            prop::sample::select(&SENDERS[..]).prop_map(|one| Correspondent::From(one.to_owned())),
            prop::sample::select(&RECEIVERS[..]).prop_map(|one| Correspondent::To(one.to_owned())),
        ],
        width in prop::sample::select(&[60, 120, 3600, 2_678_400][..]),
        before in 0_i64..3,
        count in 1_i64..5,
        begin in prop_oneof![
            3 => Just(0),
            1 => Just(Timestamp::MIN.micros()),
            1 => Just(Timestamp::MAX.micros() + 1),
        ],
    ) -> TimelineQuery {
        let width = BucketWidth::try_from(width).expect("a width");
        let first = Timestamp::MIN.micros();
        // The last bucket would have no end that can be written.
        let last = Timestamp::MAX.micros() + 1 - BucketWidth::STEP * 1_000_000;
        let end = (begin + (count - before) * width.micros()).clamp(first + width.micros(), last);
        let begin = (end - count * width.micros()).max(first);
        let count = (end - begin) / width.micros();
        let instant = |micros| Timestamp::from_micros(micros);
        let until = instant(begin + count * width.micros());
        let buckets = Buckets::new(width, instant(begin), until, Timestamp::MAX);
        TimelineQuery { of, buckets: buckets.expect("buckets") }
    }
}

prop_compose! {
    fn conflict_filter()(
        from in prop::option::weighted(0.3, prop::sample::select(&SENDERS[..])),
        to in prop::option::weighted(0.2, prop::sample::select(&RECEIVERS[..])),
        source in prop::option::weighted(0.3, any_source()),
        before in prop::option::weighted(0.3, 0_i64..20),
    ) -> ConflictFilter {
        ConflictFilter {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            source,
            last_seen_before: before.and_then(Timestamp::from_micros),
        }
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    let sent = || (new_message(), prop::option::of(any_label()));
    prop_oneof![
        6 => prop::collection::vec(sent(), 1..6).prop_map(Operation::Append),
        1 => prop::collection::vec(sent(), 60..90).prop_map(Operation::Append),
        8 => query().prop_map(Operation::List),
        2 => known_key().prop_map(Operation::Find),
        2 => (prop::option::of(known_key()), 1_i64..5)
            .prop_map(|(key, limit)| Operation::Conflicts(key, limit)),
        2 => Just(Operation::Stats),
        3 => timeline().prop_map(Operation::Timeline),
        2 => prop::collection::vec(prop_oneof![known_key(), any_key()], 1..30)
            .prop_map(Operation::Purge),
        1 => (conflict_filter(), 1_usize..4)
            .prop_map(|(which, at_most)| Operation::PurgeConflicts(which, at_most)),
        3 => (1_usize..60).prop_map(Operation::Fold),
    ]
}

/// What a repository answers, in words that can be compared.
async fn answer(
    repository: &dyn MessageRepository,
    operation: &Operation,
    now: Timestamp,
) -> String {
    match operation {
        Operation::Append(messages) => {
            let received = messages.iter().cloned();
            let batch: Vec<Message> = received
                .map(|(message, verified_by)| Message {
                    verified_by,
                    ..message.received_at(now)
                })
                .collect();
            format!("{:?}", repository.append(&batch).await.unwrap())
        }
        Operation::List(query) => format!("{:?}", repository.list(query).await.unwrap()),
        Operation::Find(known) => format!("{:?}", repository.find(known).await.unwrap()),
        Operation::Conflicts(known, limit) => {
            let limit = Limit::try_from(*limit).expect("a limit");
            let conflicts = repository.conflicts(known.as_ref(), limit).await;
            format!("{:?}", conflicts.unwrap())
        }
        Operation::Stats => format!("{:?}", repository.stats().await.unwrap()),
        Operation::Timeline(query) => format!("{:?}", repository.timeline(query).await.unwrap()),
        Operation::Purge(keys) => format!("{:?}", repository.purge(keys, now).await.unwrap()),
        Operation::PurgeConflicts(which, at_most) => {
            let at_most = NonZeroUsize::new(*at_most).expect("more than none");
            let purged = repository.purge_conflicts(which, at_most).await;
            format!("{:?}", purged.unwrap())
        }
        Operation::Fold(_) => String::new(),
    }
}

async fn compare(database: &SqlRepository, operations: &[Operation]) -> Result<(), TestCaseError> {
    let model = MemoryRepository::new();
    for (step, operation) in operations.iter().enumerate() {
        // Every second step happens in the same microsecond as the one before.
        let now =
            Timestamp::from_micros(i64::try_from(step / 2).expect("small")).expect("in range");
        if let Operation::Fold(at_most) = operation {
            let at_most = NonZeroUsize::new(*at_most).expect("more than none");
            database.fold(at_most).await.expect("a step");
        }
        let expected = answer(&model, operation, now).await;
        let found = answer(database, operation, now).await;
        prop_assert_eq!(found, expected, "at step {} of {:#?}", step, operations);
    }
    Ok(())
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_answers_as_the_model_does(
        operations in prop::collection::vec(operation(), 1..40)
    ) {
        runtime().block_on(async {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let database = open_unfolded(&folder.path().join("app.db")).await;
            compare(&database, &operations).await
        })?;
    }
}

/// Empties every table, which takes less than to make another database.
const EMPTY: &str = "
    TRUNCATE messages, conflicts, entries, spans, top_senders, blocks, pieces, grams
        RESTART IDENTITY;
    DELETE FROM parties WHERE id > 0;
    UPDATE parties SET messages = 0;
    UPDATE state SET folded = 0, senders = 0, gram_blocks = 0, minutes_folded = 0";

#[test]
fn postgres_answers_as_the_model_does() {
    let Some(database) = runtime().block_on(Database::new()) else {
        return;
    };
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(100)
    };
    let operations = prop::collection::vec(operation(), 1..40);
    let compared = TestRunner::new(config).run(&operations, |operations| {
        runtime().block_on(async {
            let repository = open_postgres(&database.url, Folding::OnDemand).await;
            database.run(EMPTY).await;
            let compared = compare(&repository, &operations).await;
            repository.close().await.expect("it closes");
            compared
        })
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
}
