//! A provider delivers.

use std::sync::Arc;

use countersign_core::Repeat;
use reqwest::{
    Method,
    header::{HeaderName, HeaderValue},
};
use serde_json::json;

use super::{
    app::{App, SECRET, body, sign},
    scenarios,
};
use crate::fixture::{at, key};

const NOON: &str = "2025-01-15T10:00:00Z";

async fn a_signed_message_is_stored_and_read_back(app: App) {
    let answer = app.delivered(&body("m1", NOON, "Hello")).await;
    assert_eq!(answer.header("idempotent-replayed"), None);
    let page = app.get("/messages").await.json();
    assert_eq!(
        page,
        json!({
            "data": [{
                "message_id": "m1",
                "from_msisdn": "+919876543210",
                "to_msisdn": "+14155550100",
                "ts": NOON,
                "text": "Hello",
                "created_at": "2025-06-01T12:00:00Z",
            }],
            "total": 1,
            "limit": 50,
            "offset": 0,
            "next_cursor": null,
            "next_after_seq": null,
        })
    );
}

async fn the_same_message_again_is_thanked_and_not_stored(app: App) {
    app.delivered(&body("m1", NOON, "Hello")).await;
    app.set_clock(at("2025-06-01T13:00:00Z"));
    for _ in 0..2 {
        let again = app.delivered(&body("m1", NOON, "Hello")).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    let kept = app.get("/messages/m1").await.json();
    assert_eq!(kept["created_at"], "2025-06-01T12:00:00Z");
    assert_eq!(
        app.metric("webhook_requests_total{result=\"created\"}")
            .await,
        1
    );
    assert_eq!(
        app.metric("webhook_requests_total{result=\"duplicate\"}")
            .await,
        2
    );
}

async fn a_message_that_comes_again_is_counted(app: App) {
    let of = async |path: &str| app.get(path).await.json()["duplicates"].clone();
    app.delivered(&body("m1", NOON, "Hello")).await;
    app.delivered(&body("m2", NOON, "Hello")).await;
    let never = json!({ "count": 0, "last_seen_at": null });
    assert_eq!(of("/messages/m1").await, never);
    for time in ["13", "14"] {
        app.set_clock(at(&format!("2025-06-01T{time}:00:00Z")));
        app.delivered(&body("m1", NOON, "Hello")).await;
    }
    let twice = json!({ "count": 2, "last_seen_at": "2025-06-01T14:00:00Z" });
    assert_eq!(of("/messages/m1").await, twice);
    // Another content is a conflict, and another id another message.
    app.set_clock(at("2025-06-01T15:00:00Z"));
    app.delivered(&body("m1", NOON, "Goodbye")).await;
    assert_eq!(of("/messages/m1").await, twice);
    assert_eq!(of("/messages/m2").await, never);
    // What is stored of it counts, too, wherever it came to.
    let before = Repeat {
        key: key("m1"),
        times: 40,
        last_seen_at: at("2025-06-01T13:30:00Z"),
    };
    app.repository.note_repeats(&[before]).await.unwrap();
    let all = json!({ "count": 42, "last_seen_at": "2025-06-01T14:00:00Z" });
    assert_eq!(of("/messages/m1").await, all);
}

async fn a_different_message_under_a_known_id_is_thanked_recorded_and_shown(app: App) {
    app.delivered(&body("m1", NOON, "Hello")).await;
    app.set_clock(at("2025-06-01T13:00:00Z"));
    let other = app.delivered(&body("m1", NOON, "Goodbye")).await;
    assert_eq!(other.header("idempotent-replayed"), Some("true"));

    let detail = app.get("/messages/m1").await.json();
    assert_eq!(detail["text"], "Hello");
    let conflict = json!({
        "message_id": "m1",
        "from_msisdn": "+919876543210",
        "to_msisdn": "+14155550100",
        "ts": NOON,
        "text": "Goodbye",
        "first_seen_at": "2025-06-01T13:00:00Z",
        "last_seen_at": "2025-06-01T13:00:00Z",
        "times": 1,
        "content_sha256": detail["conflicts"][0]["content_sha256"],
    });
    let digests = [&detail["content_sha256"], &conflict["content_sha256"]];
    assert!(
        digests
            .iter()
            .all(|digest| digest.as_str().unwrap().len() == 64)
    );
    assert_ne!(digests[0], digests[1]);
    assert_eq!(detail["conflicts"], json!([conflict]));
    let all = app.get("/conflicts").await.json();
    assert_eq!(all, json!({"data": [conflict], "total": 1}));
    assert_eq!(
        app.metric("webhook_requests_total{result=\"conflict\"}")
            .await,
        1
    );
    assert_eq!(app.get("/messages").await.json()["total"], 1);
}

async fn of_64_deliveries_at_once_one_creates_and_all_are_thanked(app: App) {
    let app = Arc::new(app);
    let deliveries: Vec<_> = (0..64)
        .map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.delivered(&body("race", NOON, "Hello")).await })
        })
        .collect();
    let mut replayed = 0;
    for delivery in deliveries {
        let answer = delivery.await.unwrap();
        replayed += usize::from(answer.header("idempotent-replayed").is_some());
    }
    assert_eq!(replayed, 63);
    assert_eq!(
        app.metric("webhook_requests_total{result=\"created\"}")
            .await,
        1
    );
    assert_eq!(
        app.metric("webhook_requests_total{result=\"duplicate\"}")
            .await,
        63
    );
    assert_eq!(app.get("/messages").await.json()["total"], 1);
}

