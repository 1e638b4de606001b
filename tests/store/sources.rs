//! Messages of several sources, and the keys that vouched for them, on every store.

use std::{num::NonZeroUsize, sync::Arc};

use countersign_core::{
    Appended::{self, Conflict, Created, Duplicate},
    ArrivalQuery, Limit, Message, MessageFilter, MessageKey, MessageQuery, MessageRepository,
    Order, Sequence,
};

use crate::fixture::{at, by, from, id, label, message, of, source};

type Repository = Arc<dyn MessageRepository>;

const NOON: &str = "2025-01-01T12:00:00Z";

fn key(message_id: &str, of: &str) -> MessageKey {
    MessageKey {
        id: id(message_id),
        source: source(of),
    }
}

async fn append(repository: &Repository, messages: &[Message]) -> Vec<Appended> {
    repository.append(messages).await.expect("an answer")
}

/// Which messages a page has, and the total.
async fn list(repository: &Repository, query: &MessageQuery) -> (Vec<(String, String)>, u64) {
    let page = repository.list(query).await.expect("a page");
    let names = page.items.iter().map(|message| {
        let content = &message.content;
        (content.id.to_string(), content.source.to_string())
    });
    (names.collect(), page.total)
}

async fn one_id_of_two_sources_are_two_messages(repository: Repository) {
    let sent = message("m", NOON, "hello");
    let other = of("github", message("m", NOON, "hello"));
    let third = of("stripe", message("m", NOON, "something else"));
    let all = [sent.clone(), other.clone(), third.clone()];
    assert_eq!(append(&repository, &all).await, [Created; 3]);
    assert_eq!(append(&repository, &all).await, [Duplicate; 3]);
    for message in &all {
        let found = repository.find(&message.content.key()).await.unwrap();
        assert_eq!(found.as_ref(), Some(message));
    }
    let nobody = repository.find(&key("m", "nobody")).await.unwrap();
    assert_eq!(nobody, None);

    let changed = of("github", message("m", NOON, "CHANGED"));
    let outcomes = append(&repository, &[sent, changed.clone(), third]).await;
    assert_eq!(outcomes, [Duplicate, Conflict, Duplicate]);
    for (of, known) in [("default", 0), ("github", 1), ("stripe", 0)] {
        let named = key("m", of);
        let conflicts = repository.conflicts(Some(&named), Limit::default());
        assert_eq!(conflicts.await.unwrap().total, known, "{of}");
    }
    let all = repository.conflicts(None, Limit::default()).await.unwrap();
    assert_eq!(all.items.len(), 1);
    assert_eq!(all.items[0].content, changed.content);
}

async fn one_batch_may_have_an_id_of_several_sources(repository: Repository) {
    let sent = message("m", NOON, "hello");
    let batch = [
        sent.clone(),
        of("a", sent.clone()),
        of("a", sent.clone()),
        of("a", message("m", NOON, "other")),
        sent,
    ];
    let outcomes = [Created, Created, Duplicate, Conflict, Duplicate];
    assert_eq!(append(&repository, &batch).await, outcomes);
}

async fn lists_are_ordered_by_instant_id_and_source_and_cursors_go_on(repository: Repository) {
    let mut all = Vec::new();
    for name in ["b", "a b", "a", "é", "a-"] {
        for of_source in ["z", "default", "a-b", "a"] {
            all.push(of(of_source, message(name, NOON, "")));
        }
    }
    assert_eq!(append(&repository, &all).await, [Created; 20]);
    all.sort_by_key(Message::position);
    for order in [Order::Ascending, Order::Descending] {
        let mut query = MessageQuery {
            order,
            limit: Limit::try_from(3).unwrap(),
            ..MessageQuery::default()
        };
        let mut seen = Vec::new();
        loop {
            let page = repository.list(&query).await.unwrap();
            assert_eq!(page.total, 20);
            query.after = page.items.last().map(Message::position);
            seen.extend(page.items);
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, all, "{order:?}");
        all.reverse();
    }
}

