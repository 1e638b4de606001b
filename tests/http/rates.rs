//! How many requests one client may send, and that nobody else has less for it.

use std::{sync::Arc, time::Duration};

use countersign_http::access::Reads;
use countersign_memory::MemoryRepository;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::app::{Answer, App, body, sign};

const NOON: &str = "2025-06-01T12:00:00Z";

/// Who sends too much, and somebody else.
const FLOOD: &str = "203.0.113.7";
const OTHER: &str = "203.0.113.8";

/// Behind a proxy on this machine, so that requests come from where they say.
async fn limited(rate: &str) -> App {
    let rate = rate.parse().expect("a rate");
    App::over_configured(Arc::new(MemoryRepository::new()), |config, _| {
        let proxy = "127.0.0.1".parse().expect("a proxy");
        config.reads = Reads::default().with_trusted_proxies(vec![proxy]);
        config.limits.per_peer = Some(rate);
    })
    .await
}

fn from(address: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("X-Forwarded-For", address)
}

async fn deliver(app: &App, address: &str, id: &str) -> Answer {
    let body = serde_json::to_vec(&body(id, NOON, "")).unwrap();
    let signed = app.webhook(&body).header("X-Signature", sign(&body));
    app.send(from(address, signed)).await
}

async fn get(app: &App, address: &str, path: &str) -> Answer {
    app.send(from(address, app.request(Method::GET, path)))
        .await
}

