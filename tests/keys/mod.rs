//! Secrets as their operator meets them: configured, rotated, tried, and never shown.

mod rotating;
mod trying;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;

use crate::{
    http::app::{body, sign_with},
    program::Setup,
};

const OLD: &str = "CANARY-old-secret-0123456789";
const NEW: &str = "CANARY-new-secret-0123456789";
const NOON: &str = "2025-01-15T10:00:00Z";

/// A folder with nothing configured, and nothing stored on a disk.
fn setup() -> Setup {
    Setup::without_secret().in_memory()
}

#[test]
fn it_refuses_to_start_with_keys_that_are_wrong() {
    let with = |variables: &[(&'static str, &str)]| {
        let mut setup = setup();
        for (name, value) in variables {
            setup.set(name, value);
        }
        setup
    };
    let one = ("WEBHOOK_SECRET", OLD);
    for (variables, said) in [
        (
            &[("WEBHOOK_SECRET_PREVIOUS", OLD)][..],
            "WEBHOOK_SECRET is not set",
        ),
        (&[one, ("WEBHOOK_SECRET_FILE", "/nowhere")], "are both set"),
        (
            &[("WEBHOOK_SECRET_FILE", "/nowhere")],
            "WEBHOOK_SECRET_FILE cannot be read",
        ),
        (&[one, ("SIGNATURE_SCHEME", "none")], "SIGNATURE_SCHEME"),
        (
            &[one, ("SIGNATURE_SCHEME", "standard-webhooks")],
            "source default, key current: the secret is not base64",
        ),
        (
            &[one, ("SIGNATURE_TOLERANCE_SECONDS", "0")],
            "SIGNATURE_TOLERANCE_SECONDS",
        ),
        (
            &[one, ("CONFIG_FILE", "/nowhere")],
            "CONFIG_FILE cannot be read: /nowhere",
        ),
    ] {
        let (status, out, err) = with(variables).run(&["serve"]);
        assert_eq!(status, Some(78), "{out}{err}");
        let last: Value = serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
        assert_eq!(last["level"], "ERROR");
        let text = last["message"].as_str().unwrap_or_default();
        assert!(text.contains(said), "{said:?} in {last}");
        assert!(last["help"].as_str().is_some_and(|help| !help.is_empty()));
        assert!(!out.contains("CANARY") && err.is_empty(), "{out}{err}");
    }
}

#[tokio::test]
async fn refusals_are_explained_and_no_secret_is_anywhere_to_be_read() {
    let mut setup = setup();
    setup.set("WEBHOOK_SECRET", NEW);
    setup.set("WEBHOOK_SECRET_PREVIOUS", "CANARY-short");
    setup.set("WEBHOOK_SECRET_PREVIOUS_EXPIRES_AT", "2020-01-01T00:00:00Z");
    let mut server = setup.serve();
    let client = Client::new();
    let body = body("m1", NOON, "x").to_string();
    for (secret, sent) in [
        (NEW, format!("{body}\n")),
        (&format!("{NEW}\n"), body.clone()),
        ("CANARY-short", body.clone()),
    ] {
        let answer = client
            .post(server.url("/webhook"))
            .header("X-Signature", sign_with(secret, body.as_bytes()))
            .body(sent)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 401);
        let text = answer.text().await.expect("a text");
        assert!(
            !text.contains("newline") && !text.contains("secret"),
            "{text}"
        );
    }
    // A refusal is looked into behind its answer.
    let until = Instant::now() + Duration::from_secs(20);
    let (rejections, near) = loop {
        let rejections: Value = server.get("/rejections").await.json().await.expect("JSON");
        let near: Vec<_> = rejections["data"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["near_miss"].clone())
            .collect();
        if !near.contains(&Value::Null) || Instant::now() > until {
            break (rejections, near);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(
        near,
        ["expired_secret", "trimmed_secret", "trailing_newline"]
    );
    let metrics = server.get("/metrics").await.text().await.expect("a text");

    let process = format!("/proc/{}/cmdline", server.id());
    if Path::new(&process).exists() {
        let line = fs::read(&process).expect("a command line");
        assert!(!String::from_utf8_lossy(&line).contains("CANARY"));
    }
    server.signal("TERM");
    server.ended();
    let log = server.log.join("\n");
    for warning in [
        "a secret has fewer than 16 bytes",
        "a key has expired, and vouches for nothing",
    ] {
        assert!(log.contains(warning), "{log}");
    }
    for text in [log, metrics, rejections.to_string()] {
        assert!(!text.contains("CANARY"), "{text}");
    }
}