async fn what_vouched_for_a_message_is_kept_and_not_what_vouched_for_its_repetition(
    repository: Repository,
) {
    let sent = by("2026-11", of("github", message("m", NOON, "hello")));
    let again = by("2027-01", sent.clone());
    let outcomes = append(&repository, &[sent.clone(), again]).await;
    assert_eq!(outcomes, [Created, Duplicate]);
    let found = repository.find(&sent.content.key()).await.unwrap();
    assert_eq!(found, Some(sent.clone()));
    let page = repository.list(&MessageQuery::default()).await.unwrap();
    assert_eq!(page.items, [sent]);
}

/// Of each kind, and together.
fn filters() -> Vec<MessageFilter> {
    let every = MessageFilter::default;
    let instant = |second: u32| Some(at(&format!("2025-06-01T12:00:{second:02}Z")));
    vec![
        every(),
        MessageFilter {
            source: Some(source("default")),
            ..every()
        },
        MessageFilter {
            source: Some(source("github")),
            ..every()
        },
        MessageFilter {
            source: Some(source("nobody")),
            ..every()
        },
        MessageFilter {
            verified_by: Some(label("old")),
            ..every()
        },
        MessageFilter {
            verified_by: Some(label("ol")),
            ..every()
        },
        MessageFilter {
            received_since: instant(3),
            ..every()
        },
        MessageFilter {
            received_before: instant(3),
            ..every()
        },
        MessageFilter {
            received_since: instant(2),
            received_before: instant(4),
            ..every()
        },
        MessageFilter {
            source: Some(source("github")),
            verified_by: Some(label("old")),
            ..every()
        },
        MessageFilter {
            source: Some(source("github")),
            from: Some("+12".to_owned()),
            ..every()
        },
        MessageFilter {
            verified_by: Some(label("old")),
            text: Some("HELLO".try_into().unwrap()),
            received_since: instant(2),
            ..every()
        },
    ]
}

async fn sources_keys_and_times_of_arrival_are_filters(repository: Repository) {
    let received = |second: u32, mut message: Message| {
        message.created_at = at(&format!("2025-06-01T12:00:{second:02}Z"));
        message
    };
    let all = [
        received(4, message("1", NOON, "plain")),
        received(1, by("old", of("github", message("2", NOON, "hello")))),
        received(2, by("old", message("3", NOON, "hello"))),
        received(
            3,
            by(
                "new",
                from("+12", of("github", message("4", NOON, "plain"))),
            ),
        ),
        received(5, of("stripe", message("5", NOON, "hello"))),
    ];
    assert_eq!(append(&repository, &all).await, [Created; 5]);
    for filter in filters() {
        let wanted: Vec<&Message> = all.iter().filter(|one| filter.admits(one)).collect();
        let names = wanted.iter().map(|message| {
            let content = &message.content;
            (content.id.to_string(), content.source.to_string())
        });
        let names: Vec<_> = names.collect();
        let query = MessageQuery {
            filter: filter.clone(),
            ..MessageQuery::default()
        };
        let total = names.len() as u64;
        // Twice: a total may be remembered.
        for _ in 0..2 {
            assert_eq!(
                list(&repository, &query).await,
                (names.clone(), total),
                "{filter:?}"
            );
        }
        let all_of_them = ArrivalQuery {
            after: Sequence::START,
            filter: filter.clone(),
            limit: NonZeroUsize::MAX,
        };
        let arrivals = repository.arrivals(&all_of_them).await;
        let arrived = arrivals.unwrap().items;
        let arrived: Vec<Message> = arrived.into_iter().map(|one| one.message).collect();
        let wanted: Vec<Message> = wanted.into_iter().cloned().collect();
        assert_eq!(arrived, wanted, "{filter:?}");
    }
}

mod on {
    on_every_store! {
        one_id_of_two_sources_are_two_messages
        one_batch_may_have_an_id_of_several_sources
        lists_are_ordered_by_instant_id_and_source_and_cursors_go_on
        what_vouched_for_a_message_is_kept_and_not_what_vouched_for_its_repetition
        sources_keys_and_times_of_arrival_are_filters
    }
}
