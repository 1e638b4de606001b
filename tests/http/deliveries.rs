//! A message says how it was delivered, as far as it is remembered.

use std::sync::Arc;

use countersign_http::access::Reads;
use countersign_memory::MemoryRepository;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    app::{App, PARTNERS_SECRET, body, sign, sign_with},
    scenarios,
};
use crate::fixture::{at, message};

const NOON: &str = "2025-01-15T10:00:00Z";

/// A webhook with its right signature.
fn webhook(app: &App, message: &Value, request_id: &str) -> RequestBuilder {
    let bytes = serde_json::to_vec(message).unwrap();
    let signed = app.webhook(&bytes).header("X-Signature", sign(&bytes));
    signed.header("X-Request-Id", request_id)
}

async fn deliveries(app: &App, path: &str) -> Vec<Value> {
    let message = app.get(path).await.json();
    message["deliveries"].as_array().unwrap().clone()
}

/// The outcomes and the request ids.
fn told(deliveries: &[Value]) -> Vec<(&str, &str)> {
    fn text(value: &Value) -> &str {
        value.as_str().unwrap()
    }
    deliveries
        .iter()
        .map(|one| (text(&one["outcome"]), text(&one["request_id"])))
        .collect()
}

async fn each_delivery_is_there_the_newest_first(app: App) {
    for (time, text, id) in [
        ("2025-06-01T12:00:00Z", "Hello", "first"),
        ("2025-06-01T12:00:01Z", "Hello", "again"),
        ("2025-06-01T12:00:02Z", "Good bye", "other"),
    ] {
        app.set_clock(at(time));
        let sent = webhook(&app, &body("m", NOON, text), id);
        assert_eq!(app.send(sent).await.status, 200);
    }
    let found = deliveries(&app, "/messages/m").await;
    assert_eq!(
        told(&found),
        [
            ("conflict", "other"),
            ("duplicate", "again"),
            ("created", "first")
        ]
    );
    for (delivery, time) in found.iter().zip([
        "2025-06-01T12:00:02Z",
        "2025-06-01T12:00:01Z",
        "2025-06-01T12:00:00Z",
    ]) {
        assert_eq!(delivery["at"], time);
        assert_eq!(delivery["peer"], "127.0.0.1");
        assert_eq!(delivery["scheme"], "generic");
        assert_eq!(delivery["key"], "current");
        assert!(delivery["acknowledged_in_ms"].as_f64().unwrap() > 0.0);
    }
}

/// What was refused is at `/rejections`, and what nobody sent was not delivered.
async fn only_what_was_acknowledged_is_a_delivery(app: App) {
    app.repository
        .append(&[message("m", NOON, "Hello")])
        .await
        .unwrap();
    let unsigned = serde_json::to_vec(&body("m", NOON, "Hello")).unwrap();
    assert_eq!(app.send(app.webhook(&unsigned)).await.status, 401);
    assert!(deliveries(&app, "/messages/m").await.is_empty());
    let sent = webhook(&app, &body("m", NOON, "Good bye"), "later");
    app.send(sent).await;
    let found = deliveries(&app, "/messages/m").await;
    assert_eq!(told(&found), [("conflict", "later")]);
}

async fn sources_are_kept_apart(app: App) {
    let message = body("m", NOON, "Hello");
    app.send(webhook(&app, &message, "ours")).await;
    let bytes = serde_json::to_vec(&message).unwrap();
    let partners = app.request(Method::POST, "/webhook/partner");
    let partners = partners
        .header("X-Signature", sign_with(PARTNERS_SECRET, &bytes))
        .header("X-Request-Id", "theirs")
        .body(bytes);
    assert_eq!(app.send(partners).await.status, 200);
    let ours = deliveries(&app, "/messages/m").await;
    assert_eq!(told(&ours), [("created", "ours")]);
    let theirs = deliveries(&app, "/messages/m?source=partner").await;
    assert_eq!(told(&theirs), [("created", "theirs")]);
}

async fn many_at_once_are_all_there(app: App) {
    let app = Arc::new(app);
    let senders = (0..16).map(|number| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let sent = webhook(&app, &body("m", NOON, "Hello"), &number.to_string());
            assert_eq!(app.send(sent).await.status, 200);
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
    let found = deliveries(&app, "/messages/m").await;
    let told = told(&found);
    let mut ids: Vec<u64> = told.iter().map(|(_, id)| id.parse().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..16).collect::<Vec<_>>());
    let created = told.iter().filter(|(outcome, _)| *outcome == "created");
    assert_eq!(created.count(), 1);
}

#[tokio::test]
async fn the_address_is_what_a_trusted_proxy_says() {
    let app = App::over_configured(Arc::new(MemoryRepository::new()), |config, _| {
        config.reads = Reads::default().with_trusted_proxies(vec!["127.0.0.1".parse().unwrap()]);
    })
    .await;
    let sent = webhook(&app, &body("m", NOON, "Hello"), "far");
    app.send(sent.header("X-Forwarded-For", "198.51.100.1, 203.0.113.7"))
        .await;
    let found = deliveries(&app, "/messages/m").await;
    assert_eq!(found[0]["peer"], json!("203.0.113.7"));
}

#[tokio::test]
async fn what_is_refused_for_a_conflict_is_no_delivery() {
    let app = App::over_configured(Arc::new(MemoryRepository::new()), |config, _| {
        config.refuse_conflicts = true;
    })
    .await;
    app.send(webhook(&app, &body("m", NOON, "Hello"), "first"))
        .await;
    let refused = webhook(&app, &body("m", NOON, "Good bye"), "refused");
    assert_eq!(app.send(refused).await.status, 409);
    let found = deliveries(&app, "/messages/m").await;
    assert_eq!(told(&found), [("created", "first")]);
}

scenarios! {
    each_delivery_is_there_the_newest_first
    only_what_was_acknowledged_is_a_delivery
    sources_are_kept_apart
    many_at_once_are_all_there
}
