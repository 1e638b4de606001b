//! Messages that are taken away for good, on every store; and wherever the fold has come to.

use std::{num::NonZeroUsize, sync::Arc};

use countersign_core::{
    Appended::{self, Conflict, Created, Duplicate},
    ArrivalQuery, ConflictFilter, Limit, Message, MessageFilter, MessageId, MessageKey,
    MessageQuery, MessageRepository, SearchTerm, Sequence, Timestamp,
};
use countersign_memory::MemoryRepository;
use countersign_sea_orm::{Folding, SqlRepository};

use super::{
    fold::{self, Dice, agree},
    open_postgres, open_unfolded,
    server::Database,
    timeline,
};
use crate::fixture::{at, from, key, message, number, of, source};

type Repository = Arc<dyn MessageRepository>;

const NOON: &str = "2025-01-01T12:00:00Z";

fn now() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

fn keys(messages: &[Message]) -> Vec<MessageKey> {
    let keys = messages.iter().map(|message| message.content.key());
    keys.collect()
}

async fn append(repository: &Repository, messages: &[Message]) -> Vec<Appended> {
    repository.append(messages).await.expect("an answer")
}

fn containing(term: &str) -> MessageQuery {
    MessageQuery {
        filter: MessageFilter {
            text: Some(SearchTerm::try_from(term).expect("a term")),
            ..MessageFilter::default()
        },
        ..MessageQuery::default()
    }
}

async fn arrivals(repository: &Repository, after: Sequence) -> Vec<Message> {
    let query = ArrivalQuery {
        after,
        filter: MessageFilter::default(),
        limit: NonZeroUsize::MAX,
    };
    let found = repository.arrivals(&query).await.expect("an answer");
    let items = found.items.into_iter();
    items.map(|arrival| arrival.message).collect()
}

async fn what_is_purged_is_shown_nowhere_and_counted_nowhere(repository: Repository) {
    let kept = message("kept", NOON, "hello world");
    let mut first = from("+12", message("first", "2024-01-01T00:00:00Z", "hello"));
    first.content.to = number("+13");
    let last = from(
        "+12",
        message("last", "2026-01-01T00:00:00Z", "hello there"),
    );
    let all = [first.clone(), kept.clone(), last.clone()];
    assert_eq!(append(&repository, &all).await, [Created; 3]);
    let changed = from("+12", message("first", NOON, "other"));
    assert_eq!(append(&repository, &[changed]).await, [Conflict]);
    // Totals may be remembered.
    assert_eq!(
        repository.list(&containing("hello")).await.unwrap().total,
        3
    );

    let named = keys(&[first.clone(), last]);
    assert_eq!(repository.purge(&named, now()).await.unwrap(), 2);
    assert_eq!(repository.find(&first.content.key()).await.unwrap(), None);
    for query in [
        MessageQuery::default(),
        containing("hello"),
        containing("o"),
    ] {
        let page = repository.list(&query).await.unwrap();
        assert_eq!((page.items, page.total), (vec![kept.clone()], 1));
    }
    for query in [containing("there"), containing("th")] {
        let page = repository.list(&query).await.unwrap();
        assert_eq!((page.items, page.total), (Vec::new(), 0));
    }
    for (from, to) in [(Some("+12"), None), (None, Some("+13"))] {
        let filter = MessageFilter {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            ..MessageFilter::default()
        };
        let query = MessageQuery {
            filter,
            ..MessageQuery::default()
        };
        assert_eq!(repository.list(&query).await.unwrap().total, 0);
    }
    let conflicts = repository.conflicts(None, Limit::default()).await.unwrap();
    assert_eq!(conflicts.total, 0);
    let stats = repository.stats().await.unwrap();
    assert_eq!((stats.total_messages, stats.senders_count), (1, 1));
    assert_eq!(stats.top_senders.len(), 1);
    assert_eq!(stats.first_message_ts, Some(kept.content.ts));
    assert_eq!(stats.last_message_ts, Some(kept.content.ts));
    assert_eq!(arrivals(&repository, Sequence::START).await, [kept]);
}

async fn the_id_of_a_purged_message_stays_taken(repository: Repository) {
    let sent = message("m", NOON, "hello");
    let mut without_text = message("n", NOON, "");
    without_text.content.text = None;
    let both = [sent.clone(), without_text.clone()];
    assert_eq!(append(&repository, &both).await, [Created; 2]);
    assert_eq!(repository.purge(&keys(&both), now()).await.unwrap(), 2);
    assert_eq!(append(&repository, &both).await, [Duplicate; 2]);
    let changed = [message("m", NOON, "Hello"), message("n", NOON, "")];
    assert_eq!(append(&repository, &changed).await, [Conflict; 2]);
    let named = key("m");
    let known = repository.conflicts(Some(&named), Limit::default());
    let known = known.await.unwrap();
    assert_eq!(known.items[0].content, changed[0].content);
    assert_eq!(
        repository
            .list(&MessageQuery::default())
            .await
            .unwrap()
            .total,
        0
    );
    // Again, there is nothing to purge, and what came since stays.
    assert_eq!(repository.purge(&keys(&both), now()).await.unwrap(), 0);
    let conflicts = repository.conflicts(None, Limit::default()).await.unwrap();
    assert_eq!(conflicts.total, 2);
    // In another source, the id is another.
    assert_eq!(append(&repository, &[of("a", sent)]).await, [Created]);
}

