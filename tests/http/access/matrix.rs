//! The rules, as a function of what can be seen of a request.

use std::net::IpAddr;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_hmac::SharedReadToken;
use countersign_http::access::{AllowedHost, Asked, Class, Reads, Refused, Rule, TrustedProxy};
use serde_json::Value;

use super::{DOCUMENT, TOKEN, basic, clock, expected_class, headers, routes, with_token};
use crate::fixture::at;

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
                is_http2: false,
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
                                    is_http2: false,
                                    peer: Some(peer),
                                    headers: &headers,
                                };
                                let expected = match expected_class(path) {
                                    Class::Open => true,
                                    Class::Metrics => {
                                        (is_near
                                            && !hosts.iter().any(|host| host.contains("attacker")))
                                            || (has_token && *is_right)
                                    }
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
            is_http2: false,
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
            is_http2: false,
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
