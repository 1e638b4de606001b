//! Who may read, as the operator of the program sets it.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::program::Setup;

const TOKEN: &str = "CANARY-token-of-readers-5d1c";

fn with(settings: &[(&'static str, &str)]) -> Setup {
    let mut setup = Setup::new();
    setup.set("DATABASE_URL", "memory:");
    for (name, value) in settings {
        setup.set(name, value);
    }
    setup
}

/// Whatever is sent, and however wrong it is, no line of the log and no answer repeats it.
#[tokio::test]
async fn no_token_and_no_session_is_ever_told() {
    let mut server = with(&[("READ_TOKEN", TOKEN), ("LOG_LEVEL", "DEBUG")]).serve();
    let client = Client::builder().no_proxy().build().unwrap();
    let mut told = String::new();
    let mut tell = async |answer: Response, status: u16| {
        assert_eq!(answer.status(), status, "{answer:?}");
        write!(told, "{:?}", answer.headers()).unwrap();
        told += &answer.text().await.unwrap();
    };
    let basic = BASE64_STANDARD.encode(format!("any:{TOKEN}"));
    for (authorization, status) in [
        (format!("Bearer {TOKEN}"), 200),
        (format!("Basic {basic}"), 200),
        (format!("Bearer {TOKEN}-wrong"), 401),
        (format!("Digest {TOKEN}"), 401),
        (TOKEN.to_owned(), 401),
    ] {
        let asked = client.get(server.url("/messages?q=CANARY"));
        let answer = asked.header("Authorization", authorization).send().await;
        tell(answer.unwrap(), status).await;
    }
    let session = client.post(server.url("/session"));
    let session = session.json(&json!({"token": TOKEN})).send().await.unwrap();
    assert_eq!(session.status(), 204);
    let cookie = session.headers()["set-cookie"].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    for (cookie, status) in [(cookie.clone(), 200), (format!("{cookie}0"), 401)] {
        let asked = client.get(server.url("/stats")).header("Cookie", cookie);
        tell(asked.send().await.unwrap(), status).await;
    }
    for (body, status) in [
        (json!({"token": format!("{TOKEN}-wrong")}), 401),
        (json!({"token": [TOKEN]}), 422),
        (json!(TOKEN), 422),
    ] {
        let asked = client.post(server.url("/session")).json(&body);
        tell(asked.send().await.unwrap(), status).await;
    }
    let elsewhere = client.delete(server.url("/session"));
    let elsewhere = elsewhere.header("Origin", "https://CANARY.example");
    tell(elsewhere.send().await.unwrap(), 403).await;
    tell(server.get("/metrics").await, 200).await;
    server.signal("TERM");
    server.ended();

    told += &server.log.join("\n");
    let session = cookie.split('=').nth(1).unwrap();
    for secret in ["CANARY", &basic, session] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

/// The lines of the start that say who may read.
fn at_the_start(setup: &Setup) -> Vec<Value> {
    let server = setup.serve();
    let lines = server.log.iter();
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let about_reads = |line: &Value| line["target"] == "countersign::reads";
    lines.filter(about_reads).collect()
}

#[test]
fn the_start_says_who_may_read_and_warns_of_what_may_not_be_meant() {
    let everywhere = ("BIND", "0.0.0.0:0");
    let token = ("READ_TOKEN", TOKEN);
    for (settings, reads, warnings) in [
        (&[][..], "protected mode", &[][..]),
        (&[everywhere], "protected mode", &["no READ_TOKEN is set"]),
        (&[everywhere, token], "with READ_TOKEN", &[]),
        (&[("READ_TOKEN", "short")], "with READ_TOKEN", &["16 bytes"]),
    ] {
        let lines = at_the_start(&with(settings));
        assert_eq!(lines[0]["reads"], reads, "{settings:?}");
        let warned: Vec<&str> = lines
            .iter()
            .filter(|line| line["level"] == "WARN")
            .filter_map(|line| line["message"].as_str())
            .collect();
        assert_eq!(warned.len(), warnings.len(), "{settings:?}: {warned:?}");
        for (warned, word) in warned.iter().zip(warnings) {
            assert!(warned.contains(word), "{warned}");
        }
    }
}

#[tokio::test]
async fn the_settings_arrive_where_they_count() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let client = Client::builder().no_proxy().build().unwrap();
    let server = with(&[("READ_TOKEN_FILE", &file)]).serve();
    assert_eq!(server.get("/stats").await.status(), 401);
    let asked = client.get(server.url("/stats")).bearer_auth(TOKEN);
    assert_eq!(asked.send().await.unwrap().status(), 200);

    let server = with(&[
        ("ALLOWED_HOSTS", "inbox.example.com"),
        ("TRUSTED_PROXIES", "127.0.0.0/8"),
    ])
    .serve();
    for (host, forwarded_for, status) in [
        ("inbox.example.com:443", "192.168.1.7", 200),
        ("inbox.example.com", "203.0.113.7", 403),
        ("other.example.com", "192.168.1.7", 403),
    ] {
        let asked = client.get(server.url("/stats")).header("Host", host);
        let asked = asked.header("X-Forwarded-For", forwarded_for);
        assert_eq!(asked.send().await.unwrap().status(), status, "{host}");
    }
}

#[test]
fn wrong_settings_are_refused_with_a_remedy() {
    for (settings, word) in [
        (&[("READ_TOKEN", " ")][..], "READ_TOKEN is blank"),
        (
            &[("READ_TOKEN", TOKEN), ("READ_TOKEN_FILE", "token")],
            "READ_TOKEN and READ_TOKEN_FILE are both set",
        ),
        (&[("READ_TOKEN_FILE", "nowhere/token")], "cannot be read"),
        (&[("ALLOWED_HOSTS", "localhost:8000")], "ALLOWED_HOSTS"),
        (
            &[("TRUSTED_PROXIES", "proxy.example.com")],
            "TRUSTED_PROXIES",
        ),
    ] {
        let (code, out, _) = with(settings).run(&[]);
        assert_eq!(code, Some(78), "{out}");
        assert!(out.contains(word) && !out.contains("CANARY"), "{out}");
    }
}
