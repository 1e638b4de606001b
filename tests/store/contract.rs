//! What every message repository must do. Written once; a store is added by one line at the end.

use std::{collections::HashSet, num::NonZeroUsize, sync::Arc, time::Duration};

use countersign_core::{
    Appended::{Conflict, Created, Duplicate},
    ArrivalQuery, Arrivals, Limit, Message, MessageFilter, MessageQuery, MessageRepository, Offset,
    Order, Position, SearchTerm, Sequence, SourceName, Timestamp,
};

use crate::fixture::{at, from, id, key, message};

type Repository = Arc<dyn MessageRepository>;

async fn store(repository: &Repository, messages: &[Message]) {
    let outcomes = repository.append(messages).await.expect("an answer");
    assert!(outcomes.iter().all(|outcome| *outcome == Created));
}

async fn ids(repository: &Repository, query: MessageQuery) -> Vec<String> {
    let page = repository.list(&query).await.expect("a page");
    let ids = page.items.into_iter();
    ids.map(|message| message.content.id.to_string()).collect()
}

fn filtered(filter: MessageFilter) -> MessageQuery {
    MessageQuery {
        filter,
        ..Default::default()
    }
}

fn containing(term: &str) -> MessageQuery {
    filtered(MessageFilter {
        text: Some(SearchTerm::try_from(term).expect("a search term")),
        ..Default::default()
    })
}

fn part(limit: i64, offset: i64) -> MessageQuery {
    MessageQuery {
        limit: Limit::try_from(limit).expect("a limit"),
        offset: Offset::try_from(offset).expect("an offset"),
        ..Default::default()
    }
}

const NOON: &str = "2025-01-01T12:00:00Z";

async fn an_empty_store_answers_everything(repository: Repository) {
    let page = repository.list(&MessageQuery::default()).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, 0));
    assert_eq!(repository.find(&key("m")).await.unwrap(), None);
    let conflicts = repository.conflicts(None, Limit::default()).await.unwrap();
    assert_eq!((conflicts.items.len(), conflicts.total), (0, 0));
    let stats = repository.stats().await.unwrap();
    assert_eq!(stats, countersign_core::Stats::default());
    super::assert_ready(&repository.readiness().await);
    assert_eq!(repository.append(&[]).await.unwrap(), []);
}

async fn a_store_says_what_it_is(repository: Repository) {
    store(&repository, &[message("m", NOON, "hello")]).await;
    // Any number may ask at once.
    let asked = (0..8).map(|_| repository.storage());
    let all = futures_util::future::join_all(asked).await;
    for storage in all {
        let engine = storage.engine.expect("a name");
        let known = ["In memory", "SQLite 3.", "PostgreSQL 1"];
        assert!(
            known.iter().any(|name| engine.starts_with(name)),
            "{engine}"
        );
        let durability = storage.durability.expect("words");
        assert!(!durability.is_empty());
        let lasts = engine != "In memory";
        assert!(storage.durable.is_some_and(|durable| lasts || !durable));
        assert_eq!(storage.database_bytes.is_some_and(|bytes| bytes > 0), lasts);
        // Nothing is known of files where there are none.
        if !engine.starts_with("SQLite") {
            let files = (storage.index_bytes, storage.wal_bytes, storage.free_bytes);
            assert_eq!(files, (None, None, None));
        }
    }
}

async fn a_message_comes_back_as_it_was_stored(repository: Repository) {
    let longest = "😀".repeat(4096);
    let ids = [
        "m",
        " m ",
        "a/b",
        "é",
        "\u{202e}",
        "<b>",
        "💬",
        &"x".repeat(255),
    ];
    for message_id in ids {
        let mut sent = message(message_id, "2025-01-01T12:00:00.000001Z", &longest);
        store(&repository, std::slice::from_ref(&sent)).await;
        let found = repository.find(&sent.content.key()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&sent));
        // An id is compared by byte: in another case, it is another id.
        sent.content.id = id(&format!("{message_id}X")
            .chars()
            .rev()
            .take(200)
            .collect::<String>());
        assert_eq!(repository.find(&sent.content.key()).await.unwrap(), None);
    }
}