async fn a_missing_and_a_wrong_signature_are_answered_alike(app: App) {
    let bytes = body("m1", NOON, "Hello").to_string().into_bytes();
    let right = sign(&bytes);
    let wrong = [
        None,
        Some(String::new()),
        Some("0".repeat(64)),
        Some(format!("sha1={right}")),
        Some(format!("{right}, {right}")),
        Some(right[..63].to_owned()),
        Some(sign(b"something else")),
        Some(SECRET.to_owned()),
    ];
    let count = wrong.len() as u64;
    for signature in wrong {
        let mut request = app.webhook(&bytes);
        if let Some(signature) = &signature {
            request = request.header("X-Signature", signature);
        }
        let answer = app.send(request).await;
        assert_eq!(answer.status, 401, "{signature:?}");
        assert_eq!(answer.text, r#"{"detail":"invalid signature"}"#);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert!(answer.header("www-authenticate").is_some());
    }
    let series = "webhook_requests_total{result=\"invalid_signature\"}";
    assert_eq!(app.metric(series).await, count);
    assert_eq!(app.get("/messages").await.json()["total"], 0);
}

async fn a_second_signature_header_or_one_that_is_not_ascii_is_refused(app: App) {
    let bytes = body("m1", NOON, "Hello").to_string().into_bytes();
    let right = sign(&bytes);
    for other in [&right, &"0".repeat(64)] {
        let twice = app
            .webhook(&bytes)
            .header("X-Signature", &right)
            .header("X-Signature", other);
        assert_eq!(app.send(twice).await.status, 401);
    }
    let odd = HeaderValue::from_bytes(&[b"\xc3\xa9", right.as_bytes()].concat()).unwrap();
    let name = HeaderName::from_static("x-signature");
    assert_eq!(
        app.send(app.webhook(&bytes).header(name, odd)).await.status,
        401
    );
}

async fn the_usual_spellings_of_a_signature_are_accepted(app: App) {
    for (n, spell) in [
        str::to_uppercase as fn(&str) -> String,
        |hex| format!("sha256={hex}"),
        |hex| format!("sha256={}", hex.to_uppercase()),
        |hex| format!(" \t{hex}\t "),
    ]
    .into_iter()
    .enumerate()
    {
        let bytes = body(&format!("m{n}"), NOON, "Hello")
            .to_string()
            .into_bytes();
        let request = app
            .webhook(&bytes)
            .header("x-SIGNATURE", spell(&sign(&bytes)));
        assert_eq!(app.send(request).await.status, 200);
    }
}

async fn every_byte_of_the_body_is_signed(app: App) {
    let bytes = body("m1", NOON, "Hello").to_string().into_bytes();
    let mut changed = bytes.clone();
    changed.push(b'\n');
    let request = app.webhook(&changed).header("X-Signature", sign(&bytes));
    assert_eq!(app.send(request).await.status, 401);
    // The same bytes, signed as they are, are fine: JSON may end in a newline.
    assert_eq!(app.deliver_bytes(&changed).await.status, 200);
}

async fn what_is_not_signed_is_not_looked_into(app: App) {
    for bytes in [&b"not json"[..], b"{}", b"\xff\xfe", b""] {
        let answer = app.send(app.webhook(bytes)).await;
        assert_eq!(answer.status, 401, "{bytes:?}");
        let typed = app
            .request(Method::POST, "/webhook")
            .header("Content-Type", "text/plain")
            .header("Content-Encoding", "gzip")
            .body(bytes.to_vec());
        assert_eq!(app.send(typed).await.status, 401);
    }
}

async fn every_fault_of_a_message_is_named_at_once(app: App) {
    let answer = app
        .deliver(&json!({
            "message_id": "",
            "from": "919876543210",
            "to": 5,
            "ts": "2025-01-15 10:00:00",
            "text": "x".repeat(4097),
        }))
        .await;
    let faults = answer.faults();
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        ["#/message_id", "#/from", "#/to", "#/ts", "#/text"]
    );
    assert_eq!(faults[0].1, "must be 1 to 255 characters long, but has 0");
    assert_eq!(faults[2].1, "must be a text, but is a number");
    assert_eq!(
        faults[4].1,
        "must be at most 4096 characters long, but has 4097"
    );
    assert!(
        !answer.text.contains("919876543210"),
        "a private value is repeated"
    );
    let series = "webhook_requests_total{result=\"validation_error\"}";
    assert_eq!(app.metric(series).await, 1);
    assert_eq!(app.get("/messages").await.json()["total"], 0);
}

