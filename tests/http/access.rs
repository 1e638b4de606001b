//! Who may read: the rules by themselves for every peer, and the routes over a real socket.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_core::Timestamp;
use countersign_hmac::SharedReadToken;
use countersign_http::{
    LiveOptions,
    access::{AllowedHost, Asked, Class, Reads, Refused, Rule, TrustedProxy},
};
use countersign_memory::{ManualClock, MemoryRepository};
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use super::app::{Answer, App, body};
use crate::fixture::at;

const TOKEN: &str = "canary-read-token-7f3a";
const DOCUMENT: &str = include_str!("../../openapi/openapi.json");
const PAGES: [&str; 5] = ["/ui", "/ui/", "/ui/assets/x.js", "/docs", "/openapi.json"];

/// Every operation of the specification, and what stands for its path's parameters.
fn operations() -> Vec<(Method, String)> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| {
            let method = method.to_uppercase().parse().unwrap();
            (method, path.replace(['{', '}'], ""))
        })
    });
    operations.collect()
}

fn routes() -> Vec<String> {
    let pages = PAGES.into_iter().map(str::to_owned);
    let paths = operations().into_iter().map(|(_, path)| path);
    let all: BTreeSet<String> = paths.chain(pages).collect();
    all.into_iter().collect()
}

/// What the documents promise, written once more and without a look at the code.
fn expected_class(path: &str) -> Class {
    let first = path.split('/').nth(1).unwrap_or_default();
    match first {
        "" | "webhook" | "health" | "session" | "docs" | "openapi.json" | "ui" => Class::Open,
        "metrics" => Class::Metrics,
        _ => Class::Read,
    }
}

#[test]
fn somebody_has_chosen_how_each_route_is_guarded() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for path in document["paths"].as_object().unwrap().keys() {
        let class = Class::named(path);
        assert!(
            class.is_some(),
            "{path} is new: say in access/policy.rs how it is guarded"
        );
        // And the document says so.
        for (method, operation) in document["paths"][path].as_object().unwrap() {
            let guarded = ["401", "403"].iter().all(|status| {
                let answer = &operation["responses"][status];
                answer["content"]["application/problem+json"].is_object()
            });
            let schemes = operation["security"].as_array().map(Vec::len);
            assert!(
                class == Some(Class::Open) || (guarded && schemes == Some(4)),
                "{method} {path}"
            );
        }
    }
    for path in routes() {
        assert_eq!(Class::of(&path), expected_class(&path), "{path}");
        assert!(Class::named(&path).is_some(), "{path}");
    }
    assert_eq!(Class::named("/something-new"), None);
    assert_eq!(Class::of("/something-new"), Class::Read);
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(at("2025-06-01T12:00:00Z")))
}

fn with_token(reads: Reads, clock: Arc<ManualClock>) -> Reads {
    reads.with_token(Arc::new(SharedReadToken::new(TOKEN).unwrap()), clock)
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::try_from(*name).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    headers
}

fn basic(password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("any:{password}"))
    )
}

const PEERS: [(&str, bool); 16] = [
    ("127.0.0.1", true),
    ("127.1.2.3", true),
    ("::1", true),
    ("::ffff:127.0.0.1", true),
    ("10.0.0.9", true),
    ("172.17.0.1", true),
    ("192.168.1.1", true),
    ("169.254.7.7", true),
    ("fd00::1", true),
    ("fe80::1", true),
    ("::ffff:192.168.1.1", true),
    ("203.0.113.7", false),
    ("172.32.0.1", false),
    ("100.64.0.1", false),
    ("2001:db8::1", false),
    ("::ffff:203.0.113.7", false),
];