async fn a_message_without_a_text_stays_without_one(repository: Repository) {
    let mut without = message("without", NOON, "");
    without.content.text = None;
    let empty = message("empty", NOON, "");
    store(&repository, &[without.clone(), empty.clone()]).await;
    assert_eq!(
        repository.find(&key("without")).await.unwrap(),
        Some(without)
    );
    assert_eq!(repository.find(&key("empty")).await.unwrap(), Some(empty));
}

async fn the_extreme_instants_are_kept(repository: Repository) {
    let mut first = message("first", NOON, "");
    first.content.ts = Timestamp::MIN;
    let mut last = message("last", NOON, "");
    last.content.ts = Timestamp::MAX;
    store(&repository, &[last.clone(), first.clone()]).await;
    assert_eq!(
        ids(&repository, MessageQuery::default()).await,
        ["first", "last"]
    );
    let stats = repository.stats().await.unwrap();
    assert_eq!(stats.first_message_ts, Some(Timestamp::MIN));
    assert_eq!(stats.last_message_ts, Some(Timestamp::MAX));
}

async fn the_same_message_again_is_a_duplicate(repository: Repository) {
    let first = message("m", NOON, "hello");
    store(&repository, std::slice::from_ref(&first)).await;
    let mut again = first.clone();
    again.created_at = at("2025-06-02T12:00:00Z");
    assert_eq!(repository.append(&[again]).await.unwrap(), [Duplicate]);
    assert_eq!(repository.find(&key("m")).await.unwrap(), Some(first));
    let conflicts = repository.conflicts(None, Limit::default()).await.unwrap();
    assert_eq!(conflicts.total, 0);
}

async fn a_different_message_under_a_known_id_is_a_recorded_conflict(repository: Repository) {
    let first = message("m", NOON, "hello");
    store(&repository, std::slice::from_ref(&first)).await;

    let mut other = message("m", NOON, "goodbye");
    other.created_at = at("2025-06-01T13:00:00Z");
    assert_eq!(
        repository.append(&[other.clone()]).await.unwrap(),
        [Conflict]
    );
    let mut wordless = message("m", NOON, "");
    wordless.content.text = None;
    wordless.created_at = at("2025-06-01T14:00:00Z");
    assert_eq!(
        repository.append(&[wordless.clone()]).await.unwrap(),
        [Conflict]
    );
    wordless.created_at = at("2025-06-01T16:00:00Z");
    assert_eq!(
        repository.append(&[wordless.clone()]).await.unwrap(),
        [Conflict]
    );
    other.created_at = at("2025-06-01T15:00:00Z");
    assert_eq!(
        repository.append(&[other.clone()]).await.unwrap(),
        [Conflict]
    );

    assert_eq!(repository.find(&key("m")).await.unwrap(), Some(first));
    let conflicts = repository
        .conflicts(Some(&key("m")), Limit::default())
        .await
        .unwrap();
    assert_eq!(conflicts.total, 2);
    let [newest, older] = conflicts.items.as_slice() else {
        panic!("{conflicts:?}")
    };
    assert_eq!((&newest.content, newest.times), (&wordless.content, 2));
    assert_eq!(newest.first_seen_at, at("2025-06-01T14:00:00Z"));
    assert_eq!(newest.last_seen_at, at("2025-06-01T16:00:00Z"));
    assert_eq!((&older.content, older.times), (&other.content, 2));
    let elsewhere = repository
        .conflicts(Some(&key("n")), Limit::default())
        .await
        .unwrap();
    assert_eq!(elsewhere.total, 0);
}

async fn every_field_makes_a_difference(repository: Repository) {
    let first = message("m", NOON, "hello");
    store(&repository, std::slice::from_ref(&first)).await;
    let mut to = first.clone();
    to.content.to = crate::fixture::number("+12");
    for other in [
        from("+12", first.clone()),
        to,
        message("m", "2025-01-01T12:00:00.000001Z", "hello"),
        message("m", NOON, "Hello"),
    ] {
        assert_eq!(repository.append(&[other]).await.unwrap(), [Conflict]);
    }
    let conflicts = repository
        .conflicts(None, Limit::try_from(3).unwrap())
        .await
        .unwrap();
    assert_eq!((conflicts.items.len(), conflicts.total), (3, 4));
}