/// A day is longer than any test: nothing comes back meanwhile.
#[tokio::test]
async fn one_too_many_is_refused_and_nobody_else_is() {
    let app = limited("6/86400").await;
    for remaining in (0..6).rev() {
        let answer = deliver(&app, FLOOD, &format!("m{remaining}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let limit = format!("\"peer\";r={remaining};t=14400");
        assert_eq!(answer.header("ratelimit"), Some(&*limit));
        let policy = answer.header("ratelimit-policy");
        assert_eq!(policy, Some("\"peer\";q=6;w=86400"));
        assert_eq!(answer.header("retry-after"), None);
    }
    let refused = deliver(&app, FLOOD, "m6").await;
    assert_eq!(refused.status, 429, "{refused:?}");
    assert_eq!(
        refused.header("ratelimit-policy"),
        Some("\"peer\";q=6;w=86400")
    );
    let seconds = refused.header("retry-after").expect("Retry-After");
    let limit = format!("\"peer\";r=0;t={seconds}");
    assert_eq!(refused.header("ratelimit"), Some(&*limit));
    let seconds = seconds.parse::<u32>().expect("seconds");
    assert!((10_000..=14_400).contains(&seconds), "{seconds}");
    let problem = refused.json();
    assert_eq!(problem["status"], 429);
    assert_eq!(problem["title"], "Too Many Requests");
    assert_eq!(problem["instance"], "/webhook");

    // Neither is a read served, nor is it said whether it would be, nor what is there.
    for path in ["/stats", "/metrics", "/ui", "/nowhere"] {
        let refused = get(&app, FLOOD, path).await;
        assert_eq!(refused.status, 429, "{path}: {refused:?}");
        assert_eq!(refused.header("connection"), None, "{path}");
    }
    for path in ["/health", "/health/live", "/health/ready"] {
        let probed = get(&app, FLOOD, path).await;
        assert_eq!(probed.status, 200, "{path}: {probed:?}");
        assert_eq!(probed.header("ratelimit"), None, "{path}");
    }
    // Others are served, also those in the next network, and told what they may send.
    let served = deliver(&app, OTHER, "m7").await;
    assert_eq!(served.status, 200, "{served:?}");
    let limit = served.header("ratelimit");
    assert_eq!(limit, Some("\"peer\";r=5;t=14400"));
    let foreign = get(&app, OTHER, "/stats").await;
    assert_eq!(foreign.status, 403, "{foreign:?}");
    let limit = foreign.header("ratelimit");
    assert_eq!(limit, Some("\"peer\";r=4;t=14400"));

    // What was refused can be seen; the proxy's own machine has an allowance of its own.
    let kept = app.get("/rejections?reason=rate_limited").await.json();
    assert_eq!(kept["total"], 5, "{kept}");
    let webhook = &kept["data"][4];
    assert_eq!(webhook["peer"], FLOOD);
    assert_eq!(webhook["path"], "/webhook");
    assert_eq!(webhook["source"], "default");
    assert_eq!(webhook["status"], 429);
    assert_eq!(webhook["body_bytes"], json!(null));
    assert_eq!(kept["data"][3]["path"], "/stats");
    assert_eq!(kept["data"][0]["path"], "unmatched");
    for (series, count) in [
        (r#"webhook_requests_total{result="rate_limited"}"#, 1),
        (r#"rejections_total{reason="rate_limited"}"#, 5),
        (r#"http_requests_total{path="/webhook",status="429"}"#, 1),
        (r#"webhook_requests_total{result="created"}"#, 7),
    ] {
        assert_eq!(app.metric(series).await, count, "{series}");
    }
}

#[tokio::test]
async fn who_waits_as_told_is_served_again() {
    let app = limited("2/4").await;
    let mut refused = None;
    for number in 0..100 {
        let answer = deliver(&app, FLOOD, &format!("m{number}")).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let refused = refused.expect("there is a limit");
    let seconds = refused.header("retry-after").map(str::parse::<u64>);
    let Some(Ok(seconds @ 1..=2)) = seconds else {
        panic!("it does not say when to come back: {refused:?}");
    };
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let served = deliver(&app, FLOOD, "again").await;
    assert_eq!(served.status, 200, "{served:?}");
}

#[tokio::test]
async fn networks_are_told_apart_as_they_are_given_out() {
    let app = limited("1/86400").await;
    for (address, status) in [
        ("2001:db8:0:1::1", 200),
        ("2001:db8:0:1:ffff::2", 429),
        ("2001:db8:0:2::1", 200),
        ("::ffff:198.51.100.1", 200),
        ("198.51.100.1", 429),
        ("198.51.100.2", 200),
        // Left of what the proxy has seen, anyone may write anything.
        ("192.0.2.1, 198.51.100.2", 429),
        // It does not say for whom it asks: then it asks for itself, and for all of those.
        ("unknown", 200),
        ("nobody", 429),
        ("127.0.0.1", 429),
    ] {
        let answer = deliver(&app, address, "m").await;
        assert_eq!(answer.status, status, "{address}: {answer:?}");
    }
}

#[tokio::test]
async fn nothing_is_read_of_one_too_many() {
    let app = limited("1/86400").await;
    deliver(&app, FLOOD, "m").await;
    // The body never comes, and is not waited for.
    let head = format!(
        "POST /webhook/partner HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {FLOOD}\r\n\
         Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
    );
    let answer = app.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    // Nor is all of a long target repeated.
    let long = "x".repeat(8 * 1024);
    let long = format!("GET /{long} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {FLOOD}\r\n\r\n");
    let answer = app.raw(long.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.len() < 4096, "all of it is repeated");
    // Nor is it looked at more closely.
    let malformed = format!("GET /health/ HTTP/1.1\r\nX-Forwarded-For: {FLOOD}\r\n\r\n");
    let answer = app.raw(malformed.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    let kept = app.get("/rejections?source=partner").await.json();
    assert_eq!(kept["data"][0]["reason"], "rate_limited", "{kept}");
}

#[tokio::test]
async fn a_flood_of_refusals_pushes_out_no_other() {
    let app = limited("2/86400").await;
    let unsigned = |address: &str| from(address, app.webhook(b"{}"));
    assert_eq!(app.send(unsigned(OTHER)).await.status, 401);
    let mut refused = 0;
    for _ in 0..1_100 {
        let answer = unsigned(FLOOD).send().await.expect("an answer");
        refused += u64::from(answer.status() == 429);
    }
    assert_eq!(refused, 1_098);
    let kept = app.get("/rejections?reason=missing_signature").await.json();
    assert_eq!(kept["total"], 3, "{kept}");
    let kept = app.get("/rejections?limit=1").await.json();
    assert_eq!(kept["total"], 1_003, "{kept}");
    let counts = kept["counts"].as_array().expect("counts");
    let counted = json!({"reason": "rate_limited", "count": 1_098});
    assert!(counts.contains(&counted), "{kept}");
}

#[tokio::test]
async fn without_a_limit_nothing_is_said_of_one() {
    let app = App::over(Arc::new(MemoryRepository::new())).await;
    let answer = app.delivered(&body("m", NOON, "")).await;
    for name in ["ratelimit", "ratelimit-policy", "retry-after"] {
        assert_eq!(answer.header(name), None, "{name}");
    }
}