async fn only_what_is_named_is_purged(repository: Repository) {
    let plain = message("m", NOON, "hello");
    let github = of("github", plain.clone());
    let all = [plain.clone(), github.clone(), message("n", NOON, "hello")];
    assert_eq!(append(&repository, &all).await, [Created; 3]);
    let absent = MessageKey {
        source: source("stripe"),
        ..key("m")
    };
    let twice = github.content.key();
    let named = [twice.clone(), absent, key("nothing"), twice];
    assert_eq!(repository.purge(&named, now()).await.unwrap(), 1);
    assert_eq!(repository.purge(&[], now()).await.unwrap(), 0);
    let left = arrivals(&repository, Sequence::START).await;
    assert_eq!(left, [plain, all[2].clone()]);
}

async fn a_place_in_the_order_of_arrival_is_not_given_away_again(repository: Repository) {
    let sent = message("m", NOON, "hello");
    append(&repository, std::slice::from_ref(&sent)).await;
    let end = repository.last_arrival().await.unwrap();
    repository.purge(&keys(&[sent]), now()).await.unwrap();
    assert!(repository.reaches(end).await.unwrap());
    let next = message("next", NOON, "hello");
    append(&repository, std::slice::from_ref(&next)).await;
    assert_eq!(arrivals(&repository, end).await, [next]);
}