async fn a_batch_is_answered_in_order_and_may_repeat_itself(repository: Repository) {
    let a = message("a", NOON, "1");
    let b = message("b", NOON, "1");
    let outcomes = repository
        .append(&[
            a.clone(),
            b.clone(),
            a.clone(),
            message("b", NOON, "2"),
            message("c", NOON, ""),
        ])
        .await
        .unwrap();
    assert_eq!(outcomes, [Created, Created, Duplicate, Conflict, Created]);
    assert_eq!(
        ids(&repository, MessageQuery::default()).await,
        ["a", "b", "c"]
    );
}

async fn of_64_writers_of_one_new_id_one_creates_it(repository: Repository) {
    for round in 0..5 {
        let same = message(&format!("m{round}"), NOON, "hello");
        let writers: Vec<_> = (0..64)
            .map(|_| {
                let (repository, same) = (Arc::clone(&repository), same.clone());
                tokio::spawn(async move { repository.append(&[same]).await })
            })
            .collect();
        let mut created = 0;
        for writer in writers {
            match writer.await.unwrap().unwrap().as_slice() {
                [Created] => created += 1,
                [Duplicate] => {}
                others => panic!("{others:?}"),
            }
        }
        assert_eq!(created, 1);
    }
    assert_eq!(repository.stats().await.unwrap().total_messages, 5);
}

async fn lists_are_ordered_by_instant_then_by_the_bytes_of_the_id(repository: Repository) {
    let half = "2025-01-01T12:00:00.5Z";
    store(
        &repository,
        &[
            message("half", half, ""),
            message("b", NOON, ""),
            message("é", NOON, ""),
            message("B", NOON, ""),
            message("a", NOON, ""),
            message("earlier", "2025-01-01T14:00:00+02:30", ""),
        ],
    )
    .await;
    let ascending = ["earlier", "B", "a", "b", "é", "half"];
    assert_eq!(ids(&repository, MessageQuery::default()).await, ascending);
    let descending = MessageQuery {
        order: Order::Descending,
        ..Default::default()
    };
    let mut reversed = ascending;
    reversed.reverse();
    assert_eq!(ids(&repository, descending).await, reversed);
}

async fn parts_of_a_list_join_without_gap(repository: Repository) {
    let all: Vec<Message> = (0..7)
        .map(|n| message(&format!("m{n}"), NOON, ""))
        .collect();
    store(&repository, &all).await;
    assert_eq!(ids(&repository, part(3, 0)).await, ["m0", "m1", "m2"]);
    assert_eq!(ids(&repository, part(3, 3)).await, ["m3", "m4", "m5"]);
    assert_eq!(ids(&repository, part(3, 6)).await, ["m6"]);
    for beyond in [7, 8, 1_000_000, i64::MAX] {
        let page = repository.list(&part(3, beyond)).await.unwrap();
        assert_eq!((page.items.len(), page.total), (0, 7), "offset {beyond}");
    }
}

async fn totals_count_what_matches_not_what_is_shown(repository: Repository) {
    let all: Vec<Message> = (0..120)
        .map(|n| message(&format!("m{n:03}"), NOON, ""))
        .collect();
    store(&repository, &all).await;
    let page = repository.list(&MessageQuery::default()).await.unwrap();
    assert_eq!((page.items.len(), page.total), (50, 120));
    let page = repository.list(&part(100, 110)).await.unwrap();
    assert_eq!((page.items.len(), page.total), (10, 120));
}

