//! What is derived from the log: as exact as the log itself, wherever the fold has come to.

use std::num::NonZeroUsize;

use countersign_core::{
    Limit, Message, MessageFilter, MessageQuery, MessageRepository, NewMessage, Offset, Order,
    Position, SearchTerm, SourceName, Text, Timestamp,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, SqlRepository};

use super::{open_postgres, open_unfolded, server::Database, timeline};
use crate::fixture::{id, label, message, number, source};

/// Numbers that look random and are the same every time (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let side = self.roll(of.len() as u64);
        of[usize::try_from(side).expect("small")]
    }
}

const WORDS: [&str; 14] = [
    "order",
    "Orders",
    "reorder",
    "golden",
    "hollow",
    "ÉTÉ",
    "Straße",
    "日本語",
    "👍🏽",
    "100%",
    "a_b",
    "it's",
    "привет",
    "x",
];

/// Some senders send much, most little.
fn sender(dice: &mut Dice) -> String {
    match dice.roll(10) {
        0..=5 => "+1000".to_owned(),
        6 | 7 => format!("+200{}", dice.roll(3)),
        _ => format!("+3{:03}", dice.roll(400)),
    }
}

/// Most instants are near each other, many are equal, some are far away.
fn instant(dice: &mut Dice, n: u64) -> Timestamp {
    let second = 1_000_000;
    let n = i64::try_from(n).expect("small");
    let wide = i64::try_from(dice.roll(40_000_000)).expect("small");
    let micros = match dice.roll(12) {
        0 => -wide * second,
        1 => wide * second,
        2 => n * 3_600 * second,
        3 => 0,
        _ => n / 5 * second,
    };
    Timestamp::from_micros(1_700_000_000 * second + micros).expect("in range")
}

/// Most messages are of one, a few of another, and hardly any of a third.
fn any_source(dice: &mut Dice) -> SourceName {
    match dice.roll(200) {
        0..=30 => source("some"),
        31 => source("rare"),
        _ => SourceName::default(),
    }
}

/// One every second.
fn received(n: u64) -> Timestamp {
    let seconds = i64::try_from(n).expect("small") * 1_000_000;
    Timestamp::from_micros(1_750_000_000_000_000 + seconds).expect("in range")
}

pub fn messages(dice: &mut Dice, count: u64) -> Vec<Message> {
    let mut messages = Vec::new();
    for n in 0..count {
        let mut words: Vec<String> = (0..dice.roll(6))
            .map(|_| dice.one_of(&WORDS).to_owned())
            .collect();
        words.push(format!("ref-{:05x}", dice.roll(1 << 20)));
        let text = (dice.roll(20) > 0).then(|| words.join(dice.one_of(&[" ", "-", ""])));
        let new = NewMessage {
            source: any_source(dice),
            id: id(&format!("{:04x}-{n}", dice.roll(1 << 16))),
            from: number(&sender(dice)),
            to: number(dice.one_of(&["+11", "+12", "+1000", "+13"])),
            ts: instant(dice, n),
            text: text.map(|text| Text::try_from(text).expect("a text")),
        };
        let mut message = new.received_at(received(n));
        message.verified_by = match dice.roll(200) {
            0..=99 => Some(label("main")),
            100 => Some(label("rare")),
            _ => None,
        };
        messages.push(message);
    }
    messages
}

pub fn query(dice: &mut Dice, messages: &[Message]) -> MessageQuery {
    let some = |dice: &mut Dice| {
        let index = dice.roll(messages.len() as u64);
        &messages[usize::try_from(index).expect("small")]
    };
    let ts = |dice: &mut Dice| some(dice).content.ts;
    let term = match dice.roll(8) {
        // A part of a text that is there.
        0..=2 => some(dice).content.text.as_ref().map(|text| {
            let chars: Vec<char> = text.as_str().chars().collect();
            let from = usize::try_from(dice.roll(chars.len() as u64)).expect("small");
            let length = usize::try_from(1 + dice.roll(9)).expect("small");
            chars.iter().skip(from).take(length).collect::<String>()
        }),
        3 => Some(
            dice.one_of(&[
                "rder",
                "ORDER",
                "order golden",
                "%",
                "語",
                "e",
                "é",
                "zzz",
                "er",
                "本語",
                "r ",
                "👍",
                "x",
            ])
            .to_owned(),
        ),
        _ => None,
    };
    let half = |dice: &mut Dice| dice.roll(2) == 0;
    let rare = |dice: &mut Dice| dice.roll(5) == 0;
    let mut query = MessageQuery {
        filter: MessageFilter {
            from: half(dice).then(|| sender(dice)),
            to: rare(dice).then(|| dice.one_of(&["+11", "+1000", "+99"]).to_owned()),
            since: rare(dice).then(|| ts(dice)),
            until: rare(dice).then(|| ts(dice)),
            text: term
                .filter(|t| !t.is_empty())
                .map(|t| SearchTerm::try_from(t.as_str()).expect("a term")),
            source: rare(dice).then(|| any_source(dice)),
            verified_by: rare(dice).then(|| label(dice.one_of(&["main", "rare", "none"]))),
            received_since: rare(dice).then(|| some(dice).created_at),
            received_before: rare(dice).then(|| some(dice).created_at),
        },
        order: if half(dice) {
            Order::Ascending
        } else {
            Order::Descending
        },
        after: None,
        limit: Limit::try_from(1 + i64::try_from(dice.roll(100)).expect("small")).expect("a limit"),
        offset: Offset::default(),
    };
    match dice.roll(4) {
        0 => query.after = Some(some(dice).position()),
        1 => {
            let offset = dice.roll(messages.len() as u64);
            query.offset =
                Offset::try_from(i64::try_from(offset).expect("small")).expect("an offset");
        }
        2 => {
            query.after = Some(Position {
                ts: ts(dice),
                id: id("8"),
                source: any_source(dice),
            });
        }
        _ => {}
    }
    query
}