async fn conflicts_can_be_purged_by_themselves(repository: Repository) {
    let sent = |second: u32, text: &str, sender: &str| {
        let mut message = from(sender, message("m", NOON, text));
        message.created_at = at(&format!("2025-06-01T12:00:{second:02}Z"));
        message
    };
    let all = [
        sent(0, "kept", "+12"),
        sent(1, "a", "+12"),
        sent(2, "b", "+13"),
        sent(3, "c", "+12"),
        of("github", sent(0, "kept", "+12")),
        of("github", sent(4, "d", "+12")),
    ];
    append(&repository, &all).await;
    let texts = async || {
        let page = repository.conflicts(None, Limit::default()).await.unwrap();
        let texts = page.items.into_iter().filter_map(|one| one.content.text);
        texts
            .map(|text| text.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let purge = async |which: ConflictFilter, at_most: usize| {
        let at_most = NonZeroUsize::new(at_most).unwrap();
        repository.purge_conflicts(&which, at_most).await.unwrap()
    };
    let every = ConflictFilter::default;
    assert_eq!(texts().await, ["d", "c", "b", "a"]);
    let nobody = ConflictFilter {
        to: Some("+12".to_owned()),
        ..every()
    };
    assert_eq!(purge(nobody, 9).await, 0);
    let early = ConflictFilter {
        last_seen_before: Some(at("2025-06-01T12:00:02Z")),
        ..every()
    };
    assert_eq!(purge(early, 9).await, 1);
    assert_eq!(texts().await, ["d", "c", "b"]);
    let plain = ConflictFilter {
        source: Some(source("default")),
        from: Some("+12".to_owned()),
        ..every()
    };
    assert_eq!(purge(plain, 9).await, 1);
    assert_eq!(texts().await, ["d", "b"]);
    assert_eq!(purge(every(), 1).await, 1);
    assert_eq!(texts().await, ["d"]);
    assert_eq!(purge(every(), 9).await, 1);
    // The messages are as they were.
    assert_eq!(arrivals(&repository, Sequence::START).await.len(), 2);
}

async fn the_busiest_senders_are_right_after_a_purge(repository: Repository) {
    let mut all = Vec::new();
    for sender in 10..30 {
        for n in 0..sender {
            let name = format!("{sender}-{n}");
            all.push(from(&format!("+1{sender}"), message(&name, NOON, "")));
        }
    }
    append(&repository, &all).await;
    let busiest = all.iter().filter(|one| one.content.from.as_str() == "+129");
    let busiest: Vec<Message> = busiest.cloned().collect();
    // Step by step it falls behind others, and is gone in the end.
    for (some, place) in [(0..4, 4), (4..11, 11), (11..28, 20), (28..29, 20)] {
        let purged = repository.purge(&keys(&busiest[some]), now()).await;
        assert!(purged.unwrap() > 0);
        let stats = repository.stats().await.unwrap();
        let senders: Vec<&str> = stats
            .top_senders
            .iter()
            .map(|sender| sender.from.as_str())
            .collect();
        let expected = (10..29).rev().map(|sender| format!("+1{sender}"));
        let mut expected: Vec<String> = expected.collect();
        if place < 19 {
            expected.insert(place, "+129".to_owned());
        }
        assert_eq!(senders, expected[..10], "{place}");
    }
    assert_eq!(repository.stats().await.unwrap().senders_count, 19);
}

mod on {
    on_every_store! {
        what_is_purged_is_shown_nowhere_and_counted_nowhere
        the_id_of_a_purged_message_stays_taken
        only_what_is_named_is_purged
        a_place_in_the_order_of_arrival_is_not_given_away_again
        conflicts_can_be_purged_by_themselves
        the_busiest_senders_are_right_after_a_purge
    }
}

/// A part of many messages is purged before they are folded, another after, and what is left is
/// answered as by the model, with blocks whose grams are kept and senders that are counted by time.
async fn is_exact_whatever_is_purged(database: &SqlRepository) {
    let mut dice = Dice(11);
    let all = fold::messages(&mut dice, 20_000);
    let model = MemoryRepository::new();
    let mut stored = 0;
    for (append, purge_first, fold) in [
        (6_000, 300, 4_000),
        (11_000, 500, 13_500),
        (3_000, 500, 0),
        (0, 500, 30_000),
        (0, 500, 0),
    ] {
        for batch in all[stored..stored + append].chunks(1_000) {
            assert_eq!(
                model.append(batch).await.unwrap(),
                database.append(batch).await.unwrap()
            );
        }
        stored += append;
        purge_some(&model, database, &mut dice, &all[..stored], purge_first).await;
        if let Some(at_most) = NonZeroUsize::new(fold) {
            database.fold(at_most).await.unwrap();
        }
        purge_some(&model, database, &mut dice, &all[..stored], 200).await;
        assert_eq!(
            model.stats().await.unwrap(),
            database.stats().await.unwrap()
        );
        for _ in 0..40 {
            let query = fold::query(&mut dice, &all[..stored]);
            agree(&model, database, &query).await;
            purge_some(&model, database, &mut dice, &all[..stored], 3).await;
            // Again: now the total may be remembered.
            agree(&model, database, &query).await;
            timeline::agree(&model, database, &mut dice, &all[..stored]).await;
        }
    }
    // One that is counted by time becomes small, and large again.
    let (busy, rest): (Vec<Message>, Vec<Message>) = all
        .iter()
        .cloned()
        .partition(|one| one.content.from.as_str() == "+1000");
    for batch in busy[..busy.len() - 300].chunks(2_000) {
        let purged = model.purge(&keys(batch), now()).await.unwrap();
        assert_eq!(database.purge(&keys(batch), now()).await.unwrap(), purged);
    }
    let more = fold::messages(&mut Dice(12), 9_000);
    for batch in more.chunks(1_000) {
        assert_eq!(
            model.append(batch).await.unwrap(),
            database.append(batch).await.unwrap()
        );
        database.fold(NonZeroUsize::MAX).await.unwrap();
    }
    for _ in 0..40 {
        agree(&model, database, &fold::query(&mut dice, &more)).await;
        timeline::agree(&model, database, &mut dice, &more).await;
    }
    // And everything else.
    for batch in [busy, rest, more].concat().chunks(4_000) {
        let purged = model.purge(&keys(batch), now()).await.unwrap();
        assert_eq!(database.purge(&keys(batch), now()).await.unwrap(), purged);
    }
    assert_eq!(
        database.stats().await.unwrap(),
        countersign_core::Stats::default()
    );
    assert_eq!(
        database.append(&all[..100]).await.unwrap(),
        [Duplicate; 100]
    );
    for _ in 0..20 {
        agree(&model, database, &fold::query(&mut dice, &all)).await;
    }
    // So much of nothing is not looked through at once.
    let mut query = ArrivalQuery {
        after: Sequence::START,
        filter: MessageFilter::default(),
        limit: NonZeroUsize::MIN,
    };
    let mut pages = 0;
    loop {
        let page = database.arrivals(&query).await.unwrap();
        assert!(page.items.is_empty());
        query.after = page.up_to;
        pages += 1;
        if !page.more {
            break;
        }
    }
    assert!(pages > 1);
}

/// More senders than are kept as the first fall behind, and others come up meanwhile.
async fn the_busiest_senders_are_exact_among_many(database: &SqlRepository) {
    let mut dice = Dice(13);
    let model = MemoryRepository::new();
    let mut next = 0;
    let mut more = |sender: u64, count: u64| {
        let sender = format!("+4{sender:03}");
        let messages = (0..count).map(|_| {
            next += 1;
            from(&sender, message(&format!("m{next}"), NOON, ""))
        });
        messages.collect::<Vec<Message>>()
    };
    let mut kept: Vec<Message> = (0..140).flat_map(|n| more(n, 1 + n / 4)).collect();
    model.append(&kept).await.unwrap();
    database.append(&kept).await.unwrap();
    database.fold(NonZeroUsize::MAX).await.unwrap();
    for round in 0..90 {
        // Those with the most messages, or the first that are left, lose nearly all of them.
        let top = model.stats().await.unwrap().top_senders;
        let most = if round < 60 { 3 } else { 9 };
        let losing = usize::try_from(1 + dice.roll(most)).expect("small");
        let losing = top.iter().take(losing);
        let losing: Vec<&str> = losing.map(|sender| sender.from.as_str()).collect();
        let spared = dice.roll(2);
        let mut seen = 0;
        let (gone, left): (Vec<Message>, Vec<Message>) = kept.into_iter().partition(|one| {
            let loses = losing.contains(&one.content.from.as_str());
            seen += u64::from(loses);
            loses && seen > spared
        });
        kept = left;
        let purged = model.purge(&keys(&gone), now()).await.unwrap();
        assert_eq!(database.purge(&keys(&gone), now()).await.unwrap(), purged);
        assert_eq!(
            model.stats().await.unwrap(),
            database.stats().await.unwrap(),
            "{round}"
        );
        if dice.roll(3) > 0 {
            let some = more(dice.roll(200), 1 + dice.roll(12));
            model.append(&some).await.unwrap();
            database.append(&some).await.unwrap();
            kept.extend(some);
        }
        if dice.roll(3) > 0 {
            database.fold(NonZeroUsize::MAX).await.unwrap();
        }
        assert_eq!(
            model.stats().await.unwrap(),
            database.stats().await.unwrap(),
            "{round}"
        );
    }
}

#[tokio::test]
async fn the_busiest_senders_are_exact_among_many_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    the_busiest_senders_are_exact_among_many(&database).await;
}

#[tokio::test]
async fn the_busiest_senders_are_exact_among_many_on_postgres() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    the_busiest_senders_are_exact_among_many(&repository).await;
    repository.close().await.unwrap();
}

