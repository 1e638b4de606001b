//! Sources: each has its own path, its own secrets, and its own ids.

use std::sync::Arc;

use countersign_core::{Clock, KeyLabel, SourceName, Sources};
use countersign_hmac::{Scheme, SigningKey, SourceConfig, Tolerance};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    app::{Answer, App, PARTNERS_SECRET, SECRET, body, sign_with},
    scenarios,
};
use crate::{fixture::at, store::Store};

const NOON: &str = "2025-01-15T10:00:00Z";

async fn post(app: &App, path: &str, body: &Value, secret: &str) -> Answer {
    let bytes = serde_json::to_vec(body).unwrap();
    let request = app
        .request(Method::POST, path)
        .header("Content-Type", "application/json")
        .header("X-Signature", sign_with(secret, &bytes))
        .body(bytes);
    app.send(request).await
}

async fn delivered(app: &App, path: &str, body: &Value, secret: &str) -> Answer {
    let answer = post(app, path, body, secret).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

async fn the_ids_of_one_source_never_collide_with_anothers(app: App) {
    app.delivered(&body("m1", NOON, "of the default source"))
        .await;
    let theirs = body("m1", NOON, "of the partner");
    let first = delivered(&app, "/webhook/partner", &theirs, PARTNERS_SECRET).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = delivered(&app, "/webhook/partner", &theirs, PARTNERS_SECRET).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(app.get("/conflicts").await.json()["total"], 0);

    let page = app.get("/messages").await.json();
    assert_eq!(page["total"], 2);
    // Of the same instant and id, the default source's comes first; it says nothing of its source.
    assert_eq!(page["data"][0]["text"], "of the default source");
    assert_eq!(page["data"][0].get("source"), None);
    assert_eq!(page["data"][1]["source"], "partner");

    let ours = app.get("/messages/m1").await.json();
    assert_eq!(ours["text"], "of the default source");
    let found = app.get("/messages/m1?source=partner").await.json();
    assert_eq!(found["text"], "of the partner");
    assert_eq!(found["duplicates"]["count"], 1);
    assert_eq!(ours["duplicates"]["count"], 0);
    assert_eq!(app.get("/messages/m1?source=nobody").await.status, 404);
    assert_eq!(app.get("/messages/m1?source=No").await.status, 422);

    // A walk stops between the two and finds the other.
    let one = app.get("/messages?limit=1").await.json();
    let cursor = one["next_cursor"].as_str().unwrap();
    let rest = app.get(&format!("/messages?cursor={cursor}")).await.json();
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    assert_eq!(rest["data"][0]["source"], "partner");
    let newest = app.get("/messages?limit=1&order=desc").await.json();
    let cursor = newest["next_cursor"].as_str().unwrap();
    let rest = app
        .get(&format!("/messages?order=desc&cursor={cursor}"))
        .await
        .json();
    assert_eq!(rest["data"][0]["text"], "of the default source");
}

async fn conflicts_are_a_matter_within_a_source(app: App) {
    for text in ["first", "second"] {
        delivered(
            &app,
            "/webhook/partner",
            &body("m1", NOON, text),
            PARTNERS_SECRET,
        )
        .await;
    }
    app.delivered(&body("m1", NOON, "third")).await;
    let conflicts = app.get("/conflicts").await.json();
    assert_eq!(conflicts["total"], 1);
    assert_eq!(conflicts["data"][0]["source"], "partner");
    assert_eq!(conflicts["data"][0]["text"], "second");
    let theirs = app.get("/messages/m1?source=partner").await.json();
    assert_eq!(theirs["conflicts"].as_array().unwrap().len(), 1);
    let ours = app.get("/messages/m1").await.json();
    assert_eq!(ours["conflicts"], json!([]));
}

async fn a_source_is_signed_for_with_its_own_secret(app: App) {
    let message = body("m1", NOON, "Hello");
    for (path, secret) in [
        ("/webhook", PARTNERS_SECRET),
        ("/webhook/partner", SECRET),
        ("/webhook/default", PARTNERS_SECRET),
    ] {
        let answer = post(&app, path, &message, secret).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.text, r#"{"detail":"invalid signature"}"#);
    }
    // The default source has a name, too.
    delivered(&app, "/webhook/default", &message, SECRET).await;
    assert_eq!(app.get("/messages/m1").await.status, 200);
}

async fn a_source_that_is_not_configured_is_not_there(app: App) {
    for path in ["/webhook/nobody", "/webhook/PARTNER", "/webhook/partner%20"] {
        let answer = post(&app, path, &body("m1", NOON, "Hello"), SECRET).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(app.get("/messages").await.json()["total"], 0);
    let rejections = app.get("/rejections?reason=unknown_source").await.json();
    assert_eq!(rejections["total"], 3);
    // Newest first: only a name that could be one is shown.
    let names = rejections["data"].as_array().unwrap();
    let names: Vec<&Value> = names.iter().map(|rejection| &rejection["source"]).collect();
    assert_eq!(names, [&Value::Null, &Value::Null, &json!("nobody")]);
}

async fn what_a_key_vouched_for_can_be_listed(app: App) {
    app.set_clock(at("2025-06-01T12:00:00Z"));
    app.delivered(&body("old", NOON, "Hello")).await;
    app.set_clock(at("2025-06-02T12:00:00Z"));
    // Its `ts` claims to be old; when it was received is what counts for a leak.
    app.delivered(&body("new", "2020-01-01T00:00:00Z", "Hello"))
        .await;
    delivered(
        &app,
        "/webhook/partner",
        &body("theirs", NOON, "Hello"),
        PARTNERS_SECRET,
    )
    .await;

    assert_eq!(
        app.get("/messages/new").await.json()["verified_by"],
        "current"
    );
    for (query, ids) in [
        ("verified_by=current", vec!["new", "old", "theirs"]),
        ("verified_by=previous", vec![]),
        ("source=default", vec!["new", "old"]),
        ("source=partner&verified_by=current", vec!["theirs"]),
        ("received_since=2025-06-02T00:00:00Z", vec!["new", "theirs"]),
        ("received_before=2025-06-02T00:00:00Z", vec!["old"]),
        (
            "source=default&verified_by=current&received_since=2025-06-02T00:00:00Z",
            vec!["new"],
        ),
    ] {
        let answer = app.get(&format!("/messages?{query}")).await;
        assert_eq!(answer.ids(), ids, "{query}");
        assert_eq!(answer.json()["total"], ids.len(), "{query}");
        let mut arrived = app
            .get(&format!("/messages?after_seq=0&{query}"))
            .await
            .ids();
        arrived.sort();
        assert_eq!(arrived, ids, "{query}, by arrival");
    }
    let faults = app
        .get("/messages?source=A&verified_by=%20&received_since=x&received_before=y")
        .await
        .faults();
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    let all = [
        "#/source",
        "#/verified_by",
        "#/received_since",
        "#/received_before",
    ];
    assert_eq!(pointers, all);
    let counted = "webhook_signature_key_total{key=\"current\",source=\"partner\"}";
    assert_eq!(app.metric(counted).await, 1);
}

async fn a_conflict_may_be_refused_without_a_word_of_what_is_there(store: Store) {
    let app = App::configured(store, |config, _| config.refuse_conflicts = true).await;
    app.delivered(&body("m1", NOON, "the first")).await;
    let repeat = app.delivered(&body("m1", NOON, "the first")).await;
    assert_eq!(repeat.header("idempotent-replayed"), Some("true"));
    let refused = app.deliver(&body("m1", NOON, "the second")).await;
    assert_eq!(refused.status, 409);
    assert!(!refused.text.contains("first") && !refused.text.contains("second"));
    let detail = app.get("/messages/m1").await.json();
    assert_eq!(detail["text"], "the first");
    assert_eq!(detail["conflicts"][0]["text"], "the second");
    let counted = "webhook_requests_total{result=\"conflict\"}";
    assert_eq!(app.metric(counted).await, 1);
    let rejections = app.get("/rejections?reason=conflict").await.json();
    assert_eq!(rejections["data"][0]["status"], 409);
}

async fn without_a_default_source_its_path_is_not_there(store: Store) {
    let app = App::configured(store, |config, _| {
        let mut sources = Sources::clone(&config.inbox.sources());
        sources.remove(&SourceName::default());
        config.inbox.replace_sources(sources);
    })
    .await;
    let message = body("m1", NOON, "");
    assert_eq!(app.deliver(&message).await.status, 404);
    delivered(&app, "/webhook/partner", &message, PARTNERS_SECRET).await;
}

async fn every_source_says_how_it_signs_as_it_is_now(store: Store) {
    let mut inbox = None;
    let app = App::configured(store, |config, clock| {
        let clock: Arc<dyn Clock> = clock.clone();
        inbox = Some((config.inbox.clone(), clock));
    })
    .await;
    let (inbox, clock) = inbox.unwrap();
    let of = |name: &str, path: &str| {
        json!({
            "name": name, "path": path, "scheme": "generic", "signature_header": "X-Signature",
            "tolerance_seconds": null,
            "keys": [{"label": "current", "until": null, "state": "active"}],
        })
    };
    let both = json!({"data": [of("default", "/webhook"), of("partner", "/webhook/partner")]});
    assert_eq!(app.get("/sources").await.json(), both);

    // One that is read again. It sorts before the default source's name, and comes behind it.
    let key = |label: &str, secret: &str, expires_at: Option<&str>| SigningKey {
        label: KeyLabel::try_from(label).unwrap(),
        secret: secret.into(),
        expires_at: expires_at.map(at),
    };
    let end = "2025-06-01T12:00:01Z";
    let configured = [
        (
            "acme",
            Scheme::Slack,
            vec![key("2025-06", PARTNERS_SECRET, None)],
        ),
        (
            "default",
            Scheme::Generic,
            vec![key("new", "another", None), key("old", SECRET, Some(end))],
        ),
    ]
    .map(|(name, scheme, keys)| SourceConfig {
        name: SourceName::try_from(name).unwrap(),
        scheme,
        tolerance: Tolerance::try_from(60).unwrap(),
        keys,
    });
    inbox.replace_sources(countersign_hmac::sources(configured.into(), &clock).unwrap());
    let now = |state: &str| {
        json!({"data": [
            {
                "name": "default", "path": "/webhook", "scheme": "generic",
                "signature_header": "X-Signature", "tolerance_seconds": null,
                "keys": [
                    {"label": "new", "until": null, "state": "active"},
                    {"label": "old", "until": end, "state": state},
                ],
            },
            {
                "name": "acme", "path": "/webhook/acme", "scheme": "slack",
                "signature_header": "X-Slack-Signature", "tolerance_seconds": 60,
                "keys": [{"label": "2025-06", "until": null, "state": "active"}],
            },
        ]})
    };
    // What it says of the old key is what becomes of it.
    for (at_instant, state, status) in [
        ("2025-06-01T12:00:00.999999Z", "active", 200),
        (end, "expired", 401),
    ] {
        app.set_clock(at(at_instant));
        let listed = app.get("/sources").await;
        assert_eq!(listed.json(), now(state));
        for secret in [SECRET, PARTNERS_SECRET, "another"] {
            assert!(!listed.text.contains(secret));
        }
        assert_eq!(app.deliver(&body("m1", NOON, "")).await.status, status);
    }
}

scenarios! {
    the_ids_of_one_source_never_collide_with_anothers
    conflicts_are_a_matter_within_a_source
    a_source_is_signed_for_with_its_own_secret
    a_source_that_is_not_configured_is_not_there
    what_a_key_vouched_for_can_be_listed
}

mod configured {
    super::scenarios! {
        over stores:
        a_conflict_may_be_refused_without_a_word_of_what_is_there
        without_a_default_source_its_path_is_not_there
        every_source_says_how_it_signs_as_it_is_now
    }
    use super::{
        a_conflict_may_be_refused_without_a_word_of_what_is_there,
        every_source_says_how_it_signs_as_it_is_now,
        without_a_default_source_its_path_is_not_there,
    };
}