pub async fn agree(model: &MemoryRepository, database: &SqlRepository, query: &MessageQuery) {
    let expected = model.list(query).await.unwrap();
    let found = database.list(query).await.unwrap();
    assert_eq!(
        (found.total, found.more, found.items.len()),
        (expected.total, expected.more, expected.items.len()),
        "{query:#?}"
    );
    assert_eq!(found, expected, "{query:#?}");
}

/// Twelve thousand messages, so that there are senders that are counted by time, several blocks,
/// and deep pages; and everything is asked while the fold is at several places.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_exact_wherever_the_fold_has_come_to() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    is_exact_wherever_the_fold_has_come_to(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_postgres_are_exact_wherever_the_fold_has_come_to() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    is_exact_wherever_the_fold_has_come_to(&repository).await;
    repository.close().await.unwrap();
}

/// Texts of four megabytes are a step, however many messages might be.
async fn are_folded_in_small_steps(database: &SqlRepository) {
    let texts = "lorem ipsum ".repeat(340);
    let messages: Vec<Message> = (0..2500)
        .map(|n| message(&format!("long-{n}"), "2025-01-01T12:00:00Z", &texts))
        .collect();
    for batch in messages.chunks(500) {
        database.append(batch).await.unwrap();
    }
    let mut steps = Vec::new();
    loop {
        let folded = database.fold(ALL).await.unwrap();
        steps.push(folded.messages);
        if folded.behind == 0 {
            break;
        }
        assert!(steps.len() < 10, "it comes to no end: {steps:?}");
    }
    assert_eq!(steps.iter().sum::<u64>(), 2500);
    assert!(steps.len() > 1, "{steps:?}");
    let largest = steps.iter().max().copied().unwrap_or_default();
    assert!((1000..=2048).contains(&largest), "{steps:?}");
    let query = MessageQuery {
        filter: MessageFilter {
            text: Some(SearchTerm::try_from("LOREM").unwrap()),
            ..MessageFilter::default()
        },
        ..MessageQuery::default()
    };
    let page = database.list(&query).await.unwrap();
    assert_eq!(page.total, 2500);
}

#[tokio::test]
async fn long_texts_are_folded_in_small_steps() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    are_folded_in_small_steps(&database).await;
}

#[tokio::test]
async fn long_texts_are_folded_in_small_steps_on_postgres() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    are_folded_in_small_steps(&repository).await;
    repository.close().await.unwrap();
}

async fn is_exact_wherever_the_fold_has_come_to(database: &SqlRepository) {
    let mut dice = Dice(7);
    let all = messages(&mut dice, 20_000);
    let model = MemoryRepository::new();
    let mut stored = 0;
    for (append, fold) in [
        (3_000, 0),
        (2_000, 4_500),
        (7_000, 4_000),
        (0, 20_000),
        (8_000, 5_000),
    ] {
        let some = &all[stored..stored + append];
        stored += append;
        for batch in some.chunks(1_000) {
            assert_eq!(
                model.append(batch).await.unwrap(),
                database.append(batch).await.unwrap()
            );
        }
        if let Some(at_most) = NonZeroUsize::new(fold) {
            let step = database.fold(at_most).await.unwrap();
            assert_eq!(step.behind, database.fold_lag().messages);
        }
        assert_eq!(
            model.stats().await.unwrap(),
            database.stats().await.unwrap()
        );
        for _ in 0..60 {
            let query = query(&mut dice, &all[..stored]);
            agree(&model, database, &query).await;
            // Again: now the total may be remembered.
            agree(&model, database, &query).await;
            timeline::agree(&model, database, &mut dice, &all[..stored]).await;
        }
    }
    assert!(
        database.fold_lag().messages > 0,
        "the last answers had a tail"
    );
}

#[tokio::test]
async fn a_remembered_total_counts_what_has_come_since() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    let query = MessageQuery {
        filter: MessageFilter {
            text: Some(SearchTerm::try_from("hello").unwrap()),
            ..MessageFilter::default()
        },
        ..MessageQuery::default()
    };
    for n in 1..=5_u64 {
        let text = if n == 4 { "goodbye" } else { "Hello" };
        let one = message(&format!("m{n}"), "2025-01-01T00:00:00Z", text);
        database.append(&[one]).await.unwrap();
        let expected = if n >= 4 { n - 1 } else { n };
        assert_eq!(database.list(&query).await.unwrap().total, expected);
    }
}

