//! `countersign copy`.

use std::process::{Command, Stdio};

use countersign_core::{
    Appended, Conflict, MessageRepository as _, Repeat, Sequence, Timestamp, Tombstone,
};
use sea_orm::ConnectionTrait as _;

use super::{ALL, NOON, Place, adopted, conflict, exists, messages, url};
use crate::{
    fixture::{at, by, key, label, message, of},
    store::{server::Database, sqlite::raw},
};

impl Place {
    fn copy(&self, code: i32, more: &[&str]) -> (String, String) {
        let (from, to) = (url("from.db"), url("to.db"));
        let arguments = ["copy", "--from", &from, "--to", &to];
        self.run(code, &[&arguments, more].concat())
    }
}

#[tokio::test]
async fn a_copy_has_everything_in_its_order_and_proves_it() {
    let place = Place::new();
    let mut messages = messages();
    messages.push(adopted());
    messages.extend((0..2500).map(|number| message(&format!("bulk {number}"), NOON, "bulk")));
    let conflicts = [conflict("m1", "CANARY"), conflict("bulk 1", "=CANARY")];
    place.fill("from.db", &messages, &conflicts).await;

    let (out, err) = place.copy(0, &[]);
    assert_eq!(err, "");
    let count = messages.len();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], format!("copied {count} messages and 2 conflicts"));
    let digest = lines[1].strip_prefix("source: ").expect("a digest");
    assert!(digest.starts_with(&format!("{count} messages, SHA-256 ")));
    assert_eq!(lines[2].strip_prefix("target: "), Some(digest));
    assert!(lines[3].starts_with("verified: "), "{out}");
    let expected = (messages, conflicts.to_vec());
    assert_eq!(place.contents("to.db").await, expected);
    assert_eq!(place.contents("from.db").await, expected);
    // All connections are closed properly.
    assert!(!exists(&place.path("to.db-wal")) && !exists(&place.path("from.db-wal")));

    let (again, _) = place.copy(0, &["--verify-only"]);
    assert!(out.ends_with(&again), "{out}{again}");
}

/// To PostgreSQL, and back to SQLite: the same in the end.
#[tokio::test]
async fn a_copy_by_way_of_postgres_is_the_same() {
    let Some(database) = Database::new().await else {
        return;
    };
    let place = Place::new();
    let mut messages = messages();
    messages.push(adopted());
    messages.extend((0..1500).map(|number| message(&format!("bulk {number}"), NOON, "bulk")));
    let conflicts = [conflict("m1", "CANARY"), conflict("bulk 1", "=CANARY")];
    place.fill("from.db", &messages, &conflicts).await;
    let repeats = [again("m1", 3), again("bulk 1", 40)];
    place.repeat("from.db", &repeats).await;
    let (from, to, between) = (url("from.db"), url("to.db"), database.url.as_str());

    let (out, _) = place.run(0, &["copy", "--from", &from, "--to", between]);
    let count = messages.len();
    assert!(out.starts_with(&format!(
        "copied {count} messages and 2 conflicts, and how often 2 "
    )));
    let (_, err) = place.run(78, &["copy", "--from", &from, "--to", between]);
    assert!(err.contains("--resume"), "{err}");
    let (again, _) = place.run(0, &["copy", "--from", &from, "--to", between, "--resume"]);
    assert!(again.starts_with("copied 0 messages"), "{again}");
    let (back, _) = place.run(0, &["copy", "--from", between, "--to", &to]);
    let digest = |out: &str| out.lines().nth(1).expect("a digest").to_owned();
    assert_eq!(digest(&out), digest(&back));
    assert_eq!(
        place.contents("to.db").await,
        (messages, conflicts.to_vec())
    );
    assert_eq!(place.repeats("to.db").await, repeats);

    // The same database under another name, and what is wrong with one of its rows.
    let alias = between.replacen("127.0.0.1", "localhost", 1);
    let (_, err) = place.run(78, &["copy", "--from", between, "--to", &alias, "--resume"]);
    assert!(err.contains("the same database"), "{err}");
    database
        .run("UPDATE messages SET text = 'CANARY 2' WHERE message_id = 'bulk 7'")
        .await;
    let verify = ["copy", "--from", &from, "--to", between, "--verify-only"];
    let (_, err) = place.run(65, &verify);
    assert!(err.contains("bulk 7"), "{err}");
}

