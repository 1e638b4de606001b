//! Signing in and out.

use countersign_core::Timestamp;
use countersign_http::access::Reads;
use reqwest::Method;
use serde_json::json;

use super::{Answer, App, TOKEN, app, ask, guarded, headers, open, with_token};
use crate::fixture::at;

fn sign_in(app: &App, token: &str, pairs: &[(&str, &str)]) -> reqwest::RequestBuilder {
    app.request(Method::POST, "/session")
        .json(&json!({"token": token}))
        .headers(headers(pairs))
}

/// The cookie's value, and its attributes.
fn cookie(answer: &Answer) -> (String, Vec<String>) {
    let cookie = answer.header("set-cookie").expect("a cookie");
    let mut parts = cookie.split("; ").map(str::to_owned);
    let pair = parts.next().unwrap_or_default();
    let value = pair.strip_prefix("countersign_session=").expect("its name");
    (value.to_owned(), parts.collect())
}

#[tokio::test]
async fn a_session_from_its_beginning_to_its_end() {
    let app = guarded().await;
    let state =
        async |pairs: &[(&str, &str)]| ask(&app, &Method::GET, "/session", pairs).await.json();
    assert_eq!(
        state(&[]).await,
        json!({"token_required": true, "signed_in": false})
    );

    let opened = app.send(sign_in(&app, TOKEN, &[])).await;
    assert_eq!((opened.status.as_u16(), opened.text.as_str()), (204, ""));
    let (session, attributes) = cookie(&opened);
    assert_eq!(
        attributes,
        ["Path=/", "Max-Age=604800", "HttpOnly", "SameSite=Strict"]
    );
    assert!(!session.contains(TOKEN));
    let shown = format!("countersign_session={session}");
    let shown = [("Cookie", shown.as_str())];
    assert_eq!(
        ask(&app, &Method::GET, "/messages", &shown).await.status,
        200
    );
    assert_eq!(state(&shown).await["signed_in"], true);

    app.set_clock(at("2025-06-08T11:59:59Z"));
    assert_eq!(
        ask(&app, &Method::GET, "/messages", &shown).await.status,
        200
    );
    app.set_clock(at("2025-06-08T12:00:00Z"));
    assert_eq!(
        ask(&app, &Method::GET, "/messages", &shown).await.status,
        401
    );
    assert_eq!(state(&shown).await["signed_in"], false);
    app.set_clock(Timestamp::MAX);
    assert_eq!(app.send(sign_in(&app, TOKEN, &[])).await.status, 204);

    let closed = ask(&app, &Method::DELETE, "/session", &[]).await;
    assert_eq!(closed.status, 204);
    let (nothing, attributes) = cookie(&closed);
    assert_eq!(nothing, "");
    assert!(
        attributes.contains(&"Max-Age=0".to_owned()),
        "{attributes:?}"
    );
}

#[tokio::test]
async fn no_session_without_the_token() {
    let app = guarded().await;
    for wrong in ["x", "canary-read-token-7f3", "canary-read-token-7f3a "] {
        let refused = app.send(sign_in(&app, wrong, &[])).await;
        assert_eq!(refused.status, 401, "{wrong}");
        assert!(refused.header("set-cookie").is_none());
        assert!(refused.header("www-authenticate").is_some());
    }
    let post = |content_type: &str, body: &str| {
        app.request(Method::POST, "/session")
            .header("Content-Type", content_type.to_owned())
            .body(body.to_owned())
    };
    let good = json!({"token": TOKEN}).to_string();
    let twice = format!(r#"{{"token":"{TOKEN}","token":"{TOKEN}"}}"#);
    let long = json!({"token": "x".repeat(4097)}).to_string();
    let huge = json!({"token": "x".repeat(20_000)}).to_string();
    for (content_type, body, status) in [
        ("application/json; charset=utf-8", good.as_str(), 204),
        ("text/plain", &good, 415),
        ("application/x-www-form-urlencoded", &good, 415),
        ("", &good, 415),
        ("application/json", "", 422),
        ("application/json", "{}", 422),
        ("application/json", "null", 422),
        ("application/json", r#"{"token":""}"#, 422),
        ("application/json", r#"{"token":["canary"]}"#, 422),
        ("application/json", &twice, 422),
        ("application/json", &long, 422),
        ("application/json", &huge, 413),
    ] {
        let answer = app.send(post(content_type, body)).await;
        assert_eq!(answer.status, status, "{content_type} {body:.60}");
        assert!(!answer.text.contains("canary"), "{answer:?}");
    }
    let none = open().await;
    let nothing = none.send(sign_in(&none, TOKEN, &[])).await;
    assert_eq!(nothing.status, 404);
    assert!(nothing.text.contains("without READ_TOKEN"), "{nothing:?}");
    let state = none.get("/session").await.json();
    assert_eq!(state, json!({"token_required": false, "signed_in": false}));
}

#[tokio::test]
async fn only_the_servers_own_pages_sign_in_and_out() {
    let app = guarded().await;
    let own = format!("http://{}", app.address);
    for (pairs, allowed) in [
        (
            &[("Sec-Fetch-Site", "same-origin"), ("Origin", own.as_str())][..],
            true,
        ),
        (&[("Origin", own.as_str())], true),
        // A proxy that speaks TLS has changed the Host.
        (
            &[
                ("Sec-Fetch-Site", "same-origin"),
                ("Origin", "https://inbox.example.com"),
            ],
            true,
        ),
        (&[("Origin", "https://attacker.example")], false),
        (&[("Origin", "null")], false),
        (&[("Origin", "http://127.0.0.1:1")], false),
        (
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", own.as_str())],
            false,
        ),
        (&[("Sec-Fetch-Site", "same-site")], false),
        (&[("Sec-Fetch-Site", "none")], false),
    ] {
        let opened = app.send(sign_in(&app, TOKEN, pairs)).await;
        assert_eq!(opened.status, if allowed { 204 } else { 403 }, "{pairs:?}");
        let closed = ask(&app, &Method::DELETE, "/session", pairs).await;
        assert_eq!(closed.status, if allowed { 204 } else { 403 }, "{pairs:?}");
    }
    for method in [Method::OPTIONS, Method::PUT] {
        for path in ["/session", "/ui", "/docs"] {
            let origin = [("Origin", "https://attacker.example")];
            let answer = ask(&app, &method, path, &origin).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(
                !answer
                    .headers
                    .keys()
                    .any(|name| name.as_str().starts_with("access-control"))
            );
        }
    }
}

#[tokio::test]
async fn a_cookie_is_for_tls_only_where_a_trusted_proxy_says_so() {
    let behind_proxy = |proxies: &'static [&'static str]| {
        app(move |clock| {
            let proxies = proxies.iter().map(|proxy| proxy.parse().unwrap());
            with_token(
                Reads::default().with_trusted_proxies(proxies.collect()),
                clock,
            )
        })
    };
    let https = [
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-For", "203.0.113.7"),
    ];
    for (proxies, pairs, secure) in [
        (&["127.0.0.1"][..], &https[..], true),
        (&["127.0.0.0/8"], &https[..1], true),
        (&["127.0.0.1"], &[("X-Forwarded-Proto", "http")], false),
        (&["127.0.0.1"], &[], false),
        (&["10.0.0.1"], &https, false),
        (&[], &https, false),
    ] {
        let app = behind_proxy(proxies).await;
        let (_, attributes) = cookie(&app.send(sign_in(&app, TOKEN, pairs)).await);
        assert_eq!(
            attributes.contains(&"Secure".to_owned()),
            secure,
            "{proxies:?} {pairs:?}"
        );
    }
}
