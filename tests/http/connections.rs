//! Connections that take too long, that are too many, and that speak something else.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_http::ConnectionOptions;
use countersign_memory::MemoryRepository;
use tokio::{io::AsyncWriteExt as _, time};

use super::{
    app::App,
    wire::{GET, Wire},
};
use crate::fixture::message;

const NOON: &str = "2025-01-01T12:00:00Z";

async fn app(options: ConnectionOptions) -> App {
    App::over_configured(Arc::new(MemoryRepository::new()), |config, _| {
        config.connections = options;
    })
    .await
}

fn quick_heads() -> ConnectionOptions {
    ConnectionOptions {
        header_timeout: Duration::from_millis(400),
        ..ConnectionOptions::default()
    }
}

fn at_most(max_connections: usize) -> ConnectionOptions {
    ConnectionOptions {
        max_connections,
        ..ConnectionOptions::default()
    }
}

async fn closed(app: &App, reason: &str) -> u64 {
    let series = format!("http_connections_closed_total{{reason=\"{reason}\"}}");
    app.metric(&series).await
}

#[tokio::test]
async fn a_head_must_be_whole_in_time() {
    let app = app(quick_heads()).await;
    let mut silent = Wire::connect(&app.address).await;
    let mut half = Wire::connect(&app.address).await;
    half.send(&GET[..20]).await;
    // One that was used before.
    let mut second = Wire::connect(&app.address).await;
    assert_eq!(second.ask(GET).await.status, 200);
    second.send(&GET[..20]).await;
    for slow in [&mut silent, &mut half, &mut second] {
        slow.closed().await;
    }
    assert_eq!(closed(&app, "header_timeout").await, 3);
}

#[tokio::test]
async fn a_byte_now_and_then_does_not_prolong_the_time_for_a_head() {
    let app = app(quick_heads()).await;
    let mut trickle = Wire::connect(&app.address).await;
    let begun = Instant::now();
    trickle.send("GET / HTTP/1.1\r\nX: ").await;
    while trickle.stream.write_all(b"x").await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on");
        time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(closed(&app, "header_timeout").await, 1);
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_longer_than_a_head_may_take_and_then_closed() {
    let app = app(ConnectionOptions {
        header_timeout: Duration::from_millis(400),
        keep_alive_timeout: Duration::from_secs(3),
        ..ConnectionOptions::default()
    })
    .await;
    let mut wire = Wire::connect(&app.address).await;
    assert_eq!(wire.ask(GET).await.status, 200);
    time::sleep(Duration::from_millis(1200)).await;
    let again = wire.ask(GET).await;
    assert_eq!(again.status, 200);
    assert!(!again.closes());
    wire.closed().await;
    assert_eq!(closed(&app, "keep_alive_timeout").await, 1);
    assert_eq!(closed(&app, "header_timeout").await, 0);
}

#[tokio::test]
async fn requests_that_come_together_are_answered_one_after_the_other() {
    let app = app(ConnectionOptions::default()).await;
    let mut wire = Wire::connect(&app.address).await;
    wire.send(GET.repeat(20)).await;
    for _ in 0..20 {
        assert_eq!(wire.answer().await.status, 200);
    }
}

#[tokio::test]
async fn who_takes_nothing_of_an_answer_is_cut_off() {
    let app = app(ConnectionOptions {
        patience: Duration::from_millis(500),
        ..ConnectionOptions::default()
    })
    .await;
    // More than what is between the two can hold.
    let text = "😀".repeat(4096);
    let messages = (0..100).map(|n| message(&format!("m{n}"), NOON, &text));
    let messages: Vec<_> = messages.collect();
    app.repository.append(&messages).await.unwrap();
    let mut wire = Wire::narrow(&app.address).await;
    let page = "GET /messages?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    wire.send(page.repeat(8)).await;
    let begun = Instant::now();
    while closed(&app, "stalled").await == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is kept");
        time::sleep(Duration::from_millis(20)).await;
    }
    // Whoever reads gets such an answer.
    let mut reader = Wire::connect(&app.address).await;
    assert_eq!(reader.ask(page).await.status, 200);
}

#[tokio::test]
async fn who_only_waits_makes_room() {
    let app = app(at_most(3)).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let mut wire = Wire::connect(&app.address).await;
        assert_eq!(wire.ask(GET).await.status, 200);
        waiting.push(wire);
    }
    time::sleep(Duration::from_millis(1500)).await;
    let mut newcomer = Wire::connect(&app.address).await;
    assert_eq!(newcomer.ask(GET).await.status, 200);
    // Who has waited longest, and nobody else.
    waiting[0].closed().await;
    for wire in &mut waiting[1..] {
        assert_eq!(wire.ask(GET).await.status, 200);
    }
    drop(waiting);
    assert_eq!(closed(&app, "evicted").await, 1);
    assert_eq!(app.metric("http_connections_refused_total").await, 0);
}