#[tokio::test]
async fn a_copy_goes_on_where_it_ended_only_if_told_to() {
    let place = Place::new();
    let messages: Vec<_> = (0..3500)
        .map(|number| message(&format!("{number}"), NOON, "text"))
        .collect();
    let (first, rest) = messages.split_at(1500);
    place.fill("from.db", first, &[conflict("1", "a")]).await;
    place.copy(0, &[]);
    place.fill("from.db", rest, &[conflict("2", "b")]).await;

    let (_, err) = place.copy(78, &[]);
    assert!(
        err.contains("has messages already") && err.contains("--resume"),
        "{err}"
    );
    let (_, err) = place.copy(65, &["--verify-only"]);
    assert!(
        err.contains("2000 missing in the target (\"1500\", \"1501\""),
        "{err}"
    );
    assert!(err.contains("1 conflicts that the target lacks"), "{err}");

    let (out, _) = place.copy(0, &["--resume"]);
    assert!(
        out.starts_with("copied 2000 messages and 2 conflicts\n"),
        "{out}"
    );
    // Where nothing is missing, nothing is done, however often.
    let (out, _) = place.copy(0, &["--resume"]);
    assert!(
        out.starts_with("copied 0 messages and 2 conflicts\n"),
        "{out}"
    );
    let copied = place.contents("to.db").await;
    assert_eq!(
        copied,
        (messages, vec![conflict("1", "a"), conflict("2", "b")])
    );
}

#[tokio::test]
async fn a_copy_that_was_killed_goes_on() {
    let place = Place::new();
    let messages: Vec<_> = (0..20_000)
        .map(|number| message(&format!("{number}"), NOON, "some text"))
        .collect();
    place.fill("from.db", &messages, &[]).await;
    let (from, to) = (url("from.db"), url("to.db"));
    let mut copying = place
        .0
        .command(&["copy", "--from", &from, "--to", &to])
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    // As soon as something has arrived.
    let target = loop {
        let target = place.open("to.db").await;
        if target.last_arrival().await.unwrap() > Sequence::START {
            break target;
        }
        target.close().await.unwrap();
    };
    let killed = Command::new("kill")
        .args(["-KILL", &copying.id().to_string()])
        .status();
    assert!(killed.expect("kill runs").success());
    copying.wait().unwrap();
    assert!(target.count().await.unwrap() % 1000 == 0, "part of a batch");
    target.close().await.unwrap();

    place.copy(0, &["--resume"]);
    assert_eq!(place.contents("to.db").await.0, messages);
}