/// An id of the original service may look like another's of a source; and what is left of it, too.
async fn an_adopted_id_is_not_taken_for_anothers(database: &SqlRepository) {
    let mut adopted = message("a", NOON, "hello");
    adopted.content.id = MessageId::from_store("a\u{1}b".to_owned());
    let other = of("b", message("a", NOON, "hello"));
    let both = [adopted.clone(), other.clone()];
    assert_eq!(database.append(&both).await.unwrap(), [Created, Conflict]);
    let (adopted, other) = (adopted.content.key(), other.content.key());
    assert_eq!(database.sequence_of(&other).await.unwrap(), None);
    assert!(database.sequence_of(&adopted).await.unwrap().is_some());
    assert_eq!(
        database
            .purge(std::slice::from_ref(&other), now())
            .await
            .unwrap(),
        0
    );
    assert_eq!(database.purge(&[adopted], now()).await.unwrap(), 1);
    assert_eq!(database.append(&both).await.unwrap(), [Duplicate, Conflict]);
}

#[tokio::test]
async fn an_adopted_id_is_not_taken_for_anothers_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    an_adopted_id_is_not_taken_for_anothers(&database).await;
}

#[tokio::test]
async fn an_adopted_id_is_not_taken_for_anothers_on_postgres() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    an_adopted_id_is_not_taken_for_anothers(&repository).await;
    repository.close().await.unwrap();
}

async fn purge_some(
    model: &MemoryRepository,
    database: &SqlRepository,
    dice: &mut Dice,
    messages: &[Message],
    count: u64,
) {
    let some = (0..count).map(|_| {
        let index = usize::try_from(dice.roll(messages.len() as u64)).expect("small");
        messages[index].content.key()
    });
    let some: Vec<MessageKey> = some.collect();
    let purged = model.purge(&some, now()).await.unwrap();
    assert_eq!(database.purge(&some, now()).await.unwrap(), purged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_exact_whatever_is_purged() {
    let folder = tempfile::tempdir().unwrap();
    let database = open_unfolded(&folder.path().join("app.db")).await;
    is_exact_whatever_is_purged(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_postgres_are_exact_whatever_is_purged() {
    let Some(database) = Database::new().await else {
        return;
    };
    let repository = open_postgres(&database.url, Folding::OnDemand).await;
    is_exact_whatever_is_purged(&repository).await;
    repository.close().await.unwrap();
}