async fn filters_hold_together(repository: Repository) {
    store(
        &repository,
        &[
            from("+111", message("a", "2025-01-01T00:00:00Z", "order one")),
            from("+111", message("b", "2025-01-02T00:00:00Z", "order two")),
            from("+1112", message("c", "2025-01-02T00:00:00Z", "order two")),
            from("+111", message("d", "2025-01-03T00:00:00Z", "refund")),
        ],
    )
    .await;
    let only = |from: &str| MessageFilter {
        from: Some(from.to_owned()),
        ..Default::default()
    };
    assert_eq!(
        ids(&repository, filtered(only("+111"))).await,
        ["a", "b", "d"]
    );
    for nobody in ["+11", "111", "+111 ", "%", "'; DROP TABLE messages; --"] {
        assert!(
            ids(&repository, filtered(only(nobody))).await.is_empty(),
            "{nobody}"
        );
    }
    let since = |ts: &str| MessageFilter {
        since: Some(at(ts)),
        ..Default::default()
    };
    let inclusive = filtered(since("2025-01-02T00:00:00Z"));
    assert_eq!(ids(&repository, inclusive).await, ["b", "c", "d"]);
    let just_after = filtered(since("2025-01-02T00:00:00.000001Z"));
    assert_eq!(ids(&repository, just_after).await, ["d"]);
    let all = MessageFilter {
        text: Some(SearchTerm::try_from("ORDER").unwrap()),
        since: Some(at("2025-01-02T00:00:00Z")),
        from: Some("+111".to_owned()),
        ..Default::default()
    };
    assert_eq!(ids(&repository, filtered(all)).await, ["b"]);
}

async fn spans_and_receivers_are_filters_too(repository: Repository) {
    let mut elsewhere = message("elsewhere", "2025-01-02T00:00:00Z", "");
    elsewhere.content.to = crate::fixture::number("+19");
    store(
        &repository,
        &[
            message("first", "2025-01-01T00:00:00Z", ""),
            elsewhere,
            from("+19", message("second", "2025-01-02T00:00:00Z", "")),
            message("third", "2025-01-03T00:00:00Z", ""),
        ],
    )
    .await;
    let until = |ts: &str| MessageFilter {
        until: Some(at(ts)),
        ..Default::default()
    };
    let exclusive = filtered(until("2025-01-02T00:00:00Z"));
    assert_eq!(ids(&repository, exclusive).await, ["first"]);
    let neighbours = filtered(MessageFilter {
        since: Some(at("2025-01-02T00:00:00Z")),
        ..until("2025-01-03T00:00:00Z")
    });
    assert_eq!(ids(&repository, neighbours).await, ["elsewhere", "second"]);
    let nothing = filtered(MessageFilter {
        since: Some(at("2025-01-03T00:00:00Z")),
        ..until("2025-01-01T00:00:00Z")
    });
    assert!(ids(&repository, nothing).await.is_empty());
    let to = |to: &str| MessageFilter {
        to: Some(to.to_owned()),
        ..Default::default()
    };
    assert_eq!(ids(&repository, filtered(to("+19"))).await, ["elsewhere"]);
    let both = MessageFilter {
        from: Some("+14155550100".to_owned()),
        ..to("+14155550199")
    };
    assert_eq!(ids(&repository, filtered(both)).await, ["first", "third"]);
    assert!(ids(&repository, filtered(to("+1"))).await.is_empty());
}

async fn a_cursor_goes_on_where_a_page_ended(repository: Repository) {
    let all: Vec<Message> = (0..7)
        .map(|n| {
            let ts = format!("2025-01-01T00:00:0{}Z", n / 3);
            message(&format!("m{n}"), &ts, "")
        })
        .collect();
    store(&repository, &all).await;
    for (order, pages) in [
        (Order::Ascending, ["m0 m1 m2", "m3 m4 m5", "m6"]),
        (Order::Descending, ["m6 m5 m4", "m3 m2 m1", "m0"]),
    ] {
        let mut query = MessageQuery {
            order,
            ..part(3, 0)
        };
        for (number, expected) in pages.into_iter().enumerate() {
            let page = repository.list(&query).await.unwrap();
            let found = page.items.iter().map(|m| m.content.id.as_str());
            assert_eq!(found.collect::<Vec<_>>().join(" "), expected);
            // A cursor narrows the page, not the list.
            assert_eq!((page.total, page.more), (7, number < 2));
            query.after = page.items.last().map(Message::position);
        }
        let page = repository.list(&query).await.unwrap();
        assert_eq!((page.items.len(), page.total, page.more), (0, 7, false));
    }
    // A place where no message stands, and an offset from it.
    let query = MessageQuery {
        after: Some(Position {
            ts: at("2025-01-01T00:00:00Z"),
            id: id("m1.5"),
            source: SourceName::default(),
        }),
        ..part(2, 1)
    };
    assert_eq!(ids(&repository, query).await, ["m3", "m4"]);
}