#[tokio::test]
async fn every_difference_is_found() {
    let place = Place::new();
    let messages = messages();
    place
        .fill("from.db", &messages, &[conflict("m1", "CANARY")])
        .await;
    place.copy(0, &[]);
    let change = async |sql: &str| {
        let outside = raw(&place.path("to.db")).await;
        outside.execute_unprepared(sql).await.unwrap();
        outside.close().await.unwrap();
    };
    for (sql, undo, word) in [
        (
            "UPDATE messages SET text = text || ' ' WHERE message_id = 'm2'",
            "UPDATE messages SET text = 'CANARY' WHERE message_id = 'm2'",
            "1 another message in the target (\"m2\")",
        ),
        (
            "UPDATE messages SET text = '' WHERE message_id = 'm0'",
            "UPDATE messages SET text = NULL WHERE message_id = 'm0'",
            "1 another message in the target (\"m0\")",
        ),
        (
            "UPDATE messages SET created_at = created_at + 1 WHERE message_id = 'm3'",
            "UPDATE messages SET created_at = created_at - 1 WHERE message_id = 'm3'",
            "1 in the target with another created_at or verified_by (\"m3\")",
        ),
        (
            "INSERT INTO messages (message_id, from_msisdn, to_msisdn, ts, created_at)
             VALUES ('more', '+12', '+13', 0, 0)",
            "DELETE FROM messages WHERE message_id = 'more'",
            "1 in the target only (\"more\")",
        ),
        (
            "UPDATE conflicts SET times = 6",
            "UPDATE conflicts SET times = 7",
            "1 conflicts that the target lacks or has seen less of (\"m1\")",
        ),
        (
            "UPDATE messages SET from_msisdn = to_msisdn WHERE message_id GLOB 'm1*'",
            "UPDATE messages SET from_msisdn = '+14155550100'",
            "8 another message in the target (\"m1\", \"m10\", \"m11\", \"m12\", \"m13\", …)",
        ),
        (
            "DELETE FROM messages WHERE message_id = 'é💬'",
            "",
            "1 missing in the target (\"é💬\")",
        ),
    ] {
        change(sql).await;
        let (out, err) = place.copy(65, &["--verify-only"]);
        assert!(err.contains(word), "{sql}: {err}");
        assert!(
            out.contains("source: ") && !out.contains("verified"),
            "{out}"
        );
        if !undo.is_empty() {
            change(undo).await;
            place.copy(0, &["--verify-only"]);
        }
    }
    place.copy(0, &["--resume"]);
}

#[tokio::test]
async fn what_the_target_has_is_not_overwritten() {
    let place = Place::new();
    let source = [
        message("same", NOON, "CANARY"),
        message("differs", NOON, "CANARY of the source"),
        message("missing", NOON, "CANARY"),
    ];
    place.fill("from.db", &source, &[]).await;
    let own = message("differs", NOON, "CANARY of the target");
    place
        .fill("to.db", &[own.clone(), source[0].clone()], &[])
        .await;

    let recorded = Conflict {
        content: source[1].content.clone(),
        first_seen_at: source[1].created_at,
        last_seen_at: source[1].created_at,
        times: 1,
    };
    for round in 0..2 {
        let (out, err) = place.copy(65, &["--resume"]);
        assert!(
            err.contains("1 another message in the target (\"differs\")"),
            "{err}"
        );
        assert!(
            round > 0 || out.contains("1 have another message under their id"),
            "{out}"
        );
        let kept = vec![own.clone(), source[0].clone(), source[2].clone()];
        assert_eq!(
            place.contents("to.db").await,
            (kept, vec![recorded.clone()])
        );
    }
}

