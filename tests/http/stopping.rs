//! The server stops, step by step.

use std::{io::Write as _, sync::Arc, time::Duration};

use countersign_http::StopOptions;
use countersign_memory::MemoryRepository;
use tokio::{net::TcpStream, time};

use super::{
    app::{App, body, sign},
    wire::{GET, Wire},
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

async fn app(delay: Duration, grace: Duration) -> App {
    let repository = Arc::new(MemoryRepository::new());
    App::stopping(repository, StopOptions { delay, grace }).await
}

async fn in_time(app: App) {
    let stopped = time::timeout(LONG, app.stopped()).await;
    stopped.expect("it stops in time");
}

fn webhook(id: &str) -> (String, String) {
    let body = body(id, "2025-01-01T12:00:00Z", "").to_string();
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Signature: {}\r\nContent-Length: {}\r\n\r\n",
        sign(body.as_bytes()),
        body.len(),
    );
    (head, body)
}

#[tokio::test]
async fn before_it_stops_it_says_so_and_still_answers() {
    let mut app = app(Duration::from_secs(3), LONG).await;
    let mut kept = Wire::connect(&app.address).await;
    assert!(!kept.ask(GET).await.closes());
    let ready = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(kept.ask(ready).await.status, 200);
    app.begin_to_stop();
    tokio::task::yield_now().await;

    let (head, body) = webhook("m");
    let delivered = kept.ask(&format!("{head}{body}")).await;
    assert_eq!(delivered.status, 200);
    assert!(delivered.closes());
    kept.closed().await;
    let mut probe = Wire::connect(&app.address).await;
    let unready = probe.ask(ready).await;
    assert_eq!(unready.status, 503);
    assert!(unready.closes() && unready.header("Retry-After").is_some());
    assert!(
        unready.body.contains("the server is stopping"),
        "{unready:?}"
    );
    for path in ["/health/live", "/messages", "/stats"] {
        let mut reader = Wire::connect(&app.address).await;
        let asked = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = reader.ask(&asked).await;
        assert_eq!((answer.status, answer.closes()), (200, true), "{path}");
    }
    let address = app.address.clone();
    in_time(app).await;
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn what_is_in_flight_is_answered() {
    let mut app = app(Duration::ZERO, LONG).await;
    let (head, body) = webhook("m");
    let (first, rest) = body.split_at(10);
    let mut wire = Wire::connect(&app.address).await;
    wire.send(head + first).await;
    // It has come as far as the body.
    assert_eq!(app.get("/health").await.status, 200);
    app.begin_to_stop();
    let repository = Arc::clone(&app.repository);
    let stopped = tokio::spawn(in_time(app));
    // Longer than those have who are only connected.
    time::sleep(Duration::from_millis(1200)).await;
    wire.send(rest).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 200);
    assert!(answer.closes());
    drop(wire);
    stopped.await.unwrap();
    assert_eq!(repository.stats().await.unwrap().total_messages, 1);
}

/// On one thread, so that nothing is accepted before this test waits for something.
#[tokio::test]
async fn who_waits_to_be_accepted_is_answered() {
    let mut app = app(Duration::ZERO, LONG).await;
    app.begin_to_stop();
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let mut stream = std::net::TcpStream::connect(&app.address).unwrap();
        stream.write_all(GET.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        waiting.push(Wire::over(TcpStream::from_std(stream).unwrap()));
    }
    let stopped = tokio::spawn(in_time(app));
    for wire in &mut waiting {
        let answer = wire.answer().await;
        assert_eq!(answer.status, 200);
        assert!(answer.closes());
    }
    drop(waiting);
    stopped.await.unwrap();
}

#[tokio::test]
async fn who_is_connected_has_a_moment_to_ask() {
    let mut app = app(Duration::ZERO, LONG).await;
    let mut silent = Wire::connect(&app.address).await;
    let mut speaks = Wire::connect(&app.address).await;
    let mut again = Wire::connect(&app.address).await;
    assert_eq!(again.ask(GET).await.status, 200);
    app.begin_to_stop();
    let stopped = tokio::spawn(in_time(app));
    time::sleep(Duration::from_millis(50)).await;
    for wire in [&mut speaks, &mut again] {
        let answer = wire.ask(GET).await;
        assert_eq!(answer.status, 200);
        assert!(answer.closes());
    }
    silent.closed().await;
    drop((speaks, again));
    stopped.await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let mut app = app(Duration::ZERO, Duration::from_secs(1)).await;
    let (head, body) = webhook("m");
    let mut half_body = Wire::connect(&app.address).await;
    half_body.send(head + &body[..10]).await;
    let mut half_head = Wire::connect(&app.address).await;
    half_head.send(&GET[..10]).await;
    let mut stream = Wire::connect(&app.address).await;
    stream
        .send("GET /messages/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert_eq!(app.get("/health").await.status, 200);
    app.begin_to_stop();
    let begun = time::Instant::now();
    in_time(app).await;
    // Not the time that a body may take, or a client that keeps its connection.
    assert!(begun.elapsed() < Duration::from_secs(8));
    half_body.closed().await;
    half_head.closed().await;
}
