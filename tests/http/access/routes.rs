//! Every route over a real socket, and what every answer says to browsers.

use countersign_http::access::{Class, Reads};
use reqwest::Method;

use super::{
    Answer, App, PAGES, TOKEN, app, ask, expected_class, guarded, headers, open, operations, routes,
};
use crate::http::app::body;

#[tokio::test]
async fn every_route_over_a_socket() {
    let token = format!("Bearer {TOKEN}");
    let (open, guarded) = (open().await, guarded().await);
    let pages = PAGES.map(|page| (Method::GET, page.to_owned()));
    for (method, path) in operations().into_iter().chain(pages) {
        let class = expected_class(&path);
        // Without a body to read, a stream would not end.
        let method = if path.ends_with("/live") && class == Class::Read {
            Method::HEAD
        } else {
            method
        };
        let is_refused = |answer: &Answer| [401, 403].contains(&answer.status.as_u16());
        // A webhook's 401 is about its signature.
        if path.starts_with("/webhook") || method == Method::POST {
            continue;
        }
        for (pairs, served) in [
            (&[][..], true),
            (&[("Host", "localhost")], true),
            (&[("Host", "attacker.example")], class == Class::Open),
            (&[("X-Forwarded-For", "127.0.0.1")], class == Class::Open),
            (&[("Forwarded", "for=127.0.0.1")], class == Class::Open),
        ] {
            let answer = ask(&open, &method, &path, pairs).await;
            assert_eq!(
                !is_refused(&answer),
                served,
                "{method} {path} {pairs:?}: {answer:?}"
            );
            assert!(served || answer.status == 403);
        }
        for (pairs, served) in [
            (&[][..], class != Class::Read),
            (&[("Authorization", "Bearer wrong")], class != Class::Read),
            (&[("Authorization", token.as_str())], true),
            (
                &[
                    ("Authorization", token.as_str()),
                    ("Host", "attacker.example"),
                    ("X-Forwarded-For", "203.0.113.7"),
                ],
                true,
            ),
            (&[("X-Forwarded-For", "127.0.0.1")], class == Class::Open),
        ] {
            let answer = ask(&guarded, &method, &path, pairs).await;
            assert_eq!(
                !is_refused(&answer),
                served,
                "{method} {path} {pairs:?}: {answer:?}"
            );
            assert!(served || answer.status == 401);
        }
    }
    // What no router knows is told to nobody else, either.
    for path in ["/nowhere", "/messages/m/x", "/stats/", "//messages"] {
        assert_eq!(
            ask(&guarded, &Method::GET, path, &[]).await.status,
            401,
            "{path}"
        );
        assert_eq!(
            ask(&open, &Method::GET, path, &[]).await.status,
            404,
            "{path}"
        );
    }
    // A webhook and a probe come from wherever they come.
    for app in [&open, &guarded] {
        let from_afar = app.webhook(b"{}").headers(headers(&[
            ("X-Forwarded-For", "203.0.113.7"),
            ("Host", "hooks.example.com"),
        ]));
        let answer = app.send(from_afar).await;
        assert_eq!(answer.text, r#"{"detail":"invalid signature"}"#);
        app.delivered(&body("m", "2025-01-01T00:00:00Z", "")).await;
    }
}

#[tokio::test]
async fn whoever_is_refused_is_told_what_to_do() {
    let app = open().await;
    let refused = ask(
        &app,
        &Method::GET,
        "/messages",
        &[("Host", "canary.attacker.example")],
    )
    .await;
    assert_eq!(refused.status, 403);
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    for word in [
        "READ_TOKEN",
        "READ_TOKEN_FILE",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXIES",
        "localhost",
        "ssh -L",
        "the Host of this request",
    ] {
        assert!(detail.contains(word), "{word} in {detail}");
    }
    assert!(!refused.text.contains("canary"), "{refused:?}");
    let forwarded = ask(&app, &Method::GET, "/stats", &[("Via", "1.1 canary")]).await;
    assert!(forwarded.text.contains("a proxy or a tunnel") && !forwarded.text.contains("canary"));

    let guarded = guarded().await;
    let refused = ask(&guarded, &Method::GET, "/messages", &[]).await;
    let challenges: Vec<_> = refused.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(
        challenges,
        [
            "Bearer realm=\"countersign\"",
            "Basic realm=\"countersign\", charset=\"UTF-8\""
        ]
    );
    let by_a_page = [("Sec-Fetch-Mode", "cors")];
    let refused = ask(&guarded, &Method::GET, "/messages", &by_a_page).await;
    let challenges: Vec<_> = refused.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["Bearer realm=\"countersign\""]);
    // Counted where it was asked for.
    let series = "http_requests_total{path=\"/messages\",status=\"401\"}";
    assert_eq!(guarded.metric(series).await, 2);
}