#[tokio::test]
async fn what_cannot_be_copied_is_refused_and_left_alone() {
    let place = Place::new();
    place
        .fill("from.db", &[message("m", NOON, "text")], &[])
        .await;
    let refused = |code, from: &str, to: &str, word: &str| {
        let (_, err) = place.run(code, &["copy", "--from", from, "--to", to]);
        assert!(err.contains(word), "{err}");
    };
    let (from, to) = (url("from.db"), url("to.db"));
    refused(78, &from, &from, "the same database");
    refused(78, &from, "sqlite://./from.db", "the same database");
    std::fs::hard_link(place.path("from.db"), place.path("link.db")).unwrap();
    refused(78, &from, &url("link.db"), "the same database");
    refused(78, "memory:", &to, "--from names no database that lasts");
    refused(
        78,
        &from,
        "sqlite::memory:",
        "--to names no database that lasts",
    );
    refused(78, "nonsense:CANARY", &to, "--from begins with no scheme");
    refused(66, &url("none/none.db"), &to, "is not there");
    std::fs::write(place.path("text.db"), "no database ".repeat(100)).unwrap();
    refused(78, &url("text.db"), &to, "text.db");
    let (_, err) = place.run(66, &["copy", "--verify-only", "--from", &from, "--to", &to]);
    assert!(err.contains("to.db is not there"), "{err}");
    let (status, _, err) = place.0.run(&["copy", "--from", &from]);
    assert!(status == Some(2) && err.contains("--to"), "{err}");

    // An older one would be changed by being opened.
    let outside = raw(&place.path("from.db")).await;
    let older = "DROP TABLE probe; DELETE FROM seaql_migrations WHERE version = 'm0003_probe'";
    outside.execute_unprepared(older).await.unwrap();
    outside.close().await.unwrap();
    let before = std::fs::read(place.path("from.db")).unwrap();
    refused(78, &from, &to, "countersign migrate");
    assert!(before == std::fs::read(place.path("from.db")).unwrap());
    // So would one of the original service's.
    std::fs::write(place.path("empty.db"), "").unwrap();
    refused(
        78,
        &url("empty.db"),
        &to,
        "has not the schema of this version",
    );
    assert_eq!(std::fs::read(place.path("empty.db")).unwrap(), b"");

    for made in ["to.db", "none", "to.db-index"] {
        assert!(!exists(&place.path(made)), "{made} was made");
    }
    place.run(0, &["migrate", "--database-url", &from]);
    place.copy(0, &[]);
}

#[tokio::test]
async fn the_store_answers_what_a_copy_asks() {
    let place = Place::new();
    let store = place.open("some.db").await;
    assert_eq!(store.last_message().await.unwrap(), None);
    assert_eq!(store.sequence_of(&key("1")).await.unwrap(), None);
    assert_eq!(store.count().await.unwrap(), 0);
    assert_eq!(store.conflicts_behind(0, ALL).await.unwrap(), []);
    assert_eq!(store.find_all(&[]).await.unwrap(), []);

    let messages: Vec<_> = (0..600)
        .map(|number| message(&format!("{number}"), NOON, "text"))
        .collect();
    store.append(&messages).await.unwrap();
    let keys: Vec<_> = (300..900).map(|number| key(&format!("{number}"))).collect();
    let mut found = store.find_all(&keys).await.unwrap();
    found.sort_by_key(|message| message.content.id.clone());
    assert_eq!(found, messages[300..]);
    let last = store.last_message().await.unwrap().expect("a message");
    assert_eq!(last.message, messages[599]);
    let place_of = async |text: &str| store.sequence_of(&key(text)).await.unwrap();
    assert_eq!(place_of("599").await, Some(last.sequence));
    let middle = place_of("299").await.expect("a place");
    assert_eq!(store.count_up_to(middle).await.unwrap(), 300);
    assert_eq!(store.count().await.unwrap(), 600);

    // Kept twice, conflicts are as they were; seen elsewhere, too, they are what both have seen.
    let seen = conflict("1", "other");
    let mut earlier = seen.clone();
    earlier.first_seen_at = at("2024-01-01T00:00:00Z");
    earlier.times = 2;
    let mut no_text = conflict("1", "");
    no_text.content.text = None;
    for _ in 0..2 {
        let conflicts = [seen.clone(), no_text.clone(), conflict("1", "")];
        store.keep_conflicts(&conflicts).await.unwrap();
    }
    store.keep_conflicts(&[earlier.clone()]).await.unwrap();
    let kept = store.conflicts_behind(0, ALL).await.unwrap();
    assert_eq!(kept.len(), 3);
    let both = Conflict {
        times: 7,
        ..earlier
    };
    assert_eq!(kept[0].1, both);
    let (first, one) = (kept[0].0, std::num::NonZeroUsize::MIN);
    assert_eq!(
        store.conflicts_behind(first, one).await.unwrap(),
        kept[1..2]
    );
    assert_eq!(kept[1].1, no_text);
}