const ALL: NonZeroUsize = NonZeroUsize::MAX;

#[tokio::test]
async fn an_index_that_is_gone_damaged_or_of_another_database_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let index = folder.path().join("app.db-index");
    let other = folder.path().join("other.db");
    let some = messages(&mut Dice(1), 500);

    let database = open_unfolded(&other).await;
    database.append(&some[100..200]).await.unwrap();
    database.fold(ALL).await.unwrap();
    database.close().await.unwrap();

    let database = open_unfolded(&path).await;
    database.append(&some).await.unwrap();
    assert_eq!(database.fold(ALL).await.unwrap().behind, 0);
    let stats = database.stats().await.unwrap();
    database.close().await.unwrap();

    let another = folder.path().join("other.db-index");
    let spoilt: [&dyn Fn(); 4] = [
        &|| std::fs::remove_file(&index).unwrap(),
        &|| {
            let text = "this is no database, and it is long enough to be looked at";
            std::fs::write(&index, text).unwrap();
        },
        &|| assert!(std::fs::copy(&another, &index).unwrap() > 0),
        &|| std::fs::write(&index, "").unwrap(),
    ];
    for spoil in spoilt {
        spoil();
        let database = open_unfolded(&path).await;
        assert_eq!(database.fold_lag().messages, 500);
        assert_eq!(database.stats().await.unwrap(), stats);
        assert_eq!(database.fold(ALL).await.unwrap().messages, 500);
        assert_eq!(database.stats().await.unwrap(), stats);
        database.close().await.unwrap();
    }
    let database = open_unfolded(&path).await;
    assert_eq!(database.fold_lag().messages, 0, "a whole one is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fold_catches_up_by_itself_and_a_restart_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let some = messages(&mut Dice(2), 3_000);
    let model = MemoryRepository::new();
    model.append(&some).await.unwrap();

    let database = open_unfolded(&path).await;
    database.append(&some[..2_000]).await.unwrap();
    let step = NonZeroUsize::new(700).unwrap();
    assert_eq!(database.fold(step).await.unwrap().behind, 1_300);
    database.close().await.unwrap();

    let database = SqlRepository::open_sqlite(&path).await.unwrap();
    database.append(&some[2_000..]).await.unwrap();
    let patience = std::time::Duration::from_mins(1);
    tokio::time::timeout(patience, async {
        while database.fold_lag().messages > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("it catches up");
    assert_eq!(
        database.stats().await.unwrap(),
        model.stats().await.unwrap()
    );
    let mut dice = Dice(3);
    for _ in 0..50 {
        agree(&model, &database, &query(&mut dice, &some)).await;
    }
    // In the middle of its work, too, it can be closed at once.
    database
        .append(&messages(&mut Dice(4), 8_000))
        .await
        .unwrap();
    tokio::time::timeout(patience, database.close())
        .await
        .expect("it closes")
        .unwrap();
}

/// Two programs on one database, as while one is replaced by another: both fold, and neither
/// counts anything twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_may_fold_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let some = messages(&mut Dice(5), 4_000);
    let model = MemoryRepository::new();
    model.append(&some).await.unwrap();
    let (one, other) = (open_unfolded(&path).await, open_unfolded(&path).await);
    for (n, batch) in some.chunks(500).enumerate() {
        let database = if n % 2 == 0 { &one } else { &other };
        database.append(batch).await.unwrap();
        let step = NonZeroUsize::new(300).unwrap();
        let (a, b) = tokio::join!(one.fold(step), other.fold(step));
        assert_eq!(a.unwrap().messages + b.unwrap().messages, 500);
    }
    for database in [&one, &other] {
        assert_eq!(
            database.stats().await.unwrap(),
            model.stats().await.unwrap()
        );
        let mut dice = Dice(6);
        for _ in 0..30 {
            agree(&model, database, &query(&mut dice, &some)).await;
        }
    }
}

/// As where the disk is so full that no index can be opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_can_be_no_index_everything_else_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it's app.db");
    std::fs::create_dir(folder.path().join("it's app.db-index")).unwrap();
    let some = messages(&mut Dice(8), 1_000);
    let model = MemoryRepository::new();
    let database = open_unfolded(&path).await;
    for batch in some.chunks(250) {
        model.append(batch).await.unwrap();
        database.append(batch).await.unwrap();
    }
    super::assert_ready(&database.readiness().await);
    assert_eq!(database.fold_lag().messages, 1_000);
    assert!(database.fold(ALL).await.is_err());
    assert_eq!(
        database.stats().await.unwrap(),
        model.stats().await.unwrap()
    );
    let mut dice = Dice(9);
    for _ in 0..50 {
        agree(&model, &database, &query(&mut dice, &some)).await;
        timeline::agree(&model, &database, &mut dice, &some).await;
    }
    database.close().await.unwrap();
}