async fn a_search_is_for_a_substring_and_nothing_is_a_wildcard(repository: Repository) {
    let mut without = message("without", NOON, "");
    without.content.text = None;
    store(
        &repository,
        &[
            without,
            message("empty", NOON, ""),
            message("percent", NOON, "100% sure"),
            message("score", NOON, "snake_case"),
            message("slash", NOON, r"C:\temp"),
            message("quote", NOON, r#"it's "quoted""#),
            message("plain", NOON, "100 sure, snakecase"),
            message("lines", NOON, "one\ntwo\u{1}three"),
            message("long", NOON, &("x".repeat(4095) + "y")),
        ],
    )
    .await;
    for (term, found) in [
        ("%", vec!["percent"]),
        ("100%", vec!["percent"]),
        ("_", vec!["score"]),
        ("e_c", vec!["score"]),
        (r"\", vec!["slash"]),
        (r":\t", vec!["slash"]),
        ("'", vec!["quote"]),
        ("\"", vec!["quote"]),
        ("e\nt", vec!["lines"]),
        ("\u{1}", vec!["lines"]),
        ("100 ", vec!["plain"]),
        ("xy", vec!["long"]),
        (&("x".repeat(4095) + "Y"), vec!["long"]),
        (&"x".repeat(60_000), vec![]),
        ("*", vec![]),
        ("sure snake", vec![]),
    ] {
        assert_eq!(
            ids(&repository, containing(term)).await,
            found,
            "{term:.20?}"
        );
    }
}

async fn a_search_does_not_mind_the_case_in_any_script(repository: Repository) {
    store(
        &repository,
        &[
            message("french", NOON, "L'ÉTÉ à Paris"),
            message("russian", NOON, "Привет, мир"),
            message("greek", NOON, "ΟΔΟΣΑ"),
            message("german", NOON, "Große Straße"),
            message("turkish", NOON, "İstanbul"),
            message("emoji", NOON, "fine 👍🏽"),
            message("decomposed", NOON, "cafe\u{301}"),
        ],
    )
    .await;
    for (term, found) in [
        ("l'été À", vec!["french"]),
        ("ПРИВЕТ", vec!["russian"]),
        ("οδοσ", vec!["greek"]),
        ("οδος", vec!["greek"]),
        ("STRASSE", vec!["german"]),
        ("GROẞE", vec!["german"]),
        ("i\u{307}stan", vec!["turkish"]),
        ("👍", vec!["emoji"]),
        ("🏽", vec!["emoji"]),
        ("café", vec![]),
        ("ete", vec![]),
    ] {
        assert_eq!(ids(&repository, containing(term)).await, found, "{term}");
    }
}

async fn stats_name_the_ten_busiest_senders(repository: Repository) {
    let mut messages = Vec::new();
    for sender in 0..12_u32 {
        // Senders 0 and 1 send as much as each other, and more than all others.
        let count = if sender < 2 { 20 } else { sender };
        for n in 0..count {
            let ts = format!("2025-01-{:02}T00:00:00Z", 1 + sender);
            let unique = format!("{sender}-{n}");
            messages.push(from(
                &format!("+1{:03}", 100 - sender),
                message(&unique, &ts, ""),
            ));
        }
    }
    store(&repository, &messages).await;
    let stats = repository.stats().await.unwrap();
    assert_eq!(stats.total_messages, messages.len() as u64);
    assert_eq!(stats.senders_count, 12);
    let top: Vec<(&str, u64)> = stats
        .top_senders
        .iter()
        .map(|sender| (sender.from.as_str(), sender.count))
        .collect();
    assert_eq!(
        top,
        [
            ("+1099", 20),
            ("+1100", 20),
            ("+1089", 11),
            ("+1090", 10),
            ("+1091", 9),
            ("+1092", 8),
            ("+1093", 7),
            ("+1094", 6),
            ("+1095", 5),
            ("+1096", 4),
        ]
    );
    assert_eq!(stats.first_message_ts, Some(at("2025-01-01T00:00:00Z")));
    assert_eq!(stats.last_message_ts, Some(at("2025-01-12T00:00:00Z")));
}

async fn arrived(repository: &Repository, query: &ArrivalQuery) -> (Vec<String>, Arrivals) {
    let arrivals = repository.arrivals(query).await.expect("arrivals");
    let ids = arrivals.items.iter();
    let ids = ids.map(|arrival| arrival.message.content.id.to_string());
    (ids.collect(), arrivals)
}

fn behind(after: Sequence, limit: usize) -> ArrivalQuery {
    ArrivalQuery {
        after,
        filter: MessageFilter::default(),
        limit: NonZeroUsize::new(limit).expect("more than none"),
    }
}

async fn messages_arrive_in_the_order_in_which_they_were_stored(repository: Repository) {
    let (ids, nothing) = arrived(&repository, &behind(Sequence::START, 10)).await;
    assert_eq!(
        (ids.len(), nothing.up_to, nothing.more),
        (0, Sequence::START, false)
    );
    assert_eq!(repository.last_arrival().await.unwrap(), Sequence::START);

    // Neither ids nor instants have this order.
    for (name, ts) in [("b", NOON), ("c", "2024-01-01T00:00:00Z"), ("a", NOON)] {
        store(&repository, &[message(name, ts, "")]).await;
    }
    let batch = [
        message("z", NOON, ""),
        message("y", NOON, ""),
        message("x", NOON, ""),
    ];
    store(&repository, &batch).await;
    // What is not created does not arrive.
    repository.append(&[message("a", NOON, "")]).await.unwrap();
    repository
        .append(&[message("a", NOON, "other")])
        .await
        .unwrap();

    let mut seen = Vec::new();
    let mut after = Sequence::START;
    loop {
        let (ids, arrivals) = arrived(&repository, &behind(after, 4)).await;
        assert!(arrivals.items.is_sorted_by(|a, b| a.sequence < b.sequence));
        assert!(arrivals.items.iter().all(|item| item.sequence > after));
        seen.extend(ids);
        after = arrivals.up_to;
        if !arrivals.more {
            break;
        }
    }
    assert_eq!(seen, ["b", "c", "a", "z", "y", "x"]);
    assert_eq!(repository.last_arrival().await.unwrap(), after);
    assert!(repository.reaches(after).await.unwrap());
    let (ids, _) = arrived(&repository, &behind(after, 4)).await;
    assert!(ids.is_empty());
    let beyond = Sequence::try_from(i64::MAX).unwrap();
    let (ids, nothing) = arrived(&repository, &behind(beyond, 4)).await;
    assert_eq!((ids.len(), nothing.up_to, nothing.more), (0, beyond, false));
    assert!(!repository.reaches(beyond).await.unwrap());
}

async fn arrivals_are_filtered_as_lists_are(repository: Repository) {
    for (n, sender) in ["+1100", "+1200", "+1100", "+1200"].into_iter().enumerate() {
        let text = format!("Grüße {n}");
        let sent = from(sender, message(&format!("m{n}"), NOON, &text));
        store(&repository, &[sent]).await;
    }
    let filtered = |filter| ArrivalQuery {
        filter,
        ..behind(Sequence::START, 10)
    };
    let from_one = filtered(MessageFilter {
        from: Some("+1100".to_owned()),
        ..Default::default()
    });
    let (ids, arrivals) = arrived(&repository, &from_one).await;
    assert_eq!(ids, ["m0", "m2"]);
    // The last one does not match, and need not be looked at again.
    assert_eq!(arrivals.up_to, repository.last_arrival().await.unwrap());
    let with_text = filtered(MessageFilter {
        text: Some(SearchTerm::try_from("GRÜSSE 3").unwrap()),
        ..Default::default()
    });
    assert_eq!(arrived(&repository, &with_text).await.0, ["m3"]);
}

async fn one_waits_until_something_has_arrived(repository: Repository) {
    let patience = Duration::from_secs(10);
    let waiting = tokio::spawn({
        let repository = Arc::clone(&repository);
        async move {
            let mut after = Sequence::START;
            for n in 0..20 {
                // It may complete without need.
                let arrival = loop {
                    repository.arrived_behind(after).await;
                    let (_, arrivals) = arrived(&repository, &behind(after, 1)).await;
                    if let Some(arrival) = arrivals.items.into_iter().next() {
                        break arrival;
                    }
                };
                assert_eq!(arrival.message.content.id, id(&format!("m{n}")));
                after = arrival.sequence;
            }
        }
    });
    for n in 0..20 {
        store(&repository, &[message(&format!("m{n}"), NOON, "")]).await;
    }
    tokio::time::timeout(patience, waiting)
        .await
        .expect("all of them")
        .unwrap();
}

/// Several writers at once, in batches of different sizes, and a reader beside them.
async fn a_reader_beside_many_writers_misses_nothing_and_never_goes_back(repository: Repository) {
    const WRITERS: usize = 6;
    const EACH: usize = 120;
    let reading = tokio::spawn({
        let repository = Arc::clone(&repository);
        async move {
            let (mut seen, mut after) = (HashSet::new(), Sequence::START);
            while seen.len() < WRITERS * EACH {
                repository.arrived_behind(after).await;
                let (ids, arrivals) = arrived(&repository, &behind(after, 50)).await;
                for (name, item) in ids.into_iter().zip(&arrivals.items) {
                    assert!(item.sequence > after, "it went back");
                    after = item.sequence;
                    assert!(seen.insert(name), "one came twice");
                }
                assert!(arrivals.up_to >= after);
                after = arrivals.up_to;
            }
        }
    });
    let writers = (0..WRITERS).map(|writer| {
        let repository = Arc::clone(&repository);
        tokio::spawn(async move {
            let mut n = 0;
            while n < EACH {
                let size = (1 + (n * 7 + writer) % 5).min(EACH - n);
                let batch: Vec<Message> = (n..n + size)
                    .map(|n| message(&format!("w{writer}-{n}"), NOON, ""))
                    .collect();
                store(&repository, &batch).await;
                n += size;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let patience = Duration::from_secs(10);
    tokio::time::timeout(patience, reading)
        .await
        .expect("all of them")
        .unwrap();
}

/// One test for each store and each case.
macro_rules! contract {
    ($($store:ident)*; $case:ident $($rest:ident)*) => {
        contract!(@case $case [$($store)*]);
        contract!($($store)*; $($rest)*);
    };
    ($($store:ident)*;) => {};
    (@case $case:ident [$($store:ident)*]) => {
        mod $case {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $store() {
                    let Some(store) = crate::store::$store().await else { return };
                    super::super::$case(store.repository.clone()).await;
                }
            )*
        }
    };
}

/// The stores: a new one is one more name here, and a function of that name in `store`.
macro_rules! on_every_store {
    ($($case:ident)*) => {
        contract! {
            memory
            sqlite unfolded_sqlite grouped_sqlite
            postgres unfolded_postgres grouped_postgres;
            $($case)*
        }
    };
}

mod on {
    on_every_store! {
        an_empty_store_answers_everything
        a_store_says_what_it_is
        a_message_comes_back_as_it_was_stored
        a_message_without_a_text_stays_without_one
        the_extreme_instants_are_kept
        the_same_message_again_is_a_duplicate
        a_different_message_under_a_known_id_is_a_recorded_conflict
        every_field_makes_a_difference
        a_batch_is_answered_in_order_and_may_repeat_itself
        of_64_writers_of_one_new_id_one_creates_it
        lists_are_ordered_by_instant_then_by_the_bytes_of_the_id
        parts_of_a_list_join_without_gap
        totals_count_what_matches_not_what_is_shown
        filters_hold_together
        spans_and_receivers_are_filters_too
        a_cursor_goes_on_where_a_page_ended
        a_search_is_for_a_substring_and_nothing_is_a_wildcard
        a_search_does_not_mind_the_case_in_any_script
        stats_name_the_ten_busiest_senders
        messages_arrive_in_the_order_in_which_they_were_stored
        arrivals_are_filtered_as_lists_are
        one_waits_until_something_has_arrived
        a_reader_beside_many_writers_misses_nothing_and_never_goes_back
    }
}