async fn what_is_no_message_is_422_and_never_500(app: App) {
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
    let nul = body("m", NOON, "a\0b").to_string();
    for bytes in [
        &b""[..],
        b"null",
        b"[]",
        b"\"m\"",
        b"{",
        b"{\"message_id\":",
        b"\xef\xbb\xbf{}",
        b"{\"message_id\":\"a\",\"message_id\":\"b\"}",
        b"{\"text\":\"\\ud800\"}",
        b"{\"other\":\"\\udc00\\ud800\"}",
        b"{\"text\":\"\xff\"}",
        b"{\"other\":1e999}",
        b"{\"other\":1,\"other\":2}",
        b"{\"other\":{\"\\u0000\":1}}",
        deep.as_bytes(),
        nul.as_bytes(),
    ] {
        let answer = app.deliver_bytes(bytes).await;
        assert_eq!(
            answer.status,
            422,
            "{}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
        );
        assert!(!answer.faults().is_empty());
    }
}

async fn instants_come_back_in_utc_without_padding(app: App) {
    for (n, (sent, back)) in [
        ("2025-12-07T10:30:00Z", "2025-12-07T10:30:00Z"),
        ("2025-12-07T16:00:00.250+05:30", "2025-12-07T10:30:00.25Z"),
        (
            "2025-12-07T10:30:00.1234567Z",
            "2025-12-07T10:30:00.123456Z",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("m{n}");
        app.delivered(&body(&id, sent, "")).await;
        assert_eq!(app.get(&format!("/messages/{id}")).await.json()["ts"], back);
    }
}

async fn a_message_may_have_no_text_and_unknown_members(app: App) {
    let mut message = body("m1", NOON, "");
    message["text"] = json!(null);
    message["media"] = json!({"url": ["x"], "from": "+0"});
    app.delivered(&message).await;
    assert_eq!(app.get("/messages/m1").await.json()["text"], json!(null));
    let absent = json!({"message_id": "m2", "from": "+12", "to": "+13", "ts": NOON});
    app.delivered(&absent).await;
    assert_eq!(app.get("/messages/m2").await.json()["text"], json!(null));
}

async fn a_text_is_counted_in_characters(app: App) {
    app.delivered(&body("emoji", NOON, &"😀".repeat(4096)))
        .await;
    // Escaped, the same text takes twelve bytes a character, and still fits.
    let escaped = body("escaped", NOON, "TEXT")
        .to_string()
        .replace("TEXT", &"\\ud83d\\ude00".repeat(4096));
    assert_eq!(app.deliver_bytes(escaped.as_bytes()).await.status, 200);
    let too_long = app.deliver(&body("longer", NOON, &"😀".repeat(4097))).await;
    assert_eq!(too_long.status, 422);
}

async fn a_body_that_is_declared_not_to_be_json_is_refused(app: App) {
    let bytes = body("m1", NOON, "Hello").to_string().into_bytes();
    let typed = |content_type: &str| {
        app.request(Method::POST, "/webhook")
            .header("X-Signature", sign(&bytes))
            .header("Content-Type", content_type)
            .body(bytes.clone())
    };
    for other in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "nonsense",
    ] {
        let answer = app.send(typed(other)).await;
        assert_eq!(answer.status, 415, "{other}");
        assert_eq!(answer.header("accept"), Some("application/json"));
    }
    let zipped = app
        .send(typed("application/json").header("Content-Encoding", "gzip"))
        .await;
    assert_eq!(zipped.status, 415);
    let series = "webhook_requests_total{result=\"unsupported_media_type\"}";
    assert_eq!(app.metric(series).await, 4);
    for json in [
        "application/json; charset=utf-8",
        "application/json ; charset=utf-8",
        "application/cloudevents+json",
        "text/json",
    ] {
        assert_eq!(app.send(typed(json)).await.status, 200, "{json}");
    }
    let untyped = app
        .request(Method::POST, "/webhook")
        .header("X-Signature", sign(&bytes))
        .body(bytes.clone());
    assert_eq!(app.send(untyped).await.status, 200);
}

