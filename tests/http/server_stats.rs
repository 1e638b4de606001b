//! What a server says of itself.

use countersign_core::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{App, body},
    scenarios,
};
use crate::{fixture::at, store::Store};

const TS: &str = "2025-01-15T10:00:00Z";

async fn stats(app: &App, query: &str) -> Value {
    let answer = app.get(&format!("/stats/server{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The buckets that are not empty: where each begins, and created, duplicate, conflict, refused.
/// All of them are there, without a gap, up to `last`.
fn filled(stats: &Value, width: i64, last: &str) -> Vec<(String, [u64; 4])> {
    let outcomes = &stats["outcomes"];
    assert_eq!(outcomes["width_seconds"], width);
    let data = outcomes["data"].as_array().expect("buckets");
    let buckets = if width == 60 { 60 } else { 48 };
    assert_eq!(data.len(), buckets);
    let start = |bucket: &Value| at(bucket["start"].as_str().expect("a start"));
    let newest = at(last).micros();
    for (bucket, behind) in data.iter().rev().zip(0_i64..) {
        let expected = Timestamp::from_micros(newest - behind * width * 1_000_000);
        assert_eq!(Some(start(bucket)), expected);
    }
    let count = |bucket: &Value, name: &str| bucket[name].as_u64().expect("a count");
    let counts = |bucket: &Value| {
        ["created", "duplicate", "conflict", "refused"].map(|name| count(bucket, name))
    };
    let not_empty = data.iter().filter(|bucket| counts(bucket) != [0; 4]);
    not_empty
        .map(|bucket| (start(bucket).to_string(), counts(bucket)))
        .collect()
}

async fn it_says_what_became_of_webhooks_by_minute_and_by_hour(app: App) {
    let noon = "2025-06-01T12:00:00Z";
    let fresh = stats(&app, "").await;
    assert_eq!(fresh["started_at"], noon);
    assert_eq!(fresh["version"], app.get("/").await.json()["version"]);
    assert!(fresh["uptime_seconds"].is_u64());
    assert_eq!(filled(&fresh, 60, noon), []);

    app.set_clock(at("2025-06-01T12:00:59.9Z"));
    app.delivered(&body("m1", TS, "the first")).await;
    app.delivered(&body("m1", TS, "the first")).await;
    app.delivered(&body("m1", TS, "another")).await;
    let unsigned = app.send(app.webhook(b"{}")).await;
    assert_eq!(unsigned.status, 401);
    app.set_clock(at("2025-06-01T12:01:00Z"));
    assert_eq!(app.deliver(&json!({})).await.status, 422);
    let nowhere = app.request(Method::POST, "/webhook/nobody");
    assert_eq!(app.send(nowhere).await.status, 404);
    app.delivered(&body("m2", TS, "")).await;
    // Whatever else is refused is no webhook.
    assert_eq!(app.get("/webhook").await.status, 405);
    assert_eq!(app.get("/messages?limit=x").await.status, 422);

    let first = (noon.to_owned(), [1, 1, 1, 1]);
    let second = ("2025-06-01T12:01:00Z".to_owned(), [1, 0, 0, 2]);
    let now = stats(&app, "?width=60").await;
    let minutes = filled(&now, 60, "2025-06-01T12:01:00Z");
    assert_eq!(minutes, [first, second.clone()]);
    let by_hour = stats(&app, "?width=3600").await;
    let both = [(noon.to_owned(), [2, 1, 1, 3])];
    assert_eq!(filled(&by_hour, 3600, noon), both);

    // An hour later, the first minute is too long ago; of the second, it is the last moment.
    app.set_clock(at("2025-06-01T13:00:59Z"));
    let later = stats(&app, "").await;
    assert_eq!(filled(&later, 60, "2025-06-01T13:00:00Z"), [second]);
    app.set_clock(at("2025-06-03T11:59:59Z"));
    let later = stats(&app, "?width=3600").await;
    assert_eq!(filled(&later, 3600, "2025-06-03T11:00:00Z"), both);
}

async fn a_clock_that_jumps_changes_nothing_but_where_things_are_counted(app: App) {
    app.delivered(&body("now", TS, "")).await;
    for (number, (jumped, minute)) in [
        ("2035-06-01T12:30:00Z", "2035-06-01T12:30:00Z"),
        ("1969-12-31T23:59:30Z", "1969-12-31T23:59:00Z"),
        ("0000-01-01T01:00:00Z", "0000-01-01T01:00:00Z"),
    ]
    .into_iter()
    .enumerate()
    {
        app.set_clock(at(jumped));
        assert_eq!(filled(&stats(&app, "").await, 60, minute), []);
        app.delivered(&body(&format!("m{number}"), TS, "")).await;
        let counted = filled(&stats(&app, "").await, 60, minute);
        assert_eq!(counted, [(minute.to_owned(), [1, 0, 0, 0])]);
    }
    let stats = stats(&app, "").await;
    assert_eq!(stats["started_at"], "2025-06-01T12:00:00Z");
    // No time has passed: it is measured.
    assert!(stats["uptime_seconds"].as_u64().is_some_and(|up| up < 3600));
    assert_eq!(stats["acknowledgement"]["count"], 4);
}

async fn it_says_how_long_acknowledgements_took(app: App) {
    let none = json!({
        "window_seconds": 900, "count": 0, "p50_ms": null, "p95_ms": null, "p99_ms": null,
    });
    assert_eq!(app.send(app.webhook(b"{}")).await.status, 401);
    assert_eq!(stats(&app, "").await["acknowledgement"], none);
    for number in 0..3 {
        app.delivered(&body(&format!("m{number}"), TS, "")).await;
        app.delivered(&body(&format!("m{number}"), TS, "other"))
            .await;
    }
    let stats = stats(&app, "").await;
    let took = &stats["acknowledgement"];
    assert_eq!(took["count"], 6);
    let [p50, p95, p99] = ["p50_ms", "p95_ms", "p99_ms"].map(|part| took[part].as_f64().unwrap());
    assert!(0.0 < p50 && p50 <= p95 && p95 <= p99, "{took}");
}

async fn it_says_what_messages_are_kept_on(app: App) {
    app.delivered(&body("m", TS, "")).await;
    let storage = app.repository.storage().await;
    let said = stats(&app, "").await["storage"].clone();
    assert_eq!(said["engine"], json!(storage.engine.unwrap()));
    assert_eq!(said["durability"], json!(storage.durability.unwrap()));
    assert_eq!(said["durable"], json!(storage.durable.unwrap()));
    for (name, known) in [
        ("database_bytes", storage.database_bytes),
        ("index_bytes", storage.index_bytes),
        ("wal_bytes", storage.wal_bytes),
        ("free_bytes", storage.free_bytes),
    ] {
        assert_eq!(said[name].as_u64().is_some(), known.is_some(), "{name}");
    }
}

async fn no_other_width_is_known(app: App) {
    for wrong in ["61", "0", "-60", "x", "3600&width=60"] {
        let answer = app.get(&format!("/stats/server?width={wrong}")).await;
        let faults = answer.faults();
        assert_eq!(faults.len(), 1, "{wrong}");
        assert_eq!(faults[0].0, "#/width", "{wrong}");
    }
}

async fn a_conflict_that_is_refused_is_a_conflict_and_not_acknowledged(store: Store) {
    let app = App::configured(store, |config, _| config.refuse_conflicts = true).await;
    app.delivered(&body("m", TS, "the first")).await;
    assert_eq!(app.deliver(&body("m", TS, "another")).await.status, 409);
    let stats = stats(&app, "").await;
    let noon = "2025-06-01T12:00:00Z";
    let counted = filled(&stats, 60, noon);
    assert_eq!(counted, [(noon.to_owned(), [1, 0, 1, 0])]);
    assert_eq!(stats["acknowledgement"]["count"], 1);
}

scenarios! {
    it_says_what_became_of_webhooks_by_minute_and_by_hour
    a_clock_that_jumps_changes_nothing_but_where_things_are_counted
    it_says_how_long_acknowledgements_took
    it_says_what_messages_are_kept_on
    no_other_width_is_known
}

mod configured {
    super::scenarios! {
        over stores:
        a_conflict_that_is_refused_is_a_conflict_and_not_acknowledged
    }
    use super::a_conflict_that_is_refused_is_a_conflict_and_not_acknowledged;
}