/// Hosts by which the request comes, and whether `ALLOWED_HOSTS=inbox.example.com,fd00::5` knows
/// all of them.
const HOSTS: [(&[&str], bool); 20] = [
    (&["localhost"], true),
    (&["localhost:8000"], true),
    (&["LocalHost:1"], true),
    (&["127.0.0.1"], true),
    (&["127.0.0.1:8000"], true),
    (&["[::1]"], true),
    (&["[::1]:8000"], true),
    (&["inbox.example.com"], true),
    (&["INBOX.example.com:443"], true),
    (&["[fd00::5]:8000"], true),
    (&[], false),
    (&[""], false),
    (&["rebind.attacker.example"], false),
    (&["rebind.attacker.example:8000"], false),
    (&["localhost.attacker.example"], false),
    (&["inbox.example.com.attacker.example"], false),
    (&["localhost@attacker.example"], false),
    (&["192.168.1.1"], false),
    (&["localhost", "localhost"], false),
    (&["localhost", "attacker.example"], false),
];

/// The trusted proxy of the matrix, which is a private peer itself.
const PROXY: &str = "10.0.0.9";

struct Forwarding {
    headers: &'static [(&'static str, &'static str)],
    /// Whether the client that they name to a server that trusts the proxy is private.
    private: bool,
}

const FORWARDING: [Forwarding; 14] = [
    Forwarding {
        headers: &[],
        private: true,
    },
    Forwarding {
        headers: &[("X-Forwarded-For", "192.168.7.7")],
        private: true,
    },
    Forwarding {
        headers: &[("X-Forwarded-For", "127.0.0.1, 203.0.113.7")],
        private: false,
    },
    Forwarding {
        headers: &[("X-Forwarded-For", "203.0.113.7, 192.168.7.7, 10.0.0.9")],
        private: true,
    },
    Forwarding {
        headers: &[
            ("X-Forwarded-For", "127.0.0.1"),
            ("X-Forwarded-For", "203.0.113.7"),
        ],
        private: false,
    },
    Forwarding {
        headers: &[("X-Forwarded-For", "127.0.0.1, unknown")],
        private: false,
    },
    Forwarding {
        headers: &[("X-Forwarded-For", "")],
        private: false,
    },
    Forwarding {
        headers: &[("Forwarded", "for=127.0.0.1")],
        private: false,
    },
    Forwarding {
        headers: &[("X-Real-IP", "127.0.0.1")],
        private: false,
    },
    Forwarding {
        headers: &[("CF-Connecting-IP", "127.0.0.1")],
        private: false,
    },
    Forwarding {
        headers: &[("True-Client-IP", "127.0.0.1")],
        private: false,
    },
    Forwarding {
        headers: &[("Via", "1.1 tunnel")],
        private: false,
    },
    Forwarding {
        headers: &[("X-Forwarded-Proto", "https")],
        private: false,
    },
    Forwarding {
        headers: &[("X-Forwarded-Anything-New", "1")],
        private: false,
    },
];

