//! Refused requests are followed as they are refused.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use countersign_http::LiveOptions;
use countersign_memory::MemoryRepository;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{App, body, sign},
    following::Following,
};

const NOON: &str = "2025-01-15T10:00:00Z";

async fn app() -> App {
    with(LiveOptions::default()).await
}

async fn with(options: LiveOptions) -> App {
    App::over_with(Arc::new(MemoryRepository::new()), options).await
}

/// Sends a webhook without a signature.
async fn refuse(app: &App, path: &str, request_id: &str) {
    let request = app.request(Method::POST, path).body("{}");
    let answer = app.send(request.header("X-Request-Id", request_id)).await;
    assert_eq!(answer.status, 401);
}

async fn read_from_elsewhere(app: &App, path: &str, request_id: &str) {
    let request = app
        .request(Method::GET, path)
        .header("Via", "1.1 elsewhere");
    let answer = app.send(request.header("X-Request-Id", request_id)).await;
    assert_eq!(answer.status, 403);
}

async fn request_ids(stream: &mut Following, count: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(count);
    for _ in 0..count {
        let rejection = stream.rejection().await;
        ids.push(rejection["request_id"].as_str().unwrap().to_owned());
    }
    ids
}

#[tokio::test]
async fn a_refused_request_is_sent_as_it_is_in_the_list() {
    let app = app().await;
    refuse(&app, "/webhook", "before").await;
    let mut stream = Following::refusals(&app, "").await;
    assert_eq!(stream.retry, Some(2000));
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(stream.response.headers()[name], value);
    }
    let message = serde_json::to_vec(&json!({"message_id": 7})).unwrap();
    let request = app.webhook(&message).header("X-Signature", sign(&message));
    assert_eq!(app.send(request).await.status, 422);
    let rejection = stream.rejection().await;
    assert_eq!(rejection["reason"], "validation_error");
    assert_eq!(rejection["errors"].as_array().unwrap().len(), 4);
    let page = app.get("/rejections?limit=1").await.json();
    assert_eq!(page["data"], json!([rejection]));
}

#[tokio::test]
async fn refused_reads_are_among_them_and_so_is_a_refused_stream_once() {
    let app = app().await;
    let mut stream = Following::refusals(&app, "").await;
    read_from_elsewhere(&app, "/messages", "read").await;
    read_from_elsewhere(&app, "/rejections/live", "stream").await;
    refuse(&app, "/webhook/partner", "last").await;
    for (id, reason, path) in [
        ("read", "protected_read", "/messages"),
        ("stream", "protected_read", "/rejections/live"),
        ("last", "missing_signature", "/webhook/{source}"),
    ] {
        let rejection = stream.rejection().await;
        assert_eq!(rejection["request_id"], id);
        assert_eq!(rejection["reason"], reason);
        assert_eq!(rejection["path"], path);
    }
}

#[tokio::test]
async fn the_mistake_follows_when_it_is_found() {
    let app = app().await;
    let mut stream = Following::refusals(&app, "reason=signature_mismatch").await;
    let message = serde_json::to_vec(&body("m1", NOON, "Hello")).unwrap();
    let signed = sign(&[&message[..], b"\n"].concat());
    let request = app.webhook(&message).header("X-Signature", &signed);
    app.send(request.header("X-Request-Id", "near")).await;
    let mut rejection = stream.rejection().await;
    // Unless it was found before the first was sent.
    if rejection["near_miss"].is_null() {
        let again = stream.rejection().await;
        let mut same = again.clone();
        same["near_miss"] = Value::Null;
        same["mend"] = Value::Null;
        assert_eq!(same, rejection);
        rejection = again;
    }
    assert_eq!(rejection["request_id"], "near");
    assert_eq!(rejection["near_miss"], "trailing_newline");
    let page = app.get("/rejections?limit=1").await.json();
    assert_eq!(page["data"], json!([rejection]));
    // And no more of it.
    let request = app.webhook(&message).header("X-Signature", sign(b"else"));
    app.send(request.header("X-Request-Id", "far")).await;
    assert_eq!(request_ids(&mut stream, 1).await, ["far"]);
}