/// What is left of purged messages goes with a copy, so that a late repetition of one is known there,
/// too; sources and keys do as well.
async fn carries_what_is_left_of_purged_messages(place: &Place, target: &str) {
    let plain: Vec<_> = (0..30)
        .map(|n| message(&format!("m{n}"), NOON, "CANARY"))
        .collect();
    let mut messages = plain.clone();
    messages.extend((0..30).map(|n| {
        let one = by("2026-11", message(&format!("m{n}"), NOON, "text"));
        of("github", one)
    }));
    let mut elsewhere = conflict("m3", "other");
    elsewhere.content.source = messages[33].content.source.clone();
    place
        .fill(
            "from.db",
            &messages,
            &[elsewhere.clone(), conflict("m4", "x")],
        )
        .await;
    let from = url("from.db");
    let copy = ["copy", "--from", &from, "--to", target];
    let store = place.open("from.db").await;
    let purged: Vec<_> = messages[..10].iter().map(|one| one.content.key()).collect();
    assert_eq!(store.purge(&purged, at(NOON)).await.unwrap(), 10);
    store.close().await.unwrap();

    let (out, _) = place.run(0, &copy);
    assert!(
        out.starts_with("copied 50 messages and 1 conflicts, and the keys of 10 purged ones\n"),
        "{out}"
    );
    assert!(
        out.trim_end().ends_with("and the keys of 10 purged ones"),
        "{out}"
    );
    // What is purged after the copy, is so in the target when it is copied again.
    let store = place.open("from.db").await;
    let more: Vec<_> = messages[28..32]
        .iter()
        .map(|one| one.content.key())
        .collect();
    assert_eq!(store.purge(&more, at(NOON)).await.unwrap(), 4);
    store.close().await.unwrap();
    let (_, err) = place.run(65, &[&copy[..], &["--verify-only"]].concat());
    assert!(
        err.contains("4 purged in the source, and not in the target"),
        "{err}"
    );
    assert!(err.contains("4 in the target only"), "{err}");
    place.run(0, &[&copy[..], &["--resume"]].concat());
    place.run(0, &[&copy[..], &["--verify-only"]].concat());

    let back = url("back.db");
    place.run(0, &["copy", "--from", target, "--to", &back]);
    let (mut left, conflicts) = place.contents("back.db").await;
    let mut expected = [&messages[10..28], &messages[32..]].concat();
    for messages in [&mut left, &mut expected] {
        messages.sort_by_key(countersign_core::Message::position);
    }
    assert_eq!(left, expected);
    assert_eq!(conflicts, [elsewhere]);
    assert_eq!(left.last().unwrap().verified_by, Some(label("2026-11")));
    let store = place.open("back.db").await;
    let again = store.append(&messages[..10]).await.unwrap();
    assert_eq!(again, [Appended::Duplicate; 10]);
    let tombstones = store.tombstones_behind(Sequence::START, ALL).await.unwrap();
    assert_eq!(tombstones.len(), 14);
    assert!(tombstones.iter().all(|(_, one)| one.purged_at == at(NOON)));

    // What the target has purged itself is not called missing there, and is not copied again.
    let own = [messages[40].content.key()];
    assert_eq!(store.purge(&own, at(NOON)).await.unwrap(), 1);
    store.close().await.unwrap();
    for how in ["--verify-only", "--resume"] {
        let (_, err) = place.run(65, &["copy", "--from", target, "--to", &back, how]);
        assert!(err.contains("1 purged in the target"), "{err}");
        assert!(!err.contains("missing in the target"), "{err}");
    }
}

#[tokio::test]
async fn a_copy_carries_what_is_left_of_purged_messages() {
    let place = Place::new();
    carries_what_is_left_of_purged_messages(&place, &url("to.db")).await;
}

#[tokio::test]
async fn a_copy_to_postgres_carries_what_is_left_of_purged_messages() {
    let Some(database) = Database::new().await else {
        return;
    };
    let place = Place::new();
    carries_what_is_left_of_purged_messages(&place, &database.url).await;
}