/// What is shown, and whether it is the token.
fn credentials() -> Vec<(Vec<(&'static str, String)>, bool)> {
    let session = |token: &str, until: &str| {
        use countersign_core::ReadToken as _;
        let session = SharedReadToken::new(token).unwrap().issue(at(until));
        format!("theme=dark; countersign_session={session}; a=b")
    };
    let good = session(TOKEN, "2025-06-01T12:00:01Z");
    let tampered = good.replace("v1.", "v1.9");
    let authorization = |value: String| vec![("Authorization", value)];
    vec![
        (vec![], false),
        (authorization(format!("Bearer {TOKEN}")), true),
        (authorization(format!("bearer   {TOKEN} ")), true),
        (authorization(basic(TOKEN)), true),
        (vec![("Cookie", good.clone())], true),
        (
            vec![("Cookie", "x=y".to_owned()), ("Cookie", good.clone())],
            true,
        ),
        // A browser that remembers something old sends it along.
        (
            vec![("Authorization", basic("old")), ("Cookie", good.clone())],
            true,
        ),
        (authorization(TOKEN.to_owned()), false),
        (authorization("Bearer".to_owned()), false),
        (authorization("Bearer ".to_owned()), false),
        (authorization(format!("Bearer {TOKEN}x")), false),
        (authorization(format!("Bearer {}", &TOKEN[1..])), false),
        (authorization(format!("Digest {TOKEN}")), false),
        (authorization(basic("")), false),
        (
            authorization(format!("Basic {}", BASE64_STANDARD.encode(TOKEN))),
            false,
        ),
        (authorization("Basic !".to_owned()), false),
        (
            vec![
                ("Authorization", format!("Bearer {TOKEN}")),
                ("Authorization", format!("Bearer {TOKEN}")),
            ],
            false,
        ),
        (vec![("Cookie", tampered)], false),
        (
            vec![(
                "Cookie",
                session("another token of readers", "2025-06-01T12:00:01Z"),
            )],
            false,
        ),
        (
            vec![("Cookie", session(TOKEN, "2025-06-01T12:00:00Z"))],
            false,
        ),
        (
            vec![("Cookie", format!("countersign_session={TOKEN}"))],
            false,
        ),
        (
            vec![("Cookie", good.replace("countersign_session", "other"))],
            false,
        ),
    ]
}

#[test]
fn what_is_shown_counts_wherever_it_comes_from() {
    let reads = with_token(Reads::default(), clock());
    for (shown, is_right) in credentials() {
        let shown: Vec<_> = shown
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        for (peer, _) in PEERS {
            let asked = Asked {
                path: "/messages",
                authority: Some("attacker.example"),
                peer: Some(peer.parse().unwrap()),
                headers: &headers(&shown),
            };
            assert_eq!(reads.check(&asked).is_ok(), is_right, "{shown:?}");
        }
    }
}

/// Every peer with every host and every way to be forwarded, on every route, with and without a
/// token and a trusted proxy, and with the token shown, something else shown, and nothing.
#[test]
fn the_whole_matrix() {
    let settings = || {
        Reads::default().with_allowed_hosts(
            ["inbox.example.com", "fd00::5"]
                .map(|host| host.parse::<AllowedHost>().unwrap())
                .to_vec(),
        )
    };
    let trusting =
        |reads: Reads| reads.with_trusted_proxies(vec![PROXY.parse::<TrustedProxy>().unwrap()]);
    let routes = routes();
    let credentials = [
        (None, false),
        (Some(("Authorization", format!("Bearer {TOKEN}"))), true),
        (Some(("Authorization", basic("wrong"))), false),
    ];
    let mut combinations = 0_u32;
    for has_token in [false, true] {
        for has_proxy in [false, true] {
            let mut reads = settings();
            if has_proxy {
                reads = trusting(reads);
            }
            if has_token {
                reads = with_token(reads, clock());
            }
            for (peer, peer_is_private) in PEERS {
                let peer: IpAddr = peer.parse().unwrap();
                for (hosts, host_is_known) in HOSTS {
                    for Forwarding {
                        headers: forwarding,
                        private,
                    } in &FORWARDING
                    {
                        let by_proxy = has_proxy && peer == PROXY.parse::<IpAddr>().unwrap();
                        let is_near = if by_proxy {
                            *private
                        } else {
                            peer_is_private && forwarding.is_empty()
                        };
                        for (shown, is_right) in &credentials {
                            let mut pairs: Vec<(&str, &str)> = forwarding.to_vec();
                            pairs.extend(hosts.iter().map(|host| ("Host", *host)));
                            pairs.extend(shown.iter().map(|(name, value)| (*name, value.as_str())));
                            let headers = headers(&pairs);
                            for path in &routes {
                                let asked = Asked {
                                    path,
                                    authority: None,
                                    peer: Some(peer),
                                    headers: &headers,
                                };
                                let expected = match expected_class(path) {
                                    Class::Open => true,
                                    Class::Metrics => is_near || (has_token && *is_right),
                                    Class::Read if has_token => *is_right,
                                    Class::Read => is_near && host_is_known,
                                };
                                let answer = reads.check(&asked);
                                assert_eq!(
                                    answer.is_ok(),
                                    expected,
                                    "{path} from {peer}: {pairs:?}, token: {has_token}, trusted \
                                     proxy: {has_proxy}"
                                );
                                // 401 where a token is set, and only there.
                                assert!(
                                    answer.is_ok()
                                        || has_token
                                            == matches!(answer, Err(Refused::Unauthorized { .. }))
                                );
                                combinations += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(combinations > 900_000, "{combinations}");
}

#[test]
fn the_rule_that_is_broken_is_named() {
    let check = |peer: Option<&str>, authority, pairs: &[(&str, &str)]| {
        Reads::default().check(&Asked {
            path: "/messages",
            authority,
            peer: peer.map(|peer| peer.parse().unwrap()),
            headers: &headers(pairs),
        })
    };
    let near = Some("127.0.0.1");
    let host = ("Host", "localhost");
    assert_eq!(check(near, None, &[host]), Ok(()));
    assert_eq!(check(near, Some("127.0.0.1:8000"), &[host]), Ok(()));
    for (answer, rule) in [
        (
            check(near, None, &[host, ("Via", "1.1 x")]),
            Rule::Forwarded,
        ),
        (check(Some("203.0.113.7"), None, &[host]), Rule::Address),
        // A socket without addresses, whatever that may be.
        (check(None, None, &[host]), Rule::Address),
        (
            check(near, None, &[("Host", "attacker.example")]),
            Rule::Host,
        ),
        (check(near, Some("attacker.example"), &[host]), Rule::Host),
        (check(near, Some("user@localhost"), &[host]), Rule::Host),
        (
            check(near, Some("localhost"), &[("Host", "attacker.example")]),
            Rule::Host,
        ),
    ] {
        assert_eq!(answer, Err(Refused::Protected(rule)));
    }
}

/// The dashboard has a form; only somebody who opens an address gets the browser's own dialog.
#[test]
fn who_gets_the_browsers_dialog() {
    let reads = with_token(Reads::default(), clock());
    for (pairs, expected) in [
        (&[][..], true),
        (&[("Accept", "*/*")], true),
        (
            &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "none")],
            true,
        ),
        (
            &[
                ("Sec-Fetch-Mode", "cors"),
                ("Sec-Fetch-Site", "same-origin"),
            ],
            false,
        ),
        (&[("Sec-Fetch-Site", "same-origin")], false),
        // Over plain HTTP, browsers send no Sec-Fetch-*.
        (&[("X-Requested-With", "countersign")], false),
        (&[("Accept", "text/event-stream")], false),
    ] {
        let headers = headers(pairs);
        let asked = Asked {
            path: "/stats",
            authority: None,
            peer: None,
            headers: &headers,
        };
        let answer = reads.check(&asked);
        assert!(
            matches!(answer, Err(Refused::Unauthorized { dialog, .. }) if dialog == expected),
            "{pairs:?}: {answer:?}"
        );
    }
}

async fn app(reads: impl FnOnce(Arc<ManualClock>) -> Reads) -> App {
    let repository = Arc::new(MemoryRepository::new());
    App::protected_by(repository, LiveOptions::default(), reads).await
}

async fn open() -> App {
    app(|_| Reads::default()).await
}

async fn guarded() -> App {
    app(|clock| with_token(Reads::default(), clock)).await
}

/// Asks with these headers and without a body, and holds the answer against the specification.
async fn ask(app: &App, method: &Method, path: &str, pairs: &[(&str, &str)]) -> Answer {
    app.send(app.request(method.clone(), path).headers(headers(pairs)))
        .await
}

#[tokio::test]
async fn every_route_over_a_socket() {
    let token = format!("Bearer {TOKEN}");
    let (open, guarded) = (open().await, guarded().await);
    let pages = PAGES.map(|page| (Method::GET, page.to_owned()));
    for (method, path) in operations().into_iter().chain(pages) {
        let class = expected_class(&path);
        // Without a body to read, a stream would not end.
        let method = if path == "/messages/live" {
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
            (&[("Host", "attacker.example")], class != Class::Read),
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
        for path in ["/session", "/ui"] {
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
    let all = routes().into_iter().filter(|path| path != "/messages/live");
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
