//! The service itself: health, metrics, pages.

use countersign_core::Message;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    app::{App, body},
    scenarios,
};
use crate::fixture::message;

async fn it_says_what_and_how_it_is(app: App) {
    let info = app.get("/").await.json();
    assert_eq!(
        (&info["name"], &info["status"]),
        (&json!("countersign"), &json!("ok"))
    );
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    for (path, status) in [("/health", "healthy"), ("/health/live", "alive")] {
        assert_eq!(
            app.get(path).await.json(),
            json!({"status": status}),
            "{path}"
        );
    }
}

async fn metrics_are_there_before_anything_happens(app: App) {
    let metrics = app.get("/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    for line in [
        "webhook_requests_total{result=\"created\"} 0",
        "webhook_requests_total{result=\"duplicate\"} 0",
        "webhook_requests_total{result=\"conflict\"} 0",
        "webhook_requests_total{result=\"invalid_signature\"} 0",
        "webhook_requests_total{result=\"validation_error\"} 0",
        "http_live_streams 0",
        "http_live_streams_dropped_total 0",
        "http_requests_total{path=\"/webhook\",status=\"200\"} 0",
        "http_requests_total{path=\"/messages/{message_id}\",status=\"200\"} 0",
    ] {
        assert!(
            metrics.text.lines().any(|found| found == line),
            "{line} in {}",
            metrics.text
        );
    }
    for no in ["_total_total", "otel_scope", "target_info"] {
        assert!(!metrics.text.contains(no), "{no}");
    }
}

async fn nobody_outside_can_make_new_series(app: App) {
    app.delivered(&body("m", "2025-01-01T00:00:00Z", "")).await;
    for path in [
        "/messages/m",
        "/messages/other",
        "/nowhere",
        "/ui/nothing",
        "/metrics",
    ] {
        app.get(path).await;
    }
    app.send(app.request(Method::PUT, "/webhook")).await;
    let before = app.get("/metrics").await.text.lines().count();
    for n in 0..50 {
        for path in [
            format!("/messages/{n}"),
            format!("/nowhere/{n}"),
            format!("/messages/m?x={n}"),
            format!("/ui/{n}"),
        ] {
            app.get(&path).await;
        }
        let odd = Method::from_bytes(format!("ODD{n}").as_bytes()).unwrap();
        app.send(app.request(odd, "/nowhere")).await;
    }
    for refused in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        app.send(app.request(refused, "/webhook")).await;
    }
    let metrics = app.get("/metrics").await.text;
    assert_eq!(metrics.lines().count(), before, "{metrics}");
    let unmatched = "http_requests_total{path=\"unmatched\",status=\"404\"}";
    assert_eq!(app.metric(unmatched).await, 101);
    let missing = "http_requests_total{path=\"/messages/{message_id}\",status=\"404\"}";
    assert_eq!(app.metric(missing).await, 51);
}

async fn pages_come_whole_from_the_binary(app: App) {
    let dashboard = app.get("/ui").await;
    assert_eq!(dashboard.status, 200);
    assert!(
        dashboard
            .header("content-type")
            .is_some_and(|t| t.starts_with("text/html"))
    );
    let policy = dashboard
        .header("content-security-policy")
        .unwrap_or_default();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(app.get("/ui/").await.text, dashboard.text);

    let links = dashboard
        .text
        .split('"')
        .filter(|link| link.starts_with("/ui/"));
    let links: Vec<&str> = links.collect();
    assert!(
        links.iter().any(|link| link.starts_with("/ui/assets/")),
        "{}",
        dashboard.text
    );
    for link in links {
        let asset = app.get(link).await;
        assert_eq!(asset.status, 200, "{link}");
        if link.starts_with("/ui/assets/") {
            assert!(
                asset
                    .header("cache-control")
                    .is_some_and(|c| c.contains("immutable"))
            );
        }
        let etag = asset.header("etag").expect("an ETag").to_owned();
        let again = app.request(Method::GET, link).header("If-None-Match", etag);
        assert_eq!(app.send(again).await.status, 304, "{link}");
    }

    let docs = app.get("/docs").await;
    assert!(docs.text.contains("SwaggerUIBundle") && docs.text.contains("\"listMessages\""));
    let spec = app.get("/openapi.json").await;
    assert!(
        docs.text.contains(spec.text.trim_end()),
        "Swagger UI shows another document"
    );
    for page in [&dashboard, &docs] {
        for attribute in [
            "src=\"http",
            "src='http",
            "href=\"http",
            "@import",
            "url(http",
        ] {
            assert!(
                !page.text.contains(attribute),
                "something is loaded from elsewhere"
            );
        }
    }
    assert_eq!(app.get("/ui/../Cargo.toml").await.status, 404);
    assert_eq!(app.get("/ui/%2e%2e/Cargo.toml").await.status, 404);
}

async fn what_can_be_got_can_be_asked_for_its_head(app: App) {
    for path in [
        "/",
        "/messages",
        "/messages/live",
        "/rejections/live",
        "/stats",
        "/stats/timeline",
        "/health/ready",
        "/metrics",
        "/ui",
        "/docs",
    ] {
        let head = app.send(app.request(Method::HEAD, path)).await;
        assert_eq!(
            (head.status.as_u16(), head.text.as_str()),
            (200, ""),
            "{path}"
        );
    }
}

/// As `nc` does at the end of its input. It is not the same as to leave.
async fn who_closes_one_direction_gets_the_whole_answer(app: App) {
    let text = "😀".repeat(4096);
    let messages: Vec<Message> = (0..100)
        .map(|n| message(&format!("m{n}"), "2025-01-01T00:00:00Z", &text))
        .collect();
    app.repository.append(&messages).await.unwrap();
    let mut stream = TcpStream::connect(&app.address).await.unwrap();
    let request = b"GET /messages?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let page: Value = serde_json::from_str(body).expect("a whole page");
    assert_eq!(page["data"].as_array().map(Vec::len), Some(100));
}

scenarios! {
    who_closes_one_direction_gets_the_whole_answer
    it_says_what_and_how_it_is
    metrics_are_there_before_anything_happens
    nobody_outside_can_make_new_series
    pages_come_whole_from_the_binary
    what_can_be_got_can_be_asked_for_its_head
}