#[tokio::test]
async fn streams_are_filtered_as_the_list_is() {
    let app = app().await;
    let queries = [
        "",
        "reason=&source=",
        "reason=missing_signature",
        "reason=protected_read",
        "source=partner",
        "source=default",
        "source=partner&reason=missing_signature",
    ];
    let mut streams = Vec::new();
    for query in queries {
        streams.push(Following::refusals(&app, query).await);
    }
    for (path, id) in [
        ("/webhook", "a"),
        ("/webhook/partner", "b"),
        ("/webhook", "c"),
    ] {
        refuse(&app, path, id).await;
        read_from_elsewhere(&app, "/stats", &format!("{id}-read")).await;
        let other = app.request(Method::GET, "/webhook/partner");
        app.send(other.header("X-Request-Id", format!("{id}-other")))
            .await;
    }
    for (query, mut stream) in queries.into_iter().zip(streams) {
        let page = app.get(&format!("/rejections?{query}")).await.json();
        let expected = page["data"].as_array().unwrap();
        assert!(!expected.is_empty(), "{query}");
        for expected in expected.iter().rev() {
            assert_eq!(stream.rejection().await, *expected, "{query}");
        }
    }
    let faults = app
        .get("/rejections/live?reason=because&source=A")
        .await
        .faults();
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["#/reason", "#/source"]);
}

#[tokio::test]
async fn many_that_are_refused_at_once_come_once_each() {
    let app = Arc::new(app().await);
    let mut streams = Vec::new();
    for query in ["", "source=default"] {
        streams.push(Following::refusals(&app, query).await);
    }
    let writers = (0..4).map(|writer| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            for number in 0..20 {
                refuse(&app, "/webhook", &format!("{writer}-{number}")).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let page = app.get("/rejections?limit=100").await.json();
    let list = page["data"].as_array().unwrap().iter().rev();
    let expected: Vec<&str> = list
        .map(|one| one["request_id"].as_str().unwrap())
        .collect();
    for stream in &mut streams {
        assert_eq!(request_ids(stream, 80).await, expected);
    }
    assert_eq!(expected.iter().collect::<BTreeSet<_>>().len(), 80);
}

/// Without any memory for what is rendered for all, nothing of it can be sent.
#[tokio::test]
async fn what_is_not_sent_is_counted() {
    let app = with(LiveOptions {
        memory: 0,
        ..LiveOptions::default()
    })
    .await;
    let mut all = Following::refusals(&app, "").await;
    let mut reads = Following::refusals(&app, "reason=protected_read").await;
    for number in 0..5 {
        refuse(&app, "/webhook", &format!("{number}")).await;
    }
    read_from_elsewhere(&app, "/messages", "read").await;
    assert_eq!(
        reads.event().await,
        Some(("missed".to_owned(), json!({"count": 1})))
    );
    let mut missed = 0;
    while missed < 6 {
        let (event, data) = all.event().await.unwrap();
        assert_eq!(event, "missed");
        missed += data["count"].as_u64().unwrap();
    }
    assert_eq!(missed, 6);
}

#[tokio::test]
async fn a_quiet_stream_gives_signs_of_life() {
    let app = with(LiveOptions {
        ping: Duration::from_millis(50),
        ..LiveOptions::default()
    })
    .await;
    let mut stream = Following::refusals(&app, "reason=conflict").await;
    for _ in 0..2 {
        let ping = stream.block().await.unwrap();
        assert!(ping.comment && ping.id.is_none() && ping.data.is_none());
    }
}

#[tokio::test]
async fn they_share_the_places_with_streams_of_messages() {
    let app = with(LiveOptions {
        max_streams: 2,
        ..LiveOptions::default()
    })
    .await;
    let refusals = Following::refusals(&app, "").await;
    let mut messages = Following::open(&app, "").await;
    for path in ["/rejections/live", "/messages/live"] {
        let refused = app.get(path).await;
        assert_eq!(refused.status, 503);
        assert!(refused.header("retry-after").is_some());
    }
    assert_eq!(app.metric("http_live_streams").await, 2);
    // Who leaves takes nothing from the others, and makes room.
    drop(refusals);
    while app.metric("http_live_streams").await != 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.delivered(&body("m", NOON, "")).await;
    assert_eq!(messages.ids(1).await, ["m"]);
    refuse(&app, "/webhook", "unseen").await;
    let mut again = Following::refusals(&app, "").await;
    refuse(&app, "/webhook", "seen").await;
    assert_eq!(request_ids(&mut again, 1).await, ["seen"]);
    drop(messages);
    while app.metric("http_live_streams").await != 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    refuse(&app, "/webhook", "more").await;
    assert_eq!(request_ids(&mut again, 1).await, ["more"]);
    assert_eq!(app.metric("http_live_streams_dropped_total").await, 0);
}

#[tokio::test]
async fn they_end_with_the_server() {
    let app = app().await;
    let mut stream = Following::refusals(&app, "").await;
    refuse(&app, "/webhook", "last").await;
    assert_eq!(request_ids(&mut stream, 1).await, ["last"]);
    // Not the server's 60 seconds.
    let stopped = tokio::time::timeout(Duration::from_secs(10), app.stopped());
    stopped.await.expect("it stops at once");
    assert_eq!(stream.block().await, None);
}