async fn a_body_that_is_too_large_is_refused_before_its_signature_is_looked_at(app: App) {
    let huge = vec![b'x'; 64 * 1024 + 1];
    let answer = app.send(app.webhook(&huge)).await;
    assert_eq!(answer.status, 413);
    // As large as may be, it is read, and then not signed.
    assert_eq!(app.send(app.webhook(&huge[1..])).await.status, 401);
    // Said to be huge, it is not read at all.
    let announced = "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n";
    assert!(
        app.raw(announced.as_bytes())
            .await
            .starts_with("HTTP/1.1 413 ")
    );
    // Without a length, it is counted.
    let mut chunked =
        b"POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..17 {
        chunked.extend_from_slice(b"1000\r\n");
        chunked.extend_from_slice(&[b'x'; 0x1000]);
        chunked.extend_from_slice(b"\r\n");
    }
    assert!(app.raw(&chunked).await.starts_with("HTTP/1.1 413 "));
    let series = "webhook_requests_total{result=\"payload_too_large\"}";
    assert_eq!(app.metric(series).await, 3);
}

async fn a_body_in_chunks_is_as_good_as_any(app: App) {
    let bytes = body("chunks", NOON, "Hello").to_string();
    let (first, second) = bytes.split_at(10);
    let request = format!(
        "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Signature: {}\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        sign(bytes.as_bytes()),
        first.len(),
        second.len(),
    );
    assert!(
        app.raw(request.as_bytes())
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    assert_eq!(app.get("/messages/chunks").await.status, 200);
}

scenarios! {
    a_signed_message_is_stored_and_read_back
    the_same_message_again_is_thanked_and_not_stored
    a_message_that_comes_again_is_counted
    a_different_message_under_a_known_id_is_thanked_recorded_and_shown
    of_64_deliveries_at_once_one_creates_and_all_are_thanked
    a_missing_and_a_wrong_signature_are_answered_alike
    a_second_signature_header_or_one_that_is_not_ascii_is_refused
    the_usual_spellings_of_a_signature_are_accepted
    every_byte_of_the_body_is_signed
    what_is_not_signed_is_not_looked_into
    every_fault_of_a_message_is_named_at_once
    what_is_no_message_is_422_and_never_500
    instants_come_back_in_utc_without_padding
    a_message_may_have_no_text_and_unknown_members
    a_text_is_counted_in_characters
    a_body_that_is_declared_not_to_be_json_is_refused
    a_body_that_is_too_large_is_refused_before_its_signature_is_looked_at
    a_body_in_chunks_is_as_good_as_any
}