#[tokio::test]
async fn where_nobody_makes_room_a_new_connection_is_told_so() {
    let app = app(at_most(2)).await;
    let poll =
        "GET /messages?after_seq=0&wait=5 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut wire = Wire::connect(&app.address).await;
        wire.send(poll).await;
        busy.push(wire);
    }
    // Longer than one must have waited to make room.
    time::sleep(Duration::from_millis(1500)).await;
    for request in ["", GET] {
        let mut refused = Wire::connect(&app.address).await;
        refused.send(request).await;
        let answer = refused.answer().await;
        assert_eq!(answer.status, 503);
        assert!(answer.closes());
        let seconds = answer.header("Retry-After").map(str::parse::<u32>);
        assert!(matches!(seconds, Some(Ok(1..=5))), "{answer:?}");
        assert_eq!(
            answer.header("Content-Type"),
            Some("application/problem+json")
        );
        let problem: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(problem["status"], 503);
        refused.closed().await;
    }
    // They were not disturbed.
    for wire in &mut busy {
        assert_eq!(wire.answer().await.status, 200);
    }
    drop(busy);
    assert_eq!(app.metric("http_connections_refused_total").await, 2);
    assert_eq!(closed(&app, "evicted").await, 0);
}

#[tokio::test]
async fn the_answer_to_a_body_that_is_still_being_sent_arrives() {
    let app = app(ConnectionOptions::default()).await;
    let mut wire = Wire::connect(&app.address).await;
    let length = 8 * 1024 * 1024;
    wire.send(format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    ))
    .await;
    // All of it, as clients do that look for an answer only then.
    wire.send("x".repeat(length)).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.closes());
    wire.closed().await;

    // A body that nobody wants ends the connection, and the client is told; one that was read, and
    // is wrong, does not.
    let mut wire = Wire::connect(&app.address).await;
    let unwanted = "POST /stats HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n";
    let answer = wire.ask(unwanted).await;
    assert_eq!(answer.status, 405);
    assert!(answer.closes());
    wire.closed().await;
    let mut wire = Wire::connect(&app.address).await;
    let unsigned = "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx";
    for _ in 0..2 {
        let answer = wire.ask(unsigned).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.closes());
    }
}

#[tokio::test]
async fn what_is_not_http_1_is_refused() {
    let app = app(ConnectionOptions::default()).await;
    let mut h2c = Wire::connect(&app.address).await;
    h2c.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;
    h2c.closed().await;
    let fields = "X-Field: x\r\n".repeat(65);
    let long = "x".repeat(20 * 1024);
    for (head, status) in [
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n".to_owned(), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\n{fields}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n"), 431),
    ] {
        let mut wire = Wire::connect(&app.address).await;
        let answer = wire.ask(&head).await;
        assert_eq!(answer.status, status, "{head}");
        assert!(answer.closes());
        wire.closed().await;
    }
    assert_eq!(closed(&app, "malformed").await, 5);
    let many = "X-Field: x\r\n".repeat(60);
    let mut wire = Wire::connect(&app.address).await;
    let just = format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
    assert_eq!(wire.ask(&just).await.status, 200);
}

#[tokio::test]
async fn connections_are_counted() {
    let app = app(ConnectionOptions::default()).await;
    // The one that asks.
    assert_eq!(app.metric("http_connections").await, 1);
    let mut wire = Wire::connect(&app.address).await;
    assert_eq!(wire.ask(GET).await.status, 200);
    assert_eq!(app.metric("http_connections").await, 2);
    drop(wire);
    let begun = Instant::now();
    while app.metric("http_connections").await != 1 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is kept");
        time::sleep(Duration::from_millis(10)).await;
    }
    for reason in [
        "header_timeout",
        "keep_alive_timeout",
        "stalled",
        "evicted",
        "malformed",
    ] {
        assert_eq!(closed(&app, reason).await, 0, "{reason}");
    }
}

/// The head of a webhook, and no more than the first byte of its body.
const HALF: &str = "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";

#[tokio::test]
async fn who_sends_half_a_body_makes_room_before_who_is_idle() {
    let app = app(at_most(4)).await;
    let mut good = Wire::connect(&app.address).await;
    assert_eq!(good.ask(GET).await.status, 200);
    let mut halves = Vec::new();
    for _ in 0..3 {
        let mut half = Wire::connect(&app.address).await;
        half.send(HALF).await;
        halves.push(half);
    }
    time::sleep(Duration::from_millis(1500)).await;
    let mut newcomers = Vec::new();
    for _ in 0..3 {
        let mut newcomer = Wire::connect(&app.address).await;
        assert_eq!(newcomer.ask(GET).await.status, 200);
        newcomers.push(newcomer);
    }
    for half in &mut halves {
        half.closed().await;
    }
    assert_eq!(good.ask(GET).await.status, 200);
    drop((good, newcomers));
    assert_eq!(closed(&app, "evicted").await, 3);
    assert_eq!(app.metric("http_connections_refused_total").await, 0);
}

#[tokio::test]
async fn who_closes_its_direction_gets_the_answers_to_all_that_it_has_sent() {
    let app = app(ConnectionOptions::default()).await;
    let mut wire = Wire::connect(&app.address).await;
    // Answered later than they are read.
    let list = "GET /messages HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let poll = "GET /messages?after_seq=0&wait=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    wire.send([list, GET, poll, list].concat()).await;
    wire.stream.shutdown().await.expect("it is closed");
    for _ in 0..4 {
        assert_eq!(wire.answer().await.status, 200);
    }
    wire.closed().await;
}