#[tokio::test]
async fn hosts_as_they_are_written_on_the_wire() {
    let app = open().await;
    let status = async |head: &str| {
        let answer = app.raw(format!("{head}\r\n\r\n").as_bytes()).await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    for (head, expected) in [
        ("GET /stats HTTP/1.1\r\nHost: localhost", "200"),
        ("GET /stats HTTP/1.1\r\nHost:   [::1]:99  ", "200"),
        ("GET /stats HTTP/1.1\r\nHost: rebind.example", "403"),
        ("GET /stats HTTP/1.0", "403"),
        ("GET /stats HTTP/1.1\r\nHost:", "403"),
        (
            "GET http://localhost/stats HTTP/1.1\r\nHost: localhost",
            "200",
        ),
        (
            "GET http://rebind.example/stats HTTP/1.1\r\nHost: localhost",
            "403",
        ),
        (
            "GET http://localhost/stats HTTP/1.1\r\nHost: rebind.example",
            "403",
        ),
        ("GET /metrics HTTP/1.1\r\nHost: api:8000", "200"),
        ("GET http://api:8000/metrics HTTP/1.0", "200"),
        ("GET /%73tats HTTP/1.1\r\nHost: rebind.example", "403"),
        (
            "GET /webhook/../stats HTTP/1.1\r\nHost: rebind.example",
            "403",
        ),
        ("GET /ui/../stats HTTP/1.1\r\nHost: rebind.example", "404"),
    ] {
        assert_eq!(status(head).await, expected, "{head}");
    }
    for twice in [
        "GET /stats HTTP/1.1\r\nHost: localhost\r\nHost: localhost",
        "GET /stats HTTP/1.1\r\nHost: localhost\r\nhost: rebind.example",
    ] {
        // Refused by us, or before us.
        assert!(
            ["400", "403"].contains(&status(twice).await.as_str()),
            "{twice}"
        );
    }
}

/// What `X-Forwarded-For` says is believed of a trusted proxy only, and the Host still counts.
#[tokio::test]
async fn forwarded_for() {
    let status = async |app: &App, pairs: &[(&str, &str)]| {
        ask(app, &Method::GET, "/messages", pairs)
            .await
            .status
            .as_u16()
    };
    let spoofed = [("X-Forwarded-For", "127.0.0.1")];
    assert_eq!(status(&open().await, &spoofed).await, 403);
    let trusting =
        app(|_| Reads::default().with_trusted_proxies(vec!["127.0.0.1".parse().unwrap()])).await;
    for (forwarded_for, expected) in [
        ("192.168.1.7", 200),
        ("203.0.113.7", 403),
        ("127.0.0.1, 203.0.113.7", 403),
        ("192.168.1.7, unknown", 403),
        ("203.0.113.7, 192.168.1.7", 200),
    ] {
        let pairs = [("X-Forwarded-For", forwarded_for)];
        assert_eq!(status(&trusting, &pairs).await, expected, "{forwarded_for}");
    }
    let elsewhere = [
        ("X-Forwarded-For", "192.168.1.7"),
        ("Host", "attacker.example"),
    ];
    assert_eq!(status(&trusting, &elsewhere).await, 403);
    assert_eq!(status(&trusting, &[]).await, 200);
}

/// On every answer, whatever became of the request.
#[tokio::test]
async fn browsers_are_held_back() {
    let app = open().await;
    let streams = ["/messages/live", "/rejections/live"];
    let all = routes().into_iter();
    let all = all.filter(|path| !streams.contains(&path.as_str()));
    for path in all.chain(["/nowhere".to_owned()]) {
        for pairs in [&[][..], &[("Host", "attacker.example")]] {
            let answer = ask(&app, &Method::GET, &path, pairs).await;
            let header = |name| answer.header(name).unwrap_or_default();
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
            assert_eq!(
                header("cross-origin-resource-policy"),
                "same-origin",
                "{path}"
            );
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
            assert!(
                policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert!(
                !answer
                    .headers
                    .keys()
                    .any(|name| name.as_str().starts_with("access-control"))
            );
            let is_page = answer.status == 200 && (path == "/docs" || path.starts_with("/ui"));
            assert_eq!(
                header("cross-origin-opener-policy") == "same-origin",
                is_page,
                "{path}"
            );
            assert_eq!(
                header("permissions-policy").contains("camera=()"),
                is_page,
                "{path}"
            );
            if !is_page && path != "/openapi.json" {
                assert_eq!(header("cache-control"), "no-store", "{path}");
                assert_eq!(
                    policy, "default-src 'none'; frame-ancestors 'none'",
                    "{path}"
                );
            }
        }
    }
    let docs = app.get("/docs").await;
    let policy = docs.header("content-security-policy").unwrap_or_default();
    assert_eq!(policy.matches("'sha256-").count(), 3, "{policy}");
    let etag = docs.header("etag").expect("an ETag");
    let again = ask(&app, &Method::GET, "/docs", &[("If-None-Match", etag)]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}

/// It could not read the answer, but see how long that takes: `?q=…&wait=…` answers at once where
/// there is something.
#[tokio::test]
async fn a_page_of_another_site_makes_no_browser_ask() {
    let guarded = guarded().await;
    let open = open().await;
    let token = format!("Bearer {TOKEN}");
    for (app, own) in [
        (&open, None),
        (&guarded, Some(("Authorization", token.as_str()))),
    ] {
        for path in [
            "/messages?after_seq=0&q=a",
            "/messages/live",
            "/stats",
            "/stats/timeline",
            "/rejections",
            "/rejections/live",
            "/sources",
            "/stats/server",
            "/metrics",
        ] {
            for (foreign, refused) in [
                (("Sec-Fetch-Site", "cross-site"), true),
                (("Sec-Fetch-Site", "same-site"), true),
                (("Origin", "https://attacker.example"), true),
                (("Origin", "null"), true),
                (("Sec-Fetch-Site", "same-origin"), false),
                (("Sec-Fetch-Site", "none"), false),
            ] {
                // Streams have no end.
                if path.ends_with("/live") && !refused {
                    continue;
                }
                let headers: Vec<_> = own.into_iter().chain([foreign]).collect();
                let answer = ask(app, &Method::GET, path, &headers).await;
                let expected = if refused { 403 } else { 200 };
                assert_eq!(answer.status, expected, "{path} {headers:?}");
            }
        }
    }
    // What is open, is open: a link to the dashboard works.
    let link = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
    ];
    for path in ["/ui", "/health/ready", "/docs"] {
        assert_eq!(
            ask(&open, &Method::GET, path, &link).await.status,
            200,
            "{path}"
        );
    }
    let kept = open.get("/rejections?reason=foreign_origin").await.json();
    assert!(kept["total"].as_u64().unwrap() > 0);
}

/// A name that was pointed at this machine has a dot; a scraper's has none, or is an address.
#[tokio::test]
async fn metrics_are_not_for_a_page_that_was_rebound() {
    let app = open().await;
    for (host, status) in [
        ("api:8000", 200),
        ("192.168.1.1:8000", 200),
        ("[fd00::1]:8000", 200),
        ("localhost", 200),
        ("rebind.attacker.example", 403),
        ("localhost.", 403),
    ] {
        let answer = ask(&app, &Method::GET, "/metrics", &[("Host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
}