#[tokio::test]
async fn a_tombstone_takes_away_only_what_it_is_of() {
    let place = Place::new();
    let store = place.open("some.db").await;
    let (same, other) = (
        message("same", NOON, "text"),
        message("other", NOON, "text"),
    );
    store.append(&[same.clone(), other.clone()]).await.unwrap();
    let tombstones: Vec<Tombstone> = [
        same.content.clone(),
        message("other", NOON, "something else").content,
        message("unknown", NOON, "text").content,
    ]
    .into_iter()
    .map(|content| Tombstone {
        key: content.key(),
        digest: content.digest(),
        purged_at: at(NOON),
    })
    .collect();
    for _ in 0..2 {
        store.keep_tombstones(&tombstones).await.unwrap();
        assert_eq!(store.count().await.unwrap(), 1);
        assert_eq!(store.last_message().await.unwrap().unwrap().message, other);
        let keys: Vec<_> = tombstones.iter().map(|one| one.key.clone()).collect();
        let mut kept = store.find_tombstones(&keys).await.unwrap();
        kept.sort_by_key(|one| one.key.clone());
        assert_eq!(kept, [tombstones[0].clone(), tombstones[2].clone()]);
    }
    let unknown = message("unknown", NOON, "text");
    let outcomes = store.append(&[unknown, same]).await.unwrap();
    assert_eq!(outcomes, [Appended::Duplicate; 2]);
    store.close().await.unwrap();
}

fn again(id: &str, times: u64) -> Repeat {
    Repeat {
        key: key(id),
        times,
        last_seen_at: at("2025-01-03T12:00:00Z"),
    }
}

#[tokio::test]
async fn how_often_messages_came_again_is_copied_and_compared() {
    let place = Place::new();
    let messages: Vec<_> = (0..2500)
        .map(|number| message(&format!("m{number}"), NOON, "text"))
        .collect();
    place.fill("from.db", &messages, &[]).await;
    let repeats = (1..1200).map(|number| again(&format!("m{number}"), number));
    let repeats: Vec<_> = repeats.collect();
    place.repeat("from.db", &repeats).await;
    let (out, _) = place.copy(0, &[]);
    let said = ", and how often 1199 messages came again";
    assert_eq!(out.matches(said).count(), 2, "{out}");
    assert_eq!(place.repeats("to.db").await, repeats);

    // Once more changes nothing, and what the target knows beyond that stays.
    place
        .repeat("to.db", &[again("m1", 1), again("m0", 1)])
        .await;
    place.copy(0, &["--resume"]);
    let there = place.repeats("to.db").await;
    assert_eq!(there[..2], [again("m0", 1), again("m1", 2)]);
    assert_eq!(there[2..], repeats[1..]);

    // It is noticed where the target knows less.
    place
        .repeat("from.db", &[again("m7", 1), again("m2400", 1)])
        .await;
    let (_, err) = place.copy(65, &["--verify-only"]);
    let said = "2 came again more often than the target knows (\"m7\", \"m2400\")";
    assert!(err.contains(said), "{err}");
    place.copy(0, &["--resume"]);
    // But not of what may come again at any moment.
    let just_now = Repeat {
        last_seen_at: Timestamp::MAX,
        ..again("m7", 1)
    };
    place.repeat("from.db", &[just_now]).await;
    place.copy(0, &["--verify-only"]);
}

#[tokio::test]
async fn another_message_under_the_same_id_did_not_come_again() {
    let place = Place::new();
    place
        .fill("from.db", &[message("m", NOON, "this")], &[])
        .await;
    place
        .fill("to.db", &[message("m", NOON, "that")], &[])
        .await;
    place.repeat("from.db", &[again("m", 3)]).await;
    let (_, err) = place.copy(65, &["--resume"]);
    assert!(err.contains("another message in the target"), "{err}");
    assert!(!err.contains("came again"), "{err}");
    assert_eq!(place.repeats("to.db").await, []);
}
