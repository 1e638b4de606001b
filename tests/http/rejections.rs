//! What is refused is kept, and says why to who may know; never what was in it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{App, SECRET, body, sign},
    scenarios,
};
use crate::fixture::at;

const NOON: &str = "2025-01-15T10:00:00Z";

/// The newest one.
async fn newest(app: &App) -> Value {
    app.get("/rejections?limit=1").await.json()["data"][0].clone()
}

/// Waits for what is found out after the answer.
async fn diagnosed(app: &App) -> Value {
    for _ in 0..500 {
        let newest = newest(app).await;
        if !newest["near_miss"].is_null() {
            return newest;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no near miss was found: {}", newest(app).await);
}

async fn every_refusal_is_kept_with_its_reason(app: App) {
    let message = serde_json::to_vec(&body("m1", NOON, "Hello")).unwrap();
    let good = sign(&message);
    let signed = |body: &[u8]| app.webhook(body).header("X-Signature", sign(body));
    let requests = [
        (app.webhook(&message), 401, "missing_signature"),
        (
            app.webhook(&message).header("X-Signature", "no digest"),
            401,
            "malformed_signature",
        ),
        (
            app.webhook(&message)
                .header("X-Signature", good.clone())
                .header("X-Signature", good.clone()),
            401,
            "several_signatures",
        ),
        (
            app.webhook(&message)
                .header("X-Signature", sign(b"another")),
            401,
            "signature_mismatch",
        ),
        (app.webhook(&vec![b' '; 65 * 1024]), 413, "body_too_large"),
        (
            signed(&message).header("Content-Encoding", "gzip"),
            415,
            "unsupported_media_type",
        ),
        (signed(b"[1]"), 422, "invalid_json"),
        (signed(b"{\"message_id\":\"m\""), 422, "invalid_json"),
        (signed(b"{\"message_id\":7}"), 422, "validation_error"),
        (
            app.request(Method::GET, "/webhook"),
            405,
            "method_not_allowed",
        ),
    ];
    let all = requests.len();
    for (number, (request, status, reason)) in requests.into_iter().enumerate() {
        let id = format!("refused-{number}");
        let answer = app.send(request.header("X-Request-Id", &id)).await;
        assert_eq!(answer.status, status, "{reason}: {answer:?}");
        let kept = newest(&app).await;
        assert_eq!(kept["reason"], reason);
        assert_eq!(kept["status"], status);
        assert_eq!(kept["request_id"], id.as_str());
        assert_eq!(kept["path"], "/webhook");
        assert_eq!(kept["peer"], "127.0.0.1");
        assert_eq!(kept["refused_at"], "2025-06-01T12:00:00Z");
        let series = format!("rejections_total{{reason=\"{reason}\"}}");
        assert!(app.metric(&series).await > 0, "{reason}");
    }
    let page = app.get("/rejections").await.json();
    assert_eq!(page["total"], all);
    let counted: u64 = page["counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|count| count["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, all as u64);

    let invalid = app.get("/rejections?reason=validation_error").await.json();
    let errors = &invalid["data"][0]["errors"];
    assert_eq!(errors[0]["pointer"], "#/message_id");
    assert_eq!(errors.as_array().unwrap().len(), 4);
}

async fn a_body_is_known_by_its_length_and_digest_only(app: App) {
    let text = "+14155550777 the-secret-plan";
    let message = serde_json::to_vec(&body("m1", NOON, text)).unwrap();
    app.send(
        app.webhook(&message)
            .header("X-Signature", sign(b"another")),
    )
    .await;
    let kept = newest(&app).await;
    assert_eq!(kept["body_bytes"], message.len());
    let digest = countersign_core::Digest::of(&message);
    assert_eq!(kept["body_sha256"], digest.to_string());
    let everything = app.get("/rejections").await.text;
    for private in [
        "the-secret-plan",
        "+14155550777",
        SECRET,
        &sign(b"another"),
        "m1",
    ] {
        assert!(!everything.contains(private), "{private}");
    }
}

async fn they_can_be_asked_for_by_reason_source_and_time(app: App) {
    app.set_clock(at("2025-06-01T12:00:00Z"));
    app.send(app.webhook(b"{}")).await;
    app.set_clock(at("2025-06-01T13:00:00Z"));
    app.send(app.request(Method::POST, "/webhook/partner").body("{}"))
        .await;
    let total = async |query: &str| {
        let page = app.get(&format!("/rejections?{query}")).await;
        page.json()["total"].clone()
    };
    assert_eq!(total("").await, 2);
    assert_eq!(total("source=partner").await, 1);
    assert_eq!(total("source=default").await, 1);
    assert_eq!(total("since=2025-06-01T12:30:00Z").await, 1);
    assert_eq!(total("reason=missing_signature").await, 2);
    assert_eq!(total("reason=stale_timestamp").await, 0);
    let faults = app
        .get("/rejections?reason=because&limit=0&source=A&since=x")
        .await
        .faults();
    assert_eq!(faults.len(), 4, "{faults:?}");
}

async fn the_ring_is_bounded_and_the_counts_are_not(app: App) {
    for _ in 0..1010 {
        app.send(app.webhook(b"{}")).await;
    }
    let page = app.get("/rejections?limit=100").await.json();
    assert_eq!(page["total"], 1000);
    assert_eq!(page["data"].as_array().unwrap().len(), 100);
    assert_eq!(
        page["counts"],
        json!([{"reason": "missing_signature", "count": 1010}])
    );
}

async fn the_mistake_behind_a_wrong_signature_is_named_to_the_operator_only(app: App) {
    let message = serde_json::to_vec(&body("m1", NOON, "Hello")).unwrap();
    let signed = sign(&[&message[..], b"\n"].concat());
    let answer = app
        .send(app.webhook(&message).header("X-Signature", &signed))
        .await;
    assert_eq!(answer.text, r#"{"detail":"invalid signature"}"#);
    let kept = diagnosed(&app).await;
    assert_eq!(kept["near_miss"], "trailing_newline");
    assert!(kept["mend"].as_str().unwrap().len() > 10);
    let counted = "signature_near_misses_total{cause=\"trailing_newline\"}";
    assert_eq!(app.metric(counted).await, 1);

    let partners = super::app::sign_with(super::app::PARTNERS_SECRET, &message);
    app.send(app.webhook(&message).header("X-Signature", partners))
        .await;
    let kept = diagnosed(&app).await;
    assert_eq!(kept["near_miss"], "other_source");
    assert!(kept["mend"].as_str().unwrap().contains("partner"));
}

scenarios! {
    every_refusal_is_kept_with_its_reason
    a_body_is_known_by_its_length_and_digest_only
    they_can_be_asked_for_by_reason_source_and_time
    the_ring_is_bounded_and_the_counts_are_not
    the_mistake_behind_a_wrong_signature_is_named_to_the_operator_only
}
